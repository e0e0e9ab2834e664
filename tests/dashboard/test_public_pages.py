"""What the public pages tell is what the release displays: nothing more, in three languages, in every state."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikut_eval.contract.locale import LANGUAGES, day, percent, text
from ikut_eval.dashboard import pages
from ikut_eval.dashboard.page import PAGES, Page
from ikut_eval.disclosure.coded_figures import code_family, figure_text, reason_text
from ikut_eval.present.releases import coded_figures
from ikut_eval.release.draft import figures_table
from ikut_eval.release.package import StoredTable, from_csv, to_csv
from ikut_eval.release.store import Bundle, read_bundle
from tests.dashboard.public_states import HOURS, POLICY, bundle, cells_of, first, hours_of, in_state, page_of, whole, with_figures
from tests.measures.conftest import synthetic

__all__ = ["bundle", "first", "synthetic", "whole"]

NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
UNWRITTEN = re.compile(r"\{|\}|\bnan\b|\bNaN\b|\bNone\b|\bNaT\b|\b(?:dash|published|family|rule|indicator)\.\w|[a-z]_[a-z]")
VICTIM = re.compile(r"victim|uhri|\boffer", re.IGNORECASE)


def seen(document: str) -> str:
    """Return what is to be read on a page, and what a screen reader says."""
    spoken = " ".join(re.findall(r'aria-label="([^"]*)"', document))
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", document, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", bare) + " " + spoken)


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
            assert panel.drawing is None


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
        if section in HOURS:
            assert marks == {}, section
        elif figure is None:
            assert (cell.figure, marks) == ("–", {}), section
        elif figure.lo is None or figure.hi is None:
            assert set(marks) <= {"not_yet"}, section
        else:
            kinds = {"yes": figure.lo, "perhaps": figure.hi - figure.lo, "no": figure.n_public - figure.hi}
            assert marks == {kind: n for kind, n in kinds.items() if n}, section


@pytest.mark.parametrize("language", LANGUAGES)
def test_cells_are_the_release_s_own_words(whole: Bundle, language: str) -> None:
    said = {figure_text(figure, language).partition(", ")[0] for figure in coded_figures(whole)} | {"–"}
    for name in PAGES:
        cells = list(cells_of(page_of(whole, name, language)))
        assert cells
        for section, cell in cells:
            parts = cell.figure.split("–") if section == "weekly_hours" else [cell.figure]
            assert set(parts) <= said


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
    told = [page.finding]
    for section in page.sections:
        told.append(section.heading)
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
def test_page_of_attendance_begins_with_who_came_and_tells_hours_of_every_training(whole: Bundle, language: str) -> None:
    page = page_of(whole, "attendance", language)
    of_pairs = [f for f in coded_figures(whole) if f.indicator == "attended_three_quarters"]
    assert [f.group for f in of_pairs] == [(1, 2), (3, 4)]
    assert all(figure_text(f, language).partition(", ")[0] in page.finding for f in of_pairs)
    everyday = sorted((f.group, figure_text(f, language)) for f in coded_figures(whole) if f.indicator == "hours_by_component.everyday")
    assert [group for group, _ in everyday] == [(1,), (2,), (3,), (4,)]
    heading = next(section.heading for section in page.sections if section.name == "component_hours")
    assert " · ".join(words for _, words in everyday) in heading
    assert set(page.sections[0].panels[()].table.iloc[:, 3]) == {figure_text(f, language) for f in of_pairs}


def test_after_the_first_training_people_wait_and_hours_are_told(first: Path) -> None:
    bundle = read_bundle(first, audience="public")
    overview, attendance = (page_of(bundle, name, "en") for name in ("overview", "attendance"))
    assert overview.finding == ""
    assert {cell.figure for _, cell in cells_of(overview)} == {"not yet"}
    for name in HOURS:
        spine = hours_of(attendance, name)
        assert [column.name for column in spine.columns] == ["Training 1", "Training 2", "Training 3", "Training 4"]
        for _, row in spine.rows():
            assert row.cells[0].drawn is not None
            assert [(cell.figure, cell.drawn) for cell in row.cells[1:]] == [("not yet", None)] * 3


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
    assert section.heading == text("dash.public.section.component_hours", language)
    spine = section.panels[()].spine
    assert spine is not None
    assert {cell.figure for _, row in spine.rows() for cell in row.cells} == {text("published.status.withdrawn", language)}


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
