"""From a plain count to what may be published of it. Pure: the same count always gives the same figure.

A count is of the people *known* to have something, among all members by their public number. The others
therefore include people who were not reached, did not answer, or whose data may not be used
(`OTHERS_CAPTION` says so), and the number of answers is never told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure.bands import ATTENDANCE_THIRDS, MEAN_GRID, MEAN_THIRDS, Band, Number, band_index, count_bands
from ikut_eval.disclosure.families import Group

VIEWS = ("delivery", "pair_count", "pair_change", "pair_mean", "cohort_band", "final_pooled")
STATUSES = ("shown", "coded", "too_few_people", "not_yet", "by_design", "withdrawn")
OTHERS_CAPTION = "published.others"
MIN_COHORT = 5
"""People that a cohort needs for a band of its own."""
COHORT_SCALES = {"half": None, "mean": MEAN_THIRDS, "attendance": ATTENDANCE_THIRDS}
"""What a cohort's band can tell of: people with a property, a mean from 1 to 5, an attendance rate."""


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
        told = self.status in ("shown", "coded")
        whole = (self.lo is not None, self.hi is not None, bool(self.display)) == (told, told, told)
        ordered = self.lo is None or self.hi is None or (self.lo < self.hi if self.status == "coded" else self.lo == self.hi)
        if self.view not in VIEWS or self.status not in STATUSES or not (whole and ordered):
            raise DisclosureError("figure_not_sound", indicator=self.indicator)


def not_shown(indicator: str, *, view: str, group: Group, n_public: int, status: str, reason: str = "") -> CodedFigure:
    """Return a figure that tells nothing but its state. The reason depends on public facts alone."""
    return CodedFigure(indicator, view, group, n_public, None, None, "", status, reason or f"published.reason.{status}")


def delivery(value: Number, *, indicator: str, group: Group, n_public: int) -> CodedFigure:
    """Return a fact about the service as it is: sessions, hours, shares of hours; never about members."""
    display = str(value) if value == int(value) else f"{float(value):.2f}".rstrip("0")
    return CodedFigure(indicator, "delivery", group, n_public, value, value, display, "shown", "")


def pair_count(
    count: int, *, indicator: str, group: Group, n_public: int, k: int = 2, bands: str = "exact", min_group: int = 8, view: str = "pair_count"
) -> CodedFigure:
    """Return a count with its ends coded: 0 to k | as `bands` says | n - k to n.

    Raises
    ------
    DisclosureError
        If the count is not one of 0 to n.

    Examples
    --------
    >>> pair_count(8, indicator="completed", group=(1, 2), n_public=9).display
    '7-9 of 9'
    """
    if n_public < min_group:
        return not_shown(indicator, view=view, group=group, n_public=n_public, status="too_few_people")
    _check((count,), n_public, indicator)
    codes = count_bands(n_public, bands=bands, k=k)
    return _coded(codes[band_index(count, codes)], indicator, view, group, n_public, "ends" if bands == "exact" else "bands")


def pair_change(
    improved: int, worse: int, *, indicators: tuple[str, str], group: Group, n_public: int, k: int = 2, bands: str = "three", min_group: int = 8
) -> tuple[CodedFigure, CodedFigure]:
    """Return how many improved and how many got worse. How many stayed the same or did not answer is not told."""
    _check((improved, worse), n_public, indicators[0])
    first, second = (
        pair_count(count, indicator=indicator, group=group, n_public=n_public, k=k, bands=bands, min_group=min_group, view="pair_change")
        for indicator, count in zip(indicators, (improved, worse), strict=True)
    )
    return first, second


def pair_mean(mean: Fraction, *, indicator: str, group: Group, n_public: int, min_group: int = 8) -> CodedFigure:
    """Return a mean of scores from 1 to 5 on a grid of a half, ends coded."""
    if n_public < min_group:
        return not_shown(indicator, view="pair_mean", group=group, n_public=n_public, status="too_few_people")
    _check_between(mean, MEAN_GRID, indicator)
    return _coded(MEAN_GRID[band_index(mean, MEAN_GRID)], indicator, "pair_mean", group, n_public, "grid")


def cohort_band(value: Number, *, scale: str, indicator: str, group: Group, n_public: int) -> CodedFigure:
    """Return the band of one cohort: people with a property, a mean from 1 to 5, or an attendance rate.

    Parameters
    ----------
    value : int or Fraction
        Count, mean or rate.
    scale : {"half", "mean", "attendance"}
    """
    if n_public < MIN_COHORT:
        return not_shown(indicator, view="cohort_band", group=group, n_public=n_public, status="too_few_people")
    codes = COHORT_SCALES[scale] or count_bands(n_public, bands="half", k=0)
    _check_between(value, codes, indicator)
    return _coded(codes[band_index(value, codes)], indicator, "cohort_band", group, n_public, "bands")


def final_bands(counts: Sequence[int], n: int, k: int) -> tuple[Band | None, ...]:
    """Return how exclusive categories of all cohorts together are published; the first category is the main one.

    Exact where each category has at least three people; else the main one with its ends coded, and no other.
    """
    if min(counts) >= 3:
        return tuple(Band(count, count, f"{count} of {n}") for count in counts)
    codes = count_bands(n, bands="exact", k=k)
    return (codes[band_index(counts[0], codes)], *(None for _ in counts[1:]))


def final_pooled(counts: Sequence[int], *, indicators: Sequence[str], group: Group, n_public: int, k: int = 2, min_group: int = 8) -> tuple[CodedFigure, ...]:
    """Return exclusive categories over all cohorts, once, after the last one. They must add up to all members."""
    if n_public < min_group:
        return tuple(not_shown(i, view="final_pooled", group=group, n_public=n_public, status="too_few_people") for i in indicators)
    _check(counts, n_public, indicators[0])
    if sum(counts) != n_public or len(indicators) > len(counts):
        raise DisclosureError("count_outside_group", indicator=indicators[0])
    bands = final_bands(counts, n_public, k)
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
