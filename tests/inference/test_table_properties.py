"""Exact tests of counts in tables agree with every order or division tried."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product
from math import isclose

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ikut_eval.inference.tables import freeman_halton_test, stratified_odds_test, trend_test


@settings(max_examples=40, deadline=None, derandomize=True)
@given(people=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=7))
def test_freeman_halton_agrees_with_every_order_of_the_outcomes(people: list[tuple[int, int]]) -> None:
    def table(outcomes: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        pairs = [(c, o) for (c, _), o in zip(people, outcomes, strict=True)]
        return tuple(tuple(pairs.count((c, o)) for o in range(3)) for c in range(3))

    chance: dict[tuple[tuple[int, ...], ...], Fraction] = {}
    orders = multiset_orders([o for _, o in people])
    for order in orders:
        chance[table(order)] = chance.get(table(order), Fraction(0)) + Fraction(1, len(orders))
    seen = table([o for _, o in people])
    result = freeman_halton_test(seen)
    p = sum(c for c in chance.values() if c <= chance[seen])
    alike = sum(c for c in chance.values() if c == chance[seen])
    assert result.p == pytest.approx(float(p), rel=1e-12)
    assert result.p_floor == pytest.approx(float(sum(c for c in chance.values() if c == min(chance.values()))), rel=1e-12)
    assert len(chance) == 1 or result.p_mid == pytest.approx(float(p - alike / 2), rel=1e-12)


def multiset_orders(items: list[int]) -> list[tuple[int, ...]]:
    """Return every different order of the items: each is equally likely."""
    if not items:
        return [()]
    return [(first, *rest) for first in sorted(set(items)) for rest in multiset_orders([*items[: items.index(first)], *items[items.index(first) + 1 :]])]


TABLES = st.lists(st.lists(st.lists(st.integers(0, 2), min_size=2, max_size=2), min_size=2, max_size=2), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(tables=TABLES)
def test_stratified_odds_agree_with_every_division_tried(tables: list[list[list[int]]]) -> None:
    ways = [[sum(chosen) for chosen in combinations([1] * (a + c) + [0] * (b + d), a + b)] for (a, b), (c, d) in tables]
    sums = [sum(each) for each in product(*ways)]
    if len(set(sums)) < 2:
        return
    result = stratified_odds_test(tables)
    seen = sum(table[0][0] for table in tables)
    assert result.p == pytest.approx(sum(sums.count(s) <= sums.count(seen) for s in sums) / len(sums), rel=1e-12)
    assert result.p_greater == pytest.approx(sum(s >= seen for s in sums) / len(sums), rel=1e-12)
    assert result.p_less == pytest.approx(sum(s <= seen for s in sums) / len(sums), rel=1e-12)
    one_answer_only = [[3, 0], [2, 0]]
    assert stratified_odds_test([*tables, one_answer_only]).p == pytest.approx(result.p, rel=1e-12)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(cohorts=st.lists(st.integers(0, 3).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=4))
def test_trend_agrees_with_every_division_tried(cohorts: list[tuple[int, int]]) -> None:
    successes, totals = [k for k, _ in cohorts], [n for _, n in cohorts]
    assume(sum(totals) > 0)
    scores = [place for place, n in enumerate(totals, start=1) for _ in range(n)]
    sums = [sum(chosen) for chosen in combinations(scores, sum(successes))]
    seen = sum(place * k for place, k in enumerate(successes, start=1))
    centre = Fraction(sum(sums), len(sums))
    result = trend_test(successes, totals)
    assert result.p == pytest.approx(sum(abs(s - centre) >= abs(seen - centre) for s in sums) / len(sums), rel=1e-12)
    assert isclose(result.p_greater or 0, sum(s >= seen for s in sums) / len(sums), rel_tol=1e-12)
