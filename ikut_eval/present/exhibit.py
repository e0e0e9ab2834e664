"""What a reader gets of one question: sentences, a figure, its table and a caution."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from ikut_eval.contract.html import FOUND, PLAIN, PLOTLY, piece, style_of_exhibits
from ikut_eval.contract.locale import text
from ikut_eval.present import tables
from ikut_eval.present.picture import svg
from ikut_eval.present.spine import Spine, SpineGroup
from ikut_eval.present.theme import Drawing

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, repr=False)
class Exhibit:
    """Sentences, a figure, its table and a caution, in one language.

    A cohort is given by its id; it is "" for what is about no single cohort.

    Attributes
    ----------
    lines : tuple of (cohort, words) – what the figure says
    drawing : Drawing or None – None where there is nothing to draw
    table : pandas.DataFrame – the figures, as text in the language; its columns are the headings
    caption : str – heading of the table
    caution : str – what must not be read into it
    intro : str – words that stand before the lines; "" for none
    spine : Spine or None – the cohorts side by side, in the place of a drawing
    page : str – HTML of ours with all of it, in the place of sentences, drawing, table and caution; "" for none
    told : tuple of (heading, lines) – what such a page says in words, under its own heading first
    """

    lines: tuple[tuple[str, str], ...]
    drawing: Drawing | None
    table: pd.DataFrame
    caption: str
    caution: str
    language: str
    intro: str = ""
    spine: Spine | None = None
    page: str = ""
    told: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __repr__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """All that is said, a line each; also the figure's text alternative."""
        return "\n".join([*([self.intro] if self.intro else []), *(words for _, words in self.lines)])

    @property
    def figure(self) -> "go.Figure | None":
        """The drawing as plotly's figure, to be changed further in a notebook."""
        return None if self.drawing is None else self.drawing.figure

    @property
    def cells(self) -> list[list[str]]:
        """The rows of the table as text."""
        return [[str(cell) for cell in row] for row in self.table.itertuples(index=False)]

    @property
    def summary(self) -> str:
        """The words that open the table."""
        return text("exhibit.table", self.language, caption=self.caption)

    def sentence_html(self) -> str:
        """Return what is said as a paragraph, or as a list where there are several lines."""
        return piece("sentence", self.intro, [words for _, words in self.lines])

    def table_html(self) -> str:
        """Return the table with its caption, as a scrollable region that the keyboard reaches."""
        return piece("folded_table", self.summary, self.caption, list(self.table.columns), self.cells)

    def outputs(self) -> list[dict[str, Any]]:
        """Return what a notebook displays, in order: sentence, figure, then table and caution; each by MIME type."""
        table = {"caption": self.caption, "columns": list(self.table.columns), "rows": self.cells, "caution": self.caution}
        if self.page:
            whole = {FOUND: [words for _, words in self.lines], PLAIN: {"told": self.told, **table}, "text/plain": self.sentence}
            return [{"text/html": style_of_exhibits()}, {"text/html": piece("mark_symbols") + self.page, **whole}]
        side_by_side = piece("mark_symbols") + piece("spine", self.spine, self.caption) if self.spine else ""
        said = {"intro": self.intro, "lines": [words for _, words in self.lines], **self._side_by_side()}
        shown: list[dict[str, Any]] = [{"text/html": self.sentence_html() + side_by_side, PLAIN: said, "text/plain": self.sentence}]
        if self.drawing is not None:
            figure: dict[str, Any] = json.loads(str(self.drawing.figure.to_json()))
            figure["config"] = {"displayModeBar": False, "responsive": True}
            figure["layout"]["meta"] = {"alternative": self.sentence.replace("\n", " ")}
            drawn_plainly = {"alternative": self.sentence, "caption": self.caption}
            shown.append({PLOTLY: figure, "image/svg+xml": svg(self.drawing, self.sentence), PLAIN: drawn_plainly, "text/plain": self.sentence})
        below = self.table_html() + piece("paragraph", self.caution, "caution")
        return [*shown, {"text/html": below, PLAIN: table, "text/plain": self.caution}]

    def _side_by_side(self) -> dict[str, Any]:
        """Return the cohorts side by side as a table of text, each with what stands beside its name."""
        if self.spine is None:
            return {}
        found = self.spine.table(self.table.columns[0])
        columns = [found.columns[0], *(", ".join(filter(None, (column.name, column.detail))) for column in self.spine.columns)]
        return {"caption": self.caption, "columns": columns, "rows": found.to_numpy().tolist()}

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for output in self.outputs():
            display(output, raw=True)  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class ExhibitRow:
    """What an exhibit shows of one row of a measure.

    Attributes
    ----------
    cohort : str – its id; "" for what is about no single cohort
    cells : sequence of str – the row of the table
    line : str – what is said of it; "" for nothing
    mark : what the figure draws of it, in the form that the figure takes; None for nothing
    """

    cohort: str
    cells: Sequence[str]
    line: str = ""
    mark: Any = None


def exhibit(
    rows: Sequence[ExhibitRow],
    headings: Sequence[str],
    *,
    language: str,
    about: str = "",
    draw: Callable[[list[Any]], Drawing | None] | None = None,
    more: Sequence[tuple[str, str]] = (),
    nothing: str = "",
    intro: str = "",
    caption: str = "",
    caution: str = "",
) -> Exhibit:
    """Return the exhibit of a measure from its rows.

    Parameters
    ----------
    headings : sequence of str
        Of the table, in the language.
    about : str
        The measure whose title and caution stand where `caption` and `caution` are empty.
    draw : function of the rows' marks to their drawing
        Called where there is a mark to draw and something to say of it.
    more : sequence of (cohort, words)
        Lines that stand after those of the rows.
    nothing : str
        Key of the catalogue: what is said where there is no line.
    intro : str
        Words that stand before the lines.
    """
    lines = [*((row.cohort, row.line) for row in rows if row.line), *more]
    marks = [row.mark for row in rows if row.mark is not None]
    return Exhibit(
        lines=tuple(lines or [("", text(nothing, language))]),
        drawing=draw(marks) if draw and lines and marks else None,
        table=pd.DataFrame([list(row.cells) for row in rows], columns=list(headings), dtype="str"),
        caption=caption or tables.measure_title(about, language),
        caution=caution or tables.measure_caution(about, language),
        language=language,
        intro=intro if lines else "",
    )


def spine_exhibit(spine: Spine, *, language: str, about: str, sentence: str, caption: str, caution: str = "", told: Sequence[SpineGroup] = ()) -> Exhibit:
    """Return the cohorts side by side as an exhibit, with all that the cells say as its table.

    Parameters
    ----------
    about : str
        The measure whose caution stands where `caution` is empty.
    sentence : str
        What is said above it.
    told : sequence of SpineGroup
        The rows of the table, where it tells more than the cells.
    """
    return Exhibit(
        lines=(("", sentence),),
        drawing=None,
        table=spine._replace(groups=tuple(told) or spine.groups).table(text("table.asked", language)),
        caption=caption,
        caution=caution or tables.measure_caution(about, language),
        language=language,
        spine=spine,
    )
