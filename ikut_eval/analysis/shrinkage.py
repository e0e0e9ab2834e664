"""How different the cohorts really are: their own estimates, and the same drawn together."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, sqrt
from typing import TypeAlias

import pandas as pd

from ikut_eval.analysis.comparison import Subject, checked_changes, counts_sessions, measure_of, one_row_a_cohort, people_by_cohort, versions_in
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import text
from ikut_eval.contract.schema import load_contract
from ikut_eval.inference.arguments import check_level, counts, number_between
from ikut_eval.inference.pooling import Heterogeneity, RateShrinkage, Shrinkage, heterogeneity, normal_level, normal_shrinkage, quantile, rate_shrinkage
from ikut_eval.inference.results import Interval, Result

_People: TypeAlias = Sequence[tuple[Fraction, int]]
"""Each person's change, or rate of attendance, and how much it weighs in the cohort's."""
_EIGHTH = 8
"""What a measure reaches is so many times the scale of the prior."""


@dataclass(frozen=True, repr=False)
class CohortShrinkage(Result):
    """Cohorts' own estimates and the same drawn together, as far as the data allow.

    Attributes
    ----------
    measure : str
    method : {"normal_shrinkage", "rate_shrinkage"}
    scale : float – of the prior of the spread [unit of the measure]
    cohort_ids : tuple of str – cohorts that take part; left_out : tuple of str – those with too little to estimate from
    raw, errors : tuple of float – own estimates and their standard errors (for shares none)
    df : float or None – degrees of freedom of the spread between people, from which the errors come
    model : Shrinkage, RateShrinkage or None – None where fewer than two cohorts take part
    sensitivity : tuple of (float, Shrinkage) – the same under priors of half and double the scale
    check : Heterogeneity or None – Paule–Mandel with Hartung–Knapp
    versions : tuple of str – of the questionnaire, where changes are compared; more than one is a caution
    """

    measure: str
    method: str
    scale: float
    cohort_ids: tuple[str, ...]
    left_out: tuple[str, ...]
    raw: tuple[float, ...]
    errors: tuple[float, ...]
    df: float | None
    model: Shrinkage | RateShrinkage | None
    sensitivity: tuple[tuple[float, Shrinkage], ...] = ()
    check: Heterogeneity | None = None
    versions: tuple[str, ...] = ()

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a cohort: cohort_id, raw, error, shrunken, sd, and lower and upper of its approximate interval; shares end at 0 and 1."""
        check_level(level)
        model, errors = self.model, self.errors or (None,) * len(self.raw)
        known = zip(self.cohort_ids, self.raw, errors, model.theta_mean, model.theta_sd, strict=True) if model else ()
        least, most = (-inf, inf) if self.measure == "paired_change" else (0.0, 1.0)
        half = self._quantile(level)
        rows = [(*row, max(least, row[3] - half * row[4]), min(most, row[3] + half * row[4])) for row in known]
        return pd.DataFrame(rows, columns=["cohort_id", "raw", "error", "shrunken", "sd", "lower", "upper"])

    def common(self, level: float = 0.95) -> Interval:
        """Return the approximate interval of the cohorts' common mean; of shares, it ends at 0 and 1.

        Raises
        ------
        UsageError
            If there is no model, or the level is not between 0 and 1.
        """
        check_level(level)
        if self.model is None:
            raise UsageError("too_few_cohorts", n=len(self.cohort_ids))
        found = self.model.interval(normal_level(self._quantile(level)))
        least, most = (-inf, inf) if self.measure == "paired_change" else (0.0, 1.0)
        return Interval(max(least, found.lower), min(most, found.upper), level)

    def _quantile(self, level: float) -> float:
        """Return how many standard deviations an interval reaches: Student's t where the errors come from people, whose spread is not known."""
        return quantile(level, self.df)

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return the common mean with its interval, or that there is too little."""
        return self.model.sentence(language, level=level) if self.model else text("comparison.too_few", language)

    def _rules(self) -> tuple[str, ...]:
        return (f"method.{self.method}", "assumption.cohorts_alike", "assumption.cohorts_differ")


def cohort_shrinkage(subject: Subject, *, scale: float | None = None, group: str | None = None) -> CohortShrinkage:
    """How different the cohorts really are: their own estimates beside shrunken ones.

    Parameters
    ----------
    subject : pandas.DataFrame or sequence of PairedChange
        `attendance_rate(pilot, by="person")` or changes: normal–normal model. A table of counts of people: beta–binomial.
    scale : float, optional
        Scale of the half-normal prior of the spread between cohorts [unit of the measure]. Where it is left out, an
        eighth of how far the measure reaches: 0.5 on a scale from 1 to 5, 0.125 for a rate.
    group : str, optional
        Which group of the table, where a cohort has several.

    Notes
    -----
    The error of a cohort's mean change, or attendance rate, uses the spread between people within all cohorts together:
    four people's own spread is too uncertain to weigh by. Intervals use Student's t with the degrees of freedom of that
    spread. A cohort with fewer than two people is left out. Coverage is measured by `bench/inference/coverage.py`.

    Raises
    ------
    UsageError
        If the scale is not positive, people are not known whether they count (their bounds have no shrunken value),
        or as `compare_cohorts`.
    """
    if scale is not None:
        number_between(scale, "scale_not_positive", most=inf)
    if isinstance(subject, pd.DataFrame) and not counts_sessions(subject):
        return _shrink_counts(one_row_a_cohort(subject, group))
    if group is not None:
        raise UsageError("people_table_needed")
    if isinstance(subject, pd.DataFrame):
        measure, width = measure_of(subject), 1.0
        cohorts = [(name, [(Fraction(int(a), int(h)), int(h)) for a, h in people]) for name, people in people_by_cohort(subject)]
    else:
        changes = checked_changes(subject)
        reach = (load_contract().instruments[c.instrument].score_range for c in changes if c.instrument)
        measure, width = "paired_change", max((float(high - low) for low, high in reach), default=4.0)
        cohorts = [(", ".join(c.cohort_ids), [(change, 1) for change in c.changes]) for c in changes]
    scale = width / _EIGHTH if scale is None else float(scale)
    common, df = _spread_between_people([people for _, people in cohorts])
    used = [(name, people) for name, people in cohorts if len(people) > 1 and common]
    names, left_out = tuple(name for name, _ in used), tuple(name for name, people in cohorts if len(people) < 2 or not common)
    raw = tuple(float(_mean(people)) for _, people in used)
    errors = tuple(common * sqrt(sum(part**2 for part in _parts(people))) for _, people in used)
    if len(used) < 2:
        return CohortShrinkage(measure, "normal_shrinkage", scale, names, left_out, raw, errors, df or None, None)
    model, *others = (normal_shrinkage(raw, errors, scale=s) for s in (scale, scale / 2, scale * 2))
    versions = () if isinstance(subject, pd.DataFrame) else versions_in(list(subject))
    tried = tuple(zip((scale / 2, scale * 2), others, strict=True))
    return CohortShrinkage(measure, "normal_shrinkage", scale, names, left_out, raw, errors, df, model, tried, heterogeneity(raw, errors), versions)


def _mean(people: _People) -> Fraction:
    return sum((value * weight for value, weight in people), Fraction(0)) / sum(weight for _, weight in people)


def _parts(people: _People) -> list[float]:
    whole = sum(weight for _, weight in people)
    return [weight / whole for _, weight in people]


def _spread_between_people(cohorts: Sequence[_People]) -> tuple[float, float]:
    """Return the standard deviation of people around the mean of their cohort, over all cohorts, and its degrees of freedom.

    The expected sum of squares around a weighted mean of n people is the variance times n − 2 + n Σ (weight / all)².
    """
    squares, df = 0.0, 0.0
    for people in cohorts:
        if len(people) > 1:
            mean = _mean(people)
            squares += sum(float(value - mean) ** 2 for value, _ in people)
            df += len(people) - 2 + len(people) * sum(part**2 for part in _parts(people))
    return (sqrt(squares / df), df) if df else (0.0, 0.0)


def _shrink_counts(table: pd.DataFrame) -> CohortShrinkage:
    if "at_least" in table and (table["at_least"] != table["at_most"]).any():
        raise UsageError("unreached_not_shrunken")
    used = table[table["denominator"] > 0]
    people, sizes = counts(*used["numerator"]), counts(*used["denominator"])
    model = rate_shrinkage(people, sizes) if len(used) > 1 else None
    raw = tuple(k / n for k, n in zip(people, sizes, strict=True))
    left_out = tuple(table.loc[table["denominator"] == 0, "cohort_id"])
    return CohortShrinkage(measure_of(table), "rate_shrinkage", 0.0, tuple(used["cohort_id"]), left_out, raw, (), None, model)
