"""A day typed on a command line."""

from datetime import date

import click


class Day(click.ParamType[date]):
    """`2026-11-23`, given as a date."""

    name = "AAAA-MM-JJ"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Raises BadParameter with how a day is written."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(
                f"« {value} » n'est pas un jour : écrivez l'année, le mois et le jour, comme 2026-11-23.", param, ctx
            )

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """How it is shown in the help."""
        return self.name
