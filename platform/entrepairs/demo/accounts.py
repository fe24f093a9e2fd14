"""Opening the doors: the accounts one may enter by get their password, and the first page its list."""

from typing import Final

from sqlalchemy import select

from entrepairs.demo.doors import DOORS, PASSWORD
from entrepairs.demo.foundation import FOUNDED
from entrepairs.demo.story import Story
from entrepairs.identity.models import Account
from entrepairs.identity.passwords import hash_password
from entrepairs.settings.decisions import vote

DECISION: Final = "demo.accounts"


def open_doors(story: Story) -> None:
    """Give every account of the list its password, and write the list the first page reads."""
    session = story.session
    emails = [account.email for account in DOORS]
    rows = {row.email: row for row in session.scalars(select(Account).where(Account.email.in_(emails)))}
    shared = hash_password(PASSWORD)  # one for all: the password is printed beside each name
    for account in DOORS:
        rows[account.email].password_hash = shared
    vote(
        session,
        DECISION,
        [
            {"ref": rows[one.email].ref, "door": one.side, "label": one.label.partition(", ")[2], "main": one.main}
            for one in DOORS
        ],
        since=FOUNDED,
        voted_on=FOUNDED,
        source="Récit de démonstration",
        clock=story.clock,
        fictional=True,
    )
