"""The workload as each peer reads it; the file's name stands in the environment."""

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go

CONFIG = {"displayModeBar": False, "responsive": True}
_WORKLOAD: dict[str, Any] = json.loads(Path(os.environ["WORKLOAD"]).read_text(encoding="utf-8"))
CONTROLS = _WORKLOAD["controls"]
STATES = _WORKLOAD["states"]
FIRST = [control["choices"][0][0] for control in CONTROLS]


def options(place: int) -> dict[str, str]:
    """Return the choices of a control, value by label."""
    return {label: value for value, label in CONTROLS[place]["choices"]}


def figures(wave: str, view: str) -> list[go.Figure]:
    return [go.Figure(chart, skip_invalid=False) for chart in charts(wave, view)]


def charts(wave: str, view: str) -> list[dict[str, Any]]:
    return STATES[f"{wave}|{view}"]["charts"]  # type: ignore[no-any-return]


def frame(wave: str, view: str) -> pd.DataFrame:
    table = STATES[f"{wave}|{view}"]["table"]
    return pd.DataFrame(table["rows"], columns=table["columns"])
