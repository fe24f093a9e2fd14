"""Bringing the communes into their table."""

from sqlalchemy import func, select

from entrepairs.network.communes import load_communes
from entrepairs.network.models import Commune


def test_a_second_load_writes_nothing_and_a_change_is_corrected(session):
    load_communes(session)
    assert session.scalar(select(func.count()).select_from(Commune)) == 946
    assert load_communes(session) == 0
    marseille = session.get(Commune, "13055")
    assert marseille.postcodes[0] == "13001"
    marseille.name = "Massilia"
    session.flush()
    assert load_communes(session) == 1
    session.refresh(marseille)
    assert marseille.name == "Marseille"
