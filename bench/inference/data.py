"""One set of answers a size, the same for every program."""

from random import Random
from typing import Any

SIZES = (6, 12, 20, 50, 200, 400, 1000)
COHORTS = 4


def answers(n: int) -> dict[str, Any]:
    """Return answers of `n` people: on five points with ties and people who stay, and with two decimals."""
    rng = Random(n)
    before = [rng.randint(1, 5) for _ in range(n)]
    after = [min(5, max(1, b + rng.choice((-1, 0, 0, 1, 1, 2)))) for b in before]
    fine = [round(rng.gauss(0.3, 1), 2) for _ in range(n)]
    first = [place % 2 == 0 for place in range(n)]
    cohort = [place // 2 % COHORTS for place in range(n)]
    yes = [value >= 4 for value in after]
    gained = sum(b < 3 <= a for b, a in zip(before, after, strict=True))
    lost = sum(a < 3 <= b for b, a in zip(before, after, strict=True))
    kinds = [(v > 2) + (v > 3) for v in after]
    return {
        "before": before,
        "after": after,
        "fine": fine,
        "first": first,
        "cohort": cohort,
        "gained": gained,
        "lost": lost,
        "odds": [[[count(first, cohort, yes, g, c, y) for y in (True, False)] for g in (True, False)] for c in range(COHORTS)],
        "table": [[sum(k == kind and c == place for k, c in zip(kinds, cohort, strict=True)) for kind in range(3)] for place in range(COHORTS)],
    }


def count(first: list[bool], cohort: list[int], yes: list[bool], group: bool, place: int, answer: bool) -> int:
    return sum((f, c, y) == (group, place, answer) for f, c, y in zip(first, cohort, yes, strict=True))
