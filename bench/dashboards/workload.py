"""The page that every program shows: three charts and a table of the synthetic pilot, in 4 waves × 3 views.

Run with `python bench/dashboards/workload.py FOLDER`; `compare.py` does so itself. A state holds each chart twice, from the same rows:
as a figure of plotly, which the peers show, and as the rows that ours sets side by side. Every chart carries its state in words, a figure
of plotly in an annotation, which plotly.js draws after the traces: a chart that shows it has drawn that state.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import ikut_eval as ikut
from ikut_eval.contract.locale import percent, text
from ikut_eval.present import tables, theme
from ikut_eval.present.figures import dots_and_ranges, percent_marks, plan_and_held, unit_dots
from ikut_eval.present.theme import Drawing
from ikut_eval.release.internal import build_internal
from ikut_eval.release.store import read_bundle

BUNDLE, WORKLOAD = "bundle", "workload.json"
LANGUAGE = "en"
WAVES = ("exit", "m3", "m6", "m12")
VIEWS = {"people": "People, each a mark", "share": "Shares as bars", "range": "Ranges with intervals"}
OUTCOMES = ("in_work", "in_work_trial", "in_study", "seeking_work", "next_service")
AXIS = "Share of people"
NAMES = {
    "people": tuple(text(f"figure.{kind}", LANGUAGE) for kind in theme.COUNTED),
    "share": ("At least", "At most"),
    "range": ("At least to at most", "95 % interval"),
}
"""What a legend says, by view."""


def workload(bounds: pd.DataFrame) -> dict[str, Any]:
    """Return controls and states; `bounds` are the rows `outcome_bounds` of a bundle."""
    waves = {wave: tables.code_label("wave", wave, LANGUAGE) for wave in WAVES}
    controls = [
        {"name": "wave", "label": "Wave", "choices": [[value, label] for value, label in waves.items()]},
        {"name": "view", "label": "View", "choices": [[value, label] for value, label in VIEWS.items()]},
    ]
    return {"controls": controls, "states": {f"{wave}|{view}": state(bounds[bounds["wave"] == wave], wave, view) for wave in WAVES for view in VIEWS}}


def state(rows: pd.DataFrame, wave: str, view: str) -> dict[str, Any]:
    people = rows[rows["cohort_id"] == "all"]
    by_chart = [(people, "group"), *((rows[rows["group"] == outcome], "cohort_id") for outcome in ("in_work", "seeking_work"))]
    asked = [[asked_of(row, by, view) for row in counted.itertuples()] for counted, by in by_chart]
    words = [f"{wave}|{view}|{n}" for n in range(len(asked))]
    return {
        "charts": [chart(each, view, said) for each, said in zip(asked, words, strict=True)],
        "figures": [{"view": view, "words": said, "names": NAMES[view], "axis": AXIS, "rows": each} for each, said in zip(asked, words, strict=True)],
        "table": table(rows, wave, view),
    }


def asked_of(row: Any, by: str, view: str) -> dict[str, Any]:
    """Return a row of a chart: its name, the note beside it, its people by kind of mark, the share at least and at most, and the interval, None for nobody.

    `estimate` is the share at least to at most in words, which the view of ranges draws beside the interval that its note says.
    """
    low, high, n = int(row.at_least), int(row.at_most), int(row.denominator)
    return {
        "name": label(row, by),
        "note": shown(row, view),
        "people": list(zip(theme.COUNTED, (low, high - low, n - high), strict=True)),
        "shares": (low / max(n, 1), high / max(n, 1)),
        "interval": (float(row.lower), float(row.upper)) if n else None,
        "estimate": written(low / n, high / n) if n and view == "range" else "",
    }


def chart(rows: Sequence[Mapping[str, Any]], view: str, words: str) -> Any:
    """Return a chart as the JSON of plotly."""
    drawing = drawn(rows, view)
    drawing.add_annotation(xref="paper", yref="paper", x=1, y=1, xanchor="right", yanchor="bottom", text=words)
    return json.loads(drawing.figure.to_json())


def drawn(rows: Sequence[Mapping[str, Any]], view: str) -> Drawing:
    names = NAMES[view]
    if view == "people":
        marks = [(row["name"], row["people"], row["note"]) for row in rows]
        return unit_dots(marks, kinds=theme.COUNTED, names=dict(zip(theme.COUNTED, names, strict=True)))
    if view == "share":
        bars = [(row["name"], *row["shares"], row["note"]) for row in rows]
        held = plan_and_held(bars, planned=names[1], held=names[0], axis=AXIS)
        held.update_xaxes(**percent_marks(LANGUAGE))
        return held
    ranges = [(row["name"], (), row["shares"], row["interval"], row["note"]) for row in rows]
    return dots_and_ranges(ranges, names=("", names[0], names[1]), language=LANGUAGE, axis=AXIS)


def label(row: Any, by: str) -> str:
    return text(f"outcome.{row.group}", LANGUAGE) if by == "group" else str(row.cohort_id)


def shown(row: Any, view: str) -> str:
    low, high, n = int(row.at_least), int(row.at_most), int(row.denominator)
    if not n:
        return tables.count_due(0, 0, row.n_not_yet, LANGUAGE)
    if view == "people":
        return text("bounds", LANGUAGE, low=low, high=high, of=n) if low != high else tables.count(low, n, LANGUAGE)
    return written(low / n, high / n) if view == "share" else written(float(row.lower), float(row.upper))


def written(*ends: float) -> str:
    """Return a range of shares in words."""
    return "–".join(dict.fromkeys(percent(end, LANGUAGE) for end in ends))


def table(rows: pd.DataFrame, wave: str, view: str) -> dict[str, Any]:
    """Return the outcomes of each cohort, a row each: 20 rows."""
    held = rows[(rows["cohort_id"] != "all") & rows["group"].isin(OUTCOMES)]
    cells = [
        [
            str(row.cohort_id),
            label(row, "group"),
            tables.code_label("wave", wave, LANGUAGE),
            VIEWS[view],
            shown(row, view),
            str(row.n_missing),
            str(row.n_not_yet),
        ]
        for row in held.itertuples()
    ]
    return {"columns": ["Cohort", "Outcome", "Wave", "View", "Known", "Unknown", "Not yet"], "rows": cells}


def write(folder: Path) -> dict[str, Any]:
    """Write the internal bundle of the synthetic pilot and the workload into a folder, and return the workload."""
    build_internal(ikut.read_pilot("synthetic"), folder / BUNDLE, about={}, plan=ikut.AnalysisPlan())
    measures = read_bundle(folder / BUNDLE, audience="internal").table("measures")
    found = workload(measures[measures["measure"] == "outcome_bounds"])
    (folder / WORKLOAD).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return found


if __name__ == "__main__":
    write(Path(sys.argv[1]))
