"""Figures of counts, shares and ranges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ikut_eval.present import theme
from ikut_eval.present.theme import Drawing, figure

_FEWEST_PLACES = 6
_ROOMY = 20

Marks = Sequence[tuple[str, int]]
"""Kinds of mark with how many of each, in the order in which they are drawn."""


def rows_down(drawn: Drawing, labels: Sequence[str]) -> None:
    """Name the rows of a figure, which stand at y = 0, 1, 2 ... from top to bottom."""
    drawn.update_yaxes(tickvals=list(range(len(labels))), ticktext=list(labels), range=[len(labels) - 0.4, -0.6])


def beside_rows(drawn: Drawing, notes: Sequence[tuple[float, str]]) -> None:
    """Write a note beside each row, in a margin wide enough for the longest."""
    for y, words in notes:
        if words:
            drawn.add_annotation(xref="paper", x=1, y=y, text=words, xanchor="left")
    drawn.update_layout(margin={"r": 16 + theme.LETTER_WIDTH * max((len(words) for _, words in notes), default=0)})


def unit_dots(rows: Sequence[tuple[str, Marks, str]], *, kinds: Mapping[str, Mapping[str, str]], names: Mapping[str, str]) -> Drawing:
    """Draw people as marks, a row a group.

    Parameters
    ----------
    rows : sequence of (label, marks, note)
        The note stands at the end of the row.
    kinds : mapping of kind to its colour and symbol
    names : mapping of kind to its name in the legend
    """
    drawn = figure(theme.MARGIN + theme.ROW_HEIGHT * max(len(rows), 1))
    widest = max((sum(n for _, n in marks) for _, marks, _ in rows), default=0)
    for kind, look in kinds.items():
        places = [(x, y) for y, (_, marks, _) in enumerate(rows) for x, mark in enumerate(_flat(marks), start=1) if mark == kind]
        drawn.add_scatter(
            x=[x for x, _ in places],
            y=[y for _, y in places],
            mode="markers",
            name=names[kind],
            marker={"size": 15 if widest <= _ROOMY else 9, "color": look["color"], "symbol": look["symbol"], "line": {"width": 2.5, "color": look["color"]}},
        )
    beside_rows(drawn, [(y, note) for y, (_, _, note) in enumerate(rows)])
    rows_down(drawn, [label for label, _, _ in rows])
    drawn.update_layout(margin={"b": 8}, height=60 + theme.ROW_HEIGHT * max(len(rows), 1), showlegend=True)
    drawn.update_xaxes(visible=False, range=[0.4, max(widest, _FEWEST_PLACES) + 0.6])
    return drawn


def _flat(marks: Marks) -> list[str]:
    return [kind for kind, n in marks for _ in range(n)]


def person_rates(rows: Sequence[tuple[str, Sequence[float], float | None]], *, person: str, pooled: str, axis: str, percents: Sequence[str]) -> Drawing:
    """Draw each person's rate as a ring and the pooled rate as a line, a row a group.

    `percents` are the labels of 0, 25, 50, 75 and 100 per cent. Equal rates are stacked.
    """
    drawn = figure(theme.MARGIN + 30 + (theme.ROW_HEIGHT + 14) * max(len(rows), 1))
    points: list[tuple[float, float]] = []
    for y, (_, rates, _) in enumerate(rows):
        for _, same in groupby(sorted(rates), key=lambda r: round(r, 2)):
            points += [(rate, y - 0.16 * n) for n, rate in enumerate(same)]
    drawn.add_scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        mode="markers",
        name=person,
        marker={"size": 13, "color": theme.BLUE, "symbol": "circle-open", "line": {"width": 2.5}},
    )
    known = [(y, value) for y, (_, _, value) in enumerate(rows) if value is not None]
    lines: list[tuple[float | None, float | None]] = [p for y, v in known for p in ((v, y - 0.38), (v, y + 0.3), (None, None))]
    drawn.add_scatter(x=[x for x, _ in lines], y=[y for _, y in lines], mode="lines", name=pooled, line={"color": theme.VERMILION, "width": 4})
    rows_down(drawn, [label for label, _, _ in rows])
    drawn.update_xaxes(range=[-0.02, 1.03], tickvals=[0, 0.25, 0.5, 0.75, 1], ticktext=list(percents), title=axis)
    return drawn


def heat_map(labels: Sequence[str], weeks: Sequence[str], cells: Sequence[Sequence[tuple[float | None, str]]], *, axis: str) -> Drawing:
    """Draw shares by week, a row a group; each cell carries its count in words."""
    drawn = figure(theme.MARGIN + 30 + (theme.ROW_HEIGHT + 6) * max(len(labels), 1))
    places = [(x, y) for y in range(len(labels)) for x in range(len(weeks))]
    shown = [cells[y][x] for x, y in places]
    drawn.add_bar(
        x=[0.94] * len(places),
        base=[x - 0.47 for x, _ in places],
        y=[y for _, y in places],
        orientation="h",
        width=0.9,
        marker={"color": ["white" if value is None else theme.shade(value) for value, _ in shown], "line": {"width": 0}},
        text=[words for _, words in shown],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"color": theme.INK, "size": 13},
        showlegend=False,
    )
    drawn.update_layout(barmode="overlay")
    rows_down(drawn, labels)
    drawn.update_xaxes(title=axis, tickvals=list(range(len(weeks))), ticktext=list(weeks), range=[-0.5, len(weeks) - 0.5], ticks="")
    drawn.update_layout(margin={"t": 12})
    return drawn


def plan_and_held(rows: Sequence[tuple[str, float, float | None, str]], *, planned: str, held: str, axis: str) -> Drawing:
    """Draw what was held as a bar and what was planned as a line across it, a row a group."""
    drawn = figure(theme.MARGIN + 30 + theme.ROW_HEIGHT * max(len(rows), 1))
    drawn.add_bar(x=[hours for _, hours, _, _ in rows], y=list(range(len(rows))), orientation="h", name=held, marker={"color": theme.BLUE}, width=0.55)
    lines: list[tuple[float | None, float | None]] = [
        p for y, (_, _, aim, _) in enumerate(rows) if aim is not None for p in ((aim, y - 0.4), (aim, y + 0.4), (None, None))
    ]
    drawn.add_scatter(x=[x for x, _ in lines], y=[y for _, y in lines], mode="lines", name=planned, line={"color": theme.INK, "width": 3})
    longest = max([max(hours, aim or 0) for _, hours, aim, _ in rows], default=1) or 1
    for y, (_, hours, aim, words) in enumerate(rows):
        drawn.add_annotation(x=max(hours, aim or 0) + longest * 0.02, y=y, text=words, xanchor="left")
    rows_down(drawn, [label for label, _, _, _ in rows])
    drawn.update_xaxes(range=[0, longest * 1.3], title=axis)
    return drawn


def weekly_columns(
    weeks: Sequence[str], hours: Sequence[float], *, low: float | None, high: float | None, words: Sequence[str], axis: str, band: str
) -> Drawing:
    """Draw hours by week over the planned range."""
    drawn = figure(300)
    if low is not None and high is not None:
        drawn.add_shape(type="rect", xref="paper", x0=0, x1=1, y0=low, y1=high, fillcolor=theme.PALE, opacity=0.7, line={"width": 0}, layer="below")
        drawn.add_annotation(xref="paper", x=0, y=high, text=band, xanchor="left", yanchor="bottom")
    drawn.add_bar(
        x=list(weeks),
        y=list(hours),
        marker={"color": theme.BLUE},
        width=0.6,
        text=list(words),
        textposition="inside",
        insidetextfont={"color": "white"},
        showlegend=False,
    )
    drawn.update_xaxes(title=axis, type="category")
    drawn.update_yaxes(visible=False, range=[0, max([*hours, high or 0, 1]) * 1.15])
    return drawn


def slopes(
    panels: Sequence[tuple[str, Sequence[tuple[float, float]]]], *, before: str, after: str, limits: tuple[float, float], least: float, names: Mapping[str, str]
) -> Drawing:
    """Draw each person as a line from before to after, a panel a group.

    `least` is the smallest change that counts, 0 for any; `names` name the kinds "improved", "same" and "worse".
    """
    drawn = figure(360)
    looks = {"improved": theme.UP, "same": theme.SAME, "worse": theme.DOWN}
    shown: set[str] = set()
    step = max(least, 2e-9) - 1e-9
    for panel, (_, pairs) in enumerate(panels):
        for first, last in pairs:
            kind = "improved" if last - first >= step else "worse" if first - last >= step else "same"
            look = looks[kind]
            drawn.add_scatter(
                x=[panel * 1.6, panel * 1.6 + 1],
                y=[first, last],
                mode="lines+markers",
                name=names[kind],
                legendgroup=kind,
                showlegend=kind not in shown,
                line={"color": look["color"], "width": 2.5, "dash": "dot" if kind == "worse" else "solid"},
                marker={"size": 12, "symbol": ["circle-open", look["symbol"]], "color": look["color"], "line": {"width": 2}},
            )
            shown.add(kind)
        drawn.add_annotation(x=panel * 1.6 + 0.5, y=1.0, yref="paper", yanchor="top", text=f"<b>{panels[panel][0]}</b>")
    ticks = [(p * 1.6 + side, word) for p in range(len(panels)) for side, word in ((0, before), (1, after))]
    drawn.update_xaxes(tickvals=[x for x, _ in ticks], ticktext=[w for _, w in ticks], range=[-0.3, len(panels) * 1.6 - 0.3])
    low, high = limits
    drawn.update_yaxes(range=[low - 0.1 * (high - low) / 4, high + 0.15 * (high - low)], showgrid=True, gridcolor="#EEF1F4")
    return drawn


def before_after(rows: Sequence[tuple[str, int, int, int, str]], *, before: str, after: str, axis: str) -> Drawing:
    """Draw two counts of the same people as a dumbbell, a row a question: (label, before, after, people, note)."""
    tall = [0.4 + 0.6 * (row[0].count("<br>") + 1) for row in rows]
    places = [sum(tall[:n]) + tall[n] / 2 for n in range(len(rows))]
    drawn = figure(theme.MARGIN + 30 + round(theme.ROW_HEIGHT * sum(tall)))
    lines: list[tuple[float | None, float | None]] = [p for y, row in zip(places, rows, strict=True) for p in ((row[1], y), (row[2], y), (None, None))]
    drawn.add_scatter(x=[x for x, _ in lines], y=[y for _, y in lines], mode="lines", showlegend=False, line={"color": theme.PALE, "width": 5})
    for name, place, look, size in ((before, 1, theme.BEFORE, 17), (after, 2, theme.AFTER, 11)):
        drawn.add_scatter(
            x=[row[place] for row in rows],
            y=places,
            mode="markers",
            name=name,
            marker={"size": size, "color": look["color"], "symbol": look["symbol"], "line": {"width": 2.5, "color": look["color"]}},
        )
    people = max((row[3] for row in rows), default=1) or 1
    beside_rows(drawn, [(y, row[4]) for y, row in zip(places, rows, strict=True)])
    drawn.update_yaxes(tickvals=places, ticktext=[row[0] for row in rows], range=[sum(tall), 0])
    drawn.update_xaxes(range=[-0.3, people + 0.3], tickvals=list(range(people + 1)), title=axis)
    return drawn


def dots_and_ranges(
    rows: Sequence[tuple[str, Sequence[float], tuple[float, float] | None, tuple[float, float] | None, str]],
    *,
    dot: str,
    estimate: str,
    interval: str,
    axis: str,
    limits: tuple[float, float],
    ticks: Sequence[tuple[float, str]] = (),
    zero: bool = False,
) -> Drawing:
    """Draw people as rings, an estimate as a bar across and its interval as a line, a row a group.

    Parameters
    ----------
    rows : sequence of (label, people's values, estimate from and to, interval or None, note)
        The estimate is a range where people are not known. An interval that leaves the axis is cut at its end.
    dot, estimate, interval : str
        Names in the legend; an empty one is not drawn.
    zero : bool
        Draw a line at nought.
    """
    low, high = limits
    drawn = figure(theme.MARGIN + 30 + (theme.ROW_HEIGHT + 20) * max(len(rows), 1))
    if zero:
        drawn.add_shape(type="line", yref="paper", x0=0, x1=0, y0=0, y1=1, line={"color": theme.GREY, "width": 1, "dash": "dot"})
    cut = [(y, max(ends[0], low), min(ends[1], high)) for y, (_, _, _, ends, _) in enumerate(rows) if ends]
    lines: list[tuple[float | None, float | None]] = [p for y, a, b in cut for p in ((a, y + 0.22), (b, y + 0.22), (None, None))]
    drawn.add_scatter(x=[x for x, _ in lines], y=[y for _, y in lines], mode="lines", name=interval, line={"color": theme.INK, "width": 2.5})
    points = []
    for y, (_, values, _, _, _) in enumerate(rows):
        for _, same in groupby(sorted(values), key=lambda v: round(v, 2)):
            points += [(value, y - 0.05 - 0.13 * n) for n, value in enumerate(same)]
    if points:
        marker = {"size": 12, "color": theme.BLUE, "symbol": "circle-open", "line": {"width": 2.5}}
        drawn.add_scatter(x=[x for x, _ in points], y=[y for _, y in points], mode="markers", name=dot, marker=marker)
    bars: list[tuple[float | None, float | None]] = []
    for y, (_, _, between, _, _) in enumerate(rows):
        if between:
            a, b = between
            bars += [(a, y + 0.1), (a, y + 0.34), (b, y + 0.34), (b, y + 0.1), (a, y + 0.1), (None, None)]
    drawn.add_scatter(x=[x for x, _ in bars], y=[y for _, y in bars], mode="lines", name=estimate, line={"color": theme.VERMILION, "width": 4})
    beside_rows(drawn, [(y, note) for y, (_, _, _, _, note) in enumerate(rows)])
    rows_down(drawn, [label for label, _, _, _, _ in rows])
    room = 0.03 * (high - low)
    drawn.update_xaxes(range=[low - room, high + room], title=axis)
    if ticks:
        drawn.update_xaxes(tickvals=[x for x, _ in ticks], ticktext=[words for _, words in ticks])
    return drawn


def two_curves(x: Sequence[float], first: Sequence[float], second: Sequence[float], *, names: tuple[str, str], axis: str) -> Drawing:
    """Draw two densities over one axis, told apart by dash and by name."""
    drawn = figure(300)
    for y, name, colour, dash in ((first, names[0], theme.GREY, "dash"), (second, names[1], theme.BLUE, "solid")):
        drawn.add_scatter(x=list(x), y=list(y), mode="lines", name=name, line={"color": colour, "width": 3, "dash": dash})
    drawn.update_xaxes(title=axis)
    drawn.update_yaxes(visible=False, rangemode="tozero")
    return drawn


def steps_and_band(
    weeks: Sequence[float], share: Sequence[float], low: Sequence[float], high: Sequence[float], *, names: tuple[str, str], axis: str, percents: Sequence[str]
) -> Drawing:
    """Draw a share that falls in steps, in the band of its interval."""
    drawn = figure(320)
    drawn.add_scatter(x=list(weeks), y=list(high), mode="lines", line={"width": 1, "color": theme.GREY, "shape": "hv"}, showlegend=False)
    drawn.add_scatter(
        x=list(weeks), y=list(low), mode="lines", line={"width": 1, "color": theme.GREY, "shape": "hv"}, fill="tonexty", fillcolor=theme.PALE, name=names[1]
    )
    drawn.add_scatter(x=list(weeks), y=list(share), mode="lines+markers", line={"width": 3, "color": theme.BLUE, "shape": "hv"}, name=names[0])
    drawn.update_xaxes(title=axis, dtick=1)
    drawn.update_yaxes(range=[-0.02, 1.05], tickvals=[0, 0.25, 0.5, 0.75, 1], ticktext=list(percents))
    return drawn


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
