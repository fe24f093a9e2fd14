"""The story as it is told: a session, a clock that only goes forward, an agenda of what people do.

Between two acts the effects that fell due are done in their order, by the very functions the workers use. Mail is the
exception: what the past sent has been read long ago, so its rows are marked sent and no letter leaves. The drawing of
invoices is another: a printer does it meanwhile, in a process of its own (`printing`).
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final, cast

from sqlalchemy import String, Table, bindparam, event, func, select, update
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.transmission.sending import TRANSMIT
from entrepairs.demo.printing import PRINTED
from entrepairs.demo.told_stripe import ToldStripe
from entrepairs.demo.trail import Trail
from entrepairs.identity.models import Account
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.dates import at_paris, paris_day, week_start
from entrepairs.messages.models import Message, MessageState
from entrepairs.network.models import Peer
from entrepairs.outbox.adding import watch
from entrepairs.outbox.models import ItemState, OutboxItem
from entrepairs.settings.demo_clock import START
from entrepairs_workers.effects import USE_CASES, handler
from entrepairs_workers.schedule import JOBS, job

BEGINNING: Final = at_paris(date(2025, 7, 1), time(9))
MAIL: Final = "messages.send_mail"
RECONCILE: Final = "billing.reconcile_stripe"
LASTING: Final = ("entrepairs.catalogue.", "entrepairs.identity.", "entrepairs.network.", "entrepairs.settings.")
"""Rooms whose rows hardly change: they stay in memory from one week to the next."""
MORNING: Final = time(6)
"""When the recurring jobs run in the story: the first Monday of a month, each Monday of the last weeks."""
DAYS_OF_A_WEEK: Final = 7
LAST_WEEKS: Final = timedelta(weeks=6)
LEFT_TO_OTHERS: Final = (MAIL, *PRINTED, TRANSMIT)

_OUTBOX: Final = cast("Table", OutboxItem.__table__)
_NEXT_EFFECT: Final = (
    select(_OUTBOX.c.id)
    .where(
        _OUTBOX.c.state == ItemState.PENDING,
        _OUTBOX.c.kind.not_in(LEFT_TO_OTHERS),
        _OUTBOX.c.due_at <= bindparam("until", type_=_OUTBOX.c.due_at.type),
    )
    .order_by(_OUTBOX.c.due_at, _OUTBOX.c.id)
    .limit(1)
)
_TAKE_EFFECT: Final = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id == _NEXT_EFFECT.scalar_subquery())
    .values(
        state=ItemState.DONE,
        attempts=1,
        done_at=func.greatest(_OUTBOX.c.due_at, bindparam("now", type_=_OUTBOX.c.due_at.type)),
    )
    .returning(_OUTBOX.c.kind, _OUTBOX.c.subject_ref, _OUTBOX.c.payload, _OUTBOX.c.due_at)
)
"""Marked before it is done: an effect that fails ends the telling, and nothing of its week is kept."""

Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, by what the story needs of them."""

    id: int
    ref: str
    name: str
    function: str = ""

    @property
    def actor(self) -> Actor:
        """The person in the trail."""
        return Actor(self.ref, self.name)


@dataclass(frozen=True, slots=True)
class PeerOf:
    """A peer of the story: the row's id and references."""

    id: int
    ref: str
    person: Person


@dataclass(frozen=True, slots=True)
class Structure:
    """A partner of the story with its sites by key."""

    key: str
    id: int
    ref: str
    sites: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)


@dataclass
class Story:
    """Everything the telling needs. `checker` is one long-lived checker of electronic invoices."""

    session: Session
    checker: Checker
    random: Random
    clock: FixedClock = field(default_factory=lambda: FixedClock(BEGINNING))
    office: dict[str, Person] = field(default_factory=dict)
    structures: dict[str, Structure] = field(default_factory=dict)
    peers: dict[str, PeerOf] = field(default_factory=dict)
    demands: dict[str, str] = field(default_factory=dict)
    """References of the demands by the key of their mission."""
    awaited: set[str] = field(default_factory=set)
    """References of the sessions already on the agenda."""
    reports_left: dict[str, int] = field(default_factory=dict)
    """How many reports are still to come of a session that has taken place, by its reference."""
    tell: Callable[[str, int, int], None] = lambda what, done, total: None
    """Told at each Monday lived: what, how many weeks are done, out of how many."""
    stripe: ToldStripe = field(init=False)
    """Where what is paid online goes through."""
    _trail: Trail = field(init=False)
    _kept: set[object] = field(default_factory=set)
    _week: list[object] = field(default_factory=list)
    """Every row met since Monday, held so that an act finds again what the former one read."""
    _due: list[datetime] = field(default_factory=list)
    """When the effects written so far and left to the story fall due; those withdrawn since are still counted."""
    _agenda: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.stripe = ToldStripe(self.clock.now)
        for moment in ("loaded_as_persistent", "pending_to_persistent"):
            event.listen(self.session, moment, self._keep)
        watch(self.session, self._note_effect)
        self._trail = Trail(self.session)

    def _note_effect(self, kind: str, due_at: datetime) -> None:
        """An effect is written: looked for in the outbox once it is due, and no sooner."""
        if kind not in LEFT_TO_OTHERS:
            heapq.heappush(self._due, due_at)

    def _keep(self, session: Session, row: object) -> None:
        self._week.append(row)
        if type(row).__module__.startswith(LASTING):
            self._kept.add(row)

    # --- the agenda -------------------------------------------------------------------------------------------

    def at(self, when: datetime, act: Act) -> None:
        """Somebody will do something at `when`; what lies after the present is never done."""
        if when <= START:
            heapq.heappush(self._agenda, (max(when, self.clock.now()), next(self._numbers), act))

    def on(self, day: date, wall: time, act: Act) -> None:
        """The same, on a Paris day."""
        self.at(at_paris(day, wall), act)

    def later(self, act: Act, **delay: float) -> None:
        """The same, some time from now (`hours=3`), within working hours of a working day."""
        self.at(self.working(self.clock.now() + timedelta(**delay)), act)

    def working(self, when: datetime) -> datetime:
        """The instant, or the next one between 9 h and 18 h of a weekday, a few minutes past the hour."""
        day, wall = paris_day(when), when.astimezone(START.tzinfo).time()
        if wall >= time(18):
            day, wall = day + timedelta(days=1), time(9)
        while day.weekday() >= 5:
            day, wall = day + timedelta(days=1), time(9)
        if wall <= time(9):
            wall = time(9, self.random.randrange(5, 55))
        return at_paris(day, wall)

    def waking(self, when: datetime) -> datetime:
        """The instant, or the next morning: people read what they are asked between 8 h and 22 h, any day."""
        day, wall = paris_day(when), when.astimezone(START.tzinfo).time()
        if time(8) <= wall < time(22):
            return when
        return at_paris(day + timedelta(days=wall >= time(22)), time(8, self.random.randrange(5, 55)))

    # --- living -----------------------------------------------------------------------------------------------

    def live(self, until: datetime = START) -> None:
        """Do everything of the agenda up to `until`, committing each week."""
        monday = week_start(self.clock.today())
        while self._agenda and self._agenda[0][0] <= until:
            when, _, act = heapq.heappop(self._agenda)
            while at_paris(monday + timedelta(days=7), MORNING) <= when:
                monday += timedelta(days=7)
                self._begin_week(monday)
            self._do_effects(when)
            self._stand_at(when)
            act()
            self.session.flush()
        self._do_effects(until)
        self._stand_at(until)
        self.run_jobs()
        self._do_effects(until)
        self.close_mails()
        self.session.commit()

    def run_jobs(self) -> None:
        """The recurring jobs, as the beat would; Stripe is compared with once, at the end."""
        self._trail.write()
        for name in (each for each in JOBS if each != RECONCILE):
            job(name)(self.session, clock=self.clock)
        self.session.flush()

    def close_mails(self) -> None:
        """Every mail due by now has left at its hour and was read; its effect is done. No letter is written."""
        self._trail.write()
        # One statement: what the printer writes between two would be done without having been read.
        done = (
            update(_OUTBOX)
            .where(
                _OUTBOX.c.kind == MAIL,
                _OUTBOX.c.state == ItemState.PENDING,
                _OUTBOX.c.due_at <= self.clock.now(),
            )
            .values(state=ItemState.DONE, attempts=1, done_at=_OUTBOX.c.due_at)
            .returning(_OUTBOX.c.subject_ref)
            .cte("done")
        )
        self.session.execute(
            update(Message)
            .where(Message.state == MessageState.QUEUED, Message.ref.in_(select(done.c.subject_ref)))
            .values(
                state=MessageState.SENT,
                attempts=1,
                sent_at=Message.created_at,
                message_id=func.concat("<", func.lower(Message.ref, type_=String), "@pairs-en-provence.invalid>"),
            )
            .execution_options(synchronize_session=False)
        )

    def _begin_week(self, monday: date) -> None:
        morning = at_paris(monday, MORNING)
        self._do_effects(morning)
        self._stand_at(morning)
        if monday.day <= DAYS_OF_A_WEEK or START - morning < LAST_WEEKS:
            self.run_jobs()
        self.close_mails()
        self.session.commit()
        for row in list(self.session.identity_map.values()):
            if row not in self._kept and row in self.session:  # an earlier one may have taken it along
                self.session.expunge(row)
        self._week.clear()
        first, last = week_start(paris_day(BEGINNING)), week_start(paris_day(START))
        self.tell("Semaines vécues", (monday - first).days // 7, (last - first).days // 7)

    def lost_object(self, kind: str, subject_ref: str) -> None:
        """What an effect was to recall is done already: it is marked so before it falls due."""
        self.session.execute(
            update(OutboxItem)
            .where(
                OutboxItem.subject_ref == subject_ref,
                OutboxItem.kind == kind,
                OutboxItem.state == ItemState.PENDING,
            )
            .values(state=ItemState.DONE, last_error="withdrawn", done_at=self.clock.now())
            .execution_options(synchronize_session=False)
        )

    def _do_effects(self, until: datetime) -> None:
        """The effects due, the oldest first; those they write in turn, too."""
        while self._due and self._due[0] <= until:
            self.session.flush()
            item = self.session.execute(_TAKE_EFFECT, {"until": until, "now": self.clock.now()}).one_or_none()
            if item is None:
                while self._due and self._due[0] <= until:  # withdrawn meanwhile
                    heapq.heappop(self._due)
                return
            heapq.heappop(self._due)
            self._stand_at(item.due_at)
            handler(USE_CASES, item.kind)(self.session, item.subject_ref, item.payload, clock=self.clock)
            self.session.flush()

    def _stand_at(self, when: datetime) -> None:
        """Time never goes back."""
        self.clock.at = max(when, self.clock.now())

    # --- people -----------------------------------------------------------------------------------------------

    @property
    def coordination(self) -> Actor:
        """Who acts for the association."""
        return self.office["claire"].actor

    @property
    def bookkeeping(self) -> Actor:
        """Who invoices."""
        return self.office["fatou"].actor

    def person(self, account: Account, function: str = "") -> Person:
        """An account as a person of the story."""
        return Person(account.id, account.ref, account.name, function)

    def peer_named(self, key: str) -> Peer:
        """The row of a peer."""
        return self.session.get_one(Peer, self.peers[key].id)

    def place(self, path: str) -> tuple[Structure, str]:
        """« epsm/oliviers » → the structure and the reference of its site."""
        structure, _, site = path.partition("/")
        found = self.structures[structure]
        return found, found.sites[site]
