"""Figures of counts, shares and ranges."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count, groupby
from typing import Any

from ikut_eval.contract.locale import percent
from ikut_eval.present import theme
from ikut_eval.present.theme import Drawing, figure

FEWEST_PLACES = 6
"""People for whom a figure has room, however few there are."""
_ROOMY = 20
"""People in a row that have room for large marks."""
_PATTERNS = {"circle": "", "triangle-up": "", "square": ".", "circle-open": "", "x-thin-open": "/", "triangle-down": "x"}
"""Filling of a bar for a kind of people, by the mark that stands for it where people are dots."""
_MOST_STEPS = 5
"""Steps of an axis of counts at most."""
_PILED = 14
"""Pixels from one to the next of people who stand above each other."""
_RING = {"color": theme.BLUE, "symbol": "circle-open", "line": {"width": 2.5}}

Marks = Sequence[tuple[str, int]]
"""Kinds of mark with how many of each, in the order in which they are drawn."""


def row_places(labels: Sequence[str], apart: int = theme.ROW_HEIGHT) -> list[float]:
    """Return where the middle of each row stands: 0, 1, 2 ... where labels are of one line; a row is as high as the lines of its label."""
    heights = [_row_height(label, apart) for label in labels]
    return [sum(heights[:n]) + (height - 1) / 2 for n, height in enumerate(heights)]


def _row_height(label: str, apart: int) -> float:
    return max(1.0, (theme.LINE_HEIGHT * (label.count("<br>") + 1) + 6) / apart)


def row_figure(labels: Iterable[str], *, notes: Iterable[str] | None = None, around: int = theme.MARGIN, apart: int = theme.ROW_HEIGHT) -> Drawing:
    """Return an empty figure of named rows at `row_places` from top to bottom, with a note beside each where there are notes.

    It has `around` pixels above and below all rows, and at least `apart` from one row to the next.
    """
    names = list(labels)
    places, total = row_places(names, apart), sum(_row_height(name, apart) for name in names)
    drawn = figure(around + round(apart * max(total, 1)))
    drawn.update_yaxes(tickvals=places, ticktext=names, range=[total - 0.4, -0.6])
    if notes is not None:
        beside_rows(drawn, list(zip(places, notes, strict=True)))
    return drawn


def beside_rows(drawn: Drawing, notes: Sequence[tuple[float, str]]) -> None:
    """Write a note beside each row, in a margin wide enough for the longest."""
    for y, words in notes:
        if words:
            drawn.add_annotation(xref="paper", x=1, y=y, text=words, xanchor="left")
    drawn.update_layout(margin={"r": 16 + theme.LETTER_WIDTH * max((len(words) for _, words in notes), default=0)})


def count_marks(most: int) -> dict[str, Any]:
    """Return the marks of an axis of people or answers from 0 to `most`: as many as stand beside each other in a narrow figure."""
    step = next(n for power in count() for n in (10**power, 2 * 10**power, 5 * 10**power) if n * _MOST_STEPS >= most)
    return {"tickvals": list(range(0, most + 1, step))}


def percent_marks(language: str) -> dict[str, Any]:
    """Return the marks of an axis of shares: 0, 25, 50, 75 and 100 per cent."""
    shares = [0, 0.25, 0.5, 0.75, 1]
    return {"tickvals": shares, "ticktext": [percent(share, language) for share in shares]}


def look_of(kind: Mapping[str, str], size: float, width: float = 2.5) -> dict[str, Any]:
    """Return how plotly draws a kind's mark."""
    return {"size": size, "color": kind["color"], "symbol": kind["symbol"], "line": {"width": width, "color": kind["color"]}}


def add_marks(drawn: Drawing, places: Sequence[tuple[float, float]], **trace: Any) -> None:
    """Draw a mark at each place (x, y)."""
    drawn.add_scatter(x=[x for x, _ in places], y=[y for _, y in places], mode="markers", **trace)


def add_paths(drawn: Drawing, paths: Sequence[Sequence[tuple[float, float]]], **trace: Any) -> None:
    """Draw each path through its places (x, y); plotly begins a new one where a place is None."""
    places = [place for path in paths for place in (*path, (None, None))]
    drawn.add_scatter(x=[x for x, _ in places], y=[y for _, y in places], mode="lines", **trace)


def _piled(values: Sequence[float], y: float, step: float) -> list[tuple[float, float]]:
    """Return the places of values beside y; those that would cover each other stand one above the other."""
    piles = (list(same) for _, same in groupby(sorted(values), key=lambda value: round(value, 2)))
    return [(value, y - step * n) for pile in piles for n, value in enumerate(pile)]


def unit_dots(rows: Sequence[tuple[str, Marks, str]], *, kinds: Mapping[str, Mapping[str, str]], names: Mapping[str, str]) -> Drawing:
    """Draw people as marks, a row a group: (label, marks, note at its end). Each kind has its colour and symbol, and its name in the legend."""
    drawn = row_figure((label for label, _, _ in rows), notes=[note for _, _, note in rows], around=60)
    people = [[kind for kind, n in marks for _ in range(n)] for _, marks, _ in rows]
    widest = max(map(len, people), default=0)
    middles = row_places([label for label, _, _ in rows])
    for kind, look in kinds.items():
        places = [(x, y) for y, row in zip(middles, people, strict=True) for x, mark in enumerate(row, start=1) if mark == kind]
        add_marks(drawn, places, name=names[kind], marker=look_of(look, 15 if widest <= _ROOMY else 9))
    drawn.update_layout(margin={"b": 8}, showlegend=True)
    drawn.update_xaxes(visible=False, range=[0.4, max(widest, FEWEST_PLACES) + 0.6])
    return drawn


def person_rates(rows: Sequence[tuple[str, Sequence[float], float | None]], *, person: str, pooled: str, axis: str, language: str) -> Drawing:
    """Draw each person's rate as a ring and the pooled rate as a line, a row a group: (label, people's rates, pooled rate or None)."""
    drawn = row_figure((label for label, _, _ in rows), around=theme.MARGIN + 30, apart=theme.ROW_HEIGHT + 14)
    places = [place for y, (_, rates, _) in enumerate(rows) for place in _piled(rates, y, 0.16)]
    add_marks(drawn, places, name=person, marker=_RING | {"size": 13})
    lines = [((value, y - 0.38), (value, y + 0.3)) for y, (_, _, value) in enumerate(rows) if value is not None]
    add_paths(drawn, lines, name=pooled, line={"color": theme.VERMILION, "width": 4})
    drawn.update_xaxes(range=[-0.02, 1.03], **percent_marks(language), title=axis)
    return drawn


def heat_map(labels: Sequence[str], weeks: Sequence[str], cells: Sequence[Sequence[tuple[float | None, str]]], *, axis: str) -> Drawing:
    """Draw shares by week, a row a group; each cell carries its count in words."""
    drawn = row_figure(labels, around=theme.MARGIN + 30, apart=theme.ROW_HEIGHT + 6)
    places = [(x, y) for y in range(len(labels)) for x in range(len(weeks))]
    each = [cells[y][x] for x, y in places]
    drawn.add_bar(
        x=[0.94] * len(places),
        base=[x - 0.47 for x, _ in places],
        y=[y for _, y in places],
        orientation="h",
        width=0.9,
        marker={"color": ["white" if value is None else theme.shade(value) for value, _ in each], "line": {"width": 0}},
        text=[words for _, words in each],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"color": theme.INK, "size": 13},
        showlegend=False,
    )
    drawn.update_layout(barmode="overlay", margin={"t": 12})
    drawn.update_xaxes(title=axis, tickvals=list(range(len(weeks))), ticktext=list(weeks), range=[-0.5, len(weeks) - 0.5], ticks="")
    return drawn


def plan_and_held(rows: Sequence[tuple[str, float, float | None, str]], *, planned: str, held: str, axis: str) -> Drawing:
    """Draw what was held as a bar and what was planned as a line across it, a row a group."""
    drawn = row_figure((label for label, _, _, _ in rows), around=theme.MARGIN + 30)
    drawn.add_bar(x=[hours for _, hours, _, _ in rows], y=list(range(len(rows))), orientation="h", name=held, marker={"color": theme.BLUE}, width=0.55)
    lines = [((aim, y - 0.4), (aim, y + 0.4)) for y, (_, _, aim, _) in enumerate(rows) if aim is not None]
    add_paths(drawn, lines, name=planned, line={"color": theme.INK, "width": 3})
    longest = max([max(hours, aim or 0) for _, hours, aim, _ in rows], default=1) or 1
    for y, (_, hours, aim, words) in enumerate(rows):
        drawn.add_annotation(x=max(hours, aim or 0) + longest * 0.02, y=y, text=words, xanchor="left")
    drawn.update_xaxes(range=[0, longest * 1.3], title=axis)
    return drawn


def weekly_columns(rows: Sequence[tuple[str, float, str]], *, low: float | None, high: float | None, axis: str, band: str) -> Drawing:
    """Draw hours by week, as (week, hours, words), over the planned range."""
    drawn = figure(300)
    if low is not None and high is not None:
        drawn.add_shape(type="rect", xref="paper", x0=0, x1=1, y0=low, y1=high, fillcolor=theme.PALE, opacity=0.7, line={"width": 0}, layer="below")
        drawn.add_annotation(xref="paper", x=0, yref="paper", y=1, text=band, xanchor="left", yanchor="bottom")
    drawn.add_bar(
        x=[week for week, _, _ in rows],
        y=[hours for _, hours, _ in rows],
        marker={"color": theme.BLUE},
        width=0.6,
        text=[words for _, _, words in rows],
        textposition="outside",
        textangle=0,
        textfont={"color": theme.INK, "size": 12},
        cliponaxis=False,
        showlegend=False,
    )
    drawn.update_xaxes(title=axis, type="category")
    drawn.update_yaxes(visible=False, range=[0, max([*(hours for _, hours, _ in rows), high or 0, 1]) * 1.15])
    return drawn


def slopes(
    panels: Sequence[tuple[str, Sequence[tuple[float, float]]]], *, before: str, after: str, limits: tuple[float, float], least: float, names: Mapping[str, str]
) -> Drawing:
    """Draw each person as a line from before to after, a panel a group; `least` is the smallest change that counts, 0 for any."""
    drawn = figure(360)
    shown: set[str] = set()
    step = max(least, 2e-9) - 1e-9
    for panel, (_, pairs) in enumerate(panels):
        for first, last in pairs:
            kind = "improved" if last - first >= step else "worse" if first - last >= step else "same"
            look = theme.CHANGED[kind]
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
    ticks = [p * 1.6 + side for p in range(len(panels)) for side in (0, 1)]
    drawn.update_xaxes(tickvals=ticks, ticktext=[before, after] * len(panels), range=[-0.3, len(panels) * 1.6 - 0.3])
    low, high = limits
    drawn.update_yaxes(range=[low - 0.1 * (high - low) / 4, high + 0.15 * (high - low)], showgrid=True, gridcolor="#EEF1F4")
    return drawn


def before_after(rows: Sequence[tuple[str, int, int, int, str]], *, before: str, after: str, axis: str) -> Drawing:
    """Draw two counts of the same people as a dumbbell, a row a question: (label, before, after, people, note)."""
    drawn = row_figure([row[0] for row in rows], notes=[row[4] for row in rows], around=theme.MARGIN + 30)
    places = row_places([row[0] for row in rows])
    lines = [((row[1], y), (row[2], y)) for y, row in zip(places, rows, strict=True)]
    add_paths(drawn, lines, showlegend=False, line={"color": theme.PALE, "width": 5})
    for name, counts, look, size in ((before, [row[1] for row in rows], theme.NO, 17), (after, [row[2] for row in rows], theme.YES, 11)):
        add_marks(drawn, list(zip(counts, places, strict=True)), name=name, marker=look_of(look, size))
    people = max((row[3] for row in rows), default=1) or 1
    drawn.update_xaxes(range=[-0.3, people + 0.3], title=axis, **count_marks(people))
    return drawn


def dots_and_ranges(
    rows: Sequence[tuple[str, Sequence[float], tuple[float, float] | None, tuple[float, float] | None, str]],
    *,
    names: tuple[str, str, str],
    language: str,
    axis: str = "",
    limits: tuple[float, float] | None = None,
) -> Drawing:
    """Draw people as rings, an estimate as a bar across and its interval as a line, a row a group.

    Parameters
    ----------
    rows : sequence of (label, people's values, estimate from and to, interval or None, note)
        The estimate is a range where people are not known. An interval that leaves the axis is cut at its end.
    names : tuple of str
        Of a person, of the estimate and of the interval, in the legend; "" for what no row has.
    limits : (float, float), optional
        Ends of the axis, with a line at zero; shares from 0 to 100 per cent where left out.
    """
    low, high = limits or (0, 1)
    tallest = max((len(list(same)) for _, values, _, _, _ in rows for _, same in groupby(sorted(values), key=lambda value: round(value, 2))), default=0)
    apart = theme.ROW_HEIGHT + 6 + _PILED * tallest
    drawn = row_figure([row[0] for row in rows], notes=[row[-1] for row in rows], around=theme.MARGIN + 30 + _PILED, apart=apart)
    middles = row_places([row[0] for row in rows], apart)
    if limits:
        drawn.add_shape(type="line", yref="paper", x0=0, x1=0, y0=0, y1=1, line={"color": theme.GREY, "width": 1, "dash": "dot"})
    lines = [((max(row[3][0], low), y), (min(row[3][1], high), y)) for y, row in zip(middles, rows, strict=True) if row[3]]
    add_paths(drawn, lines, name=names[2], line={"color": theme.INK, "width": 2.5})
    step = _PILED / apart
    places = [place for y, row in zip(middles, rows, strict=True) for place in _piled(row[1], y - step, step)]
    if places:
        bottom, top = drawn.layout["yaxis"]["range"]
        drawn.update_yaxes(range=[bottom, min(top, -step * (tallest + 1))])
        add_marks(drawn, places, name=names[0], marker=_RING | {"size": 12})
    half = 5 / apart
    corners = ((0, -half), (0, half), (1, half), (1, -half), (0, -half))
    bars = [[(row[2][end], y + up) for end, up in corners] for y, row in zip(middles, rows, strict=True) if row[2]]
    add_paths(drawn, bars, name=names[1], line={"color": theme.VERMILION, "width": 4})
    room = 0.03 * (high - low)
    drawn.update_xaxes(range=[low - room, high + room], title=axis, **({} if limits else percent_marks(language)))
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
    weeks: Sequence[float], share: Sequence[float], low: Sequence[float], high: Sequence[float], *, names: tuple[str, str], axis: str, language: str
) -> Drawing:
    """Draw a share that falls in steps, in the band of its interval; `names` are those of the share and of the interval."""
    drawn = figure(320)
    edge = {"width": 1, "color": theme.GREY, "shape": "hv"}
    drawn.add_scatter(x=list(weeks), y=list(high), mode="lines", line=edge, showlegend=False)
    drawn.add_scatter(x=list(weeks), y=list(low), mode="lines", line=edge, fill="tonexty", fillcolor=theme.PALE, name=names[1])
    drawn.add_scatter(x=list(weeks), y=list(share), mode="lines+markers", line={"width": 3, "color": theme.BLUE, "shape": "hv"}, name=names[0])
    drawn.update_xaxes(title=axis, dtick=1)
    drawn.update_yaxes(range=[-0.02, 1.05], **percent_marks(language))
    return drawn


def stacked_counts(
    rows: Sequence[tuple[str, Marks, str]],
    *,
    kinds: Mapping[str, Mapping[str, str]],
    names: Mapping[str, str],
    axis: str,
) -> Drawing:
    """Draw a bar a group, (label, parts, note at its end), with parts as long as they have people."""
    drawn = row_figure((label for label, _, _ in rows), notes=[note for _, _, note in rows], around=theme.MARGIN + 20)
    totals = [sum(n for _, n in parts) for _, parts, _ in rows]
    for kind, look in kinds.items():
        counts = [sum(n for name, n in parts if name == kind) for _, parts, _ in rows]
        filling = _PATTERNS[look["symbol"]]
        light = bool(filling) or look["symbol"] == "circle-open"
        pattern = {"pattern": {"shape": filling, "fgcolor": look["color"], "fgopacity": 0.45, "size": 7}} if filling else {}
        drawn.add_bar(
            x=counts,
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
    most = max([*totals, FEWEST_PLACES])
    drawn.update_xaxes(range=[0, most + 0.2], title=axis, **count_marks(most))
    return drawn
