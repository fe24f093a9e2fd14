"""Reading a page as a browser without JavaScript does."""

import re

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from entrepairs.contracting import mails
from entrepairs.contracting.models import QuoteVersion
from entrepairs.identity.models import Account, TokenPurpose
from entrepairs.identity.tokens import mint


def page_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    assert answer.text.count("<h1") == 1
    return plain(answer.text)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def link_of(session: Session, version: QuoteVersion, account: Account) -> str:
    secret = mint(session, TokenPurpose.QUOTE, mails.token_subject(version), days=30, account_id=account.id)
    session.commit()
    return f"/q/{secret}"


def form_of(html: str) -> dict[str, str]:
    """What the page's fields hold: a browser would send it back as it is."""
    found = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', html))
    chosen = re.findall(r'<select[^>]* name="([^"]+)".*?<option selected value="([^"]*)"', html, re.DOTALL)
    return found | dict(chosen)
