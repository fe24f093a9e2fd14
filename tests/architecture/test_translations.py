"""The French catalogue is complete: no sentence without French, no French without a sentence, no doubt left."""

from entrepairs.web.translations import FRENCH, compare, extract_msgids, read_fragments


def test_every_fragment_is_sound():
    assert read_fragments(FRENCH.glob("*.po")).problems == []


def test_every_sentence_has_its_french_and_no_french_is_left_without_a_use():
    gaps = compare(read_fragments(FRENCH.glob("*.po")), extract_msgids())
    assert [f"{place}: {msgid}" for msgid, place in gaps.missing.items()] == []
    assert [f"{source}: {msgid}" for msgid, source in gaps.unused.items()] == []
