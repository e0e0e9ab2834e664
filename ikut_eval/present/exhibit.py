"""What a reader gets of one question: a sentence, a figure, its table and a caution."""

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from ikut_eval.contract.locale import text
from ikut_eval.present.theme import Drawing

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLOTLY = "application/vnd.plotly.v1+json"


@dataclass(frozen=True, repr=False)
class Exhibit:
    """A sentence, a figure, its table and a caution, in one language.

    Attributes
    ----------
    sentence : str – what the figure says; also its text alternative
    drawing : Drawing or None – None where there is nothing to draw
    table : pandas.DataFrame – the figures, as text in the language; its columns are the headings
    caption : str – heading of the table
    caution : str – what must not be read into it
    """

    sentence: str
    drawing: Drawing | None
    table: pd.DataFrame
    caption: str
    caution: str
    language: str

    def __repr__(self) -> str:
        return self.sentence

    @property
    def figure(self) -> "go.Figure | None":
        """The drawing as plotly's figure."""
        return None if self.drawing is None else self.drawing.figure

    def table_html(self) -> str:
        """Return the table with its caption, as a scrollable region that the keyboard reaches."""
        head = "".join(f'<th scope="col">{escape(str(c))}</th>' for c in self.table.columns)
        rows = (list(row) for row in self.table.itertuples(index=False))
        body = "".join(f'<tr><th scope="row">{escape(str(row[0]))}</th>' + "".join(f"<td>{escape(str(v))}</td>" for v in row[1:]) + "</tr>" for row in rows)
        caption = escape(self.caption)
        summary = escape(text("exhibit.table", self.language, caption=self.caption))
        return (
            f"<details><summary>{summary}</summary>"
            f'<div class="table" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
        )

    def sentence_html(self) -> str:
        """Return the sentence as a paragraph, or as a list where it has several lines."""
        first, *more = self.sentence.split("\n")
        if not more:
            return f'<p class="sentence">{escape(first)}</p>'
        intro, lines = (f'<p class="sentence">{escape(first)}</p>', more) if first.endswith(":") else ("", [first, *more])
        return intro + '<ul class="sentence">' + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"text/html": self.sentence_html(), "text/plain": self.sentence}, raw=True)  # type: ignore[no-untyped-call]
        figure = self.figure
        if figure is not None:
            drawn: dict[str, Any] = json.loads(str(figure.to_json()))
            drawn["config"] = {"displayModeBar": False, "responsive": True}
            drawn["layout"]["meta"] = {"alternative": self.sentence.replace("\n", " ")}
            display({PLOTLY: drawn, "text/plain": self.sentence}, raw=True)  # type: ignore[no-untyped-call]
        below = f'{self.table_html()}<p class="caution">{escape(self.caution)}</p>'
        display({"text/html": below, "text/plain": self.caution}, raw=True)  # type: ignore[no-untyped-call]
