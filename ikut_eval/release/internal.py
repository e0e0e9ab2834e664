"""The internal bundle: exact figures per cohort, never a row of a person."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ikut_eval.analysis.change import item_shift
from ikut_eval.analysis.comparison import compare_cohorts
from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.schema import Instrument
from ikut_eval.data.pilot import PilotData
from ikut_eval.inference.intervals import with_interval
from ikut_eval.measures import attendance, follow_up, participants, questionnaires
from ikut_eval.measures.change import paired_change
from ikut_eval.measures.follow_up import situation
from ikut_eval.measures.questionnaires import item_answers, joined_versions, scale_scores
from ikut_eval.measures.table import ALL, FOLLOW_UPS
from ikut_eval.release.package import stored_tables
from ikut_eval.release.store import write_bundle

_COUNTS = ("numerator", "denominator", "n_missing", "at_least", "at_most", "n_not_yet", "n_not_asked", "n_also")
_SUMMED = ("attendance_rate", "attendance_rate_b", "group_viability", "notification_rate", "late_share")
"""Rates whose counts can be added up over the cohorts."""
_BY_SESSION = ("cohort", "week", "session_type")
_START, _EXIT = "start", "exit"


def build_internal(pilot: PilotData, folder: Path, *, about: Mapping[str, Any], plan: AnalysisPlan) -> str:
    """Write the internal bundle of a pilot as `write_bundle` does, and return its digest; the plan judges every change, its primary outcome comes first.

    `data_schema/bundle.toml` says what each table and column means.
    """
    frames = {
        "cohorts": _cohorts(pilot),
        "measures": _measures(pilot),
        "changes": _changes(pilot, plan),
        "item_shifts": _item_shifts(pilot),
        "transitions": _transitions(pilot),
    }
    return write_bundle(folder, audience="internal", tables=stored_tables(frames), about=about, data_date=pilot.reporting_date, synthetic=pilot.synthetic)


def _measures(pilot: PilotData) -> pd.DataFrame:
    """Return every measure of a pilot, by cohort, week and type of session; never by person. Where people are counted, also of all cohorts."""
    started = participants.participants(pilot).assign(by="cohort")
    people = _joined(_of_people(pilot))
    attended = _with_robust_interval(attendance.attendance_rate(pilot), attendance.attendance_rate(pilot, by="person")).assign(by="cohort")
    parts = [
        _with_all(started),
        _with_exact_interval(_with_all(people)),
        _with_sums(_joined(_of_service(pilot))),
        _with_sums(attended),
        _with_sums(_joined(_of_sessions(pilot))),
    ]
    return _with_number_of_versions(pd.concat(parts, ignore_index=True))


def _joined(tables: Iterable[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    return pd.concat([table.assign(by=by) for by, table in tables], ignore_index=True)


def _with_all(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with all cohorts together below them; what is missing in one of them is missing in all."""
    counts = [name for name in _COUNTS if name in table]
    keys = ["measure", "wave", "by", "group", "unit"]
    total = table.groupby(keys, sort=False, as_index=False)[counts].sum(skipna=False)
    if "versions" in table:
        total["versions"] = table.groupby(keys, sort=False)["versions"].agg(_joined_texts).to_numpy()
    value = (total["numerator"] / total["denominator"].replace(0, pd.NA)).astype("Float64")
    if "at_least" in total:
        value = value.mask(total["at_least"].notna())
    return pd.concat([table, total.assign(cohort_id=ALL, value=value)], ignore_index=True)


def _with_sums(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the sums of all cohorts together below those of its rows, of a whole training, that count sessions or hours."""
    counted = table[(table["by"] == "cohort") & table["measure"].isin(_SUMMED) | (table["measure"] == "delivered_hours")]
    keys = [name for name in ("measure", "by", "group", "unit", "threshold") if name in counted]
    counts = [name for name in _COUNTS if name in counted]
    total = counted.groupby(keys, sort=False, as_index=False, dropna=False)[counts].sum(skipna=False)
    share = (total["numerator"] / total["denominator"].replace(0, pd.NA)).astype("Float64").mask(total["unit"] != "share", total["numerator"])
    return pd.concat([table, total.assign(cohort_id=ALL, value=share)], ignore_index=True)


def _joined_texts(texts: pd.Series) -> str:
    return joined_versions(version for words in texts if isinstance(words, str) for version in words.split(", "))


def _number_of(texts: pd.Series) -> int:
    joined = _joined_texts(texts)
    return joined.count(", ") + 1 if joined else 0


def _with_number_of_versions(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with how many versions of a questionnaire were answered over all its waves, for each cohort and item; no version itself."""
    known = table[table["versions"].notna()]
    found = known.groupby(["measure", "by", "cohort_id", "group"], sort=False)["versions"].agg(_number_of).rename("n_versions").reset_index()
    return table.drop(columns="versions").merge(found, on=["measure", "by", "cohort_id", "group"], how="left")


def _with_exact_interval(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of people with its exact intervals; where there are bounds, from the one for "at least" to the one for "at most"."""
    ends = {name: table[name].fillna(table["numerator"]) for name in ("at_least", "at_most")}
    found = with_interval(table.assign(**ends))
    return table.assign(lower=found["lower"], upper=found["upper"])


def _of_people(pilot: PilotData) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give each table that counts people, with what its groups are."""
    yield "exit_type", participants.completion(pilot)
    for wave in (_START, _EXIT):
        yield "need_domain", participants.need_level(pilot, wave=wave)
        yield "support_form", participants.preferred_support(pilot, wave=wave)
    yield "need_domain", participants.needs_met(pilot)
    for asked in pilot.contract.instruments.values():
        if asked.agree_from is not None:
            twice = {_START, _EXIT} <= set(asked.waves)
            yield "item", questionnaires.item_agreement(pilot, asked.id, start=asked.waves[0], end=_EXIT if twice else None)
        if asked.method == "correct":
            yield "item", questionnaires.knowledge_answers(pilot, instrument=asked.id)
    yield "cohort", follow_up.follow_up_reach(pilot)
    for at in FOLLOW_UPS:
        people = follow_up.situation(pilot, at=at)
        for outcome in follow_up.OUTCOMES:
            yield "outcome", follow_up.bounds_of(people, outcome, at=at, cohorts=pilot.cohort_ids)
        yield "fair_work_criterion", follow_up.fair_work_criteria(pilot, at=at)
    yield "month", follow_up.support_continuing(pilot)
    yield "next_service", follow_up.handed_over(pilot)


def _of_service(pilot: PilotData) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give each table about the service, and those of scores, whose value is a median."""
    for by in ("cohort", "session_type"):
        yield by, attendance.delivered_hours(pilot, by=by)
    yield "week", attendance.weekly_group_hours(pilot)
    yield "plan", attendance.everyday_wellbeing_share(pilot)
    for asked in pilot.contract.instruments.values():
        if asked.method != "none":
            yield "instrument", questionnaires.score_summary(pilot, asked.id)


def _of_sessions(pilot: PilotData) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give each table that counts sessions of people; attendance by cohort has an interval of its own."""
    for by in _BY_SESSION:
        if by != "cohort":
            yield by, attendance.attendance_rate(pilot, by=by)
        yield by, attendance.notification_rate(pilot, by=by)
        yield by, attendance.late_share(pilot, by=by)
        yield by, attendance.attended_hours(pilot, by=by)
        yield by, attendance.group_viability(pilot, by=by).rename(columns={"at_least": "threshold"})
    yield "cohort", attendance.minutes_late(pilot)
    yield "cohort", attendance.attendance_spread(pilot)


def _with_robust_interval(by_cohort: pd.DataFrame, by_person: pd.DataFrame) -> pd.DataFrame:
    """Return attendance by cohort with its interval over people, where there is one, and its people's lowest and highest rate in whole per cent."""
    found = [compare_cohorts(table).to_frame() for _, table in by_person.groupby("measure", sort=False)]
    if not found:
        return by_cohort
    keys = ["measure", "cohort_id"]
    intervals = pd.concat(found, ignore_index=True)[[*keys, "lower", "upper"]]
    own = (100 * by_person["value"].astype("float64")).round().groupby([by_person[key] for key in keys])
    return by_cohort.merge(intervals, on=keys, how="left").merge(own.agg(minimum="min", maximum="max").reset_index(), on=keys, how="left")


def _cohorts(pilot: PilotData) -> pd.DataFrame:
    cohort = pilot["cohort"].sort_values(["start_date", "cohort_id"])
    people = pilot["participant"]["cohort_id"].value_counts()
    hours = pilot["cohort_plan"].groupby("cohort_id")["planned_hours"].sum()
    ids = cohort["cohort_id"]
    refused = [pilot.n_data_refused.get(each, 0) for each in ids]
    return cohort.assign(planned_hours=ids.map(hours), people=ids.map(people).fillna(0), data_refused=refused)


def _asked_twice(pilot: PilotData) -> list[Instrument]:
    """Return the questionnaires with a score that are asked at start and exit."""
    return [each for each in pilot.contract.instruments.values() if each.method != "none" and {_START, _EXIT} <= set(each.waves)]


def _by_cohort(table: pd.DataFrame, pilot: PilotData) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give each cohort with its rows, then "all" with all of them."""
    yield from ((cohort, table[table["cohort_id"] == cohort]) for cohort in pilot.cohort_ids)
    yield ALL, table


def _changes(pilot: PilotData, plan: AnalysisPlan) -> pd.DataFrame:
    """Return every change as the plan judges it, the plan's primary outcome first; what counts as change in that one is what the plan says."""
    rows = []
    for instrument in sorted(_asked_twice(pilot), key=lambda each: each.id != plan.outcome):
        least = plan.smallest_change if instrument.id == plan.primary else None
        for cohort, scores in _by_cohort(scale_scores(pilot, instrument.id), pilot):
            change = paired_change(scores, start=_START, end=_EXIT, smallest_change=least)
            counts = {name: getattr(change, name) for name in ("n_paired", "n_missing", "n_not_yet", "improved", "same", "worse")}
            counts |= {"n_versions": len(change.versions), "median": change.median_change if change.n_paired > 1 else None}
            levels = dict(zip(("mean_start", "mean_end"), change.means or (None, None), strict=True)) | {"smallest_change": float(change.smallest_change)}
            rows.append({"cohort_id": cohort, "instrument": instrument.id, "start": _START, "end": _EXIT, **counts, **levels, **change.judged_by(plan)})
    return pd.DataFrame(rows)


def _item_shifts(pilot: PilotData) -> pd.DataFrame:
    tables = []
    for instrument in (each for each in _asked_twice(pilot) if each.method == "mean"):
        for cohort, answers in _by_cohort(item_answers(pilot, instrument.id, start=_START, end=_EXIT), pilot):
            shifts = item_shift(answers).to_frame().rename(columns={"n": "n_paired", "rose": "improved", "fell": "worse"})
            tables.append(shifts.assign(cohort_id=cohort, instrument=instrument.id, n_versions=_number_of(answers["versions"])))
    return pd.concat(tables, ignore_index=True)


def _transitions(pilot: PilotData) -> pd.DataFrame:
    first, *later = FOLLOW_UPS
    before = _main_activities(pilot, first).rename(columns={"main_activity": "before"})
    tables = []
    for end in later:
        both = before.merge(_main_activities(pilot, end).rename(columns={"main_activity": "after"}).drop(columns="cohort_id"), on="participant_id")
        counts = both.groupby(["cohort_id", "before", "after"]).size().rename("people").reset_index()
        tables.append(counts.assign(start=first, end=end))
    return pd.concat(tables, ignore_index=True).sort_values(["cohort_id"], kind="stable", ignore_index=True)


def _main_activities(pilot: PilotData, at: str) -> pd.DataFrame:
    return situation(pilot, at=at)[["participant_id", "cohort_id", "main_activity"]]
