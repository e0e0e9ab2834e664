"""The reports as a reader opens them: in a real browser, from the file system, in three languages."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ikut_eval.contract.locale import shipped, text
from tests.browser.accessible import axe_findings
from tests.browser.dashboards import DRAWN, shared_context
from tests.conftest import MARKER, Ran, ikut_eval

ARTEFACTS = Path("test-artefacts")
LANGUAGES = ("fi", "sv", "en")
SHEET = (673, 986)
"""Pixels of an A4 sheet between its margins."""
PAGES = [f"{n}/{language}" for n in ("00_tour", "10_data_check", "30_pilot_synthesis") for language in LANGUAGES] + [
    f"20_cohort_report/{cohort}.{language}" for cohort in ("C1", "C4") for language in LANGUAGES
]


class Opened:
    """A page with what the browser said and asked for."""

    def __init__(self, browser: Browser, path: Path, *, width: int = 1000) -> None:
        self.page: Page = shared_context(browser, width, 900).new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.absolute().as_uri())
        self.page.wait_for_load_state("networkidle")
        if self.page.locator("figure.chart").count():
            self.page.wait_for_function(DRAWN)


@pytest.fixture(scope="module")
def opened(browser: Browser, marked: Ran, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """Open a report once for all that is asked of it."""
    here = Opened(browser, marked.runs / f"{request.param}.html")
    yield here
    here.page.close()


def each_page(function: object) -> object:
    return pytest.mark.parametrize("opened", PAGES, indirect=True)(function)


@each_page
def test_page_is_whole_and_asks_nobody_else(opened: Opened) -> None:
    page, language = opened.page, opened.page.url.rsplit("/", 1)[1].split(".")[-2]
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []
    assert page.locator("html").get_attribute("lang") == language
    assert page.title()
    assert page.locator("h1").count() == 1
    assert text("report.synthetic", language) in page.locator(".synthetic").inner_text()
    charts = page.locator("figure.chart")
    assert page.locator("figure.chart svg.main-svg").count() >= charts.count() > 0 or "10_data_check" in page.url
    for chart in charts.all():
        assert chart.get_attribute("aria-label")
        assert chart.locator("svg.main-svg").first.bounding_box()["height"] > 40
    assert MARKER not in page.content()
    ARTEFACTS.mkdir(exist_ok=True)
    name = "-".join(page.url.removesuffix(".html").rsplit("/", 2)[1:])
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


@each_page
def test_axe_finds_nothing(opened: Opened) -> None:
    for table in opened.page.locator("summary").all():
        table.click()
    assert axe_findings(opened.page, colours=opened.page.url.endswith("fi.html")) == []


@pytest.mark.parametrize("name", ["20_cohort_report/C1.fi", "30_pilot_synthesis/sv", "10_data_check/en"])
def test_page_fits_a_phone(browser: Browser, marked: Ran, name: str) -> None:
    page = Opened(browser, marked.runs / f"{name}.html", width=320).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.screenshot(path=ARTEFACTS / f"phone-{name.replace('/', '-')}.png", full_page=True)
    page.close()


def test_keyboard_reaches_content_and_tables(browser: Browser, marked: Ran) -> None:
    page = Opened(browser, marked.runs / "20_cohort_report/C1.sv.html").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"
    assert page.locator("details[open] td").count() > 3
    page.close()


def test_every_section_has_heading_sentence_table_and_caution(browser: Browser, marked: Ran) -> None:
    page = Opened(browser, marked.runs / "20_cohort_report/C2.en.html").page
    sections = page.locator("h2").count()
    assert sections == (shipped("notebooks") / "20_cohort_report.ipynb").read_text(encoding="utf-8").count("ikut.section(") + 1, "the first page"
    assert page.locator("details table").count() == sections
    assert page.locator("p.caution").count() == sections
    assert page.locator(".sentence").count() >= sections
    page.close()


def test_printed_report_has_its_tables_and_says_synthetic(marked: Ran) -> None:
    said = ikut_eval("report", "-w", marked.folder, "-c", "C1", "-n", "20_cohort_report")
    assert said.returncode == 0, said.stderr
    for language in LANGUAGES:
        pdf = (marked.runs / f"20_cohort_report/C1.{language}.pdf").read_bytes()
        assert pdf.startswith(b"%PDF-")
        assert pdf.rstrip().endswith(b"%%EOF")
        assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") >= 5
        assert len(pdf) > 50_000
        assert b"/MarkInfo" in pdf  # tagged
        assert f"/Lang ({language}".encode() in pdf
        assert re.search(rb"/MediaBox \[0 0 59[45]\.\d+ 84[12]\.\d+\]", pdf)  # A4


@pytest.mark.parametrize("name", [f"{report}.{language}" for report in ("20_cohort_report/C1", "20_cohort_report/C4") for language in LANGUAGES])
def test_first_page_fits_a_sheet(browser: Browser, marked: Ran, name: str) -> None:
    check_first_page(browser, marked.runs / f"{name}.html")


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_page_of_the_pilot_fits_a_sheet(browser: Browser, marked: Ran, language: str) -> None:
    check_first_page(browser, marked.runs / f"30_pilot_synthesis/{language}.html")


def check_first_page(browser: Browser, path: Path) -> None:
    """See that the first page is no higher than an A4 sheet between its margins, and that nothing printed is wider: a browser would shrink all of it."""
    here = Opened(browser, path, width=SHEET[0])
    here.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    here.page.emulate_media(media="print")
    assert here.page.locator(".summary").evaluate("(e) => e.getBoundingClientRect().bottom") <= SHEET[1]
    assert here.page.evaluate("document.documentElement.scrollWidth") <= SHEET[0]
    assert here.page.locator(".summary h3:visible, .summary .group:visible").count() in (6, 2 + 4)
    here.page.close()


def test_index_opens_every_report(browser: Browser, marked: Ran) -> None:
    here = Opened(browser, marked.runs / "index.html")
    rows = here.page.locator("table.reports tbody tr")
    assert here.said == []
    assert here.page.locator("html").get_attribute("lang") == "en"
    assert here.page.locator("table.reports thead th").all_inner_texts()[1:] == ["Suomi", "Svenska", "English"]
    assert here.page.locator(".synthetic").all_inner_texts() == [text("report.synthetic", "en")]
    assert [row.locator("b").inner_text() for row in rows.all()][:5] == ["The whole pilot", *(f"Cohort report · C{n}" for n in range(1, 5))]
    assert all(row.locator("th span").inner_text() for row in rows.all()[:5])
    assert rows.locator("td").count() == here.page.locator("td .current").count() == 3 * rows.count()
    assert axe_findings(here.page) == []
    rows.nth(1).locator("a[lang=sv]").press("Enter")
    here.page.wait_for_load_state("load")
    assert here.page.locator("html").get_attribute("lang") == "sv"
    here.page.close()


def test_check_page_is_whole_and_accessible(browser: Browser, tmp_path: Path) -> None:
    for language in LANGUAGES:
        said = ikut_eval("check", "synthetic:messy", "-f", "html", "-l", language)
        assert said.returncode == 11
        path = tmp_path / f"check.{language}.html"
        path.write_text(said.stdout, encoding="utf-8")
        here = Opened(browser, path)
        assert here.said == []
        assert here.page.locator("tbody tr").count() > 15
        assert axe_findings(here.page) == []
        here.page.screenshot(path=ARTEFACTS / f"check-{language}.png", full_page=True)
        here.page.close()
    assert os.listdir(ARTEFACTS)
