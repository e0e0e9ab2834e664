"""The page about the service in a release: how many came to most of it, and group hours by week and by content, training beside training."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ikut_eval.contract.locale import number, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.page import PageContent, Section
from ikut_eval.dashboard.public.published import (
    PublishedFigure,
    figures_of_service,
    found,
    question,
    range_section,
    rules_of,
    withheld_section,
    words_table,
)
from ikut_eval.disclosure.families import Group
from ikut_eval.present import tables
from ikut_eval.present.releases import group_name
from ikut_eval.present.spine import Cell, Column, Hours, Spine, SpineGroup, SpineRow, Weeks
from ikut_eval.release.store import Bundle

_CAME, _WEEKS, _CONTENT = "attended_three_quarters", "group_hours_a_week", "hours_by_component"
_EVERYDAY = "everyday"
"""The group sessions on everyday life and wellbeing."""
_WITHHELD = ("coming", "weeks_of_people", "single_hours")

_Trainings = Mapping[Group, Mapping[str, PublishedFigure]]
"""Figures about the service: by training, then by week or content; the part is "" where nothing is known yet."""


def public_attendance(bundle: Bundle, language: str) -> PageContent:
    """Return how many came to most of what was held for them, the hours of the trainings, and what is not published of both."""
    coming = range_section("coming", bundle, (_CAME,), language)
    sections = (coming, _weeks(bundle, language), _content(bundle, language), withheld_section(bundle, _WITHHELD, language))
    return PageContent((), sections, finding=found(bundle, (_CAME,), language))


def _shown(trainings: _Trainings) -> dict[Group, dict[str, PublishedFigure]]:
    """Return the trainings of which hours are shown, with those."""
    shown = {group: {part: one for part, one in parts.items() if one.shown} for group, parts in trainings.items()}
    return {group: parts for group, parts in shown.items() if parts}


def _ordered(trainings: _Trainings) -> list[PublishedFigure]:
    """Return all hours that are shown, the fewest first."""
    return sorted((one for parts in _shown(trainings).values() for one in parts.values()), key=lambda one: one.low)


def _between(figures: Sequence[PublishedFigure], language: str) -> str:
    """Return the first and the last of some hours: "11.25–13.5"; as one where they are written alike."""
    return "–".join(dict.fromkeys(one.words(language) for one in (figures[0], figures[-1])))


def _columns(trainings: _Trainings, language: str) -> tuple[Column, ...]:
    sizes = {group: next(iter(parts.values())).figure.n_public for group, parts in trainings.items()}
    return tuple(Column(group_name(group, language), text("people", language, n=n) if n else "") for group, n in sizes.items())


def _side_by_side(trainings: _Trainings, rows: Sequence[SpineRow], language: str) -> Spine | None:
    """Return a column a training; None where the release has none."""
    return Spine(_columns(trainings, language), (SpineGroup("", "", tuple(rows)),), together=False) if trainings else None


def _state(parts: Mapping[str, PublishedFigure], language: str) -> Cell:
    """Return what stands for a training of which no hours are shown: "not yet", "withdrawn"."""
    return Cell(next(iter(parts.values())).words(language))


def _reasons(trainings: _Trainings, language: str) -> list[str]:
    """Return why some hours are not shown, each reason once."""
    return list(dict.fromkeys(one.reason(language) for parts in trainings.values() for one in parts.values() if not one.shown))


def _about_service(bundle: Bundle, language: str) -> str:
    return rules_of(bundle, language).get("family.delivery") or text("dash.caution", language)


def _said(name: str, trainings: _Trainings, language: str) -> list[tuple[str, str]]:
    """Return how the drawing is read, and why some hours are not shown."""
    ordered = _ordered(trainings)
    how = [text(f"dash.public.{name}.said", language, most=ordered[-1].words(language))] if ordered else []
    return [("", words) for words in (*how, *_reasons(trainings, language))]


def _weeks(bundle: Bundle, language: str) -> Section:
    """Return the group hours of each training week by week."""
    trainings = figures_of_service(bundle, _WEEKS)
    ordered, shown = _ordered(trainings), _shown(trainings)
    weeks = sorted({week for group in shown for week in trainings[group]}, key=int)
    cells = [_week_by_week(parts, weeks, ordered, language) if group in shown else _state(parts, language) for group, parts in trainings.items()]
    row = SpineRow(text("dash.public.group_hours", language), text("dash.public.group_hours.detail", language), tuple(cells))
    heading = text("dash.public.weekly_hours.found", language, hours=_between(ordered, language)) if ordered else ""
    told = []
    for group, parts in trainings.items():
        away = next((one for one in parts.values() if not one.shown), None)
        hours = [parts[week].words(language) if week in parts else "–" for week in weeks]
        told.append([group_name(group, language), *hours, *(("–", "–") if away is None else (away.words(language), away.reason(language)))])
    before, *after = (text(f"dash.public.column.{name}", language) for name in ("training", "state", "reason"))
    columns = [before, *(text("table.week_number", language, week=week) for week in weeks), *after]
    table = pd.DataFrame(told or [["–"] * 3], columns=columns, dtype="str")
    spine, said = _side_by_side(trainings, [row], language), _said("weekly_hours", trainings, language)
    return question("weekly_hours", said, table, _about_service(bundle, language), language, found=heading, spine=spine)


def _week_by_week(parts: Mapping[str, PublishedFigure], weeks: Sequence[str], ordered: Sequence[PublishedFigure], language: str) -> Cell:
    """Return the fewest and the most hours of a week, with a line through all weeks on a scale that ends at the most of any training."""
    own, most = {week: one for week, one in parts.items() if one.shown}, ordered[-1].low or 1
    shares = tuple(own[week].low / most if week in own else None for week in weeks)
    heard = ", ".join(parts[week].words(language) if week in parts else "–" for week in weeks)
    scale = (number(0, language), "", ordered[-1].words(language))
    figure = _between(sorted(own.values(), key=lambda one: one.low), language)
    return Cell(figure, heard=heard, drawn=Weeks(shares, (None,) * len(weeks), scale))


def _content(bundle: Bundle, language: str) -> Section:
    """Return the group hours of each training by what they were about, in the order of the code list."""
    trainings = figures_of_service(bundle, _CONTENT)
    ordered, shown = _ordered(trainings), _shown(trainings)
    codes = sorted({code for group in shown for code in trainings[group]}, key=load_contract().code_lists["session_type"].codes.index)
    rows = []
    for code in codes:
        cells = [_hours(parts.get(code), ordered, language) if group in shown else _state(parts, language) for group, parts in trainings.items()]
        rows.append(SpineRow(tables.code_label("session_type", code, language), "", tuple(cells), first=code == _EVERYDAY))
    if not codes:
        rows = [SpineRow(text("dash.public.group_hours", language), "", tuple(_state(parts, language) for parts in trainings.values()))]
    told = []
    for group, parts in trainings.items():
        named = {tables.code_label("session_type", code, language): parts[code] for code in codes if code in parts}
        named = named if group in shown else {"–": next(iter(parts.values()))}
        told += [[group_name(group, language), name, one.words(language), one.reason(language)] for name, one in named.items()]
    table = words_table(told, ("training", "content", "hours", "reason"), language)
    spine, said = _side_by_side(trainings, rows, language), _said("component_hours", trainings, language)
    heading = _everyday(shown, language)
    caution = _about_service(bundle, language) if codes else text("dash.public.not_zero", language)
    return question("component_hours", said, table, caution, language, found=heading, spine=spine)


def _hours(one: PublishedFigure | None, ordered: Sequence[PublishedFigure], language: str) -> Cell:
    """Return hours with a bar on a scale that ends at the most of any training; a dash for a content that is not among the training's figures."""
    if one is None:
        return Cell("–")
    return Cell(one.words(language), drawn=Hours(one.low / (ordered[-1].low or 1), None) if one.shown else None)


def _everyday(shown: _Trainings, language: str) -> str:
    """Return the hours on everyday life and wellbeing of every training that has them, in the order of time; empty where none has."""
    hours = " · ".join(parts[_EVERYDAY].words(language) for parts in shown.values() if _EVERYDAY in parts)
    return text("dash.public.component_hours.found", language, type=tables.code_label("session_type", _EVERYDAY, language), hours=hours) if hours else ""
