"""The exhibits of inference say what so few people can show, what was planned, and nothing more."""

import re
from collections.abc import Sequence

import pytest

import ikut_eval as ikut
from ikut_eval.contract.locale import CATALOGUES, LANGUAGES, percent, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.present.exhibit import Exhibit
from tests.analysis.conftest import attended, before_after, bounded, changed, counted, rose
from tests.present.conftest import everything

STARRED = re.compile(r"significan|merkitsevä|signifikan|p\s*=\s*ns|\*\*", re.IGNORECASE)
PLAN = ikut.AnalysisPlan(primary="rights_awareness", smallest_change=0.25)
SEVEN_UP = [(25, 25 + step) for step in (3, 4, 5, 6, 7, 8, 9)]


def together(*cohorts: Sequence[tuple[object, object]]) -> list[ikut.PairedChange]:
    """Return each cohort's change, and last the whole pilot's."""
    named = {f"C{n}": people for n, people in enumerate(cohorts, start=1)}
    return [*(changed(*people, cohort=name) for name, people in named.items()), ikut.paired_change(before_after(named))]


def mean_change(change: object, language: str, plan: ikut.AnalysisPlan = PLAN) -> Exhibit:
    return ikut.plot_mean_change(change, plan=plan, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_result_is_ever_called_significant(language: str) -> None:
    """Not in any catalogue, and not in what is drawn of a clear result."""
    assert not STARRED.search((CATALOGUES / f"{language}.po").read_text(encoding="utf-8"))
    assert not STARRED.search(everything(mean_change(together(SEVEN_UP, SEVEN_UP), language)))


FIVE = {"fi": "yhdessä 16 tapauksesta", "sv": "en gång av 16", "en": "once in 16"}


def after_p(key: str, language: str) -> str:
    """Return the catalogue's words after the p-value."""
    return text(key, language).partition("{p}")[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_five_who_all_rose_cannot_show_it(language: str) -> None:
    exhibit = mean_change(rose(3, 4, 5, 6, 7), language)
    nothing = text("inference.not_attainable", language, n=5, floor=FIVE[language], alpha=percent(0.05, language))
    assert nothing in exhibit.sentence
    assert after_p("inference.above", language) not in exhibit.sentence
    assert not STARRED.search(everything(exhibit))


@pytest.mark.parametrize(("language", "level"), [("fi", "93,75 %"), ("sv", "93,75 %"), ("en", "93.75%")])
def test_five_are_told_their_highest_level_but_its_interval_is_their_own_changes(language: str, level: str) -> None:
    exhibit = mean_change(rose(3, 4, 5, 6, 7), language)
    assert level in exhibit.sentence.replace("\N{NO-BREAK SPACE}", " ")
    assert exhibit.table.iloc[0, 4:6].tolist() == ["–", "–"]
    names = [trace["name"] for trace in exhibit.drawing.data if trace.get("x")]
    assert text("figure.person", language) in names
    assert text("figure.interval", language) not in names


@pytest.mark.parametrize("language", LANGUAGES)
def test_whole_pilot_alone_is_planned(language: str) -> None:
    exhibit = mean_change(together(SEVEN_UP, SEVEN_UP), language)
    planned, other = text("plan.planned", language), text("plan.exploratory", language)
    assert exhibit.table.iloc[:, -1].tolist() == [other, other, planned]
    lines = exhibit.sentence.splitlines()
    assert [planned in line for line in lines[:3]] == [False, False, True]
    assert [other in line for line in lines[:3]] == [True, True, False]


@pytest.mark.parametrize(
    "plan",
    [
        ikut.AnalysisPlan(),
        ikut.AnalysisPlan(primary="who5"),
        ikut.AnalysisPlan(primary="rights_awareness", contrast=("start", "m6"), smallest_change=0.25),
        ikut.AnalysisPlan(primary="rights_awareness", smallest_change=0.5),
    ],
    ids=["none", "other-instrument", "other-wave", "other-change"],
)
def test_nothing_is_planned_that_the_plan_does_not_declare(plan: ikut.AnalysisPlan) -> None:
    exhibit = mean_change(together(SEVEN_UP, SEVEN_UP), "en", plan)
    assert set(exhibit.table.iloc[:, -1]) == {text("plan.exploratory", "en")}
    assert text("plan.planned", "en") not in exhibit.sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_clear_result_that_was_not_planned_says_so(language: str) -> None:
    words = after_p("inference.below_unplanned", language)
    *alone, whole = mean_change(together(SEVEN_UP, SEVEN_UP), language).sentence.splitlines()[:3]
    assert all(words in line for line in alone)
    assert words not in whole
    assert words in mean_change(together(SEVEN_UP, SEVEN_UP), language, ikut.AnalysisPlan()).sentence.splitlines()[2]


def test_unclear_result_shows_neither_a_change_nor_its_absence() -> None:
    exhibit = mean_change(rose(3, -4, 5, -6, 7, -2, 1), "en")
    assert after_p("inference.above", "en") in exhibit.sentence
    assert after_p("inference.below_unplanned", "en") not in exhibit.sentence


def test_plan_decides_the_side_and_the_level() -> None:
    """Five who all rose: one-sided 1/32, which is below 5 %; the interval is still the highest of two sides."""
    one_sided = ikut.AnalysisPlan(primary="rights_awareness", smallest_change=0.25, sides="greater")
    assert "once in 32" in mean_change(rose(3, 4, 5, 6, 7), "en", one_sided).sentence
    fell = ikut.AnalysisPlan(primary="rights_awareness", smallest_change=0.25, sides="less")
    assert "every time" in mean_change(rose(3, 4, 5, 6, 7), "en", fell).sentence
    ten = ikut.AnalysisPlan(primary="rights_awareness", smallest_change=0.25, alpha=0.1)
    assert "once in 16" in mean_change(rose(3, 4, 5, 6, 7), "en", ten).sentence
    assert "nothing can be shown" not in mean_change(rose(3, 4, 5, 6, 7), "en", ten).sentence


def test_plan_decides_the_test() -> None:
    changes = rose(1, 2, 3, 4, 5, 6, -9)
    for method in ("mean_change", "signed_rank", "sign"):
        plan = ikut.AnalysisPlan(method=method)
        assert float(mean_change(changes, "en", plan).table.iloc[0, 6]) == pytest.approx(changes.exact_test(method).p, abs=6e-4)


@pytest.mark.parametrize(("cohorts", "floor"), [(2, "0.5"), (4, "0.125")])
def test_floor_of_cohorts_stands_beside(cohorts: int, floor: str) -> None:
    sentence = mean_change(together(*[SEVEN_UP] * cohorts), "en").sentence
    assert text("mean_change.cohort_floor", "en", n=cohorts, floor=floor) in sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_exactness_rests_on_is_always_said(language: str) -> None:
    assert text("assumption.exchangeable_within_person", language) in mean_change(rose(1, 2), language).sentence


def test_one_pair_gives_no_estimate() -> None:
    exhibit = mean_change([rose(3, lost=2), rose(1, 2, cohort="C2")], "en")
    assert exhibit.sentence.startswith(text("mean_change.too_few", "en", cohort="C1", pairs=1))
    assert exhibit.table.iloc[0].tolist()[:7] == ["C1", "1", "2", "–", "–", "–", "–"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_items_are_exploratory_also_where_there_is_a_plan(language: str) -> None:
    answers = ikut.item_answers(ikut.read_pilot("synthetic:tiny"), "rights_awareness")
    exhibit = ikut.plot_item_shift(ikut.item_shift(answers), plan=PLAN, language=language)
    assert text("plan.exploratory", language) in exhibit.sentence
    assert text("plan.planned", language) not in everything(exhibit)


@pytest.mark.parametrize("language", LANGUAGES)
def test_cohorts_are_never_ranked(language: str) -> None:
    """They stand as they were given, and the caution says why no order of worth can be read from them."""
    for values in ((1, 3, 2), (3, 2, 1)):
        names = [f"C{n}" for n in (2, 3, 1)]
        for table in (
            counted(dict(zip(names, [(k, 4) for k in values], strict=True))),
            attended(dict(zip(names, [[(k, 5), (4, 5)] for k in values], strict=True))),
        ):
            exhibit = ikut.plot_comparison(ikut.compare_cohorts(table), language=language)
            assert exhibit.table.iloc[:, 0].tolist() == names
            assert text("assumption.cohorts_differ", language) in exhibit.caution


def test_attendance_shows_no_p() -> None:
    exhibit = ikut.plot_comparison(ikut.compare_cohorts(attended({"C1": [(9, 10), (5, 10)], "C2": [(8, 10), (2, 10)]})), language="en")
    assert text("comparison.no_test", "en") in exhibit.sentence
    assert "chance" not in exhibit.sentence


def test_bounds_are_shown_and_never_a_rate() -> None:
    exhibit = ikut.plot_comparison(ikut.compare_cohorts(bounded({"C1": (1, 3, 4), "C2": (2, 2, 5)})), language="en")
    assert exhibit.table.iloc[0, 3] == "at least 1, at most 3 of 4 (25% to 75%)"
    assert "somewhere between" in exhibit.sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_plan_is_said_with_its_hash_and_its_words(language: str) -> None:
    said = repr(ikut.say_plan(PLAN, language=language))
    assert PLAN.digest[:12] in said
    assert load_contract().instruments["rights_awareness"].labels[language] in said
    assert repr(ikut.say_plan(ikut.AnalysisPlan(), language=language)) == text("note.no_plan", language)
