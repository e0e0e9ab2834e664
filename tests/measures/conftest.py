"""Builds a small pilot from literal rows, as the typed tables that the reader makes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.schema import Table, load_contract
from ikut_eval.data.columns import DTYPES, coerce
from ikut_eval.data.pilot import PilotData, cell_text, pilot_of, read_pilot

Row = str | Sequence[object] | Mapping[str, object]
Build = Callable[..., PilotData]
Measure = Callable[[PilotData], pd.DataFrame]

A, B, C, D = "P000A", "P000B", "P000C", "P000D"
START, EXIT = date(2021, 9, 6), date(2021, 11, 12)
USUAL: Mapping[str, Mapping[str, object]] = {
    "cohort": {
        "cohort_id": "C1",
        "start_date": START,
        "end_date": EXIT,
        "planned_weeks": 2,
        "planned_group_hours_week_min": 12,
        "planned_group_hours_week_max": 15,
        "planned_places": 5,
        "emphasis": "base",
    },
    "participant": {"cohort_id": "C1", "track": "group", "start_date": START, "exit_date": EXIT, "exit_type": "completed", "data_use_ok": "true"},
    "cohort_plan": {"cohort_id": "C1"},
    "session": {
        "cohort_id": "C1",
        "date": date(2021, 9, 8),
        "session_type": "finnish",
        "mode": "group",
        "place": "on_site",
        "hours": 2,
        "status": "held",
        "week": 1,
    },
    "need": {"wave": "start", "rated_by": "joint"},
    "preferred_support": {"wave": "start"},
    "answer_set": {"version": "1.1-draft", "date": START, "language": "en", "mode": "self"},
    "outcome": {"obs_date": EXIT, "reached": "true", "source": "worker"},
    "fair_work": {"wave": "m6", "met": "yes"},
}

OUTCOMES = ("in_work", "fair_work", "in_work_trial", "in_study", "seeking_work", "next_service")
SCORED = ("rights_awareness", "rights_confidence", "rights_knowledge", "time_everyday", "who5")
MEASURES: Mapping[str, Measure] = {
    "participants": ikut.participants,
    "completion": ikut.completion,
    **{
        f"{measure.__name__} by {by}": partial(measure, by=by)
        for measure, ways in {
            ikut.attendance_rate: ("cohort", "person", "week", "session_type", "mode"),
            ikut.notification_rate: ("cohort", "person"),
            ikut.late_share: ("cohort", "mode"),
            ikut.attended_hours: ("cohort", "person", "week", "session_type"),
        }.items()
        for by in ways
    },
    "minutes_late": ikut.minutes_late,
    "attendance_spread": ikut.attendance_spread,
    **{f"group_viability by {by}": partial(ikut.group_viability, by=by) for by in ("cohort", "week", "session_type")},
    **{f"delivered_hours by {by}": partial(ikut.delivered_hours, by=by) for by in ("cohort", "session_type")},
    "weekly_group_hours": ikut.weekly_group_hours,
    "everyday_wellbeing_share": ikut.everyday_wellbeing_share,
    **{f"score_summary of {name}": partial(ikut.score_summary, instrument=name) for name in SCORED},
    "item_agreement of rights_awareness": partial(ikut.item_agreement, instrument="rights_awareness"),
    "item_agreement of feedback": partial(ikut.item_agreement, instrument="feedback", start="exit", end=None),
    "knowledge_answers": ikut.knowledge_answers,
    **{f"need_level at {wave}": partial(ikut.need_level, wave=wave) for wave in ("start", "exit")},
    "needs_met": ikut.needs_met,
    **{f"preferred_support at {wave}": partial(ikut.preferred_support, wave=wave) for wave in ("start", "exit")},
    **{f"outcome_bounds of {name}": partial(ikut.outcome_bounds, outcome=name) for name in OUTCOMES},
    **{f"outcome_bounds at {at}": partial(ikut.outcome_bounds, outcome="fair_work", at=at) for at in ("exit", "m3", "m12")},
    **{f"fair_work_criteria at {at}": partial(ikut.fair_work_criteria, at=at) for at in ("m6", "m12")},
    "follow_up_reach": ikut.follow_up_reach,
    "support_continuing": ikut.support_continuing,
    "handed_over": ikut.handed_over,
}
"""Every measure table there is, by a telling name that begins with the function's."""


@pytest.fixture(scope="session")
def build() -> Build:
    """Return a function that makes a pilot of literal rows.

    A row is a mapping, a sequence of the table's first columns, or the first column alone; what it
    leaves out is usual: cohort C1, a held group session of two hours in week 1, a person from
    6.9. to 12.11.2021. Participants that no row names are A and B. Answers get the questionnaire that they need.
    """

    def built(*, today: date | None = None, **tables: Sequence[Row]) -> PilotData:
        contract = load_contract()
        rows = {"cohort": ["C1"], "participant": [A, B]} | tables
        complete = {name: [_complete(name, row) for row in rows.get(name, ())] for name in contract.tables}
        asked = dict.fromkeys((r["participant_id"], r["wave"], contract.instrument_of(str(r["item"])).id) for r in complete["answer"])
        complete["answer_set"] += [_complete("answer_set", key) for key in asked]
        tables = {table.name: _typed(table, complete[table.name]) for table in contract.main_tables}
        pilot = pilot_of(tables, contract, synthetic=True, digest="")
        return replace(pilot, synthetic=False, reporting_date=today or pilot.reporting_date)

    return built


def _typed(table: Table, rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    index = pd.RangeIndex(2, 2 + len(rows), name="row")
    columns = {}
    for field in table.fields:
        cells = pd.Series([cell_text(row.get(field.name)) or None for row in rows], index=index, dtype="str")
        columns[field.name], refused = coerce(cells, field) if cells.notna().any() else (cells.astype(DTYPES[field.type]), {})
        assert refused == {}, (table.name, field.name)
        assert field.codes is None or columns[field.name].dropna().astype(str).isin(field.codes).all(), (table.name, field.name)
    return pd.DataFrame(columns, index=pd.Index(index, dtype="int64"))


def _complete(name: str, row: Row) -> dict[str, object]:
    named: Mapping[str, object] = row if isinstance(row, Mapping) else {}
    if not named:
        cells = [row] if isinstance(row, str) else list(row)
        named = dict(zip((f.name for f in load_contract().tables[name].fields), cells, strict=False))
    return {**USUAL.get(name, {}), **named}


def answers(person: str, wave: str, first: str, values: str) -> list[tuple[str, str, str, str]]:
    """Return one person's answers to items numbered from `first` on: "5 4 -7"; "." leaves an item out."""
    letters, start = first.rstrip("0123456789"), int(first.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return [(person, wave, f"{letters}{n:02d}", value) for n, value in enumerate(values.split(), start=start) if value != "."]


def counts(table: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """Return columns of a measure table as plain tuples; missing is None."""
    names = columns or ("group", "numerator", "denominator", "n_missing")
    return [tuple(None if pd.isna(v) else v for v in row) for row in table[list(names)].itertuples(index=False)]


@pytest.fixture(scope="session")
def synthetic() -> PilotData:
    return read_pilot("synthetic")
