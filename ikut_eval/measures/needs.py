"""What people needed, whether it was met, and which support they want."""

import pandas as pd

from ikut_eval.contract.errors import check_choice
from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.table import cohort_sizes, measure_table, share_row, with_cohort

CLEAR_NEED = 2
_NEED_WAVES = ("start", "exit")


def need_level(pilot: PilotData, *, wave: str = "start") -> pd.DataFrame:
    """How many have a clear or urgent need, by domain.

    Parameters
    ----------
    wave : {"start", "exit"}

    Returns
    -------
    pandas.DataFrame, one row a cohort and domain
        group : str – need domain
        numerator : int – people with level 2 or 3
        denominator : int – people rated in the domain
        n_missing : int – people not rated
        value : float – numerator / denominator [0–1]
        unit : str – "share"
    """
    check_choice("wave", wave, _NEED_WAVES)
    rated = with_cohort(pilot, pilot["need"].loc[lambda n: n["wave"] == wave])
    rows = []
    for cohort, size in cohort_sizes(pilot).items():
        for domain in pilot.contract.code_lists["need_domain"].codes:
            level = rated.loc[(rated["cohort_id"] == cohort) & (rated["need_domain"] == domain), "level"]
            clear = int((level >= CLEAR_NEED).sum())
            rows.append(share_row("need_level", cohort, clear, len(level), size - len(level), group=domain, wave=wave))
    return measure_table(rows)


def needs_met(pilot: PilotData) -> pd.DataFrame:
    """How many of the clear needs at start were met at exit, by domain.

    Returns
    -------
    pandas.DataFrame, one row a cohort and domain
        group : str – need domain
        numerator : int – people with level ≥ 2 at start and ≤ 1 at exit
        denominator : int – people with level ≥ 2 at start and rated at exit
        n_missing : int – people with level ≥ 2 at start and not rated at exit
        value : float – numerator / denominator [0–1]
        unit : str – "share"
    """
    rated = with_cohort(pilot, pilot["need"]).pivot_table(index=["cohort_id", "participant_id", "need_domain"], columns="wave", values="level", observed=True)
    rated = rated.reindex(columns=list(_NEED_WAVES)).reset_index()
    clear = rated[(rated["start"] >= CLEAR_NEED).fillna(False)]
    rows = []
    for cohort in pilot.cohort_ids:
        for domain in pilot.contract.code_lists["need_domain"].codes:
            after = clear.loc[(clear["cohort_id"] == cohort) & (clear["need_domain"] == domain), "exit"]
            met, rated_again = int((after < CLEAR_NEED).sum()), int(after.notna().sum())
            rows.append(share_row("needs_met", cohort, met, rated_again, len(after) - rated_again, group=domain, wave="exit"))
    return measure_table(rows)


def preferred_support(pilot: PilotData, *, wave: str = "start") -> pd.DataFrame:
    """Which support people want: how many put a form first, and how many name it at all.

    Returns
    -------
    pandas.DataFrame, one row a measure, cohort and form
        measure : str – "preferred_support_first" or "preferred_support"
        group : str – form of support
        numerator : int – people who rank the form first; people who rank it at all
        denominator : int – people who ranked anything
        n_missing : int – people who did not
        value : float – numerator / denominator [0–1]
        unit : str – "share"
    """
    check_choice("wave", wave, _NEED_WAVES)
    wanted = with_cohort(pilot, pilot["preferred_support"].loc[lambda w: w["wave"] == wave])
    rows = []
    for measure, chosen in (("preferred_support_first", wanted[wanted["rank"] == 1]), ("preferred_support", wanted)):
        for cohort, size in cohort_sizes(pilot).items():
            answered = wanted.loc[wanted["cohort_id"] == cohort, "participant_id"].nunique()
            for form in pilot.contract.code_lists["support_form"].codes:
                n = int(((chosen["cohort_id"] == cohort) & (chosen["support_form"] == form)).sum())
                rows.append(share_row(measure, cohort, n, answered, size - answered, group=form, wave=wave))
    return measure_table(rows)
