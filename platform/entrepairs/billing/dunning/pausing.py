"""What stops the ladder of an invoice: it is contested, or a day of payment was told. Lock order: invoice."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.dunning.models import DunningPause, PauseKind
from entrepairs.billing.models import Invoice
from entrepairs.billing.payments import balance_of, payable_for_update
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.kernel.text_checks import ensure_no_identity

LONGEST: int = 200
FARTHEST_DAYS: int = 366


def open_dispute(session: Session, ref: str, *, reason: str, clock: Clock, actor: Actor) -> DunningPause:
    """The structure contests the invoice: nothing is asked until `close_pause`.

    Raises NotFound, Conflict("not_payable", "nothing_owed", "disputed_already"), InvalidInput("reason_missing",
    "reason_long", "identity_in_text").
    """
    said = told(reason)
    invoice = _owed(session, ref)
    if _open(session, invoice, PauseKind.DISPUTE) is not None:
        raise Conflict("disputed_already", N_("This invoice is contested already."))
    return _write(session, invoice, PauseKind.DISPUTE, said, None, clock, actor)


def note_promise(
    session: Session, ref: str, *, until: date, note: str = "", clock: Clock, actor: Actor
) -> DunningPause:
    """The structure told a day of payment: nothing is asked until that day has passed. A new day replaces the one before.

    Raises NotFound, Conflict("not_payable", "nothing_owed"), InvalidInput("promise_past", "promise_far", "reason_long",
    "identity_in_text").
    """
    said = told(note) if note.strip() else ""
    today = clock.today()
    if until < today:
        raise InvalidInput("promise_past", N_("This day has passed: enter the day that was told."), field="until")
    if (until - today).days > FARTHEST_DAYS:
        raise InvalidInput("promise_far", N_("This day is more than a year away."), field="until")
    invoice = _owed(session, ref)
    known = _open(session, invoice, PauseKind.PROMISE)
    if known is not None:
        if known.until == until and known.reason == said:
            return known
        _close(known, "une autre date a été annoncée", clock, actor)
        session.flush()
    return _write(session, invoice, PauseKind.PROMISE, said, until, clock, actor)


def close_pause(session: Session, ref: str, pause_ref: str, *, why: str, clock: Clock, actor: Actor) -> DunningPause:
    """It is settled, or holds no more: the ladder goes on from today.

    Raises NotFound, Conflict("closed_already"), InvalidInput("reason_missing", "reason_long", "identity_in_text").
    """
    invoice = payable_for_update(session, ref)
    pause = session.scalars(
        select(DunningPause).where(DunningPause.ref == pause_ref, DunningPause.invoice_id == invoice.id)
    ).one_or_none()
    if pause is None:
        raise NotFound("pause", N_("This pause does not exist."))
    if pause.closed_on is not None:
        raise Conflict("closed_already", N_("This is closed already."))
    said = told(why, field="why")
    _close(pause, said, clock, actor)
    record(session, "dunning.resume", "invoice", ref, actor=actor, clock=clock, kind=pause.kind, why=said)
    session.flush()
    return pause


def told(text: str, *, field: str = "reason") -> str:
    """A reason as typed. Raises InvalidInput."""
    said = " ".join(text.split())
    if not said:
        raise InvalidInput("reason_missing", N_("Say why, in a few words."), field=field)
    if len(said) > LONGEST:
        raise InvalidInput("reason_long", N_("Two hundred signs at most."), field=field)
    ensure_no_identity(said, field=field)
    return said


def _owed(session: Session, ref: str) -> Invoice:
    invoice = payable_for_update(session, ref)
    if balance_of(session, invoice).cents <= 0:
        raise Conflict("nothing_owed", N_("Nothing is owed on this invoice any more."))
    return invoice


def _open(session: Session, invoice: Invoice, kind: PauseKind) -> DunningPause | None:
    return session.scalars(
        select(DunningPause).where(
            DunningPause.invoice_id == invoice.id, DunningPause.kind == kind, DunningPause.closed_on.is_(None)
        )
    ).one_or_none()


def _write(  # noqa: PLR0917 - the parts of one row
    session: Session, invoice: Invoice, kind: PauseKind, reason: str, until: date | None, clock: Clock, actor: Actor
) -> DunningPause:
    pause = DunningPause(
        ref=new_reference("PAU"),
        invoice=invoice,
        kind=kind,
        reason=reason,
        until=until,
        opened_on=clock.today(),
        opened_by=actor.label,
    )
    session.add(pause)
    session.flush()
    record(session, "dunning.pause", "invoice", invoice.ref, actor=actor, clock=clock, kind=kind, until=until)
    return pause


def _close(pause: DunningPause, why: str, clock: Clock, actor: Actor) -> None:
    pause.closed_on, pause.closed_by, pause.closed_why = clock.today(), actor.label, why
