"""Who took part, as counts."""

import pandas as pd

from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.table import measure_table, share_row


def participants(pilot: PilotData) -> pd.DataFrame:
    """How many started, of how many planned places.

    Returns
    -------
    pandas.DataFrame, one row a cohort
        numerator : int – people who started, whether or not their data may be used
        denominator : int – planned places; missing where none are planned
        n_missing : int – people whose data may not be used: in no other measure
        value : float – numerator / denominator [0–1]
        unit : str – "count"
    """
    person, cohort_table = pilot["participant"], pilot["cohort"].set_index("cohort_id")
    rows = []
    for cohort in pilot.cohort_ids:
        refused = pilot.n_data_refused.get(cohort, 0)
        started = int((person["cohort_id"] == cohort).sum()) + refused
        places = cohort_table.loc[cohort, "planned_places"]
        places = None if pd.isna(places) else int(places)
        rows.append(share_row("participants", cohort, started, places, refused))
    return measure_table(rows)


def completion(pilot: PilotData) -> pd.DataFrame:
    """How the training ended for people.

    Returns
    -------
    pandas.DataFrame, one row a cohort and way of ending
        group : str – exit type
        numerator : int – people
        denominator : int – people whose data may be used
        n_missing : int – 0: every person has an exit type
        value : float – numerator / denominator [0–1]
        unit : str – "share"
    """
    person = pilot["participant"]
    kinds = [c for c in pilot.contract.code_lists["exit_type"].codes if c != "withdrew_data"]
    rows = []
    for cohort in pilot.cohort_ids:
        ended = person.loc[person["cohort_id"] == cohort, "exit_type"]
        for kind in kinds:
            n = int((ended == kind).sum())
            rows.append(share_row("completion", cohort, n, len(ended), group=kind))
    return measure_table(rows)


def weeks_in_training(pilot: PilotData) -> pd.DataFrame:
    """How long each person was in the training, and whether that was the end of it.

    Returns
    -------
    pandas.DataFrame, one row a person
        participant_id, cohort_id : str
        weeks : float – from the first day to the last, or to the data date while it goes on; for those who completed
            at least the planned length [weeks]
        left : bool – left early; those who completed, and those who go on, have not

    Notes
    -----
    Whoever completed stayed to the end: the time is then the whole training, not a time of leaving. From the Monday
    of week 1 to the Friday of week 10 there are 67 days, that is 9.6 weeks; those people were there in week 10.
    """
    person = pilot["participant"]
    until = person["exit_date"].fillna(pd.Timestamp(pilot.data_date)) if pilot.data_date else person["exit_date"]
    weeks = ((until - person["start_date"]).dt.days / 7).astype("Float64")
    planned = person["cohort_id"].map(pilot["cohort"].set_index("cohort_id")["planned_weeks"]).astype("Float64")
    weeks = weeks.mask((person["exit_type"] == "completed") & (weeks < planned).fillna(False), planned)
    left = person["exit_type"].isin(["early_positive", "early_other"])
    frame = person[["participant_id", "cohort_id"]].assign(weeks=weeks.where(weeks >= 0), left=left)
    return frame.reset_index(drop=True)
