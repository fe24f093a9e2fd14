"""What Click says of itself: in French, and of the Click that is installed."""

import ast
from pathlib import Path
from string import Formatter

import click
import pytest
from click.testing import CliRunner

from entrepairs.cli import main
from entrepairs.commands._click_french import SAID, SAID_BY_NUMBER


def clicks_own() -> set[str]:
    """Every sentence that the installed Click would have translated, the singular of those that count."""
    said = {"required"}  # asked for by itself, not by a sentence written where it is used
    for file in Path(click.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
                said |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    return said


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_each_sentence_is_one_of_clicks_and_asks_no_more_than_it_is_given() -> None:
    assert {*SAID, *SAID_BY_NUMBER} <= clicks_own()
    for english, french in SAID.items():
        assert placeholders(french) <= placeholders(english), english


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("billing close", "Il manque 'AAAA-MM'."),
        ("nope", "La commande nope n'existe pas."),
        ("billing close 2026-01 2026-02", "Il y a un mot de trop : 2026-02"),
        ("up --size Q", "'--size' : « Q » n'est pas parmi : 'S', 'M', 'L'."),
        ("up --siz S", "L'option --siz n'existe pas. Vouliez-vous dire '--size' ?"),
        ("fec check --first-day demain x", "« demain » n'est pas un jour"),
    ],
)
def test_a_mistake_is_said_in_french_whatever_the_machine_speaks(typed: str, said: str) -> None:
    shown = CliRunner().invoke(main, typed.split(), env={"LANG": "C", "LANGUAGE": "en"})
    assert shown.exit_code == 2
    assert said in shown.output
    assert "Usage :" in shown.output
    assert "Error" not in shown.output
