"""The least and the greatest value of a sum: by the local stage where it can, else by integer programs whose answers are checked in integers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure.model import Constraint, System, Terms, pieces, split
from ikut_eval.disclosure.sums import SET_TABLES, TooLargeError, values_of

_Counts = NDArray[np.int64]
"""One number for each unknown."""

OPTIMAL, STOPPED, IMPOSSIBLE = 0, 1, 2
SAFE_ROUNDING = 1e-5


@dataclass(frozen=True, eq=False)
class Program:
    """A system as a mixed-integer program: its unknowns, then one 0–1 unknown for each alternative box."""

    system: System
    conditions: LinearConstraint
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
            for side, interval in enumerate(((0, inf), (-inf, 0))):
                ends = [end if (end := box[part][side]) is not None else widest[side] for box in constraint.boxes]
                rows.append(((*terms, *((first + place, -end) for place, end in enumerate(ends) if end)), *interval))
    matrix = _matrix([terms for terms, _, _ in rows], len(most)).astype(float)
    return Program(system, LinearConstraint(matrix, [low for _, low, _ in rows], [high for _, _, high in rows]), np.array(most), seconds)


def _matrix(sums: Sequence[Terms], unknowns: int) -> Any:
    """Return sums as a sparse matrix of integers, one row each."""
    places = [(row, unknown, c) for row, terms in enumerate(sums) for unknown, c in terms]
    where = ([row for row, _, _ in places], [unknown for _, unknown, _ in places])
    return csr_array((np.array([c for _, _, c in places], dtype=np.int64), where), shape=(len(sums), unknowns))


def least(given: Program, terms: Terms) -> tuple[int, _Counts] | None:
    """Return the proven least value of a sum, and counts that have it; None if no counts fit.

    Raises DisclosureError if the solver stops early, or the check in integers does not confirm its answer.
    """
    answer = _solve(given, terms, gap=0.0)
    if answer.status == IMPOSSIBLE:
        return None
    if answer.status == STOPPED:
        raise DisclosureError("audit_not_finished", seconds=given.seconds)
    counts = _fitting(given.system, answer.x)
    value = _value(terms, counts) if counts is not None else 0
    if answer.status != OPTIMAL or counts is None or ceil(answer.mip_dual_bound - SAFE_ROUNDING) != value:
        raise DisclosureError("audit_not_proved")
    return value, counts


def _solve(given: Program, terms: Terms, *, gap: float) -> Any:
    return milp(
        _matrix([terms], len(given.most)).toarray()[0],
        integrality=np.ones(len(given.most)),
        bounds=Bounds(0, given.most),
        constraints=given.conditions,
        options={"time_limit": given.seconds, "mip_rel_gap": gap},
    )


def _value(terms: Terms, counts: _Counts) -> int:
    return sum(coefficient * int(counts[unknown]) for unknown, coefficient in terms)


def _fitting(system: System, solution: NDArray[np.float64] | None) -> _Counts | None:
    """Return the solution in integers if it holds every condition, else None."""
    if solution is None:
        return None
    counts = np.rint(solution[: system.offsets[-1]]).astype(np.int64)
    sizes = np.add.reduceat(counts, system.offsets[:-1]).tolist()
    if (counts < 0).any() or not all(shape.least <= size <= shape.most for shape, size in zip(system.shapes, sizes, strict=True)):
        return None
    for constraint in system.constraints:
        values = [_value(terms, counts) for terms in constraint.sums]
        if not any(
            all((low is None or low <= value) and (high is None or value <= high) for value, (low, high) in zip(values, box, strict=True))
            for box in constraint.boxes
        ):
            return None
    return counts


@dataclass(frozen=True)
class Bound:
    """The proven least and greatest value of a sum, how many values are possible (counted at least as far as was asked), and all of them if known."""

    low: int
    high: int
    candidates: int
    values: frozenset[int] | None = None


def bounds(system: System, questions: Mapping[Terms, int], *, seconds: float) -> dict[Terms, Bound] | None:
    """Return the exact bounds of sums of the unknowns, or None if no tables fit the constraints.

    `questions` says how far the possible values of each sum must be counted: fewer are counted exactly.
    Raises DisclosureError if something is not proved in the seconds for each question to the solver.
    """
    parts, home = split(system)
    local_sums = {terms: pieces(terms, home) for terms in questions}
    asked: list[dict[Terms, int]] = [{} for _ in parts]
    for terms, enough in questions.items():
        for place, local in local_sums[terms]:
            asked[place][local] = max(enough, asked[place].get(local, 1))
    answered = []
    for part, wanted in zip(parts, asked, strict=True):
        found = _answer(part, wanted, seconds)
        if found is None:
            return None
        answered.append(found)
    return {terms: _together([answered[place][local] for place, local in some]) for terms, some in local_sums.items()}


def _together(parts: Sequence[Bound]) -> Bound:
    """Return the bound of a sum over independent parts."""
    low, high = sum(p.low for p in parts), sum(p.high for p in parts)
    values: frozenset[int] | None = frozenset([0])
    for part in parts:
        values = None if values is None or part.values is None else frozenset(a + b for a in values for b in part.values)
    return Bound(low, high, 1 + sum(p.candidates - 1 for p in parts) if values is None else len(values))


def _answer(part: System, wanted: Mapping[Terms, int], seconds: float) -> dict[Terms, Bound] | None:
    """Return the bounds of sums in one part: by the local stage where it can, the others by the solver."""
    found, left = {}, {}
    try:
        if not values_of(part, ()):
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
    """Return the bounds of sums by the solver: many questions at once while its answers reach ends known to be outermost, then one by one.

    The least value of each sum is asked, and of its negative; `proved` holds what neither can be below, and `best` the least that counts were found for.
    """
    given = program(part, seconds=seconds)
    any_counts = least(given, ())
    if any_counts is None:
        return None
    asked = [tuple((unknown, sign * coefficient) for unknown, coefficient in terms) for terms in wanted for sign in (1, -1)]
    proved = np.array([end for low, high in _outer_spans(part, wanted) for end in (low, -high)])
    tables = [part.by_table(terms).keys() for terms in asked]
    matrix = _matrix(asked, part.offsets[-1])
    seen = [matrix @ any_counts[1]]
    best = seen[0]
    random = np.random.default_rng(1)
    at_once = len(asked)
    while (pending := np.flatnonzero(best > proved)).size:
        chosen = _apart(random.permutation(pending).tolist(), tables, at_once)
        if len(chosen) == 1:
            solved = least(given, asked[chosen[0]])
            if solved is None or solved[0] < proved[chosen[0]]:
                raise DisclosureError("audit_not_proved")
            counts: _Counts | None = solved[1]
            proved[chosen[0]] = solved[0]
        else:
            counts = _fitting(part, _solve(given, tuple(term for one in chosen for term in asked[one]), gap=0.01).x)
        if counts is not None:
            seen.append(matrix @ counts)
            best = np.minimum(best, seen[-1])
        if (best[chosen] > proved[chosen]).sum() > len(chosen) / 2:
            at_once = len(chosen) // 2
    if (best < proved).any():
        raise DisclosureError("audit_not_proved")
    values = np.array(seen)[:, ::2]
    found = {}
    for place, (terms, enough) in enumerate(wanted.items()):
        low, high = int(best[2 * place]), -int(best[2 * place + 1])
        here = set(values[:, place].tolist())
        found[terms] = Bound(low, high, _count(given, terms, range(low, high + 1), here, enough))
    return found


def _outer_spans(part: System, sums: Iterable[Terms]) -> list[tuple[int, int]]:
    """Return for each sum ends that no value lies beyond: by joining along the constraints on few tables, or from the tables' sizes."""
    pairs = zip(part.constraints, part.touched, strict=True)
    parts, home = split(System(part.shapes, tuple(constraint for constraint, tables in pairs if len(tables) <= SET_TABLES)))
    found = []
    for terms in sums:
        try:
            values = [values_of(parts[place], local) for place, local in pieces(terms, home)]
            found.append((sum(map(min, values)), sum(map(max, values))))
        except TooLargeError:
            found.append(part.span(terms))
    return found


def _apart(questions: Iterable[int], tables: Sequence[Iterable[int]], most: int) -> list[int]:
    """Return questions that share no table."""
    chosen: list[int] = []
    used: set[int] = set()
    for question in questions:
        if len(chosen) < most and used.isdisjoint(tables[question]):
            chosen.append(question)
            used.update(tables[question])
    return chosen


def _count(given: Program, terms: Terms, between: range, seen: set[int], enough: int) -> int:
    """Return how many values are possible, of which some were seen, counted until there are enough."""
    found = len(seen)
    for value in between:
        if found < enough and value not in seen:
            exactly = Constraint((terms,), (((value, value),),))
            held = System(given.system.shapes, (*given.system.constraints, exactly))
            found += least(program(held, seconds=given.seconds), ()) is not None
    return found
