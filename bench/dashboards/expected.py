"""What a browser must have painted before a state counts as drawn, from the figures and the tables alone.

A figure of plotly, which a peer shows, is known by its marks, lines, words, bars and annotations; one of ours by its words and,
row by row, what it says and draws.
"""

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
    """Return what the peers show."""
    states = {key: {"charts": [painted(chart) for chart in state["charts"]], "rows": state["table"]["rows"]} for key, state in content["states"].items()}
    return View(*content["controls"], states)


def of_ours(content: Mapping[str, Any]) -> View:
    """Return what our pages show of the same."""
    states = {key: {"figures": [beside(figure) for figure in state["figures"]], "rows": state["table"]["rows"]} for key, state in content["states"].items()}
    return View(*content["controls"], states)


def beside(figure: Mapping[str, Any]) -> Painted:
    """Return what a figure of ours says above and below its rows, and of each row its name, its words and the number of its marks by kind.

    The order of the kinds is that of `probe.js`: people who have an outcome, may have it and do not, a bar and its line, an interval and its share.
    """
    view, legend = figure["view"], " ".join([*figure["names"], *([figure["axis"]] if figure["view"] != "people" else [])])
    rows = []
    for row in figure["rows"]:
        people = [n for _, n in row["people"]] if view == "people" else [0, 0, 0]
        bar = int(view == "share")
        interval = int(view == "range" and row["interval"] is not None and row["interval"][0] < row["interval"][1])
        told = " ".join(filter(None, (row["note"], row["estimate"])))
        rows.append([row["name"], told, [*people, bar, bar, interval, int(view == "range")]])
    return {"said": figure["words"], "legend": legend, "rows": rows}


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
