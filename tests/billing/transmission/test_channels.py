"""Which channel, why, and what is missing first; what Chorus Pro takes beside an invoice."""

from datetime import date

import pytest

from entrepairs.billing.transmission.channels import Accounts, Channel, Recipient, Wanted, missing_for, route_for
from entrepairs.billing.transmission.pieces import LARGEST, MOST, ensure_piece
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.parameters import figures
from entrepairs.network.models import PayerKind
from entrepairs.network.partners import PUBLIC_PAYERS

BEFORE, AFTER = date(2027, 8, 31), date(2027, 9, 1)
BOTH, NONE = Accounts(chorus=True, platform=True), Accounts()


def channel(kind: PayerKind, on: date = BEFORE, accounts: Accounts = BOTH, chosen: Channel | None = None, **more: bool):
    return route_for(kind, chosen, accounts, figures(), on, **more)


@pytest.mark.parametrize("kind", sorted(PUBLIC_PAYERS))
def test_a_public_body_is_reached_by_chorus_pro_or_through_the_platform_if_so_decided(kind: PayerKind):
    assert channel(kind).channel is Channel.CHORUS_PRO
    assert channel(kind, public_by_platform=True).channel is Channel.PLATFORM
    without = channel(kind, accounts=NONE, public_by_platform=True)
    assert (without.channel, without.ready) == (Channel.CHORUS_PRO, False)


def test_a_private_body_is_mailed_until_the_reform_binds_us():
    assert channel(PayerKind.PRIVATE, BEFORE).channel is Channel.EMAIL
    assert channel(PayerKind.PRIVATE, AFTER).channel is Channel.PLATFORM
    without = channel(PayerKind.PRIVATE, AFTER, NONE)
    assert (without.channel, without.ready) == (Channel.EMAIL, True)
    assert "reform" in without.why.msgid


def test_anybody_else_is_mailed():
    assert channel(PayerKind.NONE, AFTER).channel is Channel.EMAIL


def test_what_the_office_set_wins_and_may_not_be_ready():
    route = channel(PayerKind.PRIVATE, BEFORE, NONE, Channel.PLATFORM)
    assert (route.channel, route.ready, route.chosen) == (Channel.PLATFORM, False, True)


def test_what_is_missing_is_named_before_sending():
    both = Wanted(service=True, engagement=True)
    fields = [one.field for one in missing_for(Channel.CHORUS_PRO, Recipient(), both)]
    assert fields == ["siret", "service_code", "engagement"]
    whole = Recipient("12345678200010", "PSY-01", "EJ-7")
    assert missing_for(Channel.CHORUS_PRO, whole, both) == ()
    assert missing_for(Channel.CHORUS_PRO, Recipient("12345678200010"), Wanted()) == ()
    assert [one.field for one in missing_for(Channel.PLATFORM, Recipient(), Wanted())] == ["electronic_address"]
    assert missing_for(Channel.PLATFORM, Recipient(siret="12345678200010"), Wanted()) == ()
    assert [one.field for one in missing_for(Channel.EMAIL, Recipient(), Wanted())] == ["email"]


@pytest.mark.parametrize(
    ("name", "content", "already", "code"),
    [
        ("liste.exe", b"MZ", (), "piece_kind"),
        ("liste", b"%PDF-", (), "piece_kind"),
        ("x" * 47 + ".pdf", b"%PDF-", (), "piece_name"),
        ("liste.pdf", b"", (), "piece_empty"),
        ("liste.pdf", b"<html>", (), "piece_other"),
        ("liste.csv", b"a" * (LARGEST + 1), (), "piece_size"),
        ("liste.csv", b"a", (1,) * MOST, "piece_count"),
        ("liste.csv", b"a" * 10, (LARGEST,) * 12, "pieces_size"),
    ],
)
def test_a_document_chorus_pro_would_turn_down_is_refused(name, content, already, code):
    with pytest.raises(InvalidInput, match=code):
        ensure_piece(name, content, already)


def test_a_document_it_takes_passes():
    ensure_piece("x" * 46 + ".pdf", b"%PDF-1.7", (LARGEST,) * 11)
    ensure_piece("Liste.XLSX", b"PK")
