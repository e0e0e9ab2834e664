"""The figures of an exhibit are those of its measure: marks are people, cells are counts."""

from datetime import date

import pytest

import ikut_eval as ikut
from ikut_eval.contract.locale import text
from ikut_eval.data.pilot import PilotData
from ikut_eval.present.exhibit import Exhibit
from tests.measures.conftest import A, B, Build, C, D, answers
from tests.present.conftest import COHORTS, OF_ANY, draw

ONGOING = {"exit_date": None, "exit_type": "ongoing"}


def marks(exhibit: Exhibit) -> dict[str, int]:
    """Return how many marks of each kind a figure has, by the kind's name."""
    drawn = exhibit.drawing
    traces = drawn.data if drawn else ()
    return {t["name"]: len(t["x"]) for t in traces if t["type"] == "scatter" and t["mode"] == "markers" and t["x"]}


def cells(exhibit: Exhibit) -> list[list[str]]:
    return exhibit.table.to_numpy().tolist()


# How many marks each figure of one cohort must have, from its measures
MARKS = {
    "plot_participants": lambda p: ikut.completion(p)["numerator"].sum(),
    "plot_attendance": lambda p: ikut.attendance_rate(p, by="person")["value"].notna().sum() / 2,
    "plot_outcomes": lambda p: ikut.outcome_bounds(p, "fair_work")["denominator"].sum(),
    "plot_reach": lambda p: ikut.follow_up_reach(p)["denominator"].sum(),
    "plot_support": lambda p: ikut.support_continuing(p)[["denominator", "n_missing"]].sum().sum(),
    "plot_knowledge": lambda p: ikut.knowledge_answers(p)["numerator"].sum(),
    "plot_needs": lambda p: ikut.need_level(p)["numerator"].sum(),
    "plot_preferred_support": lambda p: ikut.preferred_support(p).loc[lambda t: t["measure"] == "preferred_support", "numerator"].sum(),
    "plot_fair_work": lambda p: ikut.fair_work_criteria(p)[["denominator", "n_missing"]].sum().sum(),
    "plot_items": lambda p: (ikut.item_agreement(p, "rights_awareness")["denominator"] > 0).sum(),
}


@pytest.mark.parametrize("cohort", COHORTS)
@pytest.mark.parametrize("name", MARKS)
def test_marks_are_as_many_as_the_counts(synthetic: PilotData, name: str, cohort: str) -> None:
    pilot = synthetic.cohort(cohort)
    assert sum(marks(draw(name, pilot, "en")).values()) == MARKS[name](pilot)


@pytest.mark.parametrize("name", [name for name in MARKS if name in OF_ANY])
def test_marks_of_the_whole_pilot(synthetic: PilotData, name: str) -> None:
    assert sum(marks(draw(name, synthetic, "en")).values()) == MARKS[name](synthetic)


@pytest.mark.parametrize("cohort", COHORTS)
def test_a_line_is_a_person_with_both_answers(synthetic: PilotData, cohort: str) -> None:
    change = ikut.paired_change(ikut.scale_scores(synthetic.cohort(cohort), "rights_awareness"))
    lines = [trace["name"] for trace in ikut.plot_change(change, language="en").drawing.data]
    assert [lines.count(kind) for kind in ("Rose", "Stayed the same", "Fell")] == [change.improved, change.same, change.worse]


@pytest.mark.parametrize("smallest", [0, 0.25, 0.3])
def test_lines_are_sorted_as_the_change_sorts_them(build: Build, smallest: float) -> None:
    """Ten items: A +3/10, B 0, C -3/10. With 0 any change counts, and B still stays the same."""
    two, more = "2 2 2 2 2 2 2 2 2 2", "2 2 2 2 2 2 2 3 3 3"
    pairs = {A: (two, more), B: (two, two), C: (more, two)}
    given = [row for p, both in pairs.items() for wave, v in zip(("start", "exit"), both, strict=True) for row in answers(p, wave, "R01", v)]
    change = ikut.paired_change(ikut.scale_scores(build(participant=[A, B, C], answer=given), "rights_awareness"), smallest_change=smallest)
    lines = [trace["name"] for trace in ikut.plot_change(change, language="en").drawing.data]
    assert sorted(lines) == ["Fell", "Rose", "Stayed the same"]
    assert (change.improved, change.same, change.worse) == (1, 1, 1)


SESSIONS = [
    "S1",
    {"session_id": "S2", "session_type": "everyday", "week": 2},
    {"session_id": "S3", "session_type": "everyday", "week": None},
    {"session_id": "S4", "week": 2, "status": "cancelled"},
]
PLAN = [("C1", "finnish", 8), ("C1", "everyday", 2)]
MARKED = [
    ("S1", A, "present"),
    ("S1", B, "late", 15),
    ("S2", A, "absent_notified"),
    ("S2", B, "absent_unnotified"),
    ("S3", A, "excused", None, "legal"),
    ("S3", B, "late", 20),
]


@pytest.fixture(scope="module")
def register(build: Build) -> PilotData:
    """Three held sessions of two hours, one without a week. A: 1 of 3 (B: 1 of 2); B: 2 of 3."""
    return build(session=SESSIONS, attendance=MARKED, cohort_plan=PLAN)


@pytest.fixture(scope="module")
def later(build: Build) -> PilotData:
    """A completed and works, B was not reached, C went to work early and was not tried, D is still there."""
    people = [A, B, {"participant_id": C, "exit_type": "early_positive"}, {"participant_id": D, **ONGOING}]
    outcome = [
        {"participant_id": A, "wave": "m6", "status": "work_open", "next_service": "te"},
        {"participant_id": B, "wave": "m6", "status": "unknown", "reached": "false"},
        {"participant_id": A, "wave": "m12", "status": "health", "obs_date": "2022-06-30"},
    ]
    fair = [(A, "m6", c) for c in ("written_terms", "pay_tes", "payslip", "hours", "safe", "documents", "no_fee")]
    needs = [(A, "start", "rights", 3), (A, "exit", "rights", 1), (B, "start", "rights", 2), (C, "start", "rights", 2), (C, "exit", "rights", 2)]
    wishes = [(A, "start", "individual_f2f", 1), (A, "start", "peer", 2), (B, "start", "peer", 1)]
    knowledge = [(A, "start", "K01", "false"), (B, "start", "K01", "dk"), (C, "start", "K01", "true"), (D, "start", "K01", "-8")]
    items = [(A, "start", "R01", 3), (A, "exit", "R01", 4), (B, "start", "R01", 5), (B, "exit", "R01", 5)]
    support = [(A, 1, 2, None, "te"), (B, 1, 0)]
    return build(participant=people, outcome=outcome, fair_work=fair, need=needs, preferred_support=wishes, answer=[*knowledge, *items], support_after=support)


EXPECTED_OF_REGISTER = {
    # 3 of 6 rows; without A's excused one 3 of 5; people 1/3 and 2/3
    "plot_attendance": [["C1", "3 of 6 (50%)", "3 of 5 (60%)", "33% – 67%", "0"]],
    # S1 2 of 2; S2 0 of 2; S3 1 of 2, its week is not entered
    "plot_weekly_attendance": [["C1", "2 of 2", "0 of 2", "1 of 2"]],
    # people: S1 2, S2 0, S3 1
    "plot_viability": [
        ["C1", "at least 2 participants", "1 of 3 (33%)", "0", "1 of 1", "0 of 1", "0 of 1"],
        ["C1", "at least 3 participants", "0 of 3 (0%)", "0", "0 of 1", "0 of 1", "0 of 1"],
    ],
    # one of two told; late 2 of 3 arrivals; 15 and 20 minutes
    "plot_notification": [["C1", "1 of 2 (50%)", "2 of 3 (67%)", "17.5 (15–20)"]],
    "plot_delivery": [["Finnish language", "2", "8", "1"], ["Everyday-life skills", "4", "2", "0"]],
    "plot_weekly_hours": [["1", "2", "12–15"], ["2", "2", "12–15"]],
    # held 4 of 6, planned 2 of 10
    "plot_emphasis": [["C1", "67%", "20%"]],
}


@pytest.mark.parametrize(("name", "expected"), EXPECTED_OF_REGISTER.items(), ids=EXPECTED_OF_REGISTER)
def test_table_on_the_training(register: PilotData, name: str, expected: list[list[str]]) -> None:
    assert cells(draw(name, register, "en")) == expected


EXPECTED_AFTERWARDS = {
    "plot_participants": [["C1", "4", "5", "2", "1", "0", "1", "0"]],
    # exit: three past the window, not tried. m6: A of A B C, C not tried. m12: A, early; two wait. D waits throughout
    "plot_reach": [
        ["C1", "End", "not asked", "3", "1"],
        ["C1", "3 months", "not asked", "3", "1"],
        ["C1", "6 months", "1 of 3", "1", "1"],
        ["C1", "12 months", "1 of 1", "0", "3"],
    ],
    # A's eighth criterion was not asked: none known to be fair, three may be
    "plot_outcomes": [["C1", "In fair work", "6 months", "at least 0, at most 3 of 3", "3", "1", "1"]],
    # month 1: A of A and B, C not noted. Months 3 and 6 passed and are not noted
    "plot_support": [
        ["C1", "Month 1", "1 of 2", "1", "1"],
        ["C1", "Month 3", "no entries", "3", "1"],
        ["C1", "Month 6", "no entries", "3", "1"],
        ["C1", "Month 12", "not yet", "0", "4"],
    ],
    "plot_knowledge": [["Start", "1 of 3", "1 of 3", "1 of 3", "21"], ["End", "not asked", "not asked", "not asked", "18"]],
}


@pytest.mark.parametrize(("name", "expected"), EXPECTED_AFTERWARDS.items(), ids=EXPECTED_AFTERWARDS)
def test_table_on_people_and_afterwards(later: PilotData, name: str, expected: list[list[str]]) -> None:
    """The data ends on 30.6.2022, two and a half weeks after the window of six months."""
    assert cells(draw(name, later, "en")) == expected


@pytest.mark.parametrize(
    ("name", "row"),
    [
        pytest.param("plot_needs", ["Rights in working life", "3 of 3", "1 of 2", "1", "0"], id="needs: A met, C not, B not rated again"),
        pytest.param("plot_needs", ["Literacy", "–", "–", "0", "0"], id="needs: nobody was rated in literacy"),
        pytest.param("plot_preferred_support", ["Peer support", "1 of 2", "2 of 2"], id="wishes: B first, A and B at all"),
        pytest.param("plot_fair_work", ["Payslip is given", "1 of 1", "0"], id="fair work: A's payslip"),
        pytest.param("plot_fair_work", ["Free to leave the job", "–", "1"], id="fair work: A was not asked"),
    ],
)
def test_row_of_a_table(later: PilotData, name: str, row: list[str]) -> None:
    assert row in cells(draw(name, later, "en"))


def test_items_before_and_after(later: PilotData) -> None:
    """R01: B agrees, then A and B; C did not answer both times, and D still can."""
    exhibit = draw("plot_items", later, "en")
    assert cells(exhibit)[0][1:] == ["1 of 2", "2 of 2", "1", "1"]
    assert cells(exhibit)[1][1:] == ["–", "–", "3", "1"]
    assert exhibit.sentence.startswith(text("sentence.items", "en", risen=1, items=12, fallen=0))


def test_change_in_words(later: PilotData, build: Build) -> None:
    """C01-C03: A 1 to 2, B 3 to 3: changes 1 and 0, median 0.5."""
    given = answers(A, "start", "C01", "1 1 1") + answers(A, "exit", "C01", "2 2 2") + answers(B, "start", "C01", "3 3 3") + answers(B, "exit", "C01", "3 3 3")
    after_the_window = build(participant=[A, B, C], answer=given, today=date(2021, 12, 11))
    exhibit = ikut.plot_change(ikut.paired_change(ikut.scale_scores(after_the_window, "rights_confidence")), language="en")
    assert cells(exhibit) == [["C1", "1", "1", "0", "2", "1", "0", "0.5 (0 … 1)"]]
    assert exhibit.sentence == text("sentence.change", "en", cohort="C1", up=1, same=1, down=0, n=2, missing=1)


def test_decimal_comma_in_finnish(register: PilotData) -> None:
    assert cells(draw("plot_notification", register, "fi"))[0][-1] == "17,5 (15–20)"


def test_week_that_is_not_entered_has_its_own_column(register: PilotData) -> None:
    assert list(draw("plot_weekly_attendance", register, "en").table.columns) == ["Cohort", "Week 1", "Week 2", "Not known"]


def test_sentence_on_viability_counts_every_session(register: PilotData) -> None:
    assert draw("plot_viability", register, "en").sentence == text("sentence.viability", "en", cohort="C1", people=2, count="1 of 3", share="33%")


def test_sentence_gives_bounds_not_a_rate(later: PilotData) -> None:
    assert ikut.plot_outcomes(ikut.outcome_bounds(later, "in_work"), language="en").sentence == "In work: at least 1, at most 3 of 3."


def test_hours_without_a_plan_are_told_without_one(build: Build) -> None:
    cohort = {"cohort_id": "C1", "planned_group_hours_week_min": None, "planned_group_hours_week_max": None}
    pilot = build(cohort=[cohort], session=["S1"])
    sentences = [draw(name, pilot, "en").sentence for name in ("plot_delivery", "plot_weekly_hours")]
    assert sentences == [text("sentence.delivery", "en", cohort="C1", held="2", planned="–")] * 2


def test_refused_person_is_counted_and_not_drawn(build: Build) -> None:
    pilot = build(participant=[A, B, {"participant_id": C, "data_use_ok": "false", "exit_type": "withdrew_data"}])
    exhibit = draw("plot_participants", pilot, "en")
    assert cells(exhibit) == [["C1", "3", "5", "2", "0", "0", "0", "1"]]
    assert marks(exhibit) == {"Completed": 2}
