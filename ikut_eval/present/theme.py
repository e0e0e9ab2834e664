"""Colours, fonts, and the plain parts that figures are drawn from."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import plotly.graph_objects as go


# Okabe and Ito (2008), Color Universal Design; each at least 3:1 on white.
BLUE: Final = "#0072B2"
VERMILION: Final = "#C75300"
GREEN: Final = "#00805D"
GREY: Final = "#6B7280"
PALE: Final = "#D5DAE0"
INK: Final = "#1F2933"
LIGHT_BLUE: Final = "#7DB8DD"
FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"

UP: Final = {"color": BLUE, "symbol": "triangle-up"}
SAME: Final = {"color": GREY, "symbol": "square"}
DOWN: Final = {"color": VERMILION, "symbol": "triangle-down"}
YES: Final = {"color": BLUE, "symbol": "circle"}
NO: Final = {"color": GREY, "symbol": "circle-open"}
NOT_KNOWN: Final = {"color": VERMILION, "symbol": "x-thin-open"}
COUNTED: Final[Mapping[str, Mapping[str, str]]] = {"yes": YES, "unknown": NOT_KNOWN, "no": NO}
"""Marks of people who have something, of whom it is not known, and who do not have it."""
CHANGED: Final[Mapping[str, Mapping[str, str]]] = {"improved": UP, "same": SAME, "worse": DOWN, "unknown": NOT_KNOWN}
"""Marks of people whose answer rose, stayed the same and fell, and of those with one answer alone."""

ROW_HEIGHT: Final = 34
MARGIN: Final = 90
LETTER_WIDTH: Final = 8
LINE_HEIGHT: Final = 19
"""Pixels of a letter, and of a line of a label."""

_AXIS: Final = {"showgrid": False, "zeroline": False, "fixedrange": True, "automargin": True}
LAYOUT: Final[Mapping[str, Any]] = {
    "font": {"family": FONT, "size": 14, "color": INK},
    "margin": {"l": 8, "r": 24, "t": 44, "b": 44},
    "paper_bgcolor": "white",
    "plot_bgcolor": "white",
    "hovermode": False,
    "dragmode": False,
    "legend": {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1.0,
        "yanchor": "bottom",
        "traceorder": "normal",
        "itemclick": False,
        "itemdoubleclick": False,
    },
    "xaxis": {**_AXIS, "ticks": "outside", "tickcolor": PALE, "linecolor": PALE},
    "yaxis": {**_AXIS, "ticks": "", "ticklabeloverflow": "allow"},
}
"""What all figures have in common."""


def shade(share: float) -> str:
    """Return the colour of a share: the darker, the more; never too dark for ink."""
    none, full = (0xF7, 0xFA, 0xFC), (0x7D, 0xB8, 0xDD)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in zip(none, full, strict=True))


Parts = dict[str, Any]
_MARKUP = re.compile(r"<(?!(?:br|b|/b)>)|&(?=#?\w+;)")
_ESCAPED: Final = {"<": "&lt;", "&": "&amp;"}


def as_text(parts: Any) -> Any:
    """Return the parts of a figure in which plotly finds no markup but line breaks and bold type: a label stays what it says."""
    if isinstance(parts, str):
        return _MARKUP.sub(lambda found: _ESCAPED[found[0]], parts)
    if isinstance(parts, Mapping):
        return {name: as_text(value) for name, value in parts.items()}
    return [as_text(value) for value in parts] if isinstance(parts, list | tuple) else parts


class Drawing:
    """Traces, annotations, shapes and layout under plotly's names; `figure` gives plotly's figure, checked by plotly."""

    def __init__(self, layout: Mapping[str, Any]) -> None:
        self.data: list[Parts] = []
        self.layout: Parts = deepcopy(dict(layout))

    def add_bar(self, **trace: Any) -> None:
        self.data.append({"type": "bar", **trace})

    def add_scatter(self, **trace: Any) -> None:
        self.data.append({"type": "scatter", **trace})

    def add_annotation(self, **annotation: Any) -> None:
        self.layout.setdefault("annotations", []).append(annotation)

    def add_shape(self, **shape: Any) -> None:
        self.layout.setdefault("shapes", []).append(shape)

    def update_layout(self, **settings: Any) -> None:
        _merge(self.layout, settings)

    def update_xaxes(self, **settings: Any) -> None:
        _merge(self.layout, {"xaxis": _axis(settings)})

    def update_yaxes(self, **settings: Any) -> None:
        _merge(self.layout, {"yaxis": _axis(settings)})

    @property
    def figure(self) -> "go.Figure":
        """The same as plotly's figure, to be changed further in a notebook."""
        import plotly.graph_objects as go

        return go.Figure(data=as_text(self.data), layout={**as_text(self.layout), "template": "none"}).update_annotations(showarrow=False)


def _axis(settings: Mapping[str, Any]) -> Parts:
    return {name: {"text": value, "standoff": 8} if name == "title" and isinstance(value, str) else value for name, value in settings.items()}


def _merge(into: Parts, settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value


def figure(height: int) -> Drawing:
    """Return an empty figure in the theme, `height` pixels high."""
    drawn = Drawing(LAYOUT)
    drawn.update_layout(height=height)
    return drawn
