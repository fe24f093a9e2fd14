"""Merging and compiling the French fragments."""

import gettext

import pytest

from entrepairs.web.translations import Used, compare, compile_french, extract_msgids, read_fragments

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'


@pytest.fixture
def fragments(tmp_path):
    def write(**bodies):
        for name, body in bodies.items():
            (tmp_path / f"{name}.po").write_text(HEADER + body, encoding="utf-8")
        return tmp_path

    return write


def test_fragments_are_merged_with_typography_and_plurals(fragments):
    folder = fragments(
        one='msgid "Who can come?"\nmsgstr "Qui peut venir ?"\n\nmsgid "Help"\nmsgstr "L\'aide"\n',
        two='msgid "Help"\nmsgstr "L\'aide"\n\nmsgid "%(n)s day"\nmsgid_plural "%(n)s days"\n'
        'msgstr[0] "un jour"\nmsgstr[1] "%(n)s jours"\n',
    )
    merged = compile_french(folder)
    assert merged.problems == []
    with (folder / "LC_MESSAGES" / "messages.mo").open("rb") as stream:
        french = gettext.GNUTranslations(stream)
    assert french.gettext("Who can come?") == "Qui peut venir\u202f?"
    assert french.gettext("Help") == "L’aide"
    assert french.ngettext("%(n)s day", "%(n)s days", 0) == "un jour"
    assert french.ngettext("%(n)s day", "%(n)s days", 2) == "%(n)s jours"
    assert french.gettext("Never translated") == "Never translated"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('msgid "A"\nmsgstr "un"\n\nmsgid "A"\nmsgstr "deux"\n', "two texts"),
        ('msgid "A"\nmsgstr ""\n', "no French"),
        ('#, fuzzy\nmsgid "A"\nmsgstr "un"\n', "fuzzy"),
        ('msgid "A %(x)s"\nmsgstr "un"\n', "lost its placeholders"),
        ('msgid "A"\nmsgstr "un %(x)s"\n', "unknown placeholders"),
        ('msgid "A %(x)s"\nmsgstr "un %(x)s et 50 % à venir"\n', "not doubled"),
        ('msgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "un jour"\nmsgstr[1] ""\n', "no French"),
        ('msgid "A"\nmsgstr "un\n', "1.po"),
    ],
)
def test_a_wrong_entry_is_named_and_nothing_is_compiled(fragments, body, complaint):
    folder = fragments(**{"1": body})
    merged = compile_french(folder)
    assert len(merged.problems) >= 1
    assert complaint in merged.problems[0]
    assert not (folder / "LC_MESSAGES").exists()


def test_two_fragments_may_not_disagree(fragments):
    folder = fragments(one='msgid "A"\nmsgstr "un"\n', two='msgid "A"\nmsgstr "deux"\n')
    assert read_fragments(folder.glob("*.po")).problems == ["one.po and two.po: two texts for 'A'"]


def test_a_bare_percent_is_fine_without_placeholders(fragments):
    assert compile_french(fragments(one='msgid "Half: 50 %"\nmsgstr "La moitié : 50 %"\n')).problems == []


def test_what_lacks_french_and_what_nobody_uses_are_listed(fragments):
    merged = read_fragments(fragments(one='msgid "A"\nmsgstr "un"\n\nmsgid "B"\nmsgstr "deux"\n').glob("*.po"))
    gaps = compare(merged, Used({"A": "x.py:1", "C": "y.py:2"}))
    assert gaps.missing == {"C": "y.py:2"}
    assert gaps.unused == {"B": "one.po"}


def test_what_is_used_alone_needs_a_french_of_its_own_beside_the_one_that_counts(fragments):
    text = 'msgid "one"\nmsgid_plural "%(num)s"\nmsgstr[0] "un"\nmsgstr[1] "%(num)s"\n'
    merged = read_fragments(fragments(one=text).glob("*.po"))
    assert compare(merged, Used({"one": "x.py:1"})).missing == {}
    assert compare(merged, Used({"one": "x.py:1"}, alone={"one": "y.html:2"})).missing == {"one": "y.html:2"}


def test_sentences_of_the_rooms_are_extracted():
    used = extract_msgids()
    assert "A postcode has 5 digits, such as 13001." in used.alone
    assert "one draft" in used.places.keys() - used.alone.keys()
