"""What so few could show at all, before there is data."""

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.data.pilot import PilotData
from ikut_eval.inference.planning import detectable_change, detectable_share
from tests.analysis.conftest import counted, refused


def test_each_cohort_has_a_row_and_all_together_the_last(synthetic: PilotData) -> None:
    table = ikut.participants(synthetic)
    found = ikut.detectable_effect(table)
    sizes = table["numerator"].tolist()
    assert [(row["cohort_id"], row["n"]) for row in found.rows] == [*zip(("C1", "C2", "C3", "C4"), sizes, strict=True), ("all", sum(sizes))]


def test_one_cohort_is_not_told_twice(synthetic: PilotData) -> None:
    assert [row["cohort_id"] for row in ikut.detectable_effect(ikut.participants(synthetic.cohort("C1"))).rows] == ["C1"]


@pytest.mark.parametrize("n", range(13))
def test_five_or_fewer_cannot_show_anything_at_five_per_cent(n: int) -> None:
    row = ikut.detectable_effect(n).rows[0]
    assert row["p_floor"] == min(1, 2.0 ** (1 - n))
    if n <= 5:
        assert (row["share"], row["effect"]) == (None, None)
    else:
        assert (row["share"], row["effect"]) == (detectable_share(n)[0], detectable_change(n).effect)
        assert 0.5 < row["share"] < 1


def test_alpha_decides_who_can() -> None:
    assert ikut.detectable_effect(5, alpha=0.0625).rows[0]["share"] is not None
    assert ikut.detectable_effect(6, alpha=0.03).rows[0]["share"] is None


def test_more_people_show_less() -> None:
    """The exact test rises in steps, so that only the effect falls each time."""
    effects = [ikut.detectable_effect(n).rows[0]["effect"] for n in (6, 7, 20, 100)]
    assert effects == sorted(effects, reverse=True)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("power", [0.5, 0.99])
def test_every_size_has_its_answer(power: float, alpha: float) -> None:
    for n in (2, 3, 6, 9, 14, 40):
        row = ikut.detectable_effect(n, power=power, alpha=alpha).rows[0]
        assert row["effect"] is None or 0 < row["effect"] < 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentence_tells_who_cannot_and_who_can(language: str) -> None:
    both = ikut.detectable_effect(counted({"C1": (4, 5), "C2": (5, 5)}))
    assert len(both.sentence(language).splitlines()) == 2
    assert "C1" in both.sentence(language).splitlines()[0]
    assert "9" in both.sentence(language).splitlines()[1]
    assert ikut.detectable_effect(counted({})).sentence(language)


@pytest.mark.parametrize(
    ("people", "words", "key"),
    [
        (-1, {}, "impossible_counts"),
        (6, {"power": 0}, "impossible_probability"),
        (6, {"power": 1}, "impossible_probability"),
        (6, {"alpha": 0}, "impossible_probability"),
        (6, {"alpha": 5}, "impossible_probability"),
    ],
)
def test_impossible_plan_is_refused(people: int, words: dict[str, float], key: str) -> None:
    refused(key, ikut.detectable_effect, people, **words)


def test_table_with_several_rows_a_cohort_is_refused(synthetic: PilotData) -> None:
    refused("cohort_twice", ikut.detectable_effect, ikut.completion(synthetic))
    refused("cohort_twice", ikut.detectable_effect, pd.concat([counted({"C1": (4, 5)})] * 2))
