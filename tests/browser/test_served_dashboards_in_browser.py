"""The dashboards as the server gives them, in a real browser: nothing that its safe headers forbid is needed, and what is refused is a page."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from ikut_eval.dashboard.html import file_name
from ikut_eval.dashboard.page import PAGES
from tests.browser.accessible import axe_findings
from tests.browser.dashboards import ARTEFACTS
from tests.dashboard.serving import Served, command, started
from tests.dashboard.shown import AUDIENCES, LANGUAGES, Dashboards


@pytest.fixture(scope="module", params=AUDIENCES)
def server(request: pytest.FixtureRequest, dashboards: Dashboards, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The pages of the synthetic pilot, made by Voilà from the shipped notebooks."""
    dashboards.bundle(request.param)
    said = tmp_path_factory.mktemp("served") / "said"
    with started(command("--audience", request.param, "--bundle", dashboards.bundles(request.param), "--port", 0), said) as running:
        running.until(lambda health: health["state"] == "ready", seconds=120)
        yield running


class Visit:
    """A viewer's tab, with what the browser said and asked for."""

    def __init__(self, context: BrowserContext) -> None:
        self.tab: Page = context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.tab.on("console", lambda message: self.said.append(message.text))
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.on("request", lambda request: self.asked.append(request.url))

    def drawn(self, seconds: int = 30) -> None:
        """Wait until every figure is drawn; not by a script, which the page's headers forbid."""
        self.tab.locator("html[data-drawn=true]").wait_for(state="attached", timeout=1000 * seconds)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    with browser.new_context(viewport={"width": 1000, "height": 800}, locale="sv-FI") as context:
        yield Visit(context)


def test_printed_address_leads_to_the_overview_in_the_viewers_language_without_the_token(server: Served, visit: Visit) -> None:
    visit.tab.goto(server.address)
    visit.drawn()
    assert visit.tab.url == f"http://127.0.0.1:{server.port}/{file_name('overview', 'sv')}"
    assert server.token not in visit.tab.content()
    assert visit.said == []


def test_every_page_is_drawn_changes_and_saves_within_the_safe_headers(server: Served, visit: Visit, tmp_path: Path) -> None:
    """Each page gives tables and pictures; some a choice."""
    visit.tab.goto(server.address)
    n_choices = 0
    for name in PAGES:
        visit.tab.locator(f"nav:not(.languages) a[href*='{file_name(name, 'sv')}']").click()
        visit.tab.wait_for_url(f"**/{file_name(name, 'sv')}*")
        visit.drawn()
        for field in visit.tab.locator("form.controls fieldset").all()[:1]:
            before = visit.tab.locator("main").inner_text()
            chosen = field.locator("input:not(:checked)").nth(1).evaluate("(e) => [e.name, e.value]")  # links carry a choice from page to page
            field.locator(f"input[value={chosen[1]}]").check()
            assert "=".join(chosen) in visit.tab.url
            assert visit.tab.locator("main").inner_text() != before
            n_choices += 1
        visit.tab.evaluate("for (const each of document.querySelectorAll('.downloads')) each.open = true")
        for kind, start in (("csv", b"\xef\xbb\xbf"), ("png", b"\x89PNG")):
            with visit.tab.expect_download() as waiting:
                visit.tab.locator(f"section:visible button[data-save={kind}]").last.click()
            waiting.value.save_as(tmp_path / "saved")
            assert (tmp_path / "saved").read_bytes().startswith(start)
    assert bool(n_choices) == (server.health()["state"] == "ready" and "internal" in visit.tab.locator("header .mark").last.get_attribute("class"))
    assert visit.said == []
    assert {url.split("/")[2] for url in visit.asked if not url.startswith(("data:", "blob:"))} == {f"127.0.0.1:{server.port}"}


def test_page_without_permission_is_a_page_that_says_what_to_do(server: Served, visit: Visit) -> None:
    for language in LANGUAGES:
        reply = visit.tab.goto(f"http://127.0.0.1:{server.port}/{file_name('overview', language)}")
        assert reply is not None
        assert reply.status == 403
        assert visit.tab.locator("html").get_attribute("lang") == language
        assert visit.tab.locator("main p").first.inner_text().strip()
        assert axe_findings(visit.tab) == []
    visit.tab.screenshot(path=ARTEFACTS / "notice-not_allowed.png")


@pytest.mark.parametrize("harm", ["no_bundle", "broken_bundle"])
def test_nothing_to_show_is_a_page_too(visit: Visit, dashboards: Dashboards, tmp_path: Path, harm: str) -> None:
    bundle = tmp_path / "internal"
    if harm == "broken_bundle":
        copy_bundle(dashboards, bundle)
        (bundle / "measures.csv").write_bytes(b"")
    with started(command("--audience", "internal", "--bundle", bundle, "--port", 0), tmp_path / "said") as server:
        server.until(lambda health: health["state"] in ("no_bundle", "failed"))
        visit.tab.goto(server.address)
        for language in LANGUAGES:
            reply = visit.tab.goto(f"http://127.0.0.1:{server.port}/{file_name('outcomes', language)}")
            assert reply is not None
            assert reply.status == 503
            assert visit.tab.locator("html").get_attribute("lang") == language
            assert axe_findings(visit.tab) == []
        visit.tab.screenshot(path=ARTEFACTS / f"notice-{harm}.png")
        assert "Traceback" not in server.errors
        assert str(tmp_path) not in visit.tab.content() + server.errors


def copy_bundle(dashboards: Dashboards, bundle: Path) -> None:
    """Put the evaluators' bundle in a place, whole from the first moment."""
    dashboards.bundle("internal")
    shutil.copytree(dashboards.bundles("internal"), bundle.with_name("coming"), symlinks=True)
    bundle.with_name("coming").rename(bundle)


def test_page_that_is_not_there_comes_by_itself(visit: Visit, dashboards: Dashboards, tmp_path: Path) -> None:
    with started(command("--audience", "internal", "--bundle", tmp_path / "internal", "--port", 0), tmp_path / "said") as server:
        server.until(lambda health: health["state"] == "no_bundle")
        visit.tab.goto(server.address)
        visit.tab.goto(f"http://127.0.0.1:{server.port}/{file_name('overview', 'sv')}#wave=m12")
        copy_bundle(dashboards, tmp_path / "internal")
        visit.drawn(120)  # twelve pages are made first, beside other tests
        assert visit.tab.locator("input[name=wave]:checked").input_value() == "m12"
