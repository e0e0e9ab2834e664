"""Every cell of the page about the follow-ups tells the bundle's figures, counted again here; and its marks as many people."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd

import ikut_eval as ikut
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.page import Page
from ikut_eval.present.spine import Spine, SpineRow
from ikut_eval.release.store import Bundle
from tests.dashboard.shown import Dashboards, counted_words, internal_bundle, made, numbers, people, rows_of, section_of
from tests.release.released import CLOSINGS, as_it_was

WAVES = ("exit", "m3", "m6", "m12")
ACTIVITIES = ("in_work", "in_work_trial", "in_study", "jobseeking", "other", "not_known")


def spine_of(page: Page, name: str, key: tuple[str, ...] = ()) -> Spine:
    spine = section_of(page, name).panels[key].spine
    assert spine is not None
    return spine


def check_cells(row: SpineRow, told: pd.DataFrame, *, missing_counted: bool = False) -> None:
    """See that the cells of a row tell these people, a cohort a cell: in a figure, in marks, and in words for who hears the page."""
    assert len(row.cells) == len(told)
    for cell, (_, own) in zip(row.cells, told.iterrows(), strict=True):
        kinds, waiting = people(own, missing_counted=missing_counted), 0 if pd.isna(own["n_not_yet"]) else int(own["n_not_yet"])
        if missing_counted:
            kinds = Counter(yes=kinds["yes"], no=kinds["no"] + kinds["unknown"])
        asked = kinds.total() > (0 if pd.isna(own["n_not_asked"]) else own["n_not_asked"])
        assert numbers(cell.figure.replace("–", " ")) == (counted_words(kinds) if asked else [])
        assert Counter(dict(cell.marks)) == +(kinds + Counter(not_yet=waiting))
        counted = [kinds["unknown"], waiting] if asked else []
        assert [n for part in (cell.more, cell.heard) for n in numbers(part)][-len(counted) :] == [n for n in counted if n] or not any(counted)


def check_situations(page: Page, bundle: Bundle) -> None:
    """See that all situations at all times, and those at one time, are counted as in the bundle."""
    outcomes = list(dict.fromkeys(rows_of(bundle, "outcome_bounds")["group"]))
    every = spine_of(page, "outcome", ("all",))
    assert [len(group.rows) for group in every.groups] == [len(WAVES)] * (1 + len(outcomes))
    for n, wave in enumerate(WAVES):
        (alone,) = spine_of(page, "outcome", (wave,)).groups
        rows = [group.rows[n] for group in every.groups]
        assert [row.first for row in rows] == [wave == "m6"] * len(rows)
        assert [row.cells for row in rows] == [row.cells for row in alone.rows]
        check_cells(rows[0], rows_of(bundle, "follow_up_reach", wave=wave), missing_counted=True)
        for row, outcome in zip(rows[1:], outcomes, strict=True):
            check_cells(row, rows_of(bundle, "outcome_bounds", wave=wave, group=outcome))


def test_situations_are_counted_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "outcomes", language)
    check_situations(page, bundle)
    work = [people(rows_of(bundle, "outcome_bounds", wave=wave, group="in_work", cohort_id="all").iloc[0]) for wave in ("exit", "m6")]
    heading = section_of(page, "outcome").heading
    assert numbers(heading.replace("–", " ")) == [n for kinds in work for n in counted_words(kinds)]


def test_finding_of_the_follow_ups_is_of_six_months(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    finding = dashboards.page("internal", "outcomes", language).finding
    work, service = (people(rows_of(bundle, "outcome_bounds", wave="m6", group=name, cohort_id="all").iloc[0]) for name in ("in_work", "next_service"))
    assert numbers(finding.replace("–", " ")) == [*counted_words(work), *counted_words(service)[:-1]]


def test_support_is_counted_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "outcomes", language)
    for (_, row), month in zip(spine_of(page, "support").rows(), ("1", "3", "6", "12"), strict=True):
        check_cells(row, rows_of(bundle, "support_continuing", group=month))
        assert row.first == (month == "6")


def working_at_the_end(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return the follow-ups with everybody who was reached at the end in paid work."""
    return outcome.assign(status=outcome["status"].mask((outcome["wave"] == "exit") & outcome["reached"].fillna(False).astype(bool), "work_open"))


def test_no_criteria_of_the_work_of_fewer_than_five_people(dashboards: Dashboards, bundle: Bundle, tmp_path: Path) -> None:
    """With five in work at a follow-up, the criteria stand there for all cohorts together."""
    page = dashboards.page("internal", "outcomes", "en")
    assert rows_of(bundle, "fair_work_criteria").eval("denominator + n_missing").max() < 5
    assert "fair_work" not in [section.name for section in page.sections]
    assert "criteria of fair work are not shown" in spine_of(page, "outcome", ("all",)).note
    pilot = ikut.read_pilot("synthetic")
    working = internal_bundle(replace(pilot, tables={**pilot.tables, "outcome": working_at_the_end(pilot["outcome"])}), tmp_path / "internal")
    page = made(working, "outcomes", "en")
    spine = spine_of(page, "fair_work")
    rows = rows_of(working, "fair_work_criteria", wave="exit", cohort_id="all")
    assert len(spine.columns) == 1
    assert [len(group.rows) for group in spine.groups] == [len(rows)]
    for (_, row), (_, own) in zip(spine.rows(), rows.iterrows(), strict=True):
        yes, unknown, no = int(own["numerator"]), int(own["n_missing"]), int(own["denominator"] - own["numerator"])
        assert dict(row.cells[0].marks) == +Counter(yes=yes, unknown=unknown, no=no)
        assert numbers(row.cells[0].figure.replace("–", " ")) == counted_words(Counter(yes=yes, unknown=unknown, no=no))
    assert "criteria of fair work" not in spine_of(page, "outcome", ("all",)).note


def moves_of(bundle: Bundle, wave: str) -> Counter[tuple[str, str]]:
    """Return how many of those who are due went from one main activity to another."""
    table = bundle.table("transitions").loc[lambda t: (t["end"] == wave) & (t["after"] != "not_yet")]
    return Counter({(str(a), str(b)): int(n) for (a, b), n in table.groupby(["before", "after"])["people"].sum().items()})


def test_moves_count_everybody_who_is_due_once(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    """From row to column, for each follow-up of which five are due: the same outlined, the unknown never as a change."""
    page = dashboards.page("internal", "outcomes", language)
    spine = spine_of(page, "moves")
    shown = [wave for wave in WAVES[1:] if moves_of(bundle, wave).total() >= 5]
    assert shown == ["m3", "m6"]
    for group, wave in zip(spine.groups, shown, strict=True):
        moves = moves_of(bundle, wave)
        assert moves.total() in numbers(group.title)
        before = [each for each in ACTIVITIES if any(moves[each, after] for after in ACTIVITIES)]
        for row, own in zip(group.rows, before, strict=True):
            assert numbers(row.detail) == [sum(moves[own, after] for after in ACTIVITIES)]
            for cell, after in zip(row.cells, ACTIVITIES, strict=True):
                kind = "unknown" if "not_known" in (own, after) else "same" if own == after else "yes"
                assert (numbers(cell.figure), dict(cell.marks)) == ([moves[own, after]], +Counter({kind: moves[own, after]}))
                assert cell.outlined == (kind == "same")
    moves = moves_of(bundle, "m6")
    same, unknown = sum(moves[each, each] for each in ACTIVITIES[:-1]), sum(n for pair, n in moves.items() if "not_known" in pair)
    told = numbers(section_of(page, "moves").heading)
    assert sorted(told) == sorted([moves.total(), same, moves.total() - same - unknown, unknown])


def test_needs_stand_beside_the_hours_given_for_them(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    """All twelve, in the order of the form; those without a type of session have no hours."""
    page, contract = dashboards.page("internal", "outcomes", language), load_contract()
    rows, needs = [row for _, row in spine_of(page, "given").rows()], contract.code_lists["need_domain"]
    assert [row.name for row in rows] == [needs.label(code, language) for code in needs.codes]
    hours = rows_of(bundle, "delivered_hours", by="session_type").groupby(["cohort_id", "group"])["numerator"].sum()
    cohorts = [*bundle.table("cohorts")["cohort_id"], "all"]
    with_hours = 0
    for row, need in zip(rows, needs.codes, strict=True):
        check_cells(row, rows_of(bundle, "need_level", wave="start", group=need))
        types = {"career": ("career", "identity"), "wellbeing": ("psychologist",)}.get(need, (need,))
        expected = [round(sum(hours.get((cohort, each), 0) for each in types), 2) for cohort in cohorts]
        assert [n for cell in row.cells for n in numbers(cell.more)] == [n for n in expected if n]
        level = rows_of(bundle, "need_level", wave="start", group=need).set_index("cohort_id")["numerator"]
        with_hours += sum(int(level[cohort]) for cohort, given in zip(cohorts[:-1], expected, strict=False) if given)
    total = rows_of(bundle, "need_level", wave="start", cohort_id="all")["numerator"].sum()
    assert numbers(section_of(page, "given").heading) == [with_hours, total]


def test_first_cohort_alone_is_counted_as_in_the_bundle(tmp_path: Path) -> None:
    """After the first cohort's end: nothing else is due, and too few people are for a figure of moves."""
    bundle = internal_bundle(as_it_was(ikut.read_pilot("synthetic"), CLOSINGS["after cohort 1"]), tmp_path / "internal")
    page = made(bundle, "outcomes", "sv")
    check_situations(page, bundle)
    ended = [people(rows_of(bundle, "outcome_bounds", wave="exit", group=name, cohort_id="all").iloc[0]) for name in ("in_work", "next_service")]
    assert numbers(page.finding.replace("–", " ")) == [*counted_words(ended[0]), *counted_words(ended[1])[:-1]]
    (moves,) = section_of(page, "moves").panels.values()
    assert (moves.spine, moves.drawing, len(moves.lines)) == (None, None, 1)
    assert [numbers(" ".join(row[1:])) for row in moves.cells] == [[moves_of(bundle, wave).total(), 4 - moves_of(bundle, wave).total()] for wave in WAVES[1:]]
