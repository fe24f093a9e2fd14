"""Whom one may be in the demo: printed when it starts, chosen on its first page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from entrepairs.demo.foundation import FOUNDED, PASSWORD
from entrepairs.demo.story import Story
from entrepairs.identity.models import Account
from entrepairs.identity.passwords import hash_password
from entrepairs.settings.decisions import vote

DECISION: Final = "demo.accounts"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A door one may enter by. `door`: `s` structures, `p` peers, `a` the association."""

    email: str
    label: str
    door: str
    main: bool = False
    password: str = PASSWORD


ACCOUNTS: Final = (
    DemoAccount(
        "nadege.brun@epsm-durance.test", "Nadège Brun, cadre de santé (hôpital public et clinique)", "s", main=True
    ),
    DemoAccount("philippe.delmas@epsm-durance.test", "Philippe Delmas, signe pour l'hôpital public", "s"),
    DemoAccount("olivier.castel@clinique-restanques.test", "Olivier Castel, directeur de la clinique", "s"),
    DemoAccount("mai.nguyen@clinique-restanques.test", "Mai Nguyen, comptable de la clinique", "s"),
    DemoAccount("odile.ferrand@epsm-durance.test", "Odile Ferrand, facturation de l'hôpital public", "s"),
    DemoAccount("lucie.barbier@ch-etang.test", "Lucie Barbier, cadre des urgences", "s"),
    DemoAccount("paul.rinaldi@pairs-en-provence.test", "Paul Rinaldi, pair-aidant", "p", main=True),
    DemoAccount("samira.amrani@pairs-en-provence.test", "Samira Amrani, médiatrice de santé-pair", "p"),
    DemoAccount("karim.bensaid@pairs-en-provence.test", "Karim Bensaïd, pair-aidant", "p"),
    DemoAccount("soraya.mokhtari@pairs-en-provence.test", "Soraya Mokhtari, médiatrice de santé-pair", "p"),
    DemoAccount("claire.lenoir@pairs-en-provence.test", "Claire Lenoir, coordinatrice", "a", main=True),
    DemoAccount("fatou.sarr@pairs-en-provence.test", "Fatou Sarr, facturation", "a"),
    DemoAccount("bruno.keller@commissariat-keller.test", "Bruno Keller, vérifie les comptes", "a"),
)


def main_accounts() -> Sequence[DemoAccount]:
    """The three one starts with."""
    return tuple(account for account in ACCOUNTS if account.main)


def open_doors(story: Story) -> None:
    """Give every account of the list its password, and write the list the first page reads."""
    session = story.session
    emails = [account.email for account in ACCOUNTS]
    rows = {row.email: row for row in session.scalars(select(Account).where(Account.email.in_(emails)))}
    shared = hash_password(PASSWORD)  # one for all: the password is printed beside each name
    for account in ACCOUNTS:
        rows[account.email].password_hash = shared
    vote(
        session,
        DECISION,
        [
            {"ref": rows[one.email].ref, "door": one.door, "label": one.label.partition(", ")[2], "main": one.main}
            for one in ACCOUNTS
        ],
        since=FOUNDED,
        voted_on=FOUNDED,
        source="Récit de démonstration",
        clock=story.clock,
        fictional=True,
    )
