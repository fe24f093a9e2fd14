"""The identity detector: what it refuses, what it warns about, what it leaves alone."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.fr import nir

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.text_checks import FindingKind, Severity, check_free_text, ensure_no_identity, refused
from entrepairs.kernel.text_ordinary import ORDINARY
from entrepairs.kernel.text_vocabulary import DAYS_AND_MONTHS, FUNCTIONS, GIVEN_NAMES

K = FindingKind

REFUSED = [
    ("M. Dupont arrive à 14 h.", K.PERSON_NAME),
    ("Nous accueillons Mme D. depuis lundi", K.PERSON_NAME),
    ("Mme X est d'accord", K.PERSON_NAME),
    ("Monsieur Le Gall souhaite une rencontre", K.PERSON_NAME),
    ("madame Martin attend", K.PERSON_NAME),
    ("MME DUPONT", K.PERSON_NAME),
    ("Mlle Benali a demandé", K.PERSON_NAME),
    ("Monsieur et Madame Durand", K.PERSON_NAME),
    ("Mr Ben Salah", K.PERSON_NAME),
    ("rendez-vous avec M.Petit", K.PERSON_NAME),
    ("monsieur de La Tour", K.PERSON_NAME),
    ("M. d'Arc", K.PERSON_NAME),
    ("M. É. sort demain", K.PERSON_NAME),
    ("Mme\u00a0Öztürk", K.PERSON_NAME),
    ("le patient Dupont", K.PERSON_NAME),
    ("la patiente : Julie", K.PERSON_NAME),
    ("un résident MARTINEZ", K.PERSON_NAME),
    ("m. dupont arrive à 14 h.", K.PERSON_NAME),
    ("rencontrer mme dupont", K.PERSON_NAME),
    ("monsieur dupont attend", K.PERSON_NAME),
    ("Madame petit sera là", K.PERSON_NAME),
    ("M. martin", K.PERSON_NAME),
    ("mlle benali", K.PERSON_NAME),
    ("mr ben salah", K.PERSON_NAME),
    ("madame de villiers", K.PERSON_NAME),
    ("monsieur d'arc", K.PERSON_NAME),
    ("mme öztürk", K.PERSON_NAME),
    ("mme d. depuis lundi", K.PERSON_NAME),
    ("m. et mme durand", K.PERSON_NAME),
    ("madame claire est venue", K.PERSON_NAME),
    ("NIR 1 85 05 78 006 084 36", K.SOCIAL_SECURITY_NUMBER),
    ("185057800608436", K.SOCIAL_SECURITY_NUMBER),
    ("1850578006084", K.SOCIAL_SECURITY_NUMBER),
    ("2 53 07 2B 073 004 (clé 70)", K.SOCIAL_SECURITY_NUMBER),
    ("253072a073004", K.SOCIAL_SECURITY_NUMBER),
    ("son numéro : 1.85.05.78.006.084/36", K.SOCIAL_SECURITY_NUMBER),
    ("appelez le 06 12 34 56 78", K.PHONE),
    ("0612345678 après 18 h", K.PHONE),
    ("tél. 04.91.00.00.00", K.PHONE),
    ("04-91-00-00-00", K.PHONE),
    ("04/91/00/00/00", K.PHONE),
    ("+33 6 12 34 56 78", K.PHONE),
    ("+33(0)612345678", K.PHONE),
    ("0033 6 12 34 56 78", K.PHONE),
    ("04 91 000 000", K.PHONE),
    ("+32 475 12 34 56", K.PHONE),
    ("écrire à julie.martin@exemple.fr", K.EMAIL),
    ("julie.martin (at) exemple.fr", K.EMAIL),
    ("julie arobase exemple.fr", K.EMAIL),
    ("née le 12/03/1985", K.BIRTH_DATE),
    ("né(e) le 3 mars 1990", K.BIRTH_DATE),
]
WARNED = [
    ("le Dr Martin suit le groupe", K.PROFESSIONAL_NAME),
    ("le docteur Benali sera là", K.PROFESSIONAL_NAME),
    ("voir avec le Pr. Azorin", K.PROFESSIONAL_NAME),
    ("la professeure Roux anime", K.PROFESSIONAL_NAME),
    ("avec Julie Martin demain", K.FULL_NAME),
    ("Julie Martin viendra", K.FULL_NAME),
    ("Karim BENALI", K.FULL_NAME),
    ("demander BENALI Karim", K.FULL_NAME),
    ("Hier Sophie Bernard est passée", K.FULL_NAME),
    ("Bonjour,\nMerci à Nadia Benslimane", K.FULL_NAME),
    ("interlocutrice : Anne-Marie Roux", K.FULL_NAME),
    ("la personne s'appelle Karim", K.FULL_NAME),
    ("Personne : DUPONT Jean", K.FULL_NAME),
    ("Avec M. le Dr Roux", K.PROFESSIONAL_NAME),
    ("Mme la Dre Petit", K.PROFESSIONAL_NAME),
    ("voir Tsegaye Abebe pour la clé", K.FULL_NAME),
]
LEFT_ALONE = [
    "",
    "Un groupe de huit personnes, le mardi de 14 h à 16 h.",
    "Mme la directrice et M. le Maire seront présents",
    "Madame La Directrice des soins",
    "M. le Préfet, Mme l'Adjointe au maire",
    "Bonjour Madame, Monsieur,",
    "Madame, Monsieur, nous souhaitons un groupe WRAP.",
    "Mme est d'accord",
    "La personne le souhaite",
    "Entrée par la rue du Docteur Fernand Barbaroux",
    "12 avenue du Général Leclerc, 13003 Marseille",
    "boulevard Jean Jaurès",
    "au CMP Camille Claudel",
    "EPSM Édouard Toulouse, pavillon Van Gogh",
    "l'hôpital Sainte-Marguerite",
    "hôpital de jour Les Lauriers",
    "la clinique Saint-Roch Montfleuri",
    "unité Marie Curie, 2e étage",
    "salle Simone Veil",
    "le lycée Paul Cézanne",
    "Aix-en-Provence, puis La Ciotat et Saint-Maximin",
    "Port Saint Louis du Rhône",
    "le lundi 11 janvier 2027 à 14:30",
    "les 01/12, 08/12 et 15/12",
    "les 01/12 08/12 15/12 à 9 h",
    "du 12.05.2027 au 14.06.2027",
    "12/05/2027, 14/06/2027, 16/07/2027",
    "01/12/2027 14:30",
    "SIRET 732 829 320 00074",
    "FINESS 130786049",
    "n° d'engagement 4500123456",
    "bon de commande 2027-000123456",
    "Le mardi en janvier, sauf Noël et Pâques",
    "WRAP, ETP et PSSM au GEM",
    "IDE, AS et ASH de l'équipe",
    "Éducation Thérapeutique du Patient",
    "Premiers Secours en Santé Mentale",
    "par Microsoft Teams ou Zoom",
    "Provence Alpes Côte d'Azur",
    "le patient est d'accord, la patiente aussi",
    "patient COVID",
    "Groupe Avenir, le jeudi",
    "Atelier Estime de soi",
    "1 000 € pour 8 séances de 2 h, 12 participants",
    "24 h sur 24, 7 jours sur 7, code 1234",
    "un couloir de 5 m. Les portes ferment à 18 h",
    "un couloir de 5 m. portes fermées",
    "m. le directeur et madame la cadre",
    "m. ou mme, peu importe",
    "m.",
    "mme la cadre de santé, mme l'adjointe",
    "madame souhaite une rencontre, monsieur préfère attendre",
    "madame a besoin de temps",
    "monsieur n'est pas venu et madame s'inquiète",
    "bonjour madame je souhaite un groupe",
    "monsieur est très fatigué, madame actuellement absente",
    "5 m de large sur 3 m de long",
    "madame directrice des soins",
    "chère madame merci de votre accueil",
    "madame de son côté souhaite un groupe",
    "monsieur le souhaite",
]


@pytest.mark.parametrize(("text", "kind"), REFUSED)
def test_an_identity_is_refused(text, kind):
    assert kind in {finding.kind for finding in refused(text)}


@pytest.mark.parametrize(("text", "kind"), WARNED)
def test_a_possible_name_is_only_warned(text, kind):
    findings = check_free_text(text)
    assert [finding.kind for finding in findings] == [kind]
    assert findings[0].severity is Severity.WARNED


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_ordinary_words_are_left_alone(text):
    assert [(text[f.start : f.end], f.kind) for f in check_free_text(text)] == []


def test_the_corpus_is_wide_both_ways():
    assert len(REFUSED) + len(WARNED) >= 40
    assert len(LEFT_ALONE) >= 40


def test_the_span_is_the_words_to_take_out():
    text = "Merci de prévenir Mme Sophie Durand au 06 12 34 56 78."
    assert [text[f.start : f.end] for f in check_free_text(text)] == ["Mme Sophie Durand", "06 12 34 56 78"]


def test_a_refusal_tells_the_way_forward():
    with pytest.raises(InvalidInput) as refusal:
        ensure_no_identity("Mme Durand", field="note")
    assert "in person, on arrival" in refusal.value.message
    assert refusal.value.field == "note"
    ensure_no_identity("avec le Dr Martin")


TITLES = ("m.", "mme", "mlle", "monsieur", "madame", "Mme", "M.", "MADAME")


@pytest.mark.parametrize("title", TITLES)
def test_every_given_name_in_small_letters_after_a_title_is_refused(title: str) -> None:
    assert [name for name in GIVEN_NAMES if not refused(f"voir {title} {name} demain")] == []


@pytest.mark.parametrize("title", TITLES)
def test_no_function_after_a_title_is_taken_for_a_name(title: str) -> None:
    told = [f"voir {title} {article} {word}" for word in FUNCTIONS for article in ("le", "la", "les", "l'")]
    told += [f"voir {title} {word}" for word in (FUNCTIONS | DAYS_AND_MONTHS) - GIVEN_NAMES]
    assert [text for text in told if refused(text)] == []


@pytest.mark.parametrize("title", ["monsieur", "madame", "mme"])
def test_no_ordinary_word_after_a_title_is_taken_for_a_name(title: str) -> None:
    assert [word for word in ORDINARY if refused(f"et {title} {word}, voila")] == []


@given(name=st.text(alphabet="bcdfghjklmnpqrstvwxz", min_size=4, max_size=12), title=st.sampled_from(TITLES))
def test_an_unknown_word_after_a_title_is_a_name(name: str, title: str) -> None:
    assert refused(f"{title} {name}")


french = st.text(
    alphabet="abcdefghijklmnopqrstuvwxyzéèàçùâêîôûëïüœABCDEÉ 0123456789.,;:!?'’«»()/-\n\u00a0\u202f", max_size=60
)
space = st.sampled_from([" ", "\n", "\u00a0", " « ", " (", " : "])


@st.composite
def social_security_numbers(draw):
    dep = draw(st.sampled_from([f"{n:02d}" for n in (*range(1, 20), *range(21, 96), 99)] + ["2A", "2B"]))
    body = (
        draw(st.sampled_from("12")) + f"{draw(st.integers(0, 99)):02d}" + f"{draw(st.integers(1, 12)):02d}" + dep
        + f"{draw(st.integers(1, 999)):03d}" + f"{draw(st.integers(1, 999)):03d}"
    )  # fmt: skip
    number = body + nir.calc_check_digits(body + "00")
    assert nir.is_valid(number)
    parts = [number[:1], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13], number[13:]]
    if draw(st.booleans()):
        parts.pop()
    return draw(st.sampled_from(["", " ", "\u00a0", ".", "-"])).join(parts)


@st.composite
def phone_numbers(draw):
    digits = f"{draw(st.integers(1, 9))}{draw(st.integers(0, 10**8 - 1)):08d}"
    gap = draw(st.sampled_from(["", " ", "\u00a0", "\u202f", ".", "-", " . ", "/"]))
    prefix = draw(st.sampled_from(["0", "+33", "+33 ", "0033", "0033 ", "+33 (0)", "+33(0)"]))
    pairs = [digits[at : at + 2] for at in range(1, 9, 2)]
    return prefix + gap.join([digits[0], *pairs])


@given(before=french, gap=space, number=social_security_numbers(), after=french)
def test_any_social_security_number_in_any_text_is_refused(before, gap, number, after):
    assert refused(f"{before}{gap}{number} {after}")


@given(before=french, gap=space, number=phone_numbers(), after=french)
def test_any_phone_number_in_any_text_is_refused(before, gap, number, after):
    assert refused(f"{before}{gap}{number} {after}")


@given(before=french, gap=space, address=st.emails(), after=french)
def test_any_mail_address_in_any_text_is_refused(before, gap, address, after):
    assert refused(f"{before}{gap}{address} {after}")


@pytest.mark.parametrize("piece", ["a", "A ", "Mme de ", "1 ", "0", "+3", "a.b ", "« ", "é@", "Jean Paul. "])
def test_a_very_long_text_is_read_in_no_time(piece):
    text = (piece * 20_000)[:20_000]
    started = time.process_time()
    check_free_text(text)
    assert time.process_time() - started < 5


@given(text=st.text(max_size=300))
def test_spans_are_in_order_inside_the_text_and_never_overlap(text):
    findings = check_free_text(text)
    ends = [0, *(f.end for f in findings)]
    assert all(end <= f.start < f.end <= len(text) for end, f in zip(ends, findings, strict=False))
