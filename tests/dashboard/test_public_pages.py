"""What the public pages tell is what the release displays: nothing more, in three languages, in every state."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikut_eval.contract.locale import LANGUAGES, day, percent, text
from ikut_eval.dashboard import pages
from ikut_eval.dashboard.page import PAGES, Page
from ikut_eval.data.pilot import PilotData
from ikut_eval.disclosure.coded_figures import code_family, figure_text, reason_text
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.present.releases import coded_figures
from ikut_eval.present.spine import Cell
from ikut_eval.release.draft import figures_table
from ikut_eval.release.package import StoredTable, from_csv, to_csv
from ikut_eval.release.publication import release_to_review
from ikut_eval.release.store import Bundle, read_bundle
from tests.measures.conftest import synthetic
from tests.release.released import CLOSINGS, as_it_was, released, workspace

__all__ = ["synthetic"]

POLICY = load_policy()
OF_PEOPLE = [indicator.id for family in POLICY.families for indicator in family.indicators if family.view != "delivery"]
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
UNWRITTEN = re.compile(r"\{|\}|\bnan\b|\bNaN\b|\bNone\b|\bNaT\b|\b(?:dash|published|family|rule|indicator)\.\w|[a-z]_[a-z]")
VICTIM = re.compile(r"victim|uhri|\boffer", re.IGNORECASE)


def with_figures(bundle: Bundle, figures: pd.DataFrame) -> Bundle:
    """Return a bundle that holds other figures, as they would be read."""
    schema = bundle.schemas["figures"]
    columns = dict(bundle.columns) | {"figures": from_csv(schema, to_csv(StoredTable(schema, figures)))}
    return replace(bundle, columns=MappingProxyType(columns))


def in_state(bundle: Bundle, indicators: list[str], status: str) -> Bundle:
    """Return a bundle in which some indicators are in a state that shows nothing."""
    figures = bundle.table("figures")
    away = figures["indicator"].str.partition(".")[0].isin(indicators)
    figures.loc[away, ["lo", "hi"]] = None
    figures.loc[away, "display"], figures.loc[away, "status"], figures.loc[away, "reason"] = "", status, f"published.reason.{status}"
    return with_figures(bundle, figures)


def without(bundle: Bundle, indicators: list[str]) -> Bundle:
    figures = bundle.table("figures")
    return with_figures(bundle, figures[~figures["indicator"].str.partition(".")[0].isin(indicators)])


@pytest.fixture(scope="module")
def whole() -> Bundle:
    found = release_to_review("")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def first(synthetic: PilotData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public bundle after the first training."""
    space = workspace(tmp_path_factory.mktemp("first") / "space")
    standing = released(space, as_it_was(synthetic, CLOSINGS["after cohort 1"]))
    return space.public_bundles / standing.id


STATES: dict[str, Callable[[Bundle, Path], Bundle]] = {
    "after the last training": lambda whole, _: whole,
    "after the first training": lambda _, first: read_bundle(first, audience="public"),
    "withdrawn": lambda whole, _: in_state(whole, ["completed", "in_work", "hours_by_component"], "withdrawn"),
    "too few people": lambda whole, _: in_state(whole, OF_PEOPLE, "too_few_people"),
    "everything withdrawn": lambda whole, _: in_state(whole, [*OF_PEOPLE, "group_hours_a_week", "hours_by_component"], "withdrawn"),
    "not in the policy": lambda whole, _: without(whole, ["completed", "in_work", "support_at_six_months", "hours_by_component", "group_hours_a_week"]),
    "nothing at all": lambda whole, _: with_figures(whole, whole.table("figures").head(0)),
}


@pytest.fixture(scope="module", params=STATES)
def bundle(request: pytest.FixtureRequest, whole: Bundle, first: Path) -> Bundle:
    return STATES[request.param](whole, first)


MADE: dict[tuple[int, str, str], tuple[Bundle, Page]] = {}
"""Pages that were made, with the bundles that they are of."""


def page_of(bundle: Bundle, name: str, language: str) -> Page:
    key = (id(bundle), name, language)
    if key not in MADE:
        MADE[key] = bundle, pages.page_of(bundle, name, language=language)
    return MADE[key][1]


def seen(document: str) -> str:
    """Return what is to be read on a page, and what a screen reader says."""
    spoken = " ".join(re.findall(r'aria-label="([^"]*)"', document))
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", document, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", bare) + " " + spoken)


def cells_of(page: Page) -> Iterator[tuple[str, Cell]]:
    """Give every cell of the groups side by side with its section."""
    for section in page.sections:
        for panel in section.panels.values():
            for _, row in panel.spine.rows() if panel.spine else ():
                yield from ((section.name, cell) for cell in row.cells)


def figures_of(page: Page) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return every figure of a page with its section and its view."""
    for section in page.sections:
        for panel in section.panels.values():
            for view, drawn in panel.drawings.items():
                yield section.name, view, {"data": drawn.data, "layout": drawn.layout}


def marks(figure: dict[str, Any]) -> set[float]:
    """Return every number at which a mark stands."""
    return {float(v) for trace in figure["data"] for v in trace["x"] if v is not None}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_in_every_state(bundle: Bundle, name: str, language: str) -> None:
    page = page_of(bundle, name, language)
    words = seen(page.document)
    assert not UNWRITTEN.search(words)
    assert not VICTIM.search(words)
    for section in page.sections:
        for panel in section.panels.values():
            assert all(words.strip() for words in (panel.sentence, panel.caption, panel.caution))
            assert len(panel.table)
    drawn = json.dumps([figure for _, _, figure in figures_of(page)], ensure_ascii=False, allow_nan=False)
    assert not re.search(r"\b(?:dash|published)\.\w|\bnan\b", drawn)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_figure_stands_in_a_table_as_the_release_displays_it_with_its_reason(bundle: Bundle, language: str) -> None:
    rows = [
        tuple(row)
        for name in PAGES
        for section in page_of(bundle, name, language).sections
        for panel in section.panels.values()
        for row in panel.table.itertuples(index=False)
    ]
    for figure in coded_figures(bundle):
        shown = figure_text(figure, language)
        assert any(shown in row and (not figure.reason or reason_text(figure, language) in row) for row in rows), figure.indicator


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_yet_there_is_said_on_its_page_without_a_day_that_could_pass(whole: Bundle, language: str) -> None:
    """A day that has passed while a figure still waits would show that somebody has not finished."""
    assert any(figure.status == "not_yet" and figure.indicator == "in_work" for figure in coded_figures(whole))
    for name in ("overview", "outcomes"):
        page = page_of(whole, name, language)
        assert text("published.reason.not_yet", language) in page.sections[0].panels[()].sentence
        assert text("published.status.not_yet", language) in {cell.figure for _, cell in cells_of(page)}
        days = re.findall(r"\b\d{1,2}\.\d{1,2}\.20\d\d|\b\d{1,2} \w+ 20\d\d|\b20\d\d-\d\d-\d\d", re.sub(r"<!--.*?-->", "", seen(page.document)))
        assert set(days) <= {day(whole.data_date, language)} | {str(whole.data_date)[:10]}
    assert "expected" not in whole.table("figures")


@pytest.mark.parametrize("name", PAGES)
def test_marks_are_what_is_displayed(bundle: Bundle, name: str) -> None:
    """As many marks as people: known, inside the range, and the others; none where nothing is shown."""
    told = {figure_text(f, "en").partition(", ")[0]: f for f in coded_figures(bundle) if f.view != "delivery"}
    for section, cell in cells_of(page_of(bundle, name, "en")):
        figure, marks = told.get(cell.figure), dict(cell.marks)
        if figure is None:
            assert (cell.figure, marks) == ("–", {}), section
        elif figure.lo is None or figure.hi is None:
            assert set(marks) <= {"not_yet"}, section
        else:
            kinds = {"yes": figure.lo, "perhaps": figure.hi - figure.lo, "no": figure.n_public - figure.hi}
            assert marks == {kind: n for kind, n in kinds.items() if n}, section


def test_marks_of_hours_are_what_is_displayed(whole: Bundle) -> None:
    hours = {float(f.lo) for f in coded_figures(whole) if f.view == "delivery" and f.lo is not None}
    found = {section: figure for section, _, figure in figures_of(page_of(whole, "attendance", "en"))}
    assert marks(found["component_hours"]) <= hours
    cells = {words for trace in found["weekly_hours"]["data"] for words in trace["text"]}
    assert cells <= {figure_text(f, "en") for f in coded_figures(whole) if f.view == "delivery"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_cells_are_the_release_s_own_words(whole: Bundle, language: str) -> None:
    said = {figure_text(figure, language).partition(", ")[0] for figure in coded_figures(whole)} | {"–"}
    for name in PAGES:
        cells = [cell.figure for _, cell in cells_of(page_of(whole, name, language))]
        assert cells
        assert set(cells) <= said


def allowed(bundle: Bundle, language: str) -> set[str]:
    """Return every number that a page may print: those displayed, public, of a rule, of the proof, or of a day."""
    words = [str(n) for n in (bundle.about["total"], len(bundle.about["cohort_sizes"]), *bundle.about["cohort_sizes"])]
    for figure in coded_figures(bundle):
        words += [figure_text(figure, language), str(figure.n_public), *map(str, figure.group), figure.indicator.rpartition(".")[2]]
    words += [str(words) for words in bundle.table("rules")[language]]
    words += [day(bundle.data_date, language)] if bundle.data_date else []
    proofs, beliefs = bundle.table("proofs"), bundle.table("beliefs")
    tried = [*proofs.groupby("family")["n_data_sets"].sum(), proofs["n_data_sets"].sum(), 0]
    left = beliefs["hi"] - beliefs["lo"] + 1
    words += [str(int(n)) for n in (*tried, *left)]
    if "codings" in bundle.schemas:
        chosen = bundle.table("codings").loc[lambda codes: codes["chosen"]]
        words += [percent(float(share), language) for share in chosen.groupby("family")["left"].mean()]
    return {number for part in words for number in NUMBER.findall(part)}


def numbers_told(page: Page) -> set[str]:
    told = [f"{fact.figure} {fact.words}" for fact in page.facts]
    for section in page.sections:
        for panel in section.panels.values():
            told += [panel.sentence, panel.caution, *(str(v) for row in panel.table.itertuples(index=False) for v in row)]
    joined = re.sub(r"(?<=\d)[\u00a0\u202f,](?=\d{3}\b)", "", "\n".join(told))
    return set(NUMBER.findall(joined))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_numbers_of_a_page_are_those_of_its_release(bundle: Bundle, name: str, language: str) -> None:
    weeks = {"10"} if name == "attendance" else set()
    assert numbers_told(page_of(bundle, name, language)) <= allowed(bundle, language) | weeks


@st.composite
def counted(draw: st.DrawFn) -> pd.DataFrame:
    """Return the coded figures of some data set: any number of people in any category."""
    figures = []
    for family in POLICY.families:
        if family.view == "delivery":
            continue
        for group, size in [((1, 2, 3, 4), 20)] if family.view == "final_pooled" else [((1, 2), 9), ((3, 4), 11)]:
            of_whom = draw(st.lists(st.sampled_from(family.cells), min_size=size, max_size=size))
            figures += code_family(family, {cell: of_whom.count(cell) for cell in family.cells}, group=group, n_public=size, limits=POLICY.limits)
    return figures_table(figures)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(figures=counted())
def test_numbers_and_marks_of_any_release_are_displayed_ones(whole: Bundle, figures: pd.DataFrame) -> None:
    bundle = with_figures(whole, figures)
    for name in ("overview", "outcomes", "rights_awareness"):
        assert numbers_told(page_of(bundle, name, "fi")) <= allowed(bundle, "fi")
        test_marks_are_what_is_displayed(bundle, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_finding_tells_each_group_and_adds_nothing_up(whole: Bundle, language: str) -> None:
    page = page_of(whole, "overview", language)
    said = [figure_text(f, language).partition(", ")[0] for f in coded_figures(whole) if f.indicator == "rights_awareness_improved"]
    assert len(said) == 2
    assert all(words in page.finding for words in said)
    assert page.sections[0].panels[()].sentence.startswith("20 ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_of_attendance_begins_with_who_came_and_with_hours_of_every_training(whole: Bundle, language: str) -> None:
    page = page_of(whole, "attendance", language)
    of_pairs = [f for f in coded_figures(whole) if f.indicator == "attended_three_quarters"]
    assert [f.group for f in of_pairs] == [(1, 2), (3, 4)]
    assert all(figure_text(f, language).partition(", ")[0] in page.finding for f in of_pairs)
    everyday = sorted((f.group, figure_text(f, language)) for f in coded_figures(whole) if f.indicator == "hours_by_component.everyday")
    assert [group for group, _ in everyday] == [(1,), (2,), (3,), (4,)]
    assert [fact.figure for fact in page.facts] == [" · ".join(words for _, words in everyday)]
    assert set(page.sections[0].panels[()].table.iloc[:, 3]) == {figure_text(f, language) for f in of_pairs}


def test_after_the_first_training_people_wait_and_hours_are_told(first: Path) -> None:
    bundle = read_bundle(first, audience="public")
    overview, attendance = (page_of(bundle, name, "en") for name in ("overview", "attendance"))
    assert overview.finding == ""
    assert {cell.figure for _, cell in cells_of(overview)} == {"not yet"}
    hours = {section: figure for section, _, figure in figures_of(attendance)}
    assert set(hours) == {"weekly_hours", "component_hours"}
    across = [words.replace("<br>", " ") for words in hours["weekly_hours"]["layout"]["xaxis"]["ticktext"]]
    assert across == ["1", "2 not yet", "3 not yet", "4 not yet"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_withdrawn_figures_are_said_with_their_reason_and_have_no_mark(whole: Bundle, language: str) -> None:
    page = page_of(in_state(whole, ["completed"], "withdrawn"), "outcomes", language)
    section = next(section for section in page.sections if section.name == "completion")
    assert text("published.reason.withdrawn", language) in section.panels[()].sentence
    spine = section.panels[()].spine
    assert spine is not None
    assert [cell.marks for _, row in spine.rows() for cell in row.cells] == [(), ()]
    hours = page_of(in_state(whole, ["hours_by_component"], "withdrawn"), "attendance", language)
    section = next(section for section in hours.sections if section.name == "component_hours")
    assert text("published.reason.withdrawn", language) in section.panels[()].sentence
    assert [fact.figure for fact in hours.facts] == [text("published.status.withdrawn", language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_loosened_rule_is_printed_with_its_reason(whole: Bundle, language: str) -> None:
    rules = whole.table("rules")
    rules["loosened"] = ["because we ask" if rule == "rule.min_group" else words for rule, words in zip(rules["rule"], rules["loosened"], strict=True)]
    schema = whole.schemas["rules"]
    columns = dict(whole.columns) | {"rules": from_csv(schema, to_csv(StoredTable(schema, rules)))}
    page = page_of(replace(whole, columns=MappingProxyType(columns)), "overview", language)
    own = rules.set_index("rule").loc["rule.min_group", language]
    assert text("dash.public.loosened", language, rule=own, reason="because we ask") in seen(page.document)
    assert "because we ask" not in seen(page_of(whole, "overview", language).document)


def test_reasons_of_what_is_withheld_are_those_of_the_release(whole: Bundle) -> None:
    rules = whole.table("rules").set_index("rule")
    for name, wanted in (
        ("rights_awareness", ("family.rights_awareness", "rule.never_public")),
        ("outcomes", ("family.six_months",)),
        ("overview", ("family.six_months", "family.rights_awareness")),
        ("attendance", ("family.delivery", "rule.never_public")),
    ):
        for language in LANGUAGES:
            words = seen(page_of(whole, name, language).document)
            assert all(rules.loc[rule, language] in words for rule in wanted)


def test_groups_stand_side_by_side_and_nothing_of_people_is_to_choose(whole: Bundle) -> None:
    assert page_of(whole, "outcomes", "en").controls == ()
    for section in page_of(whole, "outcomes", "en").sections[:-1]:
        spine = section.panels[()].spine
        assert spine is not None
        names = [column.name for column in spine.columns]
        assert names == (["All trainings"] if section.name == "wanted" else ["Trainings 1 and 2", "Trainings 3 and 4"])


ALONE = """
import sys
from pathlib import Path
from shutil import rmtree
from ikut_eval.dashboard.pages import page_of
from ikut_eval.release.store import read_bundle
import ikut_eval
bundle = read_bundle(Path("only"), audience="public")
rmtree("only")
homes = tuple(str(Path(p).resolve()) for p in (sys.prefix, sys.base_prefix, Path(ikut_eval.__file__).parents[1]))
opened = []
def hook(event, args):
    if event == "open" and not isinstance(args[0], int) and not str(Path(str(args[0])).resolve()).startswith(homes):
        opened.append(str(args[0]))
sys.addaudithook(hook)
print("".join(page_of(bundle, name, language=language).document for name in pages_named for language in ("fi", "sv", "en")))
print(opened, file=sys.stderr)
"""


def test_pages_come_from_the_bundle_alone(first: Path, tmp_path: Path) -> None:
    shutil.copytree(first, tmp_path / "only")
    code = ALONE.replace("pages_named", repr(PAGES))
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(Path(pages.__file__).parents[2]), "PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    bundle = read_bundle(first, audience="public")
    assert ran.stdout == "".join(page_of(bundle, name, language).document for name in PAGES for language in LANGUAGES) + "\n"
    assert ran.stderr.strip().endswith("[]")
