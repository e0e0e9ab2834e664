"""Who took part, what they needed, whether it was met, and which support they want."""

import pandas as pd

from ikut_eval.contract.errors import check_choice
from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.table import closed_by_person, cohort_sizes, measure_row, measure_table, rows_by, unanswered, with_cohort

CLEAR_NEED = 2
_NEED_WAVES = ("start", "exit")


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
        n_also : int – people who came from an earlier cohort and are enrolled in this one as well; not in the numerator, as
            each person is counted once in the pilot, in the first cohort
    """
    also = pilot.enrolments.loc[lambda e: ~e["first"] & e["expected"], "cohort_id"].value_counts()
    places = pilot["cohort"].set_index("cohort_id")["planned_places"].astype(object)
    planned, refused = places.where(places.notna(), None), pilot.n_data_refused
    rows = []
    for cohort, size in cohort_sizes(pilot).items():
        without = refused.get(cohort, 0)
        rows.append(measure_row("participants", cohort, size + without, planned[cohort], without, n_also=int(also.get(cohort, 0))))
    return measure_table(rows, "n_also")


def completion(pilot: PilotData) -> pd.DataFrame:
    """How the training ended for people.

    Returns
    -------
    pandas.DataFrame, one row a cohort and way of ending; columns as in `attendance_rate`
        group : str – exit type
        numerator : int – people
        denominator : int – people whose data may be used
        n_missing : int – 0: every person has an exit type
    """
    kinds = [c for c in pilot.contract.code_lists["exit_type"].codes if c != "withdrew_data"]
    sizes = cohort_sizes(pilot)
    ended = rows_by(pilot, pilot["participant"], exit_type=kinds)
    return measure_table(measure_row("completion", cohort, len(here), sizes[cohort], group=kind) for cohort, kind, here in ended)


def weeks_in_training(pilot: PilotData) -> pd.DataFrame:
    """How long each person was in the training of a cohort, and whether that was the end of it.

    Returns
    -------
    pandas.DataFrame, one row a person and cohort in which the person is enrolled
        participant_id, cohort_id : str
        weeks : float – from the person's first day, or the group's first day if that is later, to the last day, or to the
            reporting date while it goes on; for those who completed at least the planned length [weeks]
        left : bool – left early, or went on to a further cohort; those who completed, and those who go on, have not

    Notes
    -----
    Whoever completed stayed to the end: the time is then the whole training, not a time of leaving. From the Monday
    of week 1 to the Friday of week 10 there are 67 days, that is 9.6 weeks; those people were there in week 10.
    """
    group = pilot["cohort"][["cohort_id", "start_date", "planned_weeks"]]
    enrolled = pilot.enrolments[pilot.enrolments["expected"]].merge(group, on="cohort_id", suffixes=("", "_group"))
    began = enrolled[["start_date", "start_date_group"]].max(axis=1)
    weeks = ((enrolled["exit_date"].fillna(pilot.today) - began).dt.days / 7).astype("Float64")
    planned = enrolled["planned_weeks"].astype("Float64")
    completed = (enrolled["exit_type"] == "completed") & ~enrolled["moved_on"]
    weeks = weeks.mask(completed & (weeks < planned).fillna(False), planned)
    left = enrolled["exit_type"].isin(["early_positive", "early_other"]) | enrolled["moved_on"]
    return enrolled[["participant_id", "cohort_id"]].assign(weeks=weeks.where(weeks >= 0), left=left)


def need_level(pilot: PilotData, *, wave: str = "start") -> pd.DataFrame:
    """How many have a clear or urgent need, by domain.

    Parameters
    ----------
    wave : {"start", "exit"}

    Returns
    -------
    pandas.DataFrame, one row a cohort and domain; columns as in `attendance_rate`
        group : str – need domain
        numerator : int – people with level 2 or 3
        denominator : int – people rated in the domain
        n_missing : int – people not rated whose window has closed
        n_not_yet : int – people not rated whose window has not closed
    """
    check_choice("wave", wave, _NEED_WAVES)
    rated, closed = with_cohort(pilot, pilot["need"].loc[lambda n: n["wave"] == wave]), closed_by_person(pilot, wave)
    rows = []
    for cohort, domain, here in rows_by(pilot, rated, need_domain=pilot.contract.code_lists["need_domain"].codes):
        clear = (here["level"] >= CLEAR_NEED).sum()
        missing, waiting = unanswered(closed[cohort], here["participant_id"])
        rows.append(measure_row("need_level", cohort, clear, len(here), missing, group=domain, wave=wave, n_not_yet=waiting))
    return measure_table(rows, "n_not_yet")


def needs_met(pilot: PilotData) -> pd.DataFrame:
    """How many of the clear needs at start were met at exit, by domain.

    Returns
    -------
    pandas.DataFrame, one row a cohort and domain; columns as in `attendance_rate`
        group : str – need domain
        numerator : int – people with level ≥ 2 at start and ≤ 1 at exit
        denominator : int – people with level ≥ 2 at start and rated at exit
        n_missing : int – people with level ≥ 2 at start, not rated at exit, whose window has closed
        n_not_yet : int – the same people whose window has not closed
    """
    rated = with_cohort(pilot, pilot["need"]).pivot_table(index=["cohort_id", "participant_id", "need_domain"], columns="wave", values="level", observed=True)
    rated = rated.reindex(columns=list(_NEED_WAVES)).reset_index()
    clear, closed = rated[(rated["start"] >= CLEAR_NEED).fillna(False)], closed_by_person(pilot, "exit")
    rows = []
    for cohort, domain, here in rows_by(pilot, clear, need_domain=pilot.contract.code_lists["need_domain"].codes):
        after = here["exit"].dropna()
        missing, waiting = unanswered(closed[cohort], here.loc[after.index, "participant_id"], of=here["participant_id"])
        met = (after < CLEAR_NEED).sum()
        rows.append(measure_row("needs_met", cohort, met, len(after), missing, group=domain, wave="exit", n_not_yet=waiting))
    return measure_table(rows, "n_not_yet")


def preferred_support(pilot: PilotData, *, wave: str = "start") -> pd.DataFrame:
    """Which support people want: how many put a form first, and how many name it at all.

    Returns
    -------
    pandas.DataFrame, one row a measure, cohort and form; columns as in `attendance_rate`
        measure : str – "preferred_support_first" or "preferred_support"
        group : str – form of support
        numerator : int – people who rank the form first; people who rank it at all
        denominator : int – people who ranked anything
        n_missing : int – people who did not and whose window has closed
        n_not_yet : int – people who did not and whose window has not closed
    """
    check_choice("wave", wave, _NEED_WAVES)
    wanted, closed = with_cohort(pilot, pilot["preferred_support"].loc[lambda w: w["wave"] == wave]), closed_by_person(pilot, wave)
    answered = {cohort: here["participant_id"].unique() for cohort, here in rows_by(pilot, wanted)}
    waits = {cohort: unanswered(closed[cohort], people) for cohort, people in answered.items()}
    rows = []
    for measure, chosen in (("preferred_support_first", wanted[wanted["rank"] == 1]), ("preferred_support", wanted)):
        for cohort, form, here in rows_by(pilot, chosen, support_form=pilot.contract.code_lists["support_form"].codes):
            missing, waiting = waits[cohort]
            rows.append(measure_row(measure, cohort, len(here), len(answered[cohort]), missing, group=form, wave=wave, n_not_yet=waiting))
    return measure_table(rows, "n_not_yet")
