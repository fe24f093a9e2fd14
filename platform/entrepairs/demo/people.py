"""The team: registered when each joined, with their own terms, papers, week, and what they say of their time."""

from datetime import date, time
from functools import partial

from entrepairs.demo.reading import Page, read_page
from entrepairs.demo.story import PeerOf, Story
from entrepairs.network.learning import record_learning, record_training_days
from entrepairs.network.models import ClearanceKind, Employment
from entrepairs.network.peers import PeerSheet, PeerTerms, edit_bond, register_peer
from entrepairs.network.qualifications import record_clearance, record_qualification
from entrepairs.network.rhythm import declare_absence, set_weekly_availability, take_pause
from entrepairs.network.rules import WeeklySlot
from entrepairs.network.wishes import choose_themes, exclude_place, refuse_colleague
from entrepairs.supervision.holding import record_support
from entrepairs.supervision.models import SupportKind

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WELCOME = time(9, 30)


def gather_team(story: Story) -> None:
    """Put on the agenda the day each joins, and what they say later."""
    page = read_page("people")
    for row in page["peer"]:
        story.on(row["joined"], WELCOME, partial(_join, story, row))
    for row in page["absence"]:
        story.on(row["said"], time(18), partial(_away, story, row))
    for row in page["pause"]:
        story.on(row["said"], time(8), partial(_pause, story, row))
    for row in page["avoid"]:
        story.on(row["said"], time(20), partial(_avoid, story, row))
    for row in page["apart"]:
        story.on(row["said"], time(20), partial(_apart, story, row))
    for row in page["learning"]:
        story.on(row["said"], time(17), partial(_learn, story, row))
    for row in page["school"]:
        story.on(row["said"], time(17), partial(_school, story, row))
    for row in page["support"]:
        story.on(row["held"], time(18), partial(_support, story, row))


def _join(story: Story, row: Page) -> None:
    session, clock, actor = story.session, story.clock, story.coordination
    first, last = row["name"]
    terms = PeerTerms(
        commune_insee=row["commune"],
        radius_km=row["radius"],
        wished_hours=row["wished"],
        weekly_max_hours=row["weekly_max"],
        outside_hours=row.get("outside", 0),
        languages=frozenset(row["languages"]),
        wording=row["wording"],
        phone=row["phone"],
        asks_missions=row.get("asks_missions", True),
    )
    sheet = PeerSheet(
        email=row["email"],
        first_name=first,
        last_name=last,
        employment=Employment(row["employment"]),
        joined_on=row["joined"],
        terms=terms,
    )
    peer = register_peer(session, sheet, clock=clock, actor=actor)
    for kind, since, last_day in row["held"]:
        if since <= clock.today():
            record_qualification(
                session, peer.ref, kind, since=since, last_day=last_day or None, clock=clock, actor=actor
            )
        else:
            story.on(since, time(17), partial(_qualify, story, peer.ref, (kind, since, last_day)))
    for paper in ClearanceKind:
        record_clearance(session, peer.ref, paper, checked_on=row["joined"], clock=clock, actor=actor)
    set_weekly_availability(session, peer.ref, [_slot(text) for text in row["week"]])
    choose_themes(session, peer.ref, row["themes"])
    story.peers[row["key"]] = PeerOf(peer.id, peer.ref, story.person(peer.account))
    if "left" in row:
        story.on(row["left"], time(17), partial(_leave, story, row))


def _qualify(story: Story, peer_ref: str, held: tuple[str, date, date | str]) -> None:
    kind, since, last_day = held
    record_qualification(
        story.session,
        peer_ref,
        kind,
        since=since,
        last_day=last_day if isinstance(last_day, date) else None,
        clock=story.clock,
        actor=story.coordination,
    )


def _leave(story: Story, row: Page) -> None:
    first, last = row["name"]
    edit_bond(
        story.session,
        story.peers[row["key"]].ref,
        first_name=first,
        last_name=last,
        employment=Employment(row["employment"]),
        joined_on=row["joined"],
        left_on=row["left"],
        clock=story.clock,
        actor=story.coordination,
    )


def _slot(text: str) -> WeeklySlot:
    """« mon 9-18 »."""
    day, hours = text.split()
    starts, ends = (time(int(hour)) for hour in hours.split("-"))
    return WeeklySlot(DAYS.index(day), starts, ends)


def _away(story: Story, row: Page) -> None:
    peer = story.peers[row["peer"]].ref
    declare_absence(story.session, peer, row["first"], row["last"], clock=story.clock)


def _pause(story: Story, row: Page) -> None:
    take_pause(story.session, story.peers[row["peer"]].ref, back_on=row.get("back"), clock=story.clock)


def _avoid(story: Story, row: Page) -> None:
    peer = story.peers[row["peer"]].ref
    if "site" in row:
        _, site = story.place(row["site"])
        exclude_place(story.session, peer, site_ref=site)
    else:
        exclude_place(story.session, peer, partner_ref=story.structures[row["structure"]].ref)


def _apart(story: Story, row: Page) -> None:
    refuse_colleague(story.session, story.peers[row["peer"]].ref, story.peers[row["other"]].ref)


def _learn(story: Story, row: Page) -> None:
    ref, first, last = story.peers[row["peer"]].ref, row["first"], row["last"]
    record_learning(story.session, ref, row["kind"], first, last, clock=story.clock, actor=story.coordination)


def _school(story: Story, row: Page) -> None:
    ref, first, last = story.peers[row["peer"]].ref, row["first"], row["last"]
    record_training_days(story.session, ref, first, last, clock=story.clock, actor=story.coordination)


def _support(story: Story, row: Page) -> None:
    """The practice-exchange group: everybody in the team then, but those who could not come."""
    there = [peer.ref for key, peer in story.peers.items() if key not in row["absent"]]
    record_support(
        story.session, there, SupportKind.PRACTICE_GROUP, row["held"], clock=story.clock, actor=story.coordination
    )
