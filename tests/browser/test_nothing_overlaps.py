"""Over all finished pages and reports, in both widths and both colours: no words overlap, none are cut, and all are dark enough to read."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from ikut_eval.dashboard.html import file_name
from tests.browser.dashboards import DRAWN, EVERY, shared_context
from tests.browser.measured import look
from tests.conftest import Ran
from tests.dashboard.shown import LANGUAGES, Dashboards

REPORTS = [f"{name}.{language}" for name in ("20_cohort_report/C1", "20_cohort_report/C4") for language in LANGUAGES]
REPORTS += [f"{name}/{language}" for name in ("00_tour", "30_pilot_synthesis") for language in LANGUAGES]


QUESTIONS = """() => {
  const tops = [...document.querySelectorAll("h2")].map((heading) => heading.getBoundingClientRect().top);
  const ends = [...tops.slice(1), document.querySelector("main").getBoundingClientRect().bottom];
  return tops.map((top, n) => Math.round(ends[n] - top));
}"""
"""How many pixels each question takes, from its heading to the next."""


def measured(browser: Browser, path: Path, drawn: str) -> dict[str, Any]:
    """Return what `look` finds of a page, and how high its questions are on a screen of 1280 by 800."""
    tab = shared_context(browser, 1280, 800).new_page()
    tab.goto(path.absolute().as_uri())
    tab.wait_for_function(drawn)
    questions = tab.evaluate(QUESTIONS) if tab.locator("main").count() else []
    found = look(tab, drawn)
    tab.close()
    return {**found, "questions": questions}


def check(found: dict[str, Any]) -> None:
    assert found["least"] >= 4.5
    assert {kind: found[kind] for kind in ("overlaps", "cut", "pale") if found[kind]} == {}


@pytest.mark.parametrize(("audience", "name", "language"), EVERY)
def test_words_of_a_page_stand_apart(browser: Browser, dashboards: Dashboards, audience: str, name: str, language: str) -> None:
    check(measured(browser, dashboards.site(audience) / file_name(name, language), DRAWN))


@pytest.mark.parametrize("name", REPORTS)
def test_words_of_a_report_stand_apart(browser: Browser, marked: Ran, name: str) -> None:
    """A question of a report takes two screens at most."""
    found = measured(browser, marked.runs / f"{name}.html", DRAWN)
    check(found)
    assert [height for height in found["questions"] if height > 2 * 800] == []


def test_words_of_the_list_of_reports_stand_apart(browser: Browser, marked: Ran) -> None:
    check(measured(browser, marked.runs / "index.html", "true"))


def test_what_is_wrong_is_found(browser: Browser, tmp_path: Path) -> None:
    """Words one over the other in a figure, words beyond its edge, and pale words."""
    texts = '<text x="5" y="20">over</text><text x="6" y="21">under</text><text x="190" y="60">beyond</text>'
    (tmp_path / "page.html").write_text(
        f'<html lang="en"><meta charset="utf-8"><figure class="chart" style="margin:0;width:200px"><svg width="200" height="80">{texts}</svg></figure>'
        '<p style="color:#999">pale</p><div style="width:3000px">wide</div>',
        encoding="utf-8",
    )
    found = measured(browser, tmp_path / "page.html", "true")
    assert "1280 light: over / under" in found["overlaps"]
    assert "1280 light: beyond" in found["cut"]
    assert [words for words in found["cut"] if words.startswith("1280 light: the page is 300")]
    assert [words for words in found["pale"] if words.startswith("1280 light: pale 2.8")]
