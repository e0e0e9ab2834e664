"""Releases in every state in which the public pages must be whole, and those pages."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from ikut_eval.dashboard import pages
from ikut_eval.dashboard.page import Page
from ikut_eval.data.pilot import PilotData
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.present.spine import Cell, Spine
from ikut_eval.release.package import StoredTable, from_csv, to_csv
from ikut_eval.release.publication import release_to_review
from ikut_eval.release.store import Bundle, read_bundle
from tests.release.released import CLOSINGS, as_it_was, released, workspace

POLICY = load_policy()
OF_PEOPLE = [indicator.id for family in POLICY.families for indicator in family.indicators if family.view != "delivery"]
HOURS = ("weekly_hours", "component_hours")


def with_figures(bundle: Bundle, figures: pd.DataFrame) -> Bundle:
    """Return a bundle that holds other figures, as they would be read."""
    schema = bundle.schemas["figures"]
    columns = dict(bundle.columns) | {"figures": from_csv(schema, to_csv(StoredTable(schema, figures)))}
    return replace(bundle, columns=MappingProxyType(columns))


def in_state(bundle: Bundle, indicators: list[str], status: str) -> Bundle:
    """Return a bundle in which some indicators are in a state that shows nothing."""
    figures = bundle.table("figures")
    away = figures["indicator"].str.partition(".")[0].isin(indicators) | figures["indicator"].isin(indicators)
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
    "some hours withdrawn": lambda whole, _: in_state(whole, ["group_hours_a_week.3", "hours_by_component.everyday"], "withdrawn"),
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


def cells_of(page: Page) -> Iterator[tuple[str, Cell]]:
    """Give every cell of the groups side by side with its section."""
    for section in page.sections:
        for panel in section.panels.values():
            for _, row in panel.spine.rows() if panel.spine else ():
                yield from ((section.name, cell) for cell in row.cells)


def hours_of(page: Page, name: str) -> Spine:
    """Return the trainings side by side of a section about their hours."""
    spine = next(section for section in page.sections if section.name == name).panels[()].spine
    assert spine is not None
    return spine
