"""Charts of few people: counts in parts."""

from collections.abc import Mapping, Sequence

from ikut_eval.present import theme
from ikut_eval.present.figures import FEWEST_PLACES, Marks, percent_marks, row_figure
from ikut_eval.present.theme import Drawing

_PATTERNS = {"circle": "", "triangle-up": "", "square": ".", "circle-open": "", "x-thin-open": "/", "triangle-down": "x"}
"""Filling of a bar for a kind of people, by the mark that stands for it where people are dots."""
_ROOMY = 12


def stacked_counts(
    rows: Sequence[tuple[str, Marks, str]],
    *,
    kinds: Mapping[str, Mapping[str, str]],
    names: Mapping[str, str],
    axis: str,
    language: str,
    shares: bool = False,
) -> Drawing:
    """Draw a bar a group, (label, parts, note at its end), with parts as long as they have people.

    With `shares` the parts are those of a whole, and a group of nobody has no bar.
    """
    drawn = row_figure((label for label, _, _ in rows), notes=[note for _, _, note in rows], around=theme.MARGIN + 20)
    totals = [sum(n for _, n in parts) for _, parts, _ in rows]
    for kind, look in kinds.items():
        counts = [sum(n for name, n in parts if name == kind) for _, parts, _ in rows]
        sizes = [n / total if total else 0 for n, total in zip(counts, totals, strict=True)] if shares else counts
        filling = _PATTERNS[look["symbol"]]
        light = bool(filling) or look["symbol"] == "circle-open"
        pattern = {"pattern": {"shape": filling, "fgcolor": look["color"], "fgopacity": 0.45, "size": 7}} if filling else {}
        drawn.add_bar(
            x=sizes,
            y=list(range(len(rows))),
            orientation="h",
            name=names[kind],
            width=0.6,
            text=[str(n) if n else "" for n in counts],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": theme.INK if light else "white"},
            marker={"color": "white" if light else look["color"], "line": {"width": 2, "color": look["color"]}, **pattern},
        )
    drawn.update_layout(barmode="stack")
    if shares:
        drawn.update_xaxes(range=[0, 1.01], **percent_marks(language), title=axis)
    else:
        most = max([*totals, FEWEST_PLACES])
        drawn.update_xaxes(range=[0, most + 0.2], dtick=1 if most <= _ROOMY else 5, title=axis)
    return drawn
