"""A change offers its own exact test and the interval that matches it."""

import pytest

import ikut_eval as ikut
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.inference.paired import mean_change_test, sign_test, signed_rank_test
from tests.analysis.conftest import before_after, changed, refused, rose, scored

STEPS = (3, -1, 0, 5, 2, 2)


@pytest.mark.parametrize(("method", "engine"), [("mean_change", mean_change_test), ("signed_rank", signed_rank_test), ("sign", sign_test)])
def test_method_is_the_one_that_was_named(method: str, engine: object) -> None:
    change = rose(*STEPS)
    moved = [step if method != "sign" or abs(step) >= 10 * change.smallest_change else 0 for step in STEPS]
    test, by_hand = change.exact_test(method), engine([0] * len(STEPS), moved)
    expected = (method, by_hand.p, by_hand.p_greater, by_hand.p_floor, 6, 2 if method == "sign" else 5)
    assert (test.method, test.p, test.p_greater, test.p_floor, test.n, test.n_nonzero) == expected


def test_mean_is_tested_where_nothing_is_named() -> None:
    assert rose(*STEPS).exact_test() == rose(*STEPS).exact_test("mean_change")


def test_zero_rule_is_the_one_that_was_named() -> None:
    for zeros in ("pratt", "wilcoxon"):
        test = rose(*STEPS).exact_test("signed_rank", zeros=zeros)
        assert (test.zero_rule, test.p) == (zeros, signed_rank_test([0] * 6, STEPS, zeros=zeros).p)


@pytest.mark.parametrize("method", ["mean_change", "signed_rank", "sign"])
def test_people_who_were_lost_are_carried_over(method: str) -> None:
    assert rose(1, 2, 3, lost=4).exact_test(method).n_missing == 4


def test_decimals_are_exact() -> None:
    """1.4 - 1.1 and 1.0 - 0.7 differ as floats; as changes in opposite directions they leave nothing."""
    assert 1.4 - 1.1 != 1.0 - 0.7
    opposite = changed((11, 14), (10, 7)).exact_test()
    assert (opposite.p, opposite.estimate) == (1, 0)
    tied = changed((11, 14), (7, 10), (20, 18)).exact_test("signed_rank")
    assert tied.p == signed_rank_test([0, 0, 0], [3, 3, -2]).p


def test_interval_is_that_of_the_mean() -> None:
    """Seven people: at 95 % the limits are the third smallest and third largest mean of a subset (7/2**8 is 2.7 %)."""
    found = rose(1, 2, 3, 4, 5, 6, 7).interval(0.95)
    by_hand = mean_change_test([0] * 7, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]).interval(0.95)
    assert (found.lower, found.upper, found.level) == pytest.approx((by_hand.lower, by_hand.upper, 0.95))


def test_five_pairs_have_no_interval_at_95_per_cent() -> None:
    five = rose(1, 2, 3, 4, 5)
    refusal = refused("level_not_attainable", five.interval, 0.95)
    assert all("0.9375" in refusal.message(language) for language in LANGUAGES)
    highest = five.interval(0.9375)
    assert (highest.lower, highest.upper) == pytest.approx((0.1, 0.5))


def test_level_that_is_none_is_refused() -> None:
    refused("impossible_level", rose(*STEPS).interval, 95)


def test_unknown_method_is_refused_with_those_there_are() -> None:
    assert "mean_change, signed_rank, sign" in refused("unknown_choice", rose(1, 2, 3).exact_test, "t").message("en")
    refused("unknown_choice", rose(1, 2, 3).exact_test, "signed_rank", zeros="drop")


@pytest.mark.parametrize("steps", [(), (2,)], ids=["nobody", "one"])
def test_fewer_than_two_pairs_are_refused(steps: tuple[int, ...]) -> None:
    for method in ("mean_change", "signed_rank", "sign"):
        refused("too_few_pairs", rose(*steps, lost=3).exact_test, method)
    refused("too_few_pairs", rose(*steps, lost=3).interval)


@pytest.mark.parametrize("wave", ["start", "exit"])
def test_person_twice_in_a_wave_is_refused(wave: str) -> None:
    refused("duplicate_person", ikut.paired_change, scored([("P1", "C1", "start", 20), ("P1", "C1", "exit", 22), ("P1", "C1", wave, 30)]))


@pytest.mark.parametrize("wave", ["start", "exit"])
def test_cohort_missing_from_a_wave_is_refused(wave: str) -> None:
    scores = before_after({"C1": [(20, 21)], "C2": [(20, 22)]})
    refused("cohort_without_wave", ikut.paired_change, scores[(scores["cohort_id"] == "C1") | (scores["wave"] == wave)])


def test_person_with_either_wave_alone_is_missing() -> None:
    """Also where the rows without a score have been dropped."""
    scores = before_after({"C1": [(20, 21), (20, None), (None, 25)]})
    whole, kept = ikut.paired_change(scores), ikut.paired_change(scores[scores["state"] == "scored"])
    assert (whole.n_paired, whole.n_missing) == (kept.n_paired, kept.n_missing) == (1, 2)
