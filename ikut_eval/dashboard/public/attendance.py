"""The page about the service in a release: how many came to most of it, and group hours by week and by content."""

from collections.abc import Mapping

import pandas as pd

from ikut_eval.contract.locale import listing, number, text
from ikut_eval.dashboard.page import Control, KeyFigure, PageContent, Panels, Section
from ikut_eval.dashboard.public.published import (
    PublishedFigure,
    figures_of_service,
    names_in_a_row,
    question,
    rules_of,
    with_capital,
    withheld_section,
    words_table,
)
from ikut_eval.dashboard.public.ranges import found, range_section
from ikut_eval.disclosure.families import Group
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import heat_map, plan_and_held
from ikut_eval.present.releases import group_name
from ikut_eval.present.theme import Drawing
from ikut_eval.release.store import Bundle

_CAME, _WEEKS, _CONTENT = "attended_three_quarters", "group_hours_a_week", "hours_by_component"
_EVERYDAY = "everyday"
"""The group sessions on everyday life and wellbeing."""
_WITHHELD = ("coming", "weeks_of_people", "single_hours")
_COLUMN = 8
_LABEL = 20
"""Letters of a column's and of a row's label on a phone."""
_MOST = 3
"""Contents that a sentence names."""


def public_attendance(bundle: Bundle, language: str) -> PageContent:
    """Return how many came to most of what was held for them, the hours of the trainings, and what is not published of both."""
    held = [group for group, parts in figures_of_service(bundle, _CONTENT).items() if _shown(parts)]
    training = Control("training", text("dash.public.control.training", language), tuple((_key(group), group_name(group, language)) for group in held))
    coming = range_section("coming", bundle, (_CAME,), language)
    sections = (coming, _weeks(bundle, language), _content(bundle, language), withheld_section(bundle, _WITHHELD, language))
    return PageContent((training,), sections, tuple(_everyday(bundle, language)), finding=found(bundle, (_CAME,), language))


def _everyday(bundle: Bundle, language: str) -> list[KeyFigure]:
    """Return the hours on everyday life and wellbeing of every training, side by side; nothing where the release has no hours."""
    trainings = figures_of_service(bundle, _CONTENT)
    everyday = [parts.get(_EVERYDAY) or next(iter(parts.values())) for parts in trainings.values()]
    if not everyday:
        return []
    none = number(0, language, 0)
    hours = [none if one.shown and _EVERYDAY not in parts else one.words(language) for one, parts in zip(everyday, trainings.values(), strict=True)]
    words = text("dash.public.fact.everyday_hours", language)
    if len(set(hours)) == 1 and not everyday[0].shown:
        return [KeyFigure(hours[0], words)]
    return [KeyFigure(" · ".join(hours), text("dash.public.fact.more", language, what=words, more=names_in_a_row(list(trainings), language)))]


def _shown(parts: Mapping[str, PublishedFigure]) -> dict[str, PublishedFigure]:
    return {part: row for part, row in parts.items() if row.shown}


def _key(group: Group) -> str:
    return "+".join(map(str, group))


def _weeks(bundle: Bundle, language: str) -> Section:
    trainings = figures_of_service(bundle, _WEEKS)
    weeks = sorted({part for parts in trainings.values() for part in _shown(parts)}, key=int)
    lines, cells = [], []
    for group, parts in trainings.items():
        shown, some = _shown(parts), next(iter(parts.values()))
        name, state = group_name(group, language), "" if shown else some.words(language)
        said = text("dash.public.line", language, group=name, parts=_between(shown, language) or state)
        lines.append(("", said if shown else f"{said} {some.reason(language)}"))
        cells.append([name, *(shown[week].words(language) if week in shown else "–" for week in weeks), state or "–", "–" if shown else some.reason(language)])
    before, *after = (text(f"dash.public.column.{name}", language) for name in ("training", "state", "reason"))
    columns = [before, *(text("table.week_number", language, week=week) for week in weeks), *after]
    table = pd.DataFrame(cells or [["–"] * 3], columns=columns, dtype="str")
    drawings = {"": _heat(trainings, weeks, language)} if weeks else {}
    return question("weekly_hours", lines, table, _caution(bundle, language), language, drawings=drawings)


def _caution(bundle: Bundle, language: str) -> str:
    return rules_of(bundle, language).get("family.delivery") or text("dash.caution", language)


def _between(shown: Mapping[str, PublishedFigure], language: str) -> str:
    """Return the fewest and the most hours of a week; empty where none are shown."""
    if not shown:
        return ""
    ordered = sorted(shown.values(), key=lambda one: one.low)
    low, high = ordered[0].words(language), ordered[-1].words(language)
    if low == high:
        return text("dash.public.each_week", language, n=len(shown), hours=low)
    return text("dash.public.weekly_hours", language, n=len(shown), low=low, high=high)


def _heat(trainings: Mapping[Group, Mapping[str, PublishedFigure]], weeks: list[str], language: str) -> Drawing:
    """Return weeks from top to bottom and trainings side by side, narrow enough for a phone; a state stands under its training's name."""
    most = max(row.low for parts in trainings.values() for row in parts.values()) or 1
    names = []
    for group, parts in trainings.items():
        some = next(iter(parts.values()))
        state = [] if _shown(parts) else [some.words(language)]
        names.append("<br>".join(tables.wrapped(words, _COLUMN) for words in [_key(group), *state]))
    cells: list[list[tuple[float | None, str]]] = []
    for week in weeks:
        found = [_shown(parts).get(week) for parts in trainings.values()]
        cells.append([(None, "") if row is None else (row.low / most, row.words(language)) for row in found])
    drawn = heat_map([text("table.week_number", language, week=week) for week in weeks], names, cells, axis=text("dash.public.column.training", language))
    drawn.update_xaxes(side="top", tickangle=0)
    drawn.update_layout(margin={"b": 12})
    return drawn


def _content(bundle: Bundle, language: str) -> Section:
    heading = text("dash.public.section.content", language)
    trainings = figures_of_service(bundle, _CONTENT)
    panels: Panels = {(_key(group),): _content_panel(group, parts, bundle, language) for group, parts in trainings.items() if _shown(parts)}
    if panels:
        return Section("component_hours", heading, panels, ("training",))
    some = next((row for parts in trainings.values() for row in parts.values()), None)
    said = some.words(language) if some else text("dash.public.absent", language)
    why = some.reason(language) if some else "–"
    table = words_table([["–", said, why]], ("content", "hours", "reason"), language)
    exhibit = Exhibit((("", f"{with_capital(said)}. {why}" if some else said),), {}, table, heading, text("dash.public.not_zero", language), language)
    return Section("component_hours", heading, {(): exhibit})


def _content_panel(group: Group, parts: Mapping[str, PublishedFigure], bundle: Bundle, language: str) -> Exhibit:
    named = [(tables.code_label("session_type", part, language), row) for part, row in _shown(parts).items()]
    longest = sorted(named, key=lambda one: -one[1].low)[:_MOST]
    most = [text("dash.public.content_part", language, content=name, hours=row.words(language)) for name, row in longest]
    drawn = plan_and_held(
        [(tables.wrapped(name, _LABEL), row.low, None, row.words(language)) for name, row in named],
        planned="",
        held=text("figure.held", language),
        axis=text("figure.hours_axis", language),
    )
    drawn.update_layout(margin={"t": 12})
    return Exhibit(
        lines=(("", text("dash.public.content", language, group=group_name(group, language), content=listing(most, language))),),
        drawings={"": drawn},
        table=words_table([[name, row.words(language), row.reason(language)] for name, row in named], ("content", "hours", "reason"), language),
        caption=text("dash.public.content_caption", language, group=group_name(group, language)),
        caution=_caution(bundle, language),
        language=language,
    )
