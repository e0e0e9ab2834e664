"""The cohorts side by side: rows of measures, the columns of every page, and the cells that count people and shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import pandas as pd

from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.locale import months, number, once_in, percent, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.present import tables
from ikut_eval.present.spine import MOST_MARKS, Bar, Cell, Column, ShareBand, Slope, SpineRow

EVERY_COHORT = "all"
"""Where a bundle's table has a row of all cohorts together, its cohort's id."""
REACH = "follow_up_reach"
"""A measure whose denominator holds those who are missing."""
Cells = Mapping[str, Cell]
"""A cell for each cohort, and for all of them under `EVERY_COHORT`."""
_COUNTS = ["numerator", "denominator", "n_missing", "n_not_yet"]
_MARKS = ("yes", "left", "free", "improved", "same", "worse", "unknown", "no", "not_yet")


class MeasureTables(Protocol):
    """Tables of measures by name: "cohorts", "measures" and "changes", as in an internal bundle."""

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by its name."""


class GatheredTables:
    """Tables that a notebook gathers from measures, under the names and columns that they have in an internal bundle; of each count also the sum of all.

    Parameters
    ----------
    cohorts : pandas.DataFrame
        In the order of time.
    measures : sequence of pandas.DataFrame
        Measure tables: attendance and groups by week, all others of each cohort.
    changes : sequence of PairedChange
        Of a cohort each, then of all of them together.
    """

    def __init__(self, cohorts: pd.DataFrame, measures: Sequence[pd.DataFrame], changes: Sequence[Any], plan: AnalysisPlan) -> None:
        sizes = [table.rename(columns={"at_least": "threshold"}) if set(table["measure"]) == {"group_viability"} else table for table in measures]
        keys, ends = ["measure", "wave", "group", "unit", "threshold"], ["value", "lower", "upper"]
        counts = ["numerator", "denominator", "n_missing", "at_least", "at_most", "n_not_yet", "n_not_asked"]
        each = pd.concat(sizes, ignore_index=True).reindex(columns=["cohort_id", *keys, *ends, *counts])
        total = each[each["cohort_id"] != EVERY_COHORT].groupby(keys, sort=False, as_index=False, dropna=False)[counts].sum(min_count=1)
        every = pd.concat([each, total.assign(cohort_id=EVERY_COHORT)], ignore_index=True).assign(by="week")
        self._tables = {"cohorts": cohorts, "measures": every, "changes": self._judged(changes, plan, len(cohorts) > 1)}

    @staticmethod
    def _judged(changes: Sequence[Any], plan: AnalysisPlan, several: bool) -> pd.DataFrame:
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for one in changes:
            cohort = one.cohort_ids[0] if len(one.cohort_ids) == 1 else EVERY_COHORT
            if several and (one.instrument, cohort) in rows:  # all together, of whom one cohort alone has begun
                cohort = EVERY_COHORT
            counts = {name: getattr(one, name) for name in ("n_paired", "n_missing", "n_not_yet", "improved", "same", "worse")}
            means = dict(zip(("mean_start", "mean_end"), one.means or (None, None), strict=True))
            judged = {"method": "", "unit": "", "lower": None, "upper": None, "p": None, "p_floor": None, "planned": False} | dict(one.judged_by(plan))
            rows[one.instrument, cohort] = {"instrument": one.instrument, "cohort_id": cohort, **counts, **means, **judged}
        return pd.DataFrame(list(rows.values()), columns=None if rows else ["instrument", "cohort_id"])

    def table(self, name: str) -> pd.DataFrame:
        return self._tables[name]


def cohort_ids(bundle: MeasureTables) -> tuple[str, ...]:
    """Return the cohorts in the order in which they started."""
    return tuple(str(cohort) for cohort in bundle.table("cohorts")["cohort_id"])


def measure_rows(bundle: MeasureTables, measure: str, **where: str | int) -> pd.DataFrame:
    """Return the rows of one measure, in the order of the cohorts; counts are whole numbers, hours stay as they are.

    Parameters
    ----------
    where : column and value
        Which rows, for example ``by="week", wave="m6"``.
    """
    table = bundle.table("measures")
    table = table[table["measure"] == measure]
    for column, value in where.items():
        table = table[table[column] == value]
    whole = [name for name in ("numerator", "denominator") if (table[name].dropna() % 1 == 0).all()]
    return in_order(table.astype(dict.fromkeys(whole, "Int64")), bundle)


def in_order(table: pd.DataFrame, bundle: MeasureTables) -> pd.DataFrame:
    """Return a table's rows cohort by cohort, all of them together last."""
    order = {cohort: n for n, cohort in enumerate((*cohort_ids(bundle), EVERY_COHORT))}
    return table[table["cohort_id"].isin(list(order))].sort_values("cohort_id", key=lambda c: c.map(order), kind="stable", ignore_index=True)


@dataclass(frozen=True)
class PeopleCount:
    """How many of a group have something; those of whom it is not known make it a range.

    `not_asked` are people among the not known for whom the time has passed without any entry.
    """

    cohort: str
    yes: int
    unknown: int
    no: int
    not_yet: int
    not_asked: int = 0

    @property
    def people(self) -> int:
        return self.yes + self.unknown + self.no

    def words(self, language: str) -> str:
        """Return "3 of 4", "2–4 of 5" where it is not known of some, "not asked", "not yet", or a dash where there is nobody."""
        if self.unknown and self.not_asked < self.people:
            return text("dash.range_of", language, low=self.yes, high=self.yes + self.unknown, of=self.people)
        return tables.count_due(self.yes, self.people, self.not_yet, language, not_asked=self.not_asked)


def _whole(value: Any) -> int:
    return 0 if pd.isna(value) else int(value)


def counts_of(rows: pd.DataFrame) -> list[PeopleCount]:
    """Return the counts of a measure's rows; bounds where the measure has them."""
    found = []
    for row in rows.itertuples():
        n, missing = _whole(row.denominator), _whole(row.n_missing)
        if not pd.isna(row.at_least):
            yes, most = _whole(row.at_least), _whole(row.at_most)
            unknown, no = most - yes, n - most
        else:
            yes, unknown = _whole(row.numerator), missing
            no = n - yes - (missing if row.measure == REACH else 0)
        found.append(PeopleCount(str(row.cohort_id), yes, unknown, no, _whole(row.n_not_yet), _whole(row.n_not_asked)))
    return found


def columns_of(bundle: MeasureTables, language: str, *, brief: bool = False) -> tuple[Column, ...]:
    """Return a column for each cohort, in the order of time, then for all together; `brief` with their names alone."""
    people = {str(row.cohort_id): int(row.numerator) for row in measure_rows(bundle, "participants").itertuples()}
    rows = {str(row.cohort_id): row for row in bundle.table("cohorts").itertuples()}
    columns, before = [], ""
    for cohorts in designs_of(bundle):
        over = _weight(bundle, cohorts, before, language)
        for cohort in cohorts:
            known = [value.date() for value in (rows[cohort].start_date, rows[cohort].end_date) if not pd.isna(value)]
            when = months(known[0], known[-1], language) if known else ""
            size = text("people", language, n=people.get(cohort, 0))
            columns.append(Column(cohort, f"{size} · {when}" if when else size, bool(before) and cohort == cohorts[0], over, text("spine.over", language)))
        before = cohorts[-1]
    columns.append(Column(text("table.all_cohorts", language), text("people", language, n=people.get(EVERY_COHORT, 0))))
    return tuple(Column(column.name, changed=column.changed) for column in columns) if brief else tuple(columns)


def designs_of(bundle: MeasureTables) -> list[list[str]]:
    """Return the cohorts in the order of time, those together between which the content of the training did not change."""
    runs: list[list[str]] = []
    before = None
    for row in bundle.table("cohorts").itertuples():
        content = None if pd.isna(row.emphasis) else row.emphasis
        if not runs or (before and content != before):
            runs.append([])
        runs[-1].append(str(row.cohort_id))
        before = content
    return runs


def _weight(bundle: MeasureTables, cohorts: Sequence[str], before: str, language: str) -> str:
    """Return which share of the hours everyday life and wellbeing had in cohorts of one content, and after which cohort it changed."""
    shares = measure_rows(bundle, "everyday_wellbeing_share", group="held").set_index("cohort_id")["value"].dropna()
    own = [float(shares[cohort]) for cohort in cohorts if cohort in shares.index]
    if not own:
        return ""
    share = percent_range(min(own), max(own), language)
    return text("spine.over.changed", language, share=share, cohort=before) if before else text("spine.over.share", language, share=share)


def percent_range(low: float, high: float, language: str) -> str:
    """Return two shares as "18–21%", as one where both are written alike."""
    ends = [percent(share, language) for share in (low, high)]
    return ends[1] if ends[0] == ends[1] else f"{number(100 * low, language, 0)}–{ends[1]}"


def columns_of_all(language: str) -> tuple[Column, ...]:
    """Return the one column of all cohorts together."""
    return (Column(text("table.all_cohorts", language)),)


def row_of(bundle: MeasureTables, name: str, detail: str, cells: Cells, *, first: bool = False) -> SpineRow:
    """Return a row with a cell for each column of `columns_of`; a dash where there is none."""
    order = [*map(str, bundle.table("cohorts")["cohort_id"]), EVERY_COHORT]
    return SpineRow(name, detail, tuple(cells.get(one, Cell("–")) for one in order), first)


def legend_of(kinds: Sequence[str], language: str) -> tuple[tuple[str, str], ...]:
    """Return what each kind of mark means."""
    return tuple((kind, text(f"spine.legend.{kind}", language)) for kind in kinds)


def cell_of(cohort: str, figure: str, parts: Mapping[str, int], language: str, *, shown: Sequence[str], heard: Sequence[str] = ()) -> Cell:
    """Return a cell with a mark for each person, for as many as a row can hold, and how many some of them are; in the last column of all of them."""
    seen = (*heard, *shown) if cohort == EVERY_COHORT else shown
    more, aloud = (" · ".join(text(f"spine.{kind}", language, n=parts[kind]) for kind in kinds if parts.get(kind)) for kinds in (seen, (*heard, *shown)))
    marks = tuple((kind, n) for kind, n in parts.items() if n and kind in _MARKS)
    return Cell(figure, more, "" if more == aloud else aloud, marks if sum(n for _, n in marks) <= MOST_MARKS else ())


def rate_cell(k: int, n: int, ends: tuple[float, float] | None, language: str) -> Cell:
    """Return "185 of 275" with its share on a scale, and its interval where it has one."""
    if not n:
        return Cell("–")
    rate, heard = k / n, f"({tables.share_between(ends, language)})" if ends else ""
    low, high = ends or (rate, rate)
    return Cell(tables.count(k, n, language), percent(rate, language), heard, drawn=ShareBand(low, rate, high))


def came_cells(bundle: MeasureTables, rate: str, language: str) -> dict[str, Cell]:
    """Return attendance by cohort with its interval over people, and of all cohorts the sum, which has none."""
    cells = {}
    for row in measure_rows(bundle, rate, by="cohort").itertuples():
        ends = None if pd.isna(row.lower) or pd.isna(row.upper) else (max(0.0, float(row.lower)), min(1.0, float(row.upper)))
        cells[str(row.cohort_id)] = rate_cell(int(row.numerator), int(row.denominator), ends, language)
    return cells


def bar_cell(k: int, n: int, language: str) -> Cell:
    """Return "185 of 275" with its share as a bar from 0 to 100 per cent; a dash where there is nothing to count."""
    return Cell(tables.count(k, n, language), percent(k / n, language), drawn=Bar(k / n)) if n else Cell("–")


def changed_cells(bundle: MeasureTables, instrument: str, language: str) -> dict[str, Cell]:
    """Return how many of the people with both answers rose, with a mark for each person."""
    changes, cells = bundle.table("changes"), {}
    for row in changes[changes["instrument"] == instrument].itertuples():
        parts = {"improved": int(row.improved), "same": int(row.same), "worse": int(row.worse), "unknown": int(row.n_missing), "not_yet": int(row.n_not_yet)}
        figure = tables.count_due(parts["improved"], int(row.n_paired), parts["not_yet"], language)
        cells[str(row.cohort_id)] = cell_of(str(row.cohort_id), figure, parts, language, shown=(), heard=("same", "worse", "unknown"))
    return cells


def average_cells(bundle: MeasureTables, instrument: str, language: str) -> dict[str, Cell]:
    """Return the average before and after of the people who answered both times, with the exact interval of its change where there is one."""
    changes, (low, high) = bundle.table("changes"), load_contract().instruments[instrument].score_range
    return {str(row.cohort_id): _slope(row, low, high, language) for row in changes[changes["instrument"] == instrument].itertuples()}


def _slope(row: Any, low: float, high: float, language: str) -> Cell:
    if pd.isna(row.mean_start):
        return cell_of_few_pairs(row, language)
    before, after = float(row.mean_start), float(row.mean_end)
    told = row.unit == "points" and row.method == "mean_change" and not pd.isna(row.lower)
    ends = (float(row.lower), float(row.upper)) if told else None
    lower, upper = (min(max(before + end, low), high) for end in ends) if ends else (after, after)
    words = (number(before, language), number(after, language))
    more = [tables.between(ends, language, tables.points)] if ends else []
    if row.cohort_id == EVERY_COHORT:
        more.append(text("spine.chance.planned" if row.planned else "spine.chance.unplanned", language, p=once_in(float(row.p), language)))
    first, last, bottom, top = ((value - low) / (high - low) for value in (before, after, lower, upper))
    return Cell(signed(after - before, language), " · ".join(more), " → ".join(words), drawn=Slope(first, last, bottom, top, words))


def signed(change: float, language: str) -> str:
    """Return a change in points with its sign."""
    words = tables.points(change, language)
    return f"+{words}" if round(change, 2) > 0 else words


def cell_of_few_pairs(row: Any, language: str) -> Cell:
    """Return the cell of fewer than two people: their average would be one person's."""
    return Cell(text("not_yet", language) if row.n_not_yet and not row.n_paired else "–")


def people_cells(bundle: MeasureTables, measure: str, language: str, *, shown: Sequence[str] = ("unknown", "not_yet"), **where: str) -> dict[str, Cell]:
    """Return how many people have something, as a range where it is not known of some; `shown` are the kinds that are counted beside it."""
    cells = {}
    for count in counts_of(measure_rows(bundle, measure, **where)):
        if measure == REACH and count.not_asked < count.people:  # who was not tried was not reached; of whom nobody was asked, nothing is known
            count = replace(count, unknown=0, no=count.no + count.unknown)
        parts = {"yes": count.yes, "unknown": count.unknown, "no": count.no, "not_yet": count.not_yet}
        known = count.people > count.not_asked
        cells[count.cohort] = cell_of(count.cohort, count.words(language), parts, language, shown=shown if known else ())
    return cells


def took_part_cells(bundle: MeasureTables, language: str) -> Cells:
    """Return how many took part, of how many places, with a mark for each person and each place that was not taken."""
    ended, cells = measure_rows(bundle, "completion"), {}
    for row in measure_rows(bundle, "participants").itertuples():
        here = ended[ended["cohort_id"] == row.cohort_id].set_index("group")["numerator"]
        left = sum(int(here.get(kind, 0)) for kind in ("early_positive", "early_other"))
        started, places = int(row.numerator), 0 if pd.isna(row.denominator) else int(row.denominator)
        figure = tables.count(started, places, language) if places else number(started, language)
        parts = {"yes": started - left, "left": left, "free": max(0, places - started), "completed": int(here.get("completed", 0))}
        shown = ("completed", "left") if row.cohort_id == EVERY_COHORT else ("completed",)
        cells[str(row.cohort_id)] = cell_of(str(row.cohort_id), figure, parts, language, shown=shown, heard=() if "left" in shown else ("left",))
    return cells


class SessionCount(NamedTuple):
    """How many of how many, of how many it is not known, and whether there are weeks to come."""

    k: int = 0
    n: int = 0
    missing: int = 0
    waits: int = 0

    def words(self, language: str) -> str:
        return tables.count_due(self.k, self.n, self.waits, language)


WeeklyCounts = Mapping[tuple[str, str], SessionCount]
"""Counts by week and cohort, of all cohorts together under `EVERY_COHORT`."""


def session_counts(table: pd.DataFrame) -> dict[tuple[str, str], SessionCount]:
    """Return the counts of a measure's rows, added up by group and cohort."""
    sums = table.assign(**{name: table[name].fillna(0).astype(int) for name in _COUNTS}).groupby(["group", "cohort_id"], sort=False)[_COUNTS].sum()
    return {(str(week), str(cohort)): SessionCount(*map(int, row)) for (week, cohort), *row in sums.itertuples(name=None)}


def weekly_counts(bundle: MeasureTables, measure: str, **where: str | int) -> WeeklyCounts:
    """Return the counts of a measure week by week."""
    table = measure_rows(bundle, measure, by="week", **where)
    return session_counts(pd.concat([table, table.assign(cohort_id=EVERY_COHORT)]))


def kinds_of_sessions(two: SessionCount, three: SessionCount) -> dict[str, int]:
    """Return how many group sessions had how many people, as far as the register shows."""
    return {"three": three.k, "two": two.k - three.k, "fewer": two.n - two.k, "undecided": two.missing}
