"""Two groups, or two groups within each cohort: exact tests on ranks or raw scores."""

from collections.abc import Hashable, Sequence
from fractions import Fraction
from math import comb, sqrt

from scipy.special import ndtri

from ikut_eval.contract.errors import UsageError
from ikut_eval.inference.permutation import as_integers, stratified_tails
from ikut_eval.inference.results import ExactTest, Interval
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
        p: two-sided by distance from the mean; statistic: sum of the first group's scores;
        estimate: mean score of the first group less that of the second, where the scores are raw, else None.

    Raises
    ------
    UsageError
        If lengths differ, a group is empty, or no cohort has people of both groups.

    References
    ----------
    Streitberg, B. and Röhmel, J. (1984/86). van Elteren, P. (1960). Bulletin of the ISI 37, 351–361.

    Examples
    --------
    >>> group_test([4, 5, 5, 1, 2, 3], [True, True, True, False, False, False]).p
    0.1
    """
    if scores not in SCORES:
        raise UsageError("unknown_choice", name="scores", choices=", ".join(SCORES))
    strata = list(stratum) if stratum is not None else [0] * len(values)
    if not len(values) == len(first) == len(strata):
        raise UsageError("unequal_lengths")
    known = [(v, bool(g), s) for v, g, s in zip(exact_scores(values), first, strata, strict=True) if v is not None]
    ones = sum(g for _, g, _ in known)
    if not 0 < ones < len(known):
        raise UsageError("empty_group")
    whole, unit = as_integers(_scored([v for v, _, _ in known], [s for _, _, s in known], scores))
    lowest = min(whole)
    parts = []
    for name in dict.fromkeys(s for _, _, s in known):
        here = [(w - lowest, g) for w, (_, g, s) in zip(whole, known, strict=True) if s == name]
        parts.append(([w for w, _ in here], sum(g for _, g in here)))
    if all(size in (0, len(members)) for members, size in parts):
        raise UsageError("no_contrast")
    observed = sum(w - lowest for w, (_, g, _) in zip(whole, known, strict=True) if g)
    tails = stratified_tails(parts, observed)
    mean = [Fraction(sum((v for v, g, _ in known if g is side), Fraction(0)), sum(g is side for _, g, _ in known)) for side in (True, False)]
    divisions = 1
    for members, size in parts:
        divisions *= comb(len(members), size)
    return ExactTest(
        method="two_groups" if stratum is None else "two_groups_in_strata",
        estimate=float(mean[0] - mean[1]) if scores == "raw" else None,
        p=float(tails.two_sided),
        p_greater=float(tails.greater),
        p_less=float(tails.less),
        p_mid=float(tails.two_sided - tails.at),
        p_floor=min(1.0, 2 / divisions),
        n=len(known),
        n_nonzero=sum(len(m) for m, size in parts if 0 < size < len(m)),
        n_missing=len(values) - len(known),
        two_sided_rule="absdev",
        zero_rule="no_zeros",
        assumption="exchangeable_within_stratum",
        statistic=float(unit * (observed + lowest * ones)),
    )


def _scored(values: Sequence[Fraction], strata: Sequence[Hashable], scores: str) -> list[Fraction]:
    if scores == "raw":
        return list(values)
    if scores == "midranks_global":
        return [Fraction(r, 2) for r in midranks(values)]
    ranked: list[Fraction] = [Fraction(0)] * len(values)
    for name in set(strata):
        places = [n for n, s in enumerate(strata) if s == name]
        divisor = len(places) + 1 if scores == "van_elteren" else 1
        for place, rank in zip(places, midranks([values[n] for n in places]), strict=True):
            ranked[place] = Fraction(rank, 2 * divisor)
    return ranked


def shift_between_groups(first: Sequence[object], second: Sequence[object], *, level: float = 0.95) -> tuple[float, Interval]:
    """How far the first group lies above the second: Hodges–Lehmann shift and its exact interval.

    Returns
    -------
    tuple of float and Interval
        The median of all differences, and the hull of the shifts that the rank test does not reject.

    Raises
    ------
    UsageError
        If a group is empty, or the groups are too small for the level: names the highest level there is.
    """
    ones = [v for v in exact_scores(first) if v is not None]
    others = [v for v in exact_scores(second) if v is not None]
    if not ones or not others:
        raise UsageError("empty_group")
    floor = min(1.0, 2 / comb(len(ones) + len(others), len(ones)))
    if floor > 1 - level:
        raise UsageError("level_not_attainable", level=f"{level:.4g}", best=f"{1 - floor:.4g}")
    differences = sorted(a - b for a in ones for b in others)
    middle = len(differences) // 2
    estimate = differences[middle] if len(differences) % 2 else (differences[middle - 1] + differences[middle]) / 2
    sides = [True] * len(ones) + [False] * len(others)

    def kept(shift: Fraction) -> bool:
        return group_test([v - shift for v in ones] + others, sides).p > 1 - level

    def outermost(ordered: Sequence[Fraction]) -> Fraction:
        for at, beyond in zip(ordered, [*ordered[1:], ordered[-1]], strict=True):
            if kept(at) or kept((at + beyond) / 2):
                return at
        return ordered[-1]

    distinct = sorted(set(differences))
    return float(estimate), Interval(float(outermost(distinct)), float(outermost(distinct[::-1])), level)


def probability_of_superiority(first: Sequence[object], second: Sequence[object], *, level: float = 0.95) -> tuple[float, Interval]:
    """How often a person of the second group scores above one of the first, ties counted half.

    Returns
    -------
    tuple of float and Interval
        The share of pairs, and its interval from the proportional-odds variance.

    References
    ----------
    Fay, M. P. and Malinovsky, Y. (2018). Statistics in Medicine 37, 3991–4006. doi:10.1002/sim.7890
    """
    ones = [v for v in exact_scores(first) if v is not None]
    others = [v for v in exact_scores(second) if v is not None]
    if not ones or not others:
        raise UsageError("empty_group")
    m, n = len(ones), len(others)
    wins = sum((b > a) + Fraction(int(b == a), 2) for a in ones for b in others)
    share = float(wins / (m * n))
    ranks = midranks([*ones, *others])
    ties = {r: ranks.count(r) for r in ranks}
    correction = 1 - sum(t**3 - t for t in ties.values()) / ((m + n) ** 3 - (m + n))
    z = float(ndtri((1 + level) / 2))

    def variance(phi: float) -> float:
        return correction * phi * (1 - phi) * (1 + (m + n - 2) / 2 * ((1 - phi) / (2 - phi) + phi / (1 + phi))) / (m * n)

    def limit(sign: int) -> float:
        low, high = (0.0, share) if sign > 0 else (share, 1.0)
        for _ in range(_BISECTIONS):
            phi = (low + high) / 2
            inside = abs(share - phi) <= z * sqrt(variance(phi))
            if sign > 0:
                low, high = (low, phi) if inside else (phi, high)
            else:
                low, high = (phi, high) if inside else (low, phi)
        return (low + high) / 2

    return share, Interval(limit(1), limit(-1), level)
