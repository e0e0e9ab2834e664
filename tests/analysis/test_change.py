"""Item by item, one contrast over several waves, and change beyond measurement error."""

from fractions import Fraction

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.analysis.change import holm
from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.data.pilot import PilotData
from ikut_eval.inference.paired import mean_change_test, signed_rank_test
from tests.analysis.conftest import changed, refused, rose, scored


def answered(items: dict[str, list[tuple[object, object]]]) -> pd.DataFrame:
    """Return answers as `item_answers` does, from each item's (before, after), one a person."""
    rows = [(f"P{n:03d}", "C1", item, *pair) for item, pairs in items.items() for n, pair in enumerate(pairs)]
    frame = pd.DataFrame(rows, columns=["participant_id", "cohort_id", "item", "before", "after"])
    return frame.astype({"before": "Int64", "after": "Int64"}).assign(not_yet=False, versions="")


SEVEN = {
    "R01": [(1, 4), (2, 4), (1, 2), (2, 5), (3, 4), (1, 3), (2, 3)],
    "R02": [(3, 3), (3, 2), (4, 4), (2, 3), (None, 4), (5, None), (1, 2)],
    "R03": [(3, 2), (4, 3), (5, 3), (4, 4), (4, 2), (5, 1), (2, 1)],
    "R04": [(2, 3), *[(None, None)] * 6],
}


def test_rows_by_hand() -> None:
    found = ikut.item_shift(answered(SEVEN))
    counts = [tuple(row[name] for name in ("item", "n", "rose", "same", "fell", "n_missing")) for row in found.rows]
    assert counts == [("R01", 7, 7, 0, 0, 0), ("R02", 5, 2, 2, 1, 2), ("R03", 7, 0, 1, 6, 0), ("R04", 1, 1, 0, 0, 6)]
    by_hand = [signed_rank_test([0] * len(m), m).p for m in ([3, 2, 1, 3, 1, 2, 1], [0, -1, 0, 1, 1], [-1, -1, -2, 0, -2, -4, -1])]
    assert [row["p"] for row in found.rows] == [*by_hand, None]
    assert [row["p_holm"] for row in found.rows] == [*holm(by_hand), None]
    assert [row["p_floor"] for row in found.rows] == [2**-6, 2**-4, 2**-6, None]


def test_shown_are_those_that_stay_below_alpha_among_all() -> None:
    """R01: 1/64 three times is 0.047; R03: one of seven did not move, p = 2/64, twice is 0.0625."""
    found = ikut.item_shift(answered(SEVEN))
    assert found.rows[0]["p_holm"] == 3 / 64
    assert found.rows[2]["p_holm"] == 2 / 64 * 2
    assert (found.n_tested, found.shown(), found.shown(0.1), found.attainable()) == (3, ["R01"], ["R01", "R03"], True)
    assert found.sentence("en") == text("shift.shown", "en", items=3, shown=1)


def test_zeros_can_be_left_out_first() -> None:
    moves = [0, -1, 0, 1, 1, 2]
    items = answered({"R01": [(3, 3 + m) for m in moves]})
    for zeros in ("pratt", "wilcoxon"):
        assert ikut.item_shift(items, zeros=zeros).rows[0]["p"] == signed_rank_test([0] * 6, moves, zeros=zeros).p


@pytest.mark.parametrize("language", LANGUAGES)
def test_twelve_statements_of_five_people_cannot_show_anything(language: str) -> None:
    """2/2**5 times 12 is 0.75."""
    found = ikut.item_shift(answered({f"R{n:02d}": [(1, 5)] * 5 for n in range(1, 13)}))
    assert not found.attainable()
    assert found.shown() == []
    assert found.sentence(language) == text("shift.not_attainable", language, items=12)
    assert "12" in found.sentence(language)


def test_ten_people_can_show_one_of_twelve_statements() -> None:
    assert ikut.item_shift(answered({f"R{n:02d}": [(1, 5)] * 9 for n in range(1, 13)})).attainable()


def test_smallest_p_at_the_edge_of_alpha_can_be_shown() -> None:
    """2/2**5 = 0.0625 is what a level of 93.75 % leaves over."""
    found = ikut.item_shift(answered({"R01": [(1, 2)] * 5}))
    assert (found.attainable(0.0625), found.shown(0.0625)) == (True, ["R01"])
    assert found.sentence("en", level=0.9375) == text("shift.shown", "en", items=1, shown=1)
    assert found.sentence("en", level=0.95) == text("shift.not_attainable", "en", items=1)


def test_person_who_answers_twice_is_refused() -> None:
    twice = answered({"R01": [(1, 2), (2, 3)]})
    refused("duplicate_person", ikut.item_shift, pd.concat([twice, twice.iloc[:1]]))


def test_nobody_answered_is_said(synthetic: PilotData) -> None:
    nobody = ikut.item_shift(ikut.item_answers(synthetic, "rights_awareness").iloc[:0])
    one = ikut.item_shift(answered({"R01": [(1, 5)]}))
    for language in LANGUAGES:
        assert nobody.sentence(language) == one.sentence(language)
    assert (nobody.rows, len(nobody.to_frame()), nobody.attainable(), one.attainable()) == ((), 0, False, False)


def test_answers_of_the_pilot_are_the_persons_own(synthetic: PilotData) -> None:
    """Item by item the moves are those of the answers themselves."""
    answers = ikut.item_answers(synthetic, "rights_awareness")
    assert len(answers) == 20 * 12
    found = ikut.item_shift(answers).rows[0]
    raw = synthetic["answer"].loc[lambda a: (a["item"] == "R01") & ~a["value"].str.startswith("-")]
    by_wave = raw.pivot(index="participant_id", columns="wave", values="value").astype("Int64")
    moves = (by_wave["exit"] - by_wave["start"]).dropna()
    assert (found["n"], found["rose"], found["fell"]) == (len(moves), (moves > 0).sum(), (moves < 0).sum())


WAVES = ("start", "exit", "m6")


def over_time(*people: tuple[object, object, object]) -> pd.DataFrame:
    return scored([(f"P{n:03d}", "C1", wave, total) for n, totals in enumerate(people) for wave, total in zip(WAVES, totals, strict=True)])


THREE_WAVES = [(20, 25, 31), (22, 28, 24), (30, 29, 35), (18, 20, 26), (25, None, 27), (21, 24, None), (24, 24, "not_yet")]


@pytest.mark.parametrize(
    ("weights", "contrasts", "missing"),
    [
        pytest.param({"start": -1, "exit": 0, "m6": 1}, [11, 2, 5, 8, 2], 2, id="ends: a wave of weight 0 may be missing"),
        pytest.param({"start": -1, "exit": 2, "m6": -1}, [-1, 10, -7, -4], 3, id="bend"),
        pytest.param({"start": -1, "exit": 1}, [5, 6, -1, 2, 3, 0], 1, id="two waves"),
    ],
)
def test_contrast_by_hand(weights: dict[str, int], contrasts: list[int], missing: int) -> None:
    found = ikut.planned_contrast(over_time(*THREE_WAVES), weights)
    by_hand = mean_change_test([0] * len(contrasts), [Fraction(c, 10) for c in contrasts])
    assert (found.p, found.estimate, found.n, found.n_missing) == (by_hand.p, by_hand.estimate, len(contrasts), missing)


def test_contrast_of_two_waves_is_the_paired_change() -> None:
    scores = over_time(*THREE_WAVES)
    assert ikut.planned_contrast(scores, {"start": -1, "exit": 1}).p == ikut.paired_change(scores).exact_test().p


@pytest.mark.parametrize(
    ("weights", "key"),
    [
        ({"start": -1, "exit": 2}, "contrast_not_zero"),
        ({"start": 0, "exit": 0}, "contrast_not_zero"),
        ({}, "contrast_not_zero"),
        ({"start": -1, "mid": 1}, "unknown_choice"),
        ({"start": -1, "exit": 1, "later": 0}, "unknown_choice"),
    ],
    ids=["sum", "all-zero", "none", "not-asked", "no-such-wave"],
)
def test_contrast_that_is_none_is_refused(weights: dict[str, int], key: str) -> None:
    refused(key, ikut.planned_contrast, over_time(*THREE_WAVES), weights)


def test_contrast_of_unsound_scores_is_refused() -> None:
    scores, weights = over_time(*THREE_WAVES), {"start": -1, "exit": 1}
    refused("one_instrument", ikut.planned_contrast, pd.concat([scores, scores.assign(instrument="who5")]), weights)
    refused("one_instrument", ikut.planned_contrast, scores.iloc[:0], weights)
    refused("duplicate_person", ikut.planned_contrast, pd.concat([scores, scores.iloc[:1]]), weights)
    refused("too_few_pairs", ikut.planned_contrast, over_time((20, 22, 24), (20, None, 25)), weights)


def test_reliable_change_counts_people() -> None:
    """Error of a change: 1 * sqrt(2 * (1 - 0.75)) = 0.707; beyond 1.96 times that, 1.386 points."""
    found = ikut.reliable_change(rose(14, 13, -14, 0, -20, 30, lost=2), sd=1, reliability_outside=0.75)
    assert found.smallest == pytest.approx(1.386, abs=1e-3)
    assert dict(found.to_frame().to_numpy().tolist()) == {"improved": 2, "unchanged": 2, "worsened": 2, "missing": 2}
    assert found.sentence("en") == text("reliable.change", "en", n=6, up=2, down=2, smallest="1.39", missing=2)


@pytest.mark.parametrize("words", [{"sd": 1, "reliability_outside": 1.0}, {"sd": 1, "reliability_outside": -0.1}, {"sd": 0, "reliability_outside": 0.8}])
def test_impossible_reliability_is_refused(words: dict[str, float]) -> None:
    refused("impossible_reliability", ikut.reliable_change, rose(1, 2), **words)


def test_nobody_changed_reliably_where_nobody_is() -> None:
    assert ikut.reliable_change(changed(), sd=1, reliability_outside=0.8).to_frame()["people"].sum() == 0
