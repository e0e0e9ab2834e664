"""The invented pilot is released as each of its trainings ends; then its public files are attacked, all together."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from bench.disclosure.attack import Figure, Learned, attack, forbidden, read_public
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.data.workspace import Workspace
from ikut_eval.disclosure.policy import Policy, load_policy
from ikut_eval.release.group_figures import category_counts
from ikut_eval.release.ledger import read_ledger
from ikut_eval.release.public_knowledge import standing
from ikut_eval.release.publication import audit_releases
from tests.release.released import CLOSINGS, SIZES, as_it_was, released, shown, workspace

NAMES = list(CLOSINGS)
EXIT = {"completed", "attended_three_quarters", "rights_awareness_improved", "rights_awareness_worse", "everyday_need_at_start", "everyday_need_met"}
HALF_YEAR = {"reached_at_six_months", "in_work", "fair_work", "next_service", "support_at_six_months"}
NOT_OF_NINE = {"reached_at_six_months", "fair_work"}
"""What is not published of a pair of nine, so that work and next service can be told the more exactly."""
WISHES = {"individual_support_first", "group_support_first"}


@pytest.fixture(scope="module")
def pilot() -> PilotData:
    return read_pilot("synthetic")


@pytest.fixture(scope="module")
def space(pilot: PilotData, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a release at each closing."""
    here = workspace(tmp_path_factory.mktemp("closings") / "space")
    for day in CLOSINGS.values():
        released(here, as_it_was(pilot, day))
    return here


@pytest.fixture(scope="module")
def releases(space: Workspace) -> Mapping[str, pd.DataFrame]:
    return {name: shown(space, f"r{number:02d}") for number, name in enumerate(CLOSINGS, 1)}


@pytest.fixture(scope="module")
def learned(space: Workspace) -> list[Learned]:
    """What an attacker learns from every public file."""
    sizes, figures = read_public(space.public_bundles)
    assert sizes == SIZES
    assert len(figures) == sum(f.view != "delivery" and f.lo is not None for f in standing(read_ledger(space.ledger)))
    return attack(sizes, figures)


def told(figures: pd.DataFrame) -> dict[tuple[str, str], str]:
    return figures.loc[figures["status"].isin(["shown", "coded"]), "display"].to_dict()


def new(releases: Mapping[str, pd.DataFrame], name: str) -> set[tuple[str, str]]:
    """Return what a release tells for the first time, hours apart."""
    before = told(releases[NAMES[NAMES.index(name) - 1]]) if name != NAMES[0] else {}
    return {key for key in told(releases[name]) if key not in before and releases[name].loc[key, "view"] != "delivery"}


def hours_of(figures: pd.DataFrame) -> set[str]:
    return set(figures[(figures["view"] == "delivery") & (figures["status"] == "shown")].index.get_level_values("cohorts"))


# The pilot as it was


@pytest.mark.parametrize("name", CLOSINGS)
def test_earlier_pilot_holds_nothing_of_later_days(pilot: PilotData, name: str) -> None:
    day = pd.Timestamp(CLOSINGS[name])
    then = as_it_was(pilot, CLOSINGS[name])
    assert then.reporting_date == CLOSINGS[name]
    for table, column in (("cohort", "start_date"), ("session", "date"), ("answer_set", "date"), ("outcome", "obs_date"), ("participant", "exit_date")):
        assert (then[table][column].dropna() <= day).all()
    asked = set(then["answer_set"][["participant_id", "wave"]].itertuples(index=False, name=None))
    assert set(then["answer"][["participant_id", "wave"]].itertuples(index=False, name=None)) <= asked
    people = set(then["participant"]["participant_id"])
    assert all(set(then[table]["participant_id"]) <= people for table in ("need", "attendance", "answer", "outcome", "support_after", "fair_work"))


def test_answers_of_later_waves_come_later(pilot: PilotData) -> None:
    """After cohort 1 nobody of it has answered after three months; after cohort 2 some of it have after six."""
    waves = {name: set(as_it_was(pilot, day)["answer"]["wave"]) for name, day in CLOSINGS.items()}
    assert waves["after cohort 1"] == {"start", "mid", "exit"}
    assert "m6" in waves["after cohort 2"]
    sizes = [len(as_it_was(pilot, day)["answer"]) for day in CLOSINGS.values()]
    assert sizes[0] < sizes[1] <= sizes[2] < sizes[3] <= sizes[4] == len(pilot["answer"])


def test_whoever_is_in_training_is_ongoing(pilot: PilotData) -> None:
    then = as_it_was(pilot, date(2022, 4, 20))
    ongoing = then["participant"].loc[lambda p: p["exit_type"] == "ongoing"]
    assert set(ongoing["cohort_id"]) == {"C3"}
    assert ongoing["exit_date"].isna().all()
    assert set(then["need"].loc[then["need"]["participant_id"].isin(ongoing["participant_id"]), "wave"]) == {"start"}


# What each release tells


@pytest.mark.parametrize(
    ("name", "figures", "hours"),
    [
        ("after cohort 1", set[tuple[str, str]](), {"1"}),
        ("after cohort 2", {(indicator, "1+2") for indicator in EXIT}, {"1", "2"}),
        ("after cohort 3", set[tuple[str, str]](), {"1", "2", "3"}),
        (
            "after cohort 4",
            {(i, "3+4") for i in EXIT} | {(i, "1+2") for i in HALF_YEAR - NOT_OF_NINE} | {("individual_support_first", "1+2+3+4")},
            {"1", "2", "3", "4"},
        ),
        ("after the last follow-up", {(indicator, "3+4") for indicator in HALF_YEAR}, {"1", "2", "3", "4"}),
    ],
)
def test_release_tells_only_what_has_closed(releases: Mapping[str, pd.DataFrame], name: str, figures: set[tuple[str, str]], hours: set[str]) -> None:
    """After the first and third training only hours; half a year's figures come later than those of the end."""
    assert new(releases, name) == figures
    assert hours_of(releases[name]) == hours


def test_what_was_told_stands_in_every_later_release(releases: Mapping[str, pd.DataFrame]) -> None:
    for before, after in pairwise(releases.values()):
        assert told(before).items() <= told(after).items()


def test_figure_that_waits_says_why_and_names_no_day(releases: Mapping[str, pd.DataFrame]) -> None:
    """A day that has passed while the figure still waits would show that somebody has not finished."""
    for figures in releases.values():
        assert "expected" not in figures.columns
        waiting = figures[figures["status"] == "not_yet"]
        assert set(waiting["reason"]) <= {"published.reason.not_yet"}
    assert not (releases["after the last follow-up"]["status"] == "not_yet").any()


def test_no_release_tells_the_day_of_an_answer(space: Workspace, pilot: PilotData) -> None:
    """Its date is a planned one: the same for the same groups, whatever anybody answered when."""
    for number, (name, day) in enumerate(CLOSINGS.items(), 1):
        manifest = (space.public_bundles / f"r{number:02d}" / "manifest.json").read_text(encoding="utf-8")
        assert str(day) not in manifest, name
        assert pilot.digest not in manifest
    assert '"data_date": "2022-05-07"' in (space.public_bundles / "r02" / "manifest.json").read_text(encoding="utf-8")


# The attack


def test_attacker_with_every_public_file_learns_nothing_that_is_forbidden(space: Workspace, learned: list[Learned]) -> None:
    assert {one.attack for one in learned} == {"subtraction", "every data set", "every data set of the group", "integer program"}
    assert {one.cohorts for one in learned} >= {(1,), (2,), (3,), (4,)}
    assert forbidden(learned, SIZES) == []
    assert min(one.values for one in learned if len(one.cohorts) == 1) == 3
    assert audit_releases(space).verdict == "safe"


def test_attacker_never_rules_out_what_is_true(learned: list[Learned], pilot: PilotData) -> None:
    """Otherwise an attack that finds nothing would prove nothing."""
    families = {family.id: family for family in load_policy().families}
    then = as_it_was(pilot, CLOSINGS[NAMES[-1]])
    truth = {
        (family, position): category_counts(then, families[family], [cohort], SIZES[position - 1])
        for family in families
        if family != "delivery"
        for position, cohort in enumerate(then.cohort_ids, 1)
    }
    for one in learned:
        true = sum(truth[one.family, position][cell] for position in one.cohorts for cell in one.cells)
        assert one.low <= true <= one.high, one


def test_bounds_in_the_files_are_no_narrower_than_what_an_attacker_finds(space: Workspace, learned: list[Learned]) -> None:
    """The table of beliefs must tell nothing that the figures do not."""
    narrowest: dict[tuple[str, str, str], tuple[int, int]] = {}
    for one in learned:
        key = one.family, "+".join(map(str, one.cohorts)), "|".join(one.cells)
        low, high = narrowest.get(key, (0, 99))
        narrowest[key] = max(low, one.low), min(high, one.high)
    with (space.public_bundles / "r05" / "beliefs.csv").open(encoding="utf-8", newline="") as file:
        beliefs = {(row["family"], row["cohorts"], row["cells"]): (float(row["lo"]), float(row["hi"])) for row in csv.DictReader(file)}
    both = narrowest.keys() & beliefs.keys()
    assert len(both) > 50
    assert {key for key in both if beliefs[key][0] > narrowest[key][0] or beliefs[key][1] < narrowest[key][1]} == set()


def of_family(indicator: str) -> Policy:
    policy = load_policy()
    return replace(policy, families=(policy.family_of(indicator),))


@pytest.mark.parametrize(
    ("planted", "cohort"),
    [
        pytest.param([Figure("completed", (1,), 4, 4), Figure("completed", (1, 2), 8, 8)], 2, id="running total, exact"),
        pytest.param([Figure("completed", (1, 2, 3), 12, 12), Figure("completed", (1, 2), 8, 8)], 3, id="running total less the one before"),
        pytest.param([Figure("in_work", (1, 2, 3, 4), 0, 2)], 1, id="total with a small end"),
        pytest.param([Figure("fair_work", (3,), 0, 2)], 3, id="small end of a sensitive count in one training"),
    ],
)
def test_planted_leak_is_found_by_every_attack(space: Workspace, planted: list[Figure], cohort: int) -> None:
    """A count of everybody, or of one training, beside the pairs: it must be found, or the attacks could not fail."""
    sizes, figures = read_public(space.public_bundles)
    names = {figure.indicator for figure in planted}
    policy = of_family(planted[0].indicator)
    kept = [figure for figure in figures if figure.indicator not in names or names == {"in_work"}]
    found = {one.attack for one in forbidden(attack(sizes, [*kept, *planted], policy), sizes) if one.cohorts == (cohort,)}
    assert {"subtraction", "every data set", "integer program"} <= found


def test_planted_running_total_in_a_public_file_is_found(space: Workspace, tmp_path: Path) -> None:
    """The same from the files: a figure of one training beside the pair."""
    folder = tmp_path / "r01"
    folder.mkdir()
    for name in ("manifest.json", "figures.csv"):
        (folder / name).write_bytes((space.public_bundles / "r05" / name).read_bytes())
    with (folder / "figures.csv").open("a", encoding="utf-8") as file:
        file.write("completed,pair_count,1,4,4,4,4 of 4,shown,,\n")
    sizes, figures = read_public(tmp_path)
    assert {one.cohorts for one in forbidden(attack(sizes, figures, of_family("completed")), sizes)} >= {(1,)}
