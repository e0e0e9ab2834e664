"""How often the intervals of cohorts "estimated together" hold the true value: cohorts differ as the prior says, people within them by more.

.venv/bin/python bench/inference/coverage.py [REPETITIONS]
"""

import sys

import numpy as np
import pandas as pd

from ikut_eval.analysis.shrinkage import CohortShrinkage, cohort_shrinkage

SIZES, SESSIONS = (4, 5, 6, 5), 40
LEVEL, SCALE = 0.95, 0.125
CASES = [(mean, alike) for mean in (0.5, 0.7, 0.85) for alike in (0.05, 0.15)]
"""Mean rate of all cohorts, and likeness of one person's sessions (1: all or none)."""


def attendance(mean: float, alike: float, draw: np.random.Generator) -> tuple[pd.DataFrame, list[float]]:
    """Return invented attendance by person, and the cohorts' true rates."""
    spread, true = abs(draw.normal(0, SCALE)), []
    while len(true) < len(SIZES):
        rate = mean + spread * draw.normal()
        if 0.02 < rate < 0.98:
            true.append(rate)
    rows = []
    for place, (size, rate) in enumerate(zip(SIZES, true, strict=True)):
        people = draw.beta(rate * (1 - alike) / alike, (1 - rate) * (1 - alike) / alike, size)
        for own in people:
            held = SESSIONS - int(draw.integers(0, 5))
            row = {"measure": "attendance_rate", "cohort_id": f"C{place + 1}", "group": f"P{len(rows):04}", "denominator": held}
            rows.append(row | {"numerator": int(draw.binomial(held, own))})
    return pd.DataFrame(rows), true


def held(found: CohortShrinkage, mean: float, true: list[float]) -> tuple[int, int, bool]:
    """Return how many intervals of cohorts hold their true rate, of how many, and whether the common mean's does."""
    frame = found.to_frame(LEVEL).set_index("cohort_id")
    inside = [frame.loc[name, "lower"] <= true[int(name[1]) - 1] <= frame.loc[name, "upper"] for name in found.cohort_ids]
    common = found.common(LEVEL)
    return sum(inside), len(inside), common.lower <= mean <= common.upper


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print("| mean rate | likeness of sessions | cohorts | common mean | data sets |\n| ---: | ---: | ---: | ---: | ---: |")
    for mean, alike in CASES:
        draw, sums = np.random.default_rng(11), np.zeros(4)
        for _ in range(repetitions):
            table, true = attendance(mean, alike, draw)
            found = cohort_shrinkage(table, scale=SCALE)
            if found.model is not None:
                sums += [*held(found, mean, true), 1]
        print(f"| {mean} | {alike} | {sums[0] / sums[1]:.3f} | {sums[2] / sums[3]:.3f} | {sums[3]:.0f} |", flush=True)


if __name__ == "__main__":
    main()
