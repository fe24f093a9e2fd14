"""Whom one may be in the demo: printed when it starts, chosen on its first page. Imports nothing: `up` reads it."""

from dataclasses import dataclass
from typing import Final

PASSWORD: Final = "pairs-demo-2027"  # noqa: S105 - printed on the screen: it opens fictitious accounts only


@dataclass(frozen=True, slots=True)
class Door:
    """An account one may enter by. `side`: `s` structures, `p` peers, `a` the association."""

    email: str
    label: str
    side: str
    main: bool = False
    password: str = PASSWORD


DOORS: Final = (
    Door("nadege.brun@epsm-durance.test", "Nadège Brun, cadre de santé (hôpital public et clinique)", "s", main=True),
    Door("philippe.delmas@epsm-durance.test", "Philippe Delmas, signe pour l'hôpital public", "s"),
    Door("olivier.castel@clinique-restanques.test", "Olivier Castel, directeur de la clinique", "s"),
    Door("mai.nguyen@clinique-restanques.test", "Mai Nguyen, comptable de la clinique", "s"),
    Door("odile.ferrand@epsm-durance.test", "Odile Ferrand, facturation de l'hôpital public", "s"),
    Door("lucie.barbier@ch-etang.test", "Lucie Barbier, cadre des urgences", "s"),
    Door("paul.rinaldi@pairs-en-provence.test", "Paul Rinaldi, pair-aidant", "p", main=True),
    Door("samira.amrani@pairs-en-provence.test", "Samira Amrani, médiatrice de santé-pair", "p"),
    Door("karim.bensaid@pairs-en-provence.test", "Karim Bensaïd, pair-aidant", "p"),
    Door("soraya.mokhtari@pairs-en-provence.test", "Soraya Mokhtari, médiatrice de santé-pair", "p"),
    Door("claire.lenoir@pairs-en-provence.test", "Claire Lenoir, coordinatrice", "a", main=True),
    Door("fatou.sarr@pairs-en-provence.test", "Fatou Sarr, facturation", "a"),
    Door("bruno.keller@commissariat-keller.test", "Bruno Keller, vérifie les comptes", "a"),
)


MAIN: Final = tuple(door for door in DOORS if door.main)
"""The three one starts with."""
