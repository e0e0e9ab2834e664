"""The cohorts side by side in the same columns, in the order of time, then all together: what each cell says and shows."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import pandas as pd

MOST_MARKS = 24
"""How many people, and places that were not taken, are shown one by one at most."""


class ShareBand(NamedTuple):
    """A share and its interval on a scale from 0 to 1; lower and upper are the share itself where it has no interval."""

    lower: float
    share: float
    upper: float


class Bands(NamedTuple):
    """Shares with their intervals beside each other on the upright scale of `Weeks`: name, band and how its share is written."""

    each: tuple[tuple[str, ShareBand, str], ...]
    scale: tuple[str, str, str]


class Bar(NamedTuple):
    """A bar from 0 to 1."""

    length: float


class Hours(NamedTuple):
    """A bar of what was held, with an upright line at what was planned, both from 0 to 1 of a scale; None for no plan."""

    held: float
    planned: float | None


class Weeks(NamedTuple):
    """Shares from 0 to 1 week by week; None where there is none. `beside` is the dashed line, of the same weeks.

    `scale` is how 0, a half and 1 are written.
    """

    shares: tuple[float | None, ...]
    beside: tuple[float | None, ...]
    scale: tuple[str, str, str]


class Squares(NamedTuple):
    """One square a session, week by week: in each week the kinds of its sessions."""

    weeks: tuple[tuple[str, ...], ...]


class Kinds(NamedTuple):
    """What the squares are: kind, number and words of each."""

    each: tuple[tuple[str, int, str], ...]


class Slope(NamedTuple):
    """An average before and after with the interval of the second, each from 0 to 1 of the scale, and how both are written."""

    before: float
    after: float
    lower: float
    upper: float
    words: tuple[str, str]


class Dumbbell(NamedTuple):
    """A number before and after on a line from 0 to 1 that ends at the largest possible one."""

    before: float
    after: float
    most: float = 1.0


class ChangeBand(NamedTuple):
    """A change and its interval on an axis from -1 to 1 with a line at 0; lower and upper are the change itself where it has no interval."""

    lower: float
    change: float
    upper: float


Drawn = ShareBand | Bands | Bar | Hours | Weeks | Squares | Kinds | Slope | Dumbbell | ChangeBand


class Cell(NamedTuple):
    """What a row says of one cohort.

    Attributes
    ----------
    figure, more, heard : str – the count; what stands beside it in smaller letters; what only the marks show, for who hears the page
    marks : tuple of (kind, number) – one mark a person, for up to `MOST_MARKS`
    drawn : what is drawn instead of marks; None for nothing
    outlined : bool – whether it stands on the line of those that stayed as they were, in a table from what was before to what came after
    """

    figure: str
    more: str = ""
    heard: str = ""
    marks: tuple[tuple[str, int], ...] = ()
    drawn: Drawn | None = None
    outlined: bool = False

    @property
    def shape(self) -> str:
        """The name of the piece of HTML that draws `drawn`."""
        return type(self.drawn).__name__.lower()

    @property
    def words(self) -> str:
        """All that is said, with commas between the parts."""
        return ", ".join(part for part in (self.figure, self.more, self.heard) if part)


class SpineRow(NamedTuple):
    """A question: its name, what it counts, a cell for each column; `first` where it stands out among those around it."""

    name: str
    detail: str
    cells: tuple[Cell, ...]
    first: bool = False


class SpineGroup(NamedTuple):
    """Rows that belong together under a title, which may be ""; `page` is the page that tells more of them, or ""."""

    title: str
    page: str
    rows: tuple[SpineRow, ...]


_FEW = 4
"""Fewer columns than this leave room for long names of rows."""


class Column(NamedTuple):
    """A column: its name, what it is, and whether the content changed before it.

    `over` stands above it, and above its neighbours that have the same; `measured` says what that is of.
    """

    name: str
    detail: str = ""
    changed: bool = False
    over: str = ""
    measured: str = ""


class Spine(NamedTuple):
    """The table; `legend` explains its marks as (kind, words), `note` says what a reader must know of the figures.

    The last column is of all the others `together`, or one like the others.
    """

    columns: tuple[Column, ...]
    groups: tuple[SpineGroup, ...]
    legend: tuple[tuple[str, str], ...] = ()
    note: str = ""
    together: bool = True

    @property
    def overs(self) -> list[tuple[str, int, bool]]:
        """What stands above the cohorts: words, over how many of them, and whether the content changed before; empty for nothing."""
        runs = [(words, list(of)) for words, of in groupby(self.columns[:-1], key=lambda column: column.over)]
        return [(words, len(of), of[0].changed) for words, of in runs] if any(words for words, _ in runs) else []

    def rows(self) -> Iterator[tuple[str, SpineRow]]:
        """Give each row with the title of its group."""
        yield from ((group.title, row) for group in self.groups for row in group.rows)

    @property
    def layout(self) -> str:
        """ "one" for one column, "crossed" where rows and columns are the same states before and after, "few" for two or three columns, "lines" where
        each row is one line, or "cells".
        """
        if len(self.columns) == 1:
            return "one"
        cells = [cell for _, row in self.rows() for cell in row.cells]
        if any(cell.outlined for cell in cells):
            return "crossed"
        if len(self.columns) < _FEW:
            return "few"
        return "cells" if any(cell.more or cell.drawn for cell in cells) or any(row.detail for _, row in self.rows()) else "lines"

    def table(self, question: str) -> pd.DataFrame:
        """Return the table as text: a row a question, under the heading `question`, and a column a cohort."""
        found = [[f"{title}: {row.name}" if title else row.name, *(cell.words for cell in row.cells)] for title, row in self.rows()]
        return pd.DataFrame(found, columns=[question, *(column.name for column in self.columns)], dtype="str")
