"""Planning before the data: the smallest effect a test could show; and p-values of several tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.optimize import brentq
from scipy.special import bdtrc, nctdtr, stdtrit

from ikut_eval.contract.errors import UsageError


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values adjusted for looking at all of them (Holm 1979), in the order given.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03, 0.005])
    [0.03, 0.06, 0.06, 0.02]
    """
    if any(not 0 <= value <= 1 for value in p):
        raise UsageError("impossible_probability")
    adjusted = [0.0] * len(p)
    largest = 0.0
    for place, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        largest = max(largest, min(1.0, (len(p) - place) * p[index]))
        adjusted[index] = largest
    return adjusted


@dataclass(frozen=True)
class DetectableShare:
    """The smallest share of people moving up that the exact sign test would show.

    Attributes
    ----------
    share : float; power : float; size : float – the true probability of a false positive
    """

    share: float
    power: float
    size: float


def detectable_share(n: int, *, power: float = 0.8, alpha: float = 0.05) -> DetectableShare:
    """Return the smallest share of `n` people moving up that the sign test shows with the power asked for.

    Raises
    ------
    UsageError
        If there is nobody, power or alpha is not between 0 and 1, or no answer of so few people could be shown at
        alpha: names the smallest p there is.
    """
    if not 0 < power < 1 or not 0 < alpha < 1:
        raise UsageError("impossible_probability")
    if n < 1:
        raise UsageError("too_few_people", n=n)
    floor = 2.0 ** (1 - n)
    if floor > alpha:
        raise UsageError("alpha_not_attainable", n=n, floor=f"{floor:.4g}")
    needed = next(k for k in range(n + 1) if 2 * bdtrc(k - 1, n, 0.5) <= alpha)
    share = 0.5 if bdtrc(needed - 1, n, 0.5) >= power else float(brentq(lambda p: bdtrc(needed - 1, n, p) - power, 0.5, 1))
    return DetectableShare(share, float(bdtrc(needed - 1, n, share)), float(2 * bdtrc(needed - 1, n, 0.5)))


def detectable_mean_change(n: int, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the smallest standardised mean change that a paired t test of `n` people shows: for plans, never after.

    Examples
    --------
    >>> round(detectable_mean_change(5), 3)
    1.682
    """
    if n < 2:
        raise UsageError("too_few_pairs", n=n)
    if not 0 < power < 1 or not 0 < alpha < 1:
        raise UsageError("impossible_probability")
    critical = float(stdtrit(n - 1, 1 - alpha / 2))

    def excess(effect: float) -> float:
        return float(1 - nctdtr(n - 1, effect * sqrt(n), critical)) - power

    far = 1.0
    while excess(far) < 0:
        far *= 2
    return float(brentq(excess, 0, far)) if excess(0.0) < 0 else 0.0
