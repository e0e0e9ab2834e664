"""Two groups of people within cohorts."""

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.data.pilot import PilotData
from ikut_eval.inference.groups import group_test
from tests.analysis.conftest import before_after, refused

PAIRS = {"C1": [(20, 26), (22, 23), (25, 24), (21, 29)], "C2": [(30, 31), (24, 30), (20, 22)], "C3": [(20, 25)]}
SCORES = before_after(PAIRS)
PEOPLE = list(dict.fromkeys(SCORES["participant_id"]))
TRACK = dict(zip(PEOPLE, ["group", "individual", "individual", "group", "individual", "group", "group", "group"], strict=True))
FIRST = [TRACK[p] == "group" for p in PEOPLE]
STRATA = [cohort for cohort, pairs in PAIRS.items() for _ in pairs]
MOVES = [(after - before) / 10 for pairs in PAIRS.values() for before, after in pairs]


def test_change_is_compared_within_cohorts() -> None:
    found = ikut.compare_groups(SCORES, TRACK, first="group")
    assert found == group_test(MOVES, FIRST, stratum=STRATA, scores="midranks_within")
    assert (found.method, found.n, found.n_nonzero) == ("two_groups_in_strata", 8, 7)


def test_everybody_can_be_compared() -> None:
    found = ikut.compare_groups(SCORES, TRACK, first="group", within_cohorts=False)
    assert found == group_test(MOVES, FIRST)
    assert found.method == "two_groups"


@pytest.mark.parametrize(("wave", "place"), [("start", 0), ("exit", 1)])
def test_one_wave_can_be_compared(wave: str, place: int) -> None:
    values = [pair[place] / 10 for pairs in PAIRS.values() for pair in pairs]
    assert ikut.compare_groups(SCORES, TRACK, first="group", start=wave, end=None) == group_test(values, FIRST, stratum=STRATA, scores="midranks_within")


def test_other_group_first_turns_the_direction() -> None:
    one, other = (ikut.compare_groups(SCORES, TRACK, first=name) for name in ("group", "individual"))
    assert (one.p, one.p_greater, one.estimate) == (other.p, other.p_less, -other.estimate)


def test_series_is_as_good_as_a_mapping(synthetic: PilotData) -> None:
    assert ikut.compare_groups(SCORES, pd.Series(TRACK), first="group") == ikut.compare_groups(SCORES, TRACK, first="group")
    scores, ended = ikut.scale_scores(synthetic, "rights_awareness"), synthetic["participant"].set_index("participant_id")["cohort_id"].isin(["C3", "C4"])
    later = ended.map({True: "later", False: "earlier"})
    assert ikut.compare_groups(scores, later, first="later", within_cohorts=False).n + ikut.paired_change(scores).n_missing == 20


def test_person_without_both_scores_is_missing() -> None:
    scores = before_after({**PAIRS, "C4": [(20, None), (None, None)]})
    found = ikut.compare_groups(scores, TRACK | {"PC4000": "group", "PC4001": "individual"}, first="group")
    assert (found.n, found.n_missing) == (8, 2)
    assert found.p == ikut.compare_groups(SCORES, TRACK, first="group").p


def test_person_of_no_group_is_not_asked_of() -> None:
    some = {person: name for person, name in TRACK.items() if person.startswith("PC1")}
    found = ikut.compare_groups(SCORES, some, first="group")
    assert (found.n, found.n_missing) == (4, 0)


@pytest.mark.parametrize("names", [["a"] * 8, ["a", "b", "c", "a", "b", "c", "a", "b"], []], ids=["one", "three", "none"])
def test_other_than_two_groups_are_refused(names: list[str]) -> None:
    refused("two_groups_needed", ikut.compare_groups, SCORES, dict(zip(PEOPLE, names, strict=False)), first="a")


def test_unknown_words_are_refused_with_those_there_are() -> None:
    assert "group, individual" in refused("unknown_choice", ikut.compare_groups, SCORES, TRACK, first="team").message("en")
    assert "start, exit" in refused("unknown_choice", ikut.compare_groups, SCORES, TRACK, first="group", end="later").message("en")


def test_cohorts_of_one_group_each_leave_nothing_to_compare() -> None:
    by_cohort = {person: "a" if person.startswith("PC1") else "b" for person in PEOPLE}
    refused("no_contrast", ikut.compare_groups, SCORES, by_cohort, first="a")
    assert ikut.compare_groups(SCORES, by_cohort, first="a", within_cohorts=False).n == 8
    alone = before_after({f"C{n}": [(20, 20 + n)] for n in range(6)})
    names = {person: "a" if n % 2 else "b" for n, person in enumerate(alone["participant_id"].unique())}
    refused("no_contrast", ikut.compare_groups, alone, names, first="a")


def test_unsound_scores_and_groups_are_refused() -> None:
    refused("duplicate_person", ikut.compare_groups, pd.concat([SCORES, SCORES.iloc[:1]]), TRACK, first="group")
    refused("duplicate_person", ikut.compare_groups, SCORES, pd.concat([pd.Series(TRACK), pd.Series(TRACK)]), first="group")
    refused("one_instrument", ikut.compare_groups, pd.concat([SCORES, SCORES.assign(instrument="who5")]), TRACK, first="group")
    refused("empty_group", ikut.compare_groups, SCORES[SCORES["participant_id"].map(TRACK) == "group"], TRACK, first="group")


def test_groups_named_by_other_than_text_are_told_apart() -> None:
    numbered = {person: int(name == "group") for person, name in TRACK.items()}
    assert ikut.compare_groups(SCORES, numbered, first="1").p == ikut.compare_groups(SCORES, TRACK, first="group").p


def test_p_at_the_edge_of_a_level_is_below_it() -> None:
    """3 and 3 people fully apart: 2 of 20 divisions, p = 0.1; at 90 % the interval leaves 0 out, and the sentence agrees."""
    apart = before_after({"C1": [(20, 20 + 10 * (n > 2) + n) for n in range(6)]})
    found = ikut.compare_groups(apart, {f"PC1{n:03d}": "late" if n > 2 else "early" for n in range(6)}, first="late")
    assert (found.p, found.p_floor) == (0.1, 0.1)
    assert found.interval(0.9).lower > 0
    assert "poor explanation" in found.sentence("en", level=0.9)
    assert "nothing can be shown" in found.sentence("en", level=0.95)
