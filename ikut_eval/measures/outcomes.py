"""Where people are afterwards, with bounds for the people who were not reached."""

from collections.abc import Sequence

import pandas as pd

from ikut_eval.contract.errors import check_choice
from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.table import FOLLOW_UPS, measure_row, measure_table, share_row, wave_windows, with_cohort

OUTCOMES = ("in_work", "fair_work", "in_work_trial", "in_study", "seeking_work", "next_service")
_YES, _NO, _UNKNOWN = "yes", "no", "unknown"


def situation(pilot: PilotData, *, at: str) -> pd.DataFrame:
    """What is known of each person at a follow-up.

    Parameters
    ----------
    at : {"exit", "m3", "m6", "m12"}

    Returns
    -------
    pandas.DataFrame, one row a person
        participant_id, cohort_id : str
        state : str – "reached", "not_reached" or "not_yet" (no answer, and the window has not closed)
        in_work, fair_work, in_work_trial, in_study, seeking_work, next_service : str – "yes", "no", "unknown"

    Notes
    -----
    Fair work needs all eight criteria answered yes. One no is enough for no; a criterion that is not
    known, or was not asked, leaves it unknown. For the self-employed, to whom the criteria do not
    apply, it is unknown as well: the bounds then say so. Whoever's main activity is job seeking seeks
    work, whether or not the column on it is filled in.
    """
    check_choice("at", at, FOLLOW_UPS)
    windows = wave_windows(pilot)
    due = windows.loc[windows["wave"] == at, ["participant_id", "cohort_id", "closed"]]
    row = pilot["outcome"].loc[lambda o: o["wave"] == at]
    known = due.merge(row.drop(columns="wave"), on="participant_id", how="left")
    reached = known["reached"].fillna(False).astype(bool)
    state = pd.Series("not_reached", index=known.index, dtype="str")
    state[known["reached"].isna() & ~known["closed"]] = "not_yet"
    state[reached] = "reached"
    seeker = known["status"] == "jobseeking"
    statuses = pilot.contract.code_lists["outcome_status"]
    employed, studies = (known["status"].isin(statuses.codes_with("esf_group", group)) for group in ("employment", "education"))
    answers = {
        "in_work": _answer(employed, reached),
        "fair_work": _fair_work(pilot, known, at, reached, employed),
        "in_work_trial": _answer(known["status"] == "work_trial", reached),
        "in_study": _answer(studies, reached),
        "seeking_work": _answer(seeker | known["seeking_work"].fillna(False).astype(bool), reached & (seeker | known["seeking_work"].notna())),
        "next_service": _answer(~known["next_service"].isin(["none"]), reached & known["next_service"].notna() & (known["next_service"] != "unknown")),
    }
    return known[["participant_id", "cohort_id"]].assign(state=state, **answers)


def _answer(yes: pd.Series, known: pd.Series) -> pd.Series:
    answer = pd.Series(_UNKNOWN, index=yes.index, dtype="str")
    answer[known & yes] = _YES
    answer[known & ~yes] = _NO
    return answer


def _fair_work(pilot: PilotData, known: pd.DataFrame, at: str, reached: pd.Series, employed: pd.Series) -> pd.Series:
    criteria = pilot["fair_work"].loc[lambda f: f["wave"] == at]
    met = criteria["met"].groupby(criteria["participant_id"]).agg(list)
    wanted = len(pilot.contract.code_lists["fair_work_criterion"].codes)

    def judge(person: str) -> str:
        answers = met.get(person, [])
        if _NO in answers:
            return _NO
        return _YES if answers.count(_YES) == wanted else _UNKNOWN

    answer = _answer(pd.Series(False, index=known.index), reached)
    answer[reached & employed] = [judge(p) for p in known.loc[reached & employed, "participant_id"]]
    return answer


def outcome_bounds(pilot: PilotData, outcome: str, *, at: str = "m6") -> pd.DataFrame:
    """How many have an outcome: at least *a* of *n*, at most *b* of *n*.

    Parameters
    ----------
    outcome : {"in_work", "fair_work", "in_work_trial", "in_study", "seeking_work", "next_service"}
    at : {"exit", "m3", "m6", "m12"}

    Returns
    -------
    pandas.DataFrame, one row a cohort
        group : str – the outcome
        numerator : int – people known to have it
        denominator : int – people who are due: reached, or not reached by the end of the window
        n_missing : int – people of those for whom it is not known
        value : float – missing: an observed rate never appears without its bounds
        unit : str – "share"
        at_least : int – none of the unknown have it
        at_most : int – all of the unknown have it
        n_not_yet : int – people not yet due; in no other count
    """
    check_choice("outcome", outcome, OUTCOMES)
    return bounds_of(situation(pilot, at=at), outcome, at=at, cohorts=pilot.cohort_ids)


def bounds_of(people: pd.DataFrame, outcome: str, *, at: str, cohorts: Sequence[str]) -> pd.DataFrame:
    """Return `outcome_bounds` from what is known of each person, as `situation` returns it."""
    rows = []
    for cohort in cohorts:
        here = people[people["cohort_id"] == cohort]
        due = here[here["state"] != "not_yet"]
        yes, unknown = int((due[outcome] == _YES).sum()), int((due[outcome] == _UNKNOWN).sum())
        rows.append(
            measure_row(
                "outcome_bounds",
                cohort,
                yes,
                len(due),
                unknown,
                value=None,
                group=outcome,
                wave=at,
                at_least=yes,
                at_most=yes + unknown,
                n_not_yet=len(here) - len(due),
            )
        )
    return measure_table(rows, "at_least", "at_most", "n_not_yet")


def fair_work_criteria(pilot: PilotData, *, at: str = "m6") -> pd.DataFrame:
    """How many of those in paid or pay-subsidised work have each criterion of fair work.

    Returns
    -------
    pandas.DataFrame, one row a cohort and criterion
        group : str – criterion
        numerator : int – people with yes
        denominator : int – people with yes or no
        n_missing : int – people in such work for whom it is not known or was not asked
        value : float – numerator / denominator [0–1]
        unit : str – "share"
    """
    check_choice("at", at, FOLLOW_UPS)
    paid = pilot.contract.code_lists["outcome_status"].codes_with("paid_work", "yes")
    working = with_cohort(pilot, pilot["outcome"].loc[lambda o: (o["wave"] == at) & o["status"].isin(paid)])
    answer = with_cohort(pilot, pilot["fair_work"].loc[lambda f: f["wave"] == at])
    rows = []
    for cohort in pilot.cohort_ids:
        n = int((working["cohort_id"] == cohort).sum())
        for criterion in pilot.contract.code_lists["fair_work_criterion"].codes:
            met = answer.loc[(answer["cohort_id"] == cohort) & (answer["criterion"] == criterion), "met"]
            yes, known = int((met == _YES).sum()), int(met.isin([_YES, _NO]).sum())
            rows.append(share_row("fair_work_criteria", cohort, yes, known, n - known, group=criterion, wave=at))
    return measure_table(rows)
