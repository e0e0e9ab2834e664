"""Cohorts side by side: the exact test over all that is possible, never a ranking, never sessions as people."""

from itertools import product

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.data.pilot import PilotData
from ikut_eval.inference.intervals import clopper_pearson, clustered_rate
from ikut_eval.inference.tables import freeman_halton_test, trend_test
from tests.analysis.conftest import attended, bounded, changed, counted, refused, rose
from tests.measures.conftest import MEASURES

FOUR = {"C1": (3, 4), "C2": (1, 5), "C3": (4, 5), "C4": (2, 6)}


def test_counts_by_hand() -> None:
    found = ikut.compare_cohorts(counted(FOUR))
    by_hand = freeman_halton_test([[3, 1], [1, 4], [4, 1], [2, 4]])
    assert (found.p_range, found.p_floor) == ((by_hand.p, by_hand.p), by_hand.p_floor)
    for row, (k, n) in zip(found.rows, FOUR.values(), strict=True):
        assert (row.fewest, row.greatest, row.n, row.least, row.most) == (k, k, n, k / n, k / n)
        assert (row.lower, row.upper) == clopper_pearson(k, n)


def test_level_is_that_of_the_intervals() -> None:
    row = ikut.compare_cohorts(counted(FOUR), level=0.8).rows[0]
    assert (row.lower, row.upper) == clopper_pearson(3, 4, level=0.8)
    refused("impossible_level", ikut.compare_cohorts, counted(FOUR), level=80)


UNREACHED = {"C1": (3, 4, 4), "C2": (0, 2, 5), "C3": (4, 4, 5), "C4": (1, 4, 6)}


def every_completion(method: str) -> list[float]:
    values, sizes = list(UNREACHED.values()), [n for _, _, n in UNREACHED.values()]
    ways = product(*(range(a, b + 1) for a, b, _ in values))
    if method == "trend":
        return [trend_test(way, sizes).p for way in ways]
    return [freeman_halton_test([[k, n - k] for k, n in zip(way, sizes, strict=True)]).p for way in ways]


@pytest.mark.parametrize("method", ["freeman_halton", "trend"])
def test_range_of_p_holds_every_way_the_unreached_may_have_fared(method: str) -> None:
    found = ikut.compare_cohorts(bounded(UNREACHED), method=method, order=tuple(UNREACHED) if method == "trend" else ())
    every = every_completion(method)
    assert len(every) == 2 * 3 * 1 * 4
    assert found.p_range == pytest.approx((min(every), max(every)), rel=1e-12)
    assert (found.rows[1].fewest, found.rows[1].greatest, found.rows[1].n_missing) == (0, 2, 2)
    assert (found.rows[1].lower, found.rows[1].upper) == (clopper_pearson(0, 5)[0], clopper_pearson(2, 5)[1])


def test_trend_follows_the_order_that_was_set() -> None:
    order = ("C4", "C2", "C1", "C3")
    found = ikut.compare_cohorts(counted(FOUR), method="trend", order=order)
    by_hand = trend_test([FOUR[c][0] for c in order], [FOUR[c][1] for c in order])
    assert found.p_range == (by_hand.p, by_hand.p)
    assert [row.cohort_id for row in found.rows] == list(FOUR)


@pytest.mark.parametrize("order", [(), ("C1", "C2", "C3"), ("C1", "C2", "C3", "C3"), ("C1", "C2", "C3", "C9")])
def test_trend_without_its_order_is_refused(order: tuple[str, ...]) -> None:
    assert "C1, C2, C3, C4" in refused("order_needed", ikut.compare_cohorts, counted(FOUR), method="trend", order=order).message("en")


def test_method_that_is_not_there_is_refused() -> None:
    assert "freeman_halton, trend" in refused("unknown_choice", ikut.compare_cohorts, counted(FOUR), method="chi2").message("en")


ATTENDED = {"C1": [(18, 20), (12, 20), (20, 20)], "C2": [(5, 10), (9, 10)]}


def test_attendance_is_the_clustered_rate_of_people() -> None:
    found = ikut.compare_cohorts(attended(ATTENDED))
    for row, people in zip(found.rows, ATTENDED.values(), strict=True):
        rate = clustered_rate([k for k, _ in people], [n for _, n in people])
        assert (row.n, row.least, row.most) == (len(people), rate.estimate, rate.estimate)
        assert (row.lower, row.upper) == (rate.interval().lower, rate.interval().upper)
        assert (row.fewest, row.greatest) == (None, None)
    assert (found.tests, found.p_range, found.p_floor) == ((), None, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_attendance_has_no_p(language: str) -> None:
    said = ikut.compare_cohorts(attended(ATTENDED)).sentence(language)
    assert said == ikut.compare_cohorts(attended(dict(reversed(ATTENDED.items())))).sentence(language)
    assert said != ikut.compare_cohorts(attended({"C1": ATTENDED["C1"]})).sentence(language)


def test_attendance_that_is_all_alike_has_a_rate_and_no_interval() -> None:
    row = ikut.compare_cohorts(attended({"C1": [(9, 10)] * 4, "C2": [(1, 2), (2, 2)]})).rows[0]
    assert (row.least, row.lower, row.upper) == (0.9, None, None)


@pytest.mark.parametrize("by", ["week", "cohort", "session_type", "mode"])
def test_sessions_are_never_taken_for_people(synthetic: PilotData, by: str) -> None:
    for compare in (ikut.compare_cohorts, ikut.cohort_shrinkage):
        assert "by person" in refused("by_person_needed", compare, ikut.attendance_rate(synthetic, by=by)).message("en")


def test_measures_of_sessions_without_people_are_refused(synthetic: PilotData) -> None:
    refused("by_person_needed", ikut.compare_cohorts, ikut.late_share(synthetic))
    refused("by_person_needed", ikut.compare_cohorts, ikut.notification_rate(synthetic, by="person"))


def test_person_twice_is_refused() -> None:
    table = attended(ATTENDED)
    refused("duplicate_person", ikut.compare_cohorts, pd.concat([table, table.iloc[:1]]))


def test_several_groups_are_refused_until_one_is_chosen(synthetic: PilotData) -> None:
    table = ikut.completion(synthetic)
    assert "completed, " in refused("several_groups", ikut.compare_cohorts, table).message("en")
    refused("unknown_choice", ikut.compare_cohorts, table, group="nothing_like_it")
    found = ikut.compare_cohorts(table, group="completed")
    assert found.group == "completed"
    assert [row.fewest for row in found.rows] == table.loc[table["group"] == "completed", "numerator"].tolist()


def test_cohort_twice_is_refused() -> None:
    refused("several_groups", ikut.compare_cohorts, pd.concat([counted(FOUR), counted({"C1": (1, 2)})]))
    refused("cohort_twice", ikut.compare_cohorts, [rose(1, 2), rose(3, 4)])
    refused("cohort_twice", ikut.cohort_shrinkage, [rose(1, 2), rose(3, 4)])


def test_changes_are_compared_by_who_rose_stayed_and_fell() -> None:
    """The declared smallest change is 0.25 points: three tenths count."""
    changes = [rose(3, 5, 0, 2), rose(-3, -4, 1, cohort="C2", lost=2), rose(3, cohort="C3")]
    found = ikut.compare_cohorts(changes)
    by_hand = freeman_halton_test([[2, 2, 0], [0, 1, 2], [1, 0, 0]])
    assert found.p_range == (by_hand.p, by_hand.p)
    assert [(row.cohort_id, row.fewest, row.n, row.n_missing) for row in found.rows] == [("C1", 2, 4, 0), ("C2", 0, 3, 2), ("C3", 1, 1, 0)]


@pytest.mark.parametrize("words", [{"group": "worse"}, {"method": "trend", "order": ["C1", "C2"]}], ids=["group", "trend"])
def test_group_and_trend_are_refused_where_they_would_not_be_heeded(words: dict[str, object]) -> None:
    refused("people_table_needed", ikut.compare_cohorts, [rose(1, 2), rose(3, 4, cohort="C2")], **words)
    refused("people_table_needed", ikut.compare_cohorts, attended(ATTENDED), **words)


def test_explanation_of_a_trend_is_of_its_own_rule() -> None:
    trend = ikut.compare_cohorts(counted(FOUR), method="trend", order=list(FOUR))
    assert "at least as far from the mean" in trend.explain("en")
    assert "at most as probable" in ikut.compare_cohorts(counted(FOUR)).explain("en")
    assert "CR2" in ikut.compare_cohorts(attended(ATTENDED)).explain("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_shown_is_said_and_nothing_else(language: str) -> None:
    """2 of 4 yes: the rarest table, 2 and 0, comes about once in 3."""
    small = ikut.compare_cohorts(counted({"C1": (2, 2), "C2": (0, 2)}))
    open_still = ikut.compare_cohorts(counted(FOUR))
    shown = ikut.compare_cohorts(counted({"C1": (6, 6), "C2": (0, 6)}))
    assert small.p_floor == pytest.approx(1 / 3)
    assert shown.p_range == pytest.approx((2 / 924, 2 / 924))
    assert len({each.sentence(language).rpartition(":")[0] or each.sentence(language) for each in (small, open_still, shown)}) == 3
    assert "3" in small.sentence(language)


def test_sentence_on_what_the_unreached_leave_open() -> None:
    wide = ikut.compare_cohorts(bounded({"C1": (0, 6, 6), "C2": (0, 0, 6)}))
    assert wide.p_range == pytest.approx((2 / 924, 1))
    assert "“once in 462” and “every time”" in wide.sentence("en")
    assert text("comparison.open", "en") in wide.sentence("en")


def test_level_of_the_sentence_meets_p_at_its_edge() -> None:
    """C(5, 2) = 10: the rarest table has p = 0.1 at a level of 0.9, although 1 - 0.9 is a little less in floats."""
    edge = ikut.compare_cohorts(counted({"C1": (2, 2), "C2": (0, 3)}))
    assert edge.p_range == pytest.approx((0.1, 0.1))
    assert "poor explanation" in edge.sentence("en", level=0.9)
    assert "could not have shown" in edge.sentence("en", level=0.95)


def test_nobody_with_a_yes_blames_the_results_and_not_the_sizes_alone() -> None:
    """Cohorts of 20 can show much; but not where nobody has a yes."""
    found = ikut.compare_cohorts(counted({"C1": (0, 20), "C2": (0, 20)}))
    assert found.p_floor == 1
    assert found.sentence("en").startswith("If the cohorts did not differ")
    assert "With these overall results" in found.sentence("en")


@pytest.mark.parametrize(
    "subject",
    [counted({}), bounded({}), attended({}), [], counted({"C1": (1, 3)}), bounded({"C1": (0, 2, 3)}), [rose(1, 2)]],
    ids=["counts", "bounds", "attendance", "changes", "one-count", "one-bound", "one-change"],
)
def test_nothing_to_compare_is_said(subject: object) -> None:
    found = ikut.compare_cohorts(subject)
    assert (found.tests, found.p_range, found.p_floor) == ((), None, None)
    assert found.sentence("en") == "Too few cohorts have data to compare."
    assert list(found.to_frame()["cohort_id"]) == [row.cohort_id for row in found.rows]


def test_cohorts_of_one_person_and_of_nobody() -> None:
    found = ikut.compare_cohorts(counted({"C1": (0, 0), "C2": (1, 1), "C3": (2, 5)}))
    assert [row.cohort_id for row in found.rows] == ["C1", "C2", "C3"]
    assert (found.rows[0].least, found.rows[0].lower) == (None, None)
    assert found.p_range == pytest.approx((freeman_halton_test([[1, 0], [2, 3]]).p,) * 2)
    alone = ikut.compare_cohorts(attended({"C1": [(9, 10)], "C2": [(0, 0), (0, 0)], "C3": [(5, 10), (7, 10)]}))
    assert [(row.n, row.least) for row in alone.rows] == [(0, None), (0, None), (2, 0.6)]
    changes = ikut.compare_cohorts([changed(cohort="C1"), rose(3, cohort="C2"), rose(-3, 3, cohort="C3")])
    assert changes.p_range == pytest.approx((freeman_halton_test([[1, 0], [1, 1]]).p,) * 2)


@pytest.mark.parametrize("names", [("C1", "C2", "C3"), ("C3", "C1", "C2")])
def test_cohorts_are_never_sorted_by_value(names: tuple[str, ...]) -> None:
    for values in ((1, 3, 2), (3, 2, 1)):
        tables = [
            counted({c: (k, 4) for c, k in zip(names, values, strict=True)}),
            bounded({c: (k, k, 4) for c, k in zip(names, values, strict=True)}),
            attended({c: [(k, 5), (k + 1, 5)] for c, k in zip(names, values, strict=True)}),
            [rose(k, 2 * k, cohort=c) for c, k in zip(names, values, strict=True)],
        ]
        for subject in tables:
            assert tuple(ikut.compare_cohorts(subject).to_frame()["cohort_id"]) == names
            assert tuple(ikut.cohort_shrinkage(subject).to_frame()["cohort_id"]) == names


def test_too_many_unreached_are_refused() -> None:
    refused("too_many_unknown", ikut.compare_cohorts, bounded({f"C{n}": (0, 9, 9) for n in range(4)}))


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_compared_or_refused_by_name(synthetic: PilotData, name: str) -> None:
    table = MEASURES[name](synthetic)
    for compare in (ikut.compare_cohorts, ikut.cohort_shrinkage, ikut.tipping_point):
        try:
            said = repr(compare(table))
        except UsageError as refusal:
            said = refusal.message("en")
        assert said


def test_count_of_places_is_no_share_of_people() -> None:
    """More may start than were planned, and a cohort may have no planned places."""
    table = counted({"C1": (4, 5), "C2": (6, 5)}).assign(unit="count")
    refused("shares_needed", ikut.compare_cohorts, table)
    refused("shares_needed", ikut.cohort_shrinkage, table)
