"""The README's three pictures, taken from a running demo: `make screenshots` (the demo must be up)."""

import os
import shutil
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screenshots"
ADDRESS = os.environ.get("ENTREPAIRS_BASE_URL", f"http://127.0.0.1:{os.environ.get('ENTREPAIRS_PORT', '8000')}")
PASSWORD = "pairs-demo-2027"  # noqa: S105 - a fictitious account
PICTURES = (
    ("structure", "nadege.brun@epsm-durance.test", (1180, 860)),
    ("pair", "paul.rinaldi@pairs-en-provence.test", (400, 860)),
    ("association", "claire.lenoir@pairs-en-provence.test", (1180, 860)),
)


def take(browser: Browser, name: str, email: str, size: tuple[int, int]) -> None:
    """Log in, open the page of the picture, keep what a screen shows."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale="fr-FR")
    page.goto(urljoin(ADDRESS, "/connexion"))
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    if name == "association":
        page.goto(urljoin(ADDRESS, "/a/demandes?etat=confirmed"))
        page.get_by_role("link", name="Groupe WRAP").first.click()
        page.goto(f"{page.url.split('?')[0]}/appariement")
        page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")
    page.close()


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    own = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox", "--disable-gpu"])
        for name, email, size in PICTURES:
            take(browser, name, email, size)
        browser.close()


if __name__ == "__main__":
    main()
