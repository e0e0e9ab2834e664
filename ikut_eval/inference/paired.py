"""Before and after for the same people: exact tests and the intervals that match them."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from math import atanh, comb, floor, sqrt, tanh
from statistics import median

import numpy as np
from scipy.special import ndtri

from ikut_eval.contract.errors import UsageError
from ikut_eval.inference.intervals import clopper_pearson
from ikut_eval.inference.permutation import Tails, as_integers, sign_flip_tails
from ikut_eval.inference.results import ExactTest, Interval
from ikut_eval.inference.scores import midranks, paired_differences

ZERO_RULES = ("pratt", "wilcoxon")
FEWEST_FOR_INTERVAL = 10
_ENUMERATED = 20


def _floor(n_nonzero: int) -> float:
    return float(Fraction(2, 2**n_nonzero)) if n_nonzero else 1.0


def _mid_p(tails: Tails) -> float:
    return float(min(1, tails.two_sided - tails.at)) if tails.two_sided < 1 else 1.0


def _signed_ranks(differences: Sequence[int], zeros: str) -> tuple[list[int], int]:
    """Return twice the midranks of the non-zero differences, and the sum of the positive ones."""
    kept = [d for d in differences if d] if zeros == "wilcoxon" else list(differences)
    ranks = midranks([abs(d) for d in kept])
    return [r for r, d in zip(ranks, kept, strict=True) if d], sum(r for r, d in zip(ranks, kept, strict=True) if d > 0)


def signed_rank_test(before: Sequence[object], after: Sequence[object], *, zeros: str = "pratt") -> ExactTest:
    """Whether people moved up or down, by the ranks of their changes, exactly, also with ties.

    Parameters
    ----------
    before, after : sequence of numbers
        One value a person; None or NaN is missing, and the pair is left out.
    zeros : {"pratt", "wilcoxon"}
        Rank people without change with the others and then leave them out, or leave them out first.

    Returns
    -------
    ExactTest
        estimate: Hodges–Lehmann shift [scale points]; `interval` inverts the same test, with ties and zeros
        recomputed at every shift.

    Raises
    ------
    UsageError
        If lengths differ, there are fewer than two pairs, a score is text or not finite, or `zeros` is unknown.

    References
    ----------
    Pratt, J. W. (1959). Journal of the American Statistical Association 54, 655–667. doi:10.2307/2282543
    Hodges, J. L. and Lehmann, E. L. (1963). Annals of Mathematical Statistics 34, 598–611. doi:10.1214/aoms/1177704172

    Examples
    --------
    >>> result = signed_rank_test([1, 2, 2, 1], [2, 4, 5, 5])
    >>> result.p, result.p_floor, result.attainable(0.05)
    (0.125, 0.125, False)
    """
    if zeros not in ZERO_RULES:
        raise UsageError("unknown_choice", name="zeros", choices=", ".join(ZERO_RULES))
    changes, missing = paired_differences(before, after)
    whole, unit = as_integers(changes)
    weights, positive = _signed_ranks(whole, zeros)
    tails = sign_flip_tails(weights, positive)
    return _result(
        "signed_rank",
        tails,
        estimate=float(unit * _hodges_lehmann(whole)),
        n=len(changes),
        n_nonzero=len(weights),
        n_missing=missing,
        zero_rule=zeros,
        statistic=positive / 2,
        inversion=partial(_signed_rank_interval, whole, unit, zeros),
    )


def mean_change_test(before: Sequence[object], after: Sequence[object]) -> ExactTest:
    """Whether the mean change is other than 0, by flipping signs (Fisher–Pitman), exactly.

    Parameters
    ----------
    before, after : sequence of numbers
        One value a person; None or NaN is missing, and the pair is left out.

    Returns
    -------
    ExactTest
        estimate: mean change [scale points]; `interval` holds the means that the test does not reject.

    Raises
    ------
    UsageError
        As `signed_rank_test`.

    References
    ----------
    Fisher, R. A. (1935). The Design of Experiments. Pitman, E. J. G. (1937). doi:10.2307/2984124
    Hartigan, J. A. (1969). Journal of the American Statistical Association 64, 1303–1317. doi:10.2307/2286069

    Examples
    --------
    >>> mean_change_test([0, 0, 0, 0, 0, 0], [1, 2, 1, 3, 1, 2]).p
    0.03125
    """
    changes, missing = paired_differences(before, after)
    whole, unit = as_integers(changes)
    tails = sign_flip_tails([abs(d) for d in whole], sum(d for d in whole if d > 0))
    mean = sum(changes) / len(changes)
    return _result(
        "mean_change",
        tails,
        estimate=float(mean),
        n=len(changes),
        n_nonzero=sum(d != 0 for d in whole),
        n_missing=missing,
        zero_rule="zeros_stay",
        statistic=float(mean),
        inversion=partial(_mean_interval, whole, unit),
    )


def sign_test(before: Sequence[object], after: Sequence[object]) -> ExactTest:
    """How many moved up against how many moved down: the headline test.

    Returns
    -------
    ExactTest
        estimate: share that moved up, of those who moved [0–1]; `interval` is Clopper–Pearson for it.

    Raises
    ------
    UsageError
        As `signed_rank_test`.

    Examples
    --------
    >>> sign_test([0, 0, 0, 0, 0], [1, 2, 1, 0, 3]).p
    0.125
    """
    changes, missing = paired_differences(before, after)
    up, down = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    moved = up + down
    tails = sign_flip_tails([1] * moved, up)
    return _result(
        "sign",
        tails,
        estimate=up / moved if moved else None,
        n=len(changes),
        n_nonzero=moved,
        n_missing=missing,
        zero_rule="wilcoxon",
        statistic=float(up),
        inversion=lambda level: clopper_pearson(up, moved, level=level),
    )


def _result(
    method: str,
    tails: Tails,
    *,
    estimate: float | None,
    n: int,
    n_nonzero: int,
    n_missing: int,
    zero_rule: str,
    statistic: float,
    inversion: object,
) -> ExactTest:
    return ExactTest(
        method=method,
        estimate=estimate,
        p=float(tails.two_sided),
        p_greater=float(tails.greater),
        p_less=float(tails.less),
        p_mid=_mid_p(tails),
        p_floor=_floor(n_nonzero),
        n=n,
        n_nonzero=n_nonzero,
        n_missing=n_missing,
        two_sided_rule="symmetric",
        zero_rule=zero_rule,
        assumption="exchangeable_within_person",
        statistic=statistic,
        inversion=inversion,  # type: ignore[arg-type]
    )


def _walsh_averages(whole: Sequence[int]) -> list[int]:
    """Return twice the averages of all pairs, each with itself too, sorted, each once."""
    return sorted({a + b for n, a in enumerate(whole) for b in whole[n:]})


def _hodges_lehmann(whole: Sequence[int]) -> Fraction:
    return Fraction(median(a + b for n, a in enumerate(whole) for b in whole[n:])) / 2


def _signed_rank_interval(whole: Sequence[int], unit: Fraction, zeros: str, level: float) -> tuple[float, float]:
    """Return the hull of the shifts that the test does not reject: from outside inwards, at each Walsh average and between two."""
    alpha = 1 - level
    averages = _walsh_averages(whole)
    four = [4 * d for d in whole]

    def kept(quadrupled: int) -> bool:
        weights, positive = _signed_ranks([d - quadrupled for d in four], zeros)
        return float(sign_flip_tails(weights, positive).two_sided) > alpha

    def first(ordered: Sequence[int]) -> int:
        for at, beyond in zip(ordered, [*ordered[1:], ordered[-1]], strict=True):
            if kept(2 * at) or kept(at + beyond):
                return at
        return ordered[-1]

    low, high = first(averages), first(averages[::-1])
    return float(unit * Fraction(low, 2)), float(unit * Fraction(high, 2))


def _mean_interval(whole: Sequence[int], unit: Fraction, level: float) -> tuple[float, float]:
    """Return the means that the sign-flip test does not reject.

    The probability of a mean at least as large, if m were true, is the share of subsets of people whose mean change
    is at most m, the empty one included; so the limits are order statistics of the subset means.
    """
    n = len(whole)
    rank = floor(Fraction(str(1 - level)).limit_denominator(10**12) / 2 * 2**n)
    if n <= _ENUMERATED:
        sums, sizes = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
        for d in whole:
            sums, sizes = np.concatenate([sums, sums + d]), np.concatenate([sizes, sizes + 1])
        means = np.partition(sums[1:] / sizes[1:], [rank - 1, 2**n - 1 - rank])
        return float(unit) * float(means[rank - 1]), float(unit) * float(means[2**n - 1 - rank])
    return float(unit * _subset_mean(whole, rank)), -float(unit * _subset_mean([-d for d in whole], rank))


def _subset_mean(whole: Sequence[int], rank: int) -> Fraction:
    """Return a value within 2**-40 of the range of the subset mean with that rank, by bisection of the exact count."""
    n = len(whole)
    low, high = Fraction(min(whole)), Fraction(max(whole))
    share = Fraction(rank + 1, 2**n)
    for _ in range(40):
        middle = (low + high) / 2
        shifted, _unit = as_integers([d - middle for d in whole])
        tail = sign_flip_tails([abs(d) for d in shifted], sum(d for d in shifted if d > 0)).greater
        low, high = (low, middle) if tail >= share else (middle, high)
    return high


def smallest_p(n_nonzero: int) -> float:
    """Return the smallest two-sided p that so many people who moved can reach: 2 / 2**n.

    Examples
    --------
    >>> [smallest_p(n) for n in (4, 5, 6)]
    [0.125, 0.0625, 0.03125]
    """
    return _floor(n_nonzero)


def smallest_p_two_groups(n_first: int, n_second: int) -> float:
    """Return the smallest two-sided p of two groups of such sizes.

    Examples
    --------
    >>> smallest_p_two_groups(3, 3)
    0.1
    """
    return min(1.0, 2 / comb(n_first + n_second, n_first))


def rank_biserial(before: Sequence[object], after: Sequence[object], *, level: float = 0.95) -> tuple[float, Interval | None]:
    """How lopsided the changes are: matched-pairs rank biserial, from −1 (all fell) to 1 (all rose).

    Returns
    -------
    tuple of float and Interval or None
        The difference of the rank sums over their total, people without change left out; its interval
        (Fisher's z) only from ten people up: below, it would say more than so few answers can.

    References
    ----------
    Kerby, D. S. (2014). Comprehensive Psychology 3, 11.IT.3.1. doi:10.2466/11.IT.3.1
    """
    changes, _ = paired_differences(before, after)
    whole, _unit = as_integers(changes)
    weights, positive = _signed_ranks(whole, "wilcoxon")
    total = sum(weights)
    share = (2 * positive - total) / total if total else 0.0
    if len(weights) < FEWEST_FOR_INTERVAL or abs(share) == 1:
        return share, None
    return share, rank_biserial_interval(share, len(weights), level=level)


def rank_biserial_interval(share: float, n: int, *, level: float = 0.95) -> Interval:
    """Return the interval of a rank biserial of `n` people who moved, by Fisher's z: for ten people or more."""
    error = sqrt((2 * n**3 + 3 * n**2 + n) / 6) / ((n**2 + n) / 2)
    half = float(ndtri((1 + level) / 2)) * error
    return Interval(tanh(atanh(share) - half), tanh(atanh(share) + half), level)
