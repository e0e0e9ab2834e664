"""How people who were lost must have fared: the smallest number, the smallest change."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ikut_eval as ikut
from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.data.pilot import PilotData
from ikut_eval.inference.paired import mean_change_test
from tests.analysis.conftest import bounded, counted, refused, rose


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20), st.data())
def test_needed_is_the_smallest_number_that_suffices(n: int, data: st.DataObject) -> None:
    least = data.draw(st.integers(0, n))
    most = data.draw(st.integers(least, n))
    share = data.draw(st.integers(1, 99))
    row = ikut.tipping_point(bounded({"C1": (least, most, n)}), share=share / 100).rows[0]
    enough = [more for more in range(most - least + 1) if 100 * (least + more) >= share * n]
    assert row["needed"] == (enough[0] if enough else None)
    assert (row["n"], row["at_least"], row["n_missing"]) == (n, least, most - least)


def test_share_is_exact() -> None:
    """0.28 of 25 is 7; as floats it would be a little more."""
    assert 0.28 * 25 > 7
    assert ikut.tipping_point(bounded({"C1": (6, 9, 25)}), share=0.28).rows[0]["needed"] == 1


SAID = {
    "always": {"label": "C1, In work", "known": 3, "of": 4, "unreached": 1},
    "needed": {"label": "C2, In work", "known": 1, "of": 5, "unreached": 3, "needed": 2},
    "never": {"label": "C3, In work", "known": 0, "of": 6, "unreached": 2},
}


def test_each_line_says_what_would_have_to_hold() -> None:
    found = ikut.tipping_point(bounded({"C1": (3, 4, 4), "C2": (1, 4, 5), "C3": (0, 2, 6), "C4": (0, 0, 0)}))
    assert [row["needed"] for row in found.rows[:3]] == [0, 2, None]
    assert found.sentence("en").splitlines() == [text(f"tipping_count.{key}", "en", share="50%", **values) for key, values in SAID.items()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_due_is_said(language: str) -> None:
    nobody = ikut.tipping_point(bounded({"C1": (0, 0, 0)}))
    assert nobody.sentence(language) == ikut.tipping_point(bounded({})).sentence(language)


def engine(steps: list[int], lost: int, each: Fraction) -> tuple[float, float]:
    test = mean_change_test([0] * (len(steps) + lost), [*(Fraction(s, 10) for s in steps), *[each] * lost])
    return test.estimate, test.p


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-10, 15), min_size=2, max_size=7), st.integers(1, 3))
def test_smallest_change_is_that_of_the_exact_tests(steps: list[int], lost: int) -> None:
    """Every half point from -4 to 4, tested by hand; a fall is asked about where those who answered fell."""
    found = ikut.tipping_point(rose(*steps, lost=lost))
    by_hand = {half: engine(steps, lost, Fraction(half, 2)) for half in range(-8, 9)}
    assert found.changes == tuple(half / 2 for half in by_hand)
    assert found.means == pytest.approx([m for m, _ in by_hand.values()])
    assert found.p == tuple(p for _, p in by_hand.values())
    falls = sum(steps) < 0
    still = [half / 2 for half, (m, p) in by_hand.items() if (m < 0 if falls else m > 0) and p <= 0.05]
    assert found.smallest_still == ((max if falls else min)(still) if still else None)
    assert found.falls == falls
    assert found.n_lost == lost


def test_changes_of_thirds_stay_equal() -> None:
    """Two thirds up from 5/3, and down from 2, are the same size; as decimals they are not."""
    as_printed = [Fraction(repr(third / 3)) for third in (5, 7, 6, 4)]
    assert as_printed[1] - as_printed[0] != as_printed[2] - as_printed[3]
    up, down = (Fraction(5, 3), Fraction(7, 3)), (Fraction(2), Fraction(4, 3))
    for pairs, moves in (((up, down), [2, -2, 0]), ((up, up, (Fraction(0), Fraction(2, 3)), down), [2, 2, 2, -2, 0])):
        thirds = replace(rose(*[0] * len(pairs), lost=1), pairs=pairs)
        at_zero = ikut.tipping_point(thirds).to_frame().set_index("change").loc[0.0]
        by_hand = mean_change_test([0] * len(moves), [Fraction(m, 3) for m in moves])
        assert (at_zero["mean"], at_zero["p"]) == (by_hand.estimate, by_hand.p)


def test_nobody_lost_leaves_the_test_as_it_was() -> None:
    change = rose(1, 2, 3, 4, 5, 6)
    found = ikut.tipping_point(change)
    assert set(found.p) == {change.exact_test().p}
    assert (found.n_lost, found.sentence("en")) == (0, text("tipping.nobody", "en"))


def test_all_lost_stand_on_their_assumed_change_alone() -> None:
    found = ikut.tipping_point(rose(lost=6))
    assert (found.smallest_still, found.n_lost) == (0.5, 6)
    assert ikut.tipping_point(rose(lost=5)).smallest_still is None


@pytest.mark.parametrize("steps", [(), (4,)])
def test_one_person_or_nobody_has_no_tests(steps: tuple[int, ...]) -> None:
    for lost in range(2 - len(steps)):
        found = ikut.tipping_point(rose(*steps, lost=lost))
        assert (found.changes, found.smallest_still, len(found.to_frame())) == ((), None, 0)
        assert all(found.sentence(language) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (rose(*[20] * 12, lost=1), text("tipping.rise.always", "en")),
        (rose(-9, -9, -8, lost=1), text("tipping.fall.never", "en")),
        (rose(3, 3, 2, 1, 2, lost=1), text("tipping.rise.from", "en", change="0.5")),
    ],
    ids=["always", "never", "from"],
)
def test_sentence_on_a_change(change: ikut.PairedChange, words: str) -> None:
    assert ikut.tipping_point(change).sentence("en") == words


@pytest.mark.parametrize(
    ("instrument", "width", "step"), [("rights_awareness", 4, 0.5), ("rights_knowledge", 6, 0.5), ("who5", 100, 2)], ids=["mean", "correct", "sum"]
)
def test_changes_span_the_width_of_the_score(synthetic: PilotData, instrument: str, width: float, step: float) -> None:
    found = ikut.tipping_point(ikut.paired_change(ikut.scale_scores(synthetic, instrument)))
    assert (found.changes[0], found.changes[-1], found.changes[1] - found.changes[0]) == (-width, width, step)


@pytest.mark.parametrize("words", [{"share": 0}, {"share": 1}, {"share": 50}, {"alpha": 0}, {"alpha": 5}])
def test_impossible_probability_is_refused(words: dict[str, float]) -> None:
    for subject in (bounded({"C1": (1, 2, 4)}), rose(1, 2)):
        refused("impossible_probability", ikut.tipping_point, subject, **words)


def test_table_without_bounds_is_refused(synthetic: PilotData) -> None:
    refused("bounds_needed", ikut.tipping_point, counted({"C1": (1, 4)}))
    refused("bounds_needed", ikut.tipping_point, ikut.group_viability(synthetic))
