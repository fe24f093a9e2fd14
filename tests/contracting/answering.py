"""The director's « bon pour accord »."""

from sqlalchemy.orm import Session

from entrepairs.contracting import quotes
from entrepairs.contracting.models import QuoteVersion
from entrepairs.kernel.clock import FixedClock
from tests.contracting.conftest import House
from tests.factories.contracting import SIGNER, a_signature


def accept(session: Session, version: QuoteVersion, house: House, clock: FixedClock, **given: object) -> QuoteVersion:
    given.setdefault("scope", house.scope)
    return quotes.accept_quote(
        session,
        version.quote.ref,
        a_signature(house.director),
        version=version.number,
        actor=SIGNER,
        clock=clock,
        **given,
    )
