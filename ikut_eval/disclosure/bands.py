"""The values that a published figure can take: each stands for all true values between its ends."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from ikut_eval.contract.errors import ConfigurationError

Number = int | Fraction


class Band(NamedTuple):
    """All true values from `lo` to `hi`. `display` is its form without words.

    A mean or a share that lies just where two bands meet belongs to the upper one.
    """

    lo: Number
    hi: Number
    display: str


COUNT_BANDS = ("exact", "three", "half")
"""Ways to code a count, finest first."""


def count_bands(n: int, *, bands: str, k: int) -> tuple[Band, ...]:
    """Return how a count of 0 to n people is published.

    Parameters
    ----------
    bands : {"exact", "three", "half"}
        The ends coded and the middle exact; the ends coded and the middle one band; under half, and half or more.
    k : int
        The ends are 0 to k and n - k to n.

    Raises
    ------
    ConfigurationError
        If the two ends would overlap.

    Examples
    --------
    >>> [band.display for band in count_bands(9, bands="exact", k=3)]
    ['0-3 of 9', '4 of 9', '5 of 9', '6-9 of 9']
    >>> [band.display for band in count_bands(9, bands="half", k=0)]
    ['0-4 of 9', '5-9 of 9']
    """
    if bands == "half":
        edges = [(0, (n - 1) // 2), ((n + 1) // 2, n)]
    else:
        if 2 * k >= n:
            raise ConfigurationError("policy_ends_overlap", k=k, size=n)
        middle = range(k + 1, n - k)
        inner = [(middle[0], middle[-1])] if bands == "three" and middle else [(value, value) for value in middle]
        edges = [(0, k), *inner, (n - k, n)]
    return tuple(Band(lo, hi, f"{lo} of {n}" if lo == hi else f"{lo}-{hi} of {n}") for lo, hi in edges)


MEAN_GRID = (
    Band(1, Fraction(9, 4), "<= 2.0"),
    Band(Fraction(9, 4), Fraction(11, 4), "~ 2.5"),
    Band(Fraction(11, 4), Fraction(13, 4), "~ 3.0"),
    Band(Fraction(13, 4), Fraction(15, 4), "~ 3.5"),
    Band(Fraction(15, 4), 5, ">= 4.0"),
)
"""The mean of a pair on a scale from 1 to 5: the nearest half, ends coded."""

MEAN_THIRDS = (Band(1, Fraction(5, 2), "< 2.5"), Band(Fraction(5, 2), Fraction(7, 2), "2.5-3.5"), Band(Fraction(7, 2), 5, "> 3.5"))
"""The mean of a cohort on a scale from 1 to 5. A mean of just 3.5 is in the middle."""

ATTENDANCE_THIRDS = (
    Band(0, Fraction(3, 5), "< 60 %"),
    Band(Fraction(3, 5), Fraction(4, 5), "60-80 %"),
    Band(Fraction(4, 5), 1, ">= 80 %"),
)
"""The attendance rate of a cohort."""


def band_index(value: Number, bands: Sequence[Band]) -> int:
    """Return the place of the band in which a true value lies."""
    at = max((place for place, band in enumerate(bands) if value >= band.lo), default=0)
    return 1 if bands is MEAN_THIRDS and value == Fraction(7, 2) else at


def coarser(bands: Sequence[Band], than: Sequence[Band]) -> bool:
    """Whether each band of `than` lies inside one of `bands`: then `bands` can tell nothing that `than` does not."""
    return all(any(band.lo <= fine.lo and fine.hi <= band.hi for band in bands) for fine in than)
