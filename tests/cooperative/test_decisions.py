"""What the association votes: reading an answer, saying it in words, recording it."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.vat import DECISION, ensure_decided
from entrepairs.contracting.papers import NOTICE
from entrepairs.cooperative.answers import in_words, parts_of, read_answer, typed_from
from entrepairs.cooperative.association import read_identity, set_identity
from entrepairs.cooperative.contribution import RATE, voted_rate
from entrepairs.cooperative.matters import BY_ADDRESS, MATTERS
from entrepairs.cooperative.shapes import Matter, Shape
from entrepairs.cooperative.votes import record_vote, stand_of, stands_on, to_take, votes_of
from entrepairs.demands.scheduling import half_day_hours
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import Sentence
from entrepairs.matching.looking import weights_on
from entrepairs.settings.decisions import vote
from entrepairs.settings.models import Association
from tests.factories.billing import the_association

ADMIN = Actor("CPT-ADMI-NNNN", "La présidente")
TODAY = date(2027, 1, 11)

TYPED: dict[str, dict[str, Any]] = {
    Shape.PERCENT: {"value": "50 %"},
    Shape.RATE: {"value": "8,5"},
    Shape.DAYS: {"value": "14"},
    Shape.HOURS: {"value": "14"},
    Shape.EUROS: {"value": "1 000,50 €"},
    Shape.CHOICE: {"value": "association"},
    Shape.CHOICES: {"value": ["exempt_261_7_1_b", "standard"]},
    Shape.YES_NO: {"value": "yes"},
    Shape.HALF_DAYS: {"am_start": "08:30", "am_end": "12:00", "pm_start": "13:00", "pm_end": "16:30"},
    Shape.TEXT: {"value": "Toute séance se déplace sans frais."},
}


def matter(key: str) -> Matter:
    return next(one for one in MATTERS if one.key == key)


def typed_for(one: Matter) -> dict[str, Any]:
    if one.shape is Shape.CHOICE:
        return {"value": next(iter(one.options))}
    if one.shape is Shape.WEIGHTS:  # a hundred points, all on the first part
        return {part: "0" if number else "100" for number, part in enumerate(one.options)}
    return TYPED[one.shape]


@pytest.mark.parametrize("one", MATTERS, ids=lambda one: one.key)
def test_an_answer_is_read_said_and_typed_again(one: Matter) -> None:
    typed = typed_for(one)
    value = read_answer(one, typed)
    assert set(typed) == set(parts_of(one))
    assert in_words(one, value)
    assert read_answer(one, typed_from(one, value)) == value
    assert one.default is None or in_words(one, one.default)


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        (RATE, {"value": "cent"}),
        (RATE, {"value": "101"}),
        (RATE, {"value": "NaN"}),
        (RATE, {"value": "Infinity"}),
        (RATE, {"value": "8,555"}),
        (DECISION, {"value": []}),
        (DECISION, {"value": ["invented"]}),
        ("governance.vat_liable", {"value": "perhaps"}),
        ("demands.cancellation_notice_days", {"value": "91"}),
        ("demands.cancellation_notice_days", {"value": "-1"}),
        ("billing.vat_on_debits", {"value": ""}),
        ("matching.weights", {"fairness": "50", "continuity": "20", "travel": "20", "wishes": "11", "learning": "0"}),
        ("peer_protection.call_out_rest_hours", {"value": "10"}),
        ("peer_protection.volunteer_week_hours", {"value": "49"}),
        ("demands.half_days", TYPED[Shape.HALF_DAYS] | {"pm_start": "11:00"}),
        ("demands.half_days", TYPED[Shape.HALF_DAYS] | {"am_end": "midi"}),
        (NOTICE, {"value": "  "}),
    ],
)
def test_what_can_not_be_read_names_the_field(key: str, typed: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_answer(matter(key), typed)
    assert refused.value.field in parts_of(matter(key))


def test_percentages_are_written_short() -> None:
    (said,) = in_words(matter(RATE), {"rate": "8.50", "basis": "turnover"})
    assert isinstance(said, Sentence)
    assert said.params == {"rate": "8,5"}


def test_each_matter_has_its_own_address() -> None:
    assert len(BY_ADDRESS) == len(MATTERS)


def record_one(session: Session, one: Matter, *, since: date = TODAY, voted_on: date = TODAY) -> None:
    record_vote(
        session, one, typed_for(one), since=since, voted_on=voted_on, source="AG", actor=ADMIN, clock=FixedClock()
    )


def test_nothing_is_assumed_before_going_live(session: Session) -> None:
    blocking = [one for one in MATTERS if one.blocking]
    assert len(blocking) == 6
    assert to_take(session, TODAY) == blocking
    for one in blocking:
        record_one(session, one)
    assert to_take(session, TODAY) == []


def test_a_fictitious_decision_is_still_to_take(session: Session) -> None:
    vote(session, DECISION, ["standard"], since=TODAY, voted_on=TODAY, source="AG", clock=FixedClock(), fictional=True)
    assert matter(DECISION) in to_take(session, TODAY)


def test_the_rooms_read_what_was_voted(session: Session) -> None:
    for key in (RATE, "matching.weights", "demands.half_days", DECISION):
        record_one(session, matter(key))
    rate = voted_rate(session, TODAY)
    assert rate is not None
    assert str(rate.percent) == "8.5"
    assert weights_on(session, TODAY).fairness == 100
    assert half_day_hours(session, TODAY).morning[0].isoformat() == "08:30:00"
    ensure_decided(session, "standard", TODAY)


def test_a_vote_for_later_is_announced_and_the_present_one_holds_until_then(session: Session) -> None:
    one = matter("contracting.quote_valid_days")
    record_one(session, one, since=date(2026, 1, 1))
    record_one(session, one, since=date(2027, 3, 1))
    stand = stand_of(session, one, TODAY)
    assert stand.value == 14
    assert stand.coming is not None
    assert [row.valid.lower for row in votes_of(session, one)] == [date(2027, 3, 1), date(2026, 1, 1)]
    assert next(found for found in stands_on(session, TODAY) if found.matter is one) == stand


def test_a_vote_before_one_already_recorded_or_held_tomorrow_is_refused(session: Session) -> None:
    one = matter("contracting.quote_valid_days")
    record_one(session, one)
    with pytest.raises(Conflict):
        record_one(session, one, since=TODAY - timedelta(days=1))
    with pytest.raises(InvalidInput):
        record_one(session, one, since=TODAY, voted_on=TODAY + timedelta(days=1))


def identity(**given: str) -> dict[str, str]:
    values = {
        "name": "Pairs en Provence",
        "legal_form": "Association loi 1901",
        "siret": "732 829 320 00074",
        "rna": "W133012345",
        "vat_number": "",
        "address": "3 rue de l'Espoir",
        "postcode": "13001",
        "town": "Marseille",
        "email": "bonjour@pairs.invalid",
        "phone": "04 91 00 00 00",
        "opening_hours": "9 h – 17 h",
        "iban": "FR14 2004 1010 0505 0001 3M02 606",
        "bic": "",
        "signatory_name": "Dominique Essai",
        "signatory_function": "Présidence",
    }
    return values | given


def test_the_identity_is_kept_in_canonical_form_and_the_trail_says_what_changed(session: Session) -> None:
    the_association(session)
    row = set_identity(session, identity(), actor=ADMIN, clock=FixedClock())
    assert (row.siret, row.phone, row.iban) == ("73282932000074", "+33491000000", "FR1420041010050500013M02606")
    assert session.get_one(Association, 1).vat_number is None


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", ""),
        ("siret", "732 829 320 00075"),
        ("iban", "FR00"),
        ("vat_number", "FR83404833048"),
        ("bic", "AB"),
        ("signatory_name", "²"),
        ("signatory_function", "- 1 -"),
    ],
)
def test_a_wrong_identity_names_its_field(field: str, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_identity(identity(**{field: text}))
    assert refused.value.field == field
