"""What was delivered against the plan, in hours."""

import pandas as pd

from ikut_eval.contract.errors import check_choice
from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.table import ALL, measure_row, measure_table, share_row


def _held(pilot: PilotData) -> pd.DataFrame:
    return pilot["session"].loc[lambda s: s["status"] == "held"]


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

    Notes
    -----
    About the service, not about members: disclosure class *delivery*.
    """
    check_choice("by", by, ("cohort", "session_type"))
    session, plan = pilot["session"], pilot["cohort_plan"]
    rows = []
    for cohort in pilot.cohort_ids:
        here, planned = session[session["cohort_id"] == cohort], plan[plan["cohort_id"] == cohort]
        seen = set(here["session_type"]) | set(planned["session_type"])
        groups = [ALL] if by == "cohort" else [c for c in pilot.contract.code_lists["session_type"].codes if c in seen]
        for group in groups:
            part = here if group == ALL else here[here["session_type"] == group]
            aim = planned if group == ALL else planned[planned["session_type"] == group]
            hours = float(part.loc[part["status"] == "held", "hours"].sum())
            rows.append(
                measure_row(
                    "delivered_hours",
                    cohort,
                    hours,
                    float(aim["planned_hours"].sum()) if len(aim) else None,
                    int((part["status"] == "cancelled").sum()),
                    value=hours,
                    group=group,
                )
            )
    return measure_table(rows)


def weekly_group_hours(pilot: PilotData) -> pd.DataFrame:
    """How many group hours each week of the design had, against the planned range.

    Returns
    -------
    pandas.DataFrame, one row a cohort and week of the design
        group : str – week, from 1
        numerator : float – hours of held group sessions entered for that week [hours]
        denominator : float – the fewest hours planned a week; missing where none is planned
        n_missing : int – held group sessions of the cohort whose week is not entered
        value : float – the numerator [hours]
        unit : str – "hours"
        most : float – the most hours planned a week [hours]; missing where none is planned

    Notes
    -----
    Weeks are entered, never computed from dates: cohort 1 spans eleven calendar weeks for ten weeks.
    """
    held = _held(pilot).loc[lambda s: s["mode"] == "group"]
    rows = []
    for cohort in pilot["cohort"].sort_values(["start_date", "cohort_id"]).itertuples():
        here = held[held["cohort_id"] == cohort.cohort_id]
        most = cohort.planned_group_hours_week_max
        for week in range(1, int(str(cohort.planned_weeks)) + 1):
            hours = float(here.loc[(here["week"] == week).fillna(False), "hours"].sum())
            rows.append(
                measure_row(
                    "weekly_group_hours",
                    cohort.cohort_id,
                    hours,
                    cohort.planned_group_hours_week_min,
                    int(here["week"].isna().sum()),
                    value=hours,
                    group=str(week),
                    most=None if pd.isna(most) else float(most),
                )
            )
    return measure_table(rows, "most")


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
    held = _held(pilot).rename(columns={"hours": "planned_hours"})
    emphasised = pilot.contract.code_lists["session_type"].codes_with("emphasis", "everyday_wellbeing")
    rows = []
    for cohort in pilot.cohort_ids:
        for group, source in (("planned", pilot["cohort_plan"]), ("held", held)):
            here = source[source["cohort_id"] == cohort]
            total = float(here["planned_hours"].sum())
            part = float(here.loc[here["session_type"].isin(emphasised), "planned_hours"].sum())
            rows.append(share_row("everyday_wellbeing_share", cohort, part, total, group=group))
    return measure_table(rows)
