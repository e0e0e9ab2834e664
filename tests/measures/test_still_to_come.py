"""What is still to come, by cohort: nothing of it is an error, and nothing that is there is named."""

from dataclasses import replace

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.data.pilot import PilotData
from ikut_eval.present.tables import to_come_lines


@pytest.fixture(scope="module")
def pilot() -> PilotData:
    return ikut.read_pilot("synthetic")


def changed(pilot: PilotData, **tables: pd.DataFrame) -> PilotData:
    return replace(pilot, tables={**pilot.tables, **tables})


def rows(pilot: PilotData, cohort: str) -> set[tuple[str, str, int, int]]:
    found = ikut.still_to_come(pilot)
    return set(found[found["cohort_id"] == cohort][["kind", "wave", "done", "of"]].itertuples(index=False, name=None))


def test_cohort_of_which_all_is_there_is_not_named(pilot: PilotData) -> None:
    """Of the synthetic pilot, one person of C3 gave no answers at the end; people whom nobody could reach were tried."""
    found = ikut.still_to_come(pilot)
    assert list(found[["cohort_id", "kind", "wave", "done", "of"]].itertuples(index=False, name=None)) == [("C3", "answers", "exit", 4, 5)]


def test_week_is_missing_where_one_of_its_sessions_has_nobodys_attendance(pilot: PilotData) -> None:
    sessions = pilot["session"]
    of_week = sessions[(sessions["cohort_id"] == "C1") & (sessions["mode"] == "group") & (sessions["status"] == "held") & (sessions["week"] == 3)]
    attendance = pilot["attendance"]
    without = changed(pilot, attendance=attendance[attendance["session_id"] != of_week["session_id"].iloc[0]])
    weeks = sessions[(sessions["cohort_id"] == "C1") & (sessions["mode"] == "group") & (sessions["status"] == "held")]["week"].nunique()
    assert rows(without, "C1") == {("weeks", "", weeks - 1, weeks)}


def test_answers_at_the_end_are_expected_once_people_have_left(pilot: PilotData) -> None:
    sets = pilot["answer_set"]
    without = changed(pilot, answer_set=sets[sets["wave"] != "exit"])
    assert ("answers", "exit", 0, 4) in rows(without, "C1")
    people = without["participant"].assign(exit_date=pd.NaT)
    assert not any(kind == "answers" and wave == "exit" for kind, wave, _, _ in rows(changed(without, participant=people), "C1"))


def test_follow_up_is_due_in_its_window_and_overdue_after_it(pilot: PilotData) -> None:
    outcomes = pilot["outcome"]
    without = changed(pilot, outcome=outcomes[outcomes["wave"] != "m3"])
    due = ikut.follow_ups_due(without)
    window = due[(due["cohort_id"] == "C1") & (due["wave"] == "m3")]
    inside = replace(without, reporting_date=window["closes"].min().date())
    after = replace(without, reporting_date=(window["closes"].max() + pd.Timedelta(days=1)).date())
    assert ("due", "m3", 0, 4) in rows(inside, "C1")
    assert ("overdue", "m3", 0, 4) in rows(after, "C1")
    found = ikut.still_to_come(after)
    assert found[(found["cohort_id"] == "C1") & (found["kind"] == "overdue") & (found["wave"] == "m3")]["day"].tolist() == [window["closes"].min()]


def test_outcome_that_was_not_asked_of_somebody_reached_is_named(pilot: PilotData) -> None:
    outcomes = pilot["outcome"].copy()
    reached = outcomes.index[outcomes["reached"].fillna(False) & (outcomes["wave"] == "exit")]
    outcomes.loc[reached[0], "next_service"] = pd.NA
    cohort = pilot["participant"].set_index("participant_id")["cohort_id"][outcomes.loc[reached[0], "participant_id"]]
    found = [row for row in rows(changed(pilot, outcome=outcomes), str(cohort)) if row[0] == "next_service"]
    assert [(kind, wave, of - done) for kind, wave, done, of in found] == [("next_service", "exit", 1)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_name_cohort_and_numbers_and_no_id(pilot: PilotData, language: str) -> None:
    empty = changed(pilot, attendance=pilot["attendance"].iloc[:0], answer_set=pilot["answer_set"].iloc[:0], outcome=pilot["outcome"].iloc[:0])
    lines = to_come_lines(ikut.still_to_come(empty), language)
    assert all(any(cohort in line for cohort in pilot.cohort_ids) for line in lines[1:])
    assert not any(person in line for person in pilot["participant"]["participant_id"] for line in lines)
    assert len(to_come_lines(ikut.still_to_come(changed(pilot)).iloc[:0], language)) == 1
