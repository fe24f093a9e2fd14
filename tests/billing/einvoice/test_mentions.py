"""The legal texts, and that the dated parameters and this code name the same VAT regimes."""

import tomllib
from decimal import Decimal

import pytest

from entrepairs.billing.einvoice.mentions import CODES, NoteCode, payment_notes, treatment
from entrepairs.kernel.money import Money
from entrepairs.paths import resource


def test_regimes_are_those_of_the_parameters():
    with (resource("config") / "parameters" / "vat.toml").open("rb") as stream:
        regimes = {row["code"]: row for row in tomllib.load(stream)["regime"]}
    assert set(regimes) == set(CODES)
    for code, row in regimes.items():
        ours = treatment(code, standard_rate=Decimal(20))
        assert ours.category == row["category"]
        assert (ours.vatex or "") == row["vatex"]
        assert row["legal_text"] in ("", ours.text)


def test_an_unknown_regime_is_an_error():
    with pytest.raises(KeyError):
        treatment("reduced", standard_rate=Decimal(20))


def test_public_and_private_late_payment_quote_their_own_law():
    public = payment_notes(public=True, late_points=Decimal(8), indemnity=Money(4000))
    private = payment_notes(public=False, late_points=Decimal(10), indemnity=Money(4000))
    assert {note.code for note in public} == {NoteCode.LATE_PAYMENT, NoteCode.RECOVERY, NoteCode.DISCOUNT}
    assert "majoré de 8 points" in public[0].text
    assert "R2192-31" in public[0].text
    assert "majoré de 10 points" in private[0].text
    assert "L441-10" in private[0].text
    assert ": 40 €" in private[1].text
