"""Time and exactness of the paired and two-group tests against scipy, on the same data in one run.

Run with `.venv/bin/python bench/inference.py`. "=" is the exact p, "~" near it, "x" wrong by more than 10 %.
"""

import time
import warnings
from collections.abc import Callable
from random import Random

import numpy as np
from scipy import stats

from ikut_eval.inference.groups import group_test
from ikut_eval.inference.paired import mean_change_test, signed_rank_test

SIZES = (6, 12, 20, 50, 200, 1000)
Test = Callable[[list[int], list[int]], float]


def five_point(n: int) -> tuple[list[int], list[int]]:
    rng = Random(n)
    before = [rng.randint(1, 5) for _ in range(n)]
    return before, [min(5, max(1, b + rng.choice((-1, 0, 0, 1, 1, 2)))) for b in before]


def halves(before: list[int], after: list[int]) -> tuple[list[int], list[bool]]:
    return [*before, *after], [False] * len(before) + [True] * len(after)


def sampled(before: list[int], after: list[int]) -> float:
    data = (np.array(after) - np.array(before),)
    return float(stats.permutation_test(data, np.sum, permutation_type="samples", n_resamples=np.inf).pvalue)


PAIRED: dict[str, tuple[Test, int]] = {
    "ikut signed rank": (lambda b, a: signed_rank_test(b, a).p, 1000),
    "scipy wilcoxon auto": (lambda b, a: float(stats.wilcoxon(a, b, zero_method="pratt").pvalue), 1000),
    "scipy wilcoxon exact": (lambda b, a: float(stats.wilcoxon(a, b, zero_method="pratt", method="exact").pvalue), 200),
    "ikut mean": (lambda b, a: mean_change_test(b, a).p, 1000),
    "scipy permutation": (sampled, 12),
    "ikut signed rank interval": (lambda b, a: signed_rank_test(b, a).interval(0.8).lower, 20),
    "ikut mean interval": (lambda b, a: mean_change_test(b, a).interval(0.8).lower, 20),
}
GROUPS: dict[str, tuple[Test, int]] = {
    "ikut two groups": (lambda b, a: group_test(*halves(b, a)).p, 100),
    "scipy mannwhitneyu exact": (lambda b, a: float(stats.mannwhitneyu(b, a, method="exact").pvalue), 100),
    "ikut four cohorts": (lambda b, a: group_test(*halves(b, a), stratum=[n % 4 for n in range(2 * len(b))]).p, 100),
}
EXACT = {
    "scipy wilcoxon auto": "ikut signed rank",
    "scipy wilcoxon exact": "ikut signed rank",
    "scipy permutation": "ikut mean",
    "scipy mannwhitneyu exact": "ikut two groups",
}


def milliseconds(test: Test, before: list[int], after: list[int]) -> tuple[float, float]:
    times: list[float] = []
    while len(times) < 3 or (sum(times) < 0.2 and len(times) < 50):
        started = time.perf_counter()
        value = test(before, after)
        times.append(time.perf_counter() - started)
    return 1000 * float(np.median(times)), value


def mark(found: float, exact: float) -> str:
    off = abs(found - exact) / exact
    return "=" if off < 1e-9 else "~" if off < 0.1 else "x"


def main() -> None:
    warnings.simplefilter("ignore")
    for title, tests in (("paired: people", PAIRED), ("two groups: people in each", GROUPS)):
        print(f"{title:28}" + "".join(f"{n:>12}" for n in SIZES))
        answers: dict[tuple[str, int], float] = {}
        for name, (test, most) in tests.items():
            cells = []
            for n in SIZES:
                if n > most:
                    cells.append(f"{'–':>12}")
                    continue
                spent, answers[name, n] = milliseconds(test, *five_point(n))
                right = mark(answers[name, n], answers[EXACT[name], n]) if name in EXACT else " "
                cells.append(f"{spent:10.2f} {right}")
            print(f"{name:28}" + "".join(cells))


if __name__ == "__main__":
    main()
