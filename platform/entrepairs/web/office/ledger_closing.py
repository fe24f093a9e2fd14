"""The end of a period and of an exercise, the files for the tax office and the accountant, the legal form."""

import shutil
import tempfile
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from flask import flash, redirect, stream_with_context, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from werkzeug.wsgi import FileWrapper

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import add_months, month_start
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput, NotFound
from entrepairs.ledger import exercises, hand, legal_form, openings, years
from entrepairs.ledger.accountant import accountant_csv
from entrepairs.ledger.fec.writing import export_fec
from entrepairs.ledger.models import AccountingYear, BooksForm
from entrepairs.ledger.rules import Exercise, calendar_year
from entrepairs.web import filters
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.forms.comptabilite import FORM_WORDS, BecomeForm, CloseForm, ExerciseForm
from entrepairs.web.office.ledger import ledger_page

PIECE: Final = 1 << 16
IN_MEMORY: Final = 1 << 24


@bp.get("/comptabilite/cloture")
@requires(Permission.OFFICE_VIEW)
def closing() -> str:
    """Each exercise: through when it is closed, what holds it back, its files."""
    return _closing_page()


def _closing_page(
    close: CloseForm | None = None,
    become: BecomeForm | None = None,
    following: ExerciseForm | None = None,
    days: ExerciseForm | None = None,
) -> str:
    rows = years.years(db.session())
    today = business_clock().today()
    open_one = rows[0] if rows and exercises.changeable(db.session(), rows[0]) else None
    return ledger_page(
        "ledger_closing",
        years=rows,
        close=close or CloseForm(formdata=None, through=_proposed(rows, today)),
        become=become or BecomeForm(formdata=None),
        form_today=legal_form.form_on(db.session(), today),
        changes=legal_form.changes(db.session()),
        form_words=FORM_WORDS,
        waiting=len(hand.drafts(db.session())),
        today=today,
        following=following or _next_form(rows, today),
        days=days or (open_one and ExerciseForm(formdata=None, **_days(open_one.exercise))),
        changeable=open_one,
        association=BooksForm.ASSOCIATION,
    )


def _days(exercise: Exercise) -> dict[str, date]:
    return {"first_day": exercise.first_day, "last_day": exercise.last_day}


def _next_form(rows: list[AccountingYear], today: date) -> ExerciseForm:
    """Twelve months from where the last one ends; the calendar year when there is none."""
    proposed = rows[0].exercise.following() if rows else calendar_year(today)
    return ExerciseForm(formdata=None, **_days(proposed))


@bp.post("/comptabilite/exercices")
@requires(Permission.GOVERN)
def open_exercise() -> Response | tuple[str, int]:
    """Open the exercise that follows, or the first one."""
    form = ExerciseForm()
    if form.validate_on_submit():
        try:
            opened = exercises.open_next_exercise(
                db.session(),
                form.last_day.data,
                first_day=form.first_day.data,
                actor=current_actor(),
                clock=business_clock(),
            )
            db.session.commit()
        except InvalidInput as error:
            db.session.rollback()
            if not attach(form, error):
                return _told(error)
        else:
            return _opened(opened.exercise)
    return _closing_page(following=form), 422


@bp.post("/comptabilite/exercices/<int:number>")
@requires(Permission.GOVERN)
def change_exercise(number: int) -> Response | tuple[str, int]:
    """Say other days, before anything is validated in it."""
    form = ExerciseForm()
    if form.validate_on_submit():
        try:
            changed = exercises.change_days(
                db.session(),
                number,
                form.last_day.data,
                first_day=form.first_day.data,
                actor=current_actor(),
                clock=business_clock(),
            )
            db.session.commit()
        except (InvalidInput, Conflict) as error:
            db.session.rollback()
            if not attach(form, error):
                return _told(error)
        else:
            return _opened(changed.exercise)
    return _closing_page(days=form), 422


def _opened(exercise: Exercise) -> Response:
    since, until = filters.plain_date(exercise.first_day), filters.plain_date(exercise.last_day)
    flash(
        _("The exercise %(year)s: %(since)s to %(until)s.", year=str(exercise.number), since=since, until=until),
        "success",
    )
    return redirect(url_for(".closing"), code=303)


def _proposed(rows: list[AccountingYear], today: date) -> date | None:
    """The end of the first month that is over and not closed; None when every one is."""
    for year in reversed(rows):
        if year.closed_through != year.last_day:
            first = year.closed_through + timedelta(days=1) if year.closed_through else year.first_day
            last = min(add_months(month_start(first), 1) - timedelta(days=1), year.last_day)
            return last if last < today else None
    return None


@bp.post("/comptabilite/cloture")
@requires(Permission.BILL)
def close_period() -> Response | tuple[str, int]:
    """Close through a day."""
    form = CloseForm()
    if not form.validate_on_submit():
        return _closing_page(close=form), 422
    try:
        years.close_through(db.session(), form.through.data, actor=current_actor(), clock=business_clock())
        db.session.commit()
    except (Conflict, InvalidInput, NotFound) as error:
        return _told(error)
    flash(_("The accounts are closed through %(day)s.", day=filters.plain_date(form.through.data)), "success")
    return redirect(url_for(".closing"), code=303)


def _told(error: DomainError) -> Response:
    """What stands in the way, said on the page where one can do something about it."""
    db.session.rollback()
    flash(sentence(error), "error")
    return redirect(url_for(".closing"), code=303)


@bp.post("/comptabilite/cloture/<int:number>")
@requires(Permission.GOVERN)
def close_year(number: int) -> Response:
    """Close an exercise for good and open the next on its balances."""
    try:
        openings.close_year(db.session(), number, actor=current_actor(), clock=business_clock())
        db.session.commit()
    except (Conflict, InvalidInput) as error:
        return _told(error)
    flash(_("%(year)s is closed; its balances open %(next)s.", year=str(number), next=str(number + 1)), "success")
    return redirect(url_for(".closing"), code=303)


@bp.post("/comptabilite/forme")
@requires(Permission.GOVERN)
def become_cooperative() -> Response | tuple[str, int]:
    """From that day the chart is a cooperative's."""
    form = BecomeForm()
    if not form.validate_on_submit():
        return _closing_page(become=form), 422
    try:
        legal_form.become(
            db.session(), BooksForm(form.form.data), form.since.data, actor=current_actor(), clock=business_clock()
        )
        db.session.commit()
    except (Conflict, InvalidInput) as error:
        return _told(error)
    flash(
        _("The chart of accounts follows the new form from %(day)s.", day=filters.plain_date(form.since.data)),
        "success",
    )
    return redirect(url_for(".closing"), code=303)


@bp.get("/comptabilite/fec/<int:number>")
@requires(Permission.BILL)
def fec_file(number: int) -> Response:
    """The tax file, written and checked before it leaves."""
    folder = Path(tempfile.mkdtemp(prefix="entrepairs-fec-"))
    try:
        done = export_fec(db.session(), number, folder)
        # A usual file is small; a large one is read after its folder is gone, as it leaves.
        small = done.path.stat().st_size <= IN_MEMORY
        content = [done.path.read_bytes()] if small else FileWrapper(done.path.open("rb"), PIECE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _attached(content, "text/plain; charset=utf-8", done.path.name)


def _attached(content: Iterable[bytes], media: str, name: str) -> Response:
    """A file to keep, sent as it is read."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=media, headers=headers, direct_passthrough=True)


@bp.get("/comptabilite/csv/<int:number>")
@requires(Permission.BILL)
def accountant_file(number: int) -> Response:
    """The lines for the accountant's program, as they are read."""
    year = years.find_year(db.session(), number)
    content = stream_with_context(accountant_csv(db.session(), year))
    return _attached(content, "text/csv; charset=utf-8", f"ecritures-{number}.csv")
