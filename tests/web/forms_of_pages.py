"""The forms of a page as a browser would send them: what is there already is kept, what is asked is filled plausibly."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from lxml import html

Fields = dict[str, Any]
_numbers = itertools.count(1)

PDF: Final = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
UNTICKED: Final = ("keep_surplus", "yearly_engagement", "end_of_month", "-days")
"""Boxes nobody ticks without more: a surplus there is none of, a public buyer's number, a day of an empty line of hours."""
NOT_TEXT: Final = frozenset({"hidden", "radio", "checkbox", "file", "submit", "button", "image", "reset"})


@dataclass(frozen=True)
class PostedForm:
    """A form of a page: where it goes, what it sends, the values of its first button."""

    action: str
    fields: Mapping[str, Any]
    files: tuple[str, ...]

    def data(self, content: bytes, filename: str) -> Fields:
        """For a test client; a file is a fresh stream each time."""
        return {**self.fields, **{name: (BytesIO(content), filename) for name in self.files}}


def forms_of(page: str, address: str, answers: Mapping[str, str]) -> Iterator[PostedForm]:
    """Every form of a page that is posted. `answers`: what to type, by the name of the field."""
    for form in html.fromstring(page).iter("form"):
        if (form.get("method") or "").lower() == "post":
            yield PostedForm(form.get("action") or address, _fields(form, answers), _files(form))


def _files(form: html.HtmlElement) -> tuple[str, ...]:
    return tuple(control.get("name") for control in form.iter("input") if control.get("type") == "file")


def _fields(form: html.HtmlElement, answers: Mapping[str, str]) -> Fields:
    found: Fields = {}
    outside = form.xpath("//*[@form=$id][not(ancestor::form)]", id=form.get("id") or "none")
    for control in (*form.iter("input", "select", "textarea"), *outside):
        name = control.get("name")
        if name:
            _fill(found, control, name, answers)
    for name, value in answers.items():
        if name in found and not found[name]:
            found[name] = value
    button = next((each for each in form.iter("button") if each.get("name") and each.get("type") != "button"), None)
    if button is not None:
        found[button.get("name")] = button.get("value") or ""
    return found


def _fill(found: Fields, control: html.HtmlElement, name: str, answers: Mapping[str, str]) -> None:
    kind = control.get("type") or "text"
    if control.tag == "select":
        found[name] = _choice(control, answers.get(name))
    elif control.tag == "textarea":
        found[name] = (control.text or "").strip() or answers.get(name, "")
    elif kind in {"radio", "checkbox"}:
        _tick(found, control, name)
    elif kind == "hidden" or kind not in NOT_TEXT:
        found[name] = control.get("value") or _typed(kind, name, answers)


def _choice(control: html.HtmlElement, wanted: str | None) -> str:
    options = [option.get("value") or "" for option in control.iter("option")]
    chosen = [option.get("value") or "" for option in control.iter("option") if option.get("selected") is not None]
    if wanted in options:
        return wanted or ""
    return next((value for value in [*chosen, *options] if value), "")


def _tick(found: Fields, control: html.HtmlElement, name: str) -> None:
    value = control.get("value") or "y"
    if control.get("checked") is not None:
        found[name] = value
    elif not name.endswith(UNTICKED):
        found.setdefault(name, value)


def _typed(kind: str, name: str, answers: Mapping[str, str]) -> str:
    if name in answers:
        return answers[name]
    number = next(_numbers)
    if kind == "email" or "email" in name:
        return f"personne.{number}@example.org"
    return {"number": "2", "date": "2027-02-15", "time": "14:00", "hidden": ""}.get(kind, "")
