"""The detectable change by the planned exact test beside a t test's, and the power that the exact test has with it on other data sets.

.venv/bin/python bench/inference/power.py [DATA SETS]
"""

import sys

import numpy as np

from ikut_eval.inference.paired import mean_change_test, sign_test, signed_rank_test
from ikut_eval.inference.planning import detectable_change, detectable_mean_change

TESTS = {"mean_change": mean_change_test, "signed_rank": signed_rank_test, "sign": sign_test}
SIZES = (6, 7, 8, 10, 12, 16, 20)


def main() -> None:
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print("| people | test | detectable change [sd] | ± | t test says | power measured |\n| ---: | --- | ---: | ---: | ---: | ---: |")
    for n in SIZES:
        for method, test in TESTS.items():
            planned, draw = detectable_change(n, method=method), np.random.default_rng(100 + n)
            shown = 0
            for _ in range(sets):
                changes = np.round(draw.normal(planned.effect, 1, n), 3).tolist()
                shown += test([0] * n, changes).p <= 0.05
            print(f"| {n} | {method} | {planned.effect:.3f} | {planned.error:.3f} | {detectable_mean_change(n):.3f} | {shown / sets:.3f} |", flush=True)


if __name__ == "__main__":
    main()
