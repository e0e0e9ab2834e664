"""From a count to what may be published of it: the bands of each view, and the coded figure that a view gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ikut_eval.contract.errors import ConfigurationError, DisclosureError

Number = int | Fraction

Group = tuple[int, ...]
"""Positions of cohorts in the order in which they started, from 1. Cohort ids are data and are never in the policy."""


class Band(NamedTuple):
    """All true values from `lo` to `hi`.

    A mean or a share that lies just where two bands meet belongs to the upper one.

    Attributes
    ----------
    lo, hi : int or Fraction
    display : str – its form in files, the same in every language
    words : str – how a mean or a share is said: the last part of a key ``published.…``; empty for counts
    value : int or Fraction – the number in these words
    """

    lo: Number
    hi: Number
    display: str
    words: str = ""
    value: Number = 0


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
    Band(1, Fraction(9, 4), "<= 2.0", "at_most", 2),
    Band(Fraction(9, 4), Fraction(11, 4), "~ 2.5", "about", Fraction(5, 2)),
    Band(Fraction(11, 4), Fraction(13, 4), "~ 3.0", "about", 3),
    Band(Fraction(13, 4), Fraction(15, 4), "~ 3.5", "about", Fraction(7, 2)),
    Band(Fraction(15, 4), 5, ">= 4.0", "at_least", 4),
)
"""The mean of a group on a scale from 1 to 5: the nearest half, ends coded."""

MEAN_THIRDS = (
    Band(1, Fraction(5, 2), "< 2.5", "under", Fraction(5, 2)),
    Band(Fraction(5, 2), Fraction(7, 2), "2.5-3.5", "between"),
    Band(Fraction(7, 2), 5, "> 3.5", "over", Fraction(7, 2)),
)
"""The mean of a cohort on a scale from 1 to 5. A mean of exactly 3.5 is in the middle."""

ATTENDANCE_THIRDS = (
    Band(0, Fraction(3, 5), "< 60 %", "under", Fraction(3, 5)),
    Band(Fraction(3, 5), Fraction(4, 5), "60-80 %", "between"),
    Band(Fraction(4, 5), 1, ">= 80 %", "at_least", Fraction(4, 5)),
)
"""The attendance rate of a cohort."""


def band_index(value: Number, bands: Sequence[Band]) -> int:
    """Return the place of the band in which a true value lies."""
    at = max((place for place, band in enumerate(bands) if value >= band.lo), default=0)
    return 1 if bands is MEAN_THIRDS and value == Fraction(7, 2) else at


def coarser(bands: Sequence[Band], than: Sequence[Band]) -> bool:
    """Whether each band of `than` lies inside one of `bands`: then `bands` reveals nothing that `than` does not."""
    return all(any(band.lo <= fine.lo and fine.hi <= band.hi for band in bands) for fine in than)


VIEWS = ("delivery", "pair_count", "pair_change", "pair_mean", "cohort_band", "final_pooled")
STATUSES = ("shown", "coded", "too_few_people", "not_yet", "by_design", "withdrawn")
TELLING = ("shown", "coded")
"""The statuses of a figure that has a value."""
COHORT_SCALES = {"half": None, "mean": MEAN_THIRDS, "attendance": ATTENDANCE_THIRDS}
"""What the band of a cohort can be of: a number of people, a mean from 1 to 5, an attendance rate."""


@dataclass(frozen=True)
class CodedFigure:
    """One figure as it may be published.

    Attributes
    ----------
    indicator, view : str
    group : tuple of int – positions of cohorts
    n_public : int – members of the group, as published
    lo, hi : int or Fraction – ends of the band in which the true value lies; none where nothing is shown
    display : str – the band without words, as "7-9 of 9"; empty where nothing is shown
    status : str – one of `STATUSES`
    reason : str – catalogue key; empty where the value is shown as it is
    """

    indicator: str
    view: str
    group: Group
    n_public: int
    lo: Number | None
    hi: Number | None
    display: str
    status: str
    reason: str

    def __post_init__(self) -> None:
        telling = self.status in TELLING
        whole = (self.lo is not None, self.hi is not None, bool(self.display)) == (telling, telling, telling)
        ordered = self.lo is None or self.hi is None or (self.lo < self.hi if self.status == "coded" else self.lo == self.hi)
        if self.view not in VIEWS or self.status not in STATUSES or not (whole and ordered):
            raise DisclosureError("figure_not_sound", indicator=self.indicator)


def not_shown(indicator: str, *, view: str, group: Group, n_public: int, status: str, reason: str = "") -> CodedFigure:
    """Return a figure that has a status but no value. The reason depends on public facts alone."""
    return CodedFigure(indicator, view, group, n_public, None, None, "", status, reason or f"published.reason.{status}")


def delivery(value: Number, *, indicator: str, group: Group, n_public: int) -> CodedFigure:
    """Return a fact about the service as it is: sessions, hours, shares of hours; never about members."""
    display = str(value) if value == int(value) else f"{float(value):.2f}".rstrip("0")
    return CodedFigure(indicator, "delivery", group, n_public, value, value, display, "shown", "")


def pair_count(
    count: int, *, indicator: str, group: Group, n_public: int, min_group: int, k: int = 2, bands: str = "exact", view: str = "pair_count"
) -> CodedFigure:
    """Return a count with its ends coded: 0 to k | as `bands` says | n - k to n.

    Parameters
    ----------
    min_group : int
        The policy's limit: nothing is published of fewer people.
    k, bands
        As in `count_bands`.

    Raises
    ------
    DisclosureError
        If the count is not one of 0 to n.

    Examples
    --------
    >>> pair_count(8, indicator="completed", group=(1, 2), n_public=9, min_group=8).display
    '7-9 of 9'
    """
    if n_public < min_group:
        return not_shown(indicator, view=view, group=group, n_public=n_public, status="too_few_people")
    _check((count,), n_public, indicator)
    codes = count_bands(n_public, bands=bands, k=k)
    return _coded(codes[band_index(count, codes)], indicator, view, group, n_public, "ends" if bands == "exact" else "bands")


def pair_change(
    improved: int, worse: int, *, indicators: tuple[str, str], group: Group, n_public: int, min_group: int, k: int = 2, bands: str = "three"
) -> tuple[CodedFigure, CodedFigure]:
    """Return how many improved and how many got worse. How many stayed the same or did not answer is not published."""
    _check((improved, worse), n_public, indicators[0])
    first, second = (
        pair_count(count, indicator=indicator, group=group, n_public=n_public, k=k, bands=bands, min_group=min_group, view="pair_change")
        for indicator, count in zip(indicators, (improved, worse), strict=True)
    )
    return first, second


def pair_mean(mean: Fraction, *, indicator: str, group: Group, n_public: int, min_group: int) -> CodedFigure:
    """Return a mean of scores from 1 to 5 on a grid of a half, ends coded."""
    if n_public < min_group:
        return not_shown(indicator, view="pair_mean", group=group, n_public=n_public, status="too_few_people")
    _check_between(mean, MEAN_GRID, indicator)
    return _coded(MEAN_GRID[band_index(mean, MEAN_GRID)], indicator, "pair_mean", group, n_public, "grid")


def cohort_band(value: Number, *, scale: str, indicator: str, group: Group, n_public: int, min_cohort: int) -> CodedFigure:
    """Return the band of one cohort: people with a property, a mean from 1 to 5, or an attendance rate.

    Parameters
    ----------
    value : int or Fraction
        Count, mean or rate.
    scale : {"half", "mean", "attendance"}
    min_cohort : int
        The policy's limit: nothing is published of a cohort of fewer people.
    """
    if n_public < min_cohort:
        return not_shown(indicator, view="cohort_band", group=group, n_public=n_public, status="too_few_people")
    codes = COHORT_SCALES[scale] or count_bands(n_public, bands="half", k=0)
    _check_between(value, codes, indicator)
    return _coded(codes[band_index(value, codes)], indicator, "cohort_band", group, n_public, "bands")


def final_bands(counts: Sequence[int], n: int, *, k: int, small: int) -> tuple[Band | None, ...]:
    """Return how exclusive categories of all cohorts together are published; the first category is the main one.

    Exact where each category has at least `small` people; else the main one with its ends coded, and no other.
    """
    if min(counts) >= small:
        return tuple(Band(count, count, f"{count} of {n}") for count in counts)
    codes = count_bands(n, bands="exact", k=k)
    return (codes[band_index(counts[0], codes)], *(None for _ in counts[1:]))


def final_pooled(
    counts: Sequence[int], *, indicators: Sequence[str], group: Group, n_public: int, min_group: int, small: int, k: int = 2
) -> tuple[CodedFigure, ...]:
    """Return exclusive categories over all cohorts, once, after the last one. They must add up to all members."""
    if n_public < min_group:
        return tuple(not_shown(i, view="final_pooled", group=group, n_public=n_public, status="too_few_people") for i in indicators)
    _check(counts, n_public, indicators[0])
    if sum(counts) != n_public or len(indicators) > len(counts):
        raise DisclosureError("count_outside_group", indicator=indicators[0])
    bands = final_bands(counts, n_public, k=k, small=small)
    return tuple(
        _coded(band, indicator, "final_pooled", group, n_public, "ends")
        if band
        else not_shown(indicator, view="final_pooled", group=group, n_public=n_public, status="by_design", reason="published.reason.main_only")
        for indicator, band in zip(indicators, bands, strict=False)
    )


def _coded(band: Band, indicator: str, view: str, group: Group, n_public: int, why: str) -> CodedFigure:
    exact = band.lo == band.hi
    return CodedFigure(
        indicator, view, group, n_public, band.lo, band.hi, band.display, "shown" if exact else "coded", "" if exact else f"published.reason.{why}"
    )


def _check(counts: Sequence[int], n: int, indicator: str) -> None:
    if min(counts) < 0 or sum(counts) > n:
        raise DisclosureError("count_outside_group", indicator=indicator)


def _check_between(value: Number, bands: Sequence[Band], indicator: str) -> None:
    if not bands[0].lo <= value <= bands[-1].hi:
        raise DisclosureError("count_outside_group", indicator=indicator)
