"""`entrepairs plan solve`: a planning problem in a file, solved by the same engine as the association's own plans."""

import gettext
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.i18n import Sentence

if TYPE_CHECKING:
    from entrepairs.planning.problem import Problem
    from entrepairs.planning.running_engine import News

FILE: Final = click.Path(dir_okay=False, path_type=Path)


@click.command(help="Cherche le meilleur plan d'un problème donné en fichier (JSON). Aucune base n'est lue.")
@click.argument("instance", metavar="INSTANCE.json", type=FILE)
@click.option("--seconds", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="Temps de recherche.")
@click.option("--seed", type=int, default=1, show_default=True, help="Graine du hasard.")
@click.option("--iterations", type=click.IntRange(min=1), help="Nombre de morceaux à améliorer, au lieu d'un temps.")
@click.option("--out", required=True, type=FILE, metavar="PLAN.json", help="Où écrire le plan.")
@click.option("--trace", "trace_path", type=FILE, metavar="TRACE.json", help="Où écrire la marche de la recherche.")
def solve(
    instance: Path, *, seconds: float, seed: int, iterations: int | None, out: Path, trace_path: Path | None
) -> None:
    """Ctrl-C stops the search and keeps the best."""
    from entrepairs.planning.instances import read_instance, written_plan

    search = _Search()
    with _refusals():
        problem = read_instance(instance)
        lost = search.follow(problem, seconds=None if iterations else seconds, seed=seed, iterations=iterations)
        if search.chosen is not None:
            _write(out, written_plan(problem, search.chosen))
        if trace_path is not None:
            _write(trace_path, json.dumps({"seed": seed, "trace": search.trace}) + "\n")
    click.echo(search.summary(problem))
    if lost is not None:
        raise _Refused(in_french(lost))


class _Search:
    """The best plan, and how it came."""

    def __init__(self) -> None:
        self.chosen: Any = None
        self.trace: list[dict[str, float]] = []
        self.last: News | None = None

    def follow(
        self, problem: "Problem", *, seconds: float | None, seed: int, iterations: int | None
    ) -> DomainError | None:
        """Listen until the end or Ctrl-C; the refusal when the engine was lost on the way."""
        from entrepairs.kernel.errors import Unavailable
        from entrepairs.planning.running_engine import engine_at_work

        # As a service manager or `timeout` stops a command: like Ctrl-C, the best is kept.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with engine_at_work(problem, seconds=seconds, seed=seed, iterations=iterations) as news:
                for each in news:
                    self._hear(each)
        except KeyboardInterrupt:
            return None
        except Unavailable as lost:
            return lost
        return None

    def _hear(self, news: "News") -> None:
        from entrepairs.planning.problem import POINT

        if news.chosen is not None:
            self.chosen = news.chosen
        if news.best is None or news.bound is None:
            return
        told = self.last
        if told is None or (news.best, news.bound) != (told.best, told.bound) or news.ended:
            row = {"time": round(news.seconds, 3), "best": news.best / POINT, "bound": news.bound / POINT}
            self.trace.append(row)
        self.last = news

    def summary(self, problem: "Problem") -> str:
        """Score, bound and gap in a sentence."""
        from entrepairs.planning.problem import POINT, score
        from entrepairs.planning.progress import gap

        if self.chosen is None or self.last is None or self.last.bound is None:
            return "Aucun plan n'a été trouvé dans ce temps."
        best = score(problem, self.chosen)
        served = len(problem.plan(self.chosen))
        return (
            f"Plan trouvé en {_comma(self.last.seconds, 1)} s : {served} demandes servies sur {len(problem.requests)}. "
            f"Score {_comma(best / POINT, 1)}, borne {_comma(self.last.bound / POINT, 1)}, "
            f"écart {_comma(100 * gap(best, self.last.bound), 3)} %."
        )


def _comma(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _Refused(f"Le fichier {path} n'a pas pu être écrit : {error.strerror}.") from error


class _Refused(click.ClickException):
    """A refusal, printed as it is; exit 1. The application, heavy and tied to a database, is not loaded for it."""

    def show(self, file: Any = None) -> None:
        """Print the sentence alone."""
        click.echo(self.message, err=True)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except DomainError as refusal:
        raise _Refused(in_french(refusal)) from refusal


def in_french(refusal: DomainError) -> str:
    """The refusal's sentence, by the compiled catalogue alone."""
    from entrepairs.paths import PACKAGE

    catalogue = gettext.translation("messages", PACKAGE / "translations", ["fr"], fallback=True)

    def said(msgid: str, params: dict[str, object]) -> str:
        shown = {
            name: said(value.msgid, dict(value.params)) if isinstance(value, Sentence) else value
            for name, value in params.items()
        }
        text = catalogue.gettext(msgid)
        return text % shown if shown else text

    return said(refusal.message, refusal.params)
