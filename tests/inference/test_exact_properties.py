"""Exact means exact: agreement with full enumeration, and what must not change an answer."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import bdtr

from ikut_eval.analysis.change import holm
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.inference.groups import group_test
from ikut_eval.inference.intervals import rate_interval
from ikut_eval.inference.paired import mean_change_test, sign_test, signed_rank_test
from ikut_eval.inference.permutation import divisions, sign_flips
from ikut_eval.inference.tables import freeman_halton_test, yes_no_change_test

PEOPLE = st.lists(st.integers(-4, 4), min_size=2, max_size=9)
TESTS = [signed_rank_test, mean_change_test, sign_test]
quick = settings(max_examples=60, deadline=None)


def answer_to(test: object, changes: Sequence[float]) -> object:
    return test([0] * len(changes), list(changes))  # type: ignore[operator]


@quick
@given(st.lists(st.integers(0, 9), min_size=1, max_size=10), st.data())
def test_sign_flips_agree_with_every_sign_tried(weights: list[int], data: st.DataObject) -> None:
    signs = data.draw(st.lists(st.booleans(), min_size=len(weights), max_size=len(weights)))
    observed = sum(w for w, plus in zip(weights, signs, strict=True) if plus)
    every = [sum(w for w, plus in zip(weights, each, strict=True) if plus) for each in product((True, False), repeat=len(weights))]
    centre = Fraction(sum(weights), 2)
    null = sign_flips(weights)
    assert null.at_least(observed) == Fraction(sum(s >= observed for s in every), len(every))
    assert null.at_most(observed) == Fraction(sum(s <= observed for s in every), len(every))
    assert null.two_sided(observed) == Fraction(sum(abs(s - centre) >= abs(observed - centre) for s in every), len(every))


@quick
@given(st.lists(st.integers(1, 60), min_size=24, max_size=34), st.data())
def test_sums_counted_by_place_and_by_value_agree(weights: list[int], data: st.DataObject) -> None:
    """Fine scores are counted by value: a person whose score is huge and negligible parts the sums into two equal copies."""
    far = data.draw(st.integers((sum(weights) + 1) // 2, sum(weights)))
    coarse, huge = sign_flips(weights), 10**9
    fine = sign_flips([*weights, huge])
    assert fine.at_least(far + huge) == coarse.at_least(far) / 2
    assert coarse.at_least(far) == Fraction(sum(number for total, number in every_sum(weights).items() if total >= far), 2 ** len(weights))


@pytest.mark.parametrize("people", [1001, 1500, 2000])
def test_signs_of_many_people_are_counted(people: int) -> None:
    """All changes are alike, so that the sign-flip test is the sign test, whose p is a sum of binomial coefficients."""
    changes = [1] * (people // 2 + 40) + [-1] * (people - people // 2 - 40)
    test = mean_change_test([0] * people, changes)
    assert (test.p, test.p_greater, test.p_mid) == pytest.approx(tuple(getattr(sign_test([0] * people, changes), name) for name in ("p", "p_greater", "p_mid")))
    assert mean_change_test([0] * people, [1] * people).sentence("en")


def every_sum(weights: list[int]) -> Counter[int]:
    """Return how many subsets have each sum, in whole numbers."""
    ways = Counter({0: 1})
    for weight in weights:
        ways += Counter({total + weight: number for total, number in ways.items()})
    return ways


@quick
@given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=5), min_size=1, max_size=3))
def test_groups_agree_with_every_division_tried(strata: list[list[tuple[int, bool]]]) -> None:
    parts = [([score for score, _ in people], sum(first for _, first in people)) for people in strata]
    observed = sum(score for people in strata for score, first in people if first)
    sums = [sum(map(sum, chosen)) for chosen in product(*(list(combinations(scores, size)) for scores, size in parts))]
    null = divisions(parts)
    assert null.at_least(observed) == Fraction(sum(s >= observed for s in sums), len(sums))
    assert null.at_most(observed) == Fraction(sum(s <= observed for s in sums), len(sums))


STRATA = st.lists(st.tuples(st.lists(st.integers(0, 30), min_size=2, max_size=14), st.integers(0, 14)), min_size=1, max_size=3)


@quick
@given(STRATA, st.data())
def test_divisions_agree_with_a_count_in_whole_numbers(strata: list[tuple[list[int], int]], data: st.DataObject) -> None:
    parts = [(scores, min(size, len(scores))) for scores, size in strata]
    observed = sum(sum(data.draw(st.permutations(scores))[:size]) for scores, size in parts)
    ways = Counter({0: 1})
    for scores, size in parts:
        here = subsets_of(scores, size)
        ways = sum((Counter({total + more: number * times for more, times in here.items()}) for total, number in ways.items()), Counter())
    whole = ways.total()
    centre = sum(Fraction(size * sum(scores), len(scores)) for scores, size in parts)
    apart = abs(observed - centre)
    farther, as_far = (sum(n for total, n in ways.items() if keep(abs(total - centre))) for keep in (lambda a: a > apart, lambda a: a == apart))
    null = divisions(parts)
    assert null.at_least(observed) == Fraction(sum(n for total, n in ways.items() if total >= observed), whole)
    assert null.at_most(observed) == Fraction(sum(n for total, n in ways.items() if total <= observed), whole)
    assert null.two_sided(observed) == Fraction(farther + as_far, whole)
    assert null.tails(observed)["p_mid"] == (float(Fraction(2 * farther + as_far, 2 * whole)) if farther + as_far < whole else 1)


def subsets_of(scores: list[int], size: int) -> Counter[int]:
    """Return how many subsets of that size have each sum, in whole numbers."""
    ways = Counter({(0, 0): 1})
    for score in scores:
        ways += Counter({(chosen + 1, total + score): number for (chosen, total), number in ways.items()})
    return Counter({total: number for (chosen, total), number in ways.items() if chosen == size})


@pytest.mark.parametrize("test", TESTS)
@quick
@given(changes=PEOPLE)
def test_order_and_direction_change_nothing(test: object, changes: list[int]) -> None:
    first, turned, mirrored = answer_to(test, changes), answer_to(test, changes[::-1]), answer_to(test, [-c for c in changes])
    assert first.p == turned.p == mirrored.p
    assert (first.p_greater, first.p_less) == (mirrored.p_less, mirrored.p_greater)
    assert first.p_floor <= first.p <= 1
    assert first.p_mid <= first.p


@quick
@given(changes=PEOPLE, unit=st.sampled_from([0.1, 0.3, 1.7, 100]))
def test_unit_of_the_scale_changes_nothing(changes: list[int], unit: float) -> None:
    scaled = [float(Fraction(str(unit)) * c) for c in changes]
    for test in TESTS:
        assert answer_to(test, scaled).p == answer_to(test, changes).p


def test_decimals_that_are_equal_tie() -> None:
    assert signed_rank_test([1.1, 0.7, 2.0], [1.4, 1.0, 1.7]).p == signed_rank_test([0, 0, 3], [3, 3, 0]).p


@pytest.mark.parametrize("test", [signed_rank_test, mean_change_test])
@settings(max_examples=25, deadline=None)
@given(changes=st.lists(st.integers(-4, 4), min_size=6, max_size=8), level=st.sampled_from([0.8, 0.9, 0.95]), move=st.fractions(-5, 5, max_denominator=4))
def test_interval_holds_what_the_test_does_not_reject(test: object, changes: list[int], level: float, move: Fraction) -> None:
    result = answer_to(test, changes)
    if 2 ** (1 - len(changes)) > 1 - level:
        with pytest.raises(UsageError):
            result.interval(level)
        return
    interval = result.interval(level)
    kept = answer_to(test, [c - move for c in changes]).p > 1 - level
    if kept:
        assert interval.lower <= move <= interval.upper


@quick
@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=4, max_size=9).filter(lambda p: len({g for _, g in p}) == 2))
def test_stratum_without_contrast_changes_nothing(people: list[tuple[int, bool]]) -> None:
    values, first = [v for v, _ in people], [g for _, g in people]
    alone = group_test(values, first, stratum=[1] * len(values), scores="midranks_within")
    more = group_test([*values, 3, 4], [*first, True, True], stratum=[*[1] * len(values), 2, 2], scores="midranks_within")
    assert alone.p == pytest.approx(more.p, rel=1e-12)


@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("method", ["clopper_pearson", "blaker"])
def test_exact_intervals_never_cover_less_than_they_say(method: str, n: int) -> None:
    limits = [rate_interval(k, n, method=method) for k in range(n + 1)]
    for step in range(1, 100):
        rate = step / 100
        chance = [float(bdtr(k, n, rate)) - (float(bdtr(k - 1, n, rate)) if k else 0) for k in range(n + 1)]
        covered = sum(c for c, limit in zip(chance, limits, strict=True) if limit.lower <= rate <= limit.upper)
        assert covered >= 0.95 - 1e-9


@pytest.mark.parametrize("n", range(2, 9))
def test_tests_never_reject_more_than_they_say(n: int) -> None:
    """Over all signs of the changes 1 … n, at most 5 % of the answers give p ≤ 0.05."""
    for test in TESTS:
        values = [answer_to(test, [s * c for s, c in zip(signs, range(1, n + 1), strict=True)]).p for signs in product((1, -1), repeat=n)]
        assert sum(p <= 0.05 for p in values) <= 0.05 * len(values)
        assert min(values) == 2 ** (1 - n)


@quick
@given(st.integers(0, 8), st.integers(0, 8))
def test_mcnemar_is_the_sign_test_of_those_who_moved(gained: int, lost: int) -> None:
    if gained + lost >= 2:
        assert yes_no_change_test(gained, lost).p == pytest.approx(sign_test([0] * (gained + lost), [1] * gained + [-1] * lost).p)


@quick
@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=2, max_size=4))
def test_turned_table_gives_the_same(table: list[list[int]]) -> None:
    first, turned = freeman_halton_test(table), freeman_halton_test([list(c) for c in zip(*table, strict=True)])
    assert (first.p, first.p_floor, first.p_mid) == pytest.approx((turned.p, turned.p_floor, turned.p_mid), rel=1e-12)


@quick
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_never_lowers_a_p_nor_turns_the_order(p: list[float]) -> None:
    adjusted = holm(p)
    assert all(0 <= a <= 1 and a >= each - 1e-15 for a, each in zip(adjusted, p, strict=True))
    assert [a for _, a in sorted(zip(p, adjusted, strict=True))] == sorted(adjusted)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ([1], [2], "too_few_pairs"),
        ([None, None], [1, 2], "too_few_pairs"),
        (["MARKER", "b"], [1, 2], "score_is_text"),
        ([1, float("inf")], [1, 2], "score_not_finite"),
        ([1, 2, 3], [1, 2], "unequal_lengths"),
    ],
    ids=["one-pair", "all-missing", "text", "infinite", "lengths"],
)
def test_bad_scores_are_refused_by_name(before: list[object], after: list[object], key: str) -> None:
    for test in TESTS:
        with pytest.raises(UsageError) as refusal:
            test(before, after)
        assert refusal.value.key == key
        assert all("MARKER" not in refusal.value.message(language) for language in LANGUAGES)


def test_what_cannot_be_shown_is_said_first() -> None:
    result = sign_test([0] * 5, [1] * 5)
    assert not result.attainable(0.05)
    for language, floor in (("en", "once in 16"), ("fi", "yhdessä 16 tapauksesta"), ("sv", "en gång av 16")):
        assert floor in result.sentence(language)
        assert result.explain(language)
    with pytest.raises(UsageError, match=r"0\.9375"):
        mean_change_test([0] * 5, [1] * 5).interval(0.95)
    assert result.interval(0.9).lower == pytest.approx(0.05 ** (1 / 5))


def test_nobody_moved_is_no_evidence() -> None:
    for test in TESTS:
        result = test([3, 2, 4], [3, 2, 4])
        assert (result.p, result.p_floor, result.n_nonzero) == (1, 0.25, 0)
