"""What two versions of the data tell about those who left or came between them, by trying every change."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations_with_replacement

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ikut_eval.disclosure.audit import INCONSISTENT, audit
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.universe import Block, CohortSize, Fact, Universe, VersionLink

CODES = ("work", "study", "neither")
LIMITS = load_policy().limits
VERSIONS = tuple(Block(version, (("status", CODES),), sizes_free=True) for version in ("v1", "v2"))
Change = tuple[Counter[str], Counter[str], Counter[str]]


def changes(link: VersionLink, size: int) -> Iterator[Change]:
    """Yield each possible earlier version of a size, with the people removed and added."""
    for earlier in map(Counter, combinations_with_replacement(CODES, size)):
        for removed in (Counter(some) for n in range(link.least_removed, link.most_removed + 1) for some in combinations_with_replacement(CODES, n)):
            if removed <= earlier:
                for n in range(link.most_added + 1):
                    yield from ((earlier, removed, Counter(some)) for some in combinations_with_replacement(CODES, n))


def later(change: Change) -> Counter[str]:
    return change[0] - change[1] + change[2]


def within(people: Counter[str], codes: tuple[str, ...]) -> int:
    return sum(people[code] for code in codes)


def told(groups: list[tuple[int, int]]) -> set[str]:
    """Return the findings on people who left (or came): how many had it and how many there were, in all that is possible."""
    most = max(size for _, size in groups)
    found = set()
    for name, exceptions in (("group_all", max(size - had for had, size in groups)), ("group_none", max(had for had, _ in groups))):
        if most > 0 and exceptions == 0:
            found.add("person")
        elif most > 1 and exceptions <= 1:
            found.add(f"{name}_but_insider")
    return found


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_change_between_versions(data: st.DataObject) -> None:
    size = data.draw(st.integers(3, 6))
    removed, added = sorted(data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))), data.draw(st.integers(0, 1))
    link = VersionLink("v1", "v2", "c", *removed, added)
    truth = data.draw(st.sampled_from(list(changes(link, size))))
    facts = [Fact("count", ("c",), "v1", value=Fraction(size))]
    for version, people in (("v1", truth[0]), ("v2", later(truth))):
        for codes in data.draw(st.lists(st.sampled_from([("work",), ("study",), ("work", "study")]), max_size=2, unique=True)):
            slack = data.draw(st.integers(0, 1))
            k = within(people, codes)
            facts.append(Fact("count", ("c",), version, (("status", codes),), least=Fraction(k - slack), most=Fraction(k + slack)))
    possible = [
        c for c in changes(link, size) if all(f.least <= within(c[0] if f.block == "v1" else later(c), f.where[0][1]) <= f.most for f in facts if f.where)
    ]
    found = audit(Universe((CohortSize("c", size, size),), VERSIONS, links=(link,)), facts, limits=LIMITS)
    assert found.verdict != INCONSISTENT
    rows = [row for row in found.bounds if row.target.since]
    assert len(rows) == 6
    for row in rows:
        codes = row.target.where[0][1]
        net = [within(c[0], codes) - within(later(c), codes) for c in possible]
        assert (row.low, row.high) == (min(net), max(net))
        expected = told([(within(c[1], codes), c[1].total()) for c in possible]) | told([(within(c[2], codes), c[2].total()) for c in possible])
        assert set(row.findings) == expected


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(2, 9), st.integers(0, 9), st.booleans())
def test_figure_computed_again_without_one_person_is_refused(n: int, k: int, had: bool) -> None:
    assume(had <= k <= n - (not had))
    link = VersionLink("v1", "v2", "c", 1, 1, 0)
    where = (("status", ("work",)),)
    before = Fact("count", ("c",), "v1", where, value=Fraction(k))
    after = Fact("count", ("c",), "v2", where, value=Fraction(k - had))
    universe = Universe((CohortSize("c", n, n),), VERSIONS, links=(link,))
    found = audit(universe, [before, after], limits=LIMITS)
    assert ("person", had) in {(kind, f.low) for kind, f in found.findings if f.target.since and f.target.where == where}
    frozen = audit(universe, [before], limits=LIMITS)
    assert not [f for kind, f in frozen.findings if kind == "person" and 0 < k < n]
