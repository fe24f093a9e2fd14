"""Proposals: the number first, however it is typed; then the amount and the payer; sure only when the three agree."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.billing.statements.matching import Book, Credit, OpenInvoice, Part, Reason, named_invoices, propose

DUE = date(2027, 3, 31)
IBAN = "FR7630006000011234567890189"
NAMES = {"CLI": ("Clinique Beaulieu",), "EPSM": ("EPSM de la Marne",), "GEM": ("Bonheur",)}


def an_invoice(number: int, left: int, payer: str = "CLI", *, series: str = "FA", year: int = 2027) -> OpenInvoice:
    name = f"{series}{year}-{number:05d}"
    return OpenInvoice(name, name, payer, left, DUE + timedelta(days=number))


BOOK = Book(
    [
        *[an_invoice(1, 10000), an_invoice(2, 25000), an_invoice(12, 10000, "EPSM"), an_invoice(13, 7700, "EPSM")],
        *[an_invoice(123, 99900, "GEM"), an_invoice(7, 0), an_invoice(1, 5000, "EPSM", series="AC")],
    ],
    NAMES,
    {IBAN: frozenset({"CLI"})},
)


def first(credit: Credit, book: Book = BOOK):
    return propose(credit, book)[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FA2027-00012", ["FA2027-00012"]),
        ("fact FA 2027 00012 du 3 mars", ["FA2027-00012"]),
        ("FA2027-12", ["FA2027-00012"]),
        ("FACTURE FA202700012", ["FA2027-00012"]),
        ("REGLT FA2027-000 12", ["FA2027-00012"]),
        ("FA2027-0001 2", ["FA2027-00012"]),
        ("F A 2 0 2 7 - 0 0 0 1 2", ["FA2027-00012"]),
        ("FA2027/00012 15/03/2027", ["FA2027-00012"]),
        ("FA2027-00012, 00013 et 00001", ["FA2027-00012", "FA2027-00013", "FA2027-00001"]),
        ("AC2027-1 puis FA2027-2", ["AC2027-00001", "FA2027-00002"]),
        ("FA2027-00099", []),
        ("FA2026-00012", []),
        ("2027-00012", []),
        ("FA2027-000121", []),
        ("FA2027", []),
    ],
)
def test_a_number_is_found_however_it_is_typed(text, found):
    assert sorted(one.number for one in named_invoices(text, BOOK)) == sorted(found)


def test_a_number_with_the_amount_and_the_payer_is_sure_and_nothing_less_is():
    assert first(Credit(10000, "FA2027-00001", "CLINIQUE BEAULIEU")).sure
    assert first(Credit(10000, "FA2027-00001", "Trésorerie", IBAN)).sure
    assert not first(Credit(10000, "FA2027-00001", "Trésorerie")).sure, "another payer"
    assert not first(Credit(9999, "FA2027-00001", "CLINIQUE BEAULIEU")).sure, "another amount"
    assert not first(Credit(10000, "facture de mars", "CLINIQUE BEAULIEU")).sure, "no number"
    assert not first(Credit(10000, "FA2027-00001 FA2027-00007", "CLINIQUE BEAULIEU")).sure, "one more is named"
    assert not first(Credit(10000, "FA2027-00012", "CLINIQUE BEAULIEU")).sure, "the invoice is somebody else's"


def test_the_amount_alone_proposes_the_payers_own_first():
    ranked = propose(Credit(10000, "virement", "EPSM MARNE"), BOOK)
    assert [one.parts[0].ref for one in ranked[:2]] == ["FA2027-00012", "FA2027-00001"]
    assert ranked[0].reasons == {Reason.AMOUNT, Reason.NAME}
    assert propose(Credit(4242, "virement de personne"), BOOK) == ()
    assert propose(Credit(-10000, "FA2027-00001"), BOOK) == ()


def test_one_transfer_for_several_invoices_of_the_payer():
    best = first(Credit(35000, "reglement", "", IBAN))
    assert {part.ref for part in best.parts} == {"FA2027-00001", "FA2027-00002"}
    assert best.reasons == {Reason.AMOUNT, Reason.IBAN}
    assert not propose(Credit(35000, "reglement", "Bonheur"), BOOK)[0].exact, "never those of two payers"


def test_too_little_is_a_part_and_too_much_stays_on_the_last_one():
    assert first(Credit(6000, "FA2027-00001")).parts == (Part("FA2027-00001", 6000),)
    assert first(Credit(12000, "FA2027-00001")).parts == (Part("FA2027-00001", 12000, surplus=True),)
    assert first(Credit(500, "FA2027-00007")).parts == (Part("FA2027-00007", 500, surplus=True),), "paid already"
    both = first(Credit(30000, "FA2027-00001 et FA2027-00002"))
    assert both.parts == (Part("FA2027-00001", 10000), Part("FA2027-00002", 20000))


def test_a_known_payer_without_number_pays_its_oldest():
    assert first(Credit(1234, "", "", IBAN)).parts == (Part("FA2027-00001", 1234),)


def test_an_account_that_pays_for_several_agrees_with_each_of_them():
    book = Book(BOOK.invoices, {}, {IBAN: frozenset({"CLI", "EPSM"})})
    assert first(Credit(10000, "FA2027-00012", "DRFIP", IBAN), book).sure
    assert first(Credit(10000, "FA2027-00001", "DRFIP", IBAN), book).sure


def test_many_invoices_of_one_amount_end_in_bounded_time():
    book = Book([an_invoice(at, 10007) for at in range(1, 400)], NAMES, {IBAN: frozenset({"CLI"})})
    assert len(propose(Credit(10007 * 3 + 1, "", "", IBAN), book)) == 1
    assert len(propose(Credit(10007 * 3, "", "", IBAN), book)) == 3


def typed(draw, number: str) -> str:
    """The number as a hurried accountant writes it."""
    letters, rest = number[:2], number[2:]
    year, digits = rest.split("-")
    sign = st.sampled_from(["", " ", "-", "/", ".", " - ", "\u00a0"])
    plain = [letters, draw(sign), year, draw(st.sampled_from(["-", " ", "/", " - "]))]
    if draw(st.booleans()):
        cut = draw(st.integers(0, 4))
        last = digits[:cut] + " " + digits[cut:] if cut else digits
    else:
        last = str(int(digits))
    return "".join([*plain, last])


@st.composite
def worlds(draw):
    """Random invoices of random payers, one of which is paid with its number in the label."""
    numbers = draw(st.lists(st.integers(1, 60), min_size=1, max_size=25, unique=True))
    amounts = st.sampled_from([5000, 10000, 12000, 25000])  # few: many have the same
    invoices = [an_invoice(one, draw(amounts), draw(st.sampled_from(sorted(NAMES)))) for one in numbers]
    paid = draw(st.sampled_from(invoices))
    cents = draw(st.sampled_from([paid.left, paid.left, 5000, 10000, 35000, 1]))
    before, after = (
        draw(st.sampled_from(["", "VIR SEPA ", "REGLT FACT "])),
        draw(st.sampled_from(["", " du 3 mars", " merci"])),
    )
    payer = draw(st.sampled_from(["", *NAMES[paid.payer], "Clinique Beaulieu", "DRFIP"]))
    iban = draw(st.sampled_from(["", IBAN]))
    return (
        Book(invoices, NAMES, {IBAN: frozenset({"EPSM"})}),
        paid,
        Credit(cents, before + typed(draw, paid.number) + after, payer, iban),
    )


@given(worlds())
def test_the_invoice_that_is_named_comes_first_whatever_else_has_the_amount_or_the_payer(world):
    book, paid, credit = world
    proposals = propose(credit, book)
    assert [part.ref for part in proposals[0].parts] == [paid.ref]
    assert sum(part.cents for part in proposals[0].parts) == credit.cents
    left = {one.ref: one.left for one in book.invoices}
    for one in proposals:
        assert sum(part.cents for part in one.parts) == credit.cents, "not a cent more or less"
        assert all(part.surplus or 0 < part.cents <= left[part.ref] for part in one.parts)
        assert not one.sure or (one.exact and one.parts[0].ref == paid.ref and {Reason.IBAN, Reason.NAME} & one.reasons)
