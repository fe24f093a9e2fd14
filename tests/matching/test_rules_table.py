"""The guide's table of rules is the rules themselves, and each has its words."""

from entrepairs.matching.hard_rules import ORDINARY, PERSONAL
from entrepairs.web.rules_table import guide, rules_table, with_table


def test_the_table_of_the_guide_is_current() -> None:
    text = guide().read_text(encoding="utf-8")
    assert with_table(text) == text, "run: python -m entrepairs.web.rules_table"


def test_every_rule_is_in_the_table_with_its_french_and_its_source() -> None:
    lines = rules_table().splitlines()
    for rule in (*ORDINARY, *PERSONAL):
        line = next(line for line in lines if line.startswith(f"| `{rule.code}` |"))
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert all(cells), line
        assert cells[-1] == rule.source
    assert "selon ses choix ou son rythme" in rules_table()
