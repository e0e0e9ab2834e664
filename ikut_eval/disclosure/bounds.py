"""The least and the greatest value of a sum: by the local stage where it can, else by integer programs whose answers are checked in integers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure.model import System, Terms, renumber, split
from ikut_eval.disclosure.sums import TooLargeError, join_tree, narrowed, outer_span, values_of

_Tables = NDArray[np.int64]
"""One number for each unknown."""

OPTIMAL, STOPPED, IMPOSSIBLE = 0, 1, 2
SAFE_ROUNDING = 1e-5


@dataclass(frozen=True, eq=False)
class Program:
    """A system as a mixed-integer program: its unknowns, then one 0–1 unknown for each alternative box."""

    system: System
    matrix: Any
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    most: NDArray[np.float64]
    seconds: float


def program(system: System, *, seconds: float) -> Program:
    """Return the mixed-integer program of a system; each question to it may take so many seconds."""
    rows: list[tuple[Terms, float, float]] = []
    most = [float(shape.most) for shape in system.shapes for _ in range(shape.cells)]
    for start, shape in zip(system.offsets, system.shapes, strict=False):
        rows.append((tuple((start + cell, 1) for cell in range(shape.cells)), shape.least, shape.most))
    for constraint in system.constraints:
        if len(constraint.boxes) == 1:
            for terms, (low, high) in zip(constraint.sums, constraint.boxes[0], strict=True):
                rows.append((terms, -inf if low is None else low, inf if high is None else high))
            continue
        first = len(most)
        most += [1.0] * len(constraint.boxes)
        rows.append((tuple((first + place, 1) for place in range(len(constraint.boxes))), 1, 1))
        for part, terms in enumerate(constraint.sums):
            widest = system.span(terms)
            lows = [widest[0] if box[part][0] is None else box[part][0] for box in constraint.boxes]
            highs = [widest[1] if box[part][1] is None else box[part][1] for box in constraint.boxes]
            rows.append((_chosen(terms, first, lows), 0, inf))
            rows.append((_chosen(terms, first, highs), -inf, 0))
    places = [(row, unknown, c) for row, (terms, _, _) in enumerate(rows) for unknown, c in terms]
    where = ([row for row, _, _ in places], [unknown for _, unknown, _ in places])
    matrix = csr_array((np.array([c for _, _, c in places], dtype=float), where), shape=(len(rows), len(most)))
    return Program(system, matrix, np.array([low for _, low, _ in rows], float), np.array([high for _, _, high in rows], float), np.array(most), seconds)


def _chosen(terms: Terms, first: int, ends: Sequence[int | None]) -> Terms:
    """Return a sum less the end that belongs to the chosen box."""
    return (*terms, *((first + place, -end) for place, end in enumerate(ends) if end))


def least(given: Program, terms: Terms, *, equal: tuple[Terms, int] | None = None) -> tuple[int, _Tables] | None:
    """Return the proven least value of a sum, and tables that have it; None if no tables fit.

    Parameters
    ----------
    equal : (sum, value), optional
        A further condition.

    Raises
    ------
    DisclosureError
        If the solver stops early, or the check in integers does not confirm its answer.
    """
    answer = _solve(given, terms, equal, gap=0.0)
    if answer.status == IMPOSSIBLE:
        return None
    if answer.status == STOPPED:
        raise DisclosureError("audit_not_finished", seconds=given.seconds)
    if answer.status != OPTIMAL or answer.x is None:
        raise DisclosureError("audit_not_proved")
    counts = _whole_counts(given, answer.x)
    value = _value(terms, counts) if counts is not None else 0
    if counts is None or (equal is not None and _value(equal[0], counts) != equal[1]) or ceil(answer.mip_dual_bound - SAFE_ROUNDING) != value:
        raise DisclosureError("audit_not_proved")
    return value, counts


def fitting_counts(given: Program, terms: Terms) -> _Tables | None:
    """Return tables that fit, with a sum near its least value; None if none were found."""
    answer = _solve(given, terms, None, gap=0.01)
    return None if answer.x is None else _whole_counts(given, answer.x)


def _solve(given: Program, terms: Terms, equal: tuple[Terms, int] | None, *, gap: float) -> Any:
    objective = np.zeros(len(given.most))
    for unknown, coefficient in terms:
        objective[unknown] = coefficient
    conditions = [LinearConstraint(given.matrix, given.low, given.high)]
    if equal is not None:
        row = np.zeros((1, len(given.most)))
        for unknown, coefficient in equal[0]:
            row[0, unknown] = coefficient
        conditions.append(LinearConstraint(row, equal[1], equal[1]))
    return milp(
        objective,
        integrality=np.ones(len(given.most)),
        bounds=Bounds(0, given.most),
        constraints=conditions,
        options={"time_limit": given.seconds, "mip_rel_gap": gap},
    )


def _value(terms: Terms, counts: _Tables) -> int:
    return sum(coefficient * int(counts[unknown]) for unknown, coefficient in terms)


def _whole_counts(given: Program, solution: NDArray[np.float64]) -> _Tables | None:
    """Return the solution in integers if it holds every condition, else None."""
    system = given.system
    counts = np.rint(solution[: system.offsets[-1]]).astype(np.int64)
    if (counts < 0).any():
        return None
    for start, shape in zip(system.offsets, system.shapes, strict=False):
        if not shape.least <= counts[start : start + shape.cells].sum() <= shape.most:
            return None
    for constraint in system.constraints:
        values = [_value(terms, counts) for terms in constraint.sums]
        if not any(
            all((low is None or low <= value) and (high is None or value <= high) for value, (low, high) in zip(values, box, strict=True))
            for box in constraint.boxes
        ):
            return None
    return counts


ASKED_AT_ONCE = 1024


@dataclass(frozen=True)
class Bound:
    """The proven least and greatest value of a sum, how many values are possible (counted at least as far as was asked), and all of them if known."""

    low: int
    high: int
    candidates: int
    values: frozenset[int] | None = None


def bounds(system: System, questions: Mapping[Terms, int], *, seconds: float) -> dict[Terms, Bound] | None:
    """Return the exact bounds of sums of the unknowns, or None if no tables fit the constraints.

    Parameters
    ----------
    questions : mapping of sum to int
        How far its possible values must be counted: fewer are counted exactly.
    seconds : float
        Time for each question to the solver.

    Raises
    ------
    DisclosureError
        If something is not proved in time.
    """
    parts = split(system)
    home = {unknown: place for place, (_, numbers) in enumerate(parts) for unknown in numbers}
    asked: list[dict[Terms, int]] = [{} for _ in parts]
    pieces: dict[Terms, list[tuple[int, Terms]]] = {}
    for terms, enough in questions.items():
        inside: dict[int, list[tuple[int, int]]] = {}
        for unknown, coefficient in terms:
            inside.setdefault(home[unknown], []).append((unknown, coefficient))
        pieces[terms] = [(place, renumber(tuple(some), parts[place][1])) for place, some in inside.items()]
        for place, local in pieces[terms]:
            asked[place][local] = max(enough, asked[place].get(local, 1))
    answered = []
    for (part, _), wanted in zip(parts, asked, strict=True):
        found = _answer(part, wanted, seconds)
        if found is None:
            return None
        answered.append(found)
    return {terms: _together([answered[place][local] for place, local in some]) for terms, some in pieces.items()}


def _together(pieces: Sequence[Bound]) -> Bound:
    """Return the bound of a sum over independent parts."""
    low, high = sum(p.low for p in pieces), sum(p.high for p in pieces)
    values: frozenset[int] | None = frozenset([0])
    for piece in pieces:
        values = None if values is None or piece.values is None else frozenset(a + b for a in values for b in piece.values)
    return Bound(low, high, 1 + sum(p.candidates - 1 for p in pieces) if values is None else len(values))


def _answer(part: System, wanted: Mapping[Terms, int], seconds: float) -> dict[Terms, Bound] | None:
    """Return the bounds of sums in one part: by the local stage where it can, the others by the solver."""
    found, left = {}, {}
    try:
        if not join_tree(part).possible:
            return None
        for terms, enough in wanted.items():
            try:
                values = values_of(part, terms)
                found[terms] = Bound(min(values), max(values), len(values), values)
            except TooLargeError:
                left[terms] = enough
    except TooLargeError:
        left = dict(wanted)
    solved = _answer_by_solver(part, left, seconds) if left else {}
    return None if solved is None else found | solved


def _answer_by_solver(part: System, wanted: Mapping[Terms, int], seconds: float) -> dict[Terms, Bound] | None:
    """Return the bounds of sums by the solver: many questions at once while its answers reach ends known to be outermost, then one by one."""
    given = program(part, seconds=seconds)
    any_counts = least(given, ())
    if any_counts is None:
        return None
    sums = list(wanted)
    narrow = narrowed(part)
    outer = [outer_span(narrow, terms) for terms in sums]
    pool = _Pool(part, sums)
    pool.add(any_counts[1])
    random = np.random.default_rng(1)
    ends: dict[tuple[int, int], int] = {}
    at_once = ASKED_AT_ONCE
    while True:
        pending = [
            (place, side) for place in range(len(sums)) for side in (1, -1) if (place, side) not in ends and pool.end(place, side) != outer[place][side < 0]
        ]
        if not pending:
            break
        chosen = _apart(part, sums, [pending[n] for n in random.permutation(len(pending))], at_once)
        if len(chosen) == 1:
            place, side = chosen[0]
            solved = least(given, _times(sums[place], side))
            if solved is None:
                raise DisclosureError("audit_not_proved")
            ends[place, side] = side * solved[0]
            pool.add(solved[1])
            continue
        counts = fitting_counts(given, tuple(term for place, side in chosen for term in _times(sums[place], side)))
        if counts is not None:
            pool.add(counts)
        answered = sum(pool.end(place, side) == outer[place][side < 0] for place, side in chosen)
        if answered < len(chosen) / 2:
            at_once = len(chosen) // 2
    found = {}
    for place, terms in enumerate(sums):
        low, high = (ends.get((place, side), outer[place][side < 0]) for side in (1, -1))
        if not outer[place][0] <= low <= pool.end(place, 1) <= pool.end(place, -1) <= high <= outer[place][1]:
            raise DisclosureError("audit_not_proved")
        seen = pool.values(place)
        enough = wanted[terms]
        found[terms] = Bound(low, high, len(seen) if len(seen) >= enough else _count(given, terms, low, high, enough))
    return found


def _times(terms: Terms, factor: int) -> Terms:
    return tuple((unknown, factor * coefficient) for unknown, coefficient in terms)


def _apart(part: System, sums: Sequence[Terms], pending: Sequence[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """Return questions that share no table."""
    chosen: list[tuple[int, int]] = []
    used: set[int] = set()
    for place, side in pending:
        tables = part.tables(sums[place])
        if used.isdisjoint(tables):
            chosen.append((place, side))
            used |= tables
        if len(chosen) == most:
            break
    return chosen


def _count(given: Program, terms: Terms, low: int, high: int, enough: int) -> int:
    """Return how many values are possible from one possible end to the other, counted until there are enough."""
    found = 1 if low == high else 2
    for value in range(low + 1, high):
        if found >= enough:
            break
        found += least(given, (), equal=(terms, value)) is not None
    return found


class _Pool:
    """The values that the tables found so far give to each sum."""

    def __init__(self, part: System, sums: Sequence[Terms]) -> None:
        places = [(place, unknown, c) for place, terms in enumerate(sums) for unknown, c in terms]
        where = ([place for place, _, _ in places], [unknown for _, unknown, _ in places])
        self._matrix = csr_array((np.array([c for _, _, c in places], dtype=np.int64), where), shape=(len(sums), part.offsets[-1]))
        self._seen: list[set[int]] = [set() for _ in sums]

    def add(self, counts: _Tables) -> None:
        for seen, value in zip(self._seen, (self._matrix @ counts).tolist(), strict=True):
            seen.add(value)

    def end(self, place: int, side: int) -> int:
        return min(self._seen[place]) if side == 1 else max(self._seen[place])

    def values(self, place: int) -> set[int]:
        return self._seen[place]
