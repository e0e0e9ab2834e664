"""What a reader takes away from the dashboards: tables, images and pages on paper."""

import csv
import io
import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.page import Page
from tests.browser.dashboards import (
    ARTEFACTS,
    Choice,
    Opened,
    address,
    each_page,
    in_one_language,
)
from tests.dashboard.shown import Dashboards


def saved(here: Opened, section: str, kind: str, folder: Path) -> tuple[str, bytes]:
    with here.tab.expect_download() as waiting:
        here.tab.locator(f"section#{section} button[data-save={kind}]").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path.name, path.read_bytes()


@each_page
def test_downloads_hold_exactly_what_is_shown(opened: Any, dashboards: Dashboards, audience: str, name: str, tmp_path: Path) -> None:
    page = in_one_language(dashboards, audience, name)
    wanted = Choice.last(page)
    here = opened(audience, name, address=address(wanted))
    names = set()
    shown = [section for section in here.shown() if section["seen"]]
    for section in shown:
        file, content = saved(here, section["name"], "csv", tmp_path)
        assert content.startswith(b"\xef\xbb\xbf")
        separator = "," if page.language == "en" else ";"
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))
        head, table = rows[: rows.index([])], rows[rows.index([]) + 1 :]
        assert [[cell.removeprefix("\u00a0") for cell in row] for row in table] == section["table"]
        check_head([cell for row in head for cell in row], section, page, wanted)
        names.add(file)
    assert len(names) == len(shown)
    here = opened(audience, name, address=address(wanted))  # a page may save ten files without being asked in between
    for section in [section for section in here.shown() if section["seen"]][:2]:
        file, content = saved(here, section["name"], "png", tmp_path)
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", content[16:24])
        assert (600 <= width <= 4000, 150 <= height <= 8000, len(content) > 5000) == (True, True, True)
        (ARTEFACTS / f"saved-{audience}-{file}").write_bytes(content)
    assert here.said == []


def check_head(said: list[str], section: dict[str, Any], page: Page, wanted: Choice) -> None:
    """See that a file says on its own what it is of, for whom, and of which day."""
    question = next(each for each in page.sections if each.name == section["name"])
    assert said[:2] == [page.title, question.heading or page.finding]
    assert page.about in said
    assert text(f"dash.audience_{page.audience}", page.language) in said
    assert (text("report.synthetic", page.language) in said) == page.synthetic
    for control in page.controls:
        if control.name in question.by:
            assert f"{control.label}: {dict(control.choices)[wanted.chosen[control.name]]}" in said


@each_page
def test_print_has_headings_sentences_figures_and_tables_without_controls(
    opened: Any, dashboards: Dashboards, audience: str, name: str, tmp_path: Path
) -> None:
    here, page = opened(audience, name), in_one_language(dashboards, audience, name)
    here.tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = false")
    here.tab.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert here.tab.locator("details[open]").count() == 0
    mark = "".join(text("report.synthetic", page.language).split())
    on_paper = pdf_words(tmp_path / "page.pdf")
    printed = on_paper.replace(mark, "")
    for section in [each for each in Choice.first(page).shown() if each["seen"]]:
        heading = next(each.heading or page.finding for each in page.sections if each.name == section["name"])
        cells = [cell for row in section["table"] for cell in row]
        missing = [words for words in (heading, *section["said"]) if "".join(words.split()) not in printed]
        assert missing == []
        assert [cell for cell in cells if not all(word in printed for word in cell.split())] == []
    assert on_paper.count(mark) >= (2 if page.synthetic else 0)
    for words in (*(control.label for control in page.controls), text("dash.save_csv", page.language), text("dash.save_png", page.language)):
        assert "".join(words.split()) + "".join(page.sections[0].heading.split()) not in printed
    here.tab.emulate_media(media="print")
    for hidden in ("nav", "form.controls", ".downloads", ".skip"):
        assert here.tab.locator(f"{hidden}:visible").count() == 0
    here.tab.screenshot(path=ARTEFACTS / f"{audience}-{name}-print.png", full_page=True)
    shutil.copy(tmp_path / "page.pdf", ARTEFACTS / f"{audience}-{name}.pdf")


def pdf_words(path: Path) -> str:
    reader = shutil.which("pdftotext")
    if reader is None and os.environ.get("CI"):
        pytest.fail("pdftotext is not on PATH, and CI must not go without it")
    if reader is None:
        pytest.skip("no pdftotext to read a PDF with: `make test` installs it")
    said = subprocess.run([reader, "-layout", path, "-"], capture_output=True, check=True).stdout.decode("utf-8")
    raw = subprocess.run([reader, path, "-"], capture_output=True, check=True).stdout.decode("utf-8")
    return "".join((said + raw).split())
