"""Hours of the trainings on the public page of attendance are those that the release displays, training beside training."""

import pytest

from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.disclosure.coded_figures import CodedFigure, figure_text
from ikut_eval.disclosure.families import Group
from ikut_eval.present import tables
from ikut_eval.present.releases import coded_figures
from ikut_eval.present.spine import Weeks
from ikut_eval.release.store import Bundle
from tests.dashboard.public_states import bundle, first, hours_of, page_of, whole
from tests.measures.conftest import synthetic

__all__ = ["bundle", "first", "synthetic", "whole"]


def of_service(bundle: Bundle, indicator: str) -> dict[Group, dict[str, CodedFigure]]:
    """Return a fact about the service by training, then by its part."""
    found: dict[Group, dict[str, CodedFigure]] = {}
    for figure in coded_figures(bundle):
        if figure.indicator.partition(".")[0] == indicator:
            found.setdefault(figure.group, {})[figure.indicator.partition(".")[2]] = figure
    return dict(sorted(found.items()))


def state_of(parts: dict[str, CodedFigure], language: str) -> str:
    """Return the state of a training of which nothing is shown."""
    (figure,) = {figure_text(figure, language) for figure in parts.values()}
    return figure


@pytest.mark.parametrize("language", LANGUAGES)
def test_hours_by_content_are_drawn_as_displayed(bundle: Bundle, language: str) -> None:
    trainings = of_service(bundle, "hours_by_component")
    page = page_of(bundle, "attendance", language)
    if not trainings:
        assert next(section for section in page.sections if section.name == "component_hours").panels[()].spine is None
        return
    spine = hours_of(page, "component_hours")
    shown = [figure.lo for parts in trainings.values() for figure in parts.values() if figure.lo is not None]
    codes = {tables.code_label("session_type", code, language): code for parts in trainings.values() for code in parts if code}
    rows = {row.name: row.cells for _, row in spine.rows()}
    assert len(spine.columns) == len(trainings)
    assert not spine.together
    assert not shown or set(rows) == set(codes)
    for name, cells in rows.items():
        for cell, parts in zip(cells, trainings.values(), strict=True):
            if all(figure.lo is None for figure in parts.values()):
                assert (cell.figure, cell.drawn) == (state_of(parts, language), None)
            elif codes[name] not in parts:
                assert (cell.figure, cell.drawn) == ("–", None)
            else:
                figure = parts[codes[name]]
                assert cell.figure == figure_text(figure, language)
                assert cell.drawn == (None if figure.lo is None else pytest.approx((float(figure.lo / max(shown)), None)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_hours_of_weeks_are_drawn_as_displayed(bundle: Bundle, language: str) -> None:
    trainings = of_service(bundle, "group_hours_a_week")
    page = page_of(bundle, "attendance", language)
    if not trainings:
        assert next(section for section in page.sections if section.name == "weekly_hours").panels[()].spine is None
        return
    ((_, row),) = hours_of(page, "weekly_hours").rows()
    most = max([figure.lo for parts in trainings.values() for figure in parts.values() if figure.lo is not None], default=None)
    for cell, parts in zip(row.cells, trainings.values(), strict=True):
        weeks = sorted((int(week), figure) for week, figure in parts.items() if week)
        shown = [figure for _, figure in weeks if figure.lo is not None]
        if not shown:
            assert (cell.figure, cell.drawn) == (state_of(parts, language), None)
            continue
        assert isinstance(cell.drawn, Weeks)
        assert [week for week, _ in weeks] == list(range(1, len(cell.drawn.shares) + 1))
        assert cell.drawn.shares == tuple(None if figure.lo is None else pytest.approx(float(figure.lo / most)) for _, figure in weeks)
        assert cell.heard == ", ".join(figure_text(figure, language) for _, figure in weeks)
        ends = [figure_text(end(shown, key=lambda figure: figure.lo), language) for end in (min, max)]
        assert cell.figure == "–".join(dict.fromkeys(ends))
