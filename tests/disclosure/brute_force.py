"""The naive way: every data set of every cohort, one by one, in plain Python. Tests and the benchmark compare with it."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import chain, combinations, product

import numpy as np

from ikut_eval.disclosure.families import Family, outputs
from ikut_eval.disclosure.leaks import Limits, leaks_in_values

DataSet = tuple[tuple[int, ...], ...]
"""For each cohort, the people in each category."""


def some_of(things: Iterable[int]) -> Iterable[tuple[int, ...]]:
    every = tuple(things)
    return chain.from_iterable(combinations(every, r) for r in range(1, len(every) + 1))


def splits(n: int, cells: int) -> list[tuple[int, ...]]:
    if cells == 1:
        return [(n,)]
    return [(first, *rest) for first in range(n + 1) for rest in splits(n - first, cells - 1)]


def leaking(
    sizes: Sequence[int], cells: int, published: Callable[[DataSet], Hashable], limits: Limits, *, groups: Iterable[tuple[int, ...]], sensitive: bool = False
) -> tuple[int, int]:
    """Return how many data sets leak, and how many there are, for whatever is published."""
    told: dict[Hashable, list[DataSet]] = defaultdict(list)
    for data_set in product(*(splits(size, cells) for size in sizes)):
        told[published(data_set)].append(data_set)
    targets = [(group, some) for group in groups for some in some_of(range(cells)) if len(some) < cells]
    leaks = sum(len(same) for same in told.values() if any(leaks_of(same, sizes, *target, limits, sensitive) for target in targets))
    return leaks, sum(map(len, told.values()))


def leaks_of(same: list[DataSet], sizes: Sequence[int], group: tuple[int, ...], some: tuple[int, ...], limits: Limits, sensitive: bool) -> bool:
    possible = np.zeros(sum(sizes[cohort] for cohort in group) + 1, dtype=bool)
    for data_set in same:
        possible[sum(data_set[cohort][cell] for cohort in group for cell in some)] = True
    return any(bool(found) for found in leaks_in_values(possible, limits, sensitive=sensitive).values())


def leaking_of_family(family: Family, sizes: Sequence[int], limits: Limits) -> tuple[int, int]:
    """Return how many data sets leak, and how many there are, for a family published of these cohorts together."""

    def published(data_set: DataSet) -> tuple[int, ...]:
        return tuple(map(sum, zip(*data_set, strict=True)))

    pooled = splits(sum(sizes), len(family.cells))
    label = dict(zip(pooled, outputs(family, sum(sizes), np.array(pooled), limits=limits).tolist(), strict=True))
    return leaking(sizes, len(family.cells), lambda data_set: label[published(data_set)], limits, groups=some_of(range(len(sizes))), sensitive=family.sensitive)
