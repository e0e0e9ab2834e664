"""The proof finds what leaks and passes what does not; the page's table of designs comes out of the same definition."""

import json
import statistics
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement, product

import numpy as np
import pandas as pd
import pytest

from ikut_eval.disclosure.leaks import FINDINGS, Limits, leaks_in_values
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.proof import Proof, compositions, plan_of, prove
from tests.disclosure.brute_force import DataSet, leaking, leaking_of_family
from tests.disclosure.designs import family

PILOT = (4, 5, 5, 6)
PAIRS = list(product((4, 5, 6), repeat=2))
LIMITS = load_policy().limits
SCORES = ("1", "2", "3", "4", "5")


def proof_of(tried, sizes: tuple[int, ...], limits: Limits = LIMITS) -> Proof:
    (proof,), _ = prove([(tried, sizes)], limits)
    return proof


def yes(data_set: DataSet) -> list[int]:
    return [cohort[0] for cohort in data_set]


def to_five(count: int) -> int:
    return 5 * ((count + 2) // 5)


def ends_coded(count: int, n: int) -> int:
    return 0 if count <= 2 else n if count >= n - 2 else count


def masked_one_to_four(data_set: DataSet) -> Hashable:
    cells = tuple(-1 if 1 <= count <= 4 else count for cohort in data_set for count in cohort)
    return cells, sum(yes(data_set))


def without_small_cells(data_set: DataSet) -> Hashable:
    cells = tuple(-1 if count < 3 else count for cohort in data_set for count in cohort)
    margins = tuple(sum(cohort[cell] for cohort in data_set if cohort[cell] >= 3) for cell in (0, 1))
    return cells, margins


def pairs_coded(data_set: DataSet) -> Hashable:
    first, second, third, fourth = yes(data_set)
    return ends_coded(first + second, 9), ends_coded(third + fourth, 11)


def half_bands(data_set: DataSet) -> Hashable:
    return tuple(2 * count >= size for count, size in list(zip(yes(data_set), PILOT, strict=True))[1:])


def running(data_set: DataSet, start: int) -> list[int]:
    counts = yes(data_set)
    return [sum(counts[: last + 1]) for last in range(start, 4)]


DESIGNS: dict[str, tuple[Callable[[DataSet], Hashable], str]] = {
    "exact counts per cohort": (lambda d: tuple(yes(d)), "100.00"),
    "yes and no masked at 1-4, zeros and totals shown": (masked_one_to_four, "89.37"),
    "yes and no under 3 removed, margins recomputed": (without_small_cells, "100.00"),
    "every cohort and the total rounded to 5": (lambda d: (tuple(map(to_five, yes(d))), to_five(sum(yes(d)))), "41.75"),
    "running total, exact, from the first cohort": (lambda d: tuple(running(d, 0)), "100.00"),
    "running total, exact, from the second cohort": (lambda d: tuple(running(d, 1)), "100.00"),
    "running total, rounded to 5, from the second cohort": (lambda d: tuple(map(to_five, running(d, 1))), "12.62"),
    "running total, rounded to 5, from the first cohort": (lambda d: tuple(map(to_five, running(d, 0))), "41.75"),
    "pairs, exact": (lambda d: (sum(yes(d)[:2]), sum(yes(d)[2:])), "31.43"),
    "V1: pairs, ends coded": (pairs_coded, "0.00"),
    "V2: half-bands of cohorts of five or more": (half_bands, "0.00"),
    "V1 and V2 together": (lambda d: (pairs_coded(d), half_bands(d)), "54.29"),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_table_of_designs(design: str) -> None:
    """A leak is a finding about one cohort, with one insider; yes and no are both published; rounding is to the nearest."""
    published, share = DESIGNS[design]
    leaks, of = leaking(PILOT, 2, published, LIMITS, groups=[(0,), (1,), (2,), (3,)])
    assert (f"{100 * leaks / of:.2f}", of) == (share, 1260)


def test_exact_pairs_leak_more_often_when_small_numbers_of_a_pair_count() -> None:
    published, _ = DESIGNS["pairs, exact"]
    leaks, of = leaking(PILOT, 2, published, LIMITS, groups=[(0,), (1,), (2,), (3,), (0, 1), (2, 3)])
    assert f"{100 * leaks / of:.2f}" == "57.14"


def test_mean_of_4_8_is_the_list() -> None:
    assert [row.tolist() for row in compositions(5, 5) if row @ [1, 2, 3, 4, 5] == 24] == [[0, 0, 0, 1, 4]]


def test_mean_and_standard_deviation_give_the_answers_in_79_of_126_cases() -> None:
    lists = list(combinations_with_replacement(range(1, 6), 5))
    told = Counter((round(sum(answers) / 5, 1), round(statistics.stdev(answers), 2)) for answers in lists)
    alone = sum(1 for n in told.values() if n == 1)
    assert (alone, len(lists)) == (79, 126)
    assert f"{100 * alone / len(lists):.1f}" == "62.7"


@pytest.mark.parametrize("sizes", [a + b for a in PAIRS for b in PAIRS])
def test_policy_is_safe_for_every_size_of_the_four_cohorts(sizes: tuple[int, ...]) -> None:
    proofs, _ = prove(plan_of(load_policy(), sizes), LIMITS, KNOWN)
    assert [proof for proof in proofs if not proof.safe] == []
    assert {p.family for p in proofs} == {f.id for f in load_policy().families} - {"delivery"}


KNOWN = prove([step for sizes in combinations_with_replacement((4, 5, 6), 4) for step in plan_of(load_policy(), sizes)], LIMITS)[1]

TWO = ("yes", "rest")
CHANGE = ("improved", "worse", "rest")
MONTHS = ("not_reached", "no_work", "other_work", "fair_work")
REACHED, WORK, FAIR = MONTHS[1:], MONTHS[2:], MONTHS[3:]

UNSAFE = {
    "ends of two, told to two insiders": family("pair_count", TWO, (["yes"], "exact", 2), sensitive=True),
    "ends of one": family("pair_count", TWO, (["yes"], "exact", 1)),
    "improved and worse, exact in the middle": family("pair_change", CHANGE, (["improved"], "exact", 2), (["worse"], "exact", 2)),
    "improved and worse, ends of three": family("pair_change", CHANGE, (["improved"], "exact", 3), (["worse"], "exact", 3)),
    "reached and work": family("pair_count", MONTHS, (REACHED, "exact", 2), (WORK, "exact", 3), sensitive=True),
    "work and fair work": family("pair_count", MONTHS, (WORK, "exact", 3), (FAIR, "exact", 3), sensitive=True),
    "work and study": family("pair_count", ("rest", "work", "study"), (["work"], "exact", 3), (["study"], "exact", 3), sensitive=True),
}


@pytest.mark.parametrize("sizes", list(combinations_with_replacement((4, 5, 6), 2)))
@pytest.mark.parametrize("design", UNSAFE)
def test_unsafe_design_is_found(design: str, sizes: tuple[int, ...]) -> None:
    proof = proof_of(UNSAFE[design], sizes)
    assert not proof.safe
    assert proof.worst.partition(":")[0] in FINDINGS


@pytest.mark.parametrize(
    ("design", "sizes", "share"),
    [
        ("ends of two, told to two insiders", (4, 5), Fraction(12, 30)),
        ("improved and worse, exact in the middle", (4, 5), Fraction(65, 315)),
        ("improved and worse, exact in the middle", (5, 6), Fraction(129, 588)),
        ("work and study", (4, 5), Fraction(19, 315)),
    ],
)
def test_share_of_data_sets_that_leak(design: str, sizes: tuple[int, ...], share: Fraction) -> None:
    proof = proof_of(UNSAFE[design], sizes)
    assert Fraction(proof.n_leaking, proof.n_data_sets) == share


@pytest.mark.parametrize("design", UNSAFE)
@pytest.mark.parametrize("sizes", [(4, 4), (4, 5)])
def test_proof_agrees_with_every_data_set_tried_one_by_one(design: str, sizes: tuple[int, ...]) -> None:
    tried = UNSAFE[design]
    proof = proof_of(tried, sizes)
    assert (proof.n_leaking, proof.n_data_sets) == leaking_of_family(tried, sizes, LIMITS)


def test_proof_of_all_cohorts_together_agrees_with_every_data_set_tried() -> None:
    pooled = family("final_pooled", TWO, (["yes"], "", 1))
    few = replace(LIMITS, min_candidates=5, coalition=3)
    proof = proof_of(pooled, (4, 4, 5), few)
    assert (proof.n_leaking, proof.n_data_sets) == leaking_of_family(pooled, (4, 4, 5), few)
    assert 0 < proof.n_leaking < proof.n_data_sets


@pytest.mark.parametrize("sizes", list(combinations_with_replacement((4, 5, 6), 2)))
def test_mean_of_a_pair_is_safe_with_one_insider(sizes: tuple[int, ...]) -> None:
    assert proof_of(family("pair_mean", SCORES, (["5"], "", 0)), sizes).safe


@pytest.mark.parametrize(("sizes", "safe"), [((4, 4), False), ((4, 5), False), ((4, 6), True), ((5, 5), True), ((5, 6), True), ((6, 6), True)])
def test_mean_of_a_small_pair_leaks_to_two_insiders(sizes: tuple[int, ...], safe: bool) -> None:
    assert proof_of(family("pair_mean", SCORES, (["5"], "", 0), sensitive=True), sizes).safe is safe


@pytest.mark.parametrize(
    ("scale", "n", "sensitive", "leaks"),
    [
        ("half", 5, False, (0, 6)),
        ("half", 6, False, (0, 7)),
        ("half", 5, True, (6, 6)),
        ("half", 6, True, (3, 7)),
        ("mean", 5, False, (70, 126)),
        ("mean", 6, False, (0, 210)),
        ("attendance", 5, False, (12, 126)),
        ("attendance", 6, False, (12, 210)),
    ],
)
def test_band_of_a_cohort(scale: str, n: int, sensitive: bool, leaks: tuple[int, int]) -> None:
    cells = {"half": TWO, "mean": SCORES, "attendance": ("0", "1", "2", "3", "4")}[scale]
    proof = proof_of(family("cohort_band", cells, (cells[:1], scale, 0), sensitive=sensitive), (n,))
    assert (proof.n_leaking, proof.n_data_sets) == leaks


def test_fewer_possible_sums_than_wanted_are_found() -> None:
    grid = family("pair_mean", SCORES, (["5"], "", 0))
    assert proof_of(grid, (4, 4), replace(LIMITS, mean_min_sums=5)).worst == "sum: sum, 8"


def test_kept_proofs_are_taken_only_for_the_same_question() -> None:
    steps = plan_of(load_policy(), PILOT)
    proofs, known = prove(steps, LIMITS)
    forged = {key: {**found, "worst": "kept"} for key, found in json.loads(json.dumps(known)).items()}
    assert {proof.worst for proof in prove(steps, LIMITS, forged)[0]} == {"kept"}
    assert [replace(proof, worst="kept") for proof in proofs] == list(prove(steps, LIMITS, forged)[0])
    stricter = replace(LIMITS, coalition=LIMITS.coalition + 1)
    assert "kept" not in {proof.worst for proof in prove(steps, stricter, forged)[0]}
    assert "kept" not in {proof.worst for proof in prove(plan_of(load_policy(), (4, 4, 6, 6)), LIMITS, forged)[0]}


def test_table_has_a_row_for_each_proof_and_no_other_words() -> None:
    proofs, _ = prove(plan_of(load_policy(), PILOT), LIMITS)
    table = pd.DataFrame(proof.row for proof in proofs)
    assert list(table.columns) == ["family", "view", "sizes", "parameters", "n_data_sets", "n_leaking", "worst", "n"]
    assert len(table) == len(proofs) == 13
    assert table["n_leaking"].sum() == 0


def test_plan_holds_only_groups_that_are_large_enough_and_there() -> None:
    policy = load_policy()
    assert plan_of(policy, (4,)) == ()
    assert {sizes for _, sizes in plan_of(policy, (4, 5))} == {(4, 5)}
    assert {sizes for _, sizes in plan_of(policy, (3, 4, 5, 6))} == {(5, 6), (3, 4, 5, 6)}


def test_every_way_to_put_two_people_into_two_categories() -> None:
    assert compositions(2, 2).tolist() == [[0, 2], [1, 1], [2, 0]]


def test_one_or_two_of_five_is_narrow() -> None:
    possible = np.array([False, True, True, False, False, False])
    assert [kind for kind, found in leaks_in_values(possible, LIMITS).items() if found] == ["narrow"]
