"""What a browser must have painted before a state counts as drawn, from the figures and the tables alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

Painted = dict[str, Any]
Control = Mapping[str, Any]


@dataclass(frozen=True)
class View:
    """What a program shows.

    Attributes
    ----------
    wave, view : mapping with "name", "label" and "choices" – the two controls that are changed
    states : mapping of "wave|view" to what is painted then
    """

    wave: Control
    view: Control
    states: Mapping[str, Painted]

    def __post_init__(self) -> None:
        if len({repr(state) for state in self.states.values()}) < len(self.states):
            raise ValueError("two states look the same")

    @property
    def first(self) -> str:
        return f"{self.wave['choices'][0][0]}|{self.view['choices'][0][0]}"


def of_workload(content: Mapping[str, Any]) -> View:
    states = {key: {"charts": [painted(chart) for chart in state["charts"]], "rows": state["table"]["rows"]} for key, state in content["states"].items()}
    return View(*content["controls"], states)


def painted(chart: Mapping[str, Any]) -> Painted:
    """Return numbers of marks, lines, words and bars, and the annotations, which plotly.js draws last."""
    scatter = [(trace, trace["mode"]) for trace in chart["data"] if trace["type"] == "scatter"]
    return {
        "marks": sum(sum(runs(trace)) for trace, mode in scatter if "markers" in mode),
        "lines": sum(sum(length > 1 for length in runs(trace)) for trace, mode in scatter if "lines" in mode),
        "words": sum(sum(runs(trace)) for trace, mode in scatter if "text" in mode),
        "bars": sum(len(values(trace["x"])) for trace in chart["data"] if trace["type"] == "bar"),
        "notes": sorted(re.sub("<[^>]*>", "", note["text"]) for note in chart["layout"].get("annotations", ()) if note["text"]),
    }


def runs(trace: Mapping[str, Any]) -> list[int]:
    """Return lengths of the pieces of a trace between its gaps."""
    known = [x is not None and y is not None for x, y in zip(values(trace["x"]), values(trace["y"]), strict=True)]
    return [len(list(piece)) for whole, piece in groupby(known) if whole]


def values(column: Any) -> list[Any]:
    """Return a column; packed arrays are refused.

    Raises
    ------
    ValueError
    """
    if isinstance(column, dict):
        raise ValueError("figures must be plain JSON, without packed arrays")
    return list(column)
