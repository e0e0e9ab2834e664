"""Families of indicators that are published together, and what each family publishes for every possible data set."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure.leaks import Limits
from ikut_eval.disclosure.views import (
    COHORT_SCALES,
    MEAN_GRID,
    Band,
    CodedFigure,
    Group,
    band_index,
    cohort_band,
    count_bands,
    final_bands,
    final_pooled,
    pair_change,
    pair_count,
)


@dataclass(frozen=True)
class Indicator:
    """One published figure.

    Attributes
    ----------
    id : str
    measure : str – id in `measures.toml`; the release computes the figure with that measure's function
    rows : tuple of str – groups of the measure's table that are added up; empty in `delivery`: each row a figure of its own
    wave, instrument : str – empty where the measure has none
    cells : tuple of str – categories of the family that the figure counts
    bands : str – how a count is coded: "exact", "three" or "half"; empty where the view says it
    k : int – people in each coded end; 0 where there is none
    """

    id: str
    measure: str
    rows: tuple[str, ...] = ()
    wave: str = ""
    instrument: str = ""
    cells: tuple[str, ...] = ()
    bands: str = ""
    k: int = 0


@dataclass(frozen=True)
class Family:
    """Indicators of which one says something about another: published in one view and proved together.

    Attributes
    ----------
    id, view : str
    cells : tuple of str – categories of people; everybody of a group is in exactly one.
        For means the categories are the scores that a person can have.
    sensitive : bool – work, study, service or safety: more insiders are expected to share what they know
    indicators : tuple of Indicator
    """

    id: str
    view: str
    cells: tuple[str, ...] = ()
    sensitive: bool = False
    indicators: tuple[Indicator, ...] = ()

    @property
    def parameters(self) -> dict[str, object]:
        """All that the published outputs depend on besides the sizes of the cohorts."""
        codes = [{key: value for key, value in asdict(i).items() if key in ("cells", "bands", "k")} for i in self.indicators]
        return {"cells": self.cells, "sensitive": self.sensitive, "codes": codes}


DataSets = NDArray[np.int64]
"""A row for each data set: the people of a group in each category."""


def code_family(family: Family, counts: Mapping[str, int], *, group: Group, n_public: int, limits: Limits) -> tuple[CodedFigure, ...]:
    """Return what is published of a group of people, by the number of people in each category.

    Parameters
    ----------
    counts : mapping of str to int
        People known to be in each category of the family; they add up to `n_public`.

    Raises
    ------
    DisclosureError
        If the categories are not the family's, do not add up to the group, or the view does not count people.
    """
    if set(counts) != set(family.cells) or sum(counts.values()) != n_public or min(counts.values()) < 0:
        raise DisclosureError("count_outside_group", indicator=family.id)
    people = [sum(counts[cell] for cell in indicator.cells) for indicator in family.indicators]
    names = [indicator.id for indicator in family.indicators]
    first = family.indicators[0]
    match family.view:
        case "pair_count":
            one = partial(pair_count, group=group, n_public=n_public, min_group=limits.min_group)
            return tuple(one(count, indicator=i.id, k=i.k, bands=i.bands) for i, count in zip(family.indicators, people, strict=True))
        case "pair_change":
            two = partial(pair_change, group=group, n_public=n_public, min_group=limits.min_group)
            return two(people[0], people[1], indicators=(names[0], names[1]), k=first.k, bands=first.bands)
        case "final_pooled":
            whole = partial(final_pooled, group=group, n_public=n_public, min_group=limits.min_group, small=limits.small)
            return whole([counts[cell] for cell in family.cells], indicators=names, k=first.k)
        case "cohort_band" if first.bands == "half":
            half = partial(cohort_band, scale="half", group=group, n_public=n_public, min_cohort=limits.min_cohort)
            return tuple(half(count, indicator=name) for name, count in zip(names, people, strict=True))
    raise DisclosureError("view_without_code", view=family.view)


def bands_of(family: Family, indicator: Indicator, n: int) -> tuple[Band, ...]:
    """Return the partition of the true values of an indicator that a reader can tell apart."""
    if family.view == "pair_mean":
        return MEAN_GRID
    if family.view == "cohort_band" and (scale := COHORT_SCALES[indicator.bands]):
        return scale
    return count_bands(n, bands=indicator.bands, k=indicator.k)


def scores_of(family: Family) -> tuple[int, ...] | None:
    """Return the scores that the categories stand for, or None where the view counts people."""
    mean = family.view == "pair_mean" or (family.view == "cohort_band" and COHORT_SCALES[family.indicators[0].bands])
    return tuple(int(cell) for cell in family.cells) if mean else None


def outputs(family: Family, n: int, data_sets: DataSets, *, limits: Limits) -> NDArray[np.int64]:
    """Return a number for what is published of each data set: equal numbers, same publication.

    Parameters
    ----------
    data_sets : array of int, shape (data sets, categories)
        People of the whole group in each category, in the family's order.
    """
    if family.view == "final_pooled":
        codes = [final_bands([int(c) for c in row], n, k=family.indicators[0].k, small=limits.small) for row in data_sets]
        places = {code: place for place, code in enumerate(dict.fromkeys(codes))}
        return np.array([places[code] for code in codes])
    label = np.zeros(len(data_sets), dtype=np.int64)
    scores = scores_of(family)
    for indicator in family.indicators:
        bands = bands_of(family, indicator, n)
        if scores:
            top = 1 if family.view == "pair_mean" or indicator.bands == "mean" else max(scores)
            values = data_sets @ np.array(scores)
            table = np.array([band_index(Fraction(total, n * top), bands) for total in range(n * max(scores) + 1)])
        else:
            values = data_sets[:, [family.cells.index(cell) for cell in indicator.cells]].sum(axis=1)
            table = np.array([band_index(count, bands) for count in range(n + 1)])
        label = label * len(bands) + table[values]
    return np.unique(label, return_inverse=True)[1].reshape(-1)
