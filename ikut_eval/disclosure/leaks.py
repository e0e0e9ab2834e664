"""When a reader knows too much: the one definition of a leak, on the values that a reader must think possible."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]

FINDINGS = ("group_all", "group_none", "exact", "group_all_but_insider", "group_none_but_insider", "narrow", "small", "sum")
"""Every kind of finding of a design, gravest first."""


@dataclass(frozen=True)
class Limits:
    """Where a leak begins.

    Attributes
    ----------
    min_group : int – a group of fewer people needs `min_candidates` possible values for every count
    min_cohort : int – a cohort of fewer people gets no band of its own
    min_candidates : int – possible values that must be left
    small : int – in a larger group, no count from 1 to `small` - 1 may be known
    mean_min_sums : int – possible sums that must be left behind a mean
    coalition : int – members who pool what they know of themselves
    coalition_sensitive : int – the same, where work, study, service or safety is told
    """

    min_group: int = 8
    min_cohort: int = 5
    min_candidates: int = 3
    small: int = 3
    mean_min_sums: int = 4
    coalition: int = 1
    coalition_sensitive: int = 2

    def for_sensitive(self) -> "Limits":
        return replace(self, coalition=max(self.coalition, self.coalition_sensitive))


def findings(possible: Flags, limits: Limits) -> dict[str, Flags]:
    """Return which kinds of finding the possible values of a count are.

    Parameters
    ----------
    possible : array of bool, shape (..., n + 1)
        Whether a reader must think a count of 0, 1, …, n people of a group possible.

    Returns
    -------
    dict of str to array of bool, shape (...)
        For each kind but "sum". Several may hold at once.

    Notes
    -----
    An insider whose own answer is no, and who reads that at least n - 1 of n have it, knows that everybody
    else has; one whose answer is yes, and who reads that at most one has it, knows that nobody else has.
    Insiders of different cohorts who pool what they know are covered by the findings of the cohorts together.

    Examples
    --------
    >>> import numpy as np
    >>> one_or_two_of_five = np.array([False, True, True, False, False, False])
    >>> [kind for kind, found in findings(one_or_two_of_five, Limits()).items() if found]
    ['narrow']
    """
    n = possible.shape[-1] - 1
    left = possible.sum(axis=-1)
    low, high = possible.argmax(axis=-1), n - possible[..., ::-1].argmax(axis=-1)
    tiny = n < limits.min_group
    known = left == 1
    return {
        "group_all": low == n,
        "group_none": high == 0,
        "exact": known & tiny,
        "group_all_but_insider": (low >= n - limits.coalition) & (low < n),
        "group_none_but_insider": (high <= limits.coalition) & (high > 0),
        "narrow": ~known & (left < limits.min_candidates) & tiny,
        "small": known & (low >= 1) & (low < limits.small) & (not tiny),
    }


def possible_in_part(possible: Flags, part: int) -> Flags:
    """Return which counts are possible in `part` people of a group, given those possible in the whole group.

    Nothing else is known of who is who: of u people with a property among n, a part of p people can hold
    every number from u - (n - p) to u that lies between 0 and p.
    """
    n = possible.shape[-1] - 1
    whole, here = np.arange(n + 1)[:, None], np.arange(part + 1)[None, :]
    fits = (here >= whole - (n - part)) & (here <= whole)
    return np.asarray((possible.astype(np.int64) @ fits.astype(np.int64)) > 0)


def sums_in_part(possible: Flags, n: int, part: int, span: int) -> NDArray[Any]:
    """Return how many sums are possible in `part` people, given the sums possible in a group of `n` people.

    Parameters
    ----------
    possible : array of bool, shape (..., n * span + 1)
        Sums over the whole group of scores counted from the lowest one.
    span : int
        Highest less lowest score of a person.
    """
    whole, here = np.arange(n * span + 1)[:, None], np.arange(part * span + 1)[None, :]
    fits = (here >= whole - (n - part) * span) & (here <= whole)
    return np.asarray(((possible.astype(np.int64) @ fits.astype(np.int64)) > 0).sum(axis=-1))
