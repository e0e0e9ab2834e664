"""Intervals of a rate other than the default, by name. Wald's cannot be chosen."""

from collections.abc import Callable, Mapping
from math import inf, sqrt

from scipy.optimize import brentq
from scipy.special import bdtr, betaincinv, chdtri, ndtri, pdtr

from ikut_eval.contract.errors import UsageError
from ikut_eval.inference.intervals import clopper_pearson
from ikut_eval.inference.results import Interval

_CLOSE = 1e-13
_STEPS = 400


def _binomial(k: int, n: int, rate: float) -> float:
    return float(bdtr(k, n, rate)) if k >= 0 else 0.0


def _mid_p(k: int, n: int, tail: float) -> tuple[float, float]:
    def at_most(rate: float) -> float:
        return (_binomial(k, n, rate) + _binomial(k - 1, n, rate)) / 2

    lower = 0.0 if k == 0 else brentq(lambda r: 1 - at_most(r) - tail, 0, 1, xtol=_CLOSE)
    upper = 1.0 if k == n else brentq(lambda r: at_most(r) - tail, 0, 1, xtol=_CLOSE)
    return float(lower), float(upper)


def _blaker(k: int, n: int, tail: float) -> tuple[float, float]:
    """Return the hull of the rates whose acceptability is above 1 − level (Blaker 2000)."""

    def accepted(rate: float) -> bool:
        at_least, at_most = 1 - _binomial(k - 1, n, rate), _binomial(k, n, rate)
        if at_least < at_most:
            other = next((j for j in range(-1, n) if _binomial(j + 1, n, rate) > at_least + _CLOSE), n)
            chance = at_least + _binomial(other, n, rate)
        else:
            other = next((j for j in range(n + 1, 0, -1) if 1 - _binomial(j - 2, n, rate) > at_most + _CLOSE), 0)
            chance = at_most + 1 - _binomial(other - 1, n, rate)
        return chance > 2 * tail

    outer = clopper_pearson(k, n, level=1 - 2 * tail)

    def limit(start: float, end: float) -> float:
        steps = [start + (end - start) * i / _STEPS for i in range(_STEPS + 1)]
        inside = next(i for i, rate in enumerate(steps) if accepted(rate))
        if inside == 0:
            return start
        low, high = steps[inside - 1], steps[inside]
        while abs(high - low) > _CLOSE:
            middle = (low + high) / 2
            low, high = (low, middle) if accepted(middle) else (middle, high)
        return high

    centre = k / n
    return 0.0 if k == 0 else limit(outer[0], centre), 1.0 if k == n else limit(outer[1], centre)


def _wilson(k: int, n: int, tail: float) -> tuple[float, float]:
    z = float(ndtri(1 - tail))
    centre, half = (k + z * z / 2) / (n + z * z), z * sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return max(0.0, centre - half), min(1.0, centre + half)


def _jeffreys(k: int, n: int, tail: float) -> tuple[float, float]:
    lower = 0.0 if k == 0 else float(betaincinv(k + 0.5, n - k + 0.5, tail))
    upper = 1.0 if k == n else float(betaincinv(k + 0.5, n - k + 0.5, 1 - tail))
    return lower, upper


METHODS: Mapping[str, Callable[[int, int, float], tuple[float, float]]] = {
    "clopper_pearson": lambda k, n, tail: clopper_pearson(k, n, level=1 - 2 * tail),
    "mid_p": _mid_p,
    "blaker": _blaker,
    "wilson": _wilson,
    "jeffreys": _jeffreys,
}


def rate_interval(k: int, n: int, *, level: float = 0.95, method: str = "clopper_pearson") -> Interval:
    """Return an interval of a rate of `k` in `n` people.

    Parameters
    ----------
    method : {"clopper_pearson", "mid_p", "blaker", "wilson", "jeffreys"}
        Only Clopper–Pearson and Blaker never cover less than the level; Jeffreys ends at 0 or 1 where k does.

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine 17, 857–872. Blaker, H. (2000). Canadian Journal of Statistics 28,
    783–798. Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Statistical Science 16, 101–133.

    Examples
    --------
    >>> interval = rate_interval(4, 4, method="wilson")
    >>> round(interval.lower, 2), interval.upper
    (0.51, 1.0)
    """
    if method not in METHODS:
        raise UsageError("unknown_choice", name="method", choices=", ".join(METHODS))
    if not 0 <= k <= n or k % 1 or n % 1:
        raise UsageError("impossible_counts")
    if not 0 < level < 1:
        raise UsageError("impossible_level")
    lower, upper = METHODS[method](k, n, (1 - level) / 2) if n else (0.0, 1.0)
    return Interval(lower, upper, level)


def event_rate_interval(events: int, exposure: float, *, level: float = 0.95, mid_p: bool = False) -> Interval:
    """Return the exact interval of a rate of events in an exposure, for example per session (Poisson).

    References
    ----------
    Garwood, F. (1936). Biometrika 28, 437–442. doi:10.1093/biomet/28.3-4.437
    """
    if not events >= 0 or events % 1 or not 0 < exposure < inf:
        raise UsageError("impossible_counts")
    if not 0 < level < 1:
        raise UsageError("impossible_level")
    tail = (1 - level) / 2
    if not mid_p:
        lower = 0.0 if events == 0 else float(chdtri(2 * events, 1 - tail)) / 2
        return Interval(lower / exposure, float(chdtri(2 * events + 2, tail)) / 2 / exposure, level)

    def at_most(mean: float) -> float:
        below = float(pdtr(events - 1, mean)) if events else 0.0
        return (float(pdtr(events, mean)) + below) / 2

    far = 10.0 * (events + 10)
    lower = 0.0 if events == 0 else brentq(lambda m: 1 - at_most(m) - tail, 0, far, xtol=_CLOSE)
    return Interval(lower / exposure, brentq(lambda m: at_most(m) - tail, 0, far, xtol=_CLOSE) / exposure, level)
