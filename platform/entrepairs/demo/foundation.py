"""What stands before anybody asks anything: the association, its decisions, its books, the palette, the office."""

from datetime import date
from typing import Final

from entrepairs.audit.actors import Actor
from entrepairs.catalogue.loading import load_palette
from entrepairs.catalogue.palette import load_palette_file
from entrepairs.demo.reading import read_page
from entrepairs.demo.story import Story
from entrepairs.identity.accounts import create_account, grant_office_role
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.vat_regimes import load_vat_regimes
from entrepairs.ledger.chart import ensure_chart
from entrepairs.network.communes import load_communes
from entrepairs.paths import resource
from entrepairs.settings.decisions import vote
from entrepairs.settings.models import Association

FOUNDED: Final = date(2025, 1, 1)
"""From then on decisions and prices hold."""


def lay_foundation(story: Story) -> None:
    """The association, the chart, the communes, the palette with its demo prices, the decisions, the office."""
    page = read_page("association")
    session = story.session
    session.add(Association(id=1, fictional=True, bic=None, vat_number=None, **page["association"]))
    session.flush()
    ensure_chart(session)
    load_communes(session)
    config = resource("config")
    regimes = load_vat_regimes(config / "parameters" / "vat.toml")
    palette = load_palette_file(config / "catalogue.toml", vat_regimes=regimes.keys())
    load_palette(session, palette, clock=story.clock, demo_prices_since=FOUNDED)
    for row in page["decision"]:
        vote(
            session,
            row["key"],
            row["value"],
            since=row["since"],
            voted_on=row["since"],
            source=row["source"],
            clock=story.clock,
            fictional=True,
        )
    _open_office(story, page["office"])


def _open_office(story: Story, rows: list[dict[str, str]]) -> None:
    for row in rows:
        account = create_account(
            story.session,
            email=row["email"],
            name=row["name"],
            actor=Actor.SYSTEM,
            clock=story.clock,
        )
        for role in row["roles"]:
            grant_office_role(story.session, account, OfficeRoleKind(role), actor=Actor.SYSTEM, clock=story.clock)
        story.office[row["key"]] = story.person(account)
