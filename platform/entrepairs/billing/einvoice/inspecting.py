"""The whole check of one document: XSD, EN 16931, BR-FR by the checker, then our own rules. One answer for the gate before
issue and for `entrepairs einvoice check`.
"""

from dataclasses import dataclass
from typing import Final

from entrepairs.billing.einvoice.checker import Checker, RuleFailure, UnreadableInvoice
from entrepairs.billing.einvoice.explain import explain, explain_schema
from entrepairs.billing.einvoice.findings import ERROR, WARNING, Finding, Rule
from entrepairs.billing.einvoice.opening import Opened, Unreadable, open_xml
from entrepairs.billing.einvoice.own_files import ATTACHMENT_RULES, envelope_findings
from entrepairs.billing.einvoice.own_parties import PARTY_RULES
from entrepairs.billing.einvoice.own_rules import TEXT_RULES
from entrepairs.billing.einvoice.own_sums import SUM_RULES
from entrepairs.billing.einvoice.pointing import point
from entrepairs.billing.einvoice.rule_sets import Layer, RuleSet, rule_sets_for
from entrepairs.billing.einvoice.terms import Reading
from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.i18n import N_, Sentence

_OUR_RULES: Final[tuple[Rule, ...]] = (*PARTY_RULES, *TEXT_RULES, *SUM_RULES, *ATTACHMENT_RULES)
_NATIONAL: Final = "urn:cen.eu:en16931:2017#compliant#"
_NOT_XML: Final = N_("The rules could not read the document: %(why)s.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was checked and what was found, errors and warnings, in the order of the layers."""

    opened: Opened
    sets: tuple[RuleSet, ...]
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether no rule fails. Warnings stop nothing."""
        return not any(one.blocks for one in self.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What fails."""
        return tuple(one for one in self.findings if one.blocks)


def inspect(opened: Opened, checker: Checker) -> Verdict:
    """Every rule on an opened document.

    Raises Unreadable when the rules' own parser can't read it, Unavailable when the checker does not answer or a set of
    rules can't be loaded: then nothing may be said, and certainly not yes (see `unverified`).
    """
    sets = rule_sets_for(opened.syntax, opened.profile)
    try:
        report = checker.check(opened.xml, sets)
    except UnreadableInvoice as problem:
        raise Unreadable("not_xml", _NOT_XML, why=str(problem)[:200]) from problem
    official = (found_by_rule(opened.reading, one) for one in report.failures)
    return Verdict(opened, sets, (*official, *own_findings(opened)))


def unverified(opened: Opened, problem: Unavailable) -> Verdict:
    """The verdict when the official rules did not speak: it fails by that, and says what we find ourselves."""
    sentence = Sentence(problem.message, problem.params)
    return Verdict(opened, (), (Finding("EP-RULES", Layer.OURS, ERROR, "", "", sentence), *own_findings(opened)))


def inspect_xml(xml: bytes, checker: Checker) -> Verdict:
    """The same, of an XML in memory: what the gate before issue asks."""
    return inspect(open_xml(xml), checker)


def own_findings(opened: Opened) -> tuple[Finding, ...]:
    """What we find ourselves, without the checker."""
    found = [one for rule in _OUR_RULES for one in rule(opened.reading, opened.profile)]
    if opened.envelope is not None:
        found += envelope_findings(opened.reading, opened.profile, opened.envelope)
    return tuple(found)


def found_by_rule(reading: Reading, failure: RuleFailure) -> Finding:
    """An official failure with its field, its place and its French."""
    pointed = point(reading, failure)
    if failure.layer == Layer.XSD:
        rule, sentence = "XSD", explain_schema(failure.message, term=pointed.term, place=pointed.place)
    else:
        rule = failure.rule
        sentence = explain(rule, official=failure.message, term=pointed.term, place=pointed.place)
    severity = ERROR if failure.blocks and not _is_national_profile(reading, pointed.term) else WARNING
    return Finding(rule, Layer(failure.layer), severity, pointed.term, pointed.place, sentence, failure.message)


def _is_national_profile(reading: Reading, term: str) -> bool:
    """A national version of EN 16931 (XRechnung…) has a name that the files of Factur-X don't list: no fault of its own."""
    return term == "BT-24" and reading.value(term).strip().startswith(_NATIONAL)
