"""The French catalogue: fragments by area, merged, verified, given their typography, compiled.

`python -m entrepairs.web.translations` compiles `translations/fr/*.po` to `messages.mo`; with `--check` it also extracts
every msgid of the code and of the templates, and lists those without French and the French nobody uses. A mistake
is one sentence on standard error and exit code 1.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, PoFileParser

from entrepairs.paths import PACKAGE, resource
from entrepairs.web.typography import french_typography

FRENCH: Final = PACKAGE / "translations" / "fr"
COMPILED: Final = FRENCH / "LC_MESSAGES" / "messages.mo"
_PLURAL: Final = (1, 2)
KEYWORDS: Final[dict[str, tuple[int, int] | None]] = {
    **dict.fromkeys(("_", "N_", "_l", "say", "gettext", "lazy_gettext")),
    **dict.fromkeys(("ngettext", "lazy_ngettext", "say_many"), _PLURAL),
}
_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[a-z]")
_LINE: Final = re.compile(r'\s*(?:#.*|(?:(?:msgid|msgid_plural|msgctxt|msgstr(?:\[\d\])?)\s+)?"(?:[^"\\]|\\.)*"\s*)?')

Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One msgid (or singular and plural) with its French form or forms, typography applied."""

    msgids: Texts
    french: Texts
    source: str


@dataclass
class Merged:
    """All entries by msgid, and the sentences about what is wrong."""

    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Keep the entry; the same French twice is fine, two different ones are a problem."""
        known = self.entries.setdefault(entry.msgids[0], entry)
        if known.french != entry.french or (len(known.msgids) != len(entry.msgids)):
            self.problems.append(f"{known.source} and {entry.source}: two texts for {entry.msgids[0]!r}")


class _Recording(Catalog):
    """Sees every entry, duplicates included, which a plain catalogue would fold silently."""

    def __init__(self) -> None:
        super().__init__(locale="fr")
        self.seen: list[Message] = []

    def __setitem__(self, id: str | list[str] | tuple[str, ...], message: Message) -> None:  # noqa: A002 (parent's name)
        self.seen.append(message)
        super().__setitem__(id, message)


def _texts(value: object) -> Texts:
    return tuple(str(part) for part in value) if isinstance(value, list | tuple) else (str(value or ""),)


def read_fragments(paths: Iterable[Path]) -> Merged:
    """Merge the fragments. Problems are collected, all of them, rather than raised one by one."""
    merged = Merged()
    for path in sorted(paths):
        catalog = _Recording()
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            # Babel reads a line without its closing quote and drops a letter: look first.
            merged.problems += [
                f"{path.name}, line {n}: not a catalogue line"
                for n, line in enumerate(lines, 1)
                if not _LINE.fullmatch(line)
            ]
            with path.open("rb") as stream:
                PoFileParser(catalog, ignore_obsolete=True, abort_invalid=True).parse(stream)
        except (PoFileError, UnicodeDecodeError) as problem:
            merged.problems.append(f"{path.name}: {problem}")
            continue
        for message in catalog.seen:
            if message.id:
                _take(merged, message, path.name)
    return merged


def _take(merged: Merged, message: Message, source: str) -> None:
    msgids = _texts(message.id)
    french = tuple(french_typography(text) for text in _texts(message.string))
    where = f"{source}: {msgids[0]!r}"
    if message.fuzzy:
        merged.problems.append(f"{where} is fuzzy: read it again, then take the mark off")
    if not all(french) or len(french) != len(msgids):
        merged.problems.append(f"{where} has no French in one of its forms")
        return
    merged.problems.extend(f"{where} {problem}" for problem in _format_problems(msgids, french))
    merged.add(Entry(msgids, french, source))


def _format_problems(msgids: Texts, french: Texts) -> Iterator[str]:
    """Placeholders lost, invented, or broken by a bare %. The singular may leave its count out."""
    wanted = {name for text in msgids for name in _PLACEHOLDER.findall(text)}
    for at, text in enumerate(french):
        got = set(_PLACEHOLDER.findall(text))
        if got - wanted:
            yield f"has unknown placeholders {sorted(got - wanted)} in French"
        is_singular = len(msgids) > 1 and at == 0
        if wanted - got and not is_singular:
            yield f"lost its placeholders {sorted(wanted - got)} in French"
    if wanted:
        for text in (*msgids, *french):
            try:
                _ = text % dict.fromkeys(_PLACEHOLDER.findall(text), 1)
            except (ValueError, TypeError, KeyError):
                yield f"has a % that is not doubled: {text!r}"


def compile_french(folder: Path = FRENCH, target: Path | None = None) -> Merged:
    """Write the compiled catalogue unless a problem was found; the result tells."""
    merged = read_fragments(folder.glob("*.po"))
    if merged.problems:
        return merged
    catalog = Catalog(locale="fr", charset="utf-8", fuzzy=False)
    for entry in merged.entries.values():
        plural = len(entry.msgids) > 1
        catalog.add(entry.msgids if plural else entry.msgids[0], entry.french if plural else entry.french[0])
    path = target or folder / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside then put in place: a running server never reads half a file.
    aside = path.with_suffix(".part")
    with aside.open("wb") as stream:
        write_mo(stream, catalog)
    aside.replace(path)
    return merged


@dataclass
class Used:
    """Every msgid of the code and of the templates with one place where it is used; and those used without a plural."""

    places: dict[str, str] = field(default_factory=dict)
    alone: dict[str, str] = field(default_factory=dict)


def extract_msgids() -> Used:
    """What the code and the templates say."""
    jinja = "jinja2.ext:babel_extract"
    templates = resource("templates")
    sources: tuple[tuple[Path, list[tuple[str, str]], dict[str, dict[str, str]]], ...] = (
        (PACKAGE, [("**.py", "python")], {}),
        (templates, [("**.html", jinja), ("**.txt", jinja)], {"**": {"silent": "false"}}),
    )
    workers = PACKAGE.parents[1] / "workers"
    if workers.is_dir():  # in a checkout; an installed wheel has nothing left to extract
        sources = (*sources, (workers, [("**.py", "python")], {}))
    used = Used()
    for folder, methods, options in sources:
        for name, line, message, _comments, _context in extract_from_dir(
            folder, method_map=methods, options_map=options, keywords=KEYWORDS
        ):
            texts, place = _texts(message), f"{folder.name}/{name}:{line}"
            used.places.setdefault(texts[0], place)
            if len(texts) == 1:
                used.alone.setdefault(texts[0], place)
    return used


@dataclass(frozen=True, slots=True)
class Gaps:
    """Msgids without French, with a place; French without a msgid, with its fragment.

    What is used alone while its French counts is without French too: the gettext of older Pythons, Debian 12's, does not find it.
    """

    missing: dict[str, str]
    unused: dict[str, str]


def compare(merged: Merged, used: Used) -> Gaps:
    """What each side lacks."""
    entries = merged.entries
    counted = {msgid for msgid, entry in entries.items() if len(entry.msgids) > 1}
    return Gaps(
        missing={msgid: place for msgid, place in sorted(used.places.items()) if msgid not in entries}
        | {msgid: place for msgid, place in sorted(used.alone.items()) if msgid in counted},
        unused={msgid: entry.source for msgid, entry in sorted(entries.items()) if msgid not in used.places},
    )


@click.command()
@click.option("--check", is_flag=True, help="Also list msgids without French and French nobody uses.")
def main(check: bool) -> None:
    """Merge, verify and compile the French catalogue."""
    merged = compile_french()
    complaints = list(merged.problems)
    if check:
        gaps = compare(merged, extract_msgids())
        complaints += [f"no French ({place}): {msgid!r}" for msgid, place in gaps.missing.items()]
        complaints += [f"used nowhere ({source}): {msgid!r}" for msgid, source in gaps.unused.items()]
    for complaint in complaints:
        click.echo(complaint, err=True)
    if complaints:
        raise SystemExit(1)
    click.echo(f"French: {len(merged.entries)} sentences compiled.")


if __name__ == "__main__":
    main()
