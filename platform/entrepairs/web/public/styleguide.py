"""`/styleguide`: every component in every state, in development and in tests only."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from flask import current_app, render_template
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    FileField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    widgets,
)
from wtforms.validators import InputRequired

from entrepairs.fairness.hours import MonthOfHours, Share, Window
from entrepairs.fairness.spread import Spread
from entrepairs.kernel.dates import at_paris
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.web.access import public
from entrepairs.web.fairness_words import axis_words, band_rows, month_rows
from entrepairs.web.hour_pictures import dots_picture, hours_picture
from entrepairs.web.pictures import MonthMoney, WeekEvent, ageing_bars, months_chart, week_picture
from entrepairs.web.public import bp

MONDAY = date(2027, 1, 11)


class SampleForm(FlaskForm):  # type: ignore[misc]
    """One field of each kind; the guide shows it bare, filled and refused."""

    title = StringField("Objet", [InputRequired("Dites en quelques mots ce qu’il faut.")])
    place = SelectField(
        "Lieu", choices=[SelectChoice("tamaris", "CMP Les Tamaris"), SelectChoice("glycines", "HDJ Les Glycines")]
    )
    day = DateField("Jour", [InputRequired("Choisissez un jour.")])
    start = TimeField("Début", [InputRequired()])
    end = TimeField("Fin", [InputRequired()])
    offering = RadioField(
        "Que souhaitez-vous ?",
        [InputRequired("Choisissez une prestation.")],
        choices=[
            SelectChoice("wrap", "Groupe WRAP"),
            SelectChoice("talks", "Entretiens"),
            SelectChoice("workshop", "Atelier"),
            SelectChoice("team", "Médiation"),
        ],
    )
    answer = RadioField("Cela convient ?", choices=[SelectChoice("yes", "Oui"), SelectChoice("no", "Non")])
    goals = SelectMultipleField(
        "Objectifs",
        choices=[
            SelectChoice("power", "Pouvoir d’agir"),
            SelectChoice("esteem", "Estime de soi"),
            SelectChoice("rights", "Droits"),
            SelectChoice("plan", "Plan de crise"),
        ],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    budget = DecimalField("Budget prévu")
    note = TextAreaField("Ce qu’il est utile de savoir")
    evidence = FileField("Document")
    agreed = BooleanField("J’ai lu la convention 2027")


@dataclass(frozen=True)
class Sample:
    """A named piece of the guide."""

    week: Any
    empty_week: Any
    months: Any
    ages: Any
    hours: Any
    hour_rows: Any
    dots: Any
    dot_rows: Any


@bp.get("/styleguide")
@public
def styleguide() -> str:
    """The guide. Elsewhere than in development and tests the page does not exist: raises NotFound."""
    if not (current_app.debug or current_app.testing or current_app.config.get("ENV") in {"development", "test"}):
        raise NotFound("page", N_("This page does not exist, or is not for you."))
    return render_guide()


def render_guide() -> str:
    """The guide itself."""
    filled = SampleForm(
        data={
            "title": "Groupe du jeudi",
            "day": date(2027, 1, 21),
            "start": time(14),
            "end": time(16),
            "offering": "wrap",
            "goals": ["power", "plan"],
            "note": "Salle au rez-de-chaussée.",
            "agreed": True,
        },
        prefix="ok",
        meta={"csrf": False},
    )
    refused = SampleForm(prefix="no", meta={"csrf": False})
    refused.validate()
    return render_template(
        "public/styleguide.html",
        today=MONDAY,
        filled=filled,
        refused=refused,
        sample=_sample(),
        amount=Money(123_450),
        moment=at_paris(date(2027, 1, 5), time(16, 12)),
        until=at_paris(date(2027, 1, 5), time(18)),
    )


def _sample() -> Sample:
    months = [
        MonthMoney(
            date(2025 + n // 12, n % 12 + 1, 1),
            own=Money(1_500_000 + 95_000 * n - (1_400_000 if n % 12 == 7 else 0)),
            grants=Money(2_900_000 - 38_000 * n),
            costs=Money(4_200_000 + 55_000 * n - (700_000 if n % 12 == 7 else 0)),
        )
        for n in range(24)
    ]
    ages = [
        ("À échoir", Money(1_940_000)),
        ("1 à 30 jours", Money(820_000)),
        ("31 à 60 jours", Money(310_000)),
        ("Plus de 60 jours", Money(90_000)),
    ]
    return Sample(
        week=week_picture(MONDAY, _events(), days=5, today=MONDAY),
        empty_week=week_picture(MONDAY, [], days=5, start_hour=9, end_hour=12),
        months=months_chart(months),
        ages=ageing_bars(ages),
        hours=hours_picture(_share()),
        hour_rows=month_rows(_share()),
        dots=dots_picture(_around().percents, 50, axis_words()),
        dot_rows=band_rows(_around()),
    )


def _share() -> Share:
    done = (18, 26, 30, 22, 34, 40, 12, 0, 28, 36, 30, 24, 8, 0, 0)
    promised = (0,) * 11 + (4, 22, 26, 10)
    months = zip(Window(MONDAY).months, done, promised, strict=True)
    return Share(
        peer_id=0,
        ref="",
        first_name="Samira",
        last_name="A.",
        departement="13",
        commune="Marseille",
        wished=35 * 60,
        weekly_most=20 * 60,
        outside=0,
        volunteer=False,
        joined_on=date(2020, 1, 1),
        today=MONDAY,
        months=tuple(MonthOfHours(month, told * 60, booked * 60) for month, told, booked in months),
    )


def _around() -> Spread:
    return Spread(tuple(sorted((n * n * 7) % 230 for n in range(60))))


def _events() -> list[WeekEvent]:
    def event(day: int, begin: time, finish: time, title: str, **more: str) -> WeekEvent:
        on = date(2027, 1, day)
        return WeekEvent(title, at_paris(on, begin), at_paris(on, finish), **more)

    return [
        event(11, time(9), time(10, 30), "Présence en service", detail="CMP Les Oliviers", tone="done", word="fait"),
        event(12, time(14), time(16), "Groupe WRAP", detail="Les Glycines", url="#week"),
        event(13, time(8), time(12), "Absence", tone="absence"),
        event(14, time(10), time(12), "Entretiens", detail="CMP"),
        event(14, time(11), time(13), "Supervision", detail="Au local"),
        event(15, time(14), time(16), "Médiation", tone="prop", word="à choisir"),
    ]
