"""Before and after for the same people: exact tests and the intervals that match them."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import atanh, comb, sqrt, tanh
from typing import Any

from scipy.special import ndtri

from ikut_eval.contract.errors import UsageError, check_choice
from ikut_eval.inference.arguments import check_level, counts, finite
from ikut_eval.inference.intervals import clopper_pearson
from ikut_eval.inference.inversion import hodges_lehmann, in_points, mean_limits, signed_rank_limits, signed_ranks
from ikut_eval.inference.permutation import as_integers, sign_flips, sign_tails
from ikut_eval.inference.results import Estimate, ExactTest
from ikut_eval.inference.scores import paired_differences

ZERO_RULES = ("pratt", "wilcoxon")
FEWEST_FOR_INTERVAL = 10
_SMALLEST_POWER = 1_075
"""Two to this negative power is the smallest float."""
_MOST_DIVIDED = 100_000


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
    check_choice("zeros", zeros, ZERO_RULES)
    changes, missing = paired_differences(before, after)
    whole, unit = as_integers(changes)
    weights, positive = signed_ranks(whole, zeros)
    return _result(
        "signed_rank",
        sign_flips(weights).tails(positive),
        changes,
        missing,
        estimate=float(unit * hodges_lehmann(whole)),
        n_nonzero=len(weights),
        zero_rule=zeros,
        statistic=positive / 2,
        inversion=lambda level: in_points(signed_rank_limits(whole, zeros, level), unit),
    )


def mean_change_test(before: Sequence[object], after: Sequence[object]) -> ExactTest:
    """Whether the mean change is other than 0, by flipping signs (Fisher–Pitman), exactly. Takes and refuses scores as `signed_rank_test`.

    Returns
    -------
    ExactTest
        estimate: mean change [scale points]; `interval` holds the means that the test does not reject.

    References
    ----------
    Fisher, R. A. (1935). The Design of Experiments. Pitman, E. J. G. (1937). doi:10.2307/2984124
    Hartigan, J. A. (1969). Journal of the American Statistical Association 64, 1303–1317. doi:10.2307/2286069
    """
    changes, missing = paired_differences(before, after)
    whole, unit = as_integers(changes)
    mean = unit * sum(whole) / len(whole)
    return _result(
        "mean_change",
        sign_flips([abs(d) for d in whole]).tails(sum(d for d in whole if d > 0)),
        changes,
        missing,
        estimate=float(mean),
        n_nonzero=sum(d != 0 for d in whole),
        zero_rule="zeros_stay",
        statistic=float(mean),
        inversion=lambda level: in_points(mean_limits(whole, level), unit),
    )


def sign_test(before: Sequence[object], after: Sequence[object]) -> ExactTest:
    """Did more people move up than down? The first test to report. Takes and refuses scores as `signed_rank_test`.

    Returns
    -------
    ExactTest
        estimate: share that moved up, of those who moved [0–1]; `interval` is Clopper–Pearson for it.
    """
    changes, missing = paired_differences(before, after)
    up, down = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    moved = up + down
    return _result(
        "sign",
        sign_tails(up, down),
        changes,
        missing,
        estimate=up / moved if moved else None,
        n_nonzero=moved,
        zero_rule="wilcoxon",
        statistic=float(up),
        inversion=lambda level: clopper_pearson(up, moved, level=level),
        unit="share",
    )


def _result(method: str, tails: Mapping[str, Any], changes: Sequence[Fraction], missing: int, *, unit: str = "points", **values: Any) -> ExactTest:
    return ExactTest(
        method=method,
        unit=unit,
        bounded=unit == "share",
        **tails,
        p_floor=smallest_p(len(changes)),
        n=len(changes),
        n_missing=missing,
        two_sided_rule="symmetric",
        assumption="exchangeable_within_person",
        **values,
    )


def smallest_p(n: int) -> float:
    """Return the smallest two-sided p that so many people can reach, if all of them change: 2 / 2**n."""
    (people,) = counts(n)
    return 2.0 ** (1 - min(people, _SMALLEST_POWER)) if people else 1.0


def smallest_p_two_groups(n_first: int, n_second: int) -> float:
    """Return the smallest two-sided p of two groups of such sizes."""
    first, second = counts(n_first, n_second)
    if first + second > _MOST_DIVIDED:
        raise UsageError("table_too_large")
    return min(1.0, float(Fraction(2, comb(first + second, first))))


def rank_biserial(before: Sequence[object], after: Sequence[object]) -> Estimate:
    """How one-sided the changes are: matched-pairs rank biserial, from −1 (all fell) to 1 (all rose). Takes and refuses scores as `signed_rank_test`.

    Returns
    -------
    Estimate
        The difference of the rank sums over their total, people without change left out. Its interval (Fisher's z)
        is given only from ten people who changed: for fewer it would be misleadingly narrow.

    References
    ----------
    Kerby, D. S. (2014). Comprehensive Psychology 3, 11.IT.3.1. doi:10.2466/11.IT.3.1
    """
    changes, missing = paired_differences(before, after)
    whole, _unit = as_integers(changes)
    weights, positive = signed_ranks(whole, "wilcoxon")
    total = sum(weights)
    share = (2 * positive - total) / total if total else 0.0
    shown = len(weights) >= FEWEST_FOR_INTERVAL and abs(share) < 1
    inversion = partial(rank_biserial_limits, share, len(weights)) if shown else None
    return Estimate(method="rank_biserial", estimate=share, n=len(changes), n_missing=missing, unit="points", inversion=inversion)


def rank_biserial_limits(share: float, n: int, level: float) -> tuple[float, float]:
    """Return the limits of a rank biserial of `n` people who moved, by Fisher's z: for ten people or more.

    Raises
    ------
    UsageError
        If nobody moved, the share is not between −1 and 1, or the level not between 0 and 1.
    """
    check_level(level)
    if not counts(n)[0] or not -1 < finite(share) < 1:
        raise UsageError("impossible_counts")
    error = sqrt((2 * n**3 + 3 * n**2 + n) / 6) / ((n**2 + n) / 2)
    half = float(ndtri((1 + level) / 2)) * error
    return tanh(atanh(share) - half), tanh(atanh(share) + half)
