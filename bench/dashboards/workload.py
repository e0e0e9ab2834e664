"""The page that every program shows: three charts and a table of the synthetic pilot, in 4 waves × 3 views.

Run with `python bench/dashboards/workload.py FOLDER`; `compare.py` does so itself. Every figure carries its state in an
annotation, which plotly.js draws after the traces: a chart that shows it has drawn that state.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

import ikut_eval as ikut
from ikut_eval.contract.locale import percent, text
from ikut_eval.present import tables, theme
from ikut_eval.present.theme import Drawing
from ikut_eval.present.figures import dots_and_ranges, plan_and_held, unit_dots
from ikut_eval.release.internal import build_internal
from ikut_eval.release.store import read_bundle

BUNDLE, WORKLOAD = "bundle", "workload.json"
LANGUAGE = "en"
WAVES = ("exit", "m3", "m6", "m12")
VIEWS = {"people": "People, each a mark", "share": "Shares as bars", "range": "Ranges with intervals"}
OUTCOMES = ("in_work", "in_work_trial", "in_study", "seeking_work", "next_service")
TICKS = [(n / 4, percent(n / 4, LANGUAGE)) for n in range(5)]
_KINDS = {"yes": theme.YES, "unknown": theme.NOT_KNOWN, "no": theme.NO}


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
    drawings = [chart(people, "group", view), *(chart(rows[rows["group"] == outcome], "cohort_id", view) for outcome in ("in_work", "seeking_work"))]
    for n, drawing in enumerate(drawings):
        drawing.add_annotation(xref="paper", yref="paper", x=1, y=1, xanchor="right", yanchor="bottom", text=f"{wave}|{view}|{n}")
    return {"charts": [json.loads(drawing.figure.to_json()) for drawing in drawings], "table": table(rows, wave, view)}


def chart(rows: pd.DataFrame, by: str, view: str) -> Drawing:
    names = {kind: text(f"figure.{kind}", LANGUAGE) for kind in _KINDS}
    known = [(label(row, by), row, int(row.at_least), int(row.at_most), int(row.denominator)) for row in rows.itertuples()]
    if view == "people":
        marks = [(name, [("yes", low), ("unknown", high - low), ("no", n - high)], shown(row, "people")) for name, row, low, high, n in known]
        return unit_dots(marks, kinds=_KINDS, names=names)
    shares = [(name, (low / max(n, 1), high / max(n, 1)), row) for name, row, low, high, n in known]
    if view == "share":
        bars = [(name, low, high, shown(row, view)) for name, (low, high), row in shares]
        drawn = plan_and_held(bars, planned="At most", held="At least", axis="Share of people")
        drawn.update_xaxes(tickvals=[x for x, _ in TICKS], ticktext=[words for _, words in TICKS])
        return drawn
    ranges = [(name, (), between, (float(row.lower), float(row.upper)) if row.denominator else None, shown(row, view)) for name, between, row in shares]
    return dots_and_ranges(ranges, dot="", estimate="At least to at most", interval="95 % interval", axis="Share of people", limits=(0, 1), ticks=TICKS)


def label(row: Any, by: str) -> str:
    return text(f"outcome.{row.group}", LANGUAGE) if by == "group" else str(row.cohort_id)


def shown(row: Any, view: str) -> str:
    low, high, n = int(row.at_least), int(row.at_most), int(row.denominator)
    if not n:
        return tables.count_due(0, 0, row.n_not_yet, LANGUAGE)
    if view == "people":
        return text("bounds", LANGUAGE, low=low, high=high, of=n) if low != high else tables.count(low, n, LANGUAGE)
    ends = (low / n, high / n) if view == "share" else (float(row.lower), float(row.upper))
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
    build_internal(ikut.read_pilot("synthetic"), folder / BUNDLE, about={})
    measures = read_bundle(folder / BUNDLE, audience="internal").table("measures")
    found = workload(measures[measures["measure"] == "outcome_bounds"])
    (folder / WORKLOAD).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return found


if __name__ == "__main__":
    write(Path(sys.argv[1]))
