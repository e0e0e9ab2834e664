"""How different the cohorts really are: shrinkage that keeps the uncertainty about the spread between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from math import inf, log, pi, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, ndtr, ndtri, roots_legendre, stdtrit

from ikut_eval.contract.errors import UsageError, check_choice
from ikut_eval.inference.arguments import check_level, counts, finite, listed, number_between, same_length
from ikut_eval.inference.results import Estimate

TAU_PRIORS = ("half-normal", "half-Cauchy", "uniform")
_TAILS = {"half-normal": inf, "half-Cauchy": 2.0, "uniform": 0.0}
"""With which power of τ each prior falls."""
_NODES = 1200
_GRID = 401
_LOGIT_END = 25.0
_WIDEST = 1 - 1e-9
_LEAST = 1e-12
"""Least scale of a prior in terms of the largest estimate or error; beside a smaller one, floats do not suffice."""
_MOST_SHRUNKEN = 2000
"""People whose shares are drawn together: each is a step over the grid."""


@dataclass(frozen=True, repr=False, kw_only=True)
class Shrinkage(Estimate):
    """Cohorts under a normal–normal model; the spread τ is integrated over, never fixed.

    Attributes
    ----------
    estimate : float or None – mean of the common mean [unit of the estimates]; `interval` is credible, equal tails
    sd : float or None, median : float – of the common mean
    tau_mean : float or None, tau_median, tau_upper : float – the spread between cohorts, with its 95 % upper limit
        A mean or sd that is infinite, or does not exist, under so wide a prior with so few cohorts is None.
    theta_mean, theta_sd : tuple of float – each cohort, shrunken
    tau_grid, tau_posterior, tau_prior : arrays – density of τ after and before the data, to be drawn
    """

    sd: float | None
    median: float
    tau_mean: float | None
    tau_median: float
    tau_upper: float
    theta_mean: tuple[float, ...]
    theta_sd: tuple[float, ...]
    tau_grid: np.ndarray = field(compare=False)
    tau_posterior: np.ndarray = field(compare=False)
    tau_prior: np.ndarray = field(compare=False)

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return the common mean, or its median where it has no mean, and its interval in words."""
        return super().sentence(language, level=level) if self.estimate is not None else replace(self, estimate=self.median).sentence(language, level=level)


def _estimates(estimates: Sequence[float], errors: Sequence[float], fewest: int) -> tuple[np.ndarray, np.ndarray]:
    y, sigma = (np.array([finite(v) for v in listed(values)]) for values in (estimates, errors))
    same_length(y, sigma)  # type: ignore[arg-type]
    if len(y) < fewest:
        raise UsageError("too_few_cohorts", n=len(y))
    if (sigma <= 0).any():
        raise UsageError("error_not_positive")
    return y, sigma


@cache
def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes and weights of Gauss–Legendre quadrature."""
    nodes, weights = roots_legendre(_NODES)
    return nodes, weights


def normal_shrinkage(estimates: Sequence[float], errors: Sequence[float], *, prior: str = "half-normal", scale: float = 0.5) -> Shrinkage:
    """Shrink the cohorts' estimates towards each other as far as the data allow.

    Parameters
    ----------
    estimates, errors : sequence of float
        One a cohort: the estimate and its standard error.
    prior : {"half-normal", "half-Cauchy", "uniform"}
        Prior of τ; "half-Cauchy" allows for far larger spreads; "uniform" is flat and needs at least three cohorts.
    scale : float
        Scale of the prior [unit of the estimates], its median for the half-Cauchy; 0.5 suits estimates on a five-point scale.

    Raises
    ------
    UsageError
        If there are too few cohorts, lengths differ, a number is missing, an error or the scale is not positive, or the
        prior is unknown.

    References
    ----------
    Röver, C. (2020). Journal of Statistical Software 93(6). doi:10.18637/jss.v093.i06
    Friede, T. et al. (2017). Biometrical Journal 59, 658–671. doi:10.1002/bimj.201500236
    """
    check_choice("prior", prior, TAU_PRIORS)
    y, sigma = _estimates(estimates, errors, 3 if prior == "uniform" else 2)
    nodes, weights = _quadrature()
    u = (nodes + 1) / 2
    scale = number_between(scale, "scale_not_positive", most=inf)
    if not _LEAST < scale / float(max(sigma.max(), np.abs(y).max())) < 1 / _LEAST:
        raise UsageError("scale_out_of_range")
    centre = float(max(sigma.mean(), np.std(y))) if prior == "uniform" else scale
    if prior == "half-normal" and np.ptp(y) > 0:
        centre = max(centre, min(float(np.ptp(y)), sqrt(scale * float(np.ptp(y)) / 2)))
    tau = centre * u / (1 - u)
    step = weights / 2 * centre / (1 - u) ** 2
    precision = 1 / (sigma[None, :] ** 2 + tau[:, None] ** 2)
    total = precision.sum(axis=1)
    mu = (precision * y).sum(axis=1) / total
    log_likelihood = 0.5 * np.log(precision).sum(axis=1) - 0.5 * np.log(total) - 0.5 * (precision * (y - mu[:, None]) ** 2).sum(axis=1)
    log_before = _log_prior(tau, prior, scale)
    log_density = log_before + log_likelihood
    density = np.exp(log_density - log_density.max())
    mass = density * step
    mass /= mass.sum()
    kept = tau[:, None] ** 2 * precision
    theta = kept * y + (1 - kept) * mu[:, None]
    spread = kept * sigma**2 + (1 - kept) ** 2 / total[:, None]
    theta_mean = mass @ theta
    theta_sd = np.sqrt(mass @ (spread + (theta - theta_mean) ** 2))
    mu_mean = float(mass @ mu)
    mu_sd = float(np.sqrt(mass @ (1 / total + (mu - mu_mean) ** 2)))
    precise = np.sqrt(total)
    falls = len(y) - 1 + _TAILS[prior]

    def mu_quantile(share: float) -> float:
        def excess(m: float) -> float:
            return float(mass @ ndtr((m - mu) * precise) - share)

        reach = 50 * mu_sd
        if not 1e-3 < share < 1 - 1e-3:  # by Chebyshev nearer quantiles always lie within
            while excess(mu_mean - reach) > 0 or excess(mu_mean + reach) < 0:
                reach *= 2
        return float(brentq(excess, mu_mean - reach, mu_mean + reach))

    cumulated = np.cumsum(mass) - mass / 2

    def tau_quantile(share: float) -> float:
        return float(np.interp(share, cumulated, tau))

    return Shrinkage(
        method="normal_shrinkage",
        estimate=mu_mean if falls > 2 else None,
        n=len(y),
        unit="points",
        assumption="cohorts_alike",
        inversion=lambda level: (mu_quantile((1 - level) / 2), mu_quantile((1 + level) / 2)),
        sd=mu_sd if falls > 3 else None,
        median=mu_quantile(0.5),
        tau_mean=float(mass @ tau) if falls > 2 else None,
        tau_median=tau_quantile(0.5),
        tau_upper=tau_quantile(0.95),
        theta_mean=tuple(map(float, theta_mean)),
        theta_sd=tuple(map(float, theta_sd)),
        tau_grid=tau,
        tau_posterior=density / (density @ step),
        tau_prior=np.exp(log_before),
    )


def _log_prior(tau: np.ndarray, prior: str, scale: float) -> np.ndarray:
    """Return the logarithm of the prior density of each spread; of the flat one, 0."""
    if prior == "half-normal":
        return log(2 / (scale * sqrt(2 * pi))) - 0.5 * (tau / scale) ** 2
    return log(2 / (pi * scale)) - np.log1p((tau / scale) ** 2) if prior == "half-Cauchy" else np.zeros_like(tau)


@dataclass(frozen=True, repr=False, kw_only=True)
class RateShrinkage(Estimate):
    """Cohorts' shares under a beta–binomial model.

    Attributes
    ----------
    estimate : float – mean of the common share; `interval` is credible, equal tails
    sd : float – of the common share; rho_mean : float – likeness within a cohort
    theta_mean, theta_sd : tuple of float – each cohort, shrunken
    """

    sd: float
    rho_mean: float
    theta_mean: tuple[float, ...]
    theta_sd: tuple[float, ...]


def _log_rising(start: np.ndarray, times: int) -> np.ndarray:
    """Return the logarithm of start (start + 1) … with so many factors: exact where the beta function loses its digits."""
    return sum((np.log(start + j) for j in range(times)), np.zeros_like(start))


def rate_shrinkage(
    successes: Sequence[int], totals: Sequence[int], *, mu_prior: tuple[float, float] = (1, 1), rho_prior: tuple[float, float] = (1, 4)
) -> RateShrinkage:
    """Shrink the cohorts' shares towards each other.

    Parameters
    ----------
    successes, totals : sequence of int
        One a cohort: people counted, and all.
    mu_prior, rho_prior : (float, float)
        Parameters of the beta priors of the common share and of the likeness within a cohort.

    Raises
    ------
    UsageError
        If a count cannot be, lengths differ, there are no cohorts or too many people, or a prior's parameter is not positive.

    Notes
    -----
    The prior of ρ is Beta(1, 4): a flat one would explain four cohorts without any successes by cohorts that differ completely.
    """
    successes, totals = counts(*listed(successes)), counts(*listed(totals))
    same_length(successes, totals)
    if any(each > size for each, size in zip(successes, totals, strict=True)):
        raise UsageError("impossible_counts")
    if not totals:
        raise UsageError("too_few_cohorts", n=0)
    if sum(totals) > _MOST_SHRUNKEN:
        raise UsageError("table_too_large")
    for parameters in (mu_prior, rho_prior):
        if not isinstance(parameters, tuple | list) or len(parameters) != 2:
            raise UsageError("scale_not_positive")
        for each in parameters:
            number_between(each, "scale_not_positive", most=inf)
    k, n = np.array(successes, dtype=float), np.array(totals, dtype=float)
    logit = np.linspace(-_LOGIT_END, _LOGIT_END, _GRID)
    value, other = 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(logit))
    mu, not_mu, rho, not_rho = value[:, None], other[:, None], value[None, :], other[None, :]
    a, b = mu * not_rho / rho, not_mu * not_rho / rho
    log_mass = mu_prior[0] * np.log(mu) + mu_prior[1] * np.log(not_mu) + rho_prior[0] * np.log(rho) + rho_prior[1] * np.log(not_rho)
    for each, size in zip(successes, totals, strict=True):
        log_mass = log_mass + _log_rising(a, each) + _log_rising(b, size - each) - _log_rising(a + b, size)
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    means, spreads = [], []
    for each, size in zip(k, n, strict=True):
        first = (a + each) / (a + b + size)
        second = first * (a + each + 1) / (a + b + size + 1)
        mean = float((mass * first).sum())
        means.append(mean)
        spreads.append(sqrt(max(0.0, float((mass * second).sum()) - mean**2)))
    mu_mean = float((mass * mu).sum())
    cumulated = np.cumsum(mass.sum(axis=1))
    return RateShrinkage(
        method="rate_shrinkage",
        estimate=mu_mean,
        n=len(k),
        assumption="cohorts_alike",
        inversion=lambda level: tuple(float(v) for v in np.interp([(1 - level) / 2, (1 + level) / 2], cumulated, value)),  # type: ignore[arg-type, return-value]
        sd=sqrt(float((mass * mu**2).sum()) - mu_mean**2),
        rho_mean=float((mass * rho).sum()),
        theta_mean=tuple(means),
        theta_sd=tuple(spreads),
    )


def quantile(level: float, df: float | None) -> float:
    """Return how many standard errors an interval reaches to each side: Student's t with `df`, the normal distribution where they are None."""
    check_level(level)
    return float(ndtri((1 + level) / 2) if df is None else stdtrit(number_between(df, "impossible_counts", most=inf), (1 + level) / 2))


def normal_level(reach: float) -> float:
    """Return the level of a normal interval that reaches so many standard errors to each side: at most what can be computed."""
    return min(_WIDEST, float(2 * ndtr(finite(reach)) - 1))


@dataclass(frozen=True, repr=False, kw_only=True)
class Heterogeneity(Estimate):
    """Random-effects check: estimate and interval by Paule–Mandel and Hartung–Knapp; Cochran's Q, τ² by three estimators.

    `dl_limits` returns the Hartung–Knapp limits at a level with DerSimonian and Laird's τ².
    """

    q: float
    q_p: float
    tau2_dl: float
    tau2_pm: float
    tau2_reml: float
    mu_dl: float
    dl_limits: Callable[[float], tuple[float, float]] = field(compare=False)


def heterogeneity(estimates: Sequence[float], errors: Sequence[float]) -> Heterogeneity:
    """Check the shrinkage with Paule–Mandel and Hartung–Knapp. τ² is never negative.

    References
    ----------
    IntHout, J., Ioannidis, J. P. A. and Borm, G. F. (2014). BMC Medical Research Methodology 14, 25.
    """
    y, sigma = _estimates(estimates, errors, 2)
    k = len(y)

    def mean(tau2: float) -> tuple[float, np.ndarray]:
        w = 1 / (sigma**2 + tau2)
        return float((w * y).sum() / w.sum()), w

    def q_at(tau2: float) -> float:
        m, w = mean(tau2)
        return float((w * (y - m) ** 2).sum())

    q = q_at(0.0)
    w = 1 / sigma**2
    dl = max(0.0, (q - (k - 1)) / float(w.sum() - (w**2).sum() / w.sum()))
    far = 10 * float(np.ptp(y)) ** 2 + 1
    pm = 0.0 if q <= k - 1 else float(brentq(lambda t: q_at(t) - (k - 1), 0, far, xtol=1e-12))

    def reml_score(tau2: float) -> float:
        m, v = mean(tau2)
        return float((v**2 * (y - m) ** 2).sum() - v.sum() + (v**2).sum() / v.sum())

    reml = 0.0 if reml_score(0.0) <= 0 else float(brentq(reml_score, 0, far, xtol=1e-12))

    def hartung_knapp(tau2: float, level: float) -> tuple[float, float]:
        m, v = mean(tau2)
        half = float(stdtrit(k - 1, (1 + level) / 2)) * sqrt(q_at(tau2) / (k - 1) / float(v.sum()))
        return m - half, m + half

    return Heterogeneity(
        method="heterogeneity",
        estimate=mean(pm)[0],
        n=k,
        unit="points",
        assumption="cohorts_alike",
        inversion=partial(hartung_knapp, pm),
        q=q,
        q_p=float(chdtrc(k - 1, q)),
        tau2_dl=dl,
        tau2_pm=pm,
        tau2_reml=reml,
        mu_dl=mean(dl)[0],
        dl_limits=partial(hartung_knapp, dl),
    )
