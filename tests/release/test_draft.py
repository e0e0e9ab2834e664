"""A draft is safe whatever the data, keeps what stands as it stands, and holds nothing but coded figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ikut_eval.contract.errors import ConfigurationError, DisclosureError, IkutError
from ikut_eval.contract.schema import load_contract
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.data.workspace import Workspace
from ikut_eval.data.writing import write_csv_folder
from ikut_eval.disclosure.coded_figures import CodedFigure, figure_json, read_figures
from ikut_eval.disclosure.families import Family
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.release import group_figures
from ikut_eval.release.draft import Draft, figures_table, make_draft
from ikut_eval.release.ledger import START, Entry, Ledger
from ikut_eval.release.public_knowledge import PublicFacts
from ikut_eval.release.publication import draft_release, withdraw
from tests.conftest import MARKER, marked_rows
from tests.release.released import AUTHOR, CLOSINGS, SIZES, as_it_was, released, shown, workspace

FACTS = PublicFacts(SIZES, sum(SIZES))
POLICY = load_policy()
OF_PEOPLE = replace(POLICY, families=tuple(family for family in POLICY.families if family.view != "delivery"))
FIRST, SECOND, LAST = (CLOSINGS[name] for name in ("after cohort 2", "after cohort 4", "after the last follow-up"))
Counts = Mapping[tuple[str, int], Sequence[int]]


@pytest.fixture(scope="module")
def then(synthetic: PilotData) -> PilotData:
    return as_it_was(synthetic, FIRST)


@pytest.fixture(scope="module")
def later(synthetic: PilotData) -> PilotData:
    return as_it_was(synthetic, SECOND)


@pytest.fixture(scope="module")
def last(synthetic: PilotData) -> PilotData:
    return as_it_was(synthetic, LAST)


@pytest.fixture(scope="module")
def proofs(last: PilotData) -> dict[str, dict[str, object]]:
    return make_draft(last, policy=POLICY, facts=FACTS, ledger=Ledger())[1]


@pytest.fixture(scope="module")
def before(then: PilotData, proofs: dict[str, dict[str, object]]) -> Draft:
    """The release after cohort 2."""
    return make_draft(then, policy=POLICY, facts=FACTS, ledger=Ledger(), known_proofs=proofs)[0]


def recorded(*releases: Sequence[CodedFigure]) -> Ledger:
    """Return a ledger of releases."""
    entries = [
        Entry(number, "release", "2023", AUTHOR, {"figures": [figure_json(f) for f in figures]}, START, str(number))
        for number, figures in enumerate(releases, 1)
    ]
    return Ledger(tuple(entries))


def displays(figures: Sequence[CodedFigure]) -> dict[tuple[str, tuple[int, ...]], str]:
    return {(figure.indicator, figure.group): figure.display for figure in figures}


# Whatever the data


@st.composite
def data_sets(draw: st.DrawFn) -> Counts:
    """Draw people in each category of each family and group: often all in one."""
    drawn: dict[tuple[str, int], Sequence[int]] = {}
    for family in (one for one in POLICY.families if one.view != "delivery"):
        for n in (9, 11, 20):
            places = draw(st.lists(st.integers(0, n), min_size=len(family.cells) - 1, max_size=len(family.cells) - 1).map(sorted))
            drawn[family.id, n] = [high - low for low, high in zip([0, *places], [*places, n], strict=True)]
    return drawn


@settings(max_examples=6, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(earlier=data_sets(), after=data_sets())
def test_draft_of_any_data_is_safe_and_keeps_what_stands(
    monkeypatch: pytest.MonkeyPatch, then: PilotData, last: PilotData, proofs: dict[str, dict[str, object]], earlier: Counts, after: Counts
) -> None:
    """First cohorts 1 and 2 are published of one data set; then everything is counted anew, from another."""

    def drafted(counts: Counts, pilot: PilotData, ledger: Ledger) -> Draft:
        def counted(pilot: PilotData, family: Family, cohorts: Sequence[str], n_public: int) -> dict[str, int]:
            return dict(zip(family.cells, counts[family.id, n_public], strict=True))

        monkeypatch.setattr(group_figures, "category_counts", counted)
        return make_draft(pilot, policy=OF_PEOPLE, facts=FACTS, ledger=ledger, known_proofs=proofs)[0]

    first = drafted(earlier, then, Ledger())
    second = drafted(after, last, recorded(first.new))
    assert first.audit.verdict == second.audit.verdict == "safe"
    assert displays(first.new).items() <= displays(second.figures).items()
    assert not set(displays(first.new)) & set(displays(second.new))
    assert tuple(read_figures(figures_table(second.figures))) == second.figures


# What stands


def without(pilot: PilotData, person: str) -> PilotData:
    """Return a pilot from which a person was erased."""
    return replace(pilot, tables={name: t[t["participant_id"] != person] if "participant_id" in t else t for name, t in pilot.tables.items()})


def with_table(pilot: PilotData, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> PilotData:
    return replace(pilot, tables={**pilot.tables, name: change(pilot[name])})


def person_of(pilot: PilotData, cohort: str, place: int = 0) -> str:
    return str(pilot["participant"].loc[lambda p: p["cohort_id"] == cohort, "participant_id"].iloc[place])


CHANGES: dict[str, Callable[[PilotData], PilotData]] = {
    "a person was erased": lambda pilot: without(pilot, person_of(pilot, "C1")),
    "three people were erased": lambda pilot: without(without(without(pilot, person_of(pilot, "C1")), person_of(pilot, "C2")), person_of(pilot, "C2", 1)),
    "answers at the end were corrected": lambda pilot: with_table(pilot, "answer", lambda t: t.assign(value=t["value"].mask(t["wave"] == "exit", "1"))),
    "nobody completed": lambda pilot: with_table(pilot, "participant", lambda t: t.assign(exit_type="early_other")),
    "hours were corrected": lambda pilot: with_table(pilot, "session", lambda t: t.assign(hours=1.0)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_stands_is_frozen(before: Draft, later: PilotData, proofs: dict[str, dict[str, object]], change: str) -> None:
    """After an erasure or a correction everything published is as it was, and only groups that closed since are new."""
    after, _ = make_draft(CHANGES[change](later), policy=POLICY, facts=FACTS, ledger=recorded(before.new), known_proofs=proofs)
    stands, now = displays(before.new), displays(after.figures)
    assert {key: now[key] for key in stands} == stands
    assert not set(displays(after.new)) & set(stands)
    groups = {(f.view == "delivery", f.group) for f in after.new}
    assert groups == {(True, (3,)), (True, (4,)), (False, (1, 2)), (False, (3, 4)), (False, (1, 2, 3, 4))}
    assert {f.indicator for f in after.new if f.group == (1, 2)} == {"in_work", "next_service", "support_at_six_months"}


def test_erasure_is_seen_only_where_nothing_was_published(before: Draft, then: PilotData, proofs: dict[str, dict[str, object]]) -> None:
    """Before the release a person who is erased is lost from the figures: frozen is what stands, and nothing else."""
    gone = then
    for place in (0, 0, 0):
        gone = without(gone, person_of(gone, "C2", place))
    fewer, _ = make_draft(gone, policy=POLICY, facts=FACTS, ledger=Ledger(), known_proofs=proofs)
    assert displays(before.new)["completed", (1, 2)] == "7-9 of 9"
    assert displays(fewer.new)["completed", (1, 2)] == "6 of 9"


def test_withdrawn_stays_withdrawn_for_every_group(tmp_path: Path, then: PilotData, later: PilotData) -> None:
    space = workspace(tmp_path / "space")
    released(space, then)
    withdraw(space, "completed", who=AUTHOR, reason="wrong")
    released(space, later)
    here = shown(space, "r03").loc["completed"]
    assert here["status"].to_dict() == {"1+2": "withdrawn", "3+4": "withdrawn"}
    assert set(here["display"]) == {""}
    assert shown(space, "r03").loc[("rights_awareness_improved", "3+4"), "status"] == "coded"


# What the files hold


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_same_data_policy_and_ledger_give_the_same_files(tmp_path: Path, then: PilotData) -> None:
    spaces = [workspace(tmp_path / name) for name in ("one", "two")]
    drafts = [draft_release(space, then, author=who) for space, who in zip(spaces, ("Aino", "Bo"), strict=True)]
    assert drafts[0].digest == drafts[1].digest
    one, two = (files(space.releases / "r01" / "bundle") for space in spaces)
    assert one == two
    draft_release(spaces[0], then, author="Aino")
    assert files(spaces[0].releases / "r01" / "bundle") == one


def test_order_of_rows_does_not_change_the_files(tmp_path: Path, then: PilotData) -> None:
    turned = replace(then, tables={name: table.iloc[::-1] for name, table in then.tables.items()})
    one, two = (draft_release(workspace(tmp_path / name), pilot, author=AUTHOR) for name, pilot in (("one", then), ("two", turned)))
    assert one.digest == two.digest


def test_no_file_holds_an_id_or_a_note(tmp_path: Path) -> None:
    write_csv_folder(tmp_path / "pilot", load_contract(), marked_rows(), language="en")
    pilot = read_pilot(tmp_path / "pilot")
    assert pilot["participant"]["participant_id"].str.startswith(MARKER).all()
    space = workspace(tmp_path / "space", data="data/pilot")
    released(space, as_it_was(pilot, FIRST))
    draft_release(space, as_it_was(pilot, SECOND), author=AUTHOR)
    written = files(space.folder)
    assert {"releases/r02/draft.json", "bundles/public/r01/figures.csv", "ledger.jsonl"} <= set(written)
    assert [name for name, content in written.items() if MARKER.encode() in content] == []


# Policy and public facts


def settled(tmp_path: Path, more: str, **values: Any) -> Workspace:
    return workspace(tmp_path / "space", more=more, **values)


def test_loosened_rule_needs_a_reason(tmp_path: Path, then: PilotData) -> None:
    space = settled(tmp_path, "\n[policy.rule.coalition_sensitive]\nvalue = 1\n")
    with pytest.raises(ConfigurationError) as raised:
        draft_release(space, then, author=AUTHOR)
    assert (raised.value.key, raised.value.exit_code) == ("policy_loosened_without_reason", 10)


def test_reason_of_a_loosened_rule_stands_in_the_release(tmp_path: Path, then: PilotData) -> None:
    reason = "Members do not meet each other."
    space = settled(tmp_path, f'\n[policy.rule.coalition_sensitive]\nvalue = 1\nreason = "{reason}"\n')
    released(space, then)
    table = pd.read_csv(space.public_bundles / "r01" / "rules.csv", keep_default_na=False).set_index("rule")["loosened"]
    assert table[table != ""].to_dict() == {"rule.coalition_sensitive": reason}


@pytest.mark.parametrize(
    "more",
    [
        '[policy.indicator.rights_awareness_improved]\nbands = "exact"\nreason = "more to tell"\n',
        "".join(f'[policy.indicator.{name}]\nbands = "exact"\nreason = "more to tell"\n' for name in ("everyday_need_at_start", "everyday_need_met")),
        '[policy.indicator.completed]\nk = 1\nreason = "more to tell"\n',
        '[policy.indicator.in_work]\nbands = "exact"\nk = 3\nreason = "more to tell"\n',
    ],
    ids=["change with an exact middle", "needs with an exact middle", "small ends", "work with an exact middle"],
)
def test_policy_that_could_tell_too_much_is_refused_even_with_a_reason(tmp_path: Path, then: PilotData, more: str) -> None:
    space = settled(tmp_path, f"\n{more}")
    with pytest.raises(DisclosureError) as raised:
        draft_release(space, then, author=AUTHOR)
    assert (raised.value.key, raised.value.exit_code) == ("design_not_proved", 13)
    assert not (space.releases / "r01").exists()


@pytest.mark.parametrize("sizes", [(4, 4, 5, 6), (4, 5), (3, 5, 5, 6)], ids=["a person more", "a training more", "a person more in the first"])
def test_more_people_than_are_public_are_refused(then: PilotData, proofs: dict[str, dict[str, object]], sizes: tuple[int, ...]) -> None:
    with pytest.raises(DisclosureError) as raised:
        make_draft(then, policy=POLICY, facts=PublicFacts(sizes, sum(sizes)), ledger=Ledger(), known_proofs=proofs)
    assert (raised.value.key, raised.value.exit_code) == ("public_facts_contradict", 13)


def test_people_who_refuse_count_among_the_members(then: PilotData, proofs: dict[str, dict[str, object]]) -> None:
    one_refused = replace(without(then, person_of(then, "C1")), n_data_refused={"C1": 1})
    assert make_draft(one_refused, policy=POLICY, facts=FACTS, ledger=Ledger(), known_proofs=proofs)[0].new
    with pytest.raises(IkutError) as raised:
        make_draft(replace(then, n_data_refused={"C1": 1}), policy=POLICY, facts=FACTS, ledger=Ledger(), known_proofs=proofs)
    assert raised.value.key == "public_facts_contradict"
