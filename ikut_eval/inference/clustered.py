"""Rates of sessions, which are clustered in people, and people, who are clustered in cohorts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.special import fdtrc, fdtri, stdtrit

from ikut_eval.contract.errors import UsageError
from ikut_eval.inference.results import Estimate


@dataclass(frozen=True, repr=False, kw_only=True)
class ClusteredRate(Estimate):
    """A rate of sessions with the person as the unit.

    Attributes
    ----------
    estimate : float – attended / held; n : int – people
    n_sessions : int – person-sessions
    error : float – cluster-robust (CR2); error_cr1, error_naive : float – for comparison only
    df : float – Satterthwaite
    degenerate : bool – everybody's rate is the same: there is no interval; report the number of people instead
    """

    n_sessions: int
    error: float
    error_cr1: float
    error_naive: float
    df: float
    degenerate: bool


def clustered_rate(attended: Sequence[float | None], held: Sequence[float | None]) -> ClusteredRate:
    """An attendance rate with its cluster-robust (CR2) interval.

    The interval may go beyond [0, 1]: the normal approximation then fails, and each person should be looked at instead.

    Parameters
    ----------
    attended, held : sequence of numbers
        One a person; a person with a missing value or no sessions is left out.

    Raises
    ------
    UsageError
        If lengths differ, there are fewer than two people, or more was attended than held.

    References
    ----------
    Bell, R. M. and McCaffrey, D. F. (2002). Survey Methodology 28, 169–181.
    Pustejovsky, J. E. and Tipton, E. (2018). JBES 36, 672–683. doi:10.1080/07350015.2016.1247004

    Examples
    --------
    >>> result = clustered_rate([18, 20, 15, 9, 20], [20, 20, 20, 20, 20])
    >>> round(result.estimate, 2), round(result.df, 1)
    (0.82, 4.0)
    """
    if len(attended) != len(held):
        raise UsageError("unequal_lengths")
    known = [(float(a), float(h)) for a, h in zip(attended, held, strict=True) if a is not None and h is not None and a == a and h == h and h > 0]
    if len(known) < 2:
        raise UsageError("too_few_people", n=len(known))
    if any(a < 0 or a > h for a, h in known):
        raise UsageError("impossible_counts")
    total = sum(h for _, h in known)
    rate = sum(a for a, _ in known) / total
    part = [h / total for _, h in known]
    residual = [(a - rate * h) ** 2 for a, h in known]
    people = len(known)
    cr2 = sqrt(sum(e / (1 - p) for e, p in zip(residual, part, strict=True))) / total
    cr1 = sqrt(people / (people - 1) * sum(residual)) / total
    ratio = [p**2 / (1 - p) for p in part]
    df = 1 / (sum(p**2 for p in part) + sum(ratio) ** 2 - sum(r**2 for r in ratio))

    def limits(level: float) -> tuple[float, float]:
        half = float(stdtrit(df, (1 + level) / 2)) * cr2
        return rate - half, rate + half

    naive = sqrt(max(0.0, rate * (1 - rate)) / total)
    return ClusteredRate(
        method="clustered_rate",
        estimate=rate,
        n=people,
        n_missing=len(attended) - people,
        assumption="people_alike",
        inversion=None if cr2 == 0 else limits,
        n_sessions=round(total),
        error=cr2,
        error_cr1=cr1,
        error_naive=naive,
        df=df,
        degenerate=cr2 == 0,
    )


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
    sizes = {len(g) for g in groups}
    if len(groups) < 2 or len(sizes) != 1 or min(sizes) < 2:
        raise UsageError("unequal_lengths")
    k, size = len(groups), sizes.pop()
    means = [sum(g) / size for g in groups]
    centre = sum(means) / k
    between = size * sum((m - centre) ** 2 for m in means) / (k - 1)
    within = sum((v - m) ** 2 for g, m in zip(groups, means, strict=True) for v in g) / (k * (size - 1))
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
