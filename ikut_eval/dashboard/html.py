"""A page as HTML: whole before any script runs, with style and script in it, so that it can be opened, sent and kept as one file."""

import base64
import hashlib
import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ikut_eval.contract.html import PLOTLY, TEMPLATES, piece
from ikut_eval.contract.locale import LANGUAGES, listing, shipped, text
from ikut_eval.dashboard.page import PAGES, Page, Section
from ikut_eval.present.exhibit import Exhibit

ACCESSIBILITY = "accessibility"
HERE = Markup("<!-- sections -->")
PLOTLY_HERE = Markup("<!-- plotly -->")
"""Where plotly.js is asked for, on a page with a figure of an evaluator's own; no other page needs it."""
_RANGE = re.compile(r"\d[\d.,]*–\d[\d.,]*(?:\u00a0?%)?(?:\u00a0/\u00a0\d+)?")
_FILES = Path(__file__).parent / "files"
_SCRIPT_WORDS = ("changed", "saved", "separator")


@cache
def _templates() -> Any:
    environment = Environment(loader=FileSystemLoader([shipped("dashboards"), TEMPLATES]), autoescape=True, undefined=StrictUndefined)
    environment.filters |= {"unbroken": _unbroken, "lines": _lines, "rows": _rows, "offered": _offered}
    return environment


def _unbroken(words: str) -> Markup:
    """Return words as HTML in which no line ends inside a range."""
    return Markup(_RANGE.sub(r'<span class="range">\g<0></span>', str(escape(words))))  # noqa: S704  # escaped before


def file_name(page: str, language: str) -> str:
    """Return the name under which a page is found, in a folder as on a server."""
    return f"{page}.{language}.html"


def live_name(page: str, language: str) -> str:
    """Return the address of a page beside another in Voilà itself, which executes the notebook for each viewer."""
    return f"{page}.ipynb?language={language}" if _with_others() else f"?language={language}"


def _with_others() -> bool:
    """Return whether Voilà was given the folder of notebooks, not this one alone: its address then names the notebook."""
    return os.environ.get("SCRIPT_NAME", "").endswith(".ipynb")


def document(page: Page, *, body: str = "", again: int | None = None) -> str:
    """Return a page as a whole HTML document, with `body`, HTML of ours, after the sections.

    A page that stands in the place of another says after how many seconds that one is asked for `again`.
    """
    return _document(page, [section_html(page, section) for section in page.sections], body, again)


def frame(page: Page, *, live: bool = False) -> str:
    """Return a page as a document with `HERE` in the place of its sections, which the cells of a notebook show one by one.

    Its links lead to finished pages, or, where `live`, to notebooks that Voilà executes.
    """
    return _document(page, [HERE], "", None, live=live)


def choices_html(page: Page) -> Markup:
    """Return the form with which a reader chooses; empty where there is nothing to choose."""
    words = text("dash.controls", page.language)
    return piece("choices", page.name, words, page.controls) if page.controls else Markup()


def section_html(page: Page, section: Section, *, live: bool = False) -> Markup:
    """Return a section of a page as HTML, with all that a reader can choose in it."""
    language = page.language
    found = (
        _templates()
        .get_template("section.html.j2")
        .render(
            page=page,
            section=section,
            first=section.chosen({control.name: control.values[0] for control in page.controls}),
            divided=_divided(page) if section is page.sections[0] else "",
            text=lambda key: text(key, language),
            addresses=_addresses(language, live=live),
        )
    )
    return Markup(found)  # noqa: S704  # every value was escaped


def _addresses(language: str, *, live: bool) -> dict[str, str]:
    """Return the addresses of the pages to which a section can lead."""
    if live and not _with_others():
        return {}
    return {name: (live_name if live else file_name)(name, language) for name in PAGES}


def own_text(markdown: str) -> str:
    """Return the text of an evaluator's own cell as HTML."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    return f'<section class="own">{markdown2html_mistune(markdown)}</section>'


def own_output(output: Mapping[str, Any], language: str) -> str:
    """Return what an evaluator's own cell shows as HTML: a figure of plotly, a picture, a table or text; empty for what a page cannot show."""
    data: Mapping[str, Any] = output.get("data", {})
    if PLOTLY in data:
        return piece("own_figure", _json({name: data[PLOTLY][name] for name in ("data", "layout")}), text("dash.own_figure", language))
    if "image/png" in data:
        return piece("own_picture", data["image/png"].strip(), text("dash.own_figure", language))
    shown = data.get("image/svg+xml") or data.get("text/html")
    if shown:
        shown = shown.replace("<th></th>", "<td></td>")  # what heads nothing is no heading
        return f'<section class="own"><div class="table" tabindex="0">{shown}</div></section>'
    return piece("own_words", output.get("text") or data.get("text/plain", ""))


def _document(page: Page, sections: list[Markup], body: str, again: int | None, *, live: bool = False) -> str:
    language, address = page.language, live_name if live else file_name
    pages = PAGES if not live or _with_others() else (page.name,)
    return str(
        _templates()
        .get_template("page.html.j2")
        .render(
            page=page,
            text=lambda key: text(key, language),
            audience=text(f"dash.audience_{page.audience}", language),
            links=[(address(name, language), text(f"dash.page.{name}", language), name == page.name) for name in pages],
            languages=[(address(page.name, other), text("dash.language_name", other), other) for other in LANGUAGES],
            style=style(),
            script=script(),
            plotly=PLOTLY_HERE if sections == [HERE] else "",
            live=live,
            choices=choices_html(page),
            accessibility="" if live else file_name(ACCESSIBILITY, language),
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
    """Return what the script needs besides what stands on the page."""
    words = {name: text(f"dash.script.{name}", page.language) for name in _SCRIPT_WORDS}
    mark = text("report.synthetic", page.language) if page.synthetic else ""
    marks = [text(f"dash.audience_{page.audience}", page.language), *([mark] if mark else [])]
    return {"title": page.title, "words": words, "about": page.about, "marks": marks, "mark": mark}


def _offered(section: Section, page: Page) -> dict[str, str]:
    """Return the choices for which a section has something, by control, where it has nothing for others."""
    found = {}
    for n, name in enumerate(section.by):
        values = {key[n] for key in section.panels}
        if any(control.name == name and not values.issuperset(control.values) for control in page.controls):
            found[name] = " ".join(sorted(values))
    return found


def _lines(exhibit: Exhibit) -> list[Markup]:
    """Return what is said."""
    return [_unbroken(words) for _, words in exhibit.lines]


def _rows(exhibit: Exhibit) -> list[list[Markup]]:
    """Return the rows of the table."""
    return [[_unbroken(cell) for cell in cells] for cells in exhibit.cells]


def _json(content: Any) -> Markup:
    """Return JSON that cannot end the element in which it stands."""
    return Markup(json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c"))  # noqa: S704


@cache
def style() -> Markup:
    """Return the style of all pages."""
    paths = (TEMPLATES / "colours.css", _FILES / "dashboard.css", TEMPLATES / "exhibits.css")
    return Markup("".join(path.read_text(encoding="utf-8") for path in paths))  # noqa: S704  # ours


@cache
def script() -> Markup:
    """Return the script of all pages."""
    return Markup("".join((_FILES / name).read_text(encoding="utf-8") for name in ("choices.js", "page.js")))  # noqa: S704  # ours


@cache
def script_hash() -> str:
    """Return the hash by which a server's policy lets a browser run the script, and no other that stands in a page."""
    return base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()


@cache
def widget_script() -> str:
    """Return the script of the choices as a module, for a widget."""
    return (_FILES / "choices.js").read_text(encoding="utf-8") + "export default { render };\n"
