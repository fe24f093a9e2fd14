"""The palette and its voted prices."""

from decimal import Decimal, InvalidOperation

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.catalogue.prices import UNIT_WORDS, vote_price
from entrepairs.catalogue.queries import by_family, find_offering, palette, price_history
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.network.vocabulary import QUALIFICATIONS
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import COMPANY_FOR_OFFICE
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.forms.demandes import PriceForm


@bp.get("/catalogue")
@requires(Permission.OFFICE_VIEW)
def catalogue() -> str:
    """The offerings, with their shape and the price in force."""
    priced = palette(db.session(), business_clock().today(), active_only=False)
    return render_template(
        "office/catalogue.html",
        families=by_family(priced),
        unit_words=UNIT_WORDS,
        company=COMPANY_FOR_OFFICE,
        qualifications=QUALIFICATIONS,
        without=sum(1 for one in priced if one.price is None),
    )


@bp.get("/tarifs")
@requires(Permission.OFFICE_VIEW)
def prices() -> str:
    """Every price in force, and where it was decided."""
    priced = palette(db.session(), business_clock().today(), active_only=False)
    return render_template(
        "office/prices.html",
        priced=priced,
        unit_words=UNIT_WORDS,
        may_vote=Permission.GOVERN in viewer().permissions,
        fictional=any(one.fictional for one in priced),
    )


@bp.get("/tarifs/<code>")
@requires(Permission.OFFICE_VIEW)
def price(code: str) -> str:
    """The prices of one offering over time."""
    return _price_page(code, PriceForm())


def _price_page(code: str, form: PriceForm) -> str:
    offering = find_offering(db.session(), code, active_only=False)
    return render_template(
        "office/price.html",
        offering=offering,
        history=price_history(db.session(), offering.id),
        unit=UNIT_WORDS[offering.price_unit],
        form=form,
        today=business_clock().today(),
        may_vote=Permission.GOVERN in viewer().permissions,
    )


@bp.post("/tarifs/<code>")
@requires(Permission.GOVERN)
def vote(code: str) -> Response | tuple[str, int]:
    """Record a voted price from a day on."""
    form = PriceForm()
    if not form.validate():
        return _price_page(code, form), 422
    try:
        vote_price(
            db.session(),
            code,
            _money(form.price.data),
            since=form.since.data,
            source=form.source.data,
            actor=current_actor(),
            clock=business_clock(),
        )
    except (InvalidInput, Conflict) as error:
        db.session.rollback()
        attach(form, error)
        return _price_page(code, form), 422
    db.session.commit()
    return redirect(url_for(".price", code=code), code=303)


def _money(typed: str) -> Money:
    """« 1 234,50 » as money. Raises InvalidInput("price_unreadable")."""
    try:
        return Money.of(Decimal("".join(typed.replace("€", "").split()).replace(",", ".")))
    except (InvalidOperation, ValueError):
        raise InvalidInput("price_unreadable", N_("Write a price such as 320 or 320,50."), field="price") from None
