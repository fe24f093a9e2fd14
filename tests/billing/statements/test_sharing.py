"""A transfer shared by hand: its parts add up to the cent, whoever the invoices are for, and all of it is undone at once."""

import random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import Settlement
from entrepairs.billing.payments import balance_of
from entrepairs.billing.statements.models import StatementLine
from entrepairs.billing.statements.queries import LineState
from entrepairs.billing.statements.sharing import NOTHING, share_line, shared, undo_line
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.money import Money
from tests.billing.statements.test_deciding import DAY, a_file, take, view
from tests.conftest import Proof
from tests.factories.billing import OFFICE, an_issued_invoice, later


def refusal(*asked: tuple[str, Money | None], keep: bool = False) -> str:
    with pytest.raises(DomainError) as refused:
        shared(Money(1000), asked, keep_rest=keep)
    return refused.value.code


def test_the_parts_add_up_and_what_is_left_has_one_place() -> None:
    assert shared(Money(1000), [("A", Money(400)), ("B", None)], keep_rest=False) == {"A": Money(400), "B": Money(600)}
    assert shared(Money(1000), [("A", Money(400)), ("B", Money(500))], keep_rest=True)["B"] == Money(600)
    assert refusal(("A", Money(400))) == "rest_left"
    assert refusal(("A", Money(400)), ("A", None)) == "invoice_twice"
    assert refusal(("A", None), ("B", None)) == "two_blanks"
    assert refusal(("A", Money(0)), ("B", None)) == "part_not_positive"
    assert refusal(("A", Money(1000)), ("B", None)) == "parts_too_much"
    assert refusal(("A", Money(1001)), keep=True) == "parts_too_much"
    assert refusal() == "no_part"


def test_whatever_is_asked_nothing_is_lost(proof: Proof) -> None:
    draw: random.Random = proof.random("shares")
    for _ in range(proof.size(300, 100_000)):
        total = Money(draw.randint(1, 5000))
        asked = [
            (f"F{n}", None if draw.random() < 0.2 else Money(draw.randint(0, 3000))) for n in range(draw.randint(0, 4))
        ]
        try:
            parts = shared(total, asked, keep_rest=draw.random() < 0.5)
        except DomainError:
            continue
        assert Money.sum(parts.values()) == total
        assert all(part > NOTHING for part in parts.values())
        assert all(parts[ref] == part for ref, part in asked[:-1] if part is not None)


def test_one_transfer_pays_two_structures_keeps_the_rest_and_is_undone(session: Session) -> None:
    first, second = an_issued_invoice(session), an_issued_invoice(session)
    assert first.partner_id != second.partner_id
    take(session, a_file((300_000, "VIREMENT GROUPE"), day=DAY))
    line = session.scalars(select(StatementLine)).one()
    asked = [(first.number.lower(), Money(200_000)), (second.number, Money(60_000))]
    with pytest.raises(DomainError) as refused:
        share_line(
            session, line.ref, [(first.number, Money(290_000)), (second.number, None)], clock=later(), actor=OFFICE
        )
    assert refused.value.code == "over_payment"
    session.expire_all()
    for _ in range(2):
        share_line(session, line.ref, asked, keep_rest=True, clock=later(), actor=OFFICE)
    assert (balance_of(session, first), balance_of(session, second)) == (Money(56_000), Money(156_000))
    assert len(session.scalars(select(Settlement)).all()) == 2
    assert view(session).state is LineState.MATCHED
    for undone in (2, 0):
        assert undo_line(session, line.ref, reason="Mal réparti", clock=later(), actor=OFFICE) == undone
    assert (balance_of(session, first), balance_of(session, second)) == (Money(256_000), Money(256_000))
    assert view(session).state is LineState.WAITING
    share_line(session, line.ref, asked, keep_rest=True, clock=later(), actor=OFFICE)
    assert view(session).state is LineState.MATCHED
