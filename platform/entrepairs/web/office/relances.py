"""`/a/facturation/relances`: who is late, the letters to read before they leave, what each structure owes."""

from dataclasses import dataclass
from itertools import groupby

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from entrepairs.billing.dunning.ladder import AUTOMATIC, Step
from entrepairs.billing.dunning.mails import USUAL_WORDS, content
from entrepairs.billing.dunning.papers import TITLES, letter_pdf, rows_of, statement_pdf
from entrepairs.billing.dunning.queries import find_letter, find_payer
from entrepairs.billing.dunning.sending import Proposed, letters_among, send_letters
from entrepairs.billing.dunning.spreadsheet import arrears_csv
from entrepairs.billing.dunning.standing import Standing, paid_late, standings
from entrepairs.documents.storing import PDF
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError, NotFound
from entrepairs.kernel.i18n import N_, Sentence, say, say_many
from entrepairs.kernel.money import Money
from entrepairs.messages.content import MailContent
from entrepairs.network.models import Partner
from entrepairs.settings.decisions import decision_or
from entrepairs.web import dunning_words as told
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.errors import sentence
from entrepairs.web.invoice_words import attached
from entrepairs.web.office import bp
from entrepairs.web.todo import TodoItem, waiting


@dataclass(frozen=True)
class Payer:
    """A structure of the list: what it owes, what is late of it, how long for."""

    partner: Partner
    standings: tuple[Standing, ...]

    @property
    def owed(self) -> Money:
        """In time or not."""
        return Money.sum(one.balance for one in self.standings)

    @property
    def late(self) -> Money:
        """Past its real term."""
        return told.late_sum(self.standings)

    @property
    def oldest(self) -> int:
        """Days late of the oldest."""
        return max(one.days_late for one in self.standings)


@bp.get("/facturation/relances")
@requires(Permission.OFFICE_VIEW)
def dunning() -> str:
    """What would leave today, what waits, who owes what."""
    return _page()


def _page(problem: str = "", at: str = "") -> str:
    today = business_clock().today()
    found = standings(db.session(), today)
    late = [one for one in found if one.days_late]
    return render_template(
        "office/dunning.html",
        problem=problem,
        at=at,
        typed=request.form,
        bars=told.age_bars(found),
        late=told.late_sum(found),
        letters=[(one, told.step_chip(one.step), _preview(one)) for one in letters_among(found)],
        papers=TITLES,
        usual={step: _(said) for step, said in USUAL_WORDS.items()},
        deciding=[one for one in late if one.due_step is Step.RECOVERY],
        pausing=[one for one in late if one.waits],
        payers=_payers(found),
        chip_of=told.standing_chip,
        text_of=told.standing_text,
        by_itself=bool(decision_or(db.session(), AUTOMATIC, today, default=False)),
        may_bill=Permission.BILL in viewer().permissions,
    )


def _preview(one: Proposed) -> MailContent:
    return content(one.step, one.partner.name, Sentence(USUAL_WORDS[one.step]), rows_of(one.standings), "")


def _payers(found: list[Standing]) -> list[Payer]:
    def at(one: Standing) -> tuple[str, int]:
        return one.invoice.partner.name, one.invoice.partner_id

    grouped = [tuple(members) for _at, members in groupby(sorted(found, key=at), key=at)]
    payers = [Payer(members[0].invoice.partner, members) for members in grouped]
    return sorted(payers, key=lambda one: (-one.oldest, one.partner.name))


@bp.post("/facturation/relances")
@requires(Permission.BILL)
def send_dunning() -> Response | tuple[str, int]:
    """Send the letters ticked, each with its sentence; what was settled meanwhile stays here."""
    usual = {step.value: str(_(said)) for step, said in USUAL_WORDS.items()}
    chosen = {key: _typed(key, usual) for key in request.form.getlist("letter")}
    try:
        sent = send_letters(db.session(), chosen, clock=business_clock(), actor=current_actor())
        db.session.commit()
    except DomainError as refused:
        db.session.rollback()
        return _page(sentence(refused), refused.field or ""), refused.status
    if not chosen:
        flash(_("No letter was ticked: nothing left."), "info")
    elif sent:
        flash(ngettext("One letter leaves.", "%(num)s letters leave.", len(sent)), "success")
    if len(sent) < len(chosen):
        flash(
            ngettext(
                "One letter was left out: it was paid, contested or sent already.",
                "%(num)s letters were left out: they were paid, contested or sent already.",
                len(chosen) - len(sent),
            ),
            "info",
        )
    return redirect(url_for(".dunning"), code=303)


def _typed(key: str, usual: dict[str, str]) -> str:
    """The office's sentence; the usual one is not kept as a text, so that it stays the house's."""
    said = " ".join(request.form.get(f"words-{key}", "").split())
    return "" if said == " ".join(usual.get(key.rpartition(".")[2], "").split()) else said


@bp.get("/facturation/relances/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def arrears(ref: str) -> str:
    """The statement of account of a structure."""
    partner, today = find_payer(db.session(), ref), business_clock().today()
    found = standings(db.session(), today, partner_id=partner.id)
    return render_template(
        "office/arrears.html",
        partner=partner,
        standings=found,
        settled=paid_late(db.session(), today, partner.id),
        bars=told.age_bars(found),
        late=told.late_sum(found),
        owed=Money.sum(one.balance for one in found),
        cost=Money.sum(one.cost for one in found),
        provisional=any(one.interest.provisional for one in found),
        chip_of=told.standing_chip,
        text_of=told.standing_text,
        today=today,
    )


@bp.get("/facturation/relances/<ref:ref>/pdf")
@requires(Permission.OFFICE_VIEW)
def arrears_pdf(ref: str) -> Response:
    """The same on paper."""
    partner, clock = find_payer(db.session(), ref), business_clock()
    rows = rows_of(standings(db.session(), clock.today(), partner_id=partner.id))
    if not rows:
        raise NotFound("arrears", N_("Nothing is owed: there is no statement to print."))
    return attached(statement_pdf(db.session(), partner, rows, clock=clock), PDF, f"releve-{ref}-{clock.today()}.pdf")


@bp.get("/facturation/relances/<ref:ref>/csv")
@requires(Permission.OFFICE_VIEW)
def arrears_sheet(ref: str) -> Response:
    """The same for a spreadsheet."""
    partner, today = find_payer(db.session(), ref), business_clock().today()
    sheet = arrears_csv(standings(db.session(), today, partner_id=partner.id))
    return attached(sheet, "text/csv", f"releve-{ref}-{today:%Y-%m-%d}.csv")


@bp.get("/facturation/relances/courriers/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def dunning_letter_pdf(ref: str) -> Response:
    """The paper of a letter, as it left."""
    letter = find_letter(db.session(), ref)
    paper = letter_pdf(letter)
    if paper is None:
        raise NotFound("letter", N_("This letter has no paper."))
    return attached(paper, PDF, f"{letter.step.value}-{ref}.pdf")


@waiting("office")
def late_payments(person: Viewer) -> list[TodoItem]:
    """Letters to read and send, invoices beyond the last one."""
    if Permission.BILL not in person.permissions:
        return []
    found = standings(db.session(), business_clock().today())
    letters = len(letters_among(found))
    deciding = sum(1 for one in found if one.due_step is Step.RECOVERY)
    said = []
    if letters:
        title = say_many(
            "One letter about a late payment to read", "%(num)s letters about late payments to read", letters
        )
        said.append(_todo(say("to read"), title, "todo"))
    if deciding:
        title = say_many("One unpaid invoice to decide on", "%(num)s unpaid invoices to decide on", deciding)
        said.append(_todo(say("to decide"), title, "no"))
    return said


def _todo(chip: Sentence, title: Sentence, tone: str) -> TodoItem:
    return TodoItem(chip=chip, tone=tone, title=title, url=url_for("office.dunning"), action=say("See"), rank=41)
