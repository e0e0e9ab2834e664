"""What a reader can conclude, found by trying every data set: people as lists, statistics by their definitions."""

from collections.abc import Callable, Collection, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, product

from ikut_eval.disclosure.universe import Block, Conditions, Fact, Target, Universe

People = tuple[tuple[object, ...], ...]
World = dict[str, People]
"""The cells of each cohort's people; who did not answer is left out."""
Sizes = dict[str, int]


def worlds(universe: Universe) -> Iterator[tuple[Sizes, World]]:
    """Yield every data set of a universe of one block."""
    (block,) = universe.blocks
    for sizes in product(*(range(c.least, c.most + 1) for c in universe.cohorts)):
        if universe.total_n is not None and sum(sizes) != universe.total_n:
            continue
        choices = [
            [people for n in range(0 if block.nonresponse else size, size + 1) for people in combinations_with_replacement(block.cells, n)] for size in sizes
        ]
        for chosen in product(*choices):
            names = [c.name for c in universe.cohorts]
            yield dict(zip(names, sizes, strict=True)), dict(zip(names, chosen, strict=True))


@cache
def among(block: Block, people: People, where: Conditions) -> People:
    """Return the people of a set; many data sets share a cohort, so that its answer is kept."""
    places = {name: place for place, (name, _) in enumerate(block.attributes)}
    return tuple(person for person in people if all(person[places[name]] in codes for name, codes in where))


def in_cohorts(block: Block, cohorts: Sequence[str], world: World, where: Conditions) -> list[tuple[object, ...]]:
    return [person for name in cohorts for person in among(block, world[name], where)]


def statistic(block: Block, fact: Fact, sizes: Sizes, world: World) -> Fraction | None:
    """Return the number behind a figure (of a deviation, its square), or None where there is none."""
    if fact.stat == "n":
        return Fraction(sum(sizes[name] for name in fact.cohorts))
    members = in_cohorts(block, fact.cohorts, world, fact.where)
    n = len(members)
    if fact.stat == "count":
        return Fraction(n)
    if fact.stat == "smallest":
        return Fraction(min(members.count(cell) for cell in block.cells))
    if fact.stat == "percent":
        whole = len(in_cohorts(block, fact.cohorts, world, fact.of))
        return Fraction(100 * n, whole) if whole else None
    if n == 0 or (fact.n is not None and n != fact.n) or (fact.stat == "sd" and n <= fact.ddof):
        return None
    place = [name for name, _ in block.attributes].index(fact.attribute)
    scores = sorted(person[place] for person in members)
    match fact.stat:
        case "mean":
            return Fraction(sum(scores), n)
        case "min":
            return Fraction(scores[0])
        case "max":
            return Fraction(scores[-1])
        case "median":
            return Fraction(scores[(n - 1) // 2] + scores[n // 2], 2)
    mean = Fraction(sum(scores), n)
    return sum(((score - mean) ** 2 for score in scores), Fraction(0)) / (n - fact.ddof)


def printing(block: Block, fact: Fact) -> Callable[[Sizes, World], bool]:
    """Return the test whether the data prints as a figure."""
    low, high = fact.interval
    if (low, high) == (None, None):
        return lambda sizes, world: True
    if fact.stat == "sd":
        if high is not None and high < 0:
            return lambda sizes, world: False
        low, high = (None if low is None else max(low, Fraction(0)) ** 2), (None if high is None else high**2)

    def prints_as(sizes: Sizes, world: World) -> bool:
        value = statistic(block, fact, sizes, world)
        return value is not None and (low is None or low <= value) and (high is None or value <= high)

    return prints_as


def group(block: Block, target: Target, sizes: Sizes, world: World) -> tuple[int, int, int]:
    """Return a target's value, the size of its group, and how many of the group are not in the protected set."""
    members = in_cohorts(block, target.cohorts, world, target.where)
    size = len(in_cohorts(block, target.cohorts, world, target.base)) if target.base else sum(sizes[name] for name in target.cohorts)
    if not target.weight:
        return len(members), size, size - len(members)
    place = [name for name, _ in block.attributes].index(target.weight)
    return sum(person[place] for person in members), size, size - len(members)


def finding_types(seen: Collection[tuple[int, int, int]], target: Target, scores: Sequence[Fraction]) -> set[str]:
    """Return the finding types of the scenario file's definitions, with its default policy, from all that is possible."""
    values = {value for value, _, _ in seen}
    least, most = min(size for _, size, _ in seen), max(size for _, size, _ in seen)
    if target.weight:
        return {"sum"} if len(values) < min(4, most * (max(scores) - min(scores)) + 1) else set()
    found = set()
    for name, exceptions in (("group_all", max(rest for _, _, rest in seen)), ("group_none", max(values))):
        if most > 0 and exceptions == 0:
            found.add(name)
        elif most > 1 and exceptions <= 1:
            found.add(f"{name}_but_insider")
    if least >= 8:
        return found | ({"small"} if len(values) == 1 and 1 <= min(values) < 3 else set())
    if len(values) == 1 and most > 0:
        found.add("exact")
    elif len(values) < min(3, most + 1):
        found.add("narrow")
    return found
