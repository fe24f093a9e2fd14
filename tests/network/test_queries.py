"""Lists for the office and what belongs to the peer alone."""

from datetime import date

import pytest

from entrepairs.network.models import Employment, MemberRole, PartnerKind
from entrepairs.network.queries import (
    PartnerFilter,
    PeerFilter,
    coming_absences,
    expiring_qualifications,
    find_places,
    list_partners,
    list_peers,
    own_exclusions,
    partners_by_kind,
    peers_by_employment,
    signatories_of,
    sites_unwelcomed,
    team_of,
)
from entrepairs.network.rhythm import declare_absence
from entrepairs.network.wishes import exclude_place
from tests.factories.network import (
    a_member,
    a_partner,
    a_peer,
    a_public_hospital,
    a_qualification,
    a_referent,
    a_site,
)

TODAY = date(2027, 1, 11)


def test_structures_are_found_without_accents_by_name_town_or_start_of_siret(session):
    a_partner(session, name="Clinique de l'Étoile", town="Hyères", siret="90000001900019")
    a_partner(session, name="Autre", town="Toulon")
    for text in ("etoile", "HYERES", "900 000 019"):
        found = list_partners(session, PartnerFilter(text=text), page=1, today=TODAY)
        assert [partner.name for partner in found.rows] == ["Clinique de l'Étoile"]
    assert list_partners(session, PartnerFilter(text="100%_"), page=1, today=TODAY).total == 0


def test_the_list_of_structures_comes_by_pages(session):
    for number in range(53):
        a_partner(session, name=f"Structure {number:02}")
    first = list_partners(session, PartnerFilter(), page=1, today=TODAY)
    second = list_partners(session, PartnerFilter(), page=2, today=TODAY)
    assert (len(first.rows), first.total, first.previous, first.following) == (50, 53, None, 2)
    assert ([row.name for row in second.rows][-1], second.previous, second.following) == ("Structure 52", 1, None)


def test_structures_are_counted_by_kind(session):
    a_partner(session)
    a_public_hospital(session)
    assert partners_by_kind(session) == {PartnerKind.PRIVATE_CLINIC: 1, PartnerKind.PUBLIC_HOSPITAL: 1}


def test_a_service_nobody_welcomes_in_is_told_to_the_office(session):
    welcomed, bare = a_site(session), a_site(session)
    a_referent(session, welcomed)
    a_referent(session, bare, until=TODAY)
    assert list(sites_unwelcomed(session, today=TODAY)) == [bare]
    found = list_partners(session, PartnerFilter(unwelcomed=True), page=1, today=TODAY)
    assert list(found.rows) == [bare.partner]


def test_a_team_is_one_line_by_person_and_tells_who_signs(session):
    partner = a_public_hospital(session)
    person = a_member(session, partner, MemberRole.REQUESTER, MemberRole.ADMIN, function="Cadre")
    signs = a_member(session, partner, MemberRole.SIGNATORY, delegation="DEC-1", delegation_since=date(2026, 1, 1))
    team = {member.account.id: member for member in team_of(session, partner)}
    assert team[person.id].roles == (MemberRole.REQUESTER, MemberRole.ADMIN)
    assert [(one.account.id, one.delegation) for one in signatories_of(session, partner)] == [(signs.id, "DEC-1")]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (PeerFilter(), {"Anne", "Bilal"}),
        (PeerFilter(text="manosque"), {"Bilal"}),
        (PeerFilter(employment=Employment.VOLUNTEER), {"Bilal"}),
        (PeerFilter(qualification="wrap_facilitator"), {"Anne"}),
        (PeerFilter(to_renew=True), {"Anne"}),
        (PeerFilter(text="nobody"), set()),
    ],
)
def test_the_office_finds_people_by_what_it_may_know(session, wanted, names):
    anne = a_peer(session, first_name="Anne")
    a_qualification(session, anne, last_day=date(2027, 3, 1))
    a_peer(session, first_name="Bilal", commune="04112", employment=Employment.VOLUNTEER)
    a_peer(session, first_name="Partie", left_on=date(2026, 12, 31))
    found = list_peers(session, wanted, page=1, today=TODAY)
    assert {peer.first_name for peer in found.rows} == names
    assert peers_by_employment(session, today=TODAY) == {Employment.EMPLOYEE: 1, Employment.VOLUNTEER: 1}


def test_a_qualification_to_renew_is_told_until_a_later_one_follows(session):
    peer = a_peer(session)
    ending = a_qualification(session, peer, last_day=date(2027, 2, 1))
    a_qualification(session, peer, "etp_40h")
    a_qualification(session, peer, "mediation", last_day=date(2027, 1, 10))
    assert list(expiring_qualifications(session, today=TODAY)) == [ending]
    a_qualification(session, peer, since=date(2027, 2, 2))
    assert list(expiring_qualifications(session, today=TODAY)) == []


def test_a_peer_reads_their_own_days_and_places_only(session, clock):
    mine, other, site = a_peer(session), a_peer(session), a_site(session)
    declare_absence(session, mine.ref, date(2027, 1, 11), date(2027, 1, 12), clock=clock)
    exclude_place(session, mine.ref, site_ref=site.ref)
    assert len(coming_absences(session, mine, today=TODAY)) == 1
    assert len(own_exclusions(session, mine)) == 1
    assert not coming_absences(session, other, today=TODAY)
    assert not own_exclusions(session, other)
    assert not coming_absences(session, mine, today=date(2027, 1, 13))


def test_places_are_found_by_name_or_town(session):
    partner = a_partner(session, name="EPSM du Verdon")
    site = a_site(session, partner, name="CMP Les Oliviers", commune="04112")
    assert [place.ref for place in find_places(session, "verdon")] == [partner.ref, site.ref]
    assert [place.ref for place in find_places(session, "manosque")] == [site.ref]
    assert find_places(session, " ") == []
