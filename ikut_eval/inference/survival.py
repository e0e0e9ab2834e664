"""When people leave: Kaplan–Meier, with an interval that is also valid where nobody has left."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import exp, inf, log, sqrt

from scipy.optimize import brentq
from scipy.special import betainc, betaincinv, ndtri

from ikut_eval.contract.errors import UsageError
from ikut_eval.inference.arguments import check_level, flags, same_length
from ikut_eval.inference.results import Estimate, Interval
from ikut_eval.inference.scores import exact_scores

Beta = tuple[float, float] | float
"""Two parameters, or the point in which all the mass lies."""


@dataclass(frozen=True, repr=False, kw_only=True)
class StayingPoint(Estimate):
    """The share that stays beyond one time.

    `interval` is the beta product: exact without censoring, wide where nobody has left.

    Attributes
    ----------
    estimate : float – Kaplan–Meier
    time : float; n_at_risk : int – just before it
    error : float – Greenwood
    limits : tuple – the beta distributions of the lower and the upper limit
    """

    time: float
    n_at_risk: int
    error: float
    limits: tuple[Beta, Beta]

    def mid_p(self, level: float = 0.95) -> Interval:
        """Return the less conservative interval."""
        check_level(level)
        tail = (1 - level) / 2
        return Interval(_mixed(*self.limits, tail), _mixed(*self.limits, 1 - tail), level)

    def log_log(self, level: float = 0.95) -> Interval | None:
        """Return the usual interval; None where it does not exist."""
        check_level(level)
        share = self.estimate or 0.0
        if not 0 < share < 1:
            return None
        half = float(ndtri((1 + level) / 2)) * self.error / share / abs(log(share))
        return Interval(exp(log(share) * exp(half)), exp(log(share) * exp(-half)), level)


def staying(times: Sequence[float], left: Sequence[bool], *, at: Sequence[float]) -> list[StayingPoint]:
    """Return the share of people who stay beyond each time.

    Parameters
    ----------
    times : sequence of float
        One a person: time until leaving, or until last seen.
    left : sequence of bool
        Whether the person left then.
    at : sequence of float
        Times at which the share is wanted.

    References
    ----------
    Fay, M. P., Brittain, E. H. and Proschan, M. A. (2013). Biostatistics 14, 723–736. doi:10.1093/biostatistics/kxt016

    Examples
    --------
    >>> point = staying([10, 10, 10, 10, 10], [False] * 5, at=[10])[0]
    >>> point.estimate, round(point.interval(0.95).lower, 3)
    (1.0, 0.478)
    """
    times, left = _followed(times, left)
    moments = sorted({t for t, e in zip(times, left, strict=True) if e})
    points = []
    for time in _times(at):
        share, greenwood, mean, square = 1.0, 0.0, 1.0, 1.0
        for moment in (m for m in moments if m <= time):
            risk = sum(t >= moment for t in times)
            gone = sum(bool(e) and t == moment for t, e in zip(times, left, strict=True))
            share *= (risk - gone) / risk
            greenwood += gone / (risk * (risk - gone)) if risk > gone else 0.0
            mean *= (risk - gone + 1) / (risk + 1)
            square *= (risk - gone + 1) * (risk - gone + 2) / ((risk + 1) * (risk + 2))
        beyond = sum(t > time for t in times) or sum(t >= time and not e for t, e in zip(times, left, strict=True))
        upper = _beta(mean, square)
        lower = _beta(mean * beyond / (beyond + 1), square * beyond / (beyond + 2))
        points.append(
            StayingPoint(
                method="staying",
                estimate=share,
                n=len(times),
                assumption="still_in_training",
                inversion=partial(_limits, lower, upper),
                time=time,
                n_at_risk=sum(t >= time for t in times),
                error=share * sqrt(greenwood),
                limits=(lower, upper),
            )
        )
    return points


def _followed(times: Sequence[float], left: Sequence[bool]) -> tuple[list[float], list[bool]]:
    """Return everybody's time and whether they left; raise UsageError if there is nobody, or something is not known."""
    known, gone = _times(times), flags(left)
    same_length(known, gone)
    if not known:
        raise UsageError("impossible_counts")
    return known, gone


def _times(times: Sequence[float]) -> list[float]:
    """Return times as floats, equal where they are the same fraction within rounding."""
    known = exact_scores(times)
    if any(t is None or t < 0 for t in known):
        raise UsageError("impossible_counts")
    return [float(t) for t in known if t is not None]


def _limits(lower: Beta, upper: Beta, level: float) -> tuple[float, float]:
    return _quantile(lower, (1 - level) / 2), _quantile(upper, (1 + level) / 2)


def _beta(mean: float, square: float) -> Beta:
    variance = square - mean**2
    if variance <= 1e-15:
        return mean
    size = mean * (1 - mean) / variance - 1
    return mean * size, (1 - mean) * size


def _quantile(beta: Beta, share: float) -> float:
    return beta if isinstance(beta, float) else float(betaincinv(beta[0], beta[1], share))


def _below(beta: Beta, value: float) -> float:
    return float(value >= beta) if isinstance(beta, float) else float(betainc(beta[0], beta[1], value))


def _mixed(lower: Beta, upper: Beta, share: float) -> float:
    def excess(value: float) -> float:
        return (_below(lower, value) + _below(upper, value)) / 2 - share

    if excess(0.0) > 0:
        return 0.0
    return 1.0 if excess(1 - 1e-12) < 0 else float(brentq(excess, 0, 1 - 1e-12, xtol=1e-12))


def median_stay(times: Sequence[float], left: Sequence[bool]) -> float | None:
    """Return the time by which half have left; None where fewer have left. Between two times where exactly half remain."""
    times, left = _followed(times, left)
    moments = sorted({t for t, e in zip(times, left, strict=True) if e})
    for place, point in enumerate(staying(times, left, at=moments)):
        share = point.estimate or 0.0
        if abs(share - 0.5) < 1e-12 and place + 1 < len(moments):
            return (point.time + moments[place + 1]) / 2
        if share <= 0.5:
            return float(point.time)
    return None


def median_stay_interval(times: Sequence[float], left: Sequence[bool], *, level: float = 0.95) -> Interval | None:
    """Return the times at which half may have left: where the log–log interval of the share holds one half.

    Returns
    -------
    Interval or None
        None where nobody has left. A limit that is not reached is infinity.
    """
    check_level(level)
    times, left = _followed(times, left)
    moments = sorted({t for t, e in zip(times, left, strict=True) if e})
    points = [(p.time, p.log_log(level)) for p in staying(times, left, at=moments)] if moments else []
    if not points:
        return None
    lower = next((float(t) for t, i in points if i and i.lower <= 0.5), inf)
    upper = next((float(t) for t, i in points if i and i.upper <= 0.5), inf)
    return Interval(lower, upper, level)
