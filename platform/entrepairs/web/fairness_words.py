"""Hours, coverage and newcomers put into words: for the office, and for the person themselves. No rank, no index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from entrepairs.fairness.coverage import Covered, Outcome
from entrepairs.fairness.departements import REMOTE, departement_named
from entrepairs.fairness.figures import Thresholds
from entrepairs.fairness.hours import HALF, Alert, AlertKind, Share, Trend, recent_minutes, trend
from entrepairs.fairness.reasons import CHOICES, FEW, NO_TAKER
from entrepairs.fairness.shares import Watched
from entrepairs.fairness.spread import LAST, Band, Spread
from entrepairs.kernel.i18n import N_
from entrepairs.matching.hard_rules import ORDINARY
from entrepairs.network.vocabulary import QUALIFICATIONS
from entrepairs.web.demand_words import _, ngettext
from entrepairs.web.filters import duration, month
from entrepairs.web.words import words

TRENDS: Final[Mapping[Trend, str]] = {
    Trend.MORE: N_("more hours than before"),
    Trend.LESS: N_("fewer hours than before"),
    Trend.STEADY: N_("as many hours as before"),
    Trend.UNKNOWN: N_("too early to say"),
}
ALERTS: Final[Mapping[AlertKind, tuple[str, str, str]]] = {
    AlertKind.UNDER: ("prop", N_("hours to find"), "search"),
    AlertKind.OVER: ("todo", N_("very full weeks"), "calendar-week"),
}
"""Tone, word and icon."""
OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.SERVED: N_("somebody comes or came"),
    Outcome.LOOKING: N_("we are looking"),
    Outcome.UNFILLED: N_("nobody found"),
    Outcome.PREPARED: N_("not firm yet"),
    Outcome.REFUSED: N_("answered no"),
}
WHYS: Final[Mapping[str, str]] = {
    "team": N_("not enough people in the team on these dates"),
    "qualification": N_("not enough people with the qualification asked"),
    "language": N_("not enough people who speak the language asked"),
    "usual_hours": N_("not enough people available at these hours"),
    "taken": N_("those who could were on other missions"),
    "daily_rest": N_("the rest between two days of those who could"),
    "day_length": N_("the legal length of a day"),
    "week_length": N_("the legal length of a week"),
    "weekly_rest": N_("the weekly rest of those who could"),
    CHOICES: N_("according to people's own choices or rhythms"),
    NO_TAKER: N_("people could come: nobody was asked yet, or nobody could say yes"),
    FEW: N_("too few people concerned to tell more"),
}
"""What was missing first, said of a demand."""
AXIS: Final = (
    N_("no hour at all"),
    N_("half"),
    N_("the wish"),
    N_("half more"),
    N_("twice and more"),
)


def axis_words() -> list[str]:
    """What stands under the dots."""
    return [_(word) for word in AXIS]


def spread_sentence(found: Spread, thresholds: Thresholds) -> str:
    """« 7 personnes sur 24 font moins de la moitié des heures qu'elles souhaitent. »"""
    if not found.people:
        return _("Nobody to compare yet: hours are looked at from the first complete month in the team on.")
    below = found.below(thresholds.under_percent)
    part = _part(thresholds.under_percent)
    if not below:
        return _("Nobody has less than %(part)s of the hours they wish.", part=part)
    if below == 1:
        return _(
            "One person of %(people)s has less than %(part)s of the hours they wish.", people=found.people, part=part
        )
    return _(
        "%(below)s people of %(people)s have less than %(part)s of the hours they wish.",
        below=below,
        people=found.people,
        part=part,
    )


def _part(percent: int) -> str:
    return _("half") if percent == HALF else _("%(percent)s %%", percent=percent)


def near_sentence(found: Spread) -> str:
    """How many are near their wish; nothing when nobody is."""
    if not found.near:
        return ""
    return ngettext("One person is near their wish.", "%(num)s people are near their wish.", found.near)


def apart_sentence(found: Spread) -> str:
    """Who is not on the picture."""
    return ngettext(
        "One person is not on the picture: no hour wished, or not a complete month in the team yet.",
        "%(num)s people are not on the picture: no hour wished, or not a complete month in the team yet.",
        found.apart,
    )


def band_rows(found: Spread) -> list[tuple[str, str]]:
    """The table of the dots."""
    return [(_band(band), str(band.people)) for band in found.bands]


def _band(band: Band) -> str:
    if band.until is None:
        return (
            _("twice the hours wished, or more")
            if band.since == LAST
            else _("%(percent)s %% or more", percent=band.since)
        )
    return _("from %(since)s to %(until)s %% of the hours wished", since=band.since, until=band.until)


class AlertWords(NamedTuple):
    """What is looked at, in words: tone and icon of its chip, its word, why."""

    tone: str
    label: str
    icon: str
    why: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person's line: hours written, trend and alerts in words."""

    share: Share
    wished: str
    recent: str
    this_month: str
    to_come: str
    trend: str
    alerts: Sequence[AlertWords]


def person_row(one: Watched, thresholds: Thresholds) -> PersonRow:
    """The words of a share."""
    share, recent = one.share, recent_minutes(one.share, thresholds.recent_months)
    return PersonRow(
        share=share,
        wished=duration(share.wished) if share.wished else "—",
        recent="—" if recent is None else duration(_quarter(recent)),
        this_month=duration(share.this_month.total),
        to_come=duration(share.to_come),
        trend=_(TRENDS[trend(share, thresholds)]) if share.wished else _("wishes no mission"),
        alerts=[_alert(alert) for alert in one.alerts],
    )


def _alert(alert: Alert) -> AlertWords:
    tone, label, icon = ALERTS[alert.kind]
    return AlertWords(tone, _(label), icon, words(alert.why))


def _quarter(minutes: int) -> int:
    """Rounded to a quarter of an hour: an average has no minutes."""
    return (minutes + 7) // 15 * 15


def month_rows(share: Share) -> list[tuple[str, str, str, str]]:
    """The table of the months: done, promised, wished."""
    wished = duration(share.wished) if share.wished else "—"
    return [(month(one.month), duration(one.done), duration(one.promised), wished) for one in share.months]


def picture_label(share: Share, thresholds: Thresholds) -> str:
    """What the picture of months shows, in a sentence."""
    recent = recent_minutes(share, thresholds.recent_months)
    if recent is None:
        return _("Hours by month; the first complete month is still to come.")
    hours = duration(_quarter(recent))
    if not share.wished:
        return _("Hours by month: %(hours)s a month on average lately.", hours=hours)
    return _(
        "Hours by month: %(hours)s a month on average lately, %(wished)s wished.",
        hours=hours,
        wished=duration(share.wished),
    )


def own_lead(share: Share, thresholds: Thresholds) -> str:
    """The same, said to the person."""
    recent = recent_minutes(share, thresholds.recent_months)
    if recent is None:
        return _("Your hours will be drawn from your first complete month on.")
    hours = duration(_quarter(recent))
    if not share.wished:
        return _("%(hours)s a month on average lately.", hours=hours)
    return _(
        "%(hours)s a month on average lately; you wish for %(wished)s.",
        hours=hours,
        wished=duration(share.wished),
    )


def own_sentence(one: Watched, thresholds: Thresholds) -> str:
    """What the association looks at, said to the person: never a reproach, always a way."""
    if one.has(AlertKind.OVER):
        return _("Your weeks to come are very full. You may say no, or ask for fewer: it costs nothing.")
    if one.has(AlertKind.UNDER):
        return _("This is less than you wish, and the association sees it: you are among those it looks for hours for.")
    found = trend(one.share, thresholds)
    return "" if found is Trend.UNKNOWN else _("You have %(trend)s.", trend=_(TRENDS[found]))


@dataclass(frozen=True, slots=True)
class Tile:
    """A département on the map and in the table."""

    code: str
    name: str
    covered: Covered
    sentence: str
    whys: Sequence[str]


def tiles(found: Sequence[Covered]) -> list[Tile]:
    """Every département in words; those outside the territory only when they have demands."""
    return [
        Tile(one.departement, place_name(one.departement), one, _tile_sentence(one), why_lines(one)) for one in found
    ]


def place_name(code: str) -> str:
    """« Var »; « à distance »."""
    known = departement_named(code)
    if known is not None:
        return known.name
    return _("At a distance") if code == REMOTE else code


def _tile_sentence(one: Covered) -> str:
    if not one.total:
        return _("no demand")
    demands = ngettext("one demand", "%(num)s demands", one.total)
    if not one.without:
        return _("%(demands)s, nobody missing", demands=demands)
    missing = ngettext("somebody missing for one", "somebody missing for %(num)s", one.without)
    return f"{demands}, {missing}"


def why_lines(one: Covered) -> list[str]:
    """« 2 : pas assez de personnes avec la qualification demandée »."""
    lines = [_("%(count)s: %(why)s", count=count, why=_why(why)) for why, count in one.whys]
    if one.unstudied:
        lines.append(_("%(count)s: not looked into yet", count=one.unstudied))
    return lines


def _why(code: str) -> str:
    if code in WHYS:
        return _(WHYS[code])
    rule = next((rule for rule in ORDINARY if rule.code == code), None)
    return words(rule.crowd) if rule is not None else code


def coverage_rows(found: Sequence[Tile]) -> list[list[str]]:
    """The table of the map: all demands, then those of each outcome."""
    return [
        [tile.name, str(tile.covered.total), *(str(tile.covered.count(outcome)) for outcome in Outcome)]
        for tile in found
    ]


@dataclass(frozen=True, slots=True)
class HelpLine:
    """Where one more person would serve most."""

    title: str
    detail: str
    demands: int


def help_lines(newcomers: Sequence[Mapping[str, Any]], most: int) -> list[HelpLine]:
    """The first lines of a study's answer, in sentences."""
    return [_help(one) for one in newcomers[:most]]


def _help(one: Mapping[str, Any]) -> HelpLine:
    place = departement_named(one["departement"])
    where = place.with_article if place else one["departement"]
    town = place.main.name if place else ""
    held = [_(QUALIFICATIONS.get(kind, kind)) for kind in one["qualifications"]]
    served = ngettext("would have made one demand possible", "would have made %(num)s demands possible", one["demands"])
    if held:
        title = _(
            "One more person in %(where)s with “%(qualification)s” %(served)s.",
            where=where,
            qualification=_(" and ").join(held),
            served=served,
        )
    else:
        title = _(
            "One more person in %(where)s, without any special qualification, %(served)s.", where=where, served=served
        )
    return HelpLine(title, _help_detail(town, int(one["members"]), bool(held)), int(one["demands"]))


def _help_detail(town: str, members: int, qualified: bool) -> str:
    near = _("From %(town)s, at usual hours.", town=town)
    if not qualified:
        return near
    if not members:
        return _("%(near)s Nobody to train on the spot: somebody to welcome.", near=near)
    learn = ngettext("One member who lives there could train.", "%(num)s members who live there could train.", members)
    return f"{near} {learn}"
