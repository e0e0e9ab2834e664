"""How long all inference of the pilot's notebooks takes: every cohort report and the synthesis, without measures and drawing.

Run with `.venv/bin/python bench/inference/notebooks.py`.
"""

import statistics
import time
from collections.abc import Callable

import pandas as pd

import ikut_eval as ikut


def questions(pilot: ikut.PilotData) -> dict[str, Callable[[], object]]:
    """Return what the notebooks ask of inference, from measures that are already computed."""
    asked: dict[str, Callable[[], object]] = {}
    groups = {name: pilot.cohort(name) for name in pilot.cohort_ids}
    changes = {name: ikut.paired_change(ikut.scale_scores(group, "rights_awareness")) for name, group in groups.items()}
    for name, group in {**groups, "all": pilot}.items():
        change = changes.get(name) or ikut.paired_change(ikut.scale_scores(group, "rights_awareness"))
        answers, people = ikut.item_answers(group, "rights_awareness"), ikut.attendance_rate(group, by="person")
        bounds = pd.concat([ikut.outcome_bounds(group, outcome) for outcome in ("in_work", "in_study", "fair_work")])
        stays, taking_part = ikut.weeks_in_training(group), ikut.participants(group)
        asked |= {
            f"{name} change": lambda c=change: (c.exact_test(), c.interval(c.exact_test().highest_level * 0.999), ikut.tipping_point(c)),
            f"{name} items": lambda a=answers: ikut.item_shift(a),
            f"{name} attendance": lambda p=people: ikut.compare_cohorts(p),
            f"{name} bounds": lambda b=bounds: ikut.tipping_point(b),
            f"{name} staying": lambda s=stays: ikut.time_in_training(s).to_frame(),
            f"{name} detectable": lambda t=taking_part: ikut.detectable_effect(t),
        }
    people, work = ikut.attendance_rate(pilot, by="person"), ikut.outcome_bounds(pilot, "in_work")
    return asked | {
        "cohorts, change": lambda: (ikut.compare_cohorts(list(changes.values())), ikut.cohort_shrinkage(list(changes.values()))),
        "cohorts, attendance": lambda: ikut.cohort_shrinkage(people, scale=0.1),
        "cohorts, work": lambda: ikut.compare_cohorts(work),
    }


def main() -> None:
    asked = questions(ikut.read_pilot("synthetic"))
    rounds = []
    for _ in range(5):
        spent = {}
        for name, ask in asked.items():
            started = time.perf_counter()
            ask()
            spent[name] = 1000 * (time.perf_counter() - started)
        rounds.append(spent)
    total = statistics.median(sum(spent.values()) for spent in rounds)
    print(f"all inference of the notebooks: first {sum(rounds[0].values()):.0f} ms, median of five {total:.0f} ms")
    median = {name: statistics.median(spent[name] for spent in rounds) for name in asked}
    for name, spent_ms in sorted(median.items(), key=lambda pair: -pair[1])[:8]:
        print(f"  {name:24} {spent_ms:7.1f} ms")


if __name__ == "__main__":
    main()
