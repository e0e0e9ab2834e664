"""Time of the design proof of the whole pilot plan, beside every data set of every cohort tried one by one in plain Python.

Run with `.venv/bin/python bench/disclosure/proof.py`. Both ways must agree on every family that the naive way can finish.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.proof import compositions, plan_of, prove
from tests.disclosure.brute_force import leaking_of_family

PILOT = (4, 5, 5, 6)
LIMITS = load_policy().limits
LARGEST_NAIVE = 100_000
"""Data sets beyond which the naive way takes minutes; 100,000 take a quarter of one."""


def main() -> None:
    started = time.perf_counter()
    plan = plan_of(load_policy(), PILOT)
    proofs, known = prove(plan, LIMITS)
    cold = time.perf_counter() - started
    kept = json.loads(json.dumps(known))
    started = time.perf_counter()
    again, _ = prove(plan_of(load_policy(), PILOT), LIMITS, kept)
    cached = time.perf_counter() - started
    print(f"whole plan, cold: {cold:.3f} s ({sum(p.n_data_sets for p in proofs)} data sets)   from kept proofs: {cached:.4f} s")
    print(f"{'family':20}{'sizes':>10}{'data sets':>11}{'leaking':>9}{'proof ms':>10}{'naive ms':>10}{'times':>7}")
    for proof, (family, sizes) in zip(again, plan, strict=True):
        compositions.cache_clear()
        started = time.perf_counter()
        prove([(family, sizes)], LIMITS)
        ours = 1000 * (time.perf_counter() - started)
        line = f"{proof.family:20}{'+'.join(map(str, sizes)):>10}{proof.n_data_sets:11}{proof.n_leaking:9}{ours:10.1f}"
        if proof.n_data_sets > LARGEST_NAIVE:
            print(f"{line}{'-':>10}")
            continue
        started = time.perf_counter()
        found = leaking_of_family(family, sizes, LIMITS)
        naive = 1000 * (time.perf_counter() - started)
        if found != (proof.n_leaking, proof.n_data_sets):
            raise SystemExit(f"{proof.family}: the two ways disagree")
        print(f"{line}{naive:10.1f}{naive / ours:7.1f}")


if __name__ == "__main__":
    main()
