"""Counts of people, group by group: known to have something, known not to, and not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ikut_eval.contract.locale import percent, text
from ikut_eval.dashboard.internal.tables import label, whose
from ikut_eval.dashboard.page import Panel, by_cohort
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import dots_and_ranges, unit_dots
from ikut_eval.present.figures_of_people import stacked_counts

KINDS: Mapping[str, Mapping[str, str]] = {"yes": theme.YES, "unknown": theme.UNKNOWN, "no": theme.NO}
_TICKS = (0, 0.25, 0.5, 0.75, 1)


@dataclass(frozen=True)
class Count:
    """How many of a group have something; those of whom it is not known make it a range.

    Attributes
    ----------
    lower, upper : float or None – exact interval of the share
    """

    cohort: str
    yes: int
    unknown: int
    no: int
    not_yet: int
    lower: float | None
    upper: float | None

    @property
    def people(self) -> int:
        return self.yes + self.unknown + self.no

    def words(self, language: str) -> str:
        """Return "3 of 4", "at least 2, at most 3 of 4", "not yet", or a dash where there is nobody."""
        if not self.people:
            return tables.count_due(0, 0, self.not_yet, language)
        if self.unknown:
            return text("bounds", language, low=self.yes, high=self.yes + self.unknown, of=self.people)
        return tables.count(self.yes, self.people, language)

    def share(self, language: str) -> str:
        """Return the share, as a range where it is one; a dash where there is nobody."""
        if not self.people:
            return "–"
        low, high = (percent(n / self.people, language) for n in (self.yes, self.yes + self.unknown))
        return low if low == high else text("range", language, low=low, high=high)

    def interval(self, language: str) -> str:
        """Return the exact interval of the share; a dash where there is none."""
        if not self.people or self.lower is None or self.upper is None:
            return "–"
        return text("range", language, low=percent(self.lower, language), high=percent(self.upper, language))


def _whole(value: Any) -> int:
    return 0 if pd.isna(value) else int(value)


def counts_of(rows: pd.DataFrame, *, missing_counted: bool = False) -> list[Count]:
    """Return the counts of a measure's rows; bounds where the measure has them.

    Parameters
    ----------
    missing_counted : bool
        Whether the denominator holds those who are missing.
    """
    found = []
    for row in rows.itertuples():
        ends = [None if pd.isna(end) else float(end) for end in (row.lower, row.upper)]
        n, missing = _whole(row.denominator), _whole(row.n_missing)
        if not pd.isna(row.at_least):
            yes, most = _whole(row.at_least), _whole(row.at_most)
            unknown, no = most - yes, n - most
        else:
            yes, unknown = _whole(row.numerator), missing
            no = n - yes - (missing if missing_counted else 0)
        found.append(Count(str(row.cohort_id), yes, unknown, no, _whole(row.n_not_yet), *ends))
    return found


def counted(
    counts: Sequence[Count],
    *,
    heading: str,
    caption: str,
    caution: str,
    language: str,
    names: Mapping[str, str] | None = None,
    nothing: str = "sentence.nobody_due",
) -> Panel:
    """Return counts as a panel: a line a group, people as marks, counts as bars, shares as ranges with their exact intervals.

    Parameters
    ----------
    heading : str
        What is counted; stands before the lines.
    names : mapping of "yes", "unknown" and "no" to its name in the legend, optional
    nothing : str
        Key of what is said where nobody can be counted yet.
    """
    told = [count for count in counts if count.people or count.not_yet]
    names = names or {kind: text(f"figure.{kind}", language) for kind in KINDS}
    rows = [[label(c.cohort, language), c.words(language), c.share(language), str(c.unknown), str(c.not_yet), c.interval(language)] for c in counts]
    lines = [text("sentence.bounds", language, label=label(c.cohort, language), shown=c.words(language)) for c in told]
    anybody = any(c.people for c in counts)
    waits = not anybody and any(c.not_yet for c in counts)
    exhibit = Exhibit(
        sentence="\n".join([f"{heading}:", *lines]) if anybody else text("sentence.not_yet" if waits else nothing, language),
        drawing=None,
        table=tables.headed(rows, ["cohort", "count", "share", "unknown", "not_yet", "interval_95"], language),
        caption=caption,
        caution=caution,
        language=language,
    )
    whose_line = ("", *(whose(c.cohort) for c in told)) if anybody else ()
    return Panel(exhibit, whose_line, tuple(whose(c.cohort) for c in counts), _figures(told, names, language) if anybody else {})


def _figures(counts: Sequence[Count], names: Mapping[str, str], language: str) -> dict[str, Any]:
    rows = [(label(c.cohort, language), [("yes", c.yes), ("unknown", c.unknown), ("no", c.no)], c.words(language)) for c in counts]
    percents = [percent(tick, language) for tick in _TICKS]
    nobody: list[float] = []
    ranges = [
        (
            label(c.cohort, language),
            nobody,
            (c.yes / c.people, (c.yes + c.unknown) / c.people) if c.people else None,
            (c.lower, c.upper) if c.people and c.lower is not None and c.upper is not None else None,
            c.share(language),
        )
        for c in counts
    ]
    called = {name: text(f"figure.{name}", language) for name in ("share", "interval")}
    ticks = list(zip(_TICKS, percents, strict=True))
    drawn = {
        "people": unit_dots(rows, kinds=KINDS, names=names),
        "counts": stacked_counts(rows, kinds=KINDS, names=names, shares=False, axis=text("figure.people", language), percents=percents),
        "share": dots_and_ranges(ranges, dot="", estimate=called["share"], interval=called["interval"], axis="", limits=(0, 1), ticks=ticks),
    }
    return {view: by_cohort(figure, [whose(c.cohort) for c in counts]) for view, figure in drawn.items()}
