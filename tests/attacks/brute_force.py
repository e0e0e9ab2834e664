"""What a reader can conclude, found by trying every data set: people as lists, statistics by their definitions."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, product

from ikut_eval.disclosure.universe import Block, Conditions, Fact, Target, Universe

World = dict[str, tuple[tuple[object, ...], ...]]
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


def among(block: Block, people: Sequence[tuple[object, ...]], where: Conditions) -> list[tuple[object, ...]]:
    places = {name: place for place, (name, _) in enumerate(block.attributes)}
    return [person for person in people if all(person[places[name]] in codes for name, codes in where)]


def statistic(block: Block, fact: Fact, sizes: Sizes, world: World) -> Fraction | None:
    """Return the number behind a figure (of a deviation, its square), or None where there is none."""
    if fact.stat == "n":
        return Fraction(sum(sizes[name] for name in fact.cohorts))
    people = [person for name in fact.cohorts for person in world[name]]
    members = among(block, people, fact.where)
    if fact.stat == "count":
        return Fraction(len(members))
    if fact.stat == "percent":
        whole = among(block, people, fact.of)
        return Fraction(100 * len(members), len(whole)) if whole else None
    place = [name for name, _ in block.attributes].index(fact.attribute)
    scores = sorted(Fraction(str(person[place])) for person in members)
    n = len(scores)
    if fact.n is not None and n != fact.n:
        return None
    if n == 0 or (fact.stat == "sd" and n <= fact.ddof):
        return None
    mean = sum(scores, Fraction(0)) / n
    return {
        "mean": mean,
        "min": scores[0],
        "max": scores[-1],
        "median": (scores[(n - 1) // 2] + scores[n // 2]) / 2,
        "sd": sum(((score - mean) ** 2 for score in scores), Fraction(0)) / max(n - fact.ddof, 1),
    }[fact.stat]


def prints_as(block: Block, fact: Fact, sizes: Sizes, world: World) -> bool:
    if fact.interval == (None, None):
        return True
    value = statistic(block, fact, sizes, world)
    low, high = fact.interval
    if fact.stat == "sd":
        if high is not None and high < 0:
            return False
        low, high = (None if low is None else max(low, Fraction(0)) ** 2), (None if high is None else high**2)
    return value is not None and (low is None or low <= value) and (high is None or value <= high)


def group(block: Block, target: Target, sizes: Sizes, world: World) -> tuple[Fraction, int, int]:
    """Return a target's value, the size of its group, and how many of the group are not in the protected set."""
    people = [person for name in target.cohorts for person in world[name]]
    members = among(block, people, target.where)
    size = len(among(block, people, target.base)) if target.base else sum(sizes[name] for name in target.cohorts)
    if not target.weight:
        return Fraction(len(members)), size, size - len(members)
    place = [name for name, _ in block.attributes].index(target.weight)
    return sum((Fraction(str(person[place])) for person in members), Fraction(0)), size, size - len(members)


def finding_types(seen: Sequence[tuple[Fraction, int, int]], target: Target, scores: Sequence[Fraction]) -> set[str]:
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
