"""How different the cohorts really are: their own estimates, and the same drawn together."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import pandas as pd

from ikut_eval.analysis.comparison import Subject, clustered_rates, counts_sessions, measure_of, one_row_a_cohort, refuse_doubles, versions_in
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import text
from ikut_eval.inference.pooling import Heterogeneity, RateShrinkage, Shrinkage, heterogeneity, normal_shrinkage, rate_shrinkage
from ikut_eval.inference.results import Result
from ikut_eval.measures.change import PairedChange


@dataclass(frozen=True, repr=False)
class CohortShrinkage(Result):
    """Cohorts' own estimates and the same drawn together, as far as the data allow.

    Attributes
    ----------
    measure : str
    method : {"normal_shrinkage", "rate_shrinkage"}
    scale : float – of the prior of the spread
    cohort_ids : tuple of str – cohorts that take part; left_out : tuple of str – those with too little to estimate from
    raw, errors : tuple of float – own estimates and their standard errors (for shares none)
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
    model: Shrinkage | RateShrinkage | None
    sensitivity: tuple[tuple[float, Shrinkage], ...] = ()
    check: Heterogeneity | None = None
    versions: tuple[str, ...] = ()

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a cohort: cohort_id, raw, error, shrunken, sd."""
        shrunken, spread = (self.model.theta_mean, self.model.theta_sd) if self.model else ((), ())
        errors = self.errors or (None,) * len(self.raw)
        rows = zip(self.cohort_ids, self.raw, errors, shrunken, spread, strict=True) if self.model else ()
        return pd.DataFrame(list(rows), columns=["cohort_id", "raw", "error", "shrunken", "sd"])

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return the common mean with its interval, or that there is too little."""
        return self.model.sentence(language, level=level) if self.model else text("comparison.too_few", language)

    def _rules(self) -> tuple[str, ...]:
        return (f"method.{self.method}", "assumption.cohorts_alike", "assumption.cohorts_differ")


def cohort_shrinkage(subject: Subject, *, scale: float = 0.5, group: str | None = None) -> CohortShrinkage:
    """How different the cohorts really are: their own estimates beside shrunken ones.

    Parameters
    ----------
    subject : pandas.DataFrame or sequence of PairedChange
        `attendance_rate(pilot, by="person")` or changes: normal–normal model. A table of counts of people: beta–binomial.
    scale : float
        Scale of the half-normal prior of the spread between cohorts [unit of the measure]; 0.5 for scale points.
    group : str, optional
        Which group of the table, where a cohort has several.

    Notes
    -----
    The error of a cohort's mean change uses the spread of changes within all cohorts together: four people's own
    spread is too uncertain to weigh by. A cohort with fewer than two people is left out, and so is one in which all
    have attended alike: it has no error to weigh by.

    Raises
    ------
    UsageError
        If the scale is not positive, people are not known whether they count (their bounds have no shrunken value),
        or as `compare_cohorts`.
    """
    if scale <= 0:
        raise UsageError("scale_not_positive")
    if isinstance(subject, pd.DataFrame) and not counts_sessions(subject):
        return _shrink_counts(one_row_a_cohort(subject, group))
    if group is not None:
        raise UsageError("people_table_needed")
    known: list[tuple[str, float | None, float]]
    if isinstance(subject, pd.DataFrame):
        measure = measure_of(subject)
        known = [(c, r.estimate, r.error) if r and not r.degenerate else (c, None, 0.0) for c, r in clustered_rates(subject)]
    else:
        measure, known = "paired_change", _mean_changes(list(subject))
    used = [(c, e, error) for c, e, error in known if e is not None]
    names, raw, errors = (tuple(part) for part in zip(*used, strict=True)) if used else ((), (), ())
    left_out = tuple(c for c, e, _ in known if e is None)
    if len(used) < 2:
        return CohortShrinkage(measure, "normal_shrinkage", scale, names, left_out, raw, errors, None)
    others = tuple((s, normal_shrinkage(raw, errors, scale=s)) for s in (scale / 2, scale * 2))
    model, check = normal_shrinkage(raw, errors, scale=scale), heterogeneity(raw, errors)
    versions = () if isinstance(subject, pd.DataFrame) else versions_in(list(subject))
    return CohortShrinkage(measure, "normal_shrinkage", scale, names, left_out, raw, errors, model, others, check, versions)


def _mean_changes(changes: Sequence[PairedChange]) -> list[tuple[str, float | None, float]]:
    refuse_doubles([name for change in changes for name in change.cohort_ids])
    many = [c for c in changes if c.n_paired > 1]
    means = {id(c): sum(map(float, c.changes)) / c.n_paired for c in many}
    squares = sum((float(d) - means[id(c)]) ** 2 for c in many for d in c.changes)
    df = sum(c.n_paired - 1 for c in many)
    common = sqrt(squares / df) if df else 0.0
    return [(", ".join(c.cohort_ids), means[id(c)] if id(c) in means and common else None, common / sqrt(c.n_paired) if c.n_paired else 0.0) for c in changes]


def _shrink_counts(table: pd.DataFrame) -> CohortShrinkage:
    if "at_least" in table and (table["at_least"] != table["at_most"]).any():
        raise UsageError("unreached_not_shrunken")
    used = table[table["denominator"] > 0]
    counts, sizes = used["numerator"].astype(int).tolist(), used["denominator"].astype(int).tolist()
    model = rate_shrinkage(counts, sizes) if len(used) > 1 else None
    raw = tuple(k / n for k, n in zip(counts, sizes, strict=True))
    left_out = tuple(table.loc[table["denominator"] == 0, "cohort_id"])
    return CohortShrinkage(measure_of(table), "rate_shrinkage", 0.0, tuple(used["cohort_id"]), left_out, raw, (), model)
