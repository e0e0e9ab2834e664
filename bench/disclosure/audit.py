"""Time of the audit: the scenarios, programmes of ten to four hundred cohorts, and the naive way in the same run.

Run with `python bench/disclosure/audit.py`. A programme has four indicators, two yes/no and two on five points, published per pair of
cohorts: counts with coded ends (0–2, n-2–n), means on a grid of 0.5 with coded ends. "total" adds an exact count, or a mean with one
decimal, of all cohorts together, "categories" an exact count of each code instead. Naive is one pair of integer programs a target over the
indicator, for the same targets. Caches are emptied before each audit.
"""

import gc
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from sys import path

path.insert(0, str(Path(__file__).parents[2]))

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure import audit as audit_module
from ikut_eval.disclosure import bounds as bounds_module
from ikut_eval.disclosure import model, sums
from ikut_eval.disclosure.audit import audit
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.universe import Block, CohortSize, Fact, Universe
from tests.attacks.scenarios import attacks, run, target_of

SIZES = (10, 20, 40, 100, 200, 400)
NAIVE_SIZES = (10, 20, 40)
LIMITS = load_policy().limits
YES_NO, FIVE = ("no", "yes"), (1, 2, 3, 4, 5)
BLOCKS = (*(Block(name, (("answer", YES_NO),)) for name in ("work", "study")), *(Block(name, (("score", FIVE),)) for name in ("rights", "trust")))


def programme(cohorts: int, extra: str) -> tuple[Universe, list[Fact]]:
    rng = Random(cohorts)
    sizes = {f"c{n}": rng.randint(4, 6) for n in range(cohorts)}
    names = list(sizes)
    facts = []
    for block in BLOCKS:
        ((attribute, codes),) = block.attributes
        answers = {name: rng.choices(codes, k=n) for name, n in sizes.items()}
        groups = [tuple(names[n : n + 2]) for n in range(0, cohorts, 2)]
        for group in groups:
            given = [a for name in group for a in answers[name]]
            if codes is YES_NO:
                k, n = given.count("yes"), len(given)
                low, high = (0, 2) if k <= 2 else (n - 2, n) if k >= n - 2 else (k, k)
                facts.append(Fact("count", group, block.name, ((attribute, ("yes",)),), least=Fraction(low), most=Fraction(high)))
            else:
                shown = min(max(round(2 * sum(given) / len(given)) / 2, 2.0), 4.0)
                least, most = 1 if shown == 2 else Fraction(str(shown - 0.25)), 5 if shown == 4 else Fraction(str(shown + 0.25))
                facts.append(Fact("mean", group, block.name, attribute=attribute, least=Fraction(least), most=Fraction(most)))
        everybody = [a for name in names for a in answers[name]]
        if extra == "categories":
            facts += [Fact("count", tuple(names), block.name, ((attribute, (code,)),), value=Fraction(everybody.count(code))) for code in codes]
        elif extra == "total" and codes is YES_NO:
            facts.append(Fact("count", tuple(names), block.name, ((attribute, ("yes",)),), value=Fraction(everybody.count("yes"))))
        elif extra == "total":
            facts.append(
                Fact("mean", tuple(names), block.name, attribute=attribute, value=Fraction(str(round(sum(everybody) / len(everybody), 1))), decimals=1)
            )
    return Universe(tuple(CohortSize(name, n, n) for name, n in sizes.items()), BLOCKS), facts


def forget() -> None:
    for cached in (sums.join_tree, sums.values_of, sums._cell_vectors, sums.multisets):
        cached.cache_clear()
    gc.collect()


def naive_bounds(system: model.System, questions: dict[model.Terms, int], *, seconds: float) -> dict[model.Terms, bounds_module.Bound]:
    """Two integer programs a target over everything that is asked of its indicator, without parts, local stage or pool."""
    places = {unknown: n for n, (_, numbers) in enumerate(split_by_block(system)) for unknown in numbers}
    programs = [(bounds_module.program(part, seconds=seconds), numbers) for part, numbers in split_by_block(system)]
    found = {}
    for terms in questions:
        given, numbers = programs[places[terms[0][0]]]
        local = renumber(terms, numbers)
        low = bounds_module.least(given, local)
        high = bounds_module.least(given, tuple((unknown, -c) for unknown, c in local))
        found[terms] = bounds_module.Bound(low[0], -high[0], -high[0] - low[0] + 1)
    return found


def renumber(terms: model.Terms, numbers: dict[int, int]) -> model.Terms:
    return tuple((numbers[unknown], coefficient) for unknown, coefficient in terms)


def split_by_block(system: model.System) -> list[tuple[model.System, dict[int, int]]]:
    """Tables stand block by block; a block is a run of tables with as many cells and as many cohorts."""
    cohorts = len(system.shapes) // len(BLOCKS)
    found = []
    for n in range(len(BLOCKS)):
        tables = range(n * cohorts, (n + 1) * cohorts)
        first, last = system.offsets[tables[0]], system.offsets[tables[-1] + 1]
        numbers = {unknown: unknown - first for unknown in range(first, last)}
        inside = tuple(
            model.Constraint(tuple(renumber(terms, numbers) for terms in c.sums), c.boxes)
            for c, touched in zip(system.constraints, system.touched, strict=True)
            if min(touched) in tables
        )
        found.append((model.System(tuple(system.shapes[t] for t in tables), inside), numbers))
    return found


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """Return seconds by the clock, seconds of processor time (all threads), and the result or the error's key."""
    forget()
    start = time.perf_counter(), time.process_time()
    try:
        result = work()
    except DisclosureError as error:
        result = error.key
    return time.perf_counter() - start[0], time.process_time() - start[1], result


def naive(universe: Universe, facts: list[Fact]) -> tuple[float, float, object]:
    audit_module.bounds = naive_bounds
    try:
        return timed(lambda: audit(universe, facts, limits=LIMITS))
    finally:
        audit_module.bounds = bounds_module.bounds


def main() -> None:
    scenarios = attacks()["scenarios"]
    for words, by_default in (("stated targets", False), ("targets that the audit finds itself", True)):
        clock, processor, _ = timed(lambda d=by_default: [run(s, None if d else [target_of(target) for target in s["targets"]]) for s in scenarios])
        print(f"{len(scenarios)} scenarios, {words}: {clock:.2f} s ({processor:.2f} s of processor time)")
    for extra in ("pairs", "total", "categories"):
        print(f"\n{extra:10}{'audit':>17}{'naive':>18}\n{'cohorts':>7}{'targets':>9}{'s':>7}{'cpu s':>8}{'s':>9}{'cpu s':>9}{'times':>7}  verdict")
        for cohorts in SIZES:
            universe, facts = programme(cohorts, extra)
            clock, processor, found = timed(lambda u=universe, f=facts: audit(u, f, limits=LIMITS))
            line = f"{cohorts:>7}{len(getattr(found, 'bounds', ())):>9}{clock:>7.2f}{processor:>8.2f}"
            if cohorts in NAIVE_SIZES:
                naive_clock, naive_processor, other = naive(universe, facts)
                same = [(b.low, b.high) for b in found.bounds] == [(b.low, b.high) for b in other.bounds]
                line += f"{naive_clock:>9.1f}{naive_processor:>9.1f}{naive_processor / processor:>7.0f}  {found!r}{'' if same else '  BOUNDS DIFFER'}"
            else:
                line += f"{'':>25}  {found!r}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
