"""A figure as it is being drawn: traces and layout in plain parts, because plotly's own objects take 40 ms a figure."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

Parts = dict[str, Any]


class Drawing:
    """Traces, annotations, shapes and layout under plotly's names; `figure` gives plotly's figure, checked by plotly."""

    def __init__(self, layout: Mapping[str, Any]) -> None:
        self.data: list[Parts] = []
        self.layout: Parts = _copy(layout)

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

        figure = go.Figure(data=self.data, layout={**self.layout, "template": "none"})
        return figure.update_annotations(showarrow=False)


def _axis(settings: Mapping[str, Any]) -> Parts:
    return {name: {"text": value} if name == "title" and isinstance(value, str) else value for name, value in settings.items()}


def _copy(parts: Mapping[str, Any]) -> Parts:
    return {name: _copy(value) if isinstance(value, Mapping) else value for name, value in parts.items()}


def _merge(into: Parts, settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value
