"""Somebody at a browser: what they see is checked on every page, what they press is counted."""

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

from axe_playwright_python.sync_playwright import Axe
from lxml.html import fromstring
from playwright.sync_api import APIResponse, Browser, BrowserContext, ConsoleMessage, Page, expect

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
REFERENCE = re.compile(r"[A-Z]{2,4}-[2-9A-Z]{4}-[2-9A-Z]{4}|/(o|c|d|q|accord)/[\w-]{20,}")
EXPECTED = ("status of 404", "status of 409", "status of 422")
"""A refusal that is a page: the browser's console tells its status as an error."""

looked_at: set[tuple[str, int]] = set()
"""Pages whose accessibility was examined, by shape of address and width: once each is enough."""


@dataclass
class Person:
    """A browser of one's own. `clicks` counts presses on links and buttons since `count_from_here`."""

    browser: Browser
    web: str
    size: dict[str, int] = field(default_factory=lambda: dict(DESKTOP))
    scripts: bool = True
    clicks: int = 0
    complaints: list[str] = field(default_factory=list)
    context: BrowserContext = field(init=False)
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.context = self.browser.new_context(
            viewport=self.size,  # type: ignore[arg-type]
            locale="fr-FR",
            timezone_id="Europe/Paris",
            java_script_enabled=self.scripts,
            reduced_motion="reduce",
            has_touch=self.size == PHONE,
        )
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        text = message.text
        serious = message.type == "error" or "Content Security Policy" in text or "Content-Security-Policy" in text
        if serious and not any(status in text for status in EXPECTED):
            self.complaints.append(f"{self.page.url}: {text}")

    # --- moving about -----------------------------------------------------------------------------------------

    def enter(self, name: str) -> "Person":
        """By the demo's page of accounts."""
        self.visit("/demo/comptes")
        self.page.get_by_role("listitem").filter(has_text=name).get_by_role("button").click()
        self.look()
        return self

    def visit(self, address: str) -> "Person":
        """Open an address, as if typed or followed from a mail."""
        self.page.goto(address if address.startswith("http") else self.web + address)
        self.look()
        return self

    def press(self, name: str | re.Pattern[str], *, within: str | None = None, exact: bool = False) -> "Person":
        """One click on a link or a button, by its words."""
        where = self.page.locator(within) if within else self.page.locator("main")
        wanted = where.get_by_role("button", name=name, exact=exact).or_(
            where.get_by_role("link", name=name, exact=exact)
        )
        wanted.filter(visible=True).first.click()
        self.clicks += 1
        self.look()
        return self

    def count_from_here(self) -> "Person":
        """Forget the clicks so far."""
        self.clicks = 0
        return self

    def sees(self, text: str | re.Pattern[str]) -> "Person":
        """The words are on the page."""
        expect(self.page.locator("main")).to_contain_text(text)
        return self

    def submit(self, address: str, action: str = "", **changes: str) -> APIResponse:
        """Fill and send the form of a page without drawing it, for what is done eight times over.

        `action` ends the address the form is posted to; empty: the page itself. Fields not named keep what they show.
        """
        shown = self.context.request.get(self.web + address)
        assert shown.ok, f"{address}: {shown.status}"
        page = fromstring(shown.text(), base_url=shown.url)
        forms = [(urljoin(shown.url, form.get("action") or shown.url), form) for form in page.xpath("//main//form")]
        target, form = next(pair for pair in forms if pair[0].endswith(action or shown.url))
        values = dict(form.form_values()) | changes
        answer = self.context.request.post(target, form=values, headers={"Referer": shown.url}, max_redirects=0)
        assert answer.status == 303, f"{address}: {answer.status}\n{answer.text()[-3000:]}"
        return answer

    # --- what every page must be ------------------------------------------------------------------------------

    def look(self) -> None:
        """One h1, nothing wider than the screen, no message of the browser, no serious finding of axe."""
        page = self.page
        page.wait_for_load_state()
        if not page.url.startswith(self.web) or "/pdf" in page.url:
            return
        shape = REFERENCE.sub("·", page.url.removeprefix(self.web).partition("?")[0]), self.size["width"]
        expect(page.locator("h1"), f"{page.url}: one h1 a page").to_have_count(1)
        if not self.scripts or shape in looked_at:
            self.nothing_wrong()
            return
        looked_at.add(shape)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url}: {wide} px wider than the screen of {self.size['width']}"
        found = Axe().run(page, options=AXE).response["violations"]
        grave = [
            f"{each['id']} ({each['impact']}): {each['help']}; {each['nodes'][0]['html'][:200]}"
            for each in found
            if each["impact"] in {"serious", "critical"}
        ]
        assert not grave, f"{page.url} ({self.size['width']} px):\n" + "\n".join(grave)
        self.nothing_wrong()

    def nothing_wrong(self) -> None:
        """The browser had nothing to say."""
        assert not self.complaints, self.complaints

    def close(self) -> None:
        """Leave, without anything wrong."""
        self.context.close()
        self.nothing_wrong()
