"""Random small groups whose scores are means of items: how many get another exact answer as floats than as fractions?

.venv/bin/python bench/inference/float_ties.py [GROUPS]
"""

import sys
from fractions import Fraction
from random import Random
from time import process_time

from ikut_eval.inference.groups import SCORES, group_test
from ikut_eval.inference.paired import mean_change_test, sign_test, signed_rank_test

TESTS = {"mean change": mean_change_test, "signed rank": signed_rank_test, "sign": sign_test}


def main() -> None:
    number, draw = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, Random(9)
    wrong = dict.fromkeys((*TESTS, *(f"{name} of differences" for name in TESTS), *SCORES, "interval"), 0)
    spent = {"floats": 0.0, "whole numbers": 0.0}
    for _ in range(number):
        n, items = draw.randint(3, 8), draw.randint(2, 24)
        points = [[draw.randint(items, 5 * items) for _ in range(n)] for _ in range(2)]
        before, after = ([Fraction(k, items) for k in side] for side in points)
        first, last = ([float(v) for v in side] for side in (before, after))
        differences = [b - a for a, b in zip(first, last, strict=True)]
        for name, test in TESTS.items():
            true = test(before, after)
            wrong[name] += test(first, last).p != true.p
            wrong[f"{name} of differences"] += test([0.0] * n, differences).p != true.p
        sides, cohorts = [True] * n + [False] * n, [k % 2 for k in range(2 * n)]
        for scores in SCORES:
            true, found = (group_test(v, sides, stratum=cohorts, scores=scores) for v in ([*before, *after], [*first, *last]))
            wrong[scores] += true.p != found.p
        whole, level = mean_change_test(*points), 1 - 2.0 ** (1 - n)
        limits = []
        for kind, found in (("floats", mean_change_test(first, last)), ("whole numbers", whole)):
            started = process_time()
            limits.append(found.interval(level))
            spent[kind] += process_time() - started
        wrong["interval"] += any(abs(getattr(limits[0], end) - getattr(limits[1], end) / items) > 1e-12 for end in ("lower", "upper"))
    print(f"{number} groups; wrong: {wrong}")
    print("; ".join(f"intervals of {kind}: {1000 * seconds / number:.3f} ms" for kind, seconds in spent.items()))


if __name__ == "__main__":
    main()
