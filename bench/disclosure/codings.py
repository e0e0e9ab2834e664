"""The codings that the proof carries, and how much each leaves open: every way to code the counts of each family, for pairs of trainings of 4 to 6 people.

Run with `.venv/bin/python bench/disclosure/codings.py`, with the names of families to try fewer. Ends with 1 if the policy holds a coding that
leaks, or not the one that leaves least open. A coding that leaks is not made finer: what a coarser one tells, a finer one tells too.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ikut_eval.disclosure.families import Family
from ikut_eval.disclosure.leaks import Limits
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.proof import prove, range_left

PAIRS = ((4, 4), (4, 5), (4, 6), (5, 5), (5, 6), (6, 6))
LIMITS = load_policy().limits
CODES = (("none", 0), ("half", 0), ("three", 2), ("three", 3), ("three", 4), ("exact", 2), ("exact", 3), ("exact", 4))
SHOWN = 3
"""Codings that are printed of each family and size."""

Coding = tuple[tuple[str, int], ...]
"""How each figure of a family is coded: bands and k."""


def coded(family: Family, coding: Coding) -> Family:
    """Return a family with other codes of its figures, which may be fewer than it has: the others are not published."""
    codes = (*coding, *[("none", 0)] * (len(family.indicators) - len(coding)))
    return replace(family, indicators=tuple(replace(i, bands=bands, k=k, by_size=()) for i, (bands, k) in zip(family.indicators, codes, strict=True)))


def safe_codings(family: Family, sizes: Sequence[Sequence[int]], limits: Limits, begun: Coding = ()) -> Iterator[Coding]:
    """Give every coding that the proof carries for pairs of these sizes."""
    tried = coded(family, begun)
    if not all(proof.safe for proof in prove([(tried, tuple(pair)) for pair in sizes], limits)[0]):
        return
    if len(begun) == len(family.indicators):
        yield begun
        return
    n = sum(sizes[0])
    for bands, k in CODES:
        if bands != "none" and 2 * k >= n:
            continue
        yield from safe_codings(family, sizes, limits, (*begun, (bands, k)))


def main(names: Sequence[str]) -> int:
    wrong = 0
    for family in load_policy().families:
        if family.view not in ("pair_count", "pair_change") or (names and family.id not in names):
            continue
        for n in sorted({sum(pair) for pair in PAIRS}):
            sizes = [pair for pair in PAIRS if sum(pair) == n]
            found = sorted((range_left(coded(family, one), n, limits=LIMITS), one) for one in safe_codings(family, sizes, LIMITS))
            own = range_left(family, n, limits=LIMITS)
            leaks = [proof for proof in prove([(family, pair) for pair in sizes], LIMITS)[0] if not proof.safe]
            good = not leaks and own <= found[0][0] + 1e-12
            wrong += not good
            leak = f" leaks: {leaks[0].worst}" if leaks else ""
            print(f"{family.id}, {n} people: policy {own:.3f}{leak}; {len(found)} codings are safe{'' if good else '  <-- !'}")
            for left, coding in found[:SHOWN]:
                print(f"    {left:.3f}  " + ", ".join(f"{i.id} {bands}{k or ''}" for i, (bands, k) in zip(family.indicators, coding, strict=True)), flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
