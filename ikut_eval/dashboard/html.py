"""A page as HTML: whole before any script runs; its figures as data for the script beside it."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ikut_eval.contract.locale import LANGUAGES, listing, separators, text
from ikut_eval.contract.schema import shipped
from ikut_eval.dashboard.assets import asset_names
from ikut_eval.dashboard.page import PAGES, Page, Panel, Section
from ikut_eval.present import theme
from ikut_eval.present.theme import Drawing

ACCESSIBILITY = "accessibility"
_WORDS = ("site", "pages", "languages", "controls", "save_csv", "save_png", "save_svg", "accessibility")
_DIGITS = 4
_RANGE = re.compile(r"\d[\d.,]*–\d[\d.,]*(?:\u00a0?%)?(?: / \d+)?")
_SCRIPT_WORDS = ("nothing_chosen", "changed", "saved", "separator")


@cache
def _template() -> Any:
    environment = Environment(loader=FileSystemLoader(shipped("dashboards")), autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    environment.filters["unbroken"] = _unbroken
    return environment.get_template("page.html.j2")


def _unbroken(words: str) -> Markup:
    """Return words as HTML in which no line ends inside a range."""
    return Markup(_RANGE.sub(r'<span class="range">\g<0></span>', str(escape(words))))  # noqa: S704  # escaped before


def file_name(page: str, language: str) -> str:
    """Return the name under which a page is found, in a folder as on a server."""
    return f"{page}.{language}.html"


def document(page: Page, *, body: str = "", again: int | None = None) -> str:
    """Return a page as a whole HTML document.

    Parameters
    ----------
    body : str
        HTML of ours that stands after the sections.
    again : int, optional
        For a page that stands in the place of another: after how many seconds that one is asked for again.
    """
    language = page.language
    words = {name: text(f"dash.{name}", language) for name in _WORDS}
    words |= {
        "skip": text("page.skip", language),
        "synthetic": text("report.synthetic", language),
        "audience": text(f"dash.audience_{page.audience}", language),
    }
    links = [{"href": file_name(name, language), "label": text(f"dash.page.{name}", language), "here": name == page.name} for name in PAGES]
    languages = [
        {"href": file_name(page.name, other), "lang": other, "label": text("dash.language_name", other), "here": other == language} for other in LANGUAGES
    ]
    return str(
        _template().render(
            page=page,
            words=words,
            links=links,
            languages=languages,
            assets=asset_names(),
            accessibility=file_name(ACCESSIBILITY, language),
            sections=[_section(section, page) for section in page.sections],
            divided=_divided(page),
            settings=_json(_settings(page)),
            again=again,
            body=Markup(body),  # noqa: S704  # HTML of ours, in which every value was escaped
        )
    )


def _divided(page: Page) -> str:
    """Return what the dashed line between cohorts means; nothing where all had the same design."""
    designs = dict.fromkeys(page.designs.values())
    if len(designs) < 2:
        return ""
    said = [
        text("dash.design", page.language, cohorts=listing([c for c, own in page.designs.items() if own == design], page.language), design=design)
        for design in designs
    ]
    return text("dash.divided", page.language, designs=" ".join(said))


def _settings(page: Page) -> Mapping[str, Any]:
    """Return what the script needs besides the figures."""
    words = {name: text(f"dash.script.{name}", page.language) for name in _SCRIPT_WORDS}
    mark = text("report.synthetic", page.language) if page.synthetic else ""
    layout = {**theme.LAYOUT, "separators": separators(page.language)}
    return {"words": words, "layout": layout, "about": page.about, "mark": mark, "designs": dict(page.designs), "rowHeight": theme.ROW_HEIGHT}


def _section(section: Section, page: Page) -> Mapping[str, Any]:
    cautions = {panel.exhibit.caution for panel in section.panels.values()}
    first = section.chosen({control.name: control.values[0] for control in page.controls})
    figures = {"|".join(key): {view: _figure(drawn) for view, drawn in panel.drawn.items()} for key, panel in section.panels.items() if panel.drawn}
    return {
        "name": section.name,
        "heading": section.heading,
        "by": " ".join(section.by),
        "panels": [_panel(key, panel, panel is not first) for key, panel in section.panels.items()],
        "figures": _json(figures) if figures else "",
        "caution": cautions.pop() if len(cautions) == 1 else "",
    }


def _panel(key: tuple[str, ...], panel: Panel, hidden: bool) -> Mapping[str, Any]:
    exhibit = panel.exhibit
    said = panel.said
    cohorts = panel.lines or ("",) * len(said)
    intro = said[0] if len(said) > 1 and said[0].endswith(":") else ""
    lines = list(zip(cohorts, said, strict=True))[1 if intro else 0 :]
    rows = [[str(cell) for cell in row] for row in exhibit.table.itertuples(index=False)]
    return {
        "key": "|".join(key),
        "hidden": hidden,
        "intro": intro,
        "lines": lines,
        "listed": len(lines) > 1,
        "caption": exhibit.caption,
        "summary": text("exhibit.table", exhibit.language, caption=exhibit.caption),
        "headings": [str(column) for column in exhibit.table.columns],
        "rows": list(zip(panel.rows or ("",) * len(rows), rows, strict=True)),
        "caution": exhibit.caution,
    }


def _figure(drawn: Drawing) -> Mapping[str, Any]:
    """Return a drawing without what all have in common, which is sent once."""
    return {"data": _rounded(drawn.data), "layout": _rounded(_beyond(drawn.layout, theme.LAYOUT))}


def _rounded(parts: Any) -> Any:
    """Return the parts of a figure with numbers as exact as a screen can show."""
    if isinstance(parts, dict):
        return {name: _rounded(value) for name, value in parts.items()}
    if isinstance(parts, list | tuple):
        return [_rounded(value) for value in parts]
    return round(parts, _DIGITS) if isinstance(parts, float) else parts


def _beyond(own: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a layout says that the base does not."""
    said: dict[str, Any] = {}
    for name, value in own.items():
        common = base.get(name)
        if isinstance(value, dict) and isinstance(common, dict):
            more = _beyond(value, common)
            if more:
                said[name] = more
        elif value != common:
            said[name] = value
    return said


def _json(content: Any) -> Markup:
    """Return JSON that cannot end the element in which it stands."""
    return Markup(json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c"))  # noqa: S704
