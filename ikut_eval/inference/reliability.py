"""Measurement error and likeness: who changed by more than the error, how alike the items of a scale and the people of a cohort are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from scipy.special import fdtrc, fdtri

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import number, text
from ikut_eval.inference.arguments import finite, is_missing, listed, same_length
from ikut_eval.inference.results import Estimate, Result
from ikut_eval.inference.scores import exact_scores

_KINDS = ("improved", "unchanged", "worsened", None)


@dataclass(frozen=True, repr=False)
class ReliableChange(Result):
    """Each person's change against measurement error.

    Attributes
    ----------
    error : float – standard error of measurement; error_of_change : float – of a difference
    smallest : float – smallest change beyond measurement error [scale points]
    index : tuple of float or None; kind : tuple of str or None – "improved", "unchanged", "worsened"; missing stays missing
    """

    error: float
    error_of_change: float
    smallest: float
    index: tuple[float | None, ...]
    kind: tuple[str | None, ...]

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a kind of change with its people: improved, unchanged, worsened, missing."""
        counts = Counter(self.kind)
        return pd.DataFrame({"kind": [k or "missing" for k in _KINDS], "people": [counts[k] for k in _KINDS]})

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return how many people changed by more than measurement error."""
        counts = Counter(self.kind)
        known = len(self.kind) - counts[None]
        values = {"up": counts["improved"], "down": counts["worsened"], "smallest": number(self.smallest, language, 2)}
        return text("reliable.change", language, n=known, missing=counts[None], **values)

    def _rules(self) -> tuple[str, ...]:
        return ("method.reliable_change", "assumption.reliability_from_outside")


def classify_change(
    before: Sequence[float | None], after: Sequence[float | None], *, sd: float, reliability: float, higher_is_better: bool = True, criterion: float = 1.96
) -> ReliableChange:
    """Return who changed more than measurement error (Jacobson–Truax).

    Parameters
    ----------
    sd, reliability : float
        From outside: a norm group. Five people's answers cannot give them.
    criterion : float
        How many errors of a change make it reliable; 1.96 as published.

    Raises
    ------
    UsageError
        If the reliability is not between 0 and 1 (1 leaves no error to compare with) or sd is not positive.

    References
    ----------
    Jacobson, N. S. and Truax, P. (1991). Journal of Consulting and Clinical Psychology 59, 12–19.
    Maassen, G. H. (2004). Journal of the International Neuropsychological Society 10, 888–893.
    """
    sd, reliability, criterion = finite(sd), finite(reliability), finite(criterion)
    if not 0 <= reliability < 1 or sd <= 0 or criterion <= 0:
        raise UsageError("impossible_reliability")
    first, second = exact_scores(before), exact_scores(after)
    same_length(first, second)
    error = sd * sqrt(1 - reliability)
    of_change = sqrt(2) * error
    index = tuple(None if a is None or b is None else float(b - a) / of_change for a, b in zip(first, second, strict=True))
    up, down = ("improved", "worsened") if higher_is_better else ("worsened", "improved")
    kind = tuple(None if value is None else up if value > criterion else down if value < -criterion else "unchanged" for value in index)
    return ReliableChange(error, of_change, criterion * of_change, index, kind)


def cutoffs(mean_clinical: float, sd_clinical: float, mean_norm: float, sd_norm: float) -> tuple[float, float, float]:
    """Return the Jacobson–Truax cut-offs a, b and c."""
    mean_clinical, sd_clinical, mean_norm, sd_norm = map(finite, (mean_clinical, sd_clinical, mean_norm, sd_norm))
    if sd_clinical <= 0 or sd_norm <= 0:
        raise UsageError("impossible_reliability")
    towards = 1 if mean_norm >= mean_clinical else -1
    c = (sd_clinical * mean_norm + sd_norm * mean_clinical) / (sd_clinical + sd_norm)
    return mean_clinical + towards * 2 * sd_clinical, mean_norm - towards * 2 * sd_norm, c


@dataclass(frozen=True, repr=False, kw_only=True)
class Alpha(Estimate):
    """Cronbach's alpha: estimate, people who answered everything, and the number of items."""

    n_items: int


def cronbach_alpha(items: Sequence[Sequence[float | None]]) -> Alpha:
    """Return Cronbach's alpha with Feldt's interval, over people who answered everything.

    Raises
    ------
    UsageError
        If there are fewer than two such people or items, or all totals are the same.

    References
    ----------
    Feldt, L. S. (1965). Psychometrika 30, 357–370. doi:10.1007/BF02289499
    """
    rows = [listed(row) for row in listed(items)]
    whole = [[finite(v) for v in row if not is_missing(v)] for row in rows]
    width = max((len(row) for row in items), default=0)
    complete = np.array([row for row in whole if len(row) == width])
    if len(complete) < 2 or width < 2:
        raise UsageError("too_few_people", n=len(complete))
    total = float(complete.sum(axis=1).var(ddof=1))
    if total == 0:
        raise UsageError("no_variation")
    n, k = complete.shape
    alpha = k / (k - 1) * (1 - float(complete.var(axis=0, ddof=1).sum()) / total)
    d1, d2 = n - 1, (n - 1) * (k - 1)

    def limits(level: float) -> tuple[float, float]:
        tail = (1 - level) / 2
        return 1 - (1 - alpha) * float(fdtri(d1, d2, 1 - tail)), 1 - (1 - alpha) * float(fdtri(d1, d2, tail))

    missing = len(rows) - n
    return Alpha(method="alpha", estimate=alpha, n=n, n_missing=missing, unit="points", assumption="normal", inversion=limits, n_items=k)


@dataclass(frozen=True, repr=False, kw_only=True)
class Likeness(Estimate):
    """Intraclass correlation of people within cohorts (one-way): estimate, with its F ratio and p."""

    f: float
    p: float


def likeness_within_cohorts(groups: Sequence[Sequence[float]]) -> Likeness:
    """How similar people of one cohort are: one-way intraclass correlation of cohorts of one size.

    Raises
    ------
    UsageError
        If there are fewer than two cohorts, or they differ in size.

    References
    ----------
    Shrout, P. E. and Fleiss, J. L. (1979). Psychological Bulletin 86, 420–428. doi:10.1037/0033-2909.86.2.420
    """
    cohorts = [[finite(v) for v in listed(group)] for group in listed(groups)]
    sizes = {len(g) for g in cohorts}
    if len(cohorts) < 2 or len(sizes) != 1 or min(sizes) < 2:
        raise UsageError("unequal_lengths")
    k, size = len(cohorts), sizes.pop()
    people = np.array(cohorts)
    between, within = size * float(people.mean(axis=1).var(ddof=1)), float(people.var(axis=1, ddof=1).mean())
    if within == 0:
        raise UsageError("no_variation")
    f, d1, d2 = between / within, k - 1, k * (size - 1)

    def limits(level: float) -> tuple[float, float]:
        low, high = f / float(fdtri(d1, d2, (1 + level) / 2)), f * float(fdtri(d2, d1, (1 + level) / 2))
        return (low - 1) / (low + size - 1), (high - 1) / (high + size - 1)

    return Likeness(
        method="likeness",
        estimate=(between - within) / (between + (size - 1) * within),
        n=k * size,
        unit="points",
        assumption="normal",
        inversion=limits,
        f=f,
        p=float(fdtrc(d1, d2, f)),
    )
