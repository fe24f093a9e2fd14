"""What every association starts from, whoever it is: the chart of accounts, the region's communes, the palette.

Brought with each migration, as often as one likes: what the association changed or set itself stays as it is.
"""

from sqlalchemy.orm import Session

from entrepairs.catalogue.loading import load_palette
from entrepairs.catalogue.palette import load_palette_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.vat_regimes import load_vat_regimes
from entrepairs.ledger.chart import ensure_chart
from entrepairs.network.communes import ensure_communes
from entrepairs.paths import resource


def bring_reference(session: Session, *, clock: Clock) -> int:
    """Write what is missing; how many offerings are new. Prices are the association's to set: none is given.

    Raises PaletteError when the file of the palette is wrong.
    """
    config = resource("config")
    regimes = load_vat_regimes(config / "parameters" / "vat.toml")
    ensure_chart(session)
    ensure_communes(session)
    palette = load_palette_file(config / "catalogue.toml", vat_regimes=regimes.keys())
    return len(load_palette(session, palette, clock=clock).added)
