"""The `entrepairs` command: one module of `entrepairs.commands` by subcommand, imported only when it is used.

A command module holds `command`, a click command or group with French help. The list shown by `--help` reads
the help out of the source, so that it costs no import of Flask or SQLAlchemy.
"""

import ast
import gc
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Final

import click

from entrepairs import commands
from entrepairs.commands._click_french import speak_french

speak_french()

LOADED_BETWEEN: Final = 100_000
"""Objects between two looks of the rubbish collector: loading makes many that all stay, and a command ends soon."""

WITHOUT_SERVICES = frozenset({"up", "reset"})
"""Commands that must not be pointed at the services of another running `entrepairs up`."""


class LazyGroup(click.Group):
    """A group whose commands are the modules of a package."""

    folder = Path(commands.__path__[0])

    @property
    def modules(self) -> dict[str, str]:
        """Each command's name and its module: dashes for underscores, none at the end (`import_` is `import`)."""
        stems = sorted(path.stem for path in self.folder.glob("*.py") if not path.stem.startswith("_"))
        return {stem.rstrip("_").replace("_", "-"): stem for stem in stems}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every module that is not private."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one command asked for."""
        if cmd_name not in self.modules:
            return None
        gc.set_threshold(LOADED_BETWEEN, 20, 50)
        if cmd_name == "up":
            _end_quietly_when_asked()
        module = importlib.import_module(f"entrepairs.commands.{self.modules[cmd_name]}")
        found: click.Command = module.command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list with each command's first line of help."""
        rows = [(name, self._short_help(name)) for name in self.list_commands(ctx)]
        with formatter.section("Commandes"):
            formatter.write_dl(rows)

    def _short_help(self, name: str) -> str:
        tree = ast.parse((self.folder / f"{self.modules[name]}.py").read_text(encoding="utf-8"))
        helps = (
            keyword.value.value
            for function in tree.body
            if isinstance(function, ast.FunctionDef) and function.name == "command"
            for decorator in function.decorator_list
            if isinstance(decorator, ast.Call)
            for keyword in decorator.keywords
            if keyword.arg in ("help", "short_help") and isinstance(keyword.value, ast.Constant)
        )
        return str(next(helps, "")).partition("\n")[0]


def _end_quietly_when_asked() -> None:
    """Ctrl-C or TERM while `up` itself still loads, before its supervisor listens: nothing runs yet, so end at once."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))


@click.command(
    cls=LazyGroup,
    help="Entrepairs : la plateforme régionale des pairs-aidants en santé mentale.",
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="COMMANDE [OPTIONS]…",
    options_metavar="[OPTIONS]",
)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Point the command at the local services when no other database is given."""
    if ctx.invoked_subcommand not in WITHOUT_SERVICES and not os.environ.get("DATABASE_URL"):
        from entrepairs.commands._local import remembered_environment

        for name, value in remembered_environment().items():
            os.environ.setdefault(name, value)


if __name__ == "__main__":
    main()
