"""What was delivered against the plan, in hours."""

import pandas as pd

from ikut_eval.contract.errors import check_choice
from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.table import group_keys, groups_of, measure_row, measure_table, rows_by, training_weeks


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
