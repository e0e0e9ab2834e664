"""Published numbers of people as a panel: a line a group, ranges as ranges, states in words."""

from collections.abc import Sequence

import pandas as pd

from ikut_eval.contract.locale import percent, text
from ikut_eval.dashboard.page import ALWAYS, Panel, Section, by_cohort
from ikut_eval.dashboard.public.published import Row, groups, mark, rows_of
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import RangeRow, ranges
from ikut_eval.present.releases import indicator_name
from ikut_eval.present.theme import Drawing
from ikut_eval.release.store import Bundle

_TICKS = (0, 0.25, 0.5, 0.75, 1)
_LETTERS = 46
"""Letters of a heading in a chart that a phone has room for."""
_COLUMNS = ("figure", "group", "members", "shown", "reason")


def headed(rows: Sequence[Sequence[str]], columns: Sequence[str], language: str) -> pd.DataFrame:
    """Return rows of text under the catalogue's headings ``dash.public.column.…``."""
    return pd.DataFrame([list(row) for row in rows], columns=[text(f"dash.public.column.{name}", language) for name in columns], dtype="str")


def range_section(name: str, bundle: Bundle, indicators: Sequence[str], language: str) -> Section:
    """Return a question that some published numbers of people answer, group by group."""
    heading = text(f"dash.public.section.{name}", language)
    return Section.of(name, heading, range_panel(rows_of(bundle, indicators), bundle, heading, language))


def range_panel(rows: Sequence[Row], bundle: Bundle, caption: str, language: str) -> Panel:
    """Return published numbers as a panel."""
    choices = groups(bundle)
    several = list(dict.fromkeys(row.figure.group for row in rows))
    lines = [_line([row for row in rows if row.figure.group == group], language) for group in several]
    read = [text("dash.public.how_to_read", language)] if any(row.figure.status == "coded" for row in rows) else []
    cells = [
        [
            indicator_name(row.figure.indicator, language),
            row.group(language),
            str(row.figure.n_public or "–"),
            row.whole(language),
            row.reason(language),
        ]
        for row in rows
    ]
    exhibit = Exhibit(
        sentence="\n".join([*read, *lines]) or text("dash.public.absent", language),
        drawing=None,
        table=headed(cells or [["–"] * len(_COLUMNS)], _COLUMNS, language),
        caption=caption,
        caution=text("published.others" if any(row.shown for row in rows) else "dash.public.not_nought", language),
        language=language,
    )
    marks = [mark(row.figure.group, choices) for row in rows]
    told = (*(ALWAYS for _ in read), *(mark(group, choices) for group in several))
    return Panel(exhibit, told, tuple(marks), _figures(rows, marks, language))


def _line(rows: Sequence[Row], language: str) -> str:
    """Return what is published of one group, then what is not, by its state, and why."""
    parts = [text("dash.public.part", language, shown=row.people(language), what=_short(row, language)) for row in rows if row.shown]
    states = dict.fromkeys(row.whole(language) for row in rows if not row.shown)
    for state in states:
        held = [_short(row, language) for row in rows if not row.shown and row.whole(language) == state]
        parts.append(text("dash.public.held", language, state=state, what=", ".join(held)) if len(held) < len(rows) else state)
    reasons = dict.fromkeys(row.reason(language) for row in rows if not row.shown)
    return " ".join([text("dash.public.line", language, group=rows[0].group(language), parts="; ".join(parts)), *reasons])


def _short(row: Row, language: str) -> str:
    return text(f"dash.public.short.{row.figure.indicator}", language)


def _figures(rows: Sequence[Row], marks: Sequence[str], language: str) -> dict[str, Drawing]:
    """Return the figure of people and that of shares; none where nothing is shown."""
    if not any(row.shown for row in rows):
        return {}
    order: list[tuple[Row | None, str]] = []
    headings = len({row.figure.indicator for row in rows}) > 1
    for row, whose in zip(rows, marks, strict=True):
        if headings and (not order or order[-1][0] is None or order[-1][0].figure.indicator != row.figure.indicator):
            order.append((None, tables.wrapped(_title(_short(row, language)), _LETTERS)))
        order.append((row, whose))
    tags = ["" if row is None else words for row, words in order]
    names = (text("figure.published_range", language), text("dash.public.exact", language), text("dash.public.members", language))
    names = (_title(names[0]), names[1], names[2])
    limit = max(row.figure.n_public for row in rows)
    percents = [percent(tick, language) for tick in _TICKS]
    counts = ranges([_drawn(row, words, language) for row, words in order], names=names, axis=text("figure.people", language), limit=limit)
    shares = ranges([_drawn(row, words, language, share=True) for row, words in order], names=names, axis="", percents=percents)
    return {"counts": by_cohort(counts, tags), "share": by_cohort(shares, tags)}


def _drawn(row: Row | None, words: str, language: str, *, share: bool = False) -> RangeRow:
    if row is None:
        return RangeRow("", inside=words, heading=True)
    label = row.group(language)
    if row.figure.lo is None or row.figure.hi is None:
        return RangeRow(label, inside=row.state(language))
    n = row.figure.n_public
    low, high = int(row.figure.lo), int(row.figure.hi)
    if share:
        return RangeRow(label, (low / n, high / n), 1, row.share(language))
    return RangeRow(label, (low, high), n, row.people(language))


def _title(words: str) -> str:
    return words[:1].upper() + words[1:]
