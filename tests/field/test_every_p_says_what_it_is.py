"""Beside every p stand whether it was planned, how many were looked at and the smallest possible; beside every change, what the missing could do."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.analysis_plan import CHANGE_METHODS, SIDES, AnalysisPlan
from ikut_eval.contract.locale import LANGUAGES, once_in, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.internal.rights_awareness import internal_rights_awareness
from ikut_eval.data.pilot import PilotData
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.release.internal import build_internal
from ikut_eval.release.store import Bundle, read_bundle
from tests.analysis.conftest import rose

PLAN = AnalysisPlan(primary="who5", smallest_change=10)


@pytest.fixture(scope="module")
def pilot() -> PilotData:
    return ikut.read_pilot("synthetic")


@pytest.fixture(scope="module")
def bundles(pilot: PilotData, tmp_path_factory: pytest.TempPathFactory) -> Callable[[AnalysisPlan], Bundle]:
    @cache
    def built(plan: AnalysisPlan) -> Bundle:
        folder = tmp_path_factory.mktemp("bundle") / "internal"
        build_internal(pilot, folder, about={}, plan=plan)
        return read_bundle(folder, audience="internal")

    return built


def in_reports(pilot: PilotData, plan: AnalysisPlan, language: str) -> Iterator[Exhibit]:
    cohorts = [pilot.cohort(name) for name in pilot.cohort_ids]
    yield ikut.plot_mean_change([ikut.primary_change(each, plan) for each in [*cohorts, pilot]], plan=plan, language=language)
    yield ikut.plot_mean_change(ikut.primary_change(cohorts[-1], plan), plan=plan, language=language)
    yield ikut.plot_item_shift(ikut.item_shift(ikut.item_answers(pilot, "rights_awareness")), plan=plan, language=language)
    yield ikut.plot_comparison(ikut.compare_cohorts(ikut.outcome_bounds(pilot, "in_work", at="m6")), language=language)
    yield ikut.plot_comparison(ikut.compare_cohorts([ikut.primary_change(each, plan) for each in cohorts]), language=language)


def on_pages(bundle: Bundle, language: str) -> Iterator[Exhibit]:
    for section in internal_rights_awareness(bundle, language).sections:
        yield from section.panels.values()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_p_of_reports_and_pages(pilot: PilotData, bundles: Callable[[AnalysisPlan], Bundle], language: str) -> None:
    p, floor = tables.headings(language, "p", "p_floor")
    exploratory, seen = text("plan.exploratory", language), 0
    for exhibit in [*in_reports(pilot, PLAN, language), *on_pages(bundles(PLAN), language)]:
        if p not in exhibit.table and "p" not in exhibit.sentence.split():
            continue
        assert floor in exhibit.table
        seen += int((exhibit.table[p] != "–").sum())
        assert (exhibit.table[p] == "–").equals(exhibit.table[floor] == "–")
        beside = [cell.words for _, row in exhibit.spine.rows() for cell in row.cells] if exhibit.spine else []
        assert exploratory in "\n".join([exhibit.sentence, exhibit.caution, *beside])
    assert seen > 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_comparison_of_cohorts_says_so_too(pilot: PilotData, language: str) -> None:
    found = ikut.compare_cohorts(ikut.outcome_bounds(pilot, "in_work", at="m6"))
    said = ikut.plot_comparison(found, language=language).sentence
    assert text("plan.exploratory", language) in said
    assert text("plan.looked_at", language, n=1) in said
    assert once_in(found.p_floor or 1, language) in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_looked_at_are_those_to_choose_from(bundles: Callable[[AnalysisPlan], Bundle], pilot: PilotData, language: str) -> None:
    bundle = bundles(PLAN)
    tested = int(bundle.table("changes")["p"].notna().sum())
    assert tested > 10
    certainty = next(each for each in internal_rights_awareness(bundle, language).sections if each.name == "certainty")
    for exhibit in certainty.panels.values():
        assert text("plan.looked_at", language, n=tested) in exhibit.sentence
    assert text("plan.looked_at", language, n=5) in next(in_reports(pilot, PLAN, language)).sentence


@pytest.mark.parametrize(
    "plan", [PLAN, AnalysisPlan("rights_knowledge", smallest_change=2), AnalysisPlan("rights_awareness", method="sign", smallest_change=0.5)]
)
def test_primary_outcome_comes_first_and_is_planned_as_it_says(pilot: PilotData, bundles: Callable[[AnalysisPlan], Bundle], plan: AnalysisPlan) -> None:
    """Also where the plan counts another change than the questionnaire's own."""
    cohorts = [pilot.cohort(name) for name in pilot.cohort_ids]
    shown = ikut.plot_mean_change([ikut.primary_change(each, plan) for each in [*cohorts, pilot]], plan=plan, language="en")
    assert tables.instrument_name(plan.primary, "en") in shown.caption
    assert shown.table.iloc[:, -1].tolist() == [*[text("plan.exploratory", "en")] * len(cohorts), text("plan.planned", "en")]
    changes = bundles(plan).table("changes")
    assert changes["instrument"].iloc[0] == plan.primary
    assert changes.loc[changes["planned"].fillna(value=False), ["instrument", "cohort_id"]].to_numpy().tolist() == [[plan.primary, "all"]]
    whole = changes[(changes["instrument"] == plan.primary) & (changes["cohort_id"] == "all")].iloc[0]
    test = ikut.primary_change(pilot, plan).exact_test(plan.method)
    assert (whole["method"], whole["p"], whole["p_floor"]) == (plan.method, pytest.approx(test.p), pytest.approx(test.p_floor))


@pytest.mark.parametrize("method", CHANGE_METHODS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_says_what_the_report_says(pilot: PilotData, bundles: Callable[[AnalysisPlan], Bundle], method: str, language: str) -> None:
    plan = AnalysisPlan("rights_awareness", method=method, smallest_change=0.25)
    report = ikut.plot_mean_change([ikut.primary_change(each, plan) for each in [*map(pilot.cohort, pilot.cohort_ids), pilot]], plan=plan, language=language)
    certainty = next(each for each in internal_rights_awareness(bundles(plan), language).sections if each.name == "certainty")
    page, (instrument, words) = certainty.panels[()], tables.headings(language, "instrument", "in_words")
    told = page.table[page.table[instrument] == tables.instrument_name("rights_awareness", language)].reset_index(drop=True)
    pd.testing.assert_frame_equal(told.drop(columns=[instrument, words]), report.table)
    *of_cohorts, of_all, floor = [line for _, line in report.lines[:6]]
    assert told[words].tolist() == [*of_cohorts, f"{of_all} {floor}"]
    assert page.spine is not None
    cells = page.spine.groups[0].rows[0].cells
    assert all(label in cell.words for cell, label in zip(cells, report.table.iloc[:, -1], strict=True))


def brute(steps: list[int], lost: int, each: Fraction, plan: AnalysisPlan) -> tuple[float, float]:
    """Return mean and p if everybody lost had changed by `each`, by the plan's test on the completed data."""
    change = rose(*steps)
    pairs = (*change.pairs, *((Fraction(0), each),) * lost)
    test = replace(change, pairs=tuple(pairs), n_missing=0).exact_test(plan.method)
    return float(sum(b - a for a, b in pairs)) / len(pairs), plan.p(test)


@pytest.mark.parametrize("method", CHANGE_METHODS)
@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("steps", [[3, 4, 5, 6, 7, 8], [-3, -4, -5, -6, -7, -8], [3, -2, 5, 6, 7, 8, 2]], ids=["rise", "fall", "mixed"])
def test_tipping_is_by_the_planned_test(method: str, sides: str, steps: list[int]) -> None:
    plan = AnalysisPlan("rights_awareness", method=method, sides=sides)
    change = rose(*steps, lost=2)
    found = change.tipping_point(plan)
    falls = sides == "less" or (sides == "two" and sum(steps) < 0)
    assert found.falls == falls
    shown = []
    for step, mean, p in zip(found.changes, found.means, found.p, strict=True):
        by_hand = brute(steps, 2, Fraction(step), plan)
        assert (mean, p) == (pytest.approx(by_hand[0]), pytest.approx(by_hand[1]))
        if (mean < 0 if falls else mean > 0) and p <= plan.alpha:
            shown.append(step)
    assert found.smallest_still == ((max(shown) if falls else min(shown)) if shown else None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_change_with_people_missing_says_what_they_could_do(language: str) -> None:
    plan = AnalysisPlan("rights_awareness")
    for change in (rose(3, 4, 5, 6, 7, 8, lost=1), rose(-3, -4, -5, -6, -7, -8, lost=1), rose(1, 2, lost=3)):
        said = ikut.plot_mean_change(change, plan=plan, language=language).lines[0][1]
        assert change.tipping_point(plan).sentence(language) in said
    assert "  " not in ikut.plot_mean_change(rose(3, 4, lost=0), plan=plan, language=language).sentence


def test_every_instrument_has_steps_of_change() -> None:
    for instrument in load_contract().instruments.values():
        if instrument.method != "none":
            found = replace(rose(1, 2, 3, lost=1), instrument=instrument.id).tipping_point(AnalysisPlan(instrument.id))
            assert found.changes[0] == -found.changes[-1] < 0
