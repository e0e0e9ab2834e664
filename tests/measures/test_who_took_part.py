"""How many started, and how it ended."""

import pytest

import ikut_eval as ikut
from ikut_eval.data.pilot import PilotData
from tests.measures.conftest import A, B, Build, C, D, counts

REFUSER = {"participant_id": C, "data_use_ok": "false", "exit_type": "withdrew_data"}
COLUMNS = ("numerator", "denominator", "n_missing", "value", "unit")


def test_those_whose_data_is_refused_took_part(build: Build) -> None:
    assert counts(ikut.participants(build(participant=[A, B, REFUSER])), *COLUMNS) == [(3, 5, 1, 0.6, "count")]


def test_more_can_start_than_were_planned(build: Build) -> None:
    pilot = build(cohort=[{"cohort_id": "C1", "planned_places": 1}])
    assert counts(ikut.participants(pilot), *COLUMNS) == [(2, 1, 0, 2.0, "count")]


def test_no_plan_is_not_a_plan_of_zero(build: Build) -> None:
    pilot = build(cohort=[{"cohort_id": "C1", "planned_places": None}])
    assert counts(ikut.participants(pilot), *COLUMNS) == [(2, None, 0, None, "count")]


def test_ways_of_ending_of_those_whose_data_may_be_used(build: Build) -> None:
    people = [A, {"participant_id": B, "exit_type": "early_positive"}, {"participant_id": D, "exit_date": None, "exit_type": "ongoing"}, REFUSER]
    assert counts(ikut.completion(build(participant=people))) == [
        ("completed", 1, 3, 0),
        ("early_positive", 1, 3, 0),
        ("early_other", 0, 3, 0),
        ("ongoing", 1, 3, 0),
    ]


@pytest.fixture(scope="module")
def refused(build: Build) -> PilotData:
    return build(
        participant=[A, REFUSER],
        session=["S1"],
        attendance=[("S1", C, "present")],
        need=[(C, "start", "rights", 3)],
        preferred_support=[(C, "start", "peer", 1)],
        answer=[(C, "start", "R01", 5)],
        outcome=[{"participant_id": C, "wave": "m6", "status": "work_open"}],
        fair_work=[(C, "m6", "safe")],
        support_after=[(C, 1, 1)],
    )


@pytest.mark.parametrize("table", ["need", "preferred_support", "attendance", "answer_set", "answer", "outcome", "fair_work", "support_after", "participant"])
def test_refused_person_is_in_no_table(refused: PilotData, table: str) -> None:
    assert C not in set(refused[table]["participant_id"])


def test_refused_person_is_counted_in_the_own_cohort(build: Build) -> None:
    pilot = build(cohort=["C1", "C2"], participant=[A, {**REFUSER, "cohort_id": "C2"}])
    assert counts(ikut.participants(pilot.cohort("C2")), "cohort_id", "numerator", "n_missing") == [("C2", 1, 1)]
