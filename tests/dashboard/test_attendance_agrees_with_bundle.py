"""Cells, marks, headings and tables of the internal page of attendance are the bundle's figures, counted again here."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.locale import text
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.internal.attendance import RATES
from ikut_eval.dashboard.page import Page
from ikut_eval.present.spine import Bands, Bar, Hours, Kinds, Spine, Squares, Weeks
from ikut_eval.present.tables import measure_title
from ikut_eval.release.store import Bundle
from tests.dashboard.shown import Dashboards, internal_bundle, made, numbers, rows_of, section_of


def by_cohort(bundle: Bundle, measure: str, **where: str | int) -> pd.DataFrame:
    return rows_of(bundle, measure, **where).set_index("cohort_id")


def by_week(bundle: Bundle, measure: str, cohort: str, **where: str | int) -> pd.DataFrame:
    rows = rows_of(bundle, measure, by="week", cohort_id=cohort, **where)
    return rows.sort_values("group", key=lambda g: g.astype(int))


def spine_of(page: Page, name: str) -> Spine:
    spine = section_of(page, name).panels[()].spine
    assert spine is not None
    return spine


def test_attendance_is_told_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    """Count, share and interval of each cohort, its line and dashed line week by week; of all cohorts the same intervals side by side."""
    spine = spine_of(dashboards.page("internal", "attendance", language), "viability")
    cohorts = [*bundle.table("cohorts")["cohort_id"], "all"]
    came = by_cohort(bundle, "attendance_rate", by="cohort")
    cells = spine.groups[0].rows[0].cells
    assert [column.name for column in spine.columns[:-1]] == cohorts[:-1]
    for cohort, cell in zip(cohorts, cells, strict=True):
        row = came.loc[cohort]
        assert numbers(cell.figure) == [row["numerator"], row["denominator"]]
        assert numbers(cell.more) == pytest.approx([100 * row["value"]], abs=0.51)
        if cohort != "all":
            assert isinstance(cell.drawn, Weeks)
            shares = [by_week(bundle, rate, cohort)["value"].tolist() for rate in ("attendance_rate", "attendance_rate_b")]
            assert list(cell.drawn.shares) == pytest.approx(shares[0])
            assert list(cell.drawn.beside) == pytest.approx(shares[1])
            assert numbers(cell.heard) == pytest.approx([100 * n for n in (row["lower"], row["upper"], *shares[0], *shares[1])], abs=0.51)
    whole = cells[-1].drawn
    assert isinstance(whole, Bands)
    assert [name for name, _, _ in whole.each] == cohorts[:-1]
    assert [n for _, band, _ in whole.each for n in band] == pytest.approx(came.loc[cohorts[:-1], ["lower", "value", "upper"]].to_numpy().ravel().tolist())
    assert [numbers(words)[0] for _, _, words in whole.each] == pytest.approx([100 * came.loc[c, "value"] for c in cohorts[:-1]], abs=0.51)


def kinds_of(two: pd.Series, three: pd.Series) -> Counter[str]:
    k = int(two["numerator"])
    return Counter(three=int(three["numerator"]), two=k - int(three["numerator"]), fewer=int(two["denominator"]) - k, undecided=int(two["n_missing"]))


def test_each_group_session_is_a_square_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    spine = spine_of(dashboards.page("internal", "attendance", language), "viability")
    cohorts = [*bundle.table("cohorts")["cohort_id"], "all"]
    two, three = (by_cohort(bundle, "group_viability", by="cohort", threshold=n) for n in (2, 3))
    document = dashboards.parsed("internal", "attendance", language)
    drawn = document.select("#viability svg.squares")
    for n, (cohort, cell) in enumerate(zip(cohorts, spine.groups[0].rows[1].cells, strict=True)):
        kinds = kinds_of(two.loc[cohort], three.loc[cohort])
        assert numbers(cell.figure) == two.loc[cohort, ["numerator", "denominator"]].tolist()
        assert numbers(cell.heard) == [n for n in kinds.values() if n]
        if cohort == "all":
            assert isinstance(cell.drawn, Kinds)
            assert {kind: k for kind, k, _ in cell.drawn.each} == {kind: k for kind, k in kinds.items() if k}
            continue
        weeks = [by_week(bundle, "group_viability", cohort, threshold=people) for people in (2, 3)]
        expected = [+kinds_of(*each) for each in zip(*([row for _, row in week.iterrows()] for week in weeks), strict=True)]
        assert isinstance(cell.drawn, Squares)
        assert [Counter(week) for week in cell.drawn.weeks] == expected
        assert Counter(use["href"].removeprefix("#mark-") for use in drawn[n].select("use")) == +kinds


def test_notice_lateness_and_guidance_are_told_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    section = section_of(dashboards.page("internal", "attendance", language), "notice")
    spine = spine_of(dashboards.page("internal", "attendance", language), "notice")
    guided = by_cohort(bundle, "attendance_rate", by="session_type", group="individual_guidance")
    guided.loc["all", ["numerator", "denominator"]] = guided[["numerator", "denominator"]].sum()
    for row, counts in zip(
        spine.groups[0].rows, (by_cohort(bundle, "notification_rate", by="cohort"), by_cohort(bundle, "late_share", by="cohort"), guided), strict=True
    ):
        expected = [[k, n] for k, n in counts[["numerator", "denominator"]].to_numpy().tolist()]
        assert [numbers(cell.figure) for cell in row.cells] == expected
        assert [cell.drawn for cell in row.cells] == [Bar(pytest.approx(k / n)) for k, n in expected]
    minutes = rows_of(bundle, "minutes_late")[["value", "minimum", "maximum"]].to_numpy().ravel().tolist()
    assert numbers(section.panels[()].caution.replace("–", " "))[-len(minutes) :] == minutes


def test_hours_held_and_planned_stand_on_one_scale_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    spine = spine_of(dashboards.page("internal", "attendance", language), "hours")
    *types, together = spine.groups
    rows = [row for group in types for row in group.rows]
    table = rows_of(bundle, "delivered_hours", by="session_type")
    labels = load_contract().code_lists["session_type"]
    code = {labels.label(each, language): each for each in labels.codes}
    assert {code[row.name] for row in rows} == set(table["group"])
    assert [[code[row.name] for row in group.rows] for group in types] == [
        [each for each in labels.codes_with("mode", mode) if each in set(table["group"])] for mode in ("individual", "group")
    ]
    for row in rows:
        for cell, (_, hours) in zip(row.cells, table[table["group"] == code[row.name]].iterrows(), strict=True):
            assert numbers(cell.figure) == [hours["numerator"]]
            assert numbers(cell.more or cell.heard) == [hours["denominator"]]
            if hours["cohort_id"] != "all":
                assert cell.drawn == Hours(pytest.approx(hours["numerator"] / 60), pytest.approx(hours["denominator"] / 60))
    whole = rows_of(bundle, "delivered_hours", by="cohort")
    all_hours, weight, weeks, cancelled = together.rows
    assert [numbers(cell.words) for cell in all_hours.cells] == whole[["numerator", "denominator"]].to_numpy().tolist()
    assert [numbers(cell.figure) for cell in cancelled.cells] == [[n] for n in whole["n_missing"]]
    for group, each in (("held", "figure"), ("planned", "more")):
        shares = rows_of(bundle, "everyday_wellbeing_share", group=group)
        expected = [*shares["value"], shares["numerator"].sum() / shares["denominator"].sum()]
        assert [numbers(getattr(cell, each))[0] for cell in weight.cells] == pytest.approx([100 * share for share in expected], abs=0.51)
    weekly = rows_of(bundle, "weekly_group_hours")
    for cell, (_, own) in zip(weeks.cells, [*weekly.groupby("cohort_id"), ("all", weekly)], strict=True):
        assert numbers(cell.figure) == [(own["numerator"] >= own["denominator"]).sum(), len(own)]
        assert numbers(cell.more.replace("–", " ")) == [own["numerator"].min(), own["numerator"].max()]


def test_tables_of_attendance_hold_every_week(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    """Counts of every week, with and without excused absences, and how many came; people's range and gaps of the register; hours of every week."""
    page = dashboards.page("internal", "attendance", language)
    cohorts = [*bundle.table("cohorts")["cohort_id"], "all"]
    came, hours = (section_of(page, name).panels[()].table for name in ("viability", "hours"))
    titled = {title: [row for row in came.to_numpy() if row[0].startswith(f"{title}: ")] for title in (measure_title(rate, language) for rate in RATES)}
    for rate, rows in zip(RATES, titled.values(), strict=True):
        whole = by_cohort(bundle, rate, by="cohort").loc[cohorts[:-1]]
        people = [sorted({100 * low for low in ends}) for ends in (whole[["minimum", "maximum"]] / 100).to_numpy().tolist()]
        assert [sorted(set(numbers(cell))) for cell in rows[1][1:-1]] == people
        assert [numbers(cell) for cell in rows[2][1:-1]] == [[n] for n in whole["n_missing"]]
        weeks = [by_week(bundle, rate, cohort)[["numerator", "denominator"]].to_numpy().tolist() for cohort in cohorts[:-1]]
        weeks.append([[sum(n) for n in zip(*week, strict=True)] for week in zip(*weeks, strict=True)])
        assert [[numbers(cell) for cell in row[1:]] for row in rows[3:]] == [list(week) for week in zip(*weeks, strict=True)]
    for people in (2, 3):
        title = f"{measure_title('group_viability', language)} ({text('figure.at_least', language, people=people)})"
        shown = [[numbers(cell) for cell in row[1:-1]] for row in came.to_numpy() if row[0].startswith(f"{title}: ")]
        whole = by_cohort(bundle, "group_viability", by="cohort", threshold=people).loc[cohorts[:-1]]
        assert [cell[:2] for cell in shown[0]] == whole[["numerator", "denominator"]].to_numpy().tolist()
        assert shown[1] == [[n] for n in whole["n_missing"]]
        weeks = [by_week(bundle, "group_viability", cohort, threshold=people)[["numerator", "denominator"]].to_numpy().tolist() for cohort in cohorts[:-1]]
        assert shown[2:] == [list(week) for week in zip(*weeks, strict=True)]
    title = measure_title("weekly_group_hours", language)
    shown = [[numbers(cell) for cell in row[1:-1]] for row in hours.to_numpy() if row[0].startswith(f"{title}: ")]
    weekly = [[[n] for n in own["numerator"]] for _, own in rows_of(bundle, "weekly_group_hours").groupby("cohort_id")]
    assert shown == [list(week) for week in zip(*weekly, strict=True)]


def test_headings_of_attendance_are_counts_of_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    """What changed is told before and after the content changed: after the first cohort."""
    page = dashboards.page("internal", "attendance", language)
    first, *later = bundle.table("cohorts")["cohort_id"]
    two, came = (by_cohort(bundle, measure, by="cohort", **of) for measure, of in (("group_viability", {"threshold": 2}), ("attendance_rate", {})))
    assert numbers(page.finding) == [*came.loc["all", ["numerator", "denominator"]], *two.loc["all", ["numerator", "denominator"]]]
    few = two["denominator"] - two["numerator"]
    told = [few[first], two.loc[first, "denominator"], few[later].sum(), two.loc[later, "denominator"].sum()]
    assert numbers(section_of(page, "viability").heading.replace(first, "")) == told
    told = [
        by_cohort(bundle, measure, by="cohort").loc["all", name] for measure in ("notification_rate", "late_share") for name in ("numerator", "denominator")
    ]
    assert numbers(section_of(page, "notice").heading) == told
    everyday = by_cohort(bundle, "delivered_hours", by="session_type", group="everyday")["numerator"]
    told = [everyday[first], everyday[later].min(), everyday[later].max()]
    assert numbers(section_of(page, "hours").heading.replace(first, "").replace("–", " ")) == told
    assert all(len(words.replace("\u00a0", "").replace(" / ", "/").split()) <= 15 for words in (page.finding, *(section.heading for section in page.sections)))


def test_weight_of_everyday_life_stands_over_the_columns(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    shares = by_cohort(bundle, "everyday_wellbeing_share", group="held")["value"]
    first, *later = bundle.table("cohorts")["cohort_id"]
    for name, section in (("overview", "cohorts"), ("attendance", "viability")):
        panels = section_of(dashboards.page("internal", name, language), section).panels
        spine = next(iter(panels.values())).spine
        assert spine is not None
        (one, n, changed), (other, m, later_changed) = spine.overs
        assert (n, changed, m, later_changed) == (1, False, len(later), True)
        assert numbers(one) == pytest.approx([100 * shares[first]], abs=0.51)
        assert numbers(other.replace("–", " ").replace(first, "")) == pytest.approx([100 * shares[later].min(), 100 * shares[later].max()], abs=0.51)


def test_session_without_a_week_is_counted_and_said_to_be_in_no_drawing(tmp_path: Path) -> None:
    pilot = ikut.read_pilot("synthetic")
    session = pilot["session"]
    first = session.index[(session["cohort_id"] == "C2") & (session["mode"] == "group") & (session["status"] == "held")][0]
    tables = {**pilot.tables, "session": session.assign(week=session["week"].mask(session.index == first))}
    page = made(internal_bundle(replace(pilot, tables=tables), tmp_path / "internal"), "attendance", "en")
    panel = section_of(page, "viability").panels[()]
    cell = spine_of(page, "viability").groups[0].rows[1].cells[1]
    assert isinstance(cell.drawn, Squares)
    assert numbers(cell.figure)[1] == sum(map(len, cell.drawn.weeks)) + 1
    assert "C2: 1" in panel.caution.split("week")[-1]
    rows = panel.table.set_index(panel.table.columns[0])
    assert numbers(rows.loc[f"{measure_title('attendance_rate', 'en')}: Week not entered", "C2"])[1] > 0
