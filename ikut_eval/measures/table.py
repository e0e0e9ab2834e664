"""The columns that all measure tables share, how a row is made, and the window of each wave."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import product
from typing import Any

import pandas as pd

from ikut_eval.contract.measure_catalogue import measure_named
from ikut_eval.data.pilot import PilotData

_MONTHS = 12
"""Months after an exit for which support is noted."""
FOLLOW_UPS = ("exit", "m3", "m6", "m12")


def wave_windows(pilot: PilotData) -> pd.DataFrame:
    """Return the window of each person and wave, as of the reporting date.

    Returns
    -------
    pandas.DataFrame, one row a person and wave
        participant_id, cohort_id, wave : str
        opens, closes : date – missing where the day they are counted from is not known yet
        not_yet : bool – the window has not opened
        closed : bool – the window is over
    """
    windows = pilot.windows
    return windows.assign(not_yet=~(windows["opens"] <= pilot.today), closed=windows["closes"] < pilot.today)


def closed_by_person(pilot: PilotData, wave: str) -> dict[str, dict[str, bool]]:
    """Return for each cohort whether the window of a wave has closed, by person."""
    windows = wave_windows(pilot).loc[lambda w: w["wave"] == wave]
    return {cohort: dict(zip(here["participant_id"], here["closed"], strict=True)) for cohort, here in rows_by(pilot, windows)}


def unanswered(closed: Mapping[str, bool], answered: Collection[str], *, of: Collection[str] | None = None) -> tuple[int, int]:
    """Return how many people of a cohort, or of those in `of`, have not answered: those whose window has closed, and those who still can.

    `closed` are the people of the cohort, as in `closed_by_person`.
    """
    left = (set(closed) if of is None else set(of) & set(closed)) - set(answered)
    n_closed = sum(closed[person] for person in left)
    return n_closed, len(left) - n_closed


def training_weeks(pilot: PilotData) -> pd.DataFrame:
    """Return the weeks of each cohort's design, as of the reporting date.

    Returns
    -------
    pandas.DataFrame, one row a cohort and week
        cohort_id : str
        week : int – from 1
        ends : date – the Sunday of its last session; for a week without any, the latest Sunday on which it can end for
            those after it to be done by the training's last day. Never later than that day
        entered : bool – there are sessions of it, or of a later week
        over : bool – it has ended: what was held can be compared with the plan
        not_yet : bool – it has not ended, and nothing of it is entered

    Notes
    -----
    The week of a session is entered, never computed from its date: cohort 1 spans eleven calendar weeks for ten weeks.
    """
    rows = []
    sessions = pilot["session"].groupby(["cohort_id", "week"])["date"].max()
    for cohort in pilot["cohort"].itertuples():
        dates = sessions.get(cohort.cohort_id, pd.Series(dtype="datetime64[ns]"))
        last = int(dates.index.max()) if len(dates) else 0
        for week in range(1, int(cohort.planned_weeks) + 1):
            day = dates[week] if week in dates.index else cohort.end_date - pd.Timedelta(weeks=cohort.planned_weeks - week)
            ends = min(day + pd.Timedelta(days=6 - day.weekday()), cohort.end_date)
            over, entered = bool(ends <= pilot.today) or week < last, week <= last
            rows.append((cohort.cohort_id, week, ends, entered, over, not (over or entered)))
    weeks = pd.DataFrame(rows, columns=["cohort_id", "week", "ends", "entered", "over", "not_yet"])
    return weeks.astype({"cohort_id": "str", "week": "int64", "entered": "bool", "over": "bool", "not_yet": "bool"})


def days_without_change(pilot: PilotData, day: dt.date | None) -> tuple[dt.date, dt.date]:
    """Return the first and the last day, around a reporting date, on which exactly the same is due.

    A day changes what is due if on it a window opens or has closed, a week of the design ends, somebody goes on to a
    further week in the training, a month after an exit has passed, or something in the data is dated.
    """
    windows, weeks, person = wave_windows(pilot), training_weeks(pilot), pilot["participant"]
    months = [person["exit_date"] + pd.DateOffset(months=month) for month in range(1, _MONTHS + 1)]
    begins = [person["start_date"], pilot["cohort"]["start_date"]]
    steps = [start + pd.Timedelta(weeks=week) for start in begins for week in range(int(weeks["week"].max() if len(weeks) else 0) + 1)]
    dated = [pilot[name][column] for name, column in (("session", "date"), ("answer_set", "date"), ("outcome", "obs_date"), ("participant", "exit_date"))]
    changes = [windows["opens"], windows["closes"] + pd.Timedelta(days=1), weeks["ends"], pilot["cohort"]["end_date"], *months, *steps, *dated]
    days = sorted({each.date() for each in pd.concat([each.astype("datetime64[ns]") for each in changes]).dropna()})
    place = bisect_right(days, day or dt.date.min)
    return days[place - 1] if place else dt.date.min, days[place] - dt.timedelta(days=1) if place < len(days) else dt.date.max


def month_passed(exit_date: pd.Series, month: int, pilot: PilotData) -> pd.Series:
    """Return for whom a month after the exit has passed by the reporting date."""
    return exit_date + pd.DateOffset(months=month) <= pilot.today


COLUMNS = ("measure", "cohort_id", "wave", "group", "numerator", "denominator", "n_missing", "value", "unit")
ALL = "all"
_UNKNOWN = "unknown"


def measure_table(rows: Iterable[Mapping[str, object]], *extra: str) -> pd.DataFrame:
    """Return rows as a measure table; columns named in `extra` follow the shared ones."""
    frame = pd.DataFrame(list(rows), columns=[*COLUMNS, *extra])
    counts = "Float64" if (frame["unit"] == "hours").any() else "Int64"
    types = dict.fromkeys(("measure", "cohort_id", "wave", "group", "unit"), "str") | dict.fromkeys(("numerator", "denominator", *extra), counts)
    return frame.astype(types | {"value": "Float64", "n_missing": "Int64"})


def measure_row(
    measure: str,
    cohort_id: str,
    numerator: float | None,
    denominator: float | None,
    n_missing: int = 0,
    *,
    group: str = ALL,
    wave: str = "",
    **columns: float | None,
) -> dict[str, object]:
    """Return one row; its unit is the one in `measures.toml`, `columns` holds further columns, and a value of another kind than a share.

    Without such a value it is numerator / denominator; missing where there is nothing to divide by.
    """
    where = {"measure": measure, "cohort_id": cohort_id, "wave": wave, "group": group}
    counts = {"numerator": numerator, "denominator": denominator, "n_missing": n_missing}
    share = None if "value" in columns or not denominator or numerator is None else numerator / denominator
    return {**where, **counts, "value": share, "unit": measure_named(measure).unit, **columns}


def median_row(measure: str, cohort_id: str, known: pd.Series, denominator: int, **columns: Any) -> dict[str, object]:
    """Return one row whose value is the median of what is known of `denominator` people or events; missing where nothing is known."""
    n = len(known)
    return measure_row(measure, cohort_id, n, denominator, denominator - n, value=known.median(), **columns)


def with_cohort(pilot: PilotData, frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows about people with the cohort of each; a row of somebody who is not a participant is left out."""
    return frame.merge(pilot["participant"][["participant_id", "cohort_id"]], on="participant_id")


def cohort_sizes(pilot: PilotData) -> dict[str, int]:
    """Return how many people of each cohort let their data be used, in the order of the cohorts' first day."""
    return rows_of(pilot, pilot["participant"])


def rows_of(pilot: PilotData, frame: pd.DataFrame) -> dict[str, int]:
    """Return how many rows of each cohort there are."""
    return {cohort: len(here) for cohort, here in rows_by(pilot, frame)}


def groups_of(pilot: PilotData, by: str, seen: pd.DataFrame) -> list[tuple[str, str]]:
    """Return every (cohort, group) that a table must have a row for, also those with nothing in them."""
    pairs: list[tuple[str, str]] = []
    for cohort in pilot.cohort_ids:
        if by == "cohort":
            groups = [ALL]
        elif by == "week":
            weeks = pilot["cohort"].set_index("cohort_id")["planned_weeks"]
            groups = [str(w) for w in range(1, int(weeks[cohort]) + 1)]
            groups += [_UNKNOWN] if seen.loc[seen["cohort_id"] == cohort, "week"].isna().any() else []
        elif by == "person":
            enrolled = pilot.enrolments
            groups = sorted(enrolled.loc[enrolled["cohort_id"] == cohort, "participant_id"])
        else:
            here = set(seen.loc[seen["cohort_id"] == cohort, by].dropna())
            groups = [code for code in pilot.contract.code_lists[by].codes if code in here]
        pairs += [(cohort, group) for group in groups]
    return pairs


def group_keys(frame: pd.DataFrame, by: str) -> pd.Series:
    """Return the group of each row; "unknown" where a week is not entered or a row has no person."""
    if by == "cohort":
        return pd.Series(ALL, index=frame.index, dtype="str")
    column = frame["participant_id" if by == "person" else by]
    return column.astype("str").where(column.notna(), _UNKNOWN)


def rows_by(pilot: PilotData, frame: pd.DataFrame, **columns: Iterable[object]) -> Iterator[tuple[Any, ...]]:
    """Yield cohort, one value of each of `columns`, and the rows of `frame` that have them; every combination, also without rows."""
    found, nothing = dict(iter(frame.groupby(["cohort_id", *columns], sort=False))), frame.iloc[:0]
    for values in product(pilot.cohort_ids, *columns.values()):
        yield *values, found.get(values, nothing)


def sums_by(pilot: PilotData, frame: pd.DataFrame, by: str) -> Iterator[tuple[Any, ...]]:
    """Yield cohort, group, and the sums of the columns numerator, denominator and n_missing; every group, also without rows."""
    keys = [column.to_numpy(dtype=object) for column in (frame["cohort_id"], group_keys(frame, by))]
    sums = frame[["numerator", "denominator", "n_missing"]].groupby(keys).sum()
    found = dict(zip(sums.index, sums.itertuples(index=False, name=None), strict=True))
    for key in groups_of(pilot, by, frame):
        yield *key, *found.get(key, (0, 0, 0))


def count_table(pilot: PilotData, measure: str, frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return shares from rows with cohort_id, the column that `by` names, and the flags numerator, denominator, n_missing."""
    waits = {(week.cohort_id, str(week.week)): int(week.not_yet) for week in training_weeks(pilot).itertuples()} if by == "week" else {}
    rows = (measure_row(measure, cohort, *sums, group=group, n_not_yet=waits.get((cohort, group), 0)) for cohort, group, *sums in sums_by(pilot, frame, by))
    return measure_table(rows, "n_not_yet")
