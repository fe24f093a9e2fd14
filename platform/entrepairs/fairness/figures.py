"""The dated figures of this room, as values; see `config/parameters/fairness.toml`."""

from dataclasses import dataclass
from datetime import date

from entrepairs.kernel.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is looked at, and from when something is said. Percents are whole points."""

    recent_months: int
    trend_percent: int
    under_percent: int
    under_months: int
    over_percent: int
    over_weeks: int
    over_wish_percent: int
    weeks_ahead: int
    fewest_people: int

    @classmethod
    def on(cls, figures: Parameters, day: date) -> "Thresholds":
        """The figures in force on a day. Raises ParameterUnknown."""
        return cls(**{name: figures.whole(f"fairness.{name}", day) for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class StudyTerms:
    """How far back a study looks, how often it is made, and who the newcomer would be."""

    study_months: int
    study_every_days: int
    newcomer_radius_km: int
    newcomer_week_hours: int
    newcomer_from_hour: int
    newcomer_to_hour: int

    @classmethod
    def on(cls, figures: Parameters, day: date) -> "StudyTerms":
        """The figures in force on a day. Raises ParameterUnknown."""
        return cls(**{name: figures.whole(f"fairness.{name}", day) for name in cls.__slots__})
