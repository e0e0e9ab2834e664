"""Published numbers of people side by side: a row an indicator, a column a group, ranges as ranges, what is not shown in words."""

from collections.abc import Mapping, Sequence

from ikut_eval.contract.locale import listing, text
from ikut_eval.dashboard.page import Section
from ikut_eval.dashboard.public.published import PublishedFigure, figures_of_people, question, with_capital, words_table
from ikut_eval.disclosure.families import Group
from ikut_eval.present.releases import indicator_name
from ikut_eval.present.spine import MOST_MARKS, Cell, Column, Spine, SpineGroup, SpineRow
from ikut_eval.release.store import Bundle

_COLUMNS = ("figure", "group", "members", "shown", "reason")
_KINDS = ("yes", "perhaps", "no", "not_yet")


def range_section(name: str, bundle: Bundle, indicators: Sequence[str] | Mapping[str, Sequence[str]], language: str, *, intro: str = "") -> Section:
    """Return a question that some published numbers of people answer, by group; indicators under a title each where they are a mapping."""
    titled = indicators if isinstance(indicators, Mapping) else {"": indicators}
    figures = figures_of_people(bundle, [one for several in titled.values() for one in several])
    cells = [
        [indicator_name(one.figure.indicator, language), one.group(language), str(one.figure.n_public or "–"), one.words(language), one.reason(language)]
        for one in figures
    ]
    caution = text("published.others" if any(one.shown for one in figures) else "dash.public.not_zero", language)
    read = text("dash.public.how_to_read", language) if any(one.figure.status == "coded" for one in figures) else ""
    why = dict.fromkeys(one.reason(language) for one in figures if not one.shown)
    said = [("", words) for words in (" ".join(filter(None, (intro, read))), *why) if words]
    spine = _spine(figures, titled, language) if figures else None
    return question(name, said or [("", figures[0].group(language))] if figures else [], words_table(cells, _COLUMNS, language), caution, language, spine=spine)


def found(bundle: Bundle, indicators: Sequence[str], language: str) -> str:
    """Return the first of some indicators that is shown, of each group that it is shown of, as a finding; empty where none is."""
    for indicator in indicators:
        shown = [one.people(language) for one in figures_of_people(bundle, (indicator,)) if one.shown]
        if shown:
            what = text(f"dash.public.short.{indicator}", language)
            return with_capital(text("dash.public.part", language, shown=listing(shown, language), what=what))
    return ""


def _spine(figures: Sequence[PublishedFigure], titled: Mapping[str, Sequence[str]], language: str) -> Spine:
    groups = sorted({one.figure.group: one for one in figures}.items())
    columns = tuple(Column(one.group(language), text("people", language, n=one.figure.n_public) if one.figure.n_public else "") for _, one in groups)
    by_place = {(one.figure.indicator, one.figure.group): one for one in figures}
    parts = []
    for title, indicators in titled.items():
        rows = [_row(indicator, by_place, [group for group, _ in groups], language) for indicator in indicators if any(i == indicator for i, _ in by_place)]
        parts.append(SpineGroup(title, "", tuple(rows)))
    drawn = {kind for part in parts for row in part.rows for cell in row.cells for kind, _ in cell.marks}
    legend = tuple((kind, text(f"dash.public.legend.{kind}", language)) for kind in _KINDS if kind in drawn)
    return Spine(columns, tuple(part for part in parts if part.rows), legend, together=False)


def _row(indicator: str, by_place: Mapping[tuple[str, Group], PublishedFigure], groups: Sequence[Group], language: str) -> SpineRow:
    cells = [by_place.get((indicator, group)) for group in groups]
    return SpineRow(indicator_name(indicator, language), "", tuple(Cell("–") if one is None else _cell(one, language) for one in cells))


def _cell(one: PublishedFigure, language: str) -> Cell:
    """Return a figure with a mark for each of its people: known, perhaps, and the others."""
    figure, n = one.figure, one.figure.n_public
    if n > MOST_MARKS or figure.status == "by_design":
        return Cell(one.people(language))
    if figure.lo is None or figure.hi is None:
        return Cell(one.people(language), marks=(("not_yet", n),) if figure.status == "not_yet" and n else ())
    low, high = int(figure.lo), int(figure.hi)
    return Cell(one.people(language), marks=tuple((kind, k) for kind, k in (("yes", low), ("perhaps", high - low), ("no", n - high)) if k))
