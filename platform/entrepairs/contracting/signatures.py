"""« Bon pour accord », online or on paper: what is kept of it, written once."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.contracting.models import Acceptance, QuoteVersion
from entrepairs.documents.models import StoredFile
from entrepairs.documents.storing import read_file, store_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import add_months
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_
from entrepairs.network.evidence import Evidence

STATEMENT: Final = "Bon pour accord"
KEPT_YEARS: Final = 10


@dataclass(frozen=True, slots=True)
class Signature:
    """Who says « bon pour accord », from where. `account_id` when they were logged in."""

    name: str
    function: str
    ip: str
    user_agent: str
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class PaperSignature:
    """Who signed on paper, when (the day written on it), and the scan: a PDF or a picture."""

    name: str
    function: str
    signed_on: date
    scan: bytes = field(repr=False)


def acceptance_online(session: Session, version: QuoteVersion, signature: Signature) -> Acceptance:
    """The record of a signature given on a page. Raises Conflict("quote_not_open") without a PDF."""
    return Acceptance(
        version_id=version.id,
        name=" ".join(signature.name.split()),
        function=" ".join(signature.function.split()),
        statement=STATEMENT,
        account_id=signature.account_id,
        at=datetime.now(UTC),
        ip=signature.ip[:45],
        user_agent=signature.user_agent[:200],
        sha256=_paper_read(session, version).sha256,
    )


def acceptance_on_paper(
    session: Session, version: QuoteVersion, paper: PaperSignature, *, actor: Actor, clock: Clock
) -> Acceptance:
    """The record of a signature that came on paper, with its scan and who recorded it.

    Raises Conflict("quote_not_open"), InvalidInput("file_empty", "file_too_large", "file_kind").
    """
    scan = Evidence("devis-signe", paper.scan).read()
    ending = scan.filename.rpartition(".")[2]
    kept = store_file(
        session,
        scan.content,
        scan.media,
        kept_until=add_months(paper.signed_on, 12 * KEPT_YEARS),
        clock=clock,
        filename=f"devis-{version.quote.number}-v{version.number}-signe.{ending}",
    )
    return Acceptance(
        version_id=version.id,
        name=" ".join(paper.name.split()),
        function=" ".join(paper.function.split()),
        statement=STATEMENT,
        at=datetime.now(UTC),
        ip="",
        user_agent="",
        sha256=_paper_read(session, version).sha256,
        paper_file_id=kept.id,
        signed_on=paper.signed_on,
        recorded_by=actor.label[:160],
    )


def _paper_read(session: Session, version: QuoteVersion) -> StoredFile:
    """The PDF of the version, whole: bytes that are no longer those that were sent are refused."""
    if version.file is None:
        raise Conflict("quote_not_open", N_("This quote is no longer open for an answer."))
    read_file(session, version.file.id)
    return version.file
