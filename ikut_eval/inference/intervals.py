"""Exact intervals of a rate."""

import pandas as pd
from scipy.special import betaincinv

from ikut_eval.contract.errors import UsageError

NOT_PEOPLE = (
    "attendance_rate",
    "attendance_rate_b",
    "attendance_spread",
    "attended_hours",
    "delivered_hours",
    "everyday_wellbeing_share",
    "group_viability",
    "late_share",
    "minutes_late",
    "notification_rate",
    "weekly_group_hours",
)
"""Measures that count sessions or hours within people: a binomial interval would be far too narrow."""


def clopper_pearson(k: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the exact (Clopper–Pearson) interval of a rate of `k` in `n`.

    Parameters
    ----------
    k, n : int
        Successes and people; n = 0 gives (0, 1): nothing is known.
    level : float
        Confidence level, between 0 and 1.

    Raises
    ------
    UsageError
        If the counts are negative or not whole, k is above n, or the level is not between 0 and 1.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). Biometrika 26, 404–413. doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> low, high = clopper_pearson(4, 4)
    >>> round(low, 3), high
    (0.398, 1.0)
    """
    if not 0 <= k <= n or k % 1 or n % 1:
        raise UsageError("impossible_counts")
    if not 0 < level < 1:
        raise UsageError("impossible_level")
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 1 - tail))
    return low, high


def with_interval(table: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Return a measure table of people with its exact intervals.

    Returns
    -------
    pandas.DataFrame
        The same rows, with lower and upper : float – bounds of the interval [0–1]. Where the table has
        bounds for people not reached (`outcome_bounds`), from the lower end for "at least" to the
        upper end for "at most".

    Raises
    ------
    UsageError
        If the table counts sessions or hours, not people.
    """
    if table["measure"].isin(NOT_PEOPLE).any():
        raise UsageError("clustered")
    fewest, most = (table[name if name in table else "numerator"] for name in ("at_least", "at_most"))
    rows = list(zip(fewest, most, table["denominator"], strict=True))
    lower = [clopper_pearson(int(k), int(n), level=level)[0] for k, _, n in rows]
    upper = [clopper_pearson(int(k), int(n), level=level)[1] for _, k, n in rows]
    return table.assign(lower=lower, upper=upper)
