"""The system's browser, one for all tests of this folder that a worker takes, and the dashboards in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from ikut_eval.batch.report import find_browser
from ikut_eval.dashboard.html import file_name
from tests.browser.dashboards import ARTEFACTS, IN_LANGUAGE, Opened
from tests.dashboard.shown import Dashboards


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Open the browser; not for the whole session, as its event loop would stand in the way of other folders' tests."""
    path = find_browser()
    assert path, "no Chrome or Chromium: `make test` installs one"
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def dashboards(common: Path) -> Dashboards:
    return Dashboards(common / "dashboards")


@pytest.fixture
def opened(browser: Browser, dashboards: Dashboards) -> Iterator[Any]:
    """Open pages, and close them at the end."""
    pages: list[Opened] = []

    def opener(audience: str, name: str, language: str = "", **settings: Any) -> Opened:
        pages.append(Opened(browser, dashboards.site(audience) / file_name(name, language or IN_LANGUAGE[name]), **settings))
        return pages[-1]

    yield opener
    for page in pages:
        page.close()
