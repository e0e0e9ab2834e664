"""People with missing answers: bounds on what they could change, and how far they must differ to undo a conclusion."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import sqrt

import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtr

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import percent, text, tipping_words
from ikut_eval.inference.arguments import check_level, check_probabilities, counts, finite, is_missing, listed, same_length
from ikut_eval.inference.intervals import clopper_pearson
from ikut_eval.inference.paired import mean_change_test
from ikut_eval.inference.results import Estimate, ExactTest, Interval, Result
from ikut_eval.inference.scores import alpha_of, exact, exact_scores


@dataclass(frozen=True, repr=False, kw_only=True)
class RateBounds(Estimate):
    """A rate between nobody and everybody of those not reached; `interval` is Clopper–Pearson at the two extremes.

    Attributes
    ----------
    estimate : None – an observed rate never appears alone
    observed : float or None – among those reached
    lower, upper : float – none, all of the unreached
    n : int – people, reached or not; n_missing : int – not reached
    """

    observed: float | None
    lower: float
    upper: float

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return the bounds, and the interval at the extremes, in words."""
        found = self.interval(level)
        ends = {"least": self.lower, "most": self.upper, "low": found.lower, "high": found.upper, "level": level}
        return text("estimate.bounds", language, n=self.n, unreached=self.n_missing, **{name: percent(value, language) for name, value in ends.items()})

    def imbens_manski(self, level: float = 0.95) -> Interval:
        """Return the interval for the rate itself: large samples only, for comparison."""
        check_level(level)
        errors = [sqrt(end * (1 - end) / self.n) for end in (self.lower, self.upper)]
        widest = max(errors)
        c = brentq(lambda x: ndtr(x + (self.upper - self.lower) / widest) - ndtr(-x) - level, 0, 10) if widest else 0.0
        return Interval(max(0.0, self.lower - c * errors[0]), min(1.0, self.upper + c * errors[1]), level)


def rate_bounds(successes: int, observed: int, missing: int) -> RateBounds:
    """Return the bounds of a rate with people not reached.

    References
    ----------
    Manski, C. F. (1989). Journal of Human Resources 24, 343–360. Imbens, G. W. and Manski, C. F. (2004). Econometrica 72.
    """
    successes, observed, missing = counts(successes, observed, missing)
    n = observed + missing
    if successes > observed:
        raise UsageError("impossible_counts")
    if n == 0:
        raise UsageError("too_few_people", n=0)
    return RateBounds(
        method="rate_bounds",
        estimate=None,
        n=n,
        n_missing=missing,
        assumption="nothing_about_unreached",
        inversion=lambda level: (clopper_pearson(successes, n, level=level)[0], clopper_pearson(successes + missing, n, level=level)[1]),
        observed=successes / observed if observed else None,
        lower=successes / n,
        upper=(successes + missing) / n,
    )


def adjusted_rate(successes: int, observed: int, missing: int, *, odds_ratio: float) -> float:
    """Return the rate if the odds among the unreached were so many times those among the reached.

    References
    ----------
    White, I. R., Higgins, J. P. T. and Wood, A. M. (2008). Statistics in Medicine 27, 711–727. doi:10.1002/sim.3008
    """
    successes, observed, missing = counts(successes, observed, missing)
    odds_ratio = finite(odds_ratio)
    if successes > observed or observed == 0 or odds_ratio < 0:
        raise UsageError("impossible_counts")
    if successes == observed:
        among = 1.0
    else:
        odds = odds_ratio * successes / (observed - successes)
        among = odds / (1 + odds)
    return (successes + missing * among) / (observed + missing)


Scores = Sequence[float | Fraction | None]


def _filled(before: Scores, after: Scores, end: Callable[[Fraction], Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    """Return both answers if a second one that is missing is what `end` makes of the first; as fractions, so that equal changes stay equal."""
    first, second = exact_scores(before), exact_scores(after)
    same_length(first, second)
    known = [(b, a) for b, a in zip(first, second, strict=True) if b is not None]
    return [b for b, _ in known], [end(b) if a is None else a for b, a in known]


def _number(value: object) -> Fraction:
    """Return a number as a fraction; raise UsageError if it is missing, too."""
    finite(value)
    return exact(value) or Fraction(0)


def change_bounds(before: Scores, after: Scores, *, lowest: float, highest: float) -> tuple[ExactTest, ExactTest]:
    """Return the mean-change tests if everybody whose second answer is missing had ended at the scale's lowest, or at its highest, point.

    Raises
    ------
    UsageError
        If the scale's ends are not numbers in this order, a score lies outside the scale, or as `mean_change_test`.
    """
    low, high = _number(lowest), _number(highest)
    if low >= high or any(v is not None and not low <= v <= high for v in [*exact_scores(before), *exact_scores(after)]):
        raise UsageError("outside_scale")
    return mean_change_test(*_filled(before, after, lambda _: low)), mean_change_test(*_filled(before, after, lambda _: high))


@dataclass(frozen=True, repr=False)
class TippingPoint(Result):
    """How much people with a missing second answer must have changed to undo a conclusion.

    Attributes
    ----------
    changes : tuple of float – assumed changes of people with a missing second answer [scale points]
    means, p, p_floors : tuple of float – mean change, p, and the smallest p that the design can reach, under each
    falls : bool – whether a fall is asked about, not a rise
    smallest_still : float or None – assumed change, the nearest to undoing it, with a rise (or fall) that is still shown at alpha; None: under none
    n_lost : int – people with a missing second answer
    """

    changes: tuple[float, ...]
    means: tuple[float, ...]
    p: tuple[float, ...]
    p_floors: tuple[float, ...]
    smallest_still: float | None
    n_lost: int
    falls: bool = False

    @property
    def kind(self) -> str:
        """What those who are missing could do: "nobody" is missing; the conclusion stands "always" or "never"; or "from" some change on."""
        if not self.n_lost:
            return "nobody"
        if self.smallest_still is None:
            return "never"
        return "always" if self.smallest_still == (max if self.falls else min)(self.changes) else "from"

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row for each assumed change: mean, p and its floor under it, and whether the rise, or fall, is still shown."""
        rows = zip(self.changes, self.means, self.p, self.p_floors, strict=True)
        shown = [(c, m, p, floor, (m < 0 if self.falls else m > 0) and p <= alpha_of(level)) for c, m, p, floor in rows]
        return pd.DataFrame(shown, columns=["change", "mean", "p", "p_floor", "still_shown"])

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return from which assumed change on a rise, or a fall, is still shown."""
        return tipping_words(self.kind, self.smallest_still, self.falls, language)

    def _rules(self) -> tuple[str, ...]:
        return ("method.tipping_point", "method.mean_change", "assumption.exchangeable_within_person")


def tipping_change(
    before: Scores, after: Scores, *, changes: Sequence[float], alpha: float = 0.05, falls: bool = False, test: Callable[..., ExactTest] = mean_change_test
) -> TippingPoint:
    """Return mean change and p for each change that people with a missing second answer could have had.

    Parameters
    ----------
    falls : bool
        Whether a fall is asked about, not a rise.
    test : function of both answers to an ExactTest
        By default the exact test of the mean change.

    Raises
    ------
    UsageError
        If a change is not a number, alpha not between 0 and 1, or as the test.
    """
    check_probabilities(alpha)
    filled = [_filled(before, after, partial(operator.add, _number(change))) for change in listed(changes)]
    lost = sum(not is_missing(b) and is_missing(a) for b, a in zip(before, after, strict=True))
    tests = [test(*both) for both in filled] if lost else [test(*both) for both in filled[:1]] * len(filled)
    means = tuple(float(sum(a - b for b, a in zip(*both, strict=True)) / Fraction(len(both[0]))) for both in filled)
    still = [c for c, m, each in zip(changes, means, tests, strict=True) if (m < 0 if falls else m > 0) and each.p <= alpha]
    found = None if not still else max(still) if falls else min(still)
    return TippingPoint(tuple(changes), means, tuple(t.p for t in tests), tuple(t.p_floor for t in tests), found, lost, falls)
