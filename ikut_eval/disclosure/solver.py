"""The second stage: the exact end of a sum by a mixed-integer program, proved by a table that fits and by the solver's bound.

The solver works in floating point. Its table is rounded and checked against every constraint in integers, and its bound counts
only if no whole number lies between it and the table's value. Whatever is not proved so is an error, never an answer.

References
----------
Huangfu, Q. and Hall, J. A. J. (2018). Parallelizing the dual revised simplex method. Mathematical Programming Computation 10, 119–142.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure.model import System, Terms, span

Counts = NDArray[np.int64]

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
            widest = span(system, terms)
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


def least(given: Program, terms: Terms, *, equal: tuple[Terms, int] | None = None) -> tuple[int, Counts] | None:
    """Return the proven least value of a sum, and tables that have it; None if no tables fit.

    Parameters
    ----------
    equal : (sum, value), optional
        A further condition.

    Raises
    ------
    DisclosureError
        If the solver stops early, or its answer does not stand the check in integers.
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


def fitting_counts(given: Program, terms: Terms) -> Counts | None:
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


def _value(terms: Terms, counts: Counts) -> int:
    return sum(coefficient * int(counts[unknown]) for unknown, coefficient in terms)


def _whole_counts(given: Program, solution: NDArray[np.float64]) -> Counts | None:
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
