"""What later releases add for a reader who keeps the earlier ones, and whether a person who was erased or corrected stops them.

Independent of proof and audit: every data set of a group is tried, and for each the real draft of the next release is made.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from random import Random

import pytest

from bench.disclosure.life import attacked, changes, drafted, life, people_of, refusal, without
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.disclosure.audit import INCONSISTENT, SAFE, Audit
from ikut_eval.disclosure.coded_figures import GIVEN_UP, MAIN_ONLY, CodedFigure, code_family
from ikut_eval.disclosure.families import Family
from ikut_eval.disclosure.policy import Policy
from ikut_eval.disclosure.proof import plan_of, prove
from ikut_eval.release import draft as draft_module
from ikut_eval.release import group_figures
from ikut_eval.release.draft import make_draft
from ikut_eval.release.ledger import Entry, Ledger
from ikut_eval.release.public_knowledge import PublicFacts, audit_families, audit_known, published, with_release
from tests.disclosure.brute_force import splits
from tests.release.judged import OF_PEOPLE, PILOT, POLICY, only
from tests.release.released import CLOSINGS, as_it_was

FACTS = PublicFacts(PILOT, sum(PILOT))
PROOFS = prove(plan_of(POLICY, PILOT), POLICY.limits)[1]
EVERYBODY = (1, 2, 3, 4)
WISHES = next(family for family in OF_PEOPLE if family.id == "preferred_support")
NAMES = list(CLOSINGS)
EVERY_ONE = "IKUT_EXAMPLES" in os.environ
Counts = tuple[int, ...]
Read = tuple[tuple[str, str, str], ...]
"""What a reader sees of a group: indicator, figure and why it is so."""


def figures_of(family: Family, counts: Counts, group: tuple[int, ...]) -> tuple[CodedFigure, ...]:
    return code_family(family, dict(zip(family.cells, counts, strict=True)), group=group, n_public=sum(counts), limits=POLICY.limits)


def read(figures: Sequence[CodedFigure], group: tuple[int, ...]) -> Read:
    return tuple((f.indicator, f.display, f.reason) for f in figures if f.group == group)


def with_one_changed(counts: Counts) -> Iterator[Counts]:
    """Yield the data set itself, and each in which one person is in another category."""
    yield counts
    for here in (place for place, n in enumerate(counts) if n):
        for there in (place for place in range(len(counts)) if place != here):
            moved = list(counts)
            moved[here], moved[there] = moved[here] - 1, moved[there] + 1
            yield tuple(moved)


@pytest.fixture(scope="module")
def whole() -> PilotData:
    return read_pilot("synthetic")


@pytest.fixture(scope="module")
def last(whole: PilotData) -> PilotData:
    return as_it_was(whole, CLOSINGS[NAMES[-1]])


@pytest.fixture(scope="module")
def ledgers(whole: PilotData) -> list[Ledger]:
    """The ledger before each closing."""
    found = [Ledger()]
    for name in NAMES[:-1]:
        found.append(with_release(found[-1], drafted(as_it_was(whole, CLOSINGS[name]), found[-1]).new))
    return found


@pytest.fixture
def next_release(monkeypatch: pytest.MonkeyPatch, last: PilotData) -> Callable[..., Read]:
    """Return what the next release shows of a group whose data now is another, by the real draft; only the counts and the day are put in.

    The audit of the same ledger is made once.
    """
    audits: dict[str, dict[str, Audit]] = {}

    def audited(policy: Policy, facts: PublicFacts, ledger: Ledger) -> dict[str, Audit]:
        content = json.dumps([policy.digest, *(dict(entry.content) for entry in ledger.entries)], sort_keys=True)
        if content not in audits:
            audits[content] = audit_families(policy, facts, ledger)
        return audits[content]

    def drafted_of(family: Family, group: tuple[int, ...], before: Sequence[CodedFigure], now: Counts) -> Read:
        names = [last.cohort_ids[position - 1] for position in group]
        monkeypatch.setattr(draft_module, "audit_families", audited)
        monkeypatch.setattr(group_figures, "is_closed", lambda pilot, cohorts, wave: list(cohorts) == names)
        monkeypatch.setattr(draft_module, "planned_closing", lambda *_: None)
        monkeypatch.setattr(group_figures, "category_counts", lambda *_: dict(zip(family.cells, now, strict=True)))
        known = with_release(Ledger(), [figure for figure in before if figure.speaks])
        return read(make_draft(last, policy=policies[family.id], facts=FACTS, ledger=known, known_proofs=PROOFS)[0].figures, group)

    policies = {family.id: only(family.id) for family in OF_PEOPLE}
    return drafted_of


PAIRS = [(family, group) for family in OF_PEOPLE for group in (POLICY.groups[family.view])]


@pytest.mark.parametrize(("family", "group"), PAIRS, ids=lambda one: one.id if isinstance(one, Family) else "+".join(map(str, one)))
def test_after_one_person_is_corrected_or_erased_the_next_release_adds_nothing(
    next_release: Callable[..., Read], family: Family, group: tuple[int, ...]
) -> None:
    """Of every pair of data sets that differ in one person: what both releases together leave possible is what the first one alone does.

    Of the first wishes, with 95 publications, those next to a change of form; with IKUT_EXAMPLES set, all.
    """
    n = sum(PILOT[position - 1] for position in group)
    first = {counts: figures_of(family, counts, group) for counts in splits(n, len(family.cells))}
    numbers: dict[Read, int] = {}
    shown = {counts: numbers.setdefault(read(figures, group), len(numbers)) for counts, figures in first.items()}
    second: dict[tuple[int, int], Read] = {}
    told: dict[int, dict[Read, set[Counts]]] = {}
    tried = [counts for counts in first if EVERY_ONE or family.view != "final_pooled" or min(counts) <= 3]
    for counts, figures in ((counts, first[counts]) for counts in tried):
        for now in with_one_changed(counts):
            key = (shown[counts], shown[now])
            if key not in second:
                second[key] = next_release(family, group, figures, now)
            told.setdefault(shown[counts], {}).setdefault(second[key], set()).add(counts)
    for alone, after in told.items():
        possible = {counts for counts in tried if shown[counts] == alone}
        assert list(after.values()) == [possible]


def test_form_of_a_release_is_known_when_the_next_one_is_judged() -> None:
    """14 of 20 alone says that another category has fewer than three; 3 of 20 beside it later says which, and that an answer changed."""
    first, then = (figures_of(WISHES, counts, EVERYBODY) for counts in ((14, 2, 4), (14, 3, 3)))
    assert [f.reason for f in first] == ["", MAIN_ONLY]
    assert [f.display for f in then] == ["14 of 20", "3 of 20"]
    possible = [c for c in splits(20, 3) if read(figures_of(WISHES, c, EVERYBODY), EVERYBODY) == read(first, EVERYBODY)]
    both = [c for c in possible for now in with_one_changed(c) if figures_of(WISHES, now, EVERYBODY) == then]
    assert len({c[1] for c in possible}) > 3
    assert {c[1:] for c in both} == {(2, 4), (4, 2)}, "the attack that must not be possible"
    for known in ([f for f in first if f.speaks], [first[0]]):
        ledger = with_release(Ledger(), known)
        assert audit_known(only(WISHES.id), PILOT, 20, ledger).verdict == SAFE
        assert audit_known(only(WISHES.id), PILOT, 20, ledger, [then[1]]).verdict == INCONSISTENT


def test_ledger_records_form_and_state(ledgers: list[Ledger]) -> None:
    """What is held back because a category is small is recorded; what waits or is left out for public reasons is not."""
    recorded = {(f.indicator, f.status, f.reason) for f in published(ledgers[-1]) if f.lo is None}
    assert recorded == {("group_support_first", "by_design", MAIN_ONLY)}


# Nobody who was erased or corrected stops what comes later


@pytest.mark.parametrize("place", range(1, 5), ids=NAMES[1:])
def test_no_erasure_or_correction_stops_a_draft(whole: PilotData, ledgers: list[Ledger], place: int) -> None:
    """Some at each closing; `bench/disclosure/life.py` tries all of ten pilots."""
    random, later = Random(place), as_it_was(whole, CLOSINGS[NAMES[place]])
    kinds = list(dict.fromkeys(what for what, _ in changes(later, people_of(later)[0])))
    stuck = {}
    for what in random.sample(kinds, 4):
        person = random.choice(people_of(later))
        stuck[what, person] = refusal(dict(changes(later, person))[what](later), ledgers[place])
    assert set(stuck.values()) == {""}


def test_erasure_after_the_first_wishes_stops_nothing(last: PilotData, ledgers: list[Ledger]) -> None:
    """Fifteen of twenty once did: without the person the smallest category was large enough, so that a second figure came beside the first."""
    before = {(f.indicator, f.group): f for f in published(ledgers[-1])}
    for person in people_of(last)[::4]:
        after = drafted(without(last, person), ledgers[-1])
        assert {key: f for f in after.figures if (key := (f.indicator, f.group)) in before} == before
        assert {f.group for f in after.new} == {(3, 4)}


def test_life_with_erasures_and_corrections_tells_nothing_that_is_forbidden(whole: PilotData) -> None:
    """Five closings, between which people are erased and corrected; then all that was published is attacked."""
    assert attacked(life(whole, Random(7))) == 0


# What others have published


def known(indicator: str, group: list[int], lo: int, hi: int) -> Ledger:
    content = {"indicator": indicator, "group": group, "lo": lo, "hi": hi, "source": "annual review"}
    return Ledger((Entry(1, "fact", "2022", "A", content, "", ""),))


@pytest.mark.parametrize(
    ("lo", "hi"), [pytest.param(4, 4, id="everybody of cohort 1"), pytest.param(2, 2, id="exactly two"), pytest.param(2, 4, id="half of them or more")]
)
def test_group_is_given_up_where_others_have_told_of_it_and_the_rest_goes_on(whole: PilotData, lo: int, hi: int) -> None:
    """Whatever the data says: the same is given up after any correction, so that it tells nothing."""
    then = as_it_was(whole, CLOSINGS["after cohort 2"])
    ledger = known("completed", [1], lo, hi)
    pilots = [then, *(without(then, person) for person in people_of(then)[:1])]
    for pilot in pilots:
        draft = drafted(pilot, ledger)
        held = [(f.indicator, f.group, f.reason) for f in draft.figures if f.reason == GIVEN_UP]
        assert held == [("completed", (1, 2), GIVEN_UP)]
        assert {"rights_awareness_improved", "everyday_need_met"} <= {f.indicator for f in draft.new}


def test_fact_that_tells_nothing_new_gives_nothing_up(whole: PilotData) -> None:
    draft = drafted(as_it_was(whole, CLOSINGS["after cohort 2"]), known("completed", [1, 2], 0, 9))
    assert [f for f in draft.figures if f.reason == GIVEN_UP] == []
    assert draft.audit.verdict == SAFE


def test_fact_that_contradicts_a_release_holds_up_its_own_family_alone(whole: PilotData) -> None:
    first = drafted(as_it_was(whole, CLOSINGS["after cohort 2"]), Ledger())
    (wrong,) = known("completed", [1, 2], 0, 0).entries
    ledger = Ledger((*with_release(Ledger(), first.new).entries, wrong))
    draft = drafted(as_it_was(whole, CLOSINGS["after cohort 4"]), ledger)
    assert [(f.indicator, f.group) for f in draft.figures if f.reason == GIVEN_UP] == [("completed", (3, 4))]
    assert draft.audit.verdict == INCONSISTENT
    assert len({f.indicator for f in draft.new}) > 8
