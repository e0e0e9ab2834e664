"""The internal bundle: exact figures per cohort, never a row of a person."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ikut_eval.analysis.change import item_shift
from ikut_eval.contract.bundle_schema import bundle_schema
from ikut_eval.contract.schema import Instrument
from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.change import PairedChange, paired_change
from ikut_eval.measures.outcomes import situation
from ikut_eval.measures.questionnaires import item_answers, scale_scores
from ikut_eval.measures.table import ALL
from ikut_eval.measures.waves import FOLLOW_UPS
from ikut_eval.release.csv_table import Table
from ikut_eval.release.internal_measures import all_measures
from ikut_eval.release.store import write_bundle

START, EXIT = "start", "exit"
LEVEL = 0.95
_SITUATIONS = ("in_work", "in_work_trial", "in_study", "seeking_work")
"""The first that holds is the situation: only seeking work can go with another."""


def build_internal(pilot: PilotData, folder: Path, *, about: Mapping[str, Any]) -> str:
    """Write the internal bundle of a pilot and return its digest.

    Parameters
    ----------
    pilot : PilotData
    folder : Path
        The bundle's own folder; an older bundle there is replaced.
    about : mapping
        What else to say in the manifest, for example what it was made from.

    Raises
    ------
    NotAllowedError, MachineError
        As `write_bundle`.
    """
    return write_bundle(folder, audience="internal", tables=internal_tables(pilot), about=about, data_date=pilot.data_date, synthetic=pilot.synthetic)


def internal_tables(pilot: PilotData) -> tuple[Table, ...]:
    """Return the tables of the internal bundle; `data_schema/bundle.toml` says what each column means.

    Returns
    -------
    tuple of Table
        cohorts : one row a cohort
        measures : one row a measure, cohort (and "all", where people are counted), wave and group
        changes : one row a cohort (and "all") and questionnaire with a score
        item_shifts : one row a cohort (and "all") and statement
        transitions : one row a cohort and pair of situations that somebody had
    """
    frames = {
        "cohorts": _cohorts(pilot),
        "measures": all_measures(pilot),
        "changes": _changes(pilot),
        "item_shifts": _item_shifts(pilot),
        "transitions": _transitions(pilot),
    }
    return tuple(_table(name, frame) for name, frame in frames.items())


def _table(name: str, frame: pd.DataFrame) -> Table:
    schema = bundle_schema()[name]
    return Table(schema, frame.reindex(columns=[column.name for column in schema.columns]))


def _cohorts(pilot: PilotData) -> pd.DataFrame:
    cohort = pilot["cohort"].sort_values(["start_date", "cohort_id"])
    people = pilot["participant"]["cohort_id"].value_counts()
    hours = pilot["cohort_plan"].groupby("cohort_id")["planned_hours"].sum()
    ids = cohort["cohort_id"]
    refused = [pilot.n_data_refused.get(each, 0) for each in ids]
    return cohort.assign(planned_hours=ids.map(hours), people=ids.map(people).fillna(0), data_refused=refused)


def _asked_twice(pilot: PilotData) -> list[Instrument]:
    """Return the questionnaires with a score that are asked at start and exit."""
    return [each for each in pilot.contract.instruments.values() if each.method != "none" and {START, EXIT} <= set(each.waves)]


def _changes(pilot: PilotData) -> pd.DataFrame:
    rows = []
    for instrument in _asked_twice(pilot):
        scores = scale_scores(pilot, instrument.id)
        for cohort in (*pilot.cohort_ids, ALL):
            here = scores if cohort == ALL else scores[scores["cohort_id"] == cohort]
            change = paired_change(here, start=START, end=EXIT)
            counts = {name: getattr(change, name) for name in ("n_paired", "n_missing", "n_not_yet", "improved", "same", "worse")}
            rows.append({"cohort_id": cohort, "instrument": instrument.id, "start": START, "end": EXIT, **counts, **_mean_change(change)})
    return pd.DataFrame(rows)


def _mean_change(change: PairedChange) -> dict[str, float | None]:
    """Return the mean change with its exact interval; nothing below two pairs, where it would be one person's."""
    if change.n_paired < 2:
        return {}
    test = change.exact_test()
    level = min(LEVEL, test.highest_level)
    found = test.interval(level)
    spread = {"lower": found.lower, "upper": found.upper, "level": level}
    return {"mean": test.estimate, "median": change.median_change, **spread, "p": test.p, "p_floor": test.p_floor}


def _item_shifts(pilot: PilotData) -> pd.DataFrame:
    tables = []
    for instrument in (each for each in _asked_twice(pilot) if each.method == "mean"):
        answers = item_answers(pilot, instrument.id, start=START, end=EXIT)
        for cohort in (*pilot.cohort_ids, ALL):
            here = answers if cohort == ALL else answers[answers["cohort_id"] == cohort]
            shifts = item_shift(here).to_frame().rename(columns={"n": "n_paired", "rose": "improved", "fell": "worse"})
            tables.append(shifts.assign(cohort_id=cohort, instrument=instrument.id))
    return pd.concat(tables, ignore_index=True)


def _transitions(pilot: PilotData) -> pd.DataFrame:
    first, *later = FOLLOW_UPS
    before = _situations(pilot, first).rename(columns={"situation": "before"})
    tables = []
    for end in later:
        both = before.merge(_situations(pilot, end).rename(columns={"situation": "after"}).drop(columns="cohort_id"), on="participant_id")
        counts = both.groupby(["cohort_id", "before", "after"]).size().rename("people").reset_index()
        tables.append(counts.assign(start=first, end=end))
    return pd.concat(tables, ignore_index=True).sort_values(["cohort_id"], kind="stable", ignore_index=True)


def _situations(pilot: PilotData, at: str) -> pd.DataFrame:
    known = situation(pilot, at=at)
    named = pd.Series("other", index=known.index, dtype="str")
    for name in reversed(_SITUATIONS):
        named[known[name] == "yes"] = name
    named[known["state"] == "not_reached"] = "not_known"
    named[known["state"] == "not_yet"] = "not_yet"
    return known[["participant_id", "cohort_id"]].assign(situation=named)
