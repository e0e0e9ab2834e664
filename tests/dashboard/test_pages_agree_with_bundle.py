"""Facts, sentences, tables and marks of the internal pages are the bundle's figures, counted again here."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.dashboard.page import PAGES, Page
from ikut_eval.data.pilot import PilotData
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.spine import ShareBand
from ikut_eval.release.store import Bundle
from tests.dashboard.shown import (
    EVERY_PAGE,
    LANGUAGES,
    Dashboards,
    counted_words,
    first_of_each_cohort,
    internal_bundle,
    made,
    numbers,
    people,
    rows_of,
    section_of,
)
from tests.release.released import CLOSINGS, as_it_was

WAVES = ("exit", "m3", "m6", "m12")
MISSING = re.compile(r"\b(nan|NaN|NaT|None|null|undefined|inf)\b|<NA>|&lt;NA&gt;|[{}]")


def test_certainty_is_told_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    changes = bundle.table("changes")
    table = section_of(dashboards.page("internal", "rights_awareness", language), "certainty").panels[()].table
    for cells, (_, row) in zip(table.to_numpy(), changes.iterrows(), strict=True):
        assert cells[0] == tables.instrument_name(row["instrument"], language)
        shown = [numbers(cell) for cell in cells[4:7]]
        if pd.isna(row["mean"]):
            assert shown == [[], [], []]
        else:
            told = [row["mean"], *([] if pd.isna(row["lower"]) else [row["lower"], row["upper"], 100 * (1 - row["alpha"])])]
            assert [n for cell in shown for n in cell] == pytest.approx(told, abs=0.0051)


@pytest.mark.parametrize(("wave", "month"), list(zip(WAVES, ("1", "3", "6", "12"), strict=True)))
def test_cohorts_stand_side_by_side_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str, wave: str, month: str) -> None:
    """Every cell of the first table, and as many marks of each kind as people."""
    page = dashboards.page("internal", "overview", language)
    cohorts = [*bundle.table("cohorts")["cohort_id"], "all"]
    spine = section_of(page, "cohorts").panels[(wave,)].spine
    assert spine is not None
    assert [column.name for column in spine.columns[:-1]] == cohorts[:-1]
    (during, rights, after) = (group.rows for group in spine.groups)
    started = rows_of(bundle, "participants").set_index("cohort_id")
    ended = rows_of(bundle, "completion").set_index(["cohort_id", "group"])["numerator"]
    came = rows_of(bundle, "attendance_rate", by="cohort").set_index("cohort_id")
    for n, cohort in enumerate(cohorts):
        part, marks = during[0].cells[n], dict(during[0].cells[n].marks)
        assert numbers(part.figure) == [started.loc[cohort, "numerator"], started.loc[cohort, "denominator"]]
        left = sum(ended.get((cohort, kind), 0) for kind in ("early_positive", "early_other"))
        assert (marks["yes"], marks.get("left", 0)) == (started.loc[cohort, "numerator"] - left, left)
        share = during[1].cells[n]
        told = came.loc[cohorts[:-1] if cohort == "all" else [cohort], ["numerator", "denominator"]].sum()
        assert numbers(share.figure) == told.tolist()
        assert isinstance(share.drawn, ShareBand)
        assert share.drawn.share == pytest.approx(told["numerator"] / told["denominator"])
        if cohort != "all":
            assert share.drawn[::2] == pytest.approx((max(0, came.loc[cohort, "lower"]), min(1, came.loc[cohort, "upper"])))
        for row, instrument in zip(rights, ("rights_awareness", "rights_knowledge"), strict=True):
            change = bundle.table("changes").loc[lambda c, i=instrument, o=cohort: (c["instrument"] == i) & (c["cohort_id"] == o)].iloc[0]
            assert numbers(row.cells[n].figure) == ([change["improved"], change["n_paired"]] if change["n_paired"] else [])
            kinds = {"improved": change["improved"], "same": change["same"], "worse": change["worse"], "unknown": change["n_missing"]}
            assert {k: v for k, v in row.cells[n].marks if k != "not_yet"} == {k: v for k, v in kinds.items() if v}
        shown = {"reached": ("follow_up_reach", {"wave": wave}), "support": ("support_continuing", {"group": month})}
        for row, (measure, where) in zip((after[0], after[-1]), shown.values(), strict=True):
            own = rows_of(bundle, measure, **where).set_index("cohort_id").loc[cohort]
            kinds = people(own, missing_counted=measure == "follow_up_reach")
            assert numbers(row.cells[n].figure) == ([kinds["yes"], kinds.total()] if kinds.total() else [])
        for row, outcome in zip(after[1:4], ("in_work", "fair_work", "in_study"), strict=True):
            kinds = people(rows_of(bundle, "outcome_bounds", wave=wave, group=outcome).set_index("cohort_id").loc[cohort])
            assert numbers(row.cells[n].figure) == (counted_words(kinds) if kinds.total() else [])
            assert {k: v for k, v in row.cells[n].marks if k != "not_yet"} == {k: v for k, v in kinds.items() if v}


def test_needs_wishes_and_handovers_are_counted_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "overview", language)
    for name, rows in (
        ("needs", rows_of(bundle, "needs_met", cohort_id="all")),
        ("wanted", rows_of(bundle, "preferred_support_first", cohort_id="all", wave="start")),
        ("handed", rows_of(bundle, "handed_over", cohort_id="all")),
    ):
        spine = section_of(page, name).panels[()].spine
        assert spine is not None
        cells = [row.cells[0] for _, row in spine.rows()]
        assert [numbers(cell.figure) for cell in cells] == rows[["numerator", "denominator"]].to_numpy().tolist()
        expected = [[row.numerator, row.denominator - row.numerator, row.n_missing] if name == "needs" else [row.numerator] for row in rows.itertuples()]
        assert [[n for _, n in cell.marks] for cell in cells] == [[n for n in row if n] for row in expected]


def test_finding_is_of_all_cohorts(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "overview", language)
    change = bundle.table("changes").loc[lambda c: (c["instrument"] == "rights_awareness") & (c["cohort_id"] == "all")].iloc[0]
    work = people(rows_of(bundle, "outcome_bounds", wave="m6", group="in_work", cohort_id="all").iloc[0])
    assert numbers(page.finding.replace("–", " ")) == [change["improved"], change["n_paired"], *counted_words(work)]
    assert len(page.finding.split()) <= 20
    assert page.finding in dashboards.parsed("internal", "overview", language).h1.get_text()


def whole(page: Page) -> Iterator[str]:
    """Say what is wrong with a page's parts."""
    choices = {control.name: control.values for control in page.controls}
    for section in page.sections:
        known = [choices.get(name) or tuple(dict.fromkeys(key[n] for key in section.panels)) for n, name in enumerate(section.by)]
        possible = set(product(*known))
        if not set(section.panels) <= possible:
            yield f"{section.name}: panels that nobody can choose: {set(section.panels) - possible}"
        if len(set(section.by)) != len(section.by):
            yield f"{section.name}: chosen by {section.by}"
        for key, panel in section.panels.items():
            yield from _whole_panel(f"{section.name} {key}", panel)


def _whole_panel(place: str, panel: Exhibit) -> Iterator[str]:
    if not all(words.strip() for words in (*(words for _, words in panel.lines), panel.caption, panel.caution)):
        yield f"{place}: words are missing"
    if not all(cell.strip() for row in panel.cells for cell in row):
        yield f"{place}: an empty cell"
    if panel.drawing:
        yield f"{place}: a figure that needs plotly"


@pytest.mark.parametrize(("audience", "name"), EVERY_PAGE)
def test_pages_are_whole(dashboards: Dashboards, audience: str, name: str) -> None:
    for language in LANGUAGES:
        assert list(whole(dashboards.page(audience, name, language))) == []


def visible(document: str) -> str:
    return re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", document, flags=re.S)


FEW: dict[str, Callable[[PilotData], PilotData]] = {
    "nobody in any cohort": lambda pilot: first_of_each_cohort(pilot, 0),
    "one in each cohort": lambda pilot: first_of_each_cohort(pilot, 1),
    "two in each cohort": lambda pilot: first_of_each_cohort(pilot, 2),
    "before the second exit": lambda pilot: as_it_was(pilot, CLOSINGS["after cohort 1"]),
    "a pilot of two": lambda _: ikut.read_pilot("synthetic:tiny"),
    "a pilot of nobody": lambda _: ikut.read_pilot("synthetic:empty"),
}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Bundle]:
    """Return a function that gives the bundle of a case, each made once."""
    pilot = ikut.read_pilot("synthetic")
    return cache(lambda case: internal_bundle(FEW[case](pilot), tmp_path_factory.mktemp("few") / "internal"))


@pytest.mark.parametrize("case", FEW)
def test_few_people_and_nobody_have_whole_pages(few: Callable[[str], Bundle], case: str) -> None:
    for name in PAGES:
        page = made(few(case), name, "fi")
        assert list(whole(page)) == []
        assert not MISSING.search(visible(page.document))
