"""A page as HTML: whole before any script runs; its figures as data for the script beside it."""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ikut_eval.contract.html import TEMPLATES, piece
from ikut_eval.contract.locale import LANGUAGES, listing, separators, shipped, text
from ikut_eval.dashboard.page import PAGES, Page, Section
from ikut_eval.present import theme
from ikut_eval.present.exhibit import PLOTLY, Exhibit

ACCESSIBILITY = "accessibility"
HERE = Markup("<!-- sections -->")
_DIGITS = 4
_RANGE = re.compile(r"\d[\d.,]*–\d[\d.,]*(?:\u00a0?%)?(?:\u00a0/\u00a0\d+)?")
ASSETS = Path(__file__).parent / "files"
_FILES = {
    "style": (TEMPLATES / "colours.css", ASSETS / "dashboard.css", TEMPLATES / "exhibits.css"),
    "script": (ASSETS / "dashboard.js",),
    "plotly": (ASSETS / "plotly-basic.min.js",),
}
_SCRIPT_WORDS = ("nothing_chosen", "changed", "saved", "separator")


@cache
def _templates() -> Any:
    environment = Environment(loader=FileSystemLoader([shipped("dashboards"), TEMPLATES]), autoescape=True, undefined=StrictUndefined)
    environment.filters |= {"unbroken": _unbroken, "lines": _lines, "rows": _rows}
    return environment


def _unbroken(words: str) -> Markup:
    """Return words as HTML in which no line ends inside a range."""
    return Markup(_RANGE.sub(r'<span class="range">\g<0></span>', str(escape(words))))  # noqa: S704  # escaped before


def file_name(page: str, language: str) -> str:
    """Return the name under which a page is found, in a folder as on a server."""
    return f"{page}.{language}.html"


def document(page: Page, *, body: str = "", again: int | None = None) -> str:
    """Return a page as a whole HTML document, with `body`, HTML of ours, after the sections.

    A page that stands in the place of another says after how many seconds that one is asked for `again`.
    """
    return _document(page, [section_html(page, section) for section in page.sections], body, again)


def frame(page: Page) -> str:
    """Return a page as a document with `HERE` in the place of its sections, which the cells of a notebook show one by one."""
    return _document(page, [HERE], "", None)


def section_html(page: Page, section: Section) -> Markup:
    """Return a section of a page as HTML, with all that a reader can choose in it."""
    language = page.language
    found = (
        _templates()
        .get_template("section.html.j2")
        .render(
            page=page,
            section=section,
            first=section.chosen({control.name: control.values[0] for control in page.controls}),
            figures=_figures(section),
            divided=_divided(page) if section is page.sections[0] else "",
            text=lambda key: text(key, language),
            addresses={name: file_name(name, language) for name in PAGES},
        )
    )
    return Markup(found)  # noqa: S704  # every value was escaped


def own_text(markdown: str) -> str:
    """Return the text of an evaluator's own cell as HTML."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    return f'<section class="own">{markdown2html_mistune(markdown)}</section>'


def own_output(output: Mapping[str, Any], language: str) -> str:
    """Return what an evaluator's own cell shows as HTML: a figure of plotly, a picture, a table or text; empty for what a page cannot show."""
    data: Mapping[str, Any] = output.get("data", {})
    if PLOTLY in data:
        drawn = {"": {"": {"data": data[PLOTLY]["data"], "layout": data[PLOTLY]["layout"]}}}
        return piece("own_figure", _json(drawn), text("dash.own_figure", language))
    if "image/png" in data:
        return piece("own_picture", data["image/png"].strip(), text("dash.own_figure", language))
    shown = data.get("image/svg+xml") or data.get("text/html")
    if shown:
        shown = shown.replace("<th></th>", "<td></td>")  # what heads nothing is no heading
        return f'<section class="own"><div class="table" tabindex="0">{shown}</div></section>'
    return piece("own_words", output.get("text") or data.get("text/plain", ""))


def _document(page: Page, sections: list[Markup], body: str, again: int | None) -> str:
    language = page.language
    return str(
        _templates()
        .get_template("page.html.j2")
        .render(
            page=page,
            text=lambda key: text(key, language),
            audience=text(f"dash.audience_{page.audience}", language),
            links=[(file_name(name, language), text(f"dash.page.{name}", language), name == page.name) for name in PAGES],
            languages=[(file_name(page.name, other), text("dash.language_name", other), other) for other in LANGUAGES],
            assets=asset_names(),
            accessibility=file_name(ACCESSIBILITY, language),
            facts=[(_unbroken(fact.figure), _unbroken(fact.words)) for fact in page.facts],
            sections=sections,
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
    marks = [text(f"dash.audience_{page.audience}", page.language), *([text("report.synthetic", page.language)] if page.synthetic else [])]
    return {
        "title": page.title,
        "words": words,
        "layout": layout,
        "about": page.about,
        "marks": marks,
        "mark": mark,
        "designs": dict(page.designs),
        "rowHeight": theme.ROW_HEIGHT,
    }


def _lines(exhibit: Exhibit) -> list[tuple[str, Markup]]:
    """Return what is said, with its cohort where a reader can choose among cohorts."""
    return [(cohort if exhibit.several else "", _unbroken(words)) for cohort, words in exhibit.lines]


def _rows(exhibit: Exhibit) -> list[tuple[str, list[Markup]]]:
    """Return the rows of the table, with their cohort where a reader can choose among cohorts."""
    cohorts = exhibit.rows if exhibit.several and exhibit.rows else ("",) * len(exhibit.table)
    return [(cohort, [_unbroken(cell) for cell in cells]) for cohort, cells in zip(cohorts, exhibit.cells, strict=True)]


def _figures(section: Section) -> str:
    """Return a section's drawings by panel and view as JSON, without what all figures have in common, which is sent once."""
    panels: dict[str, Any] = {}
    for key, exhibit in section.panels.items():
        for view, drawn in exhibit.drawings.items():
            figure = {"data": _rounded(theme.as_text(drawn.data)), "layout": _rounded(theme.as_text(_beyond(drawn.layout, theme.LAYOUT)))}
            if exhibit.several:
                figure["layout"]["meta"] = {**figure["layout"].get("meta", {}), "rows": list(exhibit.marks)}
            panels.setdefault("|".join(key), {})[view] = figure
    return _json(panels) if panels else ""


def _rounded(parts: Any) -> Any:
    """Return the parts of a figure with numbers as exact as a screen can show."""
    if isinstance(parts, dict):
        return {name: _rounded(value) for name, value in parts.items()}
    if isinstance(parts, list | tuple):
        return [_rounded(value) for value in parts]
    return round(parts, _DIGITS) if isinstance(parts, float) else parts


def _beyond(own: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a layout that the base does not have."""
    other = {name: value for name, value in own.items() if value != base.get(name)}
    return {name: _beyond(value, base[name]) if isinstance(value, dict) and isinstance(base.get(name), dict) else value for name, value in other.items()}


def _json(content: Any) -> Markup:
    """Return JSON that cannot end the element in which it stands."""
    return Markup(json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c"))  # noqa: S704


@cache
def asset_names() -> Mapping[str, str]:
    """Return the names under which pages ask for style, script and plotly.js; they change with the content."""
    paths = {kind: next(file for file in files if file.parent == ASSETS) for kind, files in _FILES.items()}
    return {kind: f"{path.stem}.{hashlib.sha256(asset(kind)).hexdigest()[:12]}{path.suffix}" for kind, path in paths.items()}


def asset(kind: str) -> bytes:
    """Return the style, the script or plotly.js of all pages."""
    return b"".join(file.read_bytes() for file in _FILES[kind])
