"""Every measure table of a pilot in one, with intervals where people are counted."""

from collections.abc import Iterable, Iterator

import pandas as pd

from ikut_eval.analysis.comparison import compare_cohorts
from ikut_eval.data.pilot import PilotData
from ikut_eval.inference.intervals import with_interval
from ikut_eval.measures import attendance, delivery, follow_up, needs, outcomes, participants, questionnaires
from ikut_eval.measures.table import ALL
from ikut_eval.measures.waves import FOLLOW_UPS

_COUNTS = ("numerator", "denominator", "n_missing", "at_least", "at_most", "n_not_yet")
_BY_SESSION = ("cohort", "week", "session_type")


def all_measures(pilot: PilotData) -> pd.DataFrame:
    """Return every measure of a pilot, by cohort, week and type of session; never by person.

    Returns
    -------
    pandas.DataFrame, one row a measure, cohort, wave and group
        by : str – what `group` is
        threshold : int – how many people make a group (`group_viability`)
        lower, upper : float – exact interval where people are counted, cluster-robust where sessions of people are;
            missing elsewhere
        The other columns as in the measures' own tables. Where people are counted, cohort "all" is all of them.
    """
    started = participants.participants(pilot).assign(by="cohort")
    people = _joined(_of_people(pilot))
    attended = _with_robust_interval(attendance.attendance_rate(pilot), attendance.attendance_rate(pilot, by="person")).assign(by="cohort")
    parts = [_with_all(started), _with_exact_interval(_with_all(people)), _joined(_of_service(pilot)), attended, _joined(_of_sessions(pilot))]
    return pd.concat(parts, ignore_index=True)


def _joined(tables: Iterable[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    return pd.concat([table.assign(by=by) for by, table in tables], ignore_index=True)


def _with_all(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with all cohorts together below them; what is missing in one of them is missing in all."""
    counts = [name for name in _COUNTS if name in table]
    total = table.groupby(["measure", "wave", "by", "group", "unit"], sort=False, as_index=False)[counts].sum(skipna=False)
    value = (total["numerator"] / total["denominator"].replace(0, pd.NA)).astype("Float64")
    if "at_least" in total:
        value = value.mask(total["at_least"].notna())
    return pd.concat([table, total.assign(cohort_id=ALL, value=value)], ignore_index=True)


def _with_exact_interval(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of people with its exact intervals; where there are bounds, from the one for "at least" to the one for "at most"."""
    ends = {name: table[name].fillna(table["numerator"]) for name in ("at_least", "at_most")}
    found = with_interval(table.assign(**ends))
    return table.assign(lower=found["lower"], upper=found["upper"])


def _of_people(pilot: PilotData) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give each table that counts people, with what its groups are."""
    yield "exit_type", participants.completion(pilot)
    for wave in ("start", "exit"):
        yield "need_domain", needs.need_level(pilot, wave=wave)
        yield "support_form", needs.preferred_support(pilot, wave=wave)
    yield "need_domain", needs.needs_met(pilot)
    for asked in pilot.contract.instruments.values():
        if asked.agree_from is not None:
            twice = {"start", "exit"} <= set(asked.waves)
            yield "item", questionnaires.item_agreement(pilot, asked.id, start=asked.waves[0], end="exit" if twice else None)
        if asked.method == "correct":
            yield "item", questionnaires.knowledge_answers(pilot, instrument=asked.id)
    yield "cohort", follow_up.follow_up_reach(pilot)
    for at in FOLLOW_UPS:
        people = outcomes.situation(pilot, at=at)
        for outcome in outcomes.OUTCOMES:
            yield "outcome", outcomes.bounds_of(people, outcome, at=at, cohorts=pilot.cohort_ids)
        yield "fair_work_criterion", outcomes.fair_work_criteria(pilot, at=at)
    yield "month", follow_up.support_continuing(pilot)
    yield "next_service", follow_up.handed_over(pilot)


def _of_service(pilot: PilotData) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give each table about the service, and those of scores, whose value is a median."""
    for by in ("cohort", "session_type"):
        yield by, delivery.delivered_hours(pilot, by=by)
    yield "week", delivery.weekly_group_hours(pilot)
    yield "plan", delivery.everyday_wellbeing_share(pilot)
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
    """Return attendance by cohort with its interval over people, where there is one."""
    found = [compare_cohorts(table).to_frame() for _, table in by_person.groupby("measure", sort=False)]
    if not found:
        return by_cohort
    intervals = pd.concat(found, ignore_index=True)[["measure", "cohort_id", "lower", "upper"]]
    return by_cohort.merge(intervals, on=["measure", "cohort_id"], how="left")
