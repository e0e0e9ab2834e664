"""Charts of what is published: ranges drawn as ranges, and words where nothing is shown. No point stands inside a range."""

from collections.abc import Sequence
from dataclasses import dataclass

from ikut_eval.present import theme
from ikut_eval.present.drawing import Drawing
from ikut_eval.present.figures import beside_rows, rows_down
from ikut_eval.present.theme import figure

_MOST_TICKS = 12
_NARROW_LETTER = 6
"""Pixels of a letter on a phone: headings begin where the labels of their rows do."""
_PLACES = list[float | None]


@dataclass(frozen=True)
class RangeRow:
    """A row of a chart of ranges.

    Attributes
    ----------
    label : str – at the left of the row; empty for a heading
    between : (float, float) or None – ends of the range, equal where the number is exact
    whole : float or None – to where the row could reach at most
    note : str – at the end of the row
    inside : str – words in the place of the range
    heading : bool – whether `inside` is the heading of the rows below
    """

    label: str
    between: tuple[float, float] | None = None
    whole: float | None = None
    note: str = ""
    inside: str = ""
    heading: bool = False


def ranges(rows: Sequence[RangeRow], *, names: tuple[str, str, str], axis: str, percents: Sequence[str] = (), limit: float = 1) -> Drawing:
    """Draw each range as a bar with two ends, an exact number as a mark, and how far a row could reach as a thin line.

    Parameters
    ----------
    names : tuple of str
        Of a range, of an exact number and of the thin line, in the legend.
    percents : sequence of str
        Labels of 0, 25, 50, 75 and 100 per cent where shares are drawn; none where people are.
    limit : float
        The end of the axis.
    """
    drawn = figure(theme.MARGIN + 20 + theme.ROW_HEIGHT * max(len(rows), 1))
    _lines(drawn, [(0.0, row.whole, y) for y, row in enumerate(rows) if row.whole], names[2], theme.GREY, 1.5)
    told = [(*row.between, y) for y, row in enumerate(rows) if row.between]
    apart = [(low, high, y) for low, high, y in told if low < high]
    _lines(drawn, apart, names[0], theme.LIGHT_BLUE, 15)
    for places, name, symbol, size, shown in (
        ([(end, y) for low, high, y in apart for end in (low, high)], names[0], "line-ns", 9, False),
        ([(low, y) for low, high, y in told if low == high], names[1], "diamond", 14, True),
    ):
        if places:
            marker = {"symbol": symbol, "size": size, "color": theme.BLUE, "line": {"width": 4 if symbol == "line-ns" else 0, "color": theme.BLUE}}
            drawn.add_scatter(x=[x for x, _ in places], y=[y for _, y in places], mode="markers", name=name, showlegend=shown, marker=marker)
    longest = max((len(row.label) for row in rows), default=0)
    for y, row in enumerate(rows):
        if row.inside:
            words, shift = (f"<b>{row.inside}</b>", -_NARROW_LETTER * longest) if row.heading else (row.inside, 4)
            drawn.add_annotation(xref="paper", x=0, y=y, text=words, xanchor="left", align="left", xshift=shift)
    beside_rows(drawn, [(y, row.note) for y, row in enumerate(rows)])
    rows_down(drawn, [row.label for row in rows])
    if percents:
        drawn.update_xaxes(range=[-0.01, 1.02], tickvals=[0, 0.25, 0.5, 0.75, 1], ticktext=list(percents), title=axis)
    else:
        drawn.update_xaxes(range=[-0.01 * limit, limit * 1.02], nticks=_MOST_TICKS, tickangle=0, title=axis)
    return drawn


def _lines(drawn: Drawing, parts: Sequence[tuple[float, float | None, int]], name: str, colour: str, width: float) -> None:
    """Draw lines from place to place, each in its row."""
    x: _PLACES = [place for low, high, _ in parts for place in (low, high, None)]
    y: _PLACES = [place for _, _, row in parts for place in (row, row, None)]
    if parts:
        drawn.add_scatter(x=x, y=y, mode="lines", name=name, line={"color": colour, "width": width})
