"""People not reached: bounds, and how far they must differ to undo a conclusion."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.optimize import brentq
from scipy.special import ndtr

from ikut_eval.contract.errors import UsageError
from ikut_eval.inference.intervals import clopper_pearson
from ikut_eval.inference.paired import mean_change_test
from ikut_eval.inference.results import ExactTest, Interval


@dataclass(frozen=True)
class RateBounds:
    """A rate between nobody and everybody of those not reached.

    Attributes
    ----------
    observed : float or None – among those reached; never to be shown alone
    lower, upper : float – none, all of the unreached
    interval : Interval – Clopper–Pearson at the two extremes
    imbens_manski : Interval – for the rate itself; large samples only, for comparison
    """

    observed: float | None
    lower: float
    upper: float
    interval: Interval
    imbens_manski: Interval


def rate_bounds(successes: int, observed: int, missing: int, *, level: float = 0.95) -> RateBounds:
    """Return the bounds of a rate with people not reached.

    References
    ----------
    Manski, C. F. (1989). Journal of Human Resources 24, 343–360. Imbens, G. W. and Manski, C. F. (2004). Econometrica 72.

    Examples
    --------
    >>> bounds = rate_bounds(8, 14, 6)
    >>> bounds.lower, bounds.upper
    (0.4, 0.7)
    """
    n = observed + missing
    if successes < 0 or missing < 0 or successes > observed:
        raise UsageError("impossible_counts")
    if n == 0:
        raise UsageError("too_few_people", n=0)
    low, high = successes / n, (successes + missing) / n
    exact = Interval(clopper_pearson(successes, n, level=level)[0], clopper_pearson(successes + missing, n, level=level)[1], level)
    errors = sqrt(low * (1 - low) / n), sqrt(high * (1 - high) / n)
    widest = max(errors)
    c = brentq(lambda x: ndtr(x + (high - low) / widest) - ndtr(-x) - level, 0, 10) if widest else 0.0
    imbens = Interval(max(0.0, low - c * errors[0]), min(1.0, high + c * errors[1]), level)
    return RateBounds(successes / observed if observed else None, low, high, exact, imbens)


def adjusted_rate(successes: int, observed: int, missing: int, *, odds_ratio: float) -> float:
    """Return the rate if the odds among the unreached were so many times those among the reached.

    References
    ----------
    White, I. R., Higgins, J. P. T. and Wood, A. M. (2008). Statistics in Medicine 27, 711–727. doi:10.1002/sim.3008
    """
    if successes < 0 or missing < 0 or successes > observed or observed == 0 or odds_ratio < 0:
        raise UsageError("impossible_counts")
    if successes == observed:
        among = 1.0
    else:
        odds = odds_ratio * successes / (observed - successes)
        among = odds / (1 + odds)
    return (successes + missing * among) / (observed + missing)


Scores = Sequence[float | None]


def _filled(before: Scores, after: Scores, change: float, low: float | None = None, high: float | None = None) -> ExactTest:
    def guess(first: float) -> float:
        end = first + change
        return end if low is None or high is None else min(max(end, low), high)

    ends = [guess(b) if a is None or a != a else a for b, a in zip(before, after, strict=True) if b is not None]
    return mean_change_test([b for b in before if b is not None], ends)


def change_bounds(before: Scores, after: Scores, *, lowest: float, highest: float) -> tuple[ExactTest, ExactTest]:
    """Return the mean-change tests if everybody who was lost had ended at the scale's lowest, or at its highest, point.

    Raises
    ------
    UsageError
        As `mean_change_test`.
    """
    if len(before) != len(after):
        raise UsageError("unequal_lengths")
    width = highest - lowest
    return _filled(before, after, -width, lowest, highest), _filled(before, after, width, lowest, highest)


@dataclass(frozen=True)
class TippingPoint:
    """How the people who were lost must have changed to undo a conclusion.

    Attributes
    ----------
    changes : tuple of float – assumed changes of the lost [scale points]
    means, p : tuple of float – mean change and p under each
    smallest_still : float or None – smallest assumed change with a rise that is still shown at alpha; None: under none
    """

    changes: tuple[float, ...]
    means: tuple[float, ...]
    p: tuple[float, ...]
    smallest_still: float | None


def tipping_point(before: Scores, after: Scores, *, changes: Sequence[float], alpha: float = 0.05) -> TippingPoint:
    """Return mean change and p for each change that the lost people could have had."""
    if len(before) != len(after):
        raise UsageError("unequal_lengths")
    tests = [_filled(before, after, change) for change in changes]
    means = tuple(t.estimate if t.estimate is not None else 0.0 for t in tests)
    p = tuple(t.p for t in tests)
    still = [c for c, m, each in zip(changes, means, p, strict=True) if m > 0 and each <= alpha]
    return TippingPoint(tuple(changes), means, p, min(still) if still else None)
