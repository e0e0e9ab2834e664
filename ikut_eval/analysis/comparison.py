"""The cohorts side by side, with an exact test of difference; never a ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TypeAlias

import pandas as pd

from ikut_eval.contract.errors import UsageError, check_choice
from ikut_eval.contract.locale import once_in, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.inference.arguments import check_level, check_table, counts, labels, listed
from ikut_eval.inference.intervals import ClusteredRate, clopper_pearson, clustered_rate, counts_people
from ikut_eval.inference.results import ExactTest, Result
from ikut_eval.inference.scores import alpha_of
from ikut_eval.inference.tables import freeman_halton_test, trend_test
from ikut_eval.measures.change import PairedChange

_BY_PERSON = ("attendance_rate", "attendance_rate_b")
_MOST_COMPLETIONS, _MOST_WORK = 2000, 8_000_000
"""Ways, and ways times the square of people, that are tested in some seconds."""
_METHODS = ("freeman_halton", "trend")
_RULES = {
    "freeman_halton": ("rule.minlike", "assumption.exchangeable_people"),
    "trend": ("rule.absdev", "assumption.exchangeable_people"),
    "clustered_rate": ("assumption.people_alike",),
}
Subject: TypeAlias = pd.DataFrame | Sequence[PairedChange]


@dataclass(frozen=True)
class CohortRow:
    """One cohort's part of a comparison.

    Attributes
    ----------
    cohort_id : str
    n, n_missing : int – people; people who are not known
    fewest, greatest : int or None – people counted; None where sessions are
    least, most : float or None – the share; between the two where people are not known
    lower, upper : float or None – its interval; None where there is none
    """

    cohort_id: str
    n: int = 0
    n_missing: int = 0
    fewest: int | None = None
    greatest: int | None = None
    least: float | None = None
    most: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, repr=False)
class CohortComparison(Result):
    """Cohorts side by side.

    Attributes
    ----------
    measure, group : str – what is compared
    method : str – how the intervals were made, or the test
    rows : tuple of CohortRow – in the order of the data
    versions : tuple of str – of the questionnaire, where changes are compared; more than one is a caution
    tests : tuple of ExactTest – the test of any difference, once for each way in which the people who are not known
        could have come out; empty where sessions, not people, are counted, or fewer than two cohorts have people
    """

    measure: str
    group: str
    method: str
    rows: tuple[CohortRow, ...]
    tests: tuple[ExactTest, ...]
    versions: tuple[str, ...] = ()

    @property
    def p_range(self) -> tuple[float, float] | None:
        """The smallest and the largest p over all that is possible for the people who are not known."""
        return (min(t.p for t in self.tests), max(t.p for t in self.tests)) if self.tests else None

    @property
    def p_floor(self) -> float | None:
        """The smallest p that cohorts of these sizes could reach with so many yeses."""
        return min(t.p_floor for t in self.tests) if self.tests else None

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a cohort; its intervals are those of the level given to `compare_cohorts`."""
        return pd.DataFrame([vars(row) for row in self.rows], columns=list(CohortRow.__dataclass_fields__)).assign(measure=self.measure)

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return what can be said of a difference between the cohorts."""
        found = self.p_range
        if found is None or self.p_floor is None:
            return text("comparison.no_test" if len(self.rows) > 1 else "comparison.too_few", language)
        low, high = (once_in(p, language) for p in found)
        said = text("comparison.p", language, p=low) if low == high else text("comparison.p_range", language, low=low, high=high)
        alpha = alpha_of(level)
        floor = once_in(self.p_floor, language)
        if self.p_floor > alpha:
            return f"{said} {text('comparison.not_attainable', language, floor=floor)}"
        shown = text("comparison.shown" if found[1] <= alpha else "comparison.open", language)
        return f"{said} {shown} {text('inference.floor', language, floor=floor)}"

    def _rules(self) -> tuple[str, ...]:
        return (f"method.{self.method}", *_RULES[self.method], "assumption.cohorts_differ")


def compare_cohorts(
    subject: Subject, *, group: str | None = None, method: str = "freeman_halton", order: Sequence[str] = (), level: float = 0.95
) -> CohortComparison:
    """The cohorts side by side, with an exact test of whether any differs.

    Parameters
    ----------
    subject : pandas.DataFrame or sequence of PairedChange
        A measure table of people; `attendance_rate(pilot, by="person")`; `outcome_bounds`; or a change a cohort.
    group : str, optional
        Which group of the table, where a cohort has several.
    method : {"freeman_halton", "trend"}
        Any difference, or a rise or fall over cohorts in an order set beforehand.
    order : sequence of str
        For "trend": the cohorts in that order.
    level : float
        Of the cohorts' intervals.

    Returns
    -------
    CohortComparison
        For attendance no test: sessions are clustered in people; each rate has its cluster-robust interval.

    Raises
    ------
    UsageError
        If the table counts sessions and is not by person, holds no shares, has several rows a cohort, the method is
        unknown, the order does not name every cohort once, or a group or a trend is asked of anything but a table
        of people.
    """
    check_choice("method", method, _METHODS)
    check_level(level)
    of_people = isinstance(subject, pd.DataFrame) and not counts_sessions(subject)
    if not of_people and (group is not None or method == "trend"):
        raise UsageError("people_table_needed")
    if not isinstance(subject, pd.DataFrame):
        return _compare_changes(checked_changes(subject), level)
    if not of_people:
        rates = clustered_rates(subject)
        return CohortComparison(measure_of(subject), "all", "clustered_rate", tuple(_rate_row(c, r, level) for c, r in rates), ())
    table = one_row_a_cohort(subject, group)
    least, most = (counts(*(table[name] if name in table else table["numerator"])) for name in ("at_least", "at_most"))
    sizes = counts(*table["denominator"])
    if any(not a <= b <= n for a, b, n in zip(least, most, sizes, strict=True)):
        raise UsageError("impossible_counts")
    names = table["cohort_id"].tolist()
    rows = [_people_row(name, a, b, n, int(unknown), level) for name, a, b, n, unknown in zip(names, least, most, sizes, table["n_missing"], strict=True)]
    if method == "trend":
        order = labels(order)  # type: ignore[assignment]
        if sorted(map(str, order)) != sorted(names):
            raise UsageError("order_needed", cohorts=", ".join(names))
        places = [names.index(name) for name in order]
        least, most, sizes = ([values[n] for n in places] for values in (least, most, sizes))
    return CohortComparison(measure_of(subject), str(table["group"].iloc[0]), method, tuple(rows), _over_completions(least, most, sizes, method))


def counts_sessions(table: pd.DataFrame) -> bool:
    """Return whether a table counts sessions of people. One without rows does: only by person there may be nobody to have a row."""
    check_table(table, ["measure"])
    return not len(table) or not counts_people(table)


def measure_of(table: pd.DataFrame) -> str:
    """Return the first measure of a table."""
    check_table(table, ["measure"])
    return str(table["measure"].iloc[0]) if len(table) else _BY_PERSON[0]


def _over_completions(least: Sequence[int], most: Sequence[int], sizes: Sequence[int], method: str) -> tuple[ExactTest, ...]:
    """Return the test for every way in which those who are not known could have come out."""
    if sum(n > 0 for n in sizes) < 2:
        return ()
    number = prod(b - a + 1 for a, b in zip(least, most, strict=True))
    if number > _MOST_COMPLETIONS or (number > 1 and number * sum(sizes) ** 2 > _MOST_WORK):
        raise UsageError("too_many_unknown")
    ways = product(*(range(a, b + 1) for a, b in zip(least, most, strict=True)))
    if method == "trend":
        return tuple(trend_test(way, sizes) for way in ways)
    distinct = {tuple(sorted((k, n) for k, n in zip(way, sizes, strict=True) if n)) for way in ways}
    return tuple(freeman_halton_test([[k, n - k] for k, n in way]) for way in sorted(distinct))


def _compare_changes(changes: Sequence[PairedChange], level: float) -> CohortComparison:
    rows = [_people_row(", ".join(c.cohort_ids), c.improved, c.improved, c.n_paired, c.n_missing, level) for c in changes]
    counts = [[c.improved, c.same, c.worse] for c in changes if c.n_paired]
    tests = (freeman_halton_test(counts),) if len(counts) > 1 else ()
    return CohortComparison("paired_change", "improved", "freeman_halton", tuple(rows), tests, versions_in(changes))


def versions_in(changes: Sequence[PairedChange]) -> tuple[str, ...]:
    """Return the versions of a questionnaire that changes are of."""
    return tuple(sorted({version for change in checked_changes(changes) for version in change.versions}))


def checked_changes(changes: Sequence[PairedChange]) -> list[PairedChange]:
    """Return changes as a list; raise UsageError if there is anything else in it, or a cohort twice."""
    found = listed(changes)
    if not all(isinstance(change, PairedChange) for change in found):
        raise UsageError("changes_needed")
    refuse_doubles([name for change in found for name in change.cohort_ids])
    return found


def one_row_a_cohort(table: pd.DataFrame, group: str | None) -> pd.DataFrame:
    """Return the table of one group; raise if it holds no shares, or several rows a cohort."""
    check_table(table, ["measure", "cohort_id", "group", "unit"], counted=["numerator", "denominator", "n_missing"])
    if (table["unit"] != "share").any():
        raise UsageError("shares_needed")
    if group is not None:
        check_choice("group", group, dict.fromkeys(table["group"]))
        table = table[table["group"] == group]
    if table["cohort_id"].duplicated().any():
        raise UsageError("several_groups", choices=", ".join(dict.fromkeys(table["group"])))
    return table


def refuse_doubles(cohorts: Sequence[str]) -> None:
    """Raise if a cohort appears twice."""
    cohorts = labels(cohorts)  # type: ignore[assignment]
    if len(set(cohorts)) != len(cohorts):
        raise UsageError("cohort_twice")


def clustered_rates(table: pd.DataFrame) -> list[tuple[str, ClusteredRate | None]]:
    """Return each cohort's rate over its people; None where fewer than two people have sessions."""
    return [(name, clustered_rate(*zip(*people, strict=True)) if len(people) > 1 else None) for name, people in people_by_cohort(table)]


def people_by_cohort(table: pd.DataFrame) -> list[tuple[str, list[tuple[int, int]]]]:
    """Return for each cohort the sessions that each person attended, and could have; people without sessions are left out.

    Raises
    ------
    UsageError
        If the table is not one of attendance by person, or a person appears twice.
    """
    check_table(table, ["measure", "group", "cohort_id"], counted=["numerator", "denominator"])
    if not len(table):
        return []
    pattern = load_contract().tables["participant"].field("participant_id").pattern or ""
    one = table[table["measure"] == table["measure"].iloc[0]]
    if table["measure"].iloc[0] not in _BY_PERSON or not one["group"].astype(str).str.fullmatch(pattern).all():
        raise UsageError("by_person_needed", choices=", ".join(_BY_PERSON))
    if one.duplicated(["cohort_id", "group"]).any():
        raise UsageError("duplicate_person")
    known = one[one["denominator"] > 0]
    people = {str(cohort): here for cohort, here in known.groupby("cohort_id", sort=False)}
    rows = {name: list(zip(counts(*here["numerator"]), counts(*here["denominator"]), strict=True)) for name, here in people.items()}
    return [(name, rows.get(name, [])) for name in map(str, dict.fromkeys(one["cohort_id"]))]


def _people_row(cohort: str, least: int, most: int, n: int, n_missing: int, level: float) -> CohortRow:
    if not n:
        return CohortRow(cohort, n, n_missing, least, most)
    lower, upper = clopper_pearson(least, n, level=level)[0], clopper_pearson(most, n, level=level)[1]
    return CohortRow(cohort, n, n_missing, least, most, least / n, most / n, lower, upper)


def _rate_row(cohort: str, rate: ClusteredRate | None, level: float) -> CohortRow:
    if rate is None:
        return CohortRow(cohort)
    lower, upper = rate.inversion(level) if rate.inversion else (None, None)
    return CohortRow(cohort, rate.n, rate.n_missing, least=rate.estimate, most=rate.estimate, lower=lower, upper=upper)
