"""A table that a person downloads says what it is, and no spreadsheet of fi, sv or en makes a date or a formula of a cell."""

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import sync_playwright

from ikut_eval.batch.report import find_browser
from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.dashboard.html import file_name
from ikut_eval.dashboard.page import PAGES
from tests.browser.dashboards import IN_LANGUAGE
from tests.dashboard.shown import Dashboards

WANTED = {("internal", "attendance", language) for language in LANGUAGES}
WANTED |= {(audience, name, IN_LANGUAGE[name]) for audience in ("internal", "public") for name in PAGES}
"""Pages whose tables are downloaded: the internal attendance page in three languages, the others in one."""
LOCALES = {"en": 1033, "fi": 1035, "sv": 1053}


@pytest.fixture(scope="module")
def downloads(common: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with every table of the wanted pages."""
    folder = tmp_path_factory.mktemp("downloads")
    dashboards = Dashboards(common / "dashboards")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context()
        for audience, name, language in sorted(WANTED):
            tab = context.new_page()
            tab.goto((dashboards.site(audience) / file_name(name, language)).as_uri())
            tab.wait_for_function("document.documentElement.dataset.drawn === 'true'")
            tab.evaluate("for (const each of document.querySelectorAll('.downloads')) each.open = true")
            for button in tab.locator("button[data-save=csv]:visible").all():
                with tab.expect_download() as waiting:
                    button.click()
                waiting.value.save_as(folder / f"{audience}-{waiting.value.suggested_filename}")
            tab.close()
        browser.close()
    return folder


def rows_of(path: Path) -> list[list[str]]:
    separator = "," if ".en." in path.name else ";"
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), delimiter=separator))


def test_each_file_says_what_it_is(downloads: Path, common: Path) -> None:
    files = sorted(downloads.glob("*.csv"))
    assert len(files) == sum(len(Dashboards(common / "dashboards").page(*page).sections) for page in WANTED)
    for path in files:
        rows = rows_of(path)
        head = [cell for row in rows[: rows.index([])] for cell in row]
        audience, language = path.name.partition("-")[0], path.name.split(".")[-2]
        assert text(f"dash.audience_{audience}", language) in head
        assert text("report.synthetic", language) in head
        assert any(re.search(r"\b20\d\d\b", line) for line in head), "the day up to which the data goes"
        if audience == "internal" and "-C1-" in path.name:
            assert any(line.endswith("C1, C2, C3, C4") for line in head)
        if "-m6-" in path.name:
            assert any(": " in line and "6" in line.partition(": ")[2] for line in head)


def test_no_count_is_written_as_a_fraction(downloads: Path) -> None:
    counts = {language: text("count", language, k=4, of=6) for language in LANGUAGES}
    assert counts == {"fi": "4\u00a0/\u00a06", "sv": "4 av 6", "en": "4 of 6"}
    for path in downloads.glob("*.csv"):
        cells = [cell for row in rows_of(path) for cell in row]
        assert [cell for cell in cells if re.fullmatch(r"[=+@-].*|\d{1,2}[./-]\d{1,2}", cell)] == []


@pytest.mark.parametrize("locale", LANGUAGES)
def test_no_cell_becomes_a_date_or_a_formula(downloads: Path, tmp_path: Path, locale: str) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice to open the files with")
    control = tmp_path / "control.csv"
    control.write_text("4/6,2021-09-02,=1+1\n", encoding="utf-8")
    for separator, own in ((",", True), (";", False)):
        files = [path for path in downloads.glob("*.csv") if (".en." in path.name) == own] + [control] * own
        form = f"CSV:{ord(separator)},34,76,1,,{LOCALES[locale]},false,true"
        command = [office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", f"--infilter={form}", "--convert-to", "xlsx"]
        subprocess.run([*command, "--outdir", tmp_path / "opened", *files], check=True, capture_output=True, timeout=600)
    kinds = {path.stem: kinds_of(path) for path in (tmp_path / "opened").glob("*.xlsx")}
    assert "date" in kinds.pop("control"), "what a spreadsheet takes for a date is seen here"
    assert len(kinds) == len(list(downloads.glob("*.csv")))
    assert {name: found for name, found in kinds.items() if found - {"s", "n"}} == {}


def kinds_of(path: Path) -> set[str]:
    cells = (cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row if cell.value is not None)
    return {"date" if cell.is_date else cell.data_type for cell in cells}
