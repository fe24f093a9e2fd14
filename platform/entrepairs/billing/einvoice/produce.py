"""One call from values to a Factur-X that may be issued: our refusals, the page, the XML, the whole check."""

from dataclasses import dataclass

from entrepairs.billing.einvoice.checker import Checker, shared_checker
from entrepairs.billing.einvoice.drawing import draw_facturx
from entrepairs.billing.einvoice.facturx import write_cii
from entrepairs.billing.einvoice.inspecting import Verdict, inspect
from entrepairs.billing.einvoice.model import EInvoice
from entrepairs.billing.einvoice.opening import open_root
from entrepairs.billing.einvoice.refusals import Refusal, refusals_of
from entrepairs.kernel.errors import InvalidInput


class NotIssuable(InvalidInput):
    """The invoice has faults. `refusals` each name the field to mend; `verdict` is the whole check's, when it came to it."""

    def __init__(self, refusals: tuple[Refusal, ...], verdict: Verdict | None = None) -> None:
        first = refusals[0]
        super().__init__(f"einvoice_{first.code}", first.message, field=first.field, **first.params)
        self.refusals = refusals
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Issuable:
    """The bytes to store: `pdf` carries `xml`; `verdict` is the proof of the check (warnings may remain)."""

    pdf: bytes
    xml: bytes
    verdict: Verdict


def ensure_issuable(invoice: EInvoice) -> None:
    """Raise NotIssuable for what we find ourselves. Instant: for the exceptions list before a month is billed."""
    refusals = refusals_of(invoice)
    if refusals:
        raise NotIssuable(refusals)


def checked_xml(invoice: EInvoice, checker: Checker) -> tuple[bytes, Verdict]:
    """The XML of `invoice`, held to our refusals and then to the very check of `entrepairs einvoice check`.

    Raises NotIssuable, and Unavailable when the checker does not answer or the rules can't be loaded.
    """
    ensure_issuable(invoice)
    xml, root = write_cii(invoice)
    verdict = inspect(open_root(root, xml), checker)
    if not verdict.holds:
        raise NotIssuable(explained(verdict), verdict)
    return xml, verdict


def prepare_einvoice(invoice: EInvoice, *, checker: Checker | None = None) -> Issuable:
    """The Factur-X of `invoice`, checked. The same values give the same bytes.

    About 150 ms with a warm checker. Raises NotIssuable, and Unavailable when the checker does not answer.
    """
    xml, verdict = checked_xml(invoice, checker or shared_checker())
    return Issuable(draw_facturx(invoice, xml), xml, verdict)


def explained(verdict: Verdict) -> tuple[Refusal, ...]:
    """What fails as refusals, one by rule and field; the rule's identifier is the code, the term (BT) the field."""
    found = {(one.rule, one.term): one for one in reversed(verdict.errors)}
    return tuple(
        Refusal(one.rule, one.term or one.rule, one.sentence.msgid, one.sentence.params)
        for one in sorted(found.values(), key=lambda one: (one.layer.value, one.rule, one.term))
    )
