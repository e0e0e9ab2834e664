"""Families of indicators that are published together: the bands of each view, and what a family publishes of every possible data set."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.disclosure.leaks import Limits
from ikut_eval.disclosure.universe import Number

Group = tuple[int, ...]
"""Positions of cohorts in the order in which they started, from 1. Cohort ids are data and are never in the policy."""

VIEWS = ("delivery", "pair_count", "pair_change", "pair_mean", "cohort_band", "final_pooled")


class Band(NamedTuple):
    """All true values from `lo` to `hi`.

    A mean or a share that lies just where two bands meet belongs to the upper one.

    Attributes
    ----------
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
NOT_PUBLISHED = "none"
"""Stands in their place where a count is not published."""


def count_bands(n: int, *, bands: str, k: int) -> tuple[Band, ...]:
    """Return how a count of 0 to n people is published.

    Parameters
    ----------
    bands : {"exact", "three", "half", "none"}
        The ends coded and the middle exact; the ends coded and the middle one band; under half, and half or more; not at all.
    k : int
        The ends are 0 to k and n - k to n.

    Raises
    ------
    ConfigurationError
        If the two ends would overlap.
    """
    if bands == NOT_PUBLISHED:
        edges = [(0, n)]
    elif bands == "half":
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

COHORT_SCALES = {"half": None, "mean": MEAN_THIRDS, "attendance": ATTENDANCE_THIRDS}
"""What the band of a cohort can be of: a number of people, a mean from 1 to 5, an attendance rate."""


def bands_of(view: str, n: int, *, bands: str, k: int) -> tuple[Band, ...]:
    """Return the partition of the true values of a figure of n people that a reader can tell apart; `bands` and `k` as in `count_bands`."""
    return MEAN_GRID if view == "pair_mean" else COHORT_SCALES.get(bands) or count_bands(n, bands=bands, k=k)


def band_index(value: Number, bands: Sequence[Band]) -> int:
    """Return the place of the band in which a true value lies."""
    at = max((place for place, band in enumerate(bands) if value >= band.lo), default=0)
    return 1 if bands is MEAN_THIRDS and value == Fraction(7, 2) else at


def coarser(bands: Sequence[Band], than: Sequence[Band]) -> bool:
    """Whether each band of `than` lies inside one of `bands`: then `bands` reveals nothing that `than` does not."""
    return all(any(band.lo <= fine.lo and fine.hi <= band.hi for band in bands) for fine in than)


def final_bands(counts: Sequence[int], n: int, *, k: int, small: int) -> tuple[Band | None, ...]:
    """Return how exclusive categories of all cohorts together are published; the first category is the main one.

    Exact where each category has at least `small` people; else the main one with its ends coded, and no other.
    """
    if min(counts) >= small:
        return tuple(Band(count, count, f"{count} of {n}") for count in counts)
    codes = count_bands(n, bands="exact", k=k)
    return (codes[band_index(counts[0], codes)], *(None for _ in counts[1:]))


@dataclass(frozen=True)
class Indicator:
    """One published figure.

    Attributes
    ----------
    measure : str – id in `measures.toml`; the release computes the figure with that measure's function
    rows : tuple of str – groups of the measure's table that are added up; empty in `delivery`: each row a figure of its own
    wave, instrument : str – empty where the measure has none
    cells : tuple of str – categories of the family that the figure counts
    bands : str – how a count is coded: "exact", "three", "half" or "none"; empty where the view says it
    k : int – people in each coded end; 0 where there is none
    by_size : tuple of (int, str, int) – sizes of a group for which it is coded in another way, with bands and k
    """

    id: str
    measure: str
    rows: tuple[str, ...] = ()
    wave: str = ""
    instrument: str = ""
    cells: tuple[str, ...] = ()
    bands: str = ""
    k: int = 0
    by_size: tuple[tuple[int, str, int], ...] = ()

    def coding(self, n: int) -> tuple[str, int]:
        """Return how a count of a group of n people is coded: bands and k."""
        return next(((bands, k) for size, bands, k in self.by_size if size == n), (self.bands, self.k))


@dataclass(frozen=True)
class Family:
    """Indicators of which one says something about another: published in one view and proved together.

    Attributes
    ----------
    cells : tuple of str – categories of people; everybody of a group is in exactly one.
        For means the categories are the scores that a person can have.
    sensitive : bool – work, study, service or safety: more insiders are expected to share what they know
    asked : bool – people are asked, so that it may be that nobody of a group was: figures then say so, and are no low counts
    alternatives : tuple of Family – the same figures coded in other ways, for comparison; never published
    """

    id: str
    view: str
    cells: tuple[str, ...] = ()
    sensitive: bool = False
    indicators: tuple[Indicator, ...] = ()
    asked: bool = False
    alternatives: "tuple[Family, ...]" = ()

    @property
    def left_over(self) -> str:
        """The category of whoever is in no other, also of whoever was not reached or whose data may not be used; "" where there is none."""
        return next((cell for cell in self.cells if cell in ("rest", "not_reached")), "")

    def holds(self, figure: str) -> bool:
        """Return whether a figure, which may be a part of an indicator, is of this family."""
        return figure.partition(".")[0] in {i.id for i in self.indicators}

    @property
    def parameters(self) -> str:
        """All that the published outputs depend on besides the sizes of the cohorts, as JSON."""
        codes = [{"cells": i.cells, "bands": i.bands, "k": i.k, "by_size": i.by_size} for i in self.indicators]
        return json.dumps({"view": self.view, "cells": self.cells, "sensitive": self.sensitive, "asked": self.asked, "codes": codes}, sort_keys=True)


DataSets = NDArray[np.int64]
"""A row for each data set: the people of a group in each category, in the family's order."""


def scores_of(family: Family) -> tuple[int, ...] | None:
    """Return the scores that the categories stand for, or None where the view counts people."""
    mean = family.view == "pair_mean" or (family.view == "cohort_band" and COHORT_SCALES[family.indicators[0].bands])
    return tuple(int(cell) for cell in family.cells) if mean else None


def outputs(family: Family, n: int, data_sets: DataSets, *, limits: Limits) -> NDArray[np.int64]:
    """Return a number for what is published of each data set of a whole group: equal numbers, same publication."""
    if family.view == "final_pooled":
        codes = [final_bands([int(c) for c in row], n, k=family.indicators[0].k, small=limits.small) for row in data_sets]
        places = {code: place for place, code in enumerate(dict.fromkeys(codes))}
        return np.array([places[code] for code in codes])
    label = np.zeros(len(data_sets), dtype=np.int64)
    scores = scores_of(family)
    for indicator in family.indicators:
        code, k = indicator.coding(n)
        bands = bands_of(family.view, n, bands=code, k=k)
        if scores:
            top = 1 if family.view == "pair_mean" or code == "mean" else max(scores)
            values = data_sets @ np.array(scores)
            table = np.array([band_index(Fraction(total, n * top), bands) for total in range(n * max(scores) + 1)])
        else:
            values = data_sets[:, [family.cells.index(cell) for cell in indicator.cells]].sum(axis=1)
            table = np.array([band_index(count, bands) for count in range(n + 1)])
        label = label * len(bands) + table[values]
    return np.unique(label, return_inverse=True)[1].reshape(-1)
