"""Published numbers of people as a panel: a line a group, ranges as ranges, what is not shown in words."""

from collections.abc import Sequence

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.page import Section
from ikut_eval.dashboard.public.published import PublishedFigure, figures_of_people, groups, mark, with_capital, words_table
from ikut_eval.disclosure.coded_figures import share_text
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import RangeRow, ranges
from ikut_eval.present.releases import indicator_name
from ikut_eval.present.theme import Drawing
from ikut_eval.release.store import Bundle

_LETTERS = 46
"""Letters of a heading in a chart that a phone has room for."""
_COLUMNS = ("figure", "group", "members", "shown", "reason")


def range_section(name: str, bundle: Bundle, indicators: Sequence[str], language: str) -> Section:
    """Return a question that some published numbers of people answer, group by group."""
    heading = text(f"dash.public.section.{name}", language)
    return Section(name, heading, {(): _panel(figures_of_people(bundle, indicators), bundle, heading, language)})


def _panel(figures: Sequence[PublishedFigure], bundle: Bundle, caption: str, language: str) -> Exhibit:
    choices = groups(bundle)
    several = list(dict.fromkeys(one.figure.group for one in figures))
    lines = [(mark(group, choices), _line([one for one in figures if one.figure.group == group], language)) for group in several]
    rows = tuple(mark(one.figure.group, choices) for one in figures)
    drawings, marks = _drawings(figures, rows, language)
    cells = [
        [indicator_name(one.figure.indicator, language), one.group(language), str(one.figure.n_public or "–"), one.words(language), one.reason(language)]
        for one in figures
    ]
    return Exhibit(
        lines=tuple(lines or [("", text("dash.public.absent", language))]),
        drawings=drawings,
        table=words_table(cells, _COLUMNS, language),
        caption=caption,
        caution=text("published.others" if any(one.shown for one in figures) else "dash.public.not_nought", language),
        language=language,
        intro=text("dash.public.how_to_read", language) if any(one.figure.status == "coded" for one in figures) else "",
        rows=rows,
        marks=marks,
    )


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
    people: list[RangeRow] = []
    shares: list[RangeRow] = []
    tags: list[str] = []
    headings = len({one.figure.indicator for one in figures}) > 1
    last = ""
    for one, whose in zip(figures, marks, strict=True):
        if headings and one.figure.indicator != last:
            last = one.figure.indicator
            heading = RangeRow("", inside=tables.wrapped(with_capital(_short(one, language)), _LETTERS), heading=True)
            people, shares, tags = [*people, heading], [*shares, heading], [*tags, ""]
        people, shares, tags = [*people, _row(one, language)], [*shares, _row(one, language, share=True)], [*tags, whose]
    exact, members = (text(f"dash.public.{name}", language) for name in ("exact", "members"))
    names = (with_capital(text("figure.published_range", language)), exact, members)
    limit = max(one.figure.n_public for one in figures)
    counts = ranges(people, names=names, axis=text("figure.people", language), language=language, limit=limit)
    return {"counts": counts, "share": ranges(shares, names=names, axis="", language=language)}, tuple(tags)


def _row(one: PublishedFigure, language: str, *, share: bool = False) -> RangeRow:
    label, n = one.group(language), one.figure.n_public
    if one.figure.lo is None or one.figure.hi is None:
        return RangeRow(label, inside=one.status(language))
    low, high = int(one.figure.lo), int(one.figure.hi)
    if share:
        return RangeRow(label, (low / n, high / n), 1, share_text(one.figure, language))
    return RangeRow(label, (low, high), n, one.people(language))
