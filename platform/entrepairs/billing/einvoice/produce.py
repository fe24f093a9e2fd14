"""One call from values to a Factur-X that may be issued: our refusals, the page, the XML, the official rules."""

from dataclasses import dataclass

from entrepairs.billing.einvoice.checker import Checker, CheckReport, shared_checker
from entrepairs.billing.einvoice.explain import explain
from entrepairs.billing.einvoice.facturx import build_facturx, build_xml
from entrepairs.billing.einvoice.model import EInvoice
from entrepairs.billing.einvoice.paper import paper_of, title_of
from entrepairs.billing.einvoice.refusals import Refusal, refusals_of
from entrepairs.documents.rendering import render_pdf
from entrepairs.kernel.errors import InvalidInput


class NotIssuable(InvalidInput):
    """The invoice has faults. `refusals` are ours, each with the field to mend; `report` is the official rules'."""

    def __init__(self, refusals: tuple[Refusal, ...], report: CheckReport | None = None) -> None:
        first = refusals[0]
        super().__init__(f"einvoice_{first.code}", first.message, field=first.field, **first.params)
        self.refusals = refusals
        self.report = report


@dataclass(frozen=True, slots=True)
class Issuable:
    """The bytes to store: `pdf` carries `xml`; `report` is the proof of the check (warnings may remain)."""

    pdf: bytes
    xml: bytes
    report: CheckReport


def ensure_issuable(invoice: EInvoice) -> None:
    """Raise NotIssuable for what we find ourselves. Instant: for the exceptions list before a month is billed."""
    refusals = refusals_of(invoice)
    if refusals:
        raise NotIssuable(refusals)


def prepare_einvoice(invoice: EInvoice, *, checker: Checker | None = None) -> Issuable:
    """The Factur-X of `invoice`, checked against XSD, EN 16931 and BR-FR. The same values give the same bytes.

    About 150 ms with a warm checker. Raises NotIssuable, and Unavailable when the checker does not answer.
    """
    ensure_issuable(invoice)
    xml = build_xml(invoice)
    report = (checker or shared_checker()).check(xml)
    if not report.passed:
        raise NotIssuable(explained(report), report)
    page = render_pdf("invoice", paper_of(invoice), on=invoice.issued_on, title=title_of(invoice))
    pdf = build_facturx(page, xml, on=invoice.issued_on, title=title_of(invoice), author=invoice.seller.name)
    return Issuable(pdf, xml, report)


def explained(report: CheckReport) -> tuple[Refusal, ...]:
    """The blocking failures as refusals, one by rule; the rule's identifier is the code and the field."""
    return tuple(Refusal(rule, rule, explain(rule)) for rule in sorted(report.rules))
