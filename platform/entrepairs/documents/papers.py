"""The data each paper takes. Every value is French text already written (see `french`): the templates compute nothing.

A key marked `NotRequired` may be absent; an empty text or an empty list prints nothing. A missing required key is a
`RenderingError`, never a blank on a signed paper.
"""

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict

Pairs = Sequence[tuple[str, str | None]]
"""Rows « label, value »; a row without a value is left out."""


class PartyBlock(TypedDict):
    """Who: `lines` are the address, `details` the identifiers."""

    name: str
    lines: NotRequired[Sequence[str]]
    details: NotRequired[Pairs]


class IssuerBlock(PartyBlock):
    """The association. `footer` is the legal line at the foot of every page (the name when absent)."""

    footer: NotRequired[str]


class PersonBlock(TypedDict):
    """A person who signs or welcomes. `delegation` is the reference of the delegation of signature."""

    name: str
    function: NotRequired[str | None]
    phone: NotRequired[str | None]
    delegation: NotRequired[str | None]


class Paper(TypedDict):
    """What every paper carries. `dated` is printed under the number; `notice` is a chip (« Données fictives »)."""

    number: str
    dated: str
    issuer: IssuerBlock
    notice: NotRequired[str | None]


class PricedLine(TypedDict):
    """A line of a quote or an invoice; `net` is excluding VAT, `vat` is « 20 % » or « exonéré ».

    `carried` is the sum up to this line, for the foot of a page that another follows.
    """

    name: str
    detail: NotRequired[str | None]
    quantity: str
    unit_price: str
    vat: str
    net: str
    carried: NotRequired[str]


class Quote(Paper):
    """`quote.typ`. `totals` are the rows above the amount `due`, for instance `[("Total HT", …), ("TVA 20 %", …)]`."""

    version: str
    valid_until: str
    dated_short: str
    buyer: PartyBlock
    subject: str
    description: NotRequired[str | None]
    references: Pairs
    lines: Sequence[PricedLine]
    totals: Sequence[tuple[str, str]]
    due: tuple[str, str]
    vat_mentions: NotRequired[Sequence[str]]
    sessions: NotRequired[Sequence[str]]
    terms: Sequence[str]
    buyer_signatory: NotRequired[PersonBlock | None]


class Signatories(TypedDict):
    """Who signs for each side."""

    issuer: PersonBlock
    buyer: PersonBlock


class AgreementPrice(TypedDict):
    """A price of the agreement, excluding VAT."""

    name: str
    detail: NotRequired[str | None]
    unit: str
    vat: str
    price: str


class Agreement(Paper):
    """`agreement.typ`. `procurement_basis`, `payment_terms`, `cancellation`, `renewal` are whole sentences.

    `tacit_confirmation` completes « Sans réponse de sa part … » (« dans les 15 jours ») and is absent when silence
    confirms nothing; `notice_period` completes « avec un préavis de … ».
    """

    dated_short: str
    buyer: PartyBlock
    signatories: Signatories
    object: str
    sites: NotRequired[Sequence[str]]
    starts_on: str
    ends_on: str
    renewal: NotRequired[str | None]
    notice_period: str
    prices: Sequence[AgreementPrice]
    vat_mentions: NotRequired[Sequence[str]]
    expenses: NotRequired[str | None]
    ceiling: NotRequired[str | None]
    procurement_basis: str
    engagement_required: bool
    cancellation: NotRequired[str | None]
    tacit_confirmation: NotRequired[str | None]
    payment_terms: str
    record_access: Literal["none", "own_tab", "full"]
    insurance: NotRequired[str | None]
    other_clauses: NotRequired[Sequence[str]]


class MissionSession(TypedDict):
    """One session of the order: « lundi 18 janvier 2027 », « 14 h – 16 h », « 2 h »."""

    day: str
    hours: str
    length: str
    place: NotRequired[str | None]
    with_whom: NotRequired[str | None]
    """« avec infirmière : présence confirmée »."""


class DangerContact(TypedDict):
    """Whom to call, in the order to call them."""

    who: str
    phone: str


class Peer(TypedDict):
    """The peer sent; `title` is the one they chose."""

    name: str
    title: NotRequired[str | None]


class MissionOrder(Paper):
    """`mission_order.typ`.

    `companion` is the other peer's name, or the *function* of the professional of the site who co-facilitates;
    `employer` is another employer than the association, if any; `supervision` names the association's person in
    charge and how to reach them.
    """

    offering: str
    peer: Peer
    host: PartyBlock
    object: str
    deliverable: str
    supervision: str
    companion: NotRequired[str | None]
    employer: NotRequired[str | None]
    basis: NotRequired[str | None]
    place: PartyBlock
    referent: PersonBlock
    deputy: NotRequired[PersonBlock | None]
    sessions: Sequence[MissionSession]
    hours_note: NotRequired[str | None]
    does: Sequence[str]
    does_not: Sequence[str]
    danger: Sequence[DangerContact]
    record_access: str
    notes: NotRequired[str | None]
    signatory: NotRequired[PersonBlock | None]


class VatRow(TypedDict):
    """A row of the VAT table: `text` is the rate's name or the reference of the exemption."""

    text: str
    rate: str
    base: str
    amount: str


class PaymentBlock(TypedDict):
    """How and when to pay, or how a credit note is settled."""

    title: str
    text: NotRequired[str | None]
    details: Pairs


class Invoice(Paper):
    """`invoice.typ`, for an invoice and (`credit`) a credit note. Built from the e-invoice, never by hand.

    `heading` is the title: « Facture », « Facture d’acompte », « Avoir ».
    """

    credit: bool
    heading: NotRequired[str]
    buyer: PartyBlock
    references: Pairs
    delivery: NotRequired[PartyBlock | None]
    lines: Sequence[PricedLine]
    totals: Sequence[tuple[str, str]]
    due: tuple[str, str]
    vat_breakdown: Sequence[VatRow]
    payment: PaymentBlock | None
    legal: Sequence[str]


class ArrearsLine(TypedDict):
    """An invoice that is owed; « — » where there is nothing to write."""

    number: str
    issued: str
    due: str
    late: str
    left: str
    interest: str
    indemnity: str


class Arrears(Paper):
    """`arrears.typ`: what a structure owes on a day. `words` are paragraphs above the table."""

    buyer: PartyBlock
    title: str
    words: Sequence[str]
    lines: Sequence[ArrearsLine]
    totals: Sequence[tuple[str, str]]
    due: tuple[str, str]
    payment: Pairs
    legal: Sequence[str]
