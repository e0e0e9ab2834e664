"""What two versions of the data tell about those who left or came between them, by trying every change."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations_with_replacement

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ikut_eval.disclosure.audit import INCONSISTENT, audit
from ikut_eval.disclosure.universe import Block, Cohort, Fact, Release, Universe, VersionLink

CODES = ("work", "study", "neither")
BLOCK = Block("b", (("status", CODES),), sizes_free=True)
Change = tuple[Counter[str], Counter[str], Counter[str]]


def changes(link: VersionLink, size: int) -> Iterator[Change]:
    """Yield each possible earlier version of a size, with the people removed and added."""
    for earlier in map(Counter, combinations_with_replacement(CODES, size)):
        for removed in (Counter(some) for n in range(link.least_removed, link.most_removed + 1) for some in combinations_with_replacement(CODES, n)):
            if removed <= earlier:
                for n in range(link.least_added, link.most_added + 1):
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
    removed, added = sorted(data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))), sorted(data.draw(st.tuples(st.integers(0, 1), st.integers(0, 1))))
    link = VersionLink("b", "c", "v1", "v2", removed[0], removed[1], added[0], added[1])
    truth = data.draw(st.sampled_from(list(changes(link, size))))
    facts = [Fact("count", ("c",), "b", value=Fraction(size), version="v1")]
    for version, people in (("v1", truth[0]), ("v2", later(truth))):
        for codes in data.draw(st.lists(st.sampled_from([("work",), ("study",), ("work", "study")]), max_size=2, unique=True)):
            slack = data.draw(st.integers(0, 1))
            k = within(people, codes)
            facts.append(Fact("count", ("c",), "b", (("status", codes),), least=Fraction(k - slack), most=Fraction(k + slack), version=version))
    possible = [
        c for c in changes(link, size) if all(f.least <= within(c[0] if f.version == "v1" else later(c), f.where[0][1]) <= f.most for f in facts if f.where)
    ]
    found = audit(Universe((Cohort("c", size, size),), (BLOCK,), links=(link,)), [Release("r", tuple(facts))])
    assert found.verdict != INCONSISTENT
    rows = [row for row in found.bounds if row.target.difference]
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
    link = VersionLink("b", "c", "v1", "v2", 1, 1, 0, 0)
    where = (("status", ("work",)),)
    before = Fact("count", ("c",), "b", where, value=Fraction(k), version="v1")
    after = Fact("count", ("c",), "b", where, value=Fraction(k - had), version="v2")
    universe = Universe((Cohort("c", n, n),), (BLOCK,), links=(link,))
    found = audit(universe, [Release("before", (before,)), Release("after", (after,))])
    assert ("person", had) in {(f.type, f.low) for f in found.findings if f.target.difference and f.target.where == where}
    frozen = audit(universe, [Release("before", (before,))])
    assert not [f for f in frozen.findings if f.type == "person" and 0 < k < n]
