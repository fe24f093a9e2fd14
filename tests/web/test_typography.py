"""The French typography filter."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.web.typography import NARROW, NO_BREAK, french_typography

N, W = NARROW, NO_BREAK


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("l'équipe d'aujourd'hui", "l’équipe d’aujourd’hui"),
        ("jusqu'à %(day)s", "jusqu’à %(day)s"),
        ("d'%(name)s", "d’%(name)s"),
        ("Qui peut venir ?", f"Qui peut venir{N}?"),
        ("Qui peut venir?", f"Qui peut venir{N}?"),
        ("C'est noté !", f"C’est noté{N}!"),
        ("oui ; non", f"oui{N}; non"),
        ("Lieu : en ville", f"Lieu{W}: en ville"),
        ("Lieu: en ville", f"Lieu{W}: en ville"),
        ("%(count)s demandes : voir", f"%(count)s demandes{W}: voir"),
        ("%(name)s : à lire", f"%(name)s{W}: à lire"),
        ("« un souci »", f"«{W}un souci{W}»"),
        ("«un souci»", f"«{W}un souci{W}»"),
        ("« un souci? »", f"«{W}un souci{N}?{W}»"),
        ("«un souci?»", f"«{W}un souci{N}?{W}»"),
        ("« %(name)s » ?", f"«{W}%(name)s{W}»{N}?"),
        ("50 % de 1 234 €", f"50{W}% de 1 234{W}€"),
        ("%(rate)s %% du total", f"%(rate)s{W}%% du total"),
        ("reste %(n)s", "reste %(n)s"),
        ("reste %s", "reste %s"),
        ("de 14 h 30 à 16 h", f"de 14{W}h{W}30 à 16{W}h"),
        ("45 min, 12 km", f"45{W}min, 12{W}km"),
        ("à 14:30, ou 9:05 ?", f"à 14:30, ou 9:05{N}?"),
        ("voir https://exemple.fr/a?b=c;d!e l'aide", "voir https://exemple.fr/a?b=c;d!e l’aide"),
        ("écrire à l'adresse a.b@exemple.fr", "écrire à l’adresse a.b@exemple.fr"),
        ('<a href="/s?x=1" title=\'a\'>l\'aide</a> ?', f'<a href="/s?x=1" title=\'a\'>l’aide</a>{N}?'),
        ("A &amp; B&nbsp;; C", "A &amp; B&nbsp;; C"),
        ("", ""),
        ("rien à changer.", "rien à changer."),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_what_is_read(typed, shown):
    assert french_typography(typed) == shown


pieces = st.lists(
    st.one_of(
        st.sampled_from(
            ["«", "»", " ", "  ", W, N, "'", ";", ":", "!", "?", "%", "€", "%%", "%(n)s", "%(name)s", "14:30", "14 h 30",
             "https://exemple.fr/a?b", "a@b.fr", "<b>", "</b>", "&nbsp;", "{x}", "\n", "3", "h", "mot", "é", "(", ")", "."]
        ),
        st.text(max_size=3),
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(pieces)
def test_applying_it_twice_changes_nothing(text):
    once = french_typography(text)
    assert french_typography(once) == once


@given(pieces)
def test_only_spaces_and_apostrophes_change(text):
    def bare(value):
        return re.sub(rf"[ {W}{N}]", "", value).replace("’", "'")

    assert bare(french_typography(text)) == bare(text)


@given(pieces)
def test_placeholders_tags_and_times_come_out_whole(text):
    shown = french_typography(text)
    for pattern in (r"%\(\w+\)s", r"</?b>", r"https://exemple\.fr/a\?b"):
        assert re.findall(pattern, shown) == re.findall(pattern, text)
