"""What a page of the dashboards shows in a browser, and what it should show: read off apart, to be compared."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Page as Tab

from ikut_eval.dashboard.page import Control, Page, Section
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.theme import Drawing
from tests.dashboard.shown import EVERY_PAGE, LANGUAGES, Dashboards

ARTEFACTS = Path("test-artefacts") / "dashboards"
IN_LANGUAGE = {"overview": "fi", "outcomes": "sv", "attendance": "en", "rights_awareness": "fi"}
"""The language in which what holds in every language is tested."""
EVERY = [(audience, name, language) for audience, name in EVERY_PAGE for language in LANGUAGES]
each_page = pytest.mark.parametrize(("audience", "name"), EVERY_PAGE)

DRAWN = "document.documentElement.dataset.drawn === 'true'"
_READ = """() => {
  const seen = (e) => e.getClientRects().length > 0;
  const lines = (e) => e.innerText.split("\\n").map((line) => line.trim().replace(/\\s+/g, " ")).filter(Boolean);
  const all = (e, selector) => [...e.querySelectorAll(selector)];
  const middle = (e) => { const box = e.getBoundingClientRect(); return box.y + box.height / 2; };
  const nearest = (y, rows) => rows.reduce((best, row, n) => (Math.abs(row - y) < Math.abs(rows[best] - y) ? n : best), 0);
  const inRows = (marks, rows) => rows.map((_, n) => marks.filter((mark) => nearest(mark, rows) === n).length);
  const written = (e) => e.textContent.replace(/\\s/g, "");
  return all(document, "main > section").map((section) => {
    const chart = section.querySelector("figure.chart .js-plotly-plot");
    return {
      name: section.id,
      seen: seen(section),
      said: all(section, ".said").filter(seen).flatMap(lines),
      table: all(section, "details.data").filter(seen).flatMap((each) => all(each, "tr").filter(seen).map((row) => [...row.cells].map((c) => c.textContent))),
      tables: all(section, "details.data table").filter(seen).length,
      figure: !chart || !seen(chart) ? null : {
        marks: all(chart, ".scatterlayer .trace").map((t) => all(t, "path.point").length).filter(Boolean),
        bars: all(chart, ".barlayer .trace").map((t) => all(t, ".point").length).filter(Boolean),
        marksInRows: inRows(all(chart, ".scatterlayer path.point").map(middle), all(chart, ".ytick text").map(middle)),
        rows: all(chart, ".ytick text").map(written),
        notes: all(chart, ".annotation text").map(written),
        shapes: all(chart, ".shapelayer path").length,
        height: chart.getBoundingClientRect().height,
      },
    };
  });
}"""


@cache
def shared_context(browser: Browser, width: int, height: int, **settings: Any) -> BrowserContext:
    """Return a browser's context with these settings, one for all pages: what it has compiled of their scripts, it need not compile again."""
    return browser.new_context(viewport={"width": width, "height": height}, **settings)


class Opened:
    """A page in a browser, with what the browser said and asked for; every table is open."""

    def __init__(self, browser: Browser, path: Path, *, address: str = "", width: int = 1000, height: int = 900, **settings: Any) -> None:
        self.tab: Tab = shared_context(browser, width, height, **settings).new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.tab.on("console", lambda message: self.said.append(message.text))
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.goto(path.absolute().as_uri() + address)
        if settings.get("java_script_enabled", True):
            self.drawn()
            self.open_tables()

    def drawn(self) -> None:
        self.tab.wait_for_function(DRAWN)

    def open_tables(self) -> None:
        self.tab.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")

    def shown(self) -> list[dict[str, Any]]:
        """Return what a reader sees of each section."""
        self.drawn()
        return list(self.tab.evaluate(_READ))

    def choices(self) -> dict[str, Any]:
        """Return what the address says, besides the page."""
        return {name: values[0] for name, values in parse_qs(str(self.tab.evaluate("location.hash.slice(1)"))).items()}

    def choose(self, name: str, value: str) -> None:
        self.tab.select_option(f"select[name={name}]", value)
        self.drawn()

    def tick(self, name: str, value: str, checked: bool) -> None:
        self.tab.locator(f"input[name='{name}'][value='{value}']").set_checked(checked)
        self.drawn()

    def close(self) -> None:
        self.tab.close()


@dataclass(frozen=True)
class Choice:
    """What a reader chose on a page."""

    page: Page
    single: Mapping[str, str]
    several: Mapping[str, tuple[str, ...]]

    @classmethod
    def first(cls, page: Page) -> "Choice":
        return cls(page, {c.name: c.values[0] for c in page.controls if not c.several}, {c.name: c.values for c in page.controls if c.several})

    def with_one(self, name: str, value: str) -> "Choice":
        return replace(self, single={**self.single, name: value})

    def with_several(self, name: str, values: tuple[str, ...]) -> "Choice":
        return replace(self, several={**self.several, name: values})

    def address(self) -> dict[str, str]:
        """Return what the address should hold: whatever is not as at first."""
        at_first = Choice.first(self.page)
        single = {name: value for name, value in self.single.items() if value != at_first.single[name]}
        return single | {name: ",".join(values) for name, values in self.several.items() if values != at_first.several[name]}

    def shown(self) -> list[dict[str, Any]]:
        """Return what a reader should see of each section, in the form of `Opened.shown`."""
        return [self._section(section) for section in self.page.sections]

    def _section(self, section: Section) -> dict[str, Any]:
        panel = section.panels.get(tuple(self.single.get(name, "") or self._only(section, n) for n, name in enumerate(section.by)))
        if panel is None:
            return {"name": section.name, "seen": False, "said": [], "table": [], "tables": 0, "figure": None}
        said = [words for cohort, words in (("", panel.intro), *panel.lines) if words and self._kept(panel, cohort)]
        rows = [row for row, cohort in zip(panel.cells, panel.rows or ("",) * len(panel.cells), strict=True) if self._kept(panel, cohort)]
        return {
            "name": section.name,
            "seen": True,
            "said": [" ".join(words.split()) for words in said],
            "table": [[str(column) for column in panel.table.columns], *rows],
            "tables": 1,
            "figure": self._figure(panel),
        }

    @staticmethod
    def _only(section: Section, n: int) -> str:
        """Return the only value where a control has one choice and is therefore not shown."""
        return next(iter(section.panels))[n]

    def _kept(self, panel: Exhibit, cohort: str) -> bool:
        return not cohort or not panel.several or cohort in self.several.get("cohorts", (cohort,))

    def _figure(self, panel: Exhibit) -> dict[str, Any] | None:
        drawing = panel.drawing(self.single.get("view", ""))
        return None if drawing is None else self._drawing(panel, drawing)

    def _drawing(self, panel: Exhibit, drawing: Drawing) -> dict[str, Any]:
        layout = drawing.layout
        kept = [row for row, cohort in enumerate(panel.marks) if self._kept(panel, cohort)] if panel.several else None

        def stays(y: Any) -> bool:
            return kept is None or round(y) in kept

        names = layout["yaxis"].get("ticktext", [])
        notes = [note for note in layout.get("annotations", []) if note.get("yref") == "paper" or stays(note["y"])]
        counts = {
            kind: [sum(y is not None and stays(y) for y in trace["y"]) for trace in drawing.data if _painted(trace) == kind] for kind in ("marks", "bars")
        }
        tickvals = layout["yaxis"].get("tickvals", [])
        rows = [(tickvals[row], name) for row, name in enumerate(names) if name and (kept is None or row in kept)]  # headings have no name beside them
        designs = [self.page.designs.get(panel.marks[row]) for row in kept or []]
        divided = sum(bool(a and b and a != b) for a, b in pairwise(designs))
        return {
            **{kind: [n for n in found if n] for kind, found in counts.items()},
            "rows": [_written(name) for _, name in rows],
            "marksInRows": [sum(y == place for trace in drawing.data if _painted(trace) == "marks" for y in trace["y"]) for place, _ in rows],
            "notes": [_written(note["text"]) for note in notes if note["text"]],
            "shapes": len(layout.get("shapes", [])) + divided,
        }


def _painted(trace: Mapping[str, Any]) -> str:
    return "bars" if trace["type"] == "bar" else "marks" if "markers" in trace.get("mode", "") else ""


def _written(words: Any) -> str:
    return "".join(re.sub(r"<[^>]+>", "", str(words)).split())


def single(page: Page) -> list[Control]:
    return [control for control in page.controls if not control.several]


def in_one_language(dashboards: Dashboards, audience: str, name: str) -> Page:
    return dashboards.page(audience, name, IN_LANGUAGE[name])


def take_picture(here: Opened, name: str) -> None:
    """Keep a picture of a page for people to look at, its tables folded as at first."""
    here.tab.evaluate("for (const each of document.querySelectorAll('main details')) each.open = false")
    here.tab.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)
    here.open_tables()


def without_height(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is shown, once every figure was seen to have a size."""
    for section in shown:
        assert section["figure"] is None or section["figure"].pop("height") > 40
    return shown


def address(choice: Choice) -> str:
    return "#" + urlencode(choice.address(), safe=",")
