"""What people needed, whether it was met, and which support they want."""

import pandas as pd

from ikut_eval.contract.errors import UsageError
from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.table import measure_table, share

CLEAR_NEED = 2
_NEED_WAVES = ("start", "exit")


def _rated(pilot: PilotData) -> pd.DataFrame:
    return pilot["need"].merge(pilot["participant"][["participant_id", "cohort_id"]], on="participant_id")


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
    if wave not in _NEED_WAVES:
        raise UsageError("unknown_choice", name="wave", choices=", ".join(_NEED_WAVES))
    rated = _rated(pilot)
    rated = rated[rated["wave"] == wave]
    rows = []
    for cohort, size in _sizes(pilot).items():
        for domain in pilot.contract.code_lists["need_domain"].codes:
            level = rated.loc[(rated["cohort_id"] == cohort) & (rated["need_domain"] == domain), "level"]
            clear = int((level >= CLEAR_NEED).sum())
            rows.append(_row("need_level", cohort, wave, domain, clear, len(level), size - len(level)))
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
    rated = _rated(pilot).pivot_table(index=["cohort_id", "participant_id", "need_domain"], columns="wave", values="level", observed=True)
    rated = rated.reindex(columns=list(_NEED_WAVES)).reset_index()
    clear = rated[(rated["start"] >= CLEAR_NEED).fillna(False)]
    rows = []
    for cohort in pilot.cohort_ids:
        for domain in pilot.contract.code_lists["need_domain"].codes:
            after = clear.loc[(clear["cohort_id"] == cohort) & (clear["need_domain"] == domain), "exit"]
            met, known = int((after < CLEAR_NEED).sum()), int(after.notna().sum())
            rows.append(_row("needs_met", cohort, "exit", domain, met, known, len(after) - known))
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
    if wave not in _NEED_WAVES:
        raise UsageError("unknown_choice", name="wave", choices=", ".join(_NEED_WAVES))
    wanted = pilot["preferred_support"].merge(pilot["participant"][["participant_id", "cohort_id"]], on="participant_id")
    wanted = wanted[wanted["wave"] == wave]
    rows = []
    for measure, chosen in (("preferred_support_first", wanted[wanted["rank"] == 1]), ("preferred_support", wanted)):
        for cohort, size in _sizes(pilot).items():
            answered = wanted.loc[wanted["cohort_id"] == cohort, "participant_id"].nunique()
            for form in pilot.contract.code_lists["support_form"].codes:
                n = int(((chosen["cohort_id"] == cohort) & (chosen["support_form"] == form)).sum())
                rows.append(_row(measure, cohort, wave, form, n, answered, size - answered))
    return measure_table(rows)


def _sizes(pilot: PilotData) -> dict[str, int]:
    counts = pilot["participant"]["cohort_id"].value_counts()
    return {cohort: int(counts.get(cohort, 0)) for cohort in pilot.cohort_ids}


def _row(measure: str, cohort: str, wave: str, group: str, n: int, of: int, missing: int) -> dict[str, object]:
    return {
        "measure": measure,
        "cohort_id": cohort,
        "wave": wave,
        "group": group,
        "numerator": n,
        "denominator": of,
        "n_missing": missing,
        "value": share(n, of),
        "unit": "share",
    }
