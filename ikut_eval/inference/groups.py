"""Do two groups differ, overall or within each cohort? Exact tests on ranks or raw scores."""

from collections import Counter
from collections.abc import Hashable, Sequence
from fractions import Fraction
from functools import partial
from math import comb, lcm, prod, sqrt

from scipy.special import ndtri

from ikut_eval.contract.errors import UsageError, check_choice
from ikut_eval.inference.arguments import flags, labels, same_length
from ikut_eval.inference.inversion import division_limits, hodges_lehmann_between, in_points, ranks_within, sum_of_first
from ikut_eval.inference.permutation import as_integers
from ikut_eval.inference.results import Estimate, ExactTest
from ikut_eval.inference.scores import exact_scores, midranks

SCORES = ("midranks_global", "midranks_within", "van_elteren", "raw")
_BISECTIONS = 100


def group_test(values: Sequence[object], first: Sequence[bool], *, stratum: Sequence[Hashable] | None = None, scores: str = "midranks_global") -> ExactTest:
    """Whether two groups differ, exactly, within strata where there are any.

    Parameters
    ----------
    values : sequence of numbers
        One a person; None or NaN is missing, and the person is left out.
    first : sequence of bool
        Whether the person is in the first group.
    stratum : sequence, optional
        The person's cohort. Within a cohort every division into groups of these sizes is equally likely.
    scores : {"midranks_global", "midranks_within", "van_elteren", "raw"}
        Midranks over everybody, within each cohort, within each cohort divided by its size plus one, or the values.

    Returns
    -------
    ExactTest
        p: two-sided by distance from the mean; statistic: sum of the first group's scores.
        With raw scores, estimate: mean of the first group less that of the second, and no interval. With ranks,
        estimate: Hodges–Lehmann shift, how far the first group lies above the second [points], within cohorts;
        `interval`: the hull of the shifts that the same test does not reject. Ranks over everybody give no size of the
        shift within cohorts: no estimate.

    Raises
    ------
    UsageError
        If lengths differ, a group or a cohort is not known for somebody, a group is empty, or no cohort has people of
        both groups.

    References
    ----------
    Streitberg, B. and Röhmel, J. (1984/86). van Elteren, P. (1960). Bulletin of the ISI 37, 351–361.
    Hodges, J. L. and Lehmann, E. L. (1963). Annals of Mathematical Statistics 34, 598–611. doi:10.1214/aoms/1177704172

    Examples
    --------
    >>> result = group_test([4, 5, 5, 1, 2, 3], [True, True, True, False, False, False])
    >>> result.p, result.estimate, result.interval(0.9)
    (0.1, 3.0, Interval(lower=1.0, upper=4.0, level=0.9))
    """
    check_choice("scores", scores, SCORES)
    everybody, sides = exact_scores(values), flags(first)
    cohorts = labels(stratum) if stratum is not None else [0] * len(everybody)
    same_length(everybody, sides, cohorts)
    known = [(v, g, c) for v, g, c in zip(everybody, sides, cohorts, strict=True) if v is not None]
    if not 0 < sum(g for _, g, _ in known) < len(known):
        raise UsageError("empty_group")
    whole, unit = as_integers([v for v, _, _ in known])
    parts: dict[Hashable, tuple[list[int], list[int]]] = {}
    for value, (_, g, cohort) in zip(whole, known, strict=True):
        parts.setdefault(cohort, ([], []))[0 if g else 1].append(value)
    strata = list(parts.values())
    ways_in_all = prod(comb(len(a) + len(b), len(a)) for a, b in strata)
    if ways_in_all == 1:
        raise UsageError("no_contrast")
    both = [(a, b) for a, b in strata if a and b]
    common = lcm(*(len(a) + len(b) + 1 for a, b in strata)) if scores == "van_elteren" else 1
    weights = [common // (len(a) + len(b) + 1) if scores == "van_elteren" else 1 for a, b in strata]
    estimate, limits, scored, size = None, None, ranks_within(strata, weights), Fraction(1, 2 * common)
    if scores == "raw":
        ones, others = ([v for part in strata for v in part[side]] for side in (0, 1))
        estimate, scored, size = unit * (Fraction(sum(ones), len(ones)) - Fraction(sum(others), len(others))), strata, unit
    elif scores == "midranks_global" and len(strata) > 1:
        ranks = iter(midranks([v for part in strata for side in part for v in side]))
        scored = [([next(ranks) for _ in a], [next(ranks) for _ in b]) for a, b in strata]
    else:
        estimate = unit * hodges_lehmann_between(strata, weights)
        limits = partial(division_limits, strata, weights)
    null, observed = sum_of_first(scored)
    return ExactTest(
        method="two_groups" if stratum is None else "two_groups_in_strata",
        estimate=None if estimate is None else float(estimate),
        unit="points",
        **null.tails(observed),
        p_floor=(2 if all(len(a) == len(b) for a, b in both) else 1) / ways_in_all,
        interval_floor=min(1.0, 2 / ways_in_all),
        n=len(known),
        n_nonzero=sum(len(a) + len(b) for a, b in both),
        n_missing=len(everybody) - len(known),
        two_sided_rule="absdev",
        assumption="exchangeable_within_stratum",
        statistic=float(size * observed),
        inversion=None if limits is None else lambda level: in_points(limits(level), unit),
    )


def probability_of_superiority(first: Sequence[object], second: Sequence[object]) -> Estimate:
    """How often a person of the second group scores above one of the first, ties counted half.

    Returns
    -------
    Estimate
        The share of pairs; `interval` is from the proportional-odds variance. There is none where all scores are the same.

    Raises
    ------
    UsageError
        If a group is empty, or a score is text or not finite.

    References
    ----------
    Fay, M. P. and Malinovsky, Y. (2018). Statistics in Medicine 37, 3991–4006. doi:10.1002/sim.7890
    """
    everybody = exact_scores(first), exact_scores(second)
    ones, others = ([v for v in scores if v is not None] for scores in everybody)
    if not ones or not others:
        raise UsageError("empty_group")
    m, n = len(ones), len(others)
    ranks = midranks([*ones, *others])
    share = float(Fraction(sum(ranks[m:]) - n * (n + 1), 2 * m * n))
    ties = Counter(ranks)
    correction = 1 - sum(t**3 - t for t in ties.values()) / ((m + n) ** 3 - (m + n))
    missing = sum(map(len, everybody)) - m - n
    inversion = partial(_superiority_limits, share, m, n, correction) if correction else None
    return Estimate(method="superiority", estimate=share, n=m + n, n_missing=missing, inversion=inversion)


def _superiority_limits(share: float, m: int, n: int, correction: float, level: float) -> tuple[float, float]:
    z = float(ndtri((1 + level) / 2))

    def variance(phi: float) -> float:
        return correction * phi * (1 - phi) * (1 + (m + n - 2) / 2 * ((1 - phi) / (2 - phi) + phi / (1 + phi))) / (m * n)

    def limit(far: float) -> float:
        near = share
        for _ in range(_BISECTIONS):
            phi = (near + far) / 2
            near, far = (phi, far) if abs(share - phi) <= z * sqrt(variance(phi)) else (near, phi)
        return (near + far) / 2

    return limit(0.0), limit(1.0)
