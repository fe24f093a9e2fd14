"""The table of the rules of matching in docs/guide/matching.md, written from the rules themselves.

`python -m entrepairs.web.rules_table` writes it between its two marks; with `--check` it only says whether it is current.
"""

import inspect
from pathlib import Path
from typing import Final

import click
from babel.messages.pofile import read_po

from entrepairs.matching.hard_rules import ORDINARY, PERSONAL, Rule
from entrepairs.matching.personal_rules import CHOICES
from entrepairs.matching.scoring import PART_LABELS, Weights
from entrepairs.paths import resource
from entrepairs.web.matching_words import MEANINGS
from entrepairs.web.translations import FRENCH
from entrepairs.web.typography import french_typography

BEGIN: Final = "<!-- rules: written by `python -m entrepairs.web.rules_table`, not by hand -->"
END: Final = "<!-- end of rules -->"


def guide() -> Path:
    """The page that holds the table."""
    return resource("docs") / "guide" / "matching.md"


def rules_table() -> str:
    """Every rule in the order it is checked, then the parts of the score with their weights until a vote."""
    french = _french()
    lines = ["| id | what it holds | said of several people | from |", "|---|---|---|---|"]
    lines += [_line(rule, french[rule.crowd.msgid]) for rule in ORDINARY]
    lines += [
        "",
        f"Personal rules, all told as « {french[CHOICES.msgid]} »:",
        "",
        "| id | what it holds | from |",
        "|---|---|---|",
    ]
    lines += [f"| `{rule.code}` | {_held(rule)} | {rule.source} |" for rule in PERSONAL]
    lines += ["", "Parts of the score:", "", "| part | points until a vote | what earns them |", "|---|---|---|"]
    weights = Weights()
    lines += [
        f"| {french[label]} (`{kind.value}`) | {weights.of(kind)} | {MEANINGS[kind]} |"
        for kind, label in PART_LABELS.items()
    ]
    return "\n".join(lines)


def _line(rule: Rule, said: str) -> str:
    return f"| `{rule.code}` | {_held(rule)} | « {said} » | {rule.source} |"


def _held(rule: Rule) -> str:
    return " ".join((inspect.getdoc(type(rule)) or "").split())


def _french() -> dict[str, str]:
    """The French of one-form messages, typography applied, by msgid."""
    found: dict[str, str] = {}
    for path in sorted(FRENCH.glob("*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale="fr"):
                if isinstance(message.id, str) and isinstance(message.string, str):
                    found[message.id] = french_typography(message.string)
    return found


def with_table(text: str) -> str:
    """The page with today's table between its marks. Raises ValueError without them."""
    before, mark, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not mark or not end:
        msg = f"{guide().name} has lost the marks of its table"
        raise ValueError(msg)
    return f"{before}{BEGIN}\n{rules_table()}\n{END}{after}"


@click.command(help="Writes the table of rules into the guide.")
@click.option("--check", is_flag=True, help="Only say whether it is current.")
def main(check: bool) -> None:
    """Write, or compare."""
    page = guide()
    text = page.read_text(encoding="utf-8")
    wanted = with_table(text)
    if check and wanted != text:
        raise click.ClickException("docs/guide/matching.md: the table of rules is not current.")
    if not check:
        page.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
