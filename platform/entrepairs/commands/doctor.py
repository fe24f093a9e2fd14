"""`entrepairs doctor`: what is missing or wrong, in plain words."""

import json
import os
import sys
from dataclasses import asdict

import click


@click.command(help="Dit ce qui manque ou ne va pas : services, base, courrier, cadence, secrets, polices.")
@click.option("--json", "as_json", is_flag=True, help="La même chose en JSON, pour un outil de surveillance.")
def command(as_json: bool) -> None:
    """Examine and print; exit 1 when something is wrong (a warning is not)."""
    from entrepairs.commands._examinations import MARKS, Verdict, examine

    findings = examine(os.environ)
    healthy = all(finding.verdict is not Verdict.WRONG for finding in findings)
    if as_json:
        click.echo(json.dumps({"healthy": healthy, "findings": [asdict(f) for f in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{MARKS[finding.verdict]} {finding.subject:<14} {finding.sentence}")
        click.echo("\nTout va bien." if healthy else "\nQuelque chose ne va pas : voir les lignes marquées ✗.")
    sys.exit(0 if healthy else 1)
