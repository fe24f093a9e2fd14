"""Faults the official rules let pass, found before a number is taken. Pure: an invoice in, refusals out.

Luhn keys, empty mentions and unreadable suffixes pass the schematron and are then rejected by a platform, or by a
human reader. A refusal names the field to mend; nothing is repaired in silence.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from entrepairs.billing.einvoice.keys import is_right
from entrepairs.billing.einvoice.mentions import Category, NoteCode
from entrepairs.billing.einvoice.model import DocumentType, EInvoice, Party
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.identifiers import (
    HOLLOW,
    is_buyer_reference,
    parse_iban,
    parse_siren,
    parse_siret,
    parse_vat_number,
)

NUMBER: Final = re.compile(r"[A-Za-z0-9+\-_/]{1,20}")
"""BR-FR-02 allows 35 characters, Chorus Pro 20."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 can't hold, and DEL."""
CHORUS_NAME: Final = 50
"""Characters of the name of an attached file on Chorus Pro."""
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


@dataclass(frozen=True, slots=True)
class Refusal:
    """A fault of ours to mend: `field` names where, `message` is an English msgid filled by `params`."""

    code: str
    field: str
    message: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)


Found = Iterator[Refusal]


def refusals_of(invoice: EInvoice) -> tuple[Refusal, ...]:
    """Everything wrong with it, in the order a person would mend it; empty when it may go to the official rules."""
    return tuple(found for rule in _RULES for found in rule(invoice))


def _parties(invoice: EInvoice) -> Found:
    for role, party in (("seller", invoice.seller), ("buyer", invoice.buyer)):
        yield from _party(role, party)


def _party(role: str, party: Party) -> Found:
    who = {"name": party.name}
    if not party.name.strip():
        yield Refusal("name_missing", f"{role}.name", N_("A name is missing on the invoice."))
    if not is_right(parse_siren, party.siren):
        yield Refusal(
            "siren", f"{role}.siren", N_("The SIREN number of %(name)s is wrong: one digit is probably mistyped."), who
        )
    if party.siret is not None and not (is_right(parse_siret, party.siret) and party.siret.startswith(party.siren)):
        yield Refusal(
            "siret", f"{role}.siret", N_("The SIRET number of %(name)s is wrong, or is not of the same SIREN."), who
        )
    if party.vat_number is not None and not _is_vat_number(party):
        yield Refusal(
            "vat_number", f"{role}.vat_number", N_("The VAT number of %(name)s is wrong, or is not of its SIREN."), who
        )
    if not party.endpoint.startswith(party.siren):
        yield Refusal(
            "electronic_address",
            f"{role}.electronic_address",
            N_("The electronic invoicing address of %(name)s must start with its SIREN number."),
            who,
        )
    address = party.address
    if not (any(line.strip() for line in address.lines) and address.postcode.strip() and address.town.strip()):
        yield Refusal("address", f"{role}.address", N_("The postal address of %(name)s is incomplete."), who)
    if len(address.lines) > 3:
        yield Refusal(
            "address_long", f"{role}.address", N_("The street address of %(name)s has over three lines."), who
        )


def _is_vat_number(party: Party) -> bool:
    try:
        return parse_vat_number(party.vat_number or "", siren=party.siren) == party.vat_number
    except InvalidInput:
        return False


def _number(invoice: EInvoice) -> Found:
    if not NUMBER.fullmatch(invoice.number):
        yield Refusal(
            "number", "number", N_("The invoice number takes 20 letters, digits or + - _ / at most, without spaces.")
        )


def _dates(invoice: EInvoice) -> Found:
    days: tuple[date, ...] = (invoice.issued_on, invoice.due_on, invoice.first_day, invoice.last_day)
    # `type(...)`, as a datetime is a date too and would print an hour after the day.
    if any(type(day) is not date or not _FIRST_YEAR <= day.year <= _LAST_YEAR for day in days):
        yield Refusal("date", "dates", N_("A date of the invoice is not a plain day between 2000 and 2099."))
        return
    if invoice.due_on < invoice.issued_on:
        yield Refusal("due_before_issue", "due_on", N_("The due date is before the date of issue."))
    if invoice.last_day < invoice.first_day:
        yield Refusal("period", "period", N_("The period of service ends before it starts."))
    if invoice.type is DocumentType.INVOICE and invoice.first_day > invoice.issued_on:
        yield Refusal("service_ahead", "period", N_("The service starts after the invoice: it can't be billed yet."))


def _notes(invoice: EInvoice) -> Found:
    codes = [note.code for note in invoice.notes]
    for code in (NoteCode.RECOVERY, NoteCode.LATE_PAYMENT, NoteCode.DISCOUNT):
        if codes.count(code) != 1:
            yield Refusal(
                "note_count",
                f"notes.{code}",
                N_("The legal mention %(code)s must appear exactly once."),
                {"code": code.value},
            )
    for note in invoice.notes:
        if note.text.strip().strip(" .").lower() in HOLLOW:
            yield Refusal(
                "note_hollow",
                f"notes.{note.code}",
                N_("The legal mention %(code)s says nothing."),
                {"code": note.code.value},
            )


def _public_buyer(invoice: EInvoice) -> Found:
    if invoice.public is None:
        return
    if invoice.buyer.siret is None:
        yield Refusal(
            "public_siret",
            "buyer.siret",
            N_("A public body is found by its SIRET number on Chorus Pro: it is missing."),
        )
    if invoice.public.engagement_required and not invoice.engagement:
        yield Refusal("engagement", "engagement", N_("This public body wants its commitment number on every invoice."))
    if invoice.public.service_required and not invoice.service_code:
        yield Refusal("service_code", "service_code", N_("This public body wants its service code on every invoice."))
    if invoice.service_code == "FACTURES_PUBLIQUES":
        yield Refusal(
            "service_code_generic", "service_code", N_("FACTURES_PUBLIQUES is not a service that can be billed.")
        )


def _references(invoice: EInvoice) -> Found:
    typed = (
        ("engagement", invoice.engagement),
        ("service_code", invoice.service_code),
        ("agreement_number", invoice.agreement_number),
        ("project", invoice.project),
    )
    for name, value in typed:
        if value is not None and not is_buyer_reference(value):
            yield Refusal("reference", name, N_("“%(value)s” can't be read as a reference."), {"value": value})


def _vat(invoice: EInvoice) -> Found:
    categories = {line.treatment.category for line in invoice.lines}
    if Category.OUT_OF_SCOPE in categories and len(categories) > 1:
        yield Refusal(
            "out_of_scope_mixed",
            "lines",
            N_("Services outside VAT can't share an invoice with others: make two invoices."),
        )
    if Category.OUT_OF_SCOPE in categories and (invoice.seller.vat_number or invoice.buyer.vat_number):
        yield Refusal(
            "out_of_scope_vat_number", "seller.vat_number", N_("An invoice outside VAT must not carry any VAT number.")
        )
    exemptions = {line.treatment for line in invoice.lines if line.treatment.category is Category.EXEMPT}
    if len(exemptions) > 1:
        yield Refusal(
            "two_exemptions", "lines", N_("Two VAT exemptions can't share an invoice: make one invoice for each.")
        )
    if Category.STANDARD in categories and not invoice.seller.vat_number:
        yield Refusal(
            "seller_vat_number", "seller.vat_number", N_("A taxed service needs the VAT number of the association.")
        )


def _lines(invoice: EInvoice) -> Found:
    if not invoice.lines:
        yield Refusal("no_lines", "lines", N_("The invoice has no line."))
    for index, line in enumerate(invoice.lines, start=1):
        where, params = f"lines.{index}", {"line": index}
        if not line.label.strip():
            yield Refusal("label", where, N_("Line %(line)s has no designation."), params)
        whole = line.quantity == line.quantity.quantize(Decimal("0.0001"))
        if line.deducts:
            if line.quantity >= 0 or not whole or not (invoice.deposits or invoice.is_credit_note):
                yield Refusal("deduction", where, N_("Line %(line)s takes off no deposit invoice."), params)
        elif line.quantity <= 0 or not whole:
            yield Refusal("quantity", where, N_("The quantity of line %(line)s is not a positive number."), params)
        if line.unit_price.cents < 0:
            yield Refusal("price", where, N_("The price of line %(line)s is negative."), params)
        if line.discount.cents < 0 or (line.discount and not line.discount_reason.strip()):
            yield Refusal("discount", where, N_("The discount of line %(line)s has no reason, or is negative."), params)
        if not line.net or (line.discount and line.net.cents < 0):
            yield Refusal("nothing", where, N_("Line %(line)s comes to nothing."), params)


def _allowances(invoice: EInvoice) -> Found:
    for index, one in enumerate(invoice.allowances, start=1):
        if one.amount.cents <= 0 or not one.reason.strip():
            yield Refusal(
                "allowance", f"allowances.{index}", N_("A discount on the invoice has no amount or no reason.")
            )
    if any(row.base.cents < 0 for row in invoice.breakdown) or invoice.gross.cents < 0:
        yield Refusal(
            "negative", "lines", N_("What is taken off is more than what is billed: make a credit note instead.")
        )


def _attachments(invoice: EInvoice) -> Found:
    for index, one in enumerate(invoice.attachments, start=1):
        if not one.content or not 0 < len(one.filename) <= CHORUS_NAME:
            yield Refusal(
                "attachment",
                f"attachments.{index}",
                N_("“%(name)s” can't be attached: it is empty, or its name is over 50 characters."),
                {"name": one.filename},
            )


def _texts(invoice: EInvoice) -> Found:
    typed = (
        *(("seller.name", invoice.seller.name), ("buyer.name", invoice.buyer.name), ("reason", invoice.reason)),
        *((f"lines.{n}", f"{line.label}{line.detail}") for n, line in enumerate(invoice.lines, start=1)),
    )
    for where, text in typed:
        if _CONTROL.search(text):
            yield Refusal("control_character", where, N_("A text holds an invisible character: please type it again."))


def _payment(invoice: EInvoice) -> Found:
    if not invoice.is_credit_note and not is_right(parse_iban, invoice.iban):
        yield Refusal("iban", "iban", N_("The IBAN of the association is wrong."))
    if not 0 <= invoice.paid.cents <= invoice.gross.cents:
        yield Refusal("paid", "paid", N_("What is already paid is more than the invoice."))


def _correction(invoice: EInvoice) -> Found:
    if invoice.type is DocumentType.DEPOSIT and invoice.deposits:
        yield Refusal("deposit_of_deposit", "deposits", N_("A deposit invoice takes off no other deposit."))
    if any(one.issued_on > invoice.issued_on for one in invoice.deposits):
        yield Refusal("deposit_date", "deposits", N_("A deposit can't be dated after the invoice that takes it off."))
    if invoice.is_credit_note and invoice.preceding is None:
        yield Refusal("preceding", "preceding", N_("A credit note names the invoice it corrects and its date."))
    if invoice.is_credit_note and not invoice.reason.strip():
        yield Refusal("reason", "reason", N_("A credit note says why it exists."))
    if invoice.preceding and invoice.preceding.issued_on > invoice.issued_on:
        yield Refusal("preceding_date", "preceding", N_("A credit note can't be dated before the invoice it corrects."))


_RULES: Final = (
    _parties,
    _number,
    _dates,
    _notes,
    _public_buyer,
    _references,
    _vat,
    _lines,
    _allowances,
    _attachments,
    _texts,
    _payment,
    _correction,
)
