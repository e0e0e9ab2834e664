"""How many people of a group are in each category of a family, counted by hand; and when a group has closed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.contract.schema import load_contract
from ikut_eval.data.pilot import PilotData
from ikut_eval.disclosure.families import Family
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.release.group_figures import category_counts, closing_wave, delivered, is_closed
from tests.measures.conftest import EXIT, Build, answers

FAMILIES: Mapping[str, Family] = {family.id: family for family in load_policy().families}
FIRST = ["P001A", "P001B", "P001C", "P001D"]
SECOND = [{"participant_id": f"P002{letter}", "cohort_id": "C2"} for letter in "ABCDE"]
PEOPLE = [*FIRST, *SECOND]
COHORTS = ["C1", {"cohort_id": "C2"}]
BOTH = ["C1", "C2"]
AFTER_ALL = date(2023, 6, 1)
TWO = "2 2 2 2 2 2 2 2 2 2 2 2"
THREE = "3 3 3 3 3 3 3 3 3 3 3 3"
CRITERIA = ("written_terms", "pay_tes", "payslip", "hours", "safe", "documents", "no_fee", "free_to_leave")


@pytest.fixture(scope="module")
def usual(build: Build) -> PilotData:
    return build()


@pytest.fixture(scope="module")
def two_cohorts(build: Build) -> PilotData:
    return build(cohort=COHORTS, participant=PEOPLE)


@pytest.fixture(scope="module")
def without_answers(build: Build) -> PilotData:
    """Four people who left at once."""
    gone = [{"participant_id": person, "exit_type": "early_other"} for person in FIRST]
    return build(cohort=COHORTS, participant=gone, today=AFTER_ALL)


def count(pilot: PilotData, family: str, n_public: int = 9) -> dict[str, int]:
    return category_counts(pilot, FAMILIES[family], BOTH, n_public)


def test_people_who_completed_and_everybody_else(build: Build) -> None:
    """Of nine: one left early, one is ongoing, one does not let the data be used; six completed."""
    left = {"participant_id": "P001B", "exit_type": "early_positive"}
    ongoing = {"participant_id": "P001C", "exit_type": "ongoing", "exit_date": None}
    refused = {"participant_id": "P001D", "data_use_ok": "false"}
    pilot = build(cohort=COHORTS, participant=["P001A", left, ongoing, refused, *SECOND])
    assert count(pilot, "completion") == {"completed": 6, "rest": 3}


def test_people_who_improved_got_worse_and_everybody_else(build: Build) -> None:
    """Two up, one down, one the same, one without an answer at exit, four without any: six are the rest."""
    given = {"P001A": (TWO, THREE), "P002A": (TWO, THREE), "P001B": (THREE, TWO), "P001C": (TWO, TWO), "P002B": (TWO, ". " * 12)}
    rows = [row for person, both in given.items() for wave, values in zip(("start", "exit"), both, strict=True) for row in answers(person, wave, "R01", values)]
    pilot = build(cohort=COHORTS, participant=PEOPLE, answer=rows)
    assert count(pilot, "rights_awareness") == {"improved": 2, "worse": 1, "rest": 6}


def test_clear_needs_that_were_met_or_not_and_everybody_else(build: Build) -> None:
    """Three met; two not: one as before, one not rated again; a need that was small and a need in another domain are the rest."""
    levels = {"P001A": (2, 0), "P001B": (3, 1), "P002A": (2, 1), "P002B": (3, 3), "P002C": (2, None), "P002D": (1, 0)}
    rows = [(p, wave, "everyday", n) for p, both in levels.items() for wave, n in zip(("start", "exit"), both, strict=True) if n is not None]
    rows += [("P002E", "start", "rights", 3), ("P002E", "exit", "rights", 0)]
    pilot = build(cohort=COHORTS, participant=PEOPLE, need=rows)
    assert count(pilot, "everyday_need") == {"need_met": 3, "need_not_met": 2, "rest": 4}


def test_each_person_is_in_one_place_after_six_months(build: Build) -> None:
    """Work and next service of the same person stand together; whoever was not reached, or not asked, is in no other category."""

    def at(person: str, status: str, service: str, reached: str = "true") -> dict[str, object]:
        return {"participant_id": person, "wave": "m6", "status": status, "next_service": service, "reached": reached}

    outcome = [
        at("P001A", "work_open", "te"),
        at("P001B", "work_open", "none"),
        at("P001C", "work_subsidised", "social"),
        at("P001D", "self_employed", "none"),
        at("P002A", "jobseeking", "te"),
        at("P002B", "health", "unknown"),
        at("P002C", "study_language", "none"),
        at("P002D", "unknown", "unknown", reached="false"),
        {"participant_id": "P002E", "wave": "m3", "status": "work_open", "next_service": "te", "reached": "true"},
    ]
    fair = [(person, "m6", criterion, "yes") for person in ("P001A", "P001B") for criterion in CRITERIA]
    fair += [("P001C", "m6", criterion, "no" if criterion == "safe" else "yes") for criterion in CRITERIA]
    pilot = build(cohort=COHORTS, participant=PEOPLE, outcome=outcome, fair_work=fair, today=AFTER_ALL)
    assert count(pilot, "six_months") == {
        "fair_work": 1,
        "fair_work_next_service": 1,
        "other_work": 1,
        "other_work_next_service": 1,
        "no_work": 2,
        "no_work_next_service": 1,
        "not_reached": 2,
    }


def test_people_in_contact_in_the_sixth_month_and_everybody_else(build: Build) -> None:
    """Three with a contact; one noted without; one with a contact in another month only; four not noted."""
    rows = [("P001A", 6, 1), ("P001B", 6, 4), ("P002A", 6, 2), ("P002B", 6, 0), ("P002C", 3, 5)]
    pilot = build(cohort=COHORTS, participant=PEOPLE, support_after=rows, today=AFTER_ALL)
    assert count(pilot, "support") == {"in_contact": 3, "rest": 6}


def test_support_that_people_put_first_and_everybody_else(build: Build) -> None:
    """Second wishes and wishes at exit do not count; support at the workplace is the rest."""
    first = {"P001A": "individual_f2f", "P001B": "individual_remote", "P002A": "group_f2f", "P002B": "peer", "P002C": "group_remote", "P002D": "work_place"}
    rows = [(person, "start", form, 1) for person, form in first.items()]
    rows += [("P002A", "start", "individual_f2f", 2), ("P002E", "start", "individual_f2f", 2), ("P002E", "exit", "individual_f2f", 1)]
    pilot = build(cohort=COHORTS, participant=PEOPLE, preferred_support=rows)
    assert count(pilot, "preferred_support") == {"individual": 2, "in_a_group": 3, "rest": 4}


def test_people_who_came_to_three_quarters_of_what_was_held_for_them(build: Build) -> None:
    """Of four sessions: three attended, one of them late, is enough; two are not; nor are three where a further one was held and is not noted."""
    entries = {"P001A": "present late present absent_unnotified", "P001B": "present present absent_notified excused", "P001C": "present present present"}
    names = ["S1", "S2", "S3", "S4"]
    rows = [(name, person, status) for person, said in entries.items() for name, status in zip(names, said.split(), strict=False)]
    rows += [(name, "P001D", "present") for name in names]
    session = [{"session_id": name, "cohort_id": "C1", "date": date(2021, 9, 6 + place)} for place, name in enumerate(names)]
    pilot = build(cohort=COHORTS, participant=PEOPLE, session=session, attendance=rows)
    came = count(pilot, "attendance")["three_quarters"]
    assert came == 3, "C: three of three quarters, as a gap may be an absence"


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "delivery"])
def test_people_without_any_data_are_in_what_is_left(without_answers: PilotData, family: str) -> None:
    """Four are in the data without an answer, of nine who are public."""
    counts = count(without_answers, family)
    rest = "not_reached" if family == "six_months" else "rest"
    assert {name: n for name, n in counts.items() if n} == {rest: 9}
    assert list(counts) == list(FAMILIES[family].cells)


def test_only_the_cohorts_of_the_group_count(two_cohorts: PilotData) -> None:
    assert category_counts(two_cohorts, FAMILIES["completion"], ["C2"], 5) == {"completed": 5, "rest": 0}


@pytest.mark.parametrize("n_public", [0, 8])
def test_more_people_than_are_public_are_refused(two_cohorts: PilotData, n_public: int) -> None:
    with pytest.raises(DisclosureError) as raised:
        count(two_cohorts, "completion", n_public)
    assert (raised.value.key, raised.value.exit_code) == ("public_facts_contradict", 13)


@pytest.mark.parametrize("family", [Family("knowledge", "pair_count", ("correct", "rest")), FAMILIES["delivery"]], ids=["unknown", "about the service"])
def test_family_that_nobody_can_count_is_refused(usual: PilotData, family: Family) -> None:
    with pytest.raises(DisclosureError) as raised:
        category_counts(usual, family, ["C1"], 9)
    assert (raised.value.key, raised.value.exit_code) == ("family_not_counted", 13)


def test_measure_of_people_is_never_a_fact_about_the_service(usual: PilotData) -> None:
    with pytest.raises(DisclosureError) as raised:
        delivered(usual, "C1", FAMILIES["completion"])
    assert raised.value.key == "family_not_counted"


def test_hours_that_were_held_are_a_fact_about_the_service(build: Build) -> None:
    """Three sessions of two hours and one that was cancelled."""
    sessions = [{"session_id": f"S{n}", "session_type": kind} for n, kind in enumerate(("finnish", "finnish", "everyday"))]
    pilot = build(session=[*sessions, {"session_id": "S9", "status": "cancelled"}])
    found = dict(delivered(pilot, "C1", FAMILIES["delivery"]))
    assert {name: found[name] for name in ("hours_by_component.finnish", "hours_by_component.everyday")} == {
        "hours_by_component.finnish": 4.0,
        "hours_by_component.everyday": 2.0,
    }


WINDOW_ENDS = {"exit": date(2021, 12, 10), "m6": date(2022, 6, 12)}
"""28 and 212 days after the last day, 12.11.2021."""


@pytest.mark.parametrize("wave", WINDOW_ENDS)
def test_group_closes_on_the_day_after_its_last_window(usual: PilotData, wave: str) -> None:
    assert not is_closed(replace(usual, reporting_date=WINDOW_ENDS[wave]), ["C1"], wave)
    assert is_closed(replace(usual, reporting_date=date.fromordinal(WINDOW_ENDS[wave].toordinal() + 1)), ["C1"], wave)


def test_group_waits_for_whoever_left_last(build: Build) -> None:
    later = {"participant_id": "P001B", "exit_date": date(2021, 11, 20)}
    pilot = build(cohort=[{"cohort_id": "C1", "end_date": date(2021, 11, 20)}], participant=["P001A", later])
    assert not is_closed(replace(pilot, reporting_date=date(2021, 12, 18)), ["C1"], "exit")
    assert is_closed(replace(pilot, reporting_date=date(2021, 12, 19)), ["C1"], "exit")


def test_group_is_open_while_somebody_is_ongoing(build: Build) -> None:
    ongoing = {"participant_id": "P001B", "exit_type": "ongoing", "exit_date": None}
    assert not is_closed(build(participant=["P001A", ongoing], today=AFTER_ALL), ["C1"], "exit")


def test_group_is_open_while_its_training_goes_on(build: Build) -> None:
    """All have left early, and the training is planned to go on."""
    pilot = build(cohort=[{"cohort_id": "C1", "end_date": AFTER_ALL}], today=AFTER_ALL)
    assert EXIT < AFTER_ALL
    assert not is_closed(pilot, ["C1"], "exit")


@pytest.mark.parametrize("cohorts", [["C1", "C2"], ["C9"]])
def test_group_of_a_cohort_that_is_not_there_is_open(usual: PilotData, cohorts: list[str]) -> None:
    assert not is_closed(replace(usual, reporting_date=AFTER_ALL), cohorts, "exit")


def test_group_is_open_where_nothing_tells_the_day(usual: PilotData) -> None:
    assert not is_closed(replace(usual, reporting_date=None), ["C1"], "exit")


@pytest.mark.parametrize(("family", "wave"), [("completion", "exit"), ("everyday_need", "exit"), ("six_months", "m6"), ("support", "m6"), ("delivery", "exit")])
def test_family_closes_with_its_last_wave(family: str, wave: str) -> None:
    assert closing_wave(FAMILIES[family], load_contract().code_lists["wave"].codes) == wave
