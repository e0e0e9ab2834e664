"""Sessions: what was held of the plan, and who came: attendance, notification, lateness, viability of the group, hours received."""

import pandas as pd

from ikut_eval.contract.errors import check_choice
from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.table import count_table, group_keys, groups_of, measure_row, measure_table, median_row, rows_by, rows_of, sums_by, training_weeks

BY = ("cohort", "person", "week", "session_type", "mode")


def register(pilot: PilotData) -> pd.DataFrame:
    """Return the register of held sessions: every entry, in the cohort of its session.

    Whoever has entries in several cohorts counts in each with the entries there (`ikut_eval.data.rules.enrolments`).

    Returns
    -------
    pandas.DataFrame, one row a person and held session that needs a row
        session_id, participant_id, cohort_id, date, week, session_type, mode, hours : of the session
        status, minutes_late, reason : of the person; status is missing where the register has a gap
    """
    held = pilot["session"].loc[lambda s: s["status"] == "held"].drop(columns="status")
    gaps = pilot.register_gaps[["session_id", "participant_id"]]
    gaps = gaps[~gaps["session_id"].isin(pilot.sessions_of_refused)]
    rows = pd.concat([pilot["attendance"], gaps], ignore_index=True)
    columns = ["session_id", "cohort_id", "date", "week", "session_type", "mode", "hours"]
    return rows.merge(held[columns], on="session_id", how="inner")


def _codes(pilot: PilotData, *kinds: str) -> tuple[str, ...]:
    """Return the codes of the register that count as attended, missed or excused."""
    return tuple(code for kind in kinds for code in pilot.contract.code_lists["attendance"].codes_with("counts_as", kind))


def _rate(pilot: PilotData, rows: pd.DataFrame, by: str, measure: str, counted: tuple[str, ...], base: tuple[str, ...], *, gaps: bool = False) -> pd.DataFrame:
    status = rows["status"]
    missing = status.isna() if gaps else pd.Series(False, index=rows.index)
    flagged = rows.assign(numerator=status.isin(counted), denominator=status.isin(base), n_missing=missing)
    return count_table(pilot, measure, flagged, check_choice("by", by, BY))


def attendance_rate(pilot: PilotData, *, by: str = "cohort") -> pd.DataFrame:
    """Share of held sessions that people attended: rate A, and rate B without excused absences.

    Parameters
    ----------
    by : {"cohort", "person", "week", "session_type", "mode"}

    Returns
    -------
    pandas.DataFrame, one row a rate, cohort and group
        measure : str – "attendance_rate" (A) or "attendance_rate_b" (B)
        cohort_id, wave, group : str – wave is empty; group is the person, week, type, mode or "all";
            sessions whose week is not entered are in a group of their own, "unknown"
        numerator : int – rows marked present or late
        denominator : int – A: all rows; B: all rows but excused absences
        n_missing : int – rows missing from the register; they are gaps, not absences
        value : float – numerator / denominator [0–1]; missing where nothing was held
        unit : str – "share"
        n_not_yet : int – 1 for a week of the design that is not yet, else 0

    Notes
    -----
    Sessions are clustered in people: no interval may be computed from these counts as if each row
    were a person. A person on the individual track has no rows of group sessions.

    Examples
    --------
    >>> import ikut_eval as ikut
    >>> rates = ikut.attendance_rate(ikut.read_pilot("synthetic:tiny"))
    >>> list(rates["measure"])
    ['attendance_rate', 'attendance_rate_b']
    """
    rows, attended = register(pilot), _codes(pilot, "attended")
    first = _rate(pilot, rows, by, "attendance_rate", attended, _codes(pilot, "attended", "missed", "excused"), gaps=True)
    second = _rate(pilot, rows, by, "attendance_rate_b", attended, _codes(pilot, "attended", "missed"), gaps=True)
    return pd.concat([first, second], ignore_index=True)


def notification_rate(pilot: PilotData, *, by: str = "cohort") -> pd.DataFrame:
    """How often people reported an absence in advance, among absences that were not excused.

    Returns
    -------
    pandas.DataFrame, one row a cohort and group; columns as in `attendance_rate`
        numerator : int – notified absences
        denominator : int – notified and unnotified absences
        n_missing : int – 0: a gap in the register is not an absence
    """
    return _rate(pilot, register(pilot), by, "notification_rate", ("absent_notified",), _codes(pilot, "missed"))


def late_share(pilot: PilotData, *, by: str = "cohort") -> pd.DataFrame:
    """How often people who came were late.

    Returns
    -------
    pandas.DataFrame, one row a cohort and group; columns as in `attendance_rate`
        numerator : int – rows marked late
        denominator : int – rows marked present or late
    """
    return _rate(pilot, register(pilot), by, "late_share", ("late",), _codes(pilot, "attended"))


def minutes_late(pilot: PilotData) -> pd.DataFrame:
    """How late people were when they were late.

    Returns
    -------
    pandas.DataFrame, one row a cohort
        numerator : int – late arrivals with their minutes noted
        denominator : int – late arrivals
        n_missing : int – late arrivals without minutes
        value : float – median minutes; missing where nobody was late
        unit : str – "minutes"
        minimum, maximum : int – range of the minutes
    """
    late = register(pilot).loc[lambda r: r["status"] == "late"]
    rows = []
    for cohort, here in rows_by(pilot, late):
        minutes = here["minutes_late"].dropna()
        rows.append(median_row("minutes_late", cohort, minutes, len(here), minimum=minutes.min(), maximum=minutes.max()))
    return measure_table(rows, "minimum", "maximum")


def group_viability(pilot: PilotData, *, at_least: tuple[int, ...] = (2, 3), by: str = "cohort") -> pd.DataFrame:
    """Share of held group sessions to which enough people came to make a group.

    Parameters
    ----------
    at_least : tuple of int
        How many people make a group; one set of rows for each.
    by : {"cohort", "week", "session_type"}

    Returns
    -------
    pandas.DataFrame, one row a threshold, cohort and group; columns as in `attendance_rate`
        numerator : int – held group sessions with at least that many people present or late
        denominator : int – held group sessions whose register shows whether enough people came
        n_missing : int – sessions where gaps of the register, or people whose data may not be used,
            could change the answer
        at_least : int – the threshold
    """
    check_choice("by", by, ("cohort", "week", "session_type"))
    rows = register(pilot)
    group = rows[rows["mode"] == "group"]
    counts = pd.DataFrame({"came": group["status"].isin(_codes(pilot, "attended")), "gap": group["status"].isna()}).groupby(group["session_id"]).sum()
    held = pilot["session"].loc[lambda s: (s["status"] == "held") & (s["mode"] == "group")]
    sessions = held.merge(counts, left_on="session_id", right_index=True, how="left").fillna({"came": 0, "gap": 0})
    unseen = sessions["gap"] + sessions["cohort_id"].map(lambda cohort: pilot.n_data_refused.get(cohort, 0)).astype("int64")
    tables = []
    for people in at_least:
        enough = sessions["came"] >= people
        undecided = ~enough & (sessions["came"] + unseen >= people)
        flagged = sessions.assign(numerator=enough, denominator=~undecided, n_missing=undecided)
        tables.append(count_table(pilot, "group_viability", flagged, by).assign(at_least=people))
    return pd.concat(tables, ignore_index=True).astype({"at_least": "Int64"})


def attended_hours(pilot: PilotData, *, by: str = "cohort") -> pd.DataFrame:
    """How many hours of training people received.

    Returns
    -------
    pandas.DataFrame, one row a cohort and group; columns as in `attendance_rate`
        numerator : float – hours of sessions attended, less the minutes late where noted [hours]
        denominator : float – hours of held sessions that the person was expected in [hours]
        n_missing : int – register rows that are missing
        value : float – the numerator [hours]
        unit : str – "hours"
    """
    rows = register(pilot)
    came, hours = rows["status"].isin(_codes(pilot, "attended")), rows["hours"].astype("float64")
    present = (hours - rows["minutes_late"].fillna(0).astype("float64") / 60).clip(lower=0)
    counted = rows.assign(numerator=present.where(came, 0.0), denominator=hours, n_missing=rows["status"].isna())
    sums = sums_by(pilot, counted, check_choice("by", by, BY))
    return measure_table(measure_row("attended_hours", cohort, of[0], *of[1:], value=of[0], group=group) for cohort, group, *of in sums)


def attendance_spread(pilot: PilotData) -> pd.DataFrame:
    """How attendance (rate A, group sessions) differs between people.

    Returns
    -------
    pandas.DataFrame, one row a cohort
        numerator : int – people with at least one register row of a group session
        denominator : int – people on the group track who are enrolled in the cohort
        n_missing : int – people without such a row
        value : float – median of the people's rates [0–1]
        unit : str – "share"
        minimum, maximum : int – lowest and highest rate [whole per cent]
    """
    rows = register(pilot)
    group = rows[(rows["mode"] == "group") & rows["status"].notna()]
    came = group.assign(rate=group["status"].isin(_codes(pilot, "attended")))
    rates = came.groupby(["cohort_id", "participant_id"], as_index=False)["rate"].mean()
    enrolled = rows_of(pilot, pilot.enrolments.loc[lambda e: e["track"] == "group"])
    table = []
    for cohort, here in rows_by(pilot, rates):
        per_cent = (100 * here["rate"]).round()
        table.append(median_row("attendance_spread", cohort, here["rate"], enrolled[cohort], minimum=per_cent.min(), maximum=per_cent.max()))
    return measure_table(table, "minimum", "maximum")


def delivered_hours(pilot: PilotData, *, by: str = "cohort") -> pd.DataFrame:
    """How many hours were held of those that were planned.

    Parameters
    ----------
    by : {"cohort", "session_type"}

    Returns
    -------
    pandas.DataFrame, one row a cohort and group
        numerator : float – hours of held sessions, group and individual [hours]
        denominator : float – hours in `cohort_plan`; missing where nothing is planned for the group
        n_missing : int – cancelled sessions
        value : float – the numerator [hours]
        unit : str – "hours"
        n_not_yet : int – weeks of the design that are not over: the hours are those so far, the plan is that of all weeks

    Notes
    -----
    About the service, not about members: disclosure class *delivery*.
    """
    check_choice("by", by, ("cohort", "session_type"))
    session, plan = (frame.assign(group=group_keys(frame, by)) for frame in (pilot["session"], pilot["cohort_plan"]))
    weeks = training_weeks(pilot)
    ahead = weeks[~weeks["over"]].groupby("cohort_id").size()
    keys = ["cohort_id", "group"]
    held = session[session["status"] == "held"].groupby(keys)["hours"].sum().to_dict()
    cancelled = session[session["status"] == "cancelled"].groupby(keys).size().to_dict()
    planned = plan.groupby(keys)["planned_hours"].sum().to_dict()
    rows = []
    for key in groups_of(pilot, by, pd.concat([session, plan])):
        cohort, group = key
        hours, aim = float(held.get(key, 0)), float(planned[key]) if key in planned else None
        n_cancelled, waiting = cancelled.get(key, 0), int(ahead.get(cohort, 0))
        rows.append(measure_row("delivered_hours", cohort, hours, aim, n_cancelled, value=hours, group=group, n_not_yet=waiting))
    return measure_table(rows, "n_not_yet")


def weekly_group_hours(pilot: PilotData) -> pd.DataFrame:
    """How many group hours each week of the design had, against the planned range.

    Returns
    -------
    pandas.DataFrame, one row a cohort and week of the design
        group : str – week, from 1
        numerator : float – hours of held group sessions entered for that week [hours]; missing for a week that is not yet,
            and for one that is over without an entry of it or of a later week
        denominator : float – the fewest hours planned a week; missing where none is planned, and while the week goes on
        n_missing : int – held group sessions of the cohort whose week is not entered
        value : float – the numerator [hours]
        unit : str – "hours"
        most : float – the most hours planned a week [hours]; missing as the denominator
        n_not_yet : int – 1 for a week that is not yet, else 0

    Notes
    -----
    Weeks are entered, never computed from dates: cohort 1 spans eleven calendar weeks for ten weeks.
    """
    held = pilot["session"].loc[lambda s: (s["status"] == "held") & (s["mode"] == "group")]
    plan = pilot["cohort"].set_index("cohort_id")
    weeks = dict(iter(training_weeks(pilot).groupby("cohort_id")))
    rows = []
    for cohort, here in rows_by(pilot, held):
        unknown = here["week"].isna().sum()
        aims = plan.loc[cohort, ["planned_group_hours_week_min", "planned_group_hours_week_max"]]
        for week in weeks[cohort].itertuples():
            hours = float(here.loc[here["week"] == week.week, "hours"].sum()) if week.entered else None
            fewest, most = aims if week.over else (None, None)
            group, waiting = str(week.week), int(week.not_yet)
            rows.append(measure_row("weekly_group_hours", cohort, hours, fewest, unknown, group=group, value=hours, most=most, n_not_yet=waiting))
    return measure_table(rows, "most", "n_not_yet")


def everyday_wellbeing_share(pilot: PilotData) -> pd.DataFrame:
    """Share of hours for everyday-life skills and the psychologist: the change of the design as a number.

    Returns
    -------
    pandas.DataFrame, one row a cohort, for the plan and for what was held
        group : str – "planned" or "held"
        numerator : float – hours of everyday-life skills and psychologist [hours]
        denominator : float – all hours [hours]
        n_missing : int – 0
        value : float – numerator / denominator [0–1]
        unit : str – "hours"
    """
    held = pilot["session"].loc[lambda s: s["status"] == "held"]
    hours = pd.concat([pilot["cohort_plan"].rename(columns={"planned_hours": "hours"}).assign(group="planned"), held.assign(group="held")])
    emphasised = pilot.contract.code_lists["session_type"].codes_with("emphasis", "everyday_wellbeing")
    rows = []
    for cohort, group, here in rows_by(pilot, hours, group=("planned", "held")):
        part = float(here.loc[here["session_type"].isin(emphasised), "hours"].sum())
        rows.append(measure_row("everyday_wellbeing_share", cohort, part, float(here["hours"].sum()), group=group))
    return measure_table(rows)
