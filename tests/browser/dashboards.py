"""What a page of the dashboards shows in a browser, and what it should show: read off apart, to be compared."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Page as Tab

from ikut_eval.dashboard.page import Page, Section
from ikut_eval.present.spine import Cell, Kinds, Squares
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
  return all(document, "main > section").map((section) => ({
    name: section.id,
    seen: seen(section),
    said: all(section, ".said").filter(seen).flatMap(lines),
    table: all(section, "details.data").filter(seen).flatMap((each) => all(each, "tr").filter(seen).map((row) => [...row.cells].map((c) => c.textContent))),
    tables: all(section, "details.data table").filter(seen).length,
    cells: all(section, "td .told > b").filter(seen).map((words) => words.textContent),
    marks: all(section, ".state").filter(seen).flatMap((state) => all(state, "td svg use")).length,
  }));
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
        self.tab.locator(f"input[name='{name}'][value='{value}']").check()

    def close(self) -> None:
        self.tab.close()


@dataclass(frozen=True)
class Choice:
    """What a reader chose on a page, by the name of the control."""

    page: Page
    chosen: Mapping[str, str]

    @classmethod
    def first(cls, page: Page) -> "Choice":
        return cls(page, {control.name: control.values[0] for control in page.controls})

    @classmethod
    def last(cls, page: Page) -> "Choice":
        """Return a state in which every control has something else than at first."""
        return cls(page, {control.name: control.values[-1] for control in page.controls})

    def with_one(self, name: str, value: str) -> "Choice":
        return replace(self, chosen={**self.chosen, name: value})

    def address(self) -> dict[str, str]:
        """Return what the address should hold: whatever is not as at first."""
        at_first = Choice.first(self.page).chosen
        return {name: value for name, value in self.chosen.items() if value != at_first[name]}

    def shown(self) -> list[dict[str, Any]]:
        """Return what a reader should see of each section, in the form of `Opened.shown`."""
        return [self._section(section) for section in self.page.sections]

    def _section(self, section: Section) -> dict[str, Any]:
        only = next(iter(section.panels))  # where a control has one choice it is not shown
        exhibit = section.panels.get(tuple(self.chosen.get(name, only[n]) for n, name in enumerate(section.by)))
        if exhibit is None:
            return {"name": section.name, "seen": False, "said": [], "table": [], "tables": 0, "cells": [], "marks": 0}
        said = [words for words in (exhibit.intro, *(words for _, words in exhibit.lines)) if words]
        cells = [cell for group in exhibit.spine.groups for row in group.rows for cell in row.cells] if exhibit.spine else []
        return {
            "name": section.name,
            "seen": True,
            "said": [" ".join(words.split()) for words in said],
            "table": [[str(column) for column in exhibit.table.columns], *exhibit.cells],
            "tables": 1,
            "cells": [cell.figure for cell in cells],
            "marks": sum(_people(cell) for cell in cells),
        }


def _people(cell: Cell) -> int:
    """Return how many marks stand in a cell."""
    if isinstance(cell.drawn, Squares):
        return sum(len(week) for week in cell.drawn.weeks)
    if isinstance(cell.drawn, Kinds):
        return len(cell.drawn.each)
    return 0 if cell.drawn else sum(number for _, number in cell.marks)


def in_one_language(dashboards: Dashboards, audience: str, name: str) -> Page:
    return dashboards.page(audience, name, IN_LANGUAGE[name])


def take_picture(here: Opened, name: str) -> None:
    """Keep a picture of a page for people to look at, its tables folded as at first."""
    here.tab.evaluate("for (const each of document.querySelectorAll('main details')) each.open = false")
    here.tab.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)
    here.open_tables()


def address(choice: Choice) -> str:
    return "#" + urlencode(choice.address())
