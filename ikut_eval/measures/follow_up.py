"""After the training: who is due and reached, whether support goes on, and where people are, with bounds for those not reached."""

from collections.abc import Sequence

import pandas as pd

from ikut_eval.contract.errors import check_choice
from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.table import FOLLOW_UPS, measure_row, measure_table, month_passed, rows_by, rows_of, wave_windows, with_cohort

OUTCOMES = ("in_work", "fair_work", "in_work_trial", "in_study", "seeking_work", "next_service")
MAIN_ACTIVITIES = ("in_work", "in_work_trial", "in_study", "jobseeking", "other")
"""What people do for the most part: everybody has one of these, while the outcome "seeking_work" may go with any of them."""
_ASKED = ("status", "seeking_work", "next_service")
"""What is asked of everybody who is reached."""
_YES, _NO, _UNKNOWN = "yes", "no", "unknown"


def follow_ups_due(pilot: PilotData) -> pd.DataFrame:
    """Which follow-ups are due, overdue, done or not yet due on the reporting date.

    Returns
    -------
    pandas.DataFrame, one row a person and follow-up
        row : int – row of the person on the sheet of participants, so that no id has to be shown
        cohort_id, wave : str
        opens, closes : date – the window
        state : str – "reached", "not_reached" (tried), "due" (window open), "overdue" (window over) or "not_yet"
    """
    windows = wave_windows(pilot)
    windows = windows[windows["wave"].isin(FOLLOW_UPS)]
    tried = windows.merge(pilot["outcome"][["participant_id", "wave", "reached"]], on=["participant_id", "wave"], how="left")
    state = pd.Series("due", index=tried.index, dtype="str").mask(tried["closed"], "overdue").mask(tried["not_yet"], "not_yet")
    state[tried["reached"].notna()] = "not_reached"
    state[tried["reached"].fillna(False).astype(bool)] = "reached"
    rows = pilot["participant"].rename_axis("row").reset_index().set_index("participant_id")["row"]
    due = tried.assign(row=tried["participant_id"].map(rows).astype("int64"), state=state)
    return due[["row", "cohort_id", "wave", "opens", "closes", "state"]]


def still_to_come(pilot: PilotData) -> pd.DataFrame:
    """What is not in the data yet on the reporting date, and what is overdue.

    Returns
    -------
    pandas.DataFrame, one row for each thing that is missing, by cohort; a cohort of which all is there has none
        cohort_id : str
        kind : str – "weeks" (of group sessions held, with attendance), "answers" (people with a questionnaire), "due" and "overdue" (people whom
            nobody has tried to reach in the window of a follow-up), or the outcome that was not asked of people who were reached
        wave : str – empty for weeks
        done, of : int – how many weeks or people are there, of how many that could be
        day : date – the window's last day, for follow-ups; else missing

    Notes
    -----
    A week without an entry is one with a group session that was held and nobody's attendance. Answers at the start are expected of everybody who has
    started, those at the end of everybody who has left.
    """
    today, people, outcomes = pd.Timestamp(pilot.reporting_date or "today"), pilot["participant"], pilot["outcome"]
    sessions = pilot["session"]
    held = sessions[(sessions["mode"] == "group") & (sessions["status"] == "held") & (sessions["date"] <= today)]
    entered = held.assign(entered=held["session_id"].isin(pilot["attendance"]["session_id"])).groupby(["cohort_id", "week"])["entered"].all()
    answered = set(pilot["answer_set"][["participant_id", "wave"]].itertuples(index=False, name=None))
    due = follow_ups_due(pilot)
    reached = outcomes[outcomes["reached"].fillna(False).astype(bool)].merge(people[["participant_id", "cohort_id"]], on="participant_id")
    rows: list[tuple[str, str, str, int, int, object]] = []
    for cohort in pilot.cohort_ids:
        weeks, here = entered[entered.index.get_level_values("cohort_id") == cohort], people[people["cohort_id"] == cohort]
        rows.append((cohort, "weeks", "", int(weeks.sum()), len(weeks), pd.NaT))
        for wave, since in (("start", "start_date"), ("exit", "exit_date")):
            expected = here[here[since] <= today]["participant_id"]
            rows.append((cohort, "answers", wave, sum((person, wave) in answered for person in expected), len(expected), pd.NaT))
        for wave in FOLLOW_UPS:
            window, found = due[(due["cohort_id"] == cohort) & (due["wave"] == wave)], reached[(reached["cohort_id"] == cohort) & (reached["wave"] == wave)]
            for state in ("overdue", "due"):
                waiting = window[window["state"] == state]
                rows.append((cohort, state, wave, len(window) - len(waiting), len(window), waiting["closes"].min()))
            rows += [(cohort, name, wave, int(found[name].notna().sum()), len(found), pd.NaT) for name in _ASKED]
    table = pd.DataFrame(rows, columns=["cohort_id", "kind", "wave", "done", "of", "day"])
    return table[table["done"] < table["of"]].reset_index(drop=True)


def follow_up_reach(pilot: PilotData) -> pd.DataFrame:
    """How many were reached at each follow-up.

    Returns
    -------
    pandas.DataFrame, one row a cohort and follow-up; columns as in `attendance_rate`
        numerator : int – people reached
        denominator : int – people reached, people tried without success, and people past their window
        n_missing : int – people past their window whom nobody tried to reach: they were not asked
        n_not_yet : int – people whose window has not opened, or is open and not tried
        n_not_asked : int – the same as n_missing
    """
    rows = []
    for cohort, wave, here in rows_by(pilot, follow_ups_due(pilot), wave=FOLLOW_UPS):
        state = here["state"]
        waiting = state.isin(["not_yet", "due"]).sum()
        reached, overdue = (state == "reached").sum(), (state == "overdue").sum()
        waits = {"n_not_yet": waiting, "n_not_asked": overdue}
        rows.append(measure_row("follow_up_reach", cohort, reached, len(here) - waiting, overdue, wave=wave, **waits))
    return measure_table(rows, "n_not_yet", "n_not_asked")


def support_continuing(pilot: PilotData, *, months: tuple[int, ...] = (1, 3, 6, 12)) -> pd.DataFrame:
    """With how many people there was any contact in the months after the training.

    Parameters
    ----------
    months : tuple of int
        Months after exit.

    Returns
    -------
    pandas.DataFrame, one row a cohort and month; columns as in `attendance_rate`
        group : str – month after exit
        numerator : int – people with at least one contact in that month
        denominator : int – people for whom the month has passed and is noted
        n_missing : int – people for whom the month has passed and nothing is noted
        n_not_yet : int – people for whom the month has not passed
        n_not_asked : int – the same as n_missing
    """
    people = dict(rows_by(pilot, pilot["participant"]))
    rows = []
    for cohort, month, noted in rows_by(pilot, with_cohort(pilot, pilot["support_after"]), month=months):
        here = people[cohort]
        passed = month_passed(here["exit_date"], month, pilot)
        past = (passed | here["participant_id"].isin(noted["participant_id"])).sum()
        n = (noted["contacts"] > 0).sum()
        waits = {"n_not_yet": len(here) - past, "n_not_asked": past - len(noted)}
        rows.append(measure_row("support_continuing", cohort, n, len(noted), past - len(noted), group=str(month), **waits))
    return measure_table(rows, "n_not_yet", "n_not_asked")


def handed_over(pilot: PilotData) -> pd.DataFrame:
    """To whom the support was handed over, by the latest note of each person.

    Returns
    -------
    pandas.DataFrame, one row a cohort and service; columns as in `attendance_rate`
        group : str – service
        numerator : int – people handed over to it
        denominator : int – people with a note of a handover, "none" included
        n_missing : int – people who have left and have no such note
    """
    people = pilot["participant"]
    notes = pilot["support_after"].dropna(subset=["handed_to"]).sort_values("month").drop_duplicates("participant_id", keep="last")
    notes = with_cohort(pilot, notes[notes["handed_to"] != "unknown"])
    services = [c for c in pilot.contract.code_lists["next_service"].codes if c != "unknown"]
    left, noted = rows_of(pilot, people[people["exit_date"].notna()]), rows_of(pilot, notes)
    handed = rows_by(pilot, notes, handed_to=services)
    return measure_table(measure_row("handed_over", c, len(here), noted[c], left[c] - noted[c], group=service) for c, service, here in handed)


def situation(pilot: PilotData, *, at: str) -> pd.DataFrame:
    """What is known of each person at a follow-up.

    Parameters
    ----------
    at : {"exit", "m3", "m6", "m12"}

    Returns
    -------
    pandas.DataFrame, one row a person
        participant_id, cohort_id : str
        state : str – "reached", "not_reached" (tried in vain), "not_asked" (the window has closed without a row) or
            "not_yet" (no row, and the window has not closed)
        in_work, fair_work, in_work_trial, in_study, seeking_work, next_service : str – "yes", "no", "unknown"
        main_activity : str – one of `MAIN_ACTIVITIES`, "not_known" or "not_yet"

    Notes
    -----
    Fair work needs all eight criteria answered yes. One no is enough for no; a criterion that is not
    known, or was not asked, leaves it unknown. For the self-employed, to whom the criteria do not
    apply, it is unknown as well: the bounds then say so. Whoever's main activity is job seeking seeks
    work, whether or not the column on it is filled in; others may seek work beside their main activity.
    """
    check_choice("at", at, FOLLOW_UPS)
    windows = wave_windows(pilot)
    due = windows.loc[windows["wave"] == at, ["participant_id", "cohort_id", "closed"]]
    row = pilot["outcome"].loc[lambda o: o["wave"] == at]
    known = due.merge(row.drop(columns="wave"), on="participant_id", how="left")
    reached = known["reached"].fillna(False).astype(bool)
    nothing = known["reached"].isna()
    state = pd.Series("not_reached", index=known.index, dtype="str").mask(reached, "reached")
    state = state.mask(nothing, "not_asked").mask(nothing & ~known["closed"], "not_yet")
    seeker = known["status"] == "jobseeking"
    statuses = pilot.contract.code_lists["outcome_status"]
    employed, studies = (known["status"].isin(statuses.codes_with("esf_group", group)) for group in ("employment", "education"))
    trial, told = known["status"] == "work_trial", known["status"].notna() & ~known["status"].isin(statuses.codes_with("esf_group", "missing"))
    mostly = pd.Series("other", index=known.index, dtype="str")
    for name, here in zip(MAIN_ACTIVITIES, (employed, trial, studies, seeker), strict=False):
        mostly = mostly.mask(here, name)
    mostly = mostly.mask(~(reached & told), "not_known").mask(state == "not_yet", "not_yet")
    answers = {
        "in_work": _answer(employed, reached),
        "fair_work": _fair_work(pilot, known, at, reached, employed),
        "in_work_trial": _answer(trial, reached),
        "in_study": _answer(studies, reached),
        "seeking_work": _answer(seeker | known["seeking_work"].fillna(False).astype(bool), reached & (seeker | known["seeking_work"].notna())),
        "next_service": _answer(~known["next_service"].isin(["none"]), reached & known["next_service"].notna() & (known["next_service"] != "unknown")),
    }
    return known[["participant_id", "cohort_id"]].assign(state=state, **answers, main_activity=mostly)


def _answer(yes: pd.Series, known: pd.Series) -> pd.Series:
    return pd.Series(_NO, index=yes.index, dtype="str").mask(yes, _YES).where(known, _UNKNOWN)


def _fair_work(pilot: PilotData, known: pd.DataFrame, at: str, reached: pd.Series, employed: pd.Series) -> pd.Series:
    criteria = pilot["fair_work"].loc[lambda f: f["wave"] == at]
    answers = pd.crosstab(criteria["participant_id"], criteria["met"]).reindex(index=known["participant_id"], columns=[_YES, _NO], fill_value=0)
    answers.index = known.index
    unfair = answers[_NO] > 0
    fair = (answers[_YES] == len(pilot.contract.code_lists["fair_work_criterion"].codes)) & ~unfair
    return _answer(employed & fair, reached & (fair | unfair | ~employed))


def outcome_bounds(pilot: PilotData, outcome: str, *, at: str = "m6") -> pd.DataFrame:
    """How many have an outcome: at least *a* of *n*, at most *b* of *n*.

    Parameters
    ----------
    outcome : {"in_work", "fair_work", "in_work_trial", "in_study", "seeking_work", "next_service"}
    at : {"exit", "m3", "m6", "m12"}

    Returns
    -------
    pandas.DataFrame, one row a cohort; columns as in `attendance_rate`
        group : str – the outcome
        numerator : int – people known to have it
        denominator : int – people who are due: reached, or not reached by the end of the window
        n_missing : int – people of those for whom it is not known
        value : float – missing: an observed rate never appears without its bounds
        at_least : int – none of the unknown have it
        at_most : int – all of the unknown have it
        n_not_yet : int – people not yet due; in no other count
        n_not_asked : int – of those not known, people whose window has closed without a row
    """
    check_choice("outcome", outcome, OUTCOMES)
    return bounds_of(situation(pilot, at=at), outcome, at=at, cohorts=pilot.cohort_ids)


def bounds_of(people: pd.DataFrame, outcome: str, *, at: str, cohorts: Sequence[str]) -> pd.DataFrame:
    """Return `outcome_bounds` from what is known of each person, as `situation` returns it."""
    rows = []
    for cohort in cohorts:
        here = people[people["cohort_id"] == cohort]
        due = here.loc[here["state"] != "not_yet", outcome]
        yes, unknown = (due == _YES).sum(), (due == _UNKNOWN).sum()
        waits = {"n_not_yet": len(here) - len(due), "n_not_asked": (here["state"] == "not_asked").sum()}
        bounds = {"at_least": yes, "at_most": yes + unknown} | waits
        rows.append(measure_row("outcome_bounds", cohort, yes, len(due), unknown, value=None, group=outcome, wave=at, **bounds))
    return measure_table(rows, "at_least", "at_most", "n_not_yet", "n_not_asked")


def fair_work_criteria(pilot: PilotData, *, at: str = "m6") -> pd.DataFrame:
    """How many of those in paid or pay-subsidised work have each criterion of fair work.

    Returns
    -------
    pandas.DataFrame, one row a cohort and criterion; columns as in `attendance_rate`
        group : str – criterion
        numerator : int – people with yes
        denominator : int – people with yes or no
        n_missing : int – people in such work for whom it is not known or was not asked
    """
    check_choice("at", at, FOLLOW_UPS)
    paid = pilot.contract.code_lists["outcome_status"].codes_with("paid_work", "yes")
    working = with_cohort(pilot, pilot["outcome"].loc[lambda o: (o["wave"] == at) & o["status"].isin(paid)])
    answer = with_cohort(pilot, pilot["fair_work"].loc[lambda f: f["wave"] == at])
    workers = rows_of(pilot, working)
    rows = []
    for cohort, criterion, here in rows_by(pilot, answer, criterion=pilot.contract.code_lists["fair_work_criterion"].codes):
        yes, known = (here["met"] == _YES).sum(), here["met"].isin([_YES, _NO]).sum()
        rows.append(measure_row("fair_work_criteria", cohort, yes, known, workers[cohort] - known, group=criterion, wave=at))
    return measure_table(rows)
