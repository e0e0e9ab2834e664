"""Before the data: the smallest change that the planned exact test would show, by counting where that is possible, else by simulation."""

from dataclasses import dataclass
from functools import lru_cache
from math import floor, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import bdtr, bdtrc, betaincinv, nctdtr, ndtr, stdtrit

from ikut_eval.contract.analysis_plan import CHANGE_METHODS, SIDES
from ikut_eval.contract.errors import UsageError, check_choice
from ikut_eval.inference.arguments import check_probabilities, counts
from ikut_eval.inference.paired import smallest_p
from ikut_eval.inference.permutation import sign_flips
from ikut_eval.inference.scores import exact

_ALL_SUBSETS = 12
"""People of whom every subset is looked at; of more, subsets by chance, which make an exact test too."""
_SUBSETS = 4095
_ROOM = 1 << 24
"""Numbers that are held at a time."""
_MOST_DATA_SETS = 20_000
_MOST_PLANNED = {"mean_change": 5000, "signed_rank": 400}
_LEAST_TAIL = 1e-4
_FARTHEST, _FARTHEST_T = 100.0, 1e6


@dataclass(frozen=True)
class DetectableChange:
    """The smallest true mean change that a test shows with the power asked for.

    Attributes
    ----------
    effect : float – mean change over the standard deviation of changes, which are normal
    error : float – Monte-Carlo standard error of it; 0 where it was counted
    """

    effect: float
    error: float


def detectable_change(n: int, *, method: str = "mean_change", sides: str = "two", power: float = 0.8, alpha: float = 0.05) -> DetectableChange:
    """Return the smallest standardised mean change that the exact test of `n` people shows.

    Parameters
    ----------
    method : {"mean_change", "signed_rank", "sign"}
    sides : {"two", "greater", "less"}

    Raises
    ------
    UsageError
        If there are fewer than two people or too many to simulate, power or alpha is not between 0 and 1, or nothing
        that so few people answer could be shown at alpha: names the smallest p there is.

    Notes
    -----
    A test shows a rise where its interval lies above 0. A true change moves the interval and nothing else, so that each
    invented data set, seeded, answers for every true change at once. Where only equal signs of all are shown, and for
    the sign test, the probability is counted.
    """
    (n,) = counts(n)
    check_choice("method", method, CHANGE_METHODS)
    check_choice("sides", sides, SIDES)
    check_probabilities(power, alpha)
    if n < 2:
        raise UsageError("too_few_pairs", n=n)
    return _detectable(n, method, sides, float(power), float(alpha))


@lru_cache(maxsize=256)
def _detectable(n: int, method: str, sides: str, power: float, alpha: float) -> DetectableChange:
    tail = float(alpha if sides != "two" else (exact(alpha) or 0) / 2)
    if smallest_p(n) / 2 > tail:
        raise UsageError("alpha_not_attainable", n=n, floor=f"{smallest_p(n) / (2 if sides != 'two' else 1):.4g}")
    if method == "sign" or smallest_p(n) > tail:  # one person against the others is too much
        up = _fewest_up(n, tail) if method == "sign" else n
        return DetectableChange(_counted(n, up, power, sides), 0.0)
    if n > _MOST_PLANNED[method] or tail < _LEAST_TAIL:
        raise UsageError("cannot_simulate")
    lower, upper = _limits(n, method, tail)

    def excess(effect: float) -> float:
        shown = (lower + effect > 0) | ((upper + effect < 0) & (sides == "two"))
        return float(shown.mean()) - power

    if excess(0.0) >= 0:
        return DetectableChange(0.0, 0.0)
    effect = float(brentq(excess, 0, _FARTHEST, xtol=1e-6))
    apart = sqrt(power * (1 - power) / len(lower))
    near = np.quantile(-lower, [max(0.0, power - apart), min(1.0, power + apart)])
    return DetectableChange(effect, float(near[1] - near[0]) / 2)


def _fewest_up(n: int, tail: float) -> int:
    return next(k for k in range(n // 2, n + 1) if bdtrc(k - 1, n, 0.5) <= tail * (1 + 1e-12))


def _counted(n: int, up: int, power: float, sides: str) -> float:
    """Return the effect with which at least so many of `n` rise, or, on two sides, fall, with that power."""

    def excess(effect: float) -> float:
        share = float(ndtr(effect))
        return float(bdtrc(up - 1, n, share) + (bdtr(n - up, n, share) if sides == "two" else 0)) - power

    return 0.0 if excess(0.0) >= 0 else float(brentq(excess, 0, _FARTHEST, xtol=1e-10))


def _limits(n: int, method: str, tail: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of the tests' intervals over data sets in which nothing has changed."""
    draw = np.random.default_rng(n)
    if method == "signed_rank":
        first, second = np.triu_indices(n)
        untied, most = sign_flips(range(1, n + 1)), n * (n + 1) // 2
        rank = next(k for k in range(most + 1) if untied.at_most(k) > tail) - 1
        size, width, share = rank, len(first), 0.0
    else:
        subsets = _subsets(n, tail, draw)
        width = len(subsets)
        wanted = tail * (width + 1) if n > _ALL_SUBSETS else float(floor((exact(tail) or 0) * 2**n))
        size, share = int(wanted), wanted % 1
    number = min(_MOST_DATA_SETS, max(1000, _ROOM // (width + n)))
    ends: list[tuple[np.ndarray, np.ndarray]] = []
    while number > 0:
        people = draw.standard_normal((min(number, max(1, _ROOM // (width + n))), n))
        number -= len(people)
        means = (people[:, first] + people[:, second]) / 2 if method == "signed_rank" else people @ subsets.T
        places = [size - 1 if method != "signed_rank" else size, size, width - 1 - size, width - size if method != "signed_rank" else width - 1 - size]
        sorted_means = np.partition(means, sorted(set(places)), axis=1)
        low, more, less, high = (sorted_means[:, place] for place in places)
        ends.append(((1 - share) * low + share * more, (1 - share) * high + share * less))
    lower, upper = (np.concatenate(part) for part in zip(*ends, strict=True))
    return lower, upper


def _subsets(n: int, tail: float, draw: np.random.Generator) -> np.ndarray:
    """Return subsets of people as rows of weights that give their means: all of few people, of more by chance."""
    if n <= _ALL_SUBSETS:
        members = (np.arange(1, 2**n)[:, None] >> np.arange(n)) & 1
    else:
        members = draw.integers(0, 2, (max(_SUBSETS, int(16 / tail)), n))
        members = members[members.any(axis=1)]
    weights: np.ndarray = members / members.sum(axis=1, keepdims=True)
    return weights


def detectable_share(n: int, *, power: float = 0.8, alpha: float = 0.05) -> tuple[float, float, float]:
    """Return the smallest share of `n` people moving up that the sign test shows, its power, and the true probability of a false positive.

    Raises
    ------
    UsageError
        If there is nobody, power or alpha is not between 0 and 1, or no answer of so few people could be shown at
        alpha: names the smallest p there is.
    """
    check_probabilities(power, alpha)
    (n,) = counts(n)
    if n < 1:
        raise UsageError("too_few_people", n=n)
    if smallest_p(n) > alpha:
        raise UsageError("alpha_not_attainable", n=n, floor=f"{smallest_p(n):.4g}")
    needed = next(k for k in range(n + 1) if 2 * bdtrc(k - 1, n, 0.5) <= alpha)
    share = max(0.5, float(betaincinv(needed, n - needed + 1, power)))
    return share, float(bdtrc(needed - 1, n, share)), float(2 * bdtrc(needed - 1, n, 0.5))


def detectable_mean_change(n: int, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the smallest standardised mean change that a paired t test of `n` people shows: too small for an exact test of few people."""
    (n,) = counts(n)
    if n < 2:
        raise UsageError("too_few_pairs", n=n)
    check_probabilities(power, alpha)
    critical = float(stdtrit(n - 1, 1 - alpha / 2))

    def excess(effect: float) -> float:
        return float(1 - nctdtr(n - 1, effect * sqrt(n), critical)) - power

    far = 1.0
    while excess(far) < 0:
        far *= 2
        if far > _FARTHEST_T:
            raise UsageError("cannot_simulate")
    return float(brentq(excess, 0, far)) if excess(0.0) < 0 else 0.0
