"""What others have published: a range, a percentage or a mean, refused where it cannot be, and known to the audit from then on."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikut_eval.contract.errors import ConfigurationError, DisclosureError, IkutError
from ikut_eval.disclosure.audit import INCONSISTENT, LEAK, SAFE
from ikut_eval.disclosure.coded_figures import code_family
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.release.draft import beliefs_table
from ikut_eval.release.ledger import Ledger, append, read_ledger
from ikut_eval.release.outside_facts import Printed, fact_content, outside_facts
from ikut_eval.release.public_knowledge import audit_known, published, standing
from tests.release.judged import OF_PEOPLE, PAIRED, PILOT, POLICY, counted, counted_pair, only, people, plan_figures, release, true_count, verdict


def record(path: Path, name: str, printed: Printed, *, group: Sequence[int] = (1, 2)) -> Ledger:
    content = fact_content(name, printed, group=group, source="The funder's yearly review", policy=POLICY, cohort_sizes=PILOT)
    return append(path, kind="fact", who="A", when="2022", content=content)


def fact(path: Path, indicator: str, group: Sequence[int], lo: int, hi: int) -> Ledger:
    return record(path, indicator, Printed((lo, hi)), group=group)


def refused(key: str, what: Callable[[], object]) -> IkutError:
    with pytest.raises(IkutError) as raised:
        what()
    assert raised.value.key == key
    return raised.value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


def test_fact_from_elsewhere_that_makes_a_standing_release_unsafe_is_found(path: Path) -> None:
    """The funder's review tells how many of cohort 1 completed at least; the pair's published figure then tells of cohort 2."""
    assert verdict(POLICY, PILOT, [], release(path, [counted_pair(4, (1, 2))])) == SAFE
    ledger = fact(path, "completed", (1,), 2, 4)
    assert verdict(POLICY, PILOT, [], ledger) == SAFE
    ledger = fact(path, "completed", (1, 2, 3, 4), 14, 15)
    found = audit_known(POLICY, PILOT, 20, ledger)
    assert found.verdict == LEAK
    assert {("group_all_but_insider", "completion", ("3", "4"))} <= {(kind, f.target.block, f.target.cohorts) for kind, f in found.findings}


@settings(max_examples=12, deadline=None, derandomize=True)
@given(data=st.data())
def test_exact_number_of_a_cohort_from_elsewhere_is_found(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    family, indicator = data.draw(st.sampled_from(PAIRED))
    drawn = {family.id: data.draw(people(family, PILOT))}
    path = tmp_path_factory.mktemp("known") / "ledger.jsonl"
    policy = only(family.id)
    assert verdict(policy, PILOT, [], release(path, plan_figures(policy, PILOT, drawn))) == SAFE
    position = data.draw(st.integers(1, 4))
    count = true_count(family, indicator.id, drawn, (position,))
    assert verdict(policy, PILOT, [], fact(path, indicator.id, (position,), count, count)) == LEAK


def test_fact_that_contradicts_what_was_published_is_inconsistent(path: Path) -> None:
    release(path, [counted_pair(4, (1, 2))])
    assert verdict(POLICY, PILOT, [], fact(path, "completed", (1, 2), 5, 6)) == INCONSISTENT


def test_fact_is_kept_with_its_source(path: Path) -> None:
    ledger = fact(path, "in_work", [4, 3], 2, 7)
    assert ledger.entries[0].content == {"indicator": "in_work", "group": [3, 4], "lo": 2, "hi": 7, "source": "The funder's yearly review"}
    (known,) = outside_facts(ledger, POLICY)
    assert (known.block, known.cohorts, known.interval) == ("six_months", ("3", "4"), (2, 7))


GOOD: dict = {"group": (1, 2), "source": "A review", "policy": POLICY, "cohort_sizes": PILOT}


def content(name: str, printed: Printed, **values: Any) -> dict[str, object]:
    return fact_content(name, printed, **GOOD | values)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"group": ()}, "fact_group"),
        ({"group": (1, 1)}, "fact_group"),
        ({"group": (0, 1)}, "fact_group"),
        ({"group": (4, 5)}, "fact_group"),
        ({"source": ""}, "fact_without_source"),
        ({"source": " \n"}, "fact_without_source"),
    ],
    ids=str,
)
@pytest.mark.parametrize(("name", "printed"), [("completed", Printed((0, 4))), ("completed", Printed(percent="78")), ("R03.exit", Printed(mean="3.4"))])
def test_fact_without_a_group_or_a_source_is_refused(name: str, printed: Printed, change: dict, key: str) -> None:
    assert content(name, printed)["group"] == [1, 2]
    refused(key, lambda: content(name, printed, **change))


@pytest.mark.parametrize("people", [(5, 4), (-1, 9), (0, 10), (0, 4.5), (False, 9)], ids=str)
def test_range_that_cannot_be_is_refused(people: Any) -> None:
    assert content("completed", Printed((0, 9)))["hi"] == 9
    refused("fact_range", lambda: content("completed", Printed(people)))


@pytest.mark.parametrize(
    ("name", "printed", "key"),
    [
        ("completed", Printed(), "fact_one_figure"),
        ("completed", Printed((0, 4), percent="44"), "fact_one_figure"),
        ("completed", Printed(percent="44", mean="4.4"), "fact_one_figure"),
        ("completed", Printed((0, 4), of="completed"), "fact_one_figure"),
        ("R03.exit", Printed(mean="4.4", of="completed"), "fact_one_figure"),
        *[("completed", Printed(percent=written), "fact_printed") for written in ("101", "-1", "78 %", "7.8e1", ".5", "78.", "nan", "1 000", "7,8,9")],
        *[("R03.exit", Printed(mean=written), "fact_printed") for written in ("0.9", "5.1", "-3", "x")],
        ("completed", Printed(percent="50"), "fact_impossible"),
        ("completed", Printed(percent="77.7"), "fact_impossible"),
        ("R03.exit", Printed(mean="3.45678"), "fact_impossible"),
        ("in_work", Printed(percent="51", of="reached_at_six_months"), "fact_impossible"),
        ("in_work", Printed(percent="50", of="in_work"), "fact_percent_of"),
        ("in_work", Printed(percent="50", of="fair_work"), "fact_percent_of"),
        ("in_work", Printed(percent="50", of="completed"), "fact_percent_of"),
        ("hours_by_component", Printed((0, 4)), "fact_not_of_people"),
        ("hours_by_component", Printed(percent="50"), "fact_not_of_people"),
        *[(name, Printed(mean="3.4"), "fact_without_scores") for name in ("completed", "R03", "R03.mid", "R33.exit", "K01.exit", "", ".")],
    ],
    ids=str,
)
def test_figure_that_cannot_be_printed_of_the_group_is_refused(name: str, printed: Printed, key: str) -> None:
    assert refused(key, lambda: content(name, printed)).exit_code == 2


def test_fact_of_an_unknown_indicator_gets_a_hint() -> None:
    for printed in (Printed((0, 4)), Printed(percent="44")):
        with pytest.raises(ConfigurationError, match="completed"):
            content("complted", printed)
    with pytest.raises(ConfigurationError, match="reached_at_six_months"):
        content("in_work", Printed(percent="50", of="reached_at_six_month"))


# Percentages and means


def test_percentage_and_mean_are_kept_as_printed_and_enter_the_audit_with_their_rounding(path: Path) -> None:
    record(path, "completed", Printed(percent="77,8"))
    record(path, "in_work", Printed(percent="50", of="reached_at_six_months"))
    ledger = record(path, "R03.exit", Printed(mean="3.4"))
    stored = [{key: entry.content.get(key) for key in ("percent", "of", "mean")} for entry in ledger.entries]
    assert stored == [
        {"percent": "77.8", "of": None, "mean": None},
        {"percent": "50", "of": "reached_at_six_months", "mean": None},
        {"percent": None, "of": None, "mean": "3.4"},
    ]
    all_of, some_of, mean = outside_facts(ledger, POLICY)
    assert [(f.stat, f.block, f.cohorts) for f in (all_of, some_of, mean)] == [
        ("percent", "completion", ("1", "2")),
        ("percent", "six_months", ("1", "2")),
        ("mean", "R03.exit", ("1", "2")),
    ]
    assert [f.interval for f in (all_of, mean)] == [(Fraction("77.75"), Fraction("77.85")), (Fraction("3.35"), Fraction("3.45"))]
    assert all_of.of == ()
    assert set(dict(some_of.of)["cell"]) == set(POLICY.family_of("in_work").cells) - {"not_reached"}


@pytest.mark.parametrize(
    ("percent", "of_pair", "expected"),
    [
        ("67", (3, 6), SAFE),  # six of nine
        ("100", (7, 9), LEAK),  # the published end becomes everybody
        ("89", (7, 9), LEAK),  # everybody but one, who knows of herself
        ("22", (7, 9), INCONSISTENT),  # two of nine is not among seven to nine
    ],
)
def test_percentage_of_others_is_judged_with_what_is_published(path: Path, percent: str, of_pair: tuple[int, int], expected: str) -> None:
    release(path, [counted("completed", (1, 2), PILOT, *of_pair)])
    assert verdict(POLICY, PILOT, [], read_ledger(path)) == SAFE
    assert verdict(POLICY, PILOT, [], record(path, "completed", Printed(percent=percent))) == expected


def test_percentage_among_those_reached_is_refused_where_the_number_of_them_is_known(path: Path) -> None:
    """All who were reached are in work: nobody of those reached is out of work, which no figure of ours says."""
    half = counted("reached_at_six_months", (1, 2), PILOT, 5, 9)
    ledger = record(path, "in_work", Printed(percent="100", of="reached_at_six_months"))
    assert verdict(POLICY, PILOT, [half], ledger) == LEAK
    assert verdict(POLICY, PILOT, [half]) == SAFE


def test_percentage_with_fewer_decimals_says_less(path: Path) -> None:
    """In a group of 20, 78 % is nobody's number, 75 % is 15; of those reached, "67 %" may be two of three or ten of fifteen."""
    refused("fact_impossible", lambda: content("completed", Printed(percent="78"), group=(1, 2, 3, 4)))
    assert content("completed", Printed(percent="75"), group=(1, 2, 3, 4))["percent"] == "75"
    loose = record(path, "in_work", Printed(percent="67", of="reached_at_six_months"), group=(1, 2, 3, 4))
    assert verdict(POLICY, PILOT, [], loose) == SAFE


def test_mean_that_is_the_list_of_answers_is_found(path: Path) -> None:
    """4.8 of five people on a scale from 1 to 5: they answered 4, 5, 5, 5, 5, or four of them 4, 5, 5, 5."""
    ledger = record(path, "R03.exit", Printed(mean="4.8"), group=(2,))
    found = audit_known(POLICY, PILOT, 20, ledger)
    assert found.verdict == LEAK
    assert {(f.target.block, f.target.cohorts) for _, f in found.findings} == {("R03.exit", ("2",))}
    assert {"group_none", "sum"} <= {kind for kind, _ in found.findings}


def test_means_of_a_cohort_and_of_its_pair_are_judged_together(path: Path) -> None:
    """Each leaves much open; a mean of 5.0 for the pair leaves nothing in either cohort."""
    ledger = record(path, "R03.exit", Printed(mean="3.2"), group=(1, 2, 3, 4))
    assert verdict(POLICY, PILOT, [], ledger) == SAFE
    assert verdict(POLICY, PILOT, [], record(path, "R03.start", Printed(mean="5.0"), group=(1, 2))) == LEAK
    assert verdict(POLICY, PILOT, [], record(path, "R03.start", Printed(mean="1.0"), group=(1, 2))) == INCONSISTENT


def test_other_facts_do_not_change_what_is_believed_of_our_figures(path: Path) -> None:
    """The table of beliefs that a release prints holds the policy's families, not statements of others."""
    found = audit_known(POLICY, PILOT, 20, record(path, "R03.exit", Printed(mean="3.2"), group=(1, 2, 3, 4)))
    assert set(beliefs_table(found)["family"]) == {family.id for family in OF_PEOPLE}
    assert beliefs_table(found).equals(beliefs_table(audit_known(POLICY, PILOT, 20, Ledger())))


@pytest.mark.parametrize(("kind", "key"), [("release", "figures"), ("fact", "indicator"), ("withdrawal", "indicator")])
def test_entry_that_lacks_what_it_must_tell_is_refused(kind: str, key: str, path: Path) -> None:
    ledger = append(path, kind=kind, who="A", when="2022", content={})
    if kind == "withdrawal":
        release(path, [counted_pair(4, (1, 2))])
        ledger = Ledger(read_ledger(path).entries[::-1])
    with pytest.raises(DisclosureError) as raised:
        (outside_facts(ledger, POLICY), published(ledger), standing(ledger))
    assert (raised.value.key, raised.value.values["key"]) == ("ledger_entry_lacks", key)


def test_main_category_alone_with_what_others_tell_is_found(tmp_path: Path) -> None:
    """10 of 20 alone says that some category has at most 2: if others tell that it is not the group's, it is the rest, and exactly 2."""
    policy = load_policy()
    (family,) = (f for f in policy.families if f.id == "preferred_support")
    told = code_family(family, {"individual": 10, "in_a_group": 8, "rest": 2}, group=(1, 2, 3, 4), n_public=20, limits=policy.limits)
    ledger = tmp_path / "ledger.jsonl"
    assert audit_known(policy, (4, 5, 5, 6), 20, read_ledger(ledger), told).verdict == "safe"
    known = fact(ledger, "group_support_first", (1, 2, 3, 4), 3, 8)
    assert audit_known(policy, (4, 5, 5, 6), 20, known, told).verdict == "leak"
