"""What each kind of published figure says about the unknown counts."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure.model import Box, Constraint, Layout, Linear, Shape, System, single, span, whole
from ikut_eval.disclosure.universe import Block, Fact

EXACTLY_ZERO = Fraction(0), Fraction(0)


def constraints_of(layout: Layout, fact: Fact) -> list[Constraint]:
    """Return the constraints that a published figure puts on the unknown counts.

    Raises
    ------
    DisclosureError
        If the figure names something that is not among the public facts.
    """
    if fact.stat == "n":
        return [] if fact.masked else [single(layout.size(fact.cohorts), fact.interval)]
    block = layout.universe.block(fact.block)
    members = [int(inside) for inside in block.inside(fact.where)]
    if fact.masked:
        return []
    if fact.stat == "count":
        return [single(_people(layout, fact, members), fact.interval)]
    if fact.stat == "percent":
        parts = [100 * member for member in members]
        return _quotient(layout, fact, parts, [int(inside) for inside in block.inside(fact.of)])
    scores = block.scores(fact.attribute)
    if fact.stat == "mean":
        return _quotient(layout, fact, [member * score for member, score in zip(members, scores, strict=True)], members)
    if fact.stat in ("min", "max"):
        return list(_extreme(layout, fact, members, scores))
    known = [] if fact.n is None else [single(_people(layout, fact, members), (Fraction(fact.n), Fraction(fact.n)))]
    return [*known, _deviation(layout, fact, members, scores) if fact.stat == "sd" else _median(layout, fact, block, members)]


def _people(layout: Layout, fact: Fact, weights: Sequence[Fraction | int]) -> Linear:
    return layout.people(fact.version, fact.block, fact.cohorts, weights)


def _quotient(layout: Layout, fact: Fact, above: Sequence[Fraction | int], below: Sequence[Fraction | int]) -> list[Constraint]:
    """A printed quotient of two sums: each end times the lower sum bounds the upper one; nobody has no quotient."""
    upper, lower = _people(layout, fact, above), _people(layout, fact, below)
    low, high = fact.interval
    somebody = single(lower, (Fraction(1), None))
    if not lower.terms:
        size = Fraction(lower.constant)
        return [somebody, single(upper, (None if low is None else low * size, None if high is None else high * size))]
    found = [somebody]
    if low is not None:
        found.append(single(upper.add(lower, -low), (Fraction(0), None)))
    if high is not None:
        found.append(single(upper.add(lower, -high), (None, Fraction(0))))
    return found


def _extreme(layout: Layout, fact: Fact, members: Sequence[int], scores: Sequence[Fraction]) -> Iterator[Constraint]:
    """The smallest score is in an interval: nobody below it, somebody in it; likewise the greatest."""
    low, high = fact.interval
    sign = 1 if fact.stat == "min" else -1
    near, far = (low, high) if sign == 1 else (high, low)
    beyond = [member * int(near is not None and sign * score < sign * near) for member, score in zip(members, scores, strict=True)]
    within = [member * int(far is None or sign * score <= sign * far) - out for member, score, out in zip(members, scores, beyond, strict=True)]
    yield single(_people(layout, fact, beyond), EXACTLY_ZERO)
    yield single(_people(layout, fact, within), (Fraction(1), None))


def _deviation(layout: Layout, fact: Fact, members: Sequence[int], scores: Sequence[Fraction]) -> Constraint:
    """A box for each number of people and sum of scores that some sum of squares makes print as the figure."""
    low, high = fact.interval
    scale = max(score.denominator for score in scores)
    if any((score * scale).denominator != 1 for score in scores):
        raise DisclosureError("audit_not_a_number", name=f"{fact.block}.{fact.attribute}")
    whole_scores = [int(score * scale) for score in scores]
    sums = [
        _people(layout, fact, members),
        _people(layout, fact, [m * s for m, s in zip(members, whole_scores, strict=True)]),
        _people(layout, fact, [m * s * s for m, s in zip(members, whole_scores, strict=True)]),
    ]
    (least, most), (sum_low, sum_high), _ = (_span(layout, expression) for expression in sums)
    boxes: list[tuple[tuple[int | None, int | None], ...]] = []
    for n in range(max(least, fact.ddof + 1), most + 1) if fact.n is None else [fact.n] if fact.n > fact.ddof else []:
        for total in range(sum_low, sum_high + 1):
            factor = n * (n - fact.ddof) * scale**2
            squares_low = (total * total + (max(low, Fraction(0)) ** 2 * factor if low is not None else 0)) / Fraction(n)
            squares_high = None if high is None or high < 0 else (total * total + high**2 * factor) / Fraction(n)
            ends = ceil(squares_low), None if squares_high is None else floor(squares_high)
            if (high is None or high >= 0) and (ends[1] is None or ends[0] <= ends[1]) and _some_squares(total, n, ends[1]):
                boxes.append(((n, n), (total, total), ends))
    return _alternatives(sums, boxes)


def _some_squares(total: int, n: int, most: int | None) -> bool:
    """Whether n whole numbers with this total can have a sum of squares as small as that."""
    low, extra = divmod(total, n)
    return most is None or n * low * low + extra * (2 * low + 1) <= most


def _median(layout: Layout, fact: Fact, block: Block, members: Sequence[int]) -> Constraint:
    """A box for each number of people and pair of middle scores whose mean prints as the figure."""
    scores = block.scores(fact.attribute)
    steps = sorted(set(scores))
    low, high = fact.interval
    upto = [_people(layout, fact, [m * int(score <= step) for m, score in zip(members, scores, strict=True)]) for step in steps]
    everybody = _people(layout, fact, members)
    least, most = _span(layout, everybody)
    boxes = []
    for n in range(max(1, least), most + 1) if fact.n is None else [fact.n]:
        places = (n + 1) // 2, n // 2 + 1
        for first, lower in enumerate(steps):
            for second, upper in enumerate(steps[first:], first):
                middle = (lower + upper) / 2
                if (low is not None and middle < low) or (high is not None and middle > high) or (places[0] == places[1] and first != second):
                    continue
                ends: list[tuple[int | None, int | None]] = [(n, n)]
                for step in range(len(steps)):
                    at_least = places[1] if step >= second else places[0] if step >= first else None
                    at_most = places[0] - 1 if step < first else places[1] - 1 if step < second else None
                    ends.append((at_least, at_most))
                boxes.append(tuple(ends))
    return _alternatives([everybody, *upto], boxes)


def _alternatives(expressions: Sequence[Linear], boxes: Sequence[Box]) -> Constraint:
    """Return the constraint that a box holds, with sums that are constants already compared."""
    kept = [place for place, expression in enumerate(expressions) if any(expression.terms.values())]
    left = []
    for box in boxes:
        fits = all(
            (low is None or low <= expression.constant) and (high is None or expression.constant <= high)
            for place, (expression, (low, high)) in enumerate(zip(expressions, box, strict=True))
            if place not in kept
        )
        if fits:
            shifted = tuple(_less(box[place], int(expressions[place].constant)) for place in kept)
            left.append(shifted)
    return Constraint(tuple(whole(expressions[place])[0] for place in kept), tuple(dict.fromkeys(left)))


def _less(ends: tuple[int | None, int | None], constant: int) -> tuple[int | None, int | None]:
    low, high = ends
    return None if low is None else low - constant, None if high is None else high - constant


def _span(layout: Layout, expression: Linear) -> tuple[int, int]:
    terms, _, constant = whole(expression)
    shapes: tuple[Shape, ...] = layout.shapes
    low, high = span(System(shapes, ()), terms)
    return low + int(constant), high + int(constant)
