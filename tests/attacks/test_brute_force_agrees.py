"""The audit concludes what trying every data set concludes; more figures never leave more open."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ikut_eval.disclosure import sums
from ikut_eval.disclosure.audit import INCONSISTENT, Audit, audit
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.universe import Block, CohortSize, Fact, Universe
from tests.attacks.brute_force import finding_types, group, printing, statistic, worlds

EXAMPLES = int(os.environ.get("IKUT_EXAMPLES", "40"))
DETERMINISTIC = "IKUT_EXAMPLES" not in os.environ
LIMITS = load_policy().limits
SCORED = ("mean", "sd", "median", "min", "max")
STATISTICS = ("count", "n", "smallest", "percent", *SCORED)
CODES = (("no", "yes"), (1, 2, 3), (1, 2), (0, 1, 3))


@st.composite
def universes(draw: st.DrawFn) -> Universe:
    codes = draw(st.sampled_from(CODES))
    attributes = (("item", codes),)
    if len(codes) == 2 and draw(st.booleans()):
        attributes = (("item", codes), ("sex", ("f", "m")))
    cohorts = []
    for place in range(draw(st.integers(2, 2 if len(attributes) == 2 else 3))):
        least = draw(st.integers(1, 4))
        cohorts.append(CohortSize(f"c{place}", least, min(4, least + draw(st.sampled_from([0, 0, 0, 1])))))
    nonresponse = len(attributes) == 1 and draw(st.sampled_from([False, False, True]))
    return Universe(tuple(cohorts), (Block("b", attributes, nonresponse=nonresponse),))


@st.composite
def published(draw: st.DrawFn, universe: Universe, sizes: dict[str, int], world: dict[str, tuple]) -> Fact:
    """Return a figure that is true of a world, printed in one of the ways there are."""
    (block,) = universe.blocks
    (name, codes), *others = block.attributes
    kinds = STATISTICS if block.is_numeric(name) else ("count", "n", "smallest", "percent")
    stat = draw(st.sampled_from(kinds))
    cohorts = draw(st.lists(st.sampled_from(sorted(world)), min_size=1, unique=True))
    where = ((name, tuple(draw(st.lists(st.sampled_from(codes), min_size=1, unique=True)))),) if stat in ("count", "percent") else ()
    of = ()
    if others and draw(st.booleans()):
        of = (("sex", ("m",)),)
        where = (*where, *of) if stat not in ("n", "smallest") else ()
    fact = Fact(stat, tuple(cohorts), "" if stat == "n" else "b", where, of if stat == "percent" else (), name if stat in SCORED else "")
    fact = replace(fact, ddof=draw(st.integers(0, 1)))
    value = statistic(block, fact, sizes, world)
    assume(value is not None)
    way = draw(st.sampled_from(["rounded", "rounded", "range", "open", "base", "masked"]))
    exact = value if stat != "sd" else Fraction(str(round(float(value) ** 0.5, 6)))
    if way == "masked":
        return Fact("count", fact.cohorts, "b", fact.where) if stat != "n" else fact
    if way in ("range", "open"):
        return replace(
            fact, least=exact - draw(st.integers(0, 2)) - Fraction(1, 1000), most=None if way == "open" else exact + draw(st.integers(0, 2)) + Fraction(1, 1000)
        )
    if way == "base" and stat in ("count", "n"):
        base = draw(st.sampled_from([2, 3, 5]))
        return replace(fact, base=Fraction(base), value=Fraction(round(exact / base) * base))
    if stat in ("count", "n", "min", "max", "median") and draw(st.booleans()):
        return replace(fact, value=exact)
    decimals = draw(st.integers(0, 2))
    return replace(
        fact,
        value=round(exact, decimals),
        decimals=decimals,
        n=draw(st.sampled_from([None, len([p for c in cohorts for p in world[c]])])) if stat in ("sd", "median") and not where else None,
    )


@st.composite
def releases(draw: st.DrawFn) -> tuple[Universe, list[Fact]]:
    universe = draw(universes())
    (block,) = universe.blocks
    sizes = {c.name: draw(st.integers(c.least, c.most)) for c in universe.cohorts}
    world = {}
    for name, n in sizes.items():
        world[name] = tuple(draw(st.sampled_from(block.cells)) for _ in range(draw(st.integers(0, n)) if block.nonresponse else n))
    if draw(st.booleans()):
        universe = replace(universe, total_n=sum(sizes.values()))
    facts = [draw(published(universe, sizes, world)) for _ in range(draw(st.integers(1, 4)))]
    assert all(printing(block, fact)(sizes, world) for fact in facts)
    return universe, facts


def check(universe: Universe, facts: list[Fact]) -> None:
    (block,) = universe.blocks
    prints = [printing(block, fact) for fact in facts]
    possible = [(sizes, world) for sizes, world in worlds(universe) if all(as_printed(sizes, world) for as_printed in prints)]
    found = audit(universe, facts, limits=LIMITS)
    if not possible:
        assert found.verdict == INCONSISTENT
        return
    assert found.verdict != INCONSISTENT
    for row in found.bounds:
        seen = {group(block, row.target, sizes, world) for sizes, world in possible}
        scores = block.scores(row.target.weight) if row.target.weight else []
        assert (row.low, row.high) == (min(v for v, _, _ in seen), max(v for v, _, _ in seen)), row.target
        assert set(row.findings) == finding_types(seen, row.target, scores), row.target


@settings(max_examples=EXAMPLES, deadline=None, derandomize=DETERMINISTIC)
@given(releases())
def test_bounds_and_findings_of_every_target(release: tuple[Universe, list[Fact]]) -> None:
    check(*release)


@contextmanager
def no_local_stage() -> Iterator[None]:
    """Let the local stage give up on everything that crosses a table, so that the solver answers."""
    most = sums.MOST_PAIRS
    caches = (sums.join_tree, sums.values_of, sums.multisets)
    sums.MOST_PAIRS = 0
    for cached in caches:
        cached.cache_clear()
    try:
        yield
    finally:
        sums.MOST_PAIRS = most
        for cached in caches:
            cached.cache_clear()


@settings(max_examples=EXAMPLES // 2, deadline=None, derandomize=DETERMINISTIC)
@given(releases())
def test_solver_alone_agrees(release: tuple[Universe, list[Fact]]) -> None:
    with no_local_stage():
        check(*release)


@settings(max_examples=EXAMPLES // 2, deadline=None, derandomize=DETERMINISTIC)
@given(releases(), st.data())
def test_figure_that_is_not_true_of_any_data_is_inconsistent_and_no_other(release: tuple[Universe, list[Fact]], data: st.DataObject) -> None:
    universe, facts = release
    wrong = data.draw(st.sampled_from(facts))
    if wrong.value is not None:
        facts = [*facts, replace(wrong, value=wrong.value + data.draw(st.sampled_from([-2, -1, 1, 2])))]
    check(universe, facts)


def ends(found: Audit) -> dict[object, tuple[Fraction, Fraction]]:
    return {row.target: (Fraction(row.low), Fraction(row.high)) for row in found.bounds}


@settings(max_examples=EXAMPLES // 2, deadline=None, derandomize=DETERMINISTIC)
@given(releases())
def test_further_figure_never_widens_bounds(release: tuple[Universe, list[Fact]]) -> None:
    universe, facts = release
    fewer, more = (ends(audit(universe, some, limits=LIMITS)) for some in (facts[:-1], facts))
    assert all(more[target][0] >= low and more[target][1] <= high for target, (low, high) in fewer.items() if target in more)
    assert fewer.keys() & more.keys()


@settings(max_examples=EXAMPLES // 2, deadline=None, derandomize=DETERMINISTIC)
@given(releases(), st.randoms(use_true_random=False))
def test_order_of_figures_does_not_matter(release: tuple[Universe, list[Fact]], random: object) -> None:
    universe, facts = release
    shuffled = list(facts)
    random.shuffle(shuffled)
    one = audit(universe, facts, limits=LIMITS)
    two = audit(universe, shuffled, limits=LIMITS)
    assert (one.verdict, ends(one)) == (two.verdict, ends(two))


@settings(max_examples=EXAMPLES // 2, deadline=None, derandomize=DETERMINISTIC)
@given(st.lists(st.integers(4, 6), min_size=2, max_size=5), st.data())
def test_total_tells_a_masked_cohort(sizes: list[int], data: st.DataObject) -> None:
    universe = Universe(tuple(CohortSize(f"c{n}", size, size) for n, size in enumerate(sizes)), (Block("b", (("work", ("no", "yes")),)),))
    yes = [data.draw(st.integers(0, size)) for size in sizes]
    masked = data.draw(st.integers(0, len(sizes) - 1))
    where = (("work", ("yes",)),)
    cells = tuple(Fact("count", (f"c{n}",), "b", where, value=None if n == masked else Fraction(k)) for n, k in enumerate(yes))
    total = Fact("count", tuple(f"c{n}" for n in range(len(sizes))), "b", where, value=Fraction(sum(yes)))
    told = [
        (kind, f) for kind, f in audit(universe, [*cells, total], limits=LIMITS).findings if f.target.cohorts == (f"c{masked}",) and f.target.where == where
    ]
    assert ("exact", yes[masked], yes[masked]) in {(kind, f.low, f.high) for kind, f in told}
    without = audit(universe, cells, limits=LIMITS)
    assert not [f for _, f in without.findings if f.target.cohorts == (f"c{masked}",)]


def test_values_with_a_hole_between_count_as_few() -> None:
    """Five people with a standard deviation of 0 agree: nobody or everybody, and nothing between."""
    universe = Universe((CohortSize("c", 5, 5),), (Block("b", (("score", (1, 5)),)),))
    fact = Fact("sd", ("c",), "b", attribute="score", value=Fraction(0), decimals=1)
    found = audit(universe, [fact], limits=LIMITS)
    assert {(row.low, row.high, row.findings) for row in found.bounds} == {(0, 5, ("narrow",))}
