"""Published numbers of people as a panel: a line a group, ranges as ranges, what is not shown in words."""

from collections.abc import Sequence
from itertools import groupby

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.page import Control, Section
from ikut_eval.dashboard.public.published import PublishedFigure, figures_of_people, groups, mark, question, with_capital, words_table
from ikut_eval.disclosure.coded_figures import share_text
from ikut_eval.present import tables
from ikut_eval.present.figures import RangeRow, ranges
from ikut_eval.present.releases import group_name, indicator_name
from ikut_eval.present.theme import Drawing
from ikut_eval.release.store import Bundle

_LETTERS = 46
"""Letters of a heading in a chart that a phone has room for."""
_COLUMNS = ("figure", "group", "members", "shown", "reason")


def range_controls(bundle: Bundle, language: str) -> tuple[Control, Control]:
    """Return what a reader can choose of published numbers of people: numbers or shares, and the groups."""
    views = tuple((view, text(f"dash.public.view.{view}", language)) for view in ("counts", "share"))
    choices = groups(bundle)
    named = tuple((mark(group, choices), group_name(group, language)) for group in choices)
    return (
        Control("view", text("dash.control.view", language), views),
        Control("cohorts", text("dash.public.control.groups", language), named, several=True),
    )


def range_section(name: str, bundle: Bundle, indicators: Sequence[str], language: str) -> Section:
    """Return a question that some published numbers of people answer, group by group."""
    figures, choices = figures_of_people(bundle, indicators), groups(bundle)
    several = list(dict.fromkeys(one.figure.group for one in figures))
    lines = [(mark(group, choices), _line([one for one in figures if one.figure.group == group], language)) for group in several]
    rows = tuple(mark(one.figure.group, choices) for one in figures)
    drawings, marks = _drawings(figures, rows, language)
    cells = [
        [indicator_name(one.figure.indicator, language), one.group(language), str(one.figure.n_public or "–"), one.words(language), one.reason(language)]
        for one in figures
    ]
    caution = text("published.others" if any(one.shown for one in figures) else "dash.public.not_zero", language)
    intro = text("dash.public.how_to_read", language) if any(one.figure.status == "coded" for one in figures) else ""
    return question(name, lines, words_table(cells, _COLUMNS, language), caution, language, drawings=drawings, intro=intro, rows=rows, marks=marks)


def _line(figures: Sequence[PublishedFigure], language: str) -> str:
    """Return what is published of one group, then what is not, by its status, and why."""
    parts = [text("dash.public.part", language, shown=one.people(language), what=_short(one, language)) for one in figures if one.shown]
    withheld = [one for one in figures if not one.shown]
    for status in dict.fromkeys(one.words(language) for one in withheld):
        held = [_short(one, language) for one in withheld if one.words(language) == status]
        parts.append(text("dash.public.held", language, state=status, what=", ".join(held)) if len(held) < len(figures) else status)
    reasons = dict.fromkeys(one.reason(language) for one in withheld)
    return " ".join([text("dash.public.line", language, group=figures[0].group(language), parts="; ".join(parts)), *reasons])


def _short(one: PublishedFigure, language: str) -> str:
    return text(f"dash.public.short.{one.figure.indicator}", language)


def _drawings(figures: Sequence[PublishedFigure], marks: Sequence[str], language: str) -> tuple[dict[str, Drawing], tuple[str, ...]]:
    """Return the drawing of people and that of shares, and the group of each of their rows; none where nothing is shown."""
    if not any(one.shown for one in figures):
        return {}, ()
    drawn: list[tuple[str, RangeRow, RangeRow]] = []
    headings = len({one.figure.indicator for one in figures}) > 1
    for _, of_one in groupby(zip(figures, marks, strict=True), key=lambda pair: pair[0].figure.indicator):
        pairs = list(of_one)
        if headings:
            heading = RangeRow("", inside=tables.wrapped(indicator_name(pairs[0][0].figure.indicator, language), _LETTERS), heading=True)
            drawn.append(("", heading, heading))
        drawn += [(whose, _row(one, language), _row(one, language, share=True)) for one, whose in pairs]
    tags, people, shares = zip(*drawn, strict=True)
    exact, members = (text(f"dash.public.{name}", language) for name in ("exact", "members"))
    names = (with_capital(text("figure.published_range", language)), exact, members)
    limit = max(one.figure.n_public for one in figures)
    counts = ranges(people, names=names, axis=text("figure.people", language), language=language, limit=limit)
    return {"counts": counts, "share": ranges(shares, names=names, axis="", language=language)}, tags


def _row(one: PublishedFigure, language: str, *, share: bool = False) -> RangeRow:
    label, n = one.group(language), one.figure.n_public
    if one.figure.lo is None or one.figure.hi is None:
        return RangeRow(label, inside=one.words(language))
    low, high = int(one.figure.lo), int(one.figure.hi)
    if share:
        return RangeRow(label, (low / n, high / n), 1, share_text(one.figure, language))
    return RangeRow(label, (low, high), n, one.people(language))
