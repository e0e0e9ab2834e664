"""A drawing as a still picture (SVG), for programs that show a notebook's outputs and do not run plotly, as nbconvert.

It draws what the figures of this folder are made of, under plotly's names. A letter is taken to be as wide as letters are on the average.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Any, NamedTuple

from ikut_eval.present import theme
from ikut_eval.present.theme import Drawing, Parts

_WIDTH = 900
_LETTER, _LINE, _SMALL = 7.8, 17, 13
"""Pixels of a letter, of a line of text, and of small text."""
_DASHES = {"dot": "3 3", "dash": "9 6"}
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_SYMBOLS = {
    "triangle-up": "M0 -1.1L1 0.7H-1Z",
    "triangle-down": "M0 1.1L1 -0.7H-1Z",
    "triangle-right": "M1.1 0L-0.7 1V-1Z",
    "square": "M-0.85 -0.85H0.85V0.85H-0.85Z",
    "diamond": "M0 -1.2L1.2 0L0 1.2L-1.2 0Z",
    "x-thin": "M-0.8 -0.8L0.8 0.8M-0.8 0.8L0.8 -0.8",
    "line-ns": "M0 -1.4V1.4",
    "circle": "M-1 0A1 1 0 1 1 1 0A1 1 0 1 1 -1 0Z",
}
_STROKES = ("x-thin", "line-ns")
_HATCHES = {"/": "M0 7L7 0", "x": "M0 7L7 0M0 0L7 7", ".": "M3 3h1.5v1.5H3Z"}

_Place = tuple[float, float]


class _Axis(NamedTuple):
    """How a value becomes pixels: the value `first` stands at `start`, `last` at `end`; ticks are (value, words)."""

    first: float
    last: float
    start: float
    end: float
    ticks: Sequence[tuple[float, str]]

    def at(self, value: float) -> float:
        return round(self.start + (value - self.first) / (self.last - self.first) * (self.end - self.start), 1)


def svg(drawn: Drawing, alternative: str) -> str:
    """Return a drawing as SVG; `alternative` says in words what it shows."""
    layout = drawn.layout
    categories = list(dict.fromkeys(value for trace in drawn.data for value in trace["x"])) if layout["xaxis"].get("type") == "category" else []
    traces, margin = _placed(drawn.data, categories, stacked=layout.get("barmode") == "stack"), layout["margin"]
    labels = [line for words in layout["yaxis"].get("ticktext", ()) for line in str(words).split("<br>")]
    legend = _legend_rows(traces, layout)
    left = max(margin["l"], 20 + _LETTER * max(map(len, labels), default=0))
    top = max(margin["t"], 14 + 22 * len(legend))
    above = layout["xaxis"].get("side") == "top"
    bottom = max(margin["b"], 24 * (layout["xaxis"].get("visible", True) and not above) + 24 * ("title" in layout["xaxis"] and not above))
    x = _axis(layout["xaxis"], [v for t in traces for v in t["x"]], left, _WIDTH - margin["r"], categories)
    y = _axis(layout["yaxis"], [v for t in traces for v in t["y"]], layout["height"] - bottom, top)
    shapes = layout.get("shapes", ())
    parts = [
        *(_shape(shape, x, y) for shape in shapes if shape.get("layer") == "below"),
        *_axes(layout, x, y),
        *(part for before, trace in zip([{}, *traces], traces, strict=False) for part in _trace(trace, before, x, y)),
        *(_shape(shape, x, y) for shape in shapes if shape.get("layer") != "below"),
        *(_note(note, x, y) for note in layout.get("annotations", ())),
        *_legend(legend, left),
    ]
    about = _attributes(viewBox=f"0 0 {_WIDTH} {layout['height']}", width=_WIDTH, style="max-width:100%;height:auto", role="img")
    font = _attributes(font_family=theme.FONT, font_size=14, fill=theme.INK)
    title = f"<title>{escape(alternative)}</title>{_element('rect', width='100%', height='100%', fill='white')}"
    return f'<svg xmlns="http://www.w3.org/2000/svg"{about}{font}>{title}{"".join(parts)}</svg>'


def _placed(data: Sequence[Parts], categories: list[Any], *, stacked: bool) -> list[Parts]:
    """Return traces with numbers as places: a category by its number, and each bar with its base."""
    ends: dict[Any, float] = {}
    traces = []
    for given in data:
        trace = {**given, "x": [categories.index(value) for value in given["x"]] if categories else list(given["x"])}
        if trace["type"] == "bar" and "base" not in trace:
            sizes, places = (trace["x"], trace["y"]) if trace.get("orientation") == "h" else (trace["y"], trace["x"])
            trace["base"] = [ends.get(place, 0.0) if stacked else 0.0 for place in places]
            ends |= {place: base + size for place, base, size in zip(places, trace["base"], sizes, strict=True)}
        traces.append(trace)
    return traces


def _axis(axis: Parts, values: Sequence[float | None], start: float, end: float, categories: Sequence[Any] = ()) -> _Axis:
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = 0.5 if categories else 0.04 * (high - low) or 0.5
    first, last = axis.get("range", (0 if axis.get("rangemode") == "tozero" else low - room, high + room))
    if categories:
        ticks = [(float(place), str(words)) for place, words in enumerate(categories)]
    elif "tickvals" in axis:
        named = axis["ticktext"] if "ticktext" in axis else axis["tickvals"]
        ticks = [(value, str(words)) for value, words in zip(axis["tickvals"], named, strict=True)]
    else:
        ticks = [(value, f"{value:g}".replace("-", "−")) for value in _steps(min(first, last), max(first, last), axis)]
    return _Axis(first, last, start, end, ticks)


def _steps(low: float, high: float, axis: Parts) -> Iterator[float]:
    """Give the multiples of a step between two ends; where none is set, it is 1, 2 or 5 times a power of ten."""
    rough = (high - low) / axis.get("nticks", 8)
    power = 10.0 ** floor(log10(rough))
    step = axis.get("dtick") or next(n * power for n in (1, 2, 5, 10) if n * power >= rough)
    yield from (round(n * step, 9) for n in range(ceil(low / step), floor(high / step) + 1))


def _axes(layout: Parts, x: _Axis, y: _Axis) -> Iterator[str]:
    across, above = layout["xaxis"], layout["xaxis"].get("side") == "top"
    edge = y.end if above else y.start
    if layout["yaxis"].get("showgrid"):
        yield from (_line([(x.start, y.at(value)), (x.end, y.at(value))], {"color": layout["yaxis"]["gridcolor"]}) for value, _ in y.ticks)
    if across.get("visible", True):
        yield _line([(x.start, edge), (x.end, edge)], {"color": theme.PALE})
        if across["ticks"]:
            yield from (_line([(x.at(value), edge), (x.at(value), edge + 5)], {"color": theme.PALE}) for value, _ in x.ticks)
        yield from (_text(words, x.at(value), edge + (-8 if above else 19), lift=above, size=_SMALL) for value, words in x.ticks)
        if "title" in across:
            yield _text(across["title"]["text"], (x.start + x.end) / 2, 14 if above else edge + 40)
    if layout["yaxis"].get("visible", True):
        yield from (_text(words, x.start - 8, y.at(value) + 5 - _LINE * words.count("<br>") / 2, "end") for value, words in y.ticks)


def _trace(trace: Parts, before: Parts, x: _Axis, y: _Axis) -> Iterator[str]:
    if trace["type"] == "bar":
        yield from _bars(trace, x, y)
        return
    places = _places(trace, x, y)
    if "lines" in trace["mode"]:
        if before and trace.get("fill") == "tonexty":
            around = [*_stepped(before, x, y)[0], *reversed(_stepped(trace, x, y)[0])]
            yield _element("path", d=_path(around) + "Z", fill=trace["fillcolor"])
        yield from (_line(path, trace["line"]) for path in _stepped(trace, x, y))
    if "markers" in trace["mode"]:
        marker = trace.get("marker", {"color": trace.get("line", {}).get("color"), "size": 7})
        yield from (_mark(place, _nth(marker, n)) for n, place in enumerate(places) if place)
    if "text" in trace["mode"]:
        anchor, shift = ("start", 4) if "right" in trace["textposition"] else ("end", -4)
        yield from (_text(words, place[0] + shift, place[1] + 5, anchor) for place, words in zip(places, trace["text"], strict=True) if place)


def _places(trace: Parts, x: _Axis, y: _Axis) -> list[_Place | None]:
    return [None if a is None or b is None else (x.at(a), y.at(b)) for a, b in zip(trace["x"], trace["y"], strict=True)]


def _stepped(trace: Parts, x: _Axis, y: _Axis) -> list[list[_Place]]:
    """Return the paths of a trace, which end where a place is None; in steps where its line says so."""
    paths: list[list[_Place]] = [[]]
    for place in _places(trace, x, y):
        if place is None:
            paths.append([])
            continue
        if trace["line"].get("shape") == "hv" and paths[-1]:
            paths[-1].append((place[0], paths[-1][-1][1]))
        paths[-1].append(place)
    return [path for path in paths if path]


def _bars(trace: Parts, x: _Axis, y: _Axis) -> Iterator[str]:
    flat, half = trace.get("orientation") == "h", trace["width"] / 2
    ink, above = trace.get("textfont", {}).get("color", theme.INK), trace.get("textposition") == "outside"
    for n, (a, b, base) in enumerate(zip(trace["x"], trace["y"], trace["base"], strict=True)):
        size, place = (a, b) if flat else (b, a)
        if not size:
            continue
        along, across = (base, base + size), (place - half, place + half)
        (x0, x1), (y0, y1) = (along, across) if flat else (across, along)
        corners = sorted((x.at(x0), x.at(x1))), sorted((y.at(y0), y.at(y1)))
        look = _nth(trace["marker"], n)
        edge = look.get("line", {})
        yield _box(*corners, fill=look["color"], stroke=edge.get("color"), stroke_width=edge.get("width", 0))
        if pattern := look.get("pattern"):
            yield _hatched(*corners, pattern["shape"], pattern["fgcolor"])
        if words := trace.get("text", [""] * (n + 1))[n]:
            middle = sum(corners[1]) / 2 + 5 if flat else corners[1][0] + (-4 if above else _LINE)
            yield _text(str(words), sum(corners[0]) / 2, middle, size=_SMALL, fill=ink)


def _hatched(across: Sequence[float], along: Sequence[float], shape: str, colour: str) -> str:
    name = f"hatch-{ord(shape)}-{colour.lstrip('#')}"
    hatch = _element("path", d=_HATCHES[shape], stroke=colour, stroke_opacity=0.45, fill="none")
    return f'<pattern id="{name}" width="7" height="7" patternUnits="userSpaceOnUse">{hatch}</pattern>{_box(across, along, fill=f"url(#{name})")}'


def _box(across: Sequence[float], along: Sequence[float], **look: Any) -> str:
    (x0, x1), (y0, y1) = across, along
    return _element("rect", x=x0, y=y0, width=round(x1 - x0, 1), height=round(y1 - y0, 1), **look)


def _mark(place: _Place, look: Mapping[str, Any]) -> str:
    symbol, is_open, _ = look.get("symbol", "circle").partition("-open")
    hollow = is_open or symbol in _STROKES
    edge, radius = look.get("line", {}), look["size"] / 2
    width = round(edge.get("width", 0) / radius, 2)
    at = f"translate({place[0]} {place[1]}) scale({radius:g})"
    stroke = look["color"] if hollow else edge.get("color", look["color"])
    return _element("path", d=_SYMBOLS[symbol], transform=at, fill="none" if hollow else look["color"], stroke=stroke, stroke_width=width)


def _nth(look: Mapping[str, Any], n: int) -> dict[str, Any]:
    """Return the look of the n-th mark: what is a list holds one value a mark."""
    return {name: value[n] if isinstance(value, list) else value for name, value in look.items()}


def _at(place: Mapping[str, Any], name: str, key: str, axis: _Axis) -> float:
    """Return where something stands: on paper 0 and 1 are the ends of the axis."""
    value: float = place[key]
    return axis.start + value * (axis.end - axis.start) if place.get(f"{name}ref") == "paper" else axis.at(value)


def _shape(shape: Parts, x: _Axis, y: _Axis) -> str:
    line, opacity = shape.get("line", {}), shape.get("opacity", 1)
    if shape["type"] == "path":
        path = re.sub(r"(-?[\d.e-]+) (-?[\d.e-]+)", lambda m: f"{x.at(float(m[1]))} {y.at(float(m[2]))}", shape["path"])
        return _element("path", d=path, fill=shape["fillcolor"], opacity=opacity, stroke=line.get("color"), stroke_width=line.get("width", 0))
    across, along = ([_at(shape, name, f"{name}{end}", axis) for end in (0, 1)] for name, axis in (("x", x), ("y", y)))
    if shape["type"] == "line":
        return _line(list(zip(across, along, strict=True)), line)
    return _box(sorted(across), sorted(along), fill=shape["fillcolor"], opacity=opacity)


def _note(note: Parts, x: _Axis, y: _Axis) -> str:
    anchor = _ANCHORS[note.get("xanchor", "center")]
    down = {"bottom": -4, "top": _LINE - 3}.get(note.get("yanchor", ""), 5)
    shift = note.get("xshift", 0) + (4 if anchor == "start" else 0)
    return _text(note["text"], _at(note, "x", "x", x) + shift, _at(note, "y", "y", y) + down, anchor)


def _legend_rows(traces: Sequence[Parts], layout: Parts) -> list[list[tuple[float, Parts]]]:
    """Return the named traces in rows, each with its place from the left; one trace alone has no legend unless it is asked for."""
    named = [trace for trace in traces if trace.get("name") and trace.get("showlegend", True)]
    if not layout.get("showlegend", len(traces) > 1):
        return []
    rows: list[list[tuple[float, Parts]]] = [[]]
    place = 0.0
    for trace in named:
        wide = 48 + _LETTER * len(trace["name"])
        if rows[-1] and place + wide > _WIDTH - 40:
            rows, place = [*rows, []], 0.0
        rows[-1].append((place, trace))
        place += wide
    return rows if named else []


def _legend(rows: Sequence[Sequence[tuple[float, Parts]]], left: float) -> Iterator[str]:
    start = 12 if any(left + place + 48 + _LETTER * len(trace["name"]) > _WIDTH for row in rows for place, trace in row) else left
    for n, row in enumerate(rows):
        for place, trace in row:
            x, y, look = start + place, 16.0 + 22 * n, _nth(trace.get("marker", {}), -1)
            if trace["type"] == "bar":
                edge = look.get("line", {})
                sides = (x + 2, x + 22), (y - 7, y + 5)
                yield _box(*sides, fill=look["color"], stroke=edge.get("color"), stroke_width=edge.get("width", 0))
                if pattern := look.get("pattern"):
                    yield _hatched(*sides, pattern["shape"], pattern["fgcolor"])
            elif "lines" in trace["mode"]:
                yield _line([(x, y - 1), (x + 24, y - 1)], trace["line"] if "fill" not in trace else {"color": trace["fillcolor"], "width": 10})
            if "markers" in trace.get("mode", "") and look:
                yield _mark((x + 12, y - 1), look)
            yield _text(trace["name"], x + 30, y + 4, "start")


def _path(places: Sequence[_Place]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places)


def _line(places: Sequence[_Place], look: Mapping[str, Any]) -> str:
    dash = _DASHES.get(look.get("dash", ""))
    return _element("path", d=_path(places), fill="none", stroke=look["color"], stroke_width=look.get("width", 1), stroke_dasharray=dash)


def _text(words: str, x: float, y: float, anchor: str = "middle", *, lift: bool = False, size: int | None = None, fill: str | None = None) -> str:
    """Return words, a line below the other where they are broken; with `lift` the last line stands at y. The tag <b> makes all of them bold."""
    lines = words.split("<br>")
    first = y - _LINE * (len(lines) - 1) * lift
    spans = "".join(f"<tspan{_attributes(x=round(x, 1), y=round(first + _LINE * n, 1))}>{_bold(line)}</tspan>" for n, line in enumerate(lines))
    return f"<text{_attributes(text_anchor=anchor, font_size=size, fill=fill)}>{spans}</text>"


def _bold(line: str) -> str:
    return re.sub(r"&lt;b&gt;(.*?)&lt;/b&gt;", r'<tspan font-weight="bold">\1</tspan>', escape(line, quote=False))


def _element(tag: str, **attributes: Any) -> str:
    return f"<{tag}{_attributes(**attributes)}/>"


def _attributes(**values: Any) -> str:
    return "".join(f' {name if name == "viewBox" else name.replace("_", "-")}="{escape(str(value))}"' for name, value in values.items() if value is not None)
