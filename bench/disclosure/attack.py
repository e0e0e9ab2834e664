"""What an attacker learns from all public files: subtraction between releases, every possible data set, and integer programs.

Run with `python bench/disclosure/attack.py FOLDER`, the folder with the public bundles (`bundles/public` of a workspace). Without a folder
it attacks the releases of the invented pilot at its five closings. The attacker knows the files, the sizes of the trainings and this software,
and uses none of the project's proof or audit.
"""

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from pathlib import Path
from sys import argv, exit, path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

path.insert(0, str(Path(__file__).parents[2]))

from ikut_eval.disclosure.families import Family
from ikut_eval.disclosure.policy import Policy, load_policy

Cohorts = tuple[int, ...]
FEWEST_VALUES, SMALL_GROUP, INSIDERS, INSIDERS_SENSITIVE = 3, 8, 1, 2


class Figure(NamedTuple):
    """A published figure about people; `main_only` where the other categories are held back because one of them is small."""

    indicator: str
    cohorts: Cohorts
    low: int
    high: int
    main_only: bool = False


class Learned(NamedTuple):
    """What an attack leaves possible of a count of people: its ends, and how many values between them."""

    attack: str
    family: str
    cohorts: Cohorts
    cells: tuple[str, ...]
    low: int
    high: int
    values: int


def read_public(folder: Path) -> tuple[tuple[int, ...], list[Figure]]:
    """Return the sizes of the trainings and every figure about people in every public bundle."""
    figures: dict[Figure, None] = {}
    sizes: tuple[int, ...] = ()
    for bundle in sorted(place for place in folder.iterdir() if (place / "manifest.json").is_file()):
        sizes = tuple(json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))["about"]["cohort_sizes"])
        with (bundle / "figures.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["view"] != "delivery"]
        held = {(row["view"], row["cohorts"]) for row in rows if row["reason"] == "published.reason.main_only"}
        for row in rows:
            if row["lo"]:
                main_only = (row["view"], row["cohorts"]) in held
                figures[Figure(row["indicator"], tuple(map(int, row["cohorts"].split("+"))), int(row["lo"]), int(row["hi"]), main_only)] = None
    return sizes, list(figures)


def attack(sizes: Sequence[int], figures: Sequence[Figure], policy: Policy | None = None) -> list[Learned]:
    """Return what each attack learns of each set of people."""
    found: list[Learned] = []
    for family in (policy or load_policy()).families:
        here = [figure for figure in figures if figure.indicator in {i.id for i in family.indicators}]
        if family.view != "delivery" and here:
            found += [*by_subtraction(family, sizes, here), *by_every_data_set(family, sizes, here), *by_programs(family, sizes, here)]
    return found


def forbidden(learned: Iterable[Learned], sizes: Sequence[int], policy: Policy | None = None) -> list[Learned]:
    """Return what no attacker may learn: fewer than three values for a small group; nobody or everybody, also for insiders."""
    insiders = {family.id: INSIDERS_SENSITIVE if family.sensitive else INSIDERS for family in (policy or load_policy()).families}

    def told(one: Learned) -> bool:
        size = sum(sizes[position - 1] for position in one.cohorts)
        few = one.values < FEWEST_VALUES and size < SMALL_GROUP
        return few or one.high <= insiders[one.family] or one.low >= size - insiders[one.family]

    return [one for one in learned if told(one)]


def by_subtraction(family: Family, sizes: Sequence[int], figures: Sequence[Figure]) -> Iterator[Learned]:
    """Add and subtract groups that lie in one another, over all releases, until nothing new follows."""
    everybody = range(1, len(sizes) + 1)
    groups = [frozenset(some) for n in everybody for some in combinations(everybody, n)]
    for indicator in family.indicators:
        ends = {group: (0, sum(sizes[position - 1] for position in group)) for group in groups}
        for figure in (one for one in figures if one.indicator == indicator.id):
            ends[frozenset(figure.cohorts)] = _meet(ends[frozenset(figure.cohorts)], (figure.low, figure.high))
        before = None
        while before != ends:
            before = dict(ends)
            for one, other in product(groups, groups):
                if not one & other:
                    (a, b), (c, d), whole = ends[one], ends[other], ends[one | other]
                    ends[one | other] = _meet(whole, (a + c, b + d))
                    ends[one] = _meet(ends[one], (whole[0] - d, whole[1] - c))
        for group in groups:
            low, high = ends[group]
            yield Learned("subtraction", family.id, tuple(sorted(group)), indicator.cells, low, high, high - low + 1)


def _meet(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return max(one[0], other[0]), min(one[1], other[1])


def by_every_data_set(family: Family, sizes: Sequence[int], figures: Sequence[Figure]) -> Iterator[Learned]:
    """Try every data set: of each set of categories over all trainings at once, and of all categories of each published group."""
    for cells in dict.fromkeys(indicator.cells for indicator in family.indicators):
        same = {i.id for i in family.indicators if i.cells == cells}
        counts = np.array(list(product(*(range(size + 1) for size in sizes))))
        for figure in (one for one in figures if one.indicator in same):
            told = counts[:, [position - 1 for position in figure.cohorts]].sum(axis=1)
            counts = counts[(told >= figure.low) & (told <= figure.high)]
        for position in range(1, len(sizes) + 1):
            yield _learned("every data set", family, (position,), cells, set(counts[:, position - 1].tolist()))
    for group in dict.fromkeys(figure.cohorts for figure in figures):
        n = sum(sizes[position - 1] for position in group)
        data_sets = _that_fit(family, n, [figure for figure in figures if figure.cohorts == group])
        for chosen in (some for size in range(1, len(family.cells)) for some in combinations(range(len(family.cells)), size)):
            totals, cells = set(data_sets[:, chosen].sum(axis=1).tolist()), tuple(family.cells[cell] for cell in chosen)
            yield _learned("every data set of the group", family, group, cells, totals)
            for position in group:
                part = sizes[position - 1]
                counts_here = {count for total in totals for count in range(max(0, total - n + part), min(part, total) + 1)}
                yield _learned("every data set of the group", family, (position,), cells, counts_here)


def _learned(kind: str, family: Family, cohorts: Cohorts, cells: tuple[str, ...], values: set[int]) -> Learned:
    return Learned(kind, family.id, cohorts, cells, min(values), max(values), len(values))


def _that_fit(family: Family, n: int, figures: Sequence[Figure]) -> NDArray[np.int64]:
    """Return every way to put people into the family's categories that is published as the figures are."""
    bars = np.array(list(combinations(range(n + len(family.cells) - 1), len(family.cells) - 1)))
    walls = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), n + len(family.cells) - 1)])
    data_sets = np.diff(walls, axis=1) - 1
    for figure in figures:
        (cells,) = (i.cells for i in family.indicators if i.id == figure.indicator)
        told = data_sets[:, [family.cells.index(cell) for cell in cells]].sum(axis=1)
        data_sets = data_sets[(told >= figure.low) & (told <= figure.high)]
        if family.view == "final_pooled":
            data_sets = data_sets[(data_sets.min(axis=1) < 3) == figure.main_only]
    return np.asarray(data_sets)


def by_programs(family: Family, sizes: Sequence[int], figures: Sequence[Figure]) -> Iterator[Learned]:
    """Ask for the least and the most people in each category, its complement and each figure's categories, in each training."""
    cells = len(family.cells)
    rows, low, high = [], [], []
    for position, size in enumerate(sizes):
        rows.append([int(number // cells == position) for number in range(len(sizes) * cells)])
        low.append(size)
        high.append(size)
    for figure in figures:
        (inside,) = (i.cells for i in family.indicators if i.id == figure.indicator)
        rows.append([int(number // cells + 1 in figure.cohorts and family.cells[number % cells] in inside) for number in range(len(sizes) * cells)])
        low.append(figure.low)
        high.append(figure.high)
    known, box = LinearConstraint(np.array(rows), low, high), Bounds(0, np.repeat(sizes, cells))
    sets = [*((cell,) for cell in family.cells), *(tuple(c for c in family.cells if c != cell) for cell in family.cells), *(i.cells for i in family.indicators)]
    for position, chosen in product(range(len(sizes)), dict.fromkeys(sets)):
        wanted = np.array([float(number // cells == position and family.cells[number % cells] in chosen) for number in range(len(sizes) * cells)])
        ends = [milp(sign * wanted, constraints=known, bounds=box, integrality=np.ones(len(wanted))) for sign in (1, -1)]
        least, most = round(ends[0].fun), round(-ends[1].fun)
        yield Learned("integer program", family.id, (position + 1,), chosen, least, most, most - least + 1)


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(argv[1]) if len(argv) > 1 else _invented(Path(place))
        sizes, figures = read_public(folder)
    learned = attack(sizes, figures)
    print(f"{len(figures)} figures about people, {len(learned)} conclusions")
    print(f"{'training':>8}  {'attack':28} {'conclusions':>11} {'fewest values':>13}  narrowest")
    for position, kind in product(range(1, len(sizes) + 1), dict.fromkeys(one.attack for one in learned)):
        here = [one for one in learned if one.cohorts == (position,) and one.attack == kind]
        if here:
            worst = min(here, key=lambda one: (one.values, -one.low))
            range_of = f"{worst.family} {'|'.join(worst.cells)}: {worst.low}–{worst.high} of {sizes[position - 1]}"
            print(f"{position:>8}  {kind:28} {len(here):>11} {worst.values:>13}  {range_of}")
    too_much = forbidden(learned, sizes)
    for one in too_much:
        print("TOO MUCH:", one)
    print(f"{len(too_much)} conclusions that nobody may draw")
    exit(bool(too_much))


def _invented(place: Path) -> Path:
    from ikut_eval.data.pilot import read_pilot
    from tests.release.released import CLOSINGS, as_it_was, released, workspace

    space, pilot = workspace(place / "space"), read_pilot("synthetic")
    for day in CLOSINGS.values():
        released(space, as_it_was(pilot, day))
    return space.public_bundles


if __name__ == "__main__":
    main()
