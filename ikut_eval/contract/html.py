"""Pieces of HTML that several folders show, as macros of Jinja2 in one file: headings, paragraphs, sentences and tables."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"
"""Holds `pieces.html.j2`, which other templates may import from, the style of exhibits, and the colours of all pages."""

PLOTLY = "application/vnd.plotly.v1+json"
PLAIN = "application/vnd.ikut-eval.exhibit+json"
"""Under which each output of an exhibit gives what it shows without HTML, for files of office programs."""
FOUND = "application/vnd.ikut-eval.findings+json"
"""Under which the first page of a report gives what it says, a finding a line, to who lists reports."""


@dataclass(frozen=True, repr=False)
class ShownWords:
    """Words that a notebook shows as HTML, and that print as text."""

    words: str
    html: str

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:
        return self.html


@cache
def _macros() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # here: most commands write no HTML

    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined).get_template("pieces.html.j2").module


def piece(macro: str, /, *values: object, **named: object) -> "Markup":
    """Return a piece of HTML in which every value is escaped, but for pieces that this function made.

    Parameters
    ----------
    macro : str
        A macro of `pieces.html.j2`; the values are its arguments.

    Raises
    ------
    AttributeError
        If there is no such macro.
    """
    made: Markup = getattr(_macros(), macro)(*values, **named)
    return made


@cache
def style_of_exhibits() -> "Markup":
    """Return the style of exhibits for a notebook, in the light colours: whether a notebook is dark, the browser does not say."""
    from markupsafe import Markup

    colours, style = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("colours.css", "exhibits.css"))
    light = colours.partition("\n")[0].replace("color-scheme: light dark; ", "")
    return Markup(f'<style class="exhibits">{light}\n{style}</style>')  # noqa: S704  # style of ours
