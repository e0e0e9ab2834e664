"""What a leak is: the one definition for the design proof and the audit, and its limits."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]

FINDINGS = ("group_all", "group_none", "exact", "group_all_but_insider", "group_none_but_insider", "narrow", "small", "sum", "person")
"""Every kind of finding, gravest first; "person" is about people who were removed or added between two versions of the data."""


@dataclass(frozen=True)
class Limits:
    """Where a leak begins. The numbers stand in the policy; the design proof and the audit both take them from there.

    Attributes
    ----------
    min_group : int – a group of fewer people needs `min_candidates` possible values for every count
    min_cohort : int – a cohort of fewer people gets no band of its own
    min_candidates : int – possible values that must be left
    small : int – in a larger group, no count from 1 to `small` - 1 may be known
    mean_min_sums : int – possible sums that must be left behind a mean
    coalition : int – members who share what they know of themselves
    coalition_sensitive : int – the same, for work, study, service or safety
    """

    min_group: int
    min_cohort: int
    min_candidates: int
    small: int
    mean_min_sums: int
    coalition: int
    coalition_sensitive: int

    def insiders(self, sensitive: bool) -> int:
        return max(self.coalition, self.coalition_sensitive) if sensitive else self.coalition


def kinds_of_leak(*, low: Any, left: Any, most_in: Any, most_out: Any, size: int, limits: Limits, enough: int, insiders: int) -> dict[str, Any]:
    """Return for each kind of finding on a count whether it holds. Several may hold at once.

    Parameters
    ----------
    low, left : int or array of int
        The least value that a reader must think possible for the count, and how many values.
    most_in, most_out : int or array of int
        The most people of the group who may be in the set, and who may not be in it.
    size, insiders : int
        People in the group, at least one; those of them who share what they know of themselves.
    enough : int
        Possible values that must be left in a group below `limits.min_group`.

    Notes
    -----
    An insider whose own answer is no, and who reads that at least n - 1 of n have it, knows that everybody
    else has; one whose answer is yes, and who reads that at most one has it, knows that nobody else has.
    Insiders of different cohorts who share what they know are covered by the findings of the cohorts together.
    """
    tiny, determined = size < limits.min_group, left == 1
    return {
        "group_all": most_out <= 0,
        "group_none": most_in <= 0,
        "exact": determined & tiny,
        "group_all_but_insider": (most_out > 0) & (most_out <= insiders),
        "group_none_but_insider": (most_in > 0) & (most_in <= insiders),
        "narrow": (left > 1) & (left < enough) & tiny,
        "small": determined & (low >= 1) & (low < limits.small) & (not tiny),
    }


def leaks_in_values(possible: Flags, limits: Limits, *, sensitive: bool = False) -> dict[str, Flags]:
    """Return which kinds of finding the possible values of a count are, as `kinds_of_leak` does.

    Parameters
    ----------
    possible : array of bool, shape (..., n + 1)
        Whether a reader must think a count of 0, 1, …, n people of a group possible.
    """
    n = possible.shape[-1] - 1
    low, high = possible.argmax(axis=-1), n - possible[..., ::-1].argmax(axis=-1)
    return kinds_of_leak(
        low=low,
        left=possible.sum(axis=-1),
        most_in=high,
        most_out=n - low,
        size=n,
        limits=limits,
        enough=limits.min_candidates,
        insiders=limits.insiders(sensitive),
    )


def possible_in_part(possible: Flags, part: int, span: int = 1) -> Flags:
    """Return which sums are possible in `part` people of a group, given those possible in the whole group.

    Parameters
    ----------
    possible : array of bool, shape (..., n * span + 1)
        Sums over the whole group, of scores counted from the lowest one.
    span : int
        Highest less lowest score of a person; 1 for a count of people.

    Notes
    -----
    Nothing else is known of who is who: where the group's sum is s, the other n - part people have between 0 and
    (n - part) * span of it, so that the part can have every sum from s - (n - part) * span to s that it can have at all.
    """
    total = possible.shape[-1] - 1
    whole, here = np.arange(total + 1)[:, None], np.arange(part * span + 1)[None, :]
    fits = (here >= whole - (total - part * span)) & (here <= whole)
    return np.asarray((possible.astype(np.int64) @ fits.astype(np.int64)) > 0)
