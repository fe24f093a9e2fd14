"""Reading an answer to a matter as it was typed, and writing it in words. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from entrepairs.cooperative.rules import TURNOVER
from entrepairs.cooperative.shapes import Matter, Shape
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_, Sentence, say
from entrepairs.kernel.money import Money

LONGEST_TEXT: Final = 1200
MOST_CENTS: Final = 100_000_000
HALVES: Final = ("am_start", "am_end", "pm_start", "pm_end")
"""Parts of the hours of a half-day, in order."""


def parts_of(matter: Matter) -> Sequence[str]:
    """The names of what is typed: `value`, or one by part."""
    if matter.shape is Shape.WEIGHTS:
        return tuple(matter.options)
    return HALVES if matter.shape is Shape.HALF_DAYS else ("value",)


def read_answer(matter: Matter, typed: Mapping[str, Any]) -> Any:
    """The value to record, from what was typed by part: text, or a list of codes.

    Decimals become text, days integers, euros cents. Raises InvalidInput naming the part at fault.
    """
    reader = {
        Shape.PERCENT: _percent,
        Shape.RATE: _rate,
        Shape.DAYS: _days,
        Shape.HOURS: _days,
        Shape.EUROS: _euros,
        Shape.CHOICE: _choice,
        Shape.CHOICES: _choices,
        Shape.YES_NO: _yes_no,
        Shape.WEIGHTS: _weights,
        Shape.HALF_DAYS: _half_days,
        Shape.TEXT: _text,
    }[matter.shape]
    return reader(matter, typed)


def typed_from(matter: Matter, value: Any) -> dict[str, Any]:  # noqa: PLR0911 - one shape each
    """What a form starts from: the value as one would have typed it; empty without a value."""
    if value is None:
        return {}
    if matter.shape is Shape.RATE:
        return {"value": str(value["rate"] if isinstance(value, Mapping) else value).replace(".", ",")}
    if matter.shape is Shape.WEIGHTS:
        return {part: str(points) for part, points in value.items()}
    if matter.shape is Shape.HALF_DAYS:
        return dict(zip(HALVES, [*value["am"], *value["pm"]], strict=True))
    if matter.shape is Shape.EUROS:
        return {"value": str(Money(int(value)).euros).replace(".", ",")}
    if matter.shape is Shape.YES_NO:
        return {"value": "yes" if value else "no"}
    return {"value": list(value) if matter.shape is Shape.CHOICES else str(value)}


def in_words(matter: Matter, value: Any) -> tuple[Sentence | str, ...]:
    """The value as the office reads it; several parts for several choices, none without a value."""
    if value is None:
        return ()
    writers: dict[Shape, Callable[[Matter, Any], tuple[Sentence | str, ...]]] = {
        Shape.PERCENT: _percent_words,
        Shape.RATE: lambda matter, value: _percent_words(
            matter, value["rate"] if isinstance(value, Mapping) else value
        ),
        Shape.DAYS: lambda _, value: (say("%(n)s days", n=value),),
        Shape.HOURS: lambda _, value: (say("%(n)s hours", n=value),),
        Shape.EUROS: lambda _, value: (say("%(amount)s", amount=Money(int(value))),),
        Shape.YES_NO: lambda _, value: (say("Yes") if value else say("No"),),
        Shape.WEIGHTS: _weights_words,
        Shape.HALF_DAYS: _half_days_words,
        Shape.CHOICE: _choices_words,
        Shape.CHOICES: _choices_words,
    }
    writer = writers.get(matter.shape)
    return writer(matter, value) if writer is not None else (str(value),)


def _percent_words(matter: Matter, value: Any) -> tuple[Sentence, ...]:
    return (say("%(rate)s %%", rate=_plain(Decimal(str(value)))),)


def _weights_words(matter: Matter, value: Mapping[str, int]) -> tuple[Sentence, ...]:
    return tuple(
        say("%(part)s: %(points)s", part=Sentence(label), points=value.get(part, 0))
        for part, label in matter.options.items()
    )


def _half_days_words(matter: Matter, value: Mapping[str, Sequence[str]]) -> tuple[Sentence, ...]:
    (first, noon), (after, last) = value["am"], value["pm"]
    return (
        say("Morning: %(start)s to %(end)s", start=_hour(first), end=_hour(noon)),
        say("Afternoon: %(start)s to %(end)s", start=_hour(after), end=_hour(last)),
    )


def _choices_words(matter: Matter, value: Any) -> tuple[Sentence | str, ...]:
    codes = [value] if isinstance(value, str) else value
    return tuple(Sentence(matter.options[code]) if code in matter.options else str(code) for code in codes)


def _percent(matter: Matter, typed: Mapping[str, Any]) -> str:
    try:
        percent = Decimal(str(typed.get("value", "")).replace("%", "").replace(",", ".").strip())
    except InvalidOperation:
        percent = Decimal(-1)
    if not percent.is_finite() or not 0 <= percent <= 100 or percent != percent.quantize(Decimal("0.01")):
        raise InvalidInput(
            "percent_unreadable", N_("Write a percentage between 0 and 100, such as 10 or 8,5."), field="value"
        )
    return str(percent)


def _rate(matter: Matter, typed: Mapping[str, Any]) -> dict[str, str]:
    return {"rate": _percent(matter, typed), "basis": TURNOVER}


def _days(matter: Matter, typed: Mapping[str, Any]) -> int:
    number = _whole(typed.get("value"), matter.longest, "value")
    if number < matter.shortest:
        raise InvalidInput(
            "number_small", N_("Write a whole number, %(least)s at least."), field="value", least=matter.shortest
        )
    return number


def _euros(matter: Matter, typed: Mapping[str, Any]) -> int:
    """Cents, from « 1 000,50 »."""
    plain = "".join(str(typed.get("value") or "").replace("€", "").split()).replace(",", ".")
    try:
        amount = Money.of(Decimal(plain))
    except (InvalidOperation, ValueError, OverflowError):
        amount = Money(-1)
    if not 0 <= amount.cents <= MOST_CENTS:
        raise InvalidInput("amount", N_("Write the amount in euros and cents, such as 1234,50."), field="value")
    return amount.cents


def _whole(text: Any, most: int, field: str) -> int:
    digits = str(text or "").strip()
    if not digits.isdecimal() or int(digits) > most:
        raise InvalidInput("number_unreadable", N_("Write a whole number, %(most)s at most."), field=field, most=most)
    return int(digits)


def _choice(matter: Matter, typed: Mapping[str, Any]) -> str:
    code = str(typed.get("value", ""))
    if code not in matter.options:
        raise InvalidInput("choice_missing", N_("Choose one of the answers."), field="value")
    return code


def _choices(matter: Matter, typed: Mapping[str, Any]) -> list[str]:
    chosen = [code for code in matter.options if code in (typed.get("value") or ())]
    if not chosen:
        raise InvalidInput("choice_missing", N_("Choose at least one of the answers."), field="value")
    return chosen


def _yes_no(matter: Matter, typed: Mapping[str, Any]) -> bool:
    answer = typed.get("value")
    if answer not in {"yes", "no"}:
        raise InvalidInput("choice_missing", N_("Choose one of the answers."), field="value")
    return bool(answer == "yes")


def _weights(matter: Matter, typed: Mapping[str, Any]) -> dict[str, int]:
    points = {part: _whole(typed.get(part), 100, part) for part in matter.options}
    if sum(points.values()) != 100:
        raise InvalidInput(
            "weights_sum",
            N_("The weights make 100 together; here they make %(total)s."),
            field=next(iter(points)),
            total=sum(points.values()),
        )
    return points


def _half_days(matter: Matter, typed: Mapping[str, Any]) -> dict[str, list[str]]:
    walls = {part: _wall(typed.get(part), part) for part in HALVES}
    ordered = [walls[part] for part in HALVES]
    if ordered != sorted(set(ordered)):
        raise InvalidInput("hours_order", N_("The hours of the day follow each other."), field=HALVES[0])
    texts = [wall.strftime("%H:%M") for wall in ordered]
    return {"am": texts[:2], "pm": texts[2:]}


def _wall(text: Any, field: str) -> time:
    try:
        return time.fromisoformat(str(text or ""))
    except ValueError:
        raise InvalidInput("hour_unreadable", N_("Write an hour such as 13:30."), field=field) from None


def _text(matter: Matter, typed: Mapping[str, Any]) -> str:
    text = str(typed.get("value") or "").strip()
    if not text or len(text) > LONGEST_TEXT:
        raise InvalidInput(
            "text_missing", N_("Write the text, %(most)s signs at most."), field="value", most=LONGEST_TEXT
        )
    return text


def _plain(number: Decimal) -> str:
    """« 8,5 » from 8.50."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def _hour(text: str) -> str:
    """« 13 h 30 » from 13:30."""
    hours, minutes = text.split(":")[:2]
    return f"{int(hours)} h {minutes}" if minutes != "00" else f"{int(hours)} h"
