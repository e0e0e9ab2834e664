"""Charts of few people: counts in parts, change around a middle."""

from collections.abc import Mapping, Sequence

from ikut_eval.present import theme
from ikut_eval.present.figures import FEWEST_PLACES, Marks, add_marks, beside_rows, look_of, percent_marks, row_figure
from ikut_eval.present.theme import Drawing, figure

_PATTERNS = {"circle": "", "triangle-up": "", "square": ".", "circle-open": "", "x-thin-open": "/", "triangle-down": "x"}
"""Filling of a bar for a kind of people, by the mark that stands for it where people are dots."""
_ROOMY = 12
_LINE, _SPACE = 18, 10
"""Pixels of a line of a label, and between two labels."""


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


def diverging_dots(rows: Sequence[tuple[str, int, int, int, int, str]], *, names: Mapping[str, str]) -> Drawing:
    """Draw people as marks around a middle: worse to the left, better to the right, the same between, not known apart at the right.

    A row a group: (label, worse, same, improved, unknown, note).
    """
    tall = [max(1.0, (_LINE * (label.count("<br>") + 1) + _SPACE) / theme.ROW_HEIGHT) for label, *_ in rows]
    middles = [sum(tall[:n]) + tall[n] / 2 - 0.5 for n in range(len(rows))]
    drawn = figure(60 + round(theme.ROW_HEIGHT * max(sum(tall), 1)))
    half = max([(same + 1) // 2 for _, _, same, _, _, _ in rows], default=0)
    left = max([worse for _, worse, *_ in rows], default=0)
    right = max([improved for _, _, _, improved, _, _ in rows], default=0)
    lost = max([unknown for *_, unknown, _ in rows], default=0)
    crowded = left + right + 2 * half + lost > 2 * _ROOMY
    for kind in ("worse", "same", "improved", "unknown"):
        places: list[tuple[float, float]] = []
        for y, (_, worse, same, improved, unknown, _) in zip(middles, rows, strict=True):
            row = {
                "worse": [-half - 0.5 - n for n in range(worse)],
                "same": [n - (same - 1) / 2 for n in range(same)],
                "improved": [half + 0.5 + n for n in range(improved)],
                "unknown": [half + right + 1.5 + n for n in range(unknown)],
            }[kind]
            places += [(x, y) for x in row]
        add_marks(drawn, places, name=names[kind], showlegend=bool(places), marker=look_of(theme.CHANGED[kind], 9 if crowded else 14, 2))
    for x in (-half, half):
        drawn.add_shape(type="line", xref="x", yref="paper", x0=x, x1=x, y0=0, y1=1, line={"color": theme.PALE, "width": 1.5}, layer="below")
    beside_rows(drawn, list(zip(middles, [note for *_, note in rows], strict=True)))
    drawn.update_yaxes(tickvals=middles, ticktext=[label for label, *_ in rows], range=[sum(tall) - 0.4, -0.6])
    drawn.update_layout(margin={"b": 8})
    reach = max(left + half, 1), max(right + half, 1) + (lost + 1 if lost else 0)
    drawn.update_xaxes(visible=False, range=[-reach[0] - 0.7, reach[1] + 0.7])
    return drawn
