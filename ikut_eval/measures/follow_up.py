"""Staying in touch: who is due, who was reached, whether support goes on."""

from datetime import date

import pandas as pd

from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.table import FOLLOW_UPS, measure_table, share_row, wave_windows, with_cohort


def follow_ups_due(pilot: PilotData, *, on: date | None = None) -> pd.DataFrame:
    """Which follow-ups are due, overdue, done or not yet due.

    Parameters
    ----------
    on : date, optional
        The day to judge by; the data date when left out.

    Returns
    -------
    pandas.DataFrame, one row a person and follow-up
        row : int – row of the person on the sheet of participants, so that no id has to be shown
        cohort_id, wave : str
        opens, closes : date – the window
        state : str – "reached", "not_reached" (tried), "due" (window open), "overdue" (window over) or "not_yet"
    """
    windows = wave_windows(pilot, on=pd.Timestamp(on) if on else None)
    windows = windows[windows["wave"].isin(FOLLOW_UPS)]
    tried = windows.merge(pilot["outcome"][["participant_id", "wave", "reached"]], on=["participant_id", "wave"], how="left")
    state = pd.Series("due", index=tried.index, dtype="str")
    state[tried["closed"]] = "overdue"
    state[tried["not_yet"]] = "not_yet"
    state[tried["reached"].eq(False).fillna(False)] = "not_reached"
    state[tried["reached"].fillna(False).astype(bool)] = "reached"
    rows = pilot["participant"].rename_axis("row").reset_index().set_index("participant_id")["row"]
    due = tried.assign(row=tried["participant_id"].map(rows).astype("int64"), state=state)
    return due[["row", "cohort_id", "wave", "opens", "closes", "state"]]


def follow_up_reach(pilot: PilotData) -> pd.DataFrame:
    """How many were reached at each follow-up.

    Returns
    -------
    pandas.DataFrame, one row a cohort and follow-up
        numerator : int – people reached
        denominator : int – people reached, people tried without success, and people past their window
        n_missing : int – people past their window whom nobody tried to reach
        value : float – numerator / denominator [0–1]
        unit : str – "share"
        n_not_yet : int – people whose window has not opened, or is open and not tried
    """
    due = follow_ups_due(pilot)
    rows = []
    for cohort in pilot.cohort_ids:
        for wave in FOLLOW_UPS:
            state = due.loc[(due["cohort_id"] == cohort) & (due["wave"] == wave), "state"]
            waiting = int(state.isin(["not_yet", "due"]).sum())
            reached, of = int((state == "reached").sum()), len(state) - waiting
            rows.append(share_row("follow_up_reach", cohort, reached, of, int((state == "overdue").sum()), wave=wave, n_not_yet=waiting))
    return measure_table(rows, "n_not_yet")


def support_continuing(pilot: PilotData, *, months: tuple[int, ...] = (1, 3, 6, 12)) -> pd.DataFrame:
    """With how many people there was any contact in the months after the training.

    Parameters
    ----------
    months : tuple of int
        Months after exit.

    Returns
    -------
    pandas.DataFrame, one row a cohort and month
        group : str – month after exit
        numerator : int – people with at least one contact in that month
        denominator : int – people for whom the month has passed and is noted
        n_missing : int – people for whom the month has passed and nothing is noted
        value : float – numerator / denominator [0–1]
        unit : str – "share"
        n_not_yet : int – people for whom the month has not passed
    """
    person = pilot["participant"]
    today = pd.Timestamp(pilot.data_date) if pilot.data_date else pd.NaT
    support = pilot["support_after"]
    rows = []
    for cohort in pilot.cohort_ids:
        here = person[person["cohort_id"] == cohort]
        for month in months:
            noted = support[(support["month"] == month) & support["participant_id"].isin(here["participant_id"])]
            ends = here["exit_date"] + pd.DateOffset(months=month)
            past = here.loc[(ends <= today) | here["participant_id"].isin(noted["participant_id"]), "participant_id"]
            n = int((noted["contacts"] > 0).sum())
            rows.append(share_row("support_continuing", cohort, n, len(noted), len(past) - len(noted), group=str(month), n_not_yet=len(here) - len(past)))
    return measure_table(rows, "n_not_yet")


def handed_over(pilot: PilotData) -> pd.DataFrame:
    """To whom the support was handed over, by the latest note of each person.

    Returns
    -------
    pandas.DataFrame, one row a cohort and service
        group : str – service
        numerator : int – people handed over to it
        denominator : int – people with a note of a handover, "none" included
        n_missing : int – people who have left and have no such note
        value : float – numerator / denominator [0–1]
        unit : str – "share"
    """
    people = pilot["participant"]
    notes = pilot["support_after"].dropna(subset=["handed_to"]).sort_values("month").drop_duplicates("participant_id", keep="last")
    notes = with_cohort(pilot, notes[notes["handed_to"] != "unknown"])
    services = [c for c in pilot.contract.code_lists["next_service"].codes if c != "unknown"]
    rows = []
    for cohort in pilot.cohort_ids:
        here = notes[notes["cohort_id"] == cohort]
        left = int(((people["cohort_id"] == cohort) & people["exit_date"].notna()).sum())
        for service in services:
            n = int((here["handed_to"] == service).sum())
            rows.append(share_row("handed_over", cohort, n, len(here), left - len(here), group=service))
    return measure_table(rows)
