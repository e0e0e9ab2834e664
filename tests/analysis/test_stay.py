"""Who is still there, week by week."""

from datetime import date, timedelta

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.locale import LANGUAGES
from tests.analysis.conftest import refused
from tests.measures.conftest import START, A, B, Build, C, D, build

__all__ = ["build"]


def times(*people: tuple[float | None, bool]) -> pd.DataFrame:
    """Return times as `weeks_in_training` does."""
    frame = pd.DataFrame([(f"P{n:03d}", "C1", weeks, left) for n, (weeks, left) in enumerate(people)], columns=["participant_id", "cohort_id", "weeks", "left"])
    return frame.astype({"weeks": "Float64", "left": "bool"})


SIX = times((2, True), (4, True), (4, False), (6, True), (10, False), (10, False))


def test_kaplan_meier_by_hand() -> None:
    """Week 2: 5/6; week 4: 5/6 * 4/5; the third goes on; week 6: * 2/3 of the three still followed."""
    found = ikut.time_in_training(SIX).to_frame()
    assert found["share"].tolist() == pytest.approx([1, *[5 / 6] * 2, *[4 / 6] * 2, *[4 / 9] * 5])
    assert found["n_at_risk"].tolist() == [6, 6, 5, 5, 3, 3, 2, 2, 2, 2]
    assert found["week"].tolist() == list(range(1, 11))
    assert (found["lower"] <= found["share"]).all()
    assert (found["share"] <= found["upper"]).all()


def test_counts_and_median_by_hand() -> None:
    found = ikut.time_in_training(SIX)
    assert (found.n, found.n_left, found.n_missing, found.median) == (6, 3, 0, 6)
    assert ikut.time_in_training(times((9, False), (10, False))).median is None


def test_level_decides_the_band() -> None:
    found = ikut.time_in_training(SIX)
    wide, narrow = found.to_frame(0.95), found.to_frame(0.5)
    assert (wide["upper"] - wide["lower"] > narrow["upper"] - narrow["lower"]).all()


def test_nobody_left_is_not_surely_everybody() -> None:
    """Five people of whom none left agree with a share of 48 % or more."""
    found = ikut.time_in_training(times(*[(10, False)] * 5)).to_frame()
    assert set(found["share"]) == {1}
    assert found["lower"].iloc[-1] == pytest.approx(0.025 ** (1 / 5))
    assert (found["lower"] < 1).all()


def test_a_day_more_or_less_in_the_last_week_changes_nothing() -> None:
    to_the_day = ikut.time_in_training(times(*[(10, False)] * 4, (3, True)))
    for later in (10.14, 11, 30):
        mixed = ikut.time_in_training(times(*[(10, False)] * 3, (later, False), (3, True)))
        pd.testing.assert_frame_equal(mixed.to_frame(), to_the_day.to_frame())


def test_leaving_after_the_last_week_is_staying_to_it() -> None:
    found = ikut.time_in_training(times((6, True), (6.5, False)), weeks=5)
    assert found.to_frame()["share"].tolist() == [1] * 5


def test_week_is_missing_where_no_date_is() -> None:
    found = ikut.time_in_training(times((None, False), (4, True), (10, False)))
    assert (found.n, found.n_missing, found.n_left) == (2, 1, 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_said(language: str) -> None:
    for nobody in (times(), times((None, False))):
        found = ikut.time_in_training(nobody)
        assert (found.points, found.n, found.median, len(found.to_frame())) == ((), 0, None, 0)
        assert found.sentence(language)


@pytest.mark.parametrize("weeks", [0, -1])
def test_training_of_no_week_is_refused(weeks: int) -> None:
    refused("impossible_counts", ikut.time_in_training, SIX, weeks=weeks)


def test_person_twice_is_refused() -> None:
    refused("duplicate_person", ikut.time_in_training, pd.concat([SIX, SIX.iloc[:1]]))


def test_who_completed_was_there_to_the_end(build: Build) -> None:
    """From the first Monday to the tenth Friday there are 67 days, less than ten weeks; A is there in week 10 all the same."""
    cohort = {"cohort_id": "C1", "planned_weeks": 10}
    people = [
        A,
        {"participant_id": B, "exit_date": START + timedelta(21), "exit_type": "early_other"},
        {"participant_id": C, "exit_date": None, "exit_type": "ongoing"},
        {"participant_id": D, "exit_date": START + timedelta(77), "exit_type": "completed"},
    ]
    found = ikut.weeks_in_training(build(cohort=[cohort], participant=people, today=START + timedelta(35)))
    assert found["weeks"].tolist() == [10, 3, 5, 11]
    assert found["left"].tolist() == [False, True, False, False]
    assert ikut.time_in_training(found).to_frame()["n_at_risk"].iloc[-1] == 2


def test_time_before_the_first_day_is_missing(build: Build) -> None:
    """The data was closed before B's first day."""
    later = {"participant_id": B, "start_date": date(2021, 10, 4), "exit_date": None, "exit_type": "ongoing"}
    found = ikut.weeks_in_training(build(participant=[A, later], today=date(2021, 9, 20)))
    assert found["weeks"].isna().tolist() == [False, True]
