"""A real browser: Chromium as the system has it, driven by Playwright. Without either, these tests are skipped."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
DESKTOP, PHONE = 1280, 390  # widths in pixels


@dataclass
class Opened:
    """A page as the browser shows it."""

    page: Any  # of Playwright
    errors: list[str] = field(default_factory=list)  # what the console complained of
    requests: list[str] = field(default_factory=list)  # the addresses that were asked for

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression or function in the page."""
        return self.page.evaluate(script)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield found
        found.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Opened]]:
    """Opens a file at a width in pixels, in a colour scheme, on "screen" or "print"."""
    pages = []

    def opened(path: Path, width: int = DESKTOP, scheme: str = "light", media: str = "screen") -> Opened:
        page = browser.new_page(viewport={"width": width, "height": 900})
        pages.append(page)
        page.emulate_media(color_scheme=scheme, media=media)
        found = Opened(page)
        page.on("console", lambda message: found.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        page.on("request", lambda request: found.requests.append(request.url))
        page.goto(path.resolve().as_uri())
        return found

    yield opened
    for page in pages:
        page.close()
