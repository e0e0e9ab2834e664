"""What each kind of published figure says about the unknown counts."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure.model import Constraint, Layout, Linear
from ikut_eval.disclosure.universe import Fact, Range

Weights = Sequence[Fraction | int]

ZERO = Fraction(0), Fraction(0)
SOMEBODY = Fraction(1), None


def constraints_of(layout: Layout, fact: Fact) -> list[Constraint]:
    """Return the constraints that a published figure puts on the unknown counts.

    Raises
    ------
    DisclosureError
        If the figure names something that is not among the public facts.
    """
    if fact.stat == "n":
        return [layout.constraint([layout.size(fact.cohorts)], [[fact.interval]])]
    block = layout.universe.block(fact.block)
    members = block.inside(fact.where)
    if fact.stat == "count":
        return [layout.constraint([_people(layout, fact, members)], [[fact.interval]])]
    if fact.stat == "percent":
        return _quotient(layout, fact, [100 * member for member in members], block.inside(fact.of))
    scores = block.scores(fact.attribute)
    if fact.stat == "mean":
        return _quotient(layout, fact, [member * score for member, score in zip(members, scores, strict=True)], members)
    if fact.stat in ("min", "max"):
        return list(_extreme(layout, fact, members, scores))
    if fact.stat not in ("sd", "median"):
        raise DisclosureError("audit_unknown_name", kind="stat", name=fact.stat)
    size = () if fact.n is None else (layout.constraint([_people(layout, fact, members)], [[(Fraction(fact.n), Fraction(fact.n))]]),)
    return [*size, _deviation(layout, fact, members, scores) if fact.stat == "sd" else _median(layout, fact, members, scores)]


def _people(layout: Layout, fact: Fact, weights: Weights) -> Linear:
    return layout.people(fact.block, fact.cohorts, weights)


def _quotient(layout: Layout, fact: Fact, above: Weights, below: Weights) -> list[Constraint]:
    """A printed quotient of two sums: each end times the lower sum bounds the upper one; nobody has no quotient."""
    low, high = fact.interval
    found = [layout.constraint([_people(layout, fact, below)], [[SOMEBODY]])]
    for end, interval in ((low, (Fraction(0), None)), (high, (None, Fraction(0)))):
        if end is not None:
            spare = [upper - end * lower for upper, lower in zip(above, below, strict=True)]
            found.append(layout.constraint([_people(layout, fact, spare)], [[interval]]))
    return found


def _extreme(layout: Layout, fact: Fact, members: Weights, scores: Weights) -> Iterator[Constraint]:
    """The smallest score is in an interval: nobody below it, somebody in it; likewise the greatest."""
    low, high = fact.interval
    sign = 1 if fact.stat == "min" else -1
    near, far = (low, high) if sign == 1 else (high, low)
    beyond = [member * int(near is not None and sign * score < sign * near) for member, score in zip(members, scores, strict=True)]
    within = [member * int(far is None or sign * score <= sign * far) - out for member, score, out in zip(members, scores, beyond, strict=True)]
    yield layout.constraint([_people(layout, fact, beyond)], [[ZERO]])
    yield layout.constraint([_people(layout, fact, within)], [[SOMEBODY]])


def _sizes(layout: Layout, fact: Fact, everybody: Linear) -> list[int]:
    """Return the numbers of people that may stand behind a figure."""
    if fact.n is not None:
        return [fact.n]
    least, most = layout.span(everybody)
    return list(range(int(least), int(most) + 1))


def _deviation(layout: Layout, fact: Fact, members: Weights, scores: Sequence[Fraction]) -> Constraint:
    """A box for each number of people and sum of scores: the sums of squares with which the figure prints."""
    low, high = fact.interval
    if any(score.denominator != 1 for score in scores):
        raise DisclosureError("audit_not_a_number", name=f"{fact.block}.{fact.attribute}")
    sums = [_people(layout, fact, [member * score**power for member, score in zip(members, scores, strict=True)]) for power in (0, 1, 2)]
    sum_low, sum_high = layout.span(sums[1])
    boxes: list[tuple[Range, ...]] = []
    for n in _sizes(layout, fact, sums[0]):
        for total in range(int(sum_low), int(sum_high) + 1) if n > fact.ddof and (high is None or high >= 0) else ():
            centre, factor = Fraction(total * total, n), n - fact.ddof
            least = centre + (max(low, Fraction(0)) ** 2 * factor if low is not None else 0)
            most = None if high is None else centre + high**2 * factor
            if most is None or _least_squares(total, n) <= most:
                boxes.append(((Fraction(n), Fraction(n)), (Fraction(total), Fraction(total)), (least, most)))
    return layout.constraint(sums, boxes)


def _least_squares(total: int, n: int) -> int:
    """Return the least sum of squares of n whole numbers with this total."""
    low, extra = divmod(total, n)
    return n * low * low + extra * (2 * low + 1)


def _median(layout: Layout, fact: Fact, members: Weights, scores: Sequence[Fraction]) -> Constraint:
    """A box for each number of people and pair of middle scores whose mean prints as the figure."""
    steps = sorted(set(scores))
    low, high = fact.interval
    upto = [_people(layout, fact, [member * int(score <= step) for member, score in zip(members, scores, strict=True)]) for step in steps]
    everybody = _people(layout, fact, members)
    boxes = []
    for n in _sizes(layout, fact, everybody):
        places = Fraction((n + 1) // 2), Fraction(n // 2 + 1)
        for first, lower in enumerate(steps):
            for second, upper in enumerate(steps[first:], first):
                middle = (lower + upper) / 2
                if n < 1 or (low is not None and middle < low) or (high is not None and middle > high) or (places[0] == places[1] and first != second):
                    continue
                ends: list[Range] = [(Fraction(n), Fraction(n))]
                for step in range(len(steps)):
                    at_least = places[1] if step >= second else places[0] if step >= first else None
                    at_most = places[0] - 1 if step < first else places[1] - 1 if step < second else None
                    ends.append((at_least, at_most))
                boxes.append(tuple(ends))
    return layout.constraint([everybody, *upto], boxes)
