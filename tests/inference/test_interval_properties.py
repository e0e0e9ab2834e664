"""Intervals and tests say the same, cover what they say, and floors are reached: by full enumeration."""

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations, pairwise, product
from math import comb
from statistics import median

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import once_in, percent, text
from ikut_eval.inference.groups import group_test
from ikut_eval.inference.inversion import division_limits, hodges_lehmann_between, signed_rank_limits, signed_ranks
from ikut_eval.inference.paired import mean_change_test, sign_test, signed_rank_test
from ikut_eval.inference.permutation import as_integers, divisions, sign_flips
from ikut_eval.inference.results import ExactTest, Interval
from ikut_eval.inference.scores import midranks

Paired = Callable[[Sequence[object]], ExactTest]
PAIRED: dict[str, Paired] = {
    "Pratt": lambda d: signed_rank_test([0] * len(d), d),
    "Wilcoxon": lambda d: signed_rank_test([0] * len(d), d, zeros="wilcoxon"),
    "mean": lambda d: mean_change_test([0] * len(d), d),
}
SCALES = [st.integers(-3, 3), st.integers(-40, 40), st.decimals(-3, 3, places=1)]
CHANGES = st.sampled_from(SCALES).flatmap(lambda scale: st.lists(scale, min_size=2, max_size=9))
LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.9375, 0.95, 0.99])
GROUPS = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=10).filter(lambda people: len({g for _, g in people}) == 2)
STRATA = st.lists(GROUPS, min_size=1, max_size=3).filter(lambda strata: sum(map(len, strata)) <= 12)
quick = settings(max_examples=60, deadline=None, derandomize=True)
paired = pytest.mark.parametrize("name", PAIRED)


def alpha_of(level: float) -> Fraction:
    return 1 - Fraction(str(level))


def signed_scores(name: str, changes: Sequence[Fraction]) -> list[Fraction]:
    """Return what each person adds to the statistic, by its definition."""
    changes = [Fraction(c) for c in as_integers(changes)[0]]
    if name == "mean":
        return list(changes)
    kept = [d for d in changes if d] if name == "Wilcoxon" else list(changes)
    rank = [sum((abs(o) < abs(d)) + Fraction(int(abs(o) == abs(d)), 2) for o in kept) + Fraction(1, 2) for d in kept]
    return [r if d > 0 else -r for r, d in zip(rank, kept, strict=True) if d]


def every_sign(name: str, changes: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Return the two-sided and the upper p with every sign tried."""
    scores, _unit = as_integers(signed_scores(name, changes))
    totals = np.zeros(1, dtype=object)
    for score in scores:
        totals = np.concatenate([totals - score, totals + score])
    seen = sum(scores)
    return Fraction(int((abs(totals) >= abs(seen)).sum()), len(totals)), Fraction(int((totals >= seen).sum()), len(totals))


@paired
@quick
@given(changes=CHANGES)
def test_paired_tests_agree_with_every_sign_tried(name: str, changes: list[object]) -> None:
    result = PAIRED[name](changes)
    exact = [Fraction(str(c)) for c in changes]
    assert (result.p, result.p_greater) == pytest.approx(tuple(map(float, every_sign(name, exact))), rel=1e-12)


@paired
@quick
@given(changes=CHANGES, level=LEVELS, between=st.fractions(0, 1, max_denominator=7))
def test_interval_holds_every_shift_that_is_kept_and_ends_at_one(name: str, changes: list[object], level: float, between: Fraction) -> None:
    """Outside every shift is rejected; at an end, or just inside it, one is kept: the hull."""
    result = PAIRED[name](changes)
    assume(Fraction(2, 2 ** len(changes)) <= alpha_of(level))
    interval = result.interval(level)
    exact = [Fraction(str(c)) for c in changes]

    def kept(shift: Fraction) -> bool:
        return every_sign(name, [c - shift for c in exact])[0] > alpha_of(level)

    reach = max(exact) - min(exact) + 1
    low, high = (Fraction(end).limit_denominator(1000) for end in (interval.lower, interval.upper))
    assert not kept(low - between * reach - Fraction(1, 10**9))
    assert not kept(high + between * reach + Fraction(1, 10**9))
    assert low == high or kept(low) or kept(low + Fraction(1, 10**6))
    assert low == high or kept(high) or kept(high - Fraction(1, 10**6))


def every_answer(sizes: Sequence[int], true: int = 0) -> Counter[tuple[int, ...]]:
    """Return what people of these distances from the true shift can answer, over all signs, and how often; their order changes nothing."""
    return Counter(tuple(sorted(true + s * size for s, size in zip(signs, sizes, strict=True))) for signs in product((1, -1), repeat=len(sizes)))


@pytest.mark.parametrize("name", ["Pratt", "mean"])
@pytest.mark.parametrize(
    "sizes", [(1, 2, 3, 4, 5, 6), (1, 1, 2, 2, 2, 5), (3, 3, 3, 3, 3, 3), (0, 0, 1, 4, 4, 9), (1, 2, 4, 8, 16, 32, 64), (0, 1, 1, 2, 2, 2, 3, 3)], ids=str
)
def test_shift_intervals_cover_the_true_shift_as_often_as_they_say(name: str, sizes: tuple[int, ...]) -> None:
    """For fixed distances from the true shift, over all signs."""
    true, levels = 2, (0.8, 0.9, 0.95)
    covered = dict.fromkeys(levels, 0)
    for answers, times in every_answer(sizes, true).items():
        result = PAIRED[name](answers)
        for level in levels:
            interval = result.interval(level)
            covered[level] += times * (interval.lower <= true + 1e-12 and true - 1e-12 <= interval.upper)
    for level in levels:
        assert Fraction(covered[level], 2 ** len(sizes)) >= Fraction(str(level))


@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("level", [0.5, 0.8])
def test_sign_tests_interval_covers_as_often_as_it_says(n: int, level: float) -> None:
    ends = [sign_test([0] * (n + 1), [0] + [1] * up + [-1] * (n - up)).inversion for up in range(n + 1)]
    limits = [inversion(level) for inversion in ends if inversion is not None]
    assert len(limits) == n + 1
    for step in range(51):
        rate = Fraction(step, 50)
        chance = [comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(n + 1)]
        assert sum(c for c, (low, high) in zip(chance, limits, strict=True) if low <= rate <= high) >= Fraction(str(level))


@paired
@quick
@given(changes=CHANGES, alpha=st.sampled_from([0.05, 0.1, 0.2, 0.5]))
def test_paired_tests_reject_no_more_than_alpha_and_reach_their_floor(name: str, changes: list[int], alpha: float) -> None:
    sizes = [abs(c) for c in changes][:7]
    assume(len(sizes) >= 2)
    every = [(PAIRED[name](answers), times) for answers, times in every_answer(sizes).items()]
    assert sum(times for r, times in every if r.p <= alpha) <= alpha * 2 ** len(sizes)
    moved = sum(size != 0 for size in sizes)
    assert min(r.p for r, _ in every) == min(1, 2.0 ** (1 - moved))
    assert {r.p_floor for r, _ in every} == {2.0 ** (1 - len(sizes))}


def all_divisions(strata: list[list[tuple[int, bool]]]) -> list[tuple[list[int], list[bool], list[int]]]:
    """Return values, sides and strata of every division into groups of these sizes."""
    values = [v for people in strata for v, _ in people]
    places = [n for n, people in enumerate(strata) for _ in people]
    ways = [list(combinations(range(len(people)), sum(g for _, g in people))) for people in strata]
    return [(values, [n in chosen for people, chosen in zip(strata, each, strict=True) for n in range(len(people))], places) for each in product(*ways)]


@pytest.mark.parametrize("scores", ["midranks_global", "midranks_within", "van_elteren", "raw"])
@settings(max_examples=12, deadline=None, derandomize=True)
@given(strata=STRATA)
def test_group_tests_reject_no_more_than_alpha_and_reach_their_floor(scores: str, strata: list[list[tuple[int, bool]]]) -> None:
    """Over all divisions: p is the share of those at least as far from the mean, so no alpha is exceeded, and the smallest is the floor."""
    ways = all_divisions(strata)
    assume(len(ways) <= 300)
    every = [group_test(v, sides, stratum=places, scores=scores) for v, sides, places in ways]
    centre = sum(Fraction(r.statistic).limit_denominator(10**6) for r in every) / len(every)
    apart = [abs(Fraction(r.statistic).limit_denominator(10**6) - centre) for r in every]
    for result, far in zip(every, apart, strict=True):
        assert result.p == pytest.approx(sum(a >= far for a in apart) / len(every), rel=1e-12)
        assert result.p_mid <= result.p
    assert len({r.p_floor for r in every}) == 1
    assert all(r.p >= r.p_floor * (1 - 1e-12) for r in every)


def test_floor_of_unequal_groups_counts_one_end_only() -> None:
    """One person in four, three of them alike: the odd one is picked once in four, and nothing lies as far on the other side."""
    result = group_test([0, 0, 0, 10], [False, False, False, True])
    assert (result.p, result.p_floor, result.p_mid) == (0.25, 0.25, 0.125)


@pytest.mark.parametrize(("first", "second", "floor"), [(3, 3, 0.1), (4, 4, 2 / 70), (2, 2, 2 / 6), (1, 1, 1.0)])
def test_floor_of_equal_groups_is_reached_where_one_lies_above_the_other(first: int, second: int, floor: float) -> None:
    """The floor is that of the design: ties in the answers do not lower it, and may keep p above it."""
    result = group_test(list(range(first + second)), [True] * first + [False] * second)
    assert result.p == result.p_floor == pytest.approx(floor)
    assert group_test([5] * (first + second), [True] * first + [False] * second).p_floor == result.p_floor


@quick
@given(people=GROUPS, move=st.integers(-5, 5), turn=st.randoms(use_true_random=False))
def test_groups_swapped_people_reordered_and_a_constant_added_change_nothing(people: list[tuple[int, bool]], move: int, turn: object) -> None:
    values, first = [v for v, _ in people], [g for _, g in people]
    for scores in ("midranks_global", "raw"):
        plain = group_test(values, first, scores=scores)
        swapped = group_test(values, [not g for g in first], scores=scores)
        shuffled = people[:]
        turn.shuffle(shuffled)  # type: ignore[attr-defined]
        moved = group_test([v + move for v, _ in shuffled], [g for _, g in shuffled], scores=scores)
        assert plain.p == swapped.p == moved.p
        assert (plain.p_greater, plain.p_less) == (swapped.p_less, swapped.p_greater)


@quick
@given(people=GROUPS)
def test_ranks_of_groups_do_not_mind_a_rising_transform(people: list[tuple[int, bool]]) -> None:
    values, first = [v for v, _ in people], [g for _, g in people]
    assert group_test(values, first).p == group_test([v**3 + 2 * v for v in values], first).p


def test_signed_ranks_and_means_do_mind_a_rising_transform() -> None:
    before, after = [0, 1, 1, 2, 3, 5], [2, 0, 3, 3, 2, 6]
    squared = [v**2 for v in before], [v**2 for v in after]
    assert signed_rank_test(before, after).p != signed_rank_test(*squared).p
    assert sign_test(before, after).p == sign_test(*squared).p


@paired
@quick
@given(changes=CHANGES, start=st.lists(st.integers(0, 5), min_size=10, max_size=10), move=st.integers(-3, 3))
def test_constant_added_to_before_and_after_changes_nothing(name: str, changes: list[object], start: list[int], move: int) -> None:
    test = mean_change_test if name == "mean" else signed_rank_test
    before = start[: len(changes)]
    after = [Fraction(b) + Fraction(str(c)) for b, c in zip(before, changes, strict=True)]
    plain, moved = test(before, after), test([b + move for b in before], [a + move for a in after])
    turned = test(after, before)
    assert plain.p == moved.p == turned.p
    assert (plain.p_greater, plain.p_less) == (turned.p_less, turned.p_greater)
    assert plain.estimate == moved.estimate == -(turned.estimate or 0)


def shift_between(ones: Sequence[object], others: Sequence[object], level: float) -> Interval:
    """Return the interval of how far the first group lies above the second."""
    return group_test([*ones, *others], [True] * len(ones) + [False] * len(others)).interval(level)


def group_p(ones: Sequence[Fraction], others: Sequence[Fraction]) -> Fraction:
    """Return the two-sided p of the rank sum with every division tried."""
    ranks = midranks([*ones, *others])
    sums = [sum(chosen) for chosen in combinations(ranks, len(ones))]
    centre, seen = Fraction(sum(sums), len(sums)), sum(ranks[: len(ones)])
    return Fraction(sum(abs(s - centre) >= abs(seen - centre) for s in sums), len(sums))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(scale=st.sampled_from(SCALES), sizes=st.tuples(st.integers(1, 4), st.integers(1, 4)), level=LEVELS, data=st.data())
def test_shift_of_two_groups_holds_every_shift_that_is_kept(
    scale: st.SearchStrategy[object], sizes: tuple[int, int], level: float, data: st.DataObject
) -> None:
    ones, others = (data.draw(st.lists(scale, min_size=size, max_size=size)) for size in sizes)
    exact = [[Fraction(str(v)) for v in group] for group in (ones, others)]
    if Fraction(2, comb(sum(sizes), sizes[0])) > alpha_of(level):
        with pytest.raises(UsageError, match="level"):
            shift_between(ones, others, level)
        return
    interval = shift_between(ones, others, level)
    low, high = (Fraction(end).limit_denominator(1000) for end in (interval.lower, interval.upper))

    def kept(shift: Fraction) -> bool:
        return group_p([v - shift for v in exact[0]], exact[1]) > alpha_of(level)

    points = sorted({a - b for a in exact[0] for b in exact[1]})
    tried = [*points, *((a + b) / 2 for a, b in pairwise(points)), points[0] - 1, points[-1] + 1]
    assert all(low <= shift <= high for shift in tried if kept(shift))
    assert low == high or kept(low) or kept(low + Fraction(1, 10**6))
    assert low == high or kept(high) or kept(high - Fraction(1, 10**6))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    strata=st.lists(st.tuples(*[st.lists(st.integers(-4, 4), min_size=1, max_size=3)] * 2), min_size=2, max_size=2),
    weights=st.sampled_from([(1, 1), (4, 3)]),
    level=st.sampled_from([0.5, 0.8, 0.9]),
)
def test_shift_within_strata_holds_every_shift_that_is_kept(strata: list[tuple[list[int], list[int]]], weights: tuple[int, int], level: float) -> None:
    def kept(shift: Fraction) -> bool:
        ranked = [[w * r for r in midranks([*(a - shift for a in ones), *map(Fraction, others)])] for (ones, others), w in zip(strata, weights, strict=True)]
        ways = [list(map(sum, combinations(ranks, len(ones)))) for ranks, (ones, _) in zip(ranked, strata, strict=True)]
        sums = [sum(each) for each in product(*ways)]
        centre, seen = Fraction(sum(sums), len(sums)), sum(sum(ranks[: len(ones)]) for ranks, (ones, _) in zip(ranked, strata, strict=True))
        return Fraction(sum(abs(s - centre) >= abs(seen - centre) for s in sums), len(sums)) > alpha_of(level)

    points = sorted({Fraction(a - b) for ones, others in strata for a in ones for b in others})
    between = [(a + b) / 2 for a, b in pairwise(points)]
    inside = [place for place, shift in enumerate(points) if kept(shift) or any(map(kept, between[max(0, place - 1) : place + 1]))]
    assume(inside)
    assert division_limits(strata, weights, level) == (points[inside[0]], points[inside[-1]])


@quick
@given(
    strata=st.lists(st.tuples(*[st.lists(st.integers(-4, 4), min_size=1, max_size=4)] * 2), min_size=1, max_size=3),
    weights=st.lists(st.integers(1, 3), min_size=3, max_size=3),
)
def test_shift_between_groups_is_the_median_of_the_differences_within_strata(strata: list[tuple[list[int], list[int]]], weights: list[int]) -> None:
    every = [a - b for (ones, others), weight in zip(strata, weights, strict=False) for a in ones for b in others for _ in range(weight)]
    assert hodges_lehmann_between(strata, weights[: len(strata)]) == median(map(Fraction, every))


def hull_of_all_shifts(points: Sequence[Fraction], kept: Callable[[Fraction], bool]) -> tuple[Fraction, Fraction] | None:
    """Return the outermost points that are kept, or that end a gap that is kept: asked at every point and in every gap from outside until there is one."""

    def outermost(order: Sequence[Fraction]) -> Fraction | None:
        return next((point for point, inner in zip(order, [*order[1:], order[-1]], strict=True) if kept(point) or kept((point + inner) / 2)), None)

    low, high = outermost(points), outermost(points[::-1])
    return None if low is None or high is None else (low, high)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    whole=st.sampled_from([3, 6, 15, 100]).flatmap(lambda far: st.lists(st.integers(-far, far), min_size=8, max_size=16)),
    zeros=st.sampled_from(["pratt", "wilcoxon"]),
    level=LEVELS,
    size=st.integers(2, 6),
)
def test_limits_are_the_hull_of_all_shifts_that_the_test_keeps(whole: list[int], zeros: str, level: float, size: int) -> None:
    """Most shifts are rejected without asking the test; here it is asked at every shift where the order changes, and between."""
    ones, others = whole[:size], whole[size:]

    def kept_by_pairs(shift: Fraction) -> bool:
        weights, positive = signed_ranks([shift.denominator * d - shift.numerator for d in whole], zeros)
        return sign_flips(weights).two_sided(positive) > alpha_of(level)

    def kept_by_groups(shift: Fraction) -> bool:
        ranks = midranks([*(shift.denominator * v - shift.numerator for v in ones), *(shift.denominator * v for v in others)])
        return divisions([(ranks, size)]).two_sided(sum(ranks[:size])) > alpha_of(level)

    averages = sorted({Fraction(a + b, 2) for a in whole for b in whole})
    assert signed_rank_limits(whole, zeros, level) == hull_of_all_shifts(averages, kept_by_pairs)
    differences = sorted({Fraction(a - b) for a in ones for b in others})
    if Fraction(2, comb(len(whole), size)) <= alpha_of(level):
        assert division_limits([(ones, others)], [1], level) == hull_of_all_shifts(differences, kept_by_groups)


def test_a_level_is_the_decimal_that_it_prints_as() -> None:
    """3 v 3 reach p = 0.1 exactly: at level 0.9 that is rejected, although 1 - 0.9 is a little less than 0.1 in floats."""
    interval = shift_between([11, 12, 13], [1, 2, 3], 0.9)
    assert (interval.lower, interval.upper) == (8, 12)


@pytest.mark.parametrize("level", [0.7, 0.8, 0.9, 0.95, 0.99])
def test_a_p_that_is_alpha_exactly_is_shown(level: float) -> None:
    """3 v 3 that do not overlap: p is a tenth, which is shown at 90 % and not at 95 %."""
    result = group_test([4, 5, 6, 1, 2, 3], [True] * 3 + [False] * 3)
    alpha = percent(float(alpha_of(level)), "en")
    beyond = text("inference.not_attainable", "en", n=6, floor=once_in(0.1, "en"), p=once_in(0.1, "en"), alpha=alpha)
    assert (result.sentence("en", level=level) == beyond) == (level > 0.9)


def test_people_who_stayed_do_not_take_the_interval_away() -> None:
    """With a zero among six, p cannot reach 0.05 but the shift has a 95 % interval: at other shifts nobody is at zero."""
    for test in PAIRED.values():
        result = test([0, 1, 2, 3, 4, 5])
        assert (result.p, result.p_floor) == (0.0625, 0.03125)
        assert (result.interval(0.95).lower, result.interval(0.95).upper) == (0, 5)
        with pytest.raises(UsageError, match=r"0\.96875"):
            result.interval(0.99)


def test_interval_of_a_hundred_people_takes_no_float_for_equal() -> None:
    """Means of subsets are fractions: the limits are some, and turn with the direction."""
    changes = [(-1) ** (n // 3) * (n % 7) for n in range(100)]
    rising, falling = PAIRED["mean"](changes).interval(0.95), PAIRED["mean"]([-c for c in changes]).interval(0.95)
    assert (rising.lower, rising.upper) == (-falling.upper, -falling.lower)
    assert all(Fraction(end).limit_denominator(100) == pytest.approx(end, abs=1e-15) for end in (rising.lower, rising.upper))
