"""How missions are spoken of on every front door: where, who welcomes, answers, lengths; the PDF of an order."""

import io
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import quote_plus

from flask import current_app, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from entrepairs.demands.models import Demand, PlaceKind
from entrepairs.demands.states import AssignmentState
from entrepairs.documents.storing import read_file
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.missions.models import Handover, MissionOrder, ServiceAnswer
from entrepairs.missions.queries import MissionPage
from entrepairs.network.models import Referent
from entrepairs.network.rules import in_force
from entrepairs.web.demand_words import Chip, _
from entrepairs.web.filters import duration

ANSWERS: Final[dict[ServiceAnswer, tuple[str, str]]] = {
    ServiceAnswer.CONFIRMED: ("ok", N_("Confirmed")),
    ServiceAnswer.CORRECTED: ("ok", N_("Corrected")),
    ServiceAnswer.DISPUTED: ("no", N_("Under discussion")),
    ServiceAnswer.TACIT: ("done", N_("Confirmed by silence")),
}
HANDOVERS: Final[dict[Handover, str]] = {
    Handover.TO_REFERENT: N_("Done, with the person in charge"),
    Handover.IN_OWN_TAB: N_("In the tab of the record"),
    Handover.NOTHING: N_("Nothing to hand over"),
}
_MAP: Final = "https://www.openstreetmap.org/search?query="


def answer_chip(answer: ServiceAnswer) -> Chip:
    """The chip of the structure's word."""
    tone, label = ANSWERS[answer]
    return Chip(tone, _(label))


def welcomer_of(demand: Demand, today: date) -> Referent | None:
    """Who welcomes on the site: the named person before the deputy."""
    present = [one for one in (demand.site.referents if demand.site else ()) if in_force(one, today)]
    return min(present, key=lambda one: one.deputy, default=None)


def map_address(demand: Demand) -> str:
    """A map of the service, opened by a link; empty for a home, the town and a meeting at a distance."""
    if demand.place_kind is not PlaceKind.SITE or demand.site is None:
        return ""
    site = demand.site
    place = ", ".join(part for part in (site.address, f"{site.postcode} {site.commune.name}".strip()) if part)
    return _MAP + quote_plus(place)


def length_choices(*kept: int) -> list[SelectChoice]:
    """Quarters of an hour up to four hours, then half-hours up to ten; and the values already there."""
    usual = {*range(15, 241, 15), *range(270, 601, 30), *(one for one in kept if one)}
    return [SelectChoice("0", "—"), *(SelectChoice(str(minutes), duration(minutes)) for minutes in sorted(usual))]


def told_hours(hours: Mapping[str, int], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Activities with their length, in the order of the closed list."""
    return [(name, duration(hours[code])) for code, name in names.items() if hours.get(code)]


def order_pdf(session: Session, order: MissionOrder | None) -> Response:
    """The PDF of an order, opened by the browser. Raises NotFound while it is not drawn."""
    if order is None or order.file is None:
        raise NotFound("order", N_("Your mission order is being prepared: come back in a minute."))
    content = read_file(session, order.file.id)
    answer = send_file(io.BytesIO(content), mimetype=order.file.media, download_name=order.file.filename, max_age=0)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def address_of(endpoint: str, **values: Any) -> str:
    """The address of another room's page, empty while that page does not exist."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def give_back_address(mission: MissionPage) -> str:
    """The page of the accepted proposal, where « je ne peux finalement pas » is said; empty once it is over."""
    live = mission.assignment.state is AssignmentState.CONFIRMED
    return address_of("peers.offer", ref=mission.offer.ref) if live and mission.offer else ""
