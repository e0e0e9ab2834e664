"""What is published and no longer agrees with the data is told, and corrected where two people or more have changed and it is proved; else withdrawn."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.dashboard.html import document
from ikut_eval.dashboard.pages import page_of
from ikut_eval.data.pilot import PilotData
from ikut_eval.data.workspace import Workspace
from ikut_eval.disclosure.coded_figures import code_family
from ikut_eval.disclosure.families import Family
from ikut_eval.present.releases import corrected_figures, outdated_lines, plot_outdated, release_lines
from ikut_eval.release import publication
from ikut_eval.release.group_figures import category_counts, category_of_each
from ikut_eval.release.internal import build_internal
from ikut_eval.release.ledger import read_ledger
from ikut_eval.release.outside_facts import Printed
from ikut_eval.release.store import OUTDATED, read_bundle
from tests.disclosure.brute_force import some_of, splits
from tests.release.judged import OF_PEOPLE, PILOT, POLICY
from tests.release.released import AUTHOR, CLOSINGS, as_it_was, refused, released, shown

COMPLETED, IMPROVED = ("completed", "1+2"), ("rights_awareness_improved", "1+2")
RIGHTS = next(family for family in OF_PEOPLE if family.id == "rights_awareness")
AFTER_TWO, AFTER_FOUR = CLOSINGS["after cohort 2"], CLOSINGS["after cohort 4"]


def left_early(pilot: PilotData, people: Sequence[str]) -> PilotData:
    table = pilot["participant"]
    kind = table["exit_type"].mask(table["participant_id"].isin(people) & (table["exit_type"] == "completed"), "early_other")
    return replace(pilot, tables={**pilot.tables, "participant": table.assign(exit_type=kind)})


def without(pilot: PilotData, people: Sequence[str]) -> PilotData:
    return replace(pilot, tables={name: t[~t["participant_id"].isin(people)] if "participant_id" in t else t for name, t in pilot.tables.items()})


@pytest.fixture
def completed(synthetic: PilotData) -> list[str]:
    """People of cohorts 1 and 2 who completed: nine of nine, or fewer."""
    table = synthetic["participant"]
    return list(table.loc[table["cohort_id"].isin(["C1", "C2"]) & (table["exit_type"] == "completed"), "participant_id"])


def out_of_date(space: Workspace, pilot: PilotData) -> list[tuple[str, str]]:
    return [(one["figure"]["indicator"], one["figure"]["display"]) for one in publication.outdated(space, pilot)]


def request(space: Workspace, pilot: PilotData, indicator: str = "completed", reason: str = "entered_wrong") -> None:
    publication.request_correction(space, pilot, indicator, who=AUTHOR, reason=reason)


# What no longer agrees is told


def test_figure_that_no_longer_agrees_is_named_with_its_release_and_day(at: Callable[[str], Workspace], synthetic: PilotData, completed: list[str]) -> None:
    space, then = at("published"), as_it_was(synthetic, AFTER_TWO)
    assert publication.outdated(space, then) == []
    wrong = left_early(then, completed[:4])
    assert out_of_date(space, wrong) == [("completed", "7-9 of 9")]
    (entry,) = read_ledger(space.ledger).entries
    (found,) = publication.outdated(space, wrong)
    assert (found["release"], found["since"]) == ("r01", entry.when[:10])
    for language in LANGUAGES:
        (line,) = outdated_lines([found], language)
        assert "r01" in line
        assert "1+2" in line


def test_people_who_were_erased_are_no_disagreement_and_corrections_beside_them_are(
    at: Callable[[str], Workspace], synthetic: PilotData, completed: list[str]
) -> None:
    """Whatever those had who are gone: seven to nine of nine can still be true with three fewer, not with five."""
    space, then = at("published"), as_it_was(synthetic, AFTER_TWO)
    fewer = without(then, completed[:3])
    assert out_of_date(space, fewer) == []
    publication._forget_people(space, fewer)
    assert out_of_date(space, fewer) == []
    assert ("completed", "7-9 of 9") in out_of_date(space, left_early(fewer, completed[3:8]))


def test_hours_that_no_longer_agree_are_told_and_corrected(at: Callable[[str], Workspace], synthetic: PilotData) -> None:
    space, later = at("published"), as_it_was(synthetic, AFTER_FOUR)
    changed = replace(later, tables={**later.tables, "session": later["session"].assign(hours=1.0)})
    assert "hours_by_component.finnish" in {name for name, _ in out_of_date(space, changed)}
    request(space, changed, "hours_by_component", "counted_wrong")
    before = shown(space, "r01").loc[("hours_by_component.finnish", "1"), "display"]
    released(space, changed)
    assert shown(space, "r02").loc[("hours_by_component.finnish", "1"), "display"] != before
    bundle = publication.current(space)
    for language in LANGUAGES:
        found = corrected_figures(bundle, language)
        assert len({(one.name, one.why) for one in found}) == len(found) == 4, "hours by week and by content, of two trainings"
        assert sum(len(one.changes) for one in found) == len(bundle.table("corrections"))
        assert all(part for one in found for part, _, _ in one.changes)
    assert not any(name.startswith("hours_by_component") for name, _ in out_of_date(space, changed))


def test_review_and_internal_bundle_say_what_no_longer_agrees(
    at: Callable[[str], Workspace], tmp_path: Path, synthetic: PilotData, completed: list[str]
) -> None:
    space, then = at("published"), as_it_was(synthetic, AFTER_TWO)
    folder = str(space.releases / "r01" / "bundle")
    for language in LANGUAGES:
        assert "7–9" not in plot_outdated(folder, language=language).sentence
    publication.note_outdated(space, left_early(then, completed[:4]))
    noted = json.loads((space.releases / OUTDATED).read_text(encoding="utf-8"))["figures"]
    build_internal(then, tmp_path / "internal", about={OUTDATED: noted}, plan=AnalysisPlan())
    for language in LANGUAGES:
        assert "7–9" in plot_outdated(folder, language=language).sentence
        assert "7–9" in page_of(read_bundle(tmp_path / "internal", audience="internal"), "overview", language=language).caution
    publication.note_outdated(space, then)
    assert "7–9" not in plot_outdated(folder, language="en").sentence


# Corrections


def test_correction_comes_out_with_the_next_closing(at: Callable[[str], Workspace], synthetic: PilotData, completed: list[str]) -> None:
    space = at("published")
    then, later = (left_early(as_it_was(synthetic, day), completed[:4]) for day in (AFTER_TWO, AFTER_FOUR))
    request(space, then)
    refused("nothing_to_release", lambda: publication.draft_release(space, then, author=AUTHOR))
    assert shown(space, "r01").loc[COMPLETED, "display"] == "7-9 of 9"
    released(space, later)
    here = shown(space, "r02")
    assert here.loc[COMPLETED, "display"] == f"{len(completed) - 4} of 9"
    assert publication.audit_releases(space).verdict == "safe"
    assert out_of_date(space, later) == []
    bundle = publication.current(space)
    (row,) = bundle.table("corrections").to_dict("records")
    assert (row["indicator"], row["cohorts"], row["display"], row["release"]) == ("completed", "1+2", "7-9 of 9", "r02")
    assert str(row["corrected"])[:10] == str(bundle.data_date)
    for language in LANGUAGES:
        (found,) = corrected_figures(bundle, language)
        ((part, before, after),) = found.changes
        assert not part
        page = document(page_of(bundle, "overview", language=language))
        assert f'{found.name}: <s class="range">{before}</s> → <ins class="range">{after}</ins>. {found.why}' in page
        assert f"<h2>{text('published.corrections', language)}</h2>" in page
        assert any(before in line and after in line for line in release_lines(bundle, language))
    last = as_it_was(synthetic, CLOSINGS["after the last follow-up"])
    released(space, left_early(last, completed[:4]))
    assert shown(space, "r03").loc[COMPLETED, "display"] == f"{len(completed) - 4} of 9", "the corrected figure stands"
    assert len(publication.current(space).table("corrections")) == 1


def test_nothing_comes_out_that_was_not_asked_for(at: Callable[[str], Workspace], synthetic: PilotData, completed: list[str]) -> None:
    space = at("published")
    released(space, left_early(as_it_was(synthetic, AFTER_FOUR), completed[:4]))
    assert shown(space, "r02").loc[COMPLETED, "display"] == "7-9 of 9"


@pytest.mark.parametrize(("n", "now"), [(1, "7-9 of 9"), (2, "3-6 of 9")], ids=["one person", "two people"])
def test_correction_waits_until_two_people_have_changed(at: Callable[[str], Workspace], synthetic: PilotData, n: int, now: str) -> None:
    """Seven of nine had improved."""
    space, later = at("published"), as_it_was(synthetic, AFTER_FOUR)
    each = category_of_each(later, RIGHTS)
    improved = [person for cohort in ("C1", "C2") for person, category in each[cohort].items() if category == "improved"]
    assert (len(improved), shown(space, "r01").loc[IMPROVED, "display"]) == (7, "7-9 of 9")
    answers = later["answer"]
    worse = answers["participant_id"].isin(improved[:n]) & (answers["wave"] == "exit")
    changed = replace(later, tables={**later.tables, "answer": answers.assign(value=answers["value"].mask(worse, "1"))})
    request(space, changed, IMPROVED[0])
    released(space, changed)
    assert shown(space, "r02").loc[IMPROVED, "display"] == now
    assert ((IMPROVED[0], "7-9 of 9") in out_of_date(space, changed)) is (n == 1), "told until it can come out"
    assert publication.audit_releases(space).verdict == "safe"


def test_correction_that_is_not_proved_is_withdrawn(at: Callable[[str], Workspace], synthetic: PilotData, completed: list[str]) -> None:
    """Others have told that all of cohort 1 completed: the family leaks already, so that no version of it is proved."""
    space, later = at("published"), left_early(as_it_was(synthetic, AFTER_FOUR), completed[:4])
    publication.add_fact(space, "completed", Printed((4, 4)), group=(1,), source="annual review", who=AUTHOR)
    request(space, later)
    released(space, later)
    here = shown(space, "r02").loc["completed"]
    assert set(here["status"]) == {"withdrawn"}
    assert set(here["display"]) == {""}
    assert len(publication.current(space).table("corrections")) == 0
    released(space, as_it_was(synthetic, CLOSINGS["after the last follow-up"]))
    assert set(shown(space, "r03").loc["completed", "status"]) == {"withdrawn"}


def test_correction_without_a_record_of_who_was_counted_is_withdrawn(at: Callable[[str], Workspace], synthetic: PilotData, completed: list[str]) -> None:
    space, later = at("published"), left_early(as_it_was(synthetic, AFTER_FOUR), completed[:4])
    (space.releases / "r01" / "marks.json").unlink()
    request(space, later)
    released(space, later)
    assert set(shown(space, "r02").loc["completed", "status"]) == {"withdrawn"}


def test_request_needs_a_figure_that_does_not_agree_and_a_known_reason(at: Callable[[str], Workspace], synthetic: PilotData, completed: list[str]) -> None:
    space, then = at("published"), as_it_was(synthetic, AFTER_TWO)
    wrong = left_early(then, completed[:4])
    refused("nothing_to_correct", lambda: request(space, then))
    refused("not_published", lambda: request(space, wrong, "in_work"))
    refused("policy_nearly_known", lambda: request(space, wrong, "complete"))
    refused("unknown_choice", lambda: request(space, wrong, "completed", "a typing error"))
    assert len(read_ledger(space.ledger).entries) == 1


def test_changed_correction_in_an_approved_draft_is_found(at: Callable[[str], Workspace], synthetic: PilotData, completed: list[str]) -> None:
    """A figure that differs from what stands is published only as a correction that the approved files name."""
    space, later = at("published"), left_early(as_it_was(synthetic, AFTER_FOUR), completed[:4])
    request(space, later)
    drafted = publication.draft_release(space, later, author=AUTHOR)
    bundle = read_bundle(space.releases / drafted.id / "bundle", audience="public")
    policy, _ = publication.rules(space)
    told, more = publication._told_by(bundle, read_ledger(space.ledger), policy, drafted.id)
    assert [(one["family"], one["group"], one["reason"]) for one in more["corrected"]] == [("completion", [1, 2], "entered_wrong")]
    assert ("completed", (1, 2)) in {(figure.indicator, figure.group) for figure in told}
    refused("release_changed", lambda: publication._told_by(bundle, read_ledger(space.ledger), policy, "r09"))


# Who has changed


@pytest.mark.parametrize("family", OF_PEOPLE, ids=lambda family: family.id)
def test_everybody_is_in_the_category_in_which_they_are_counted(synthetic: PilotData, family: Family) -> None:
    each = category_of_each(synthetic, family)
    assert [len(people) for people in each.values()] == [4, 5, 5, 6]
    for cohort, people in each.items():
        counts = category_counts(synthetic, family, [cohort], len(people))
        assert Counter(people.values()) == Counter({cell: n for cell, n in counts.items() if n})


def test_marks_hold_neither_ids_nor_categories_and_forget_who_is_erased(at: Callable[[str], Workspace], synthetic: PilotData) -> None:
    space = at("published")
    path = space.releases / "r01" / "marks.json"
    written = path.read_text(encoding="utf-8")
    assert not any(word in written for word in [*synthetic["participant"]["participant_id"], '"completed"', "improved"])
    before = json.loads(written)["completion 1+2"]
    gone = list(synthetic["participant"].loc[lambda p: p["cohort_id"] == "C1", "participant_id"])[:2]
    refused("nothing_to_release", lambda: publication.draft_release(space, without(as_it_was(synthetic, AFTER_TWO), gone), author=AUTHOR))
    after = json.loads(path.read_text(encoding="utf-8"))["completion 1+2"]
    assert len(before) - len(after) == 2
    assert after.items() <= before.items()


# A corrected figure tells nothing of a person that the reader could not think otherwise


@pytest.mark.parametrize(("family", "group"), [(f, g) for f in OF_PEOPLE for g in POLICY.groups[f.view] if len(f.cells) <= 3], ids=str)
def test_no_pair_of_versions_tells_what_those_who_changed_had(family: Family, group: tuple[int, ...]) -> None:
    """By trying: of each two publications, which people in a set of categories may have changed, and how many outside of it, in all data sets that fit.

    Whoever reads both must think it possible that more people than the insiders changed from another category, and to another one.
    """
    n, insiders = sum(PILOT[position - 1] for position in group), 2 if family.sensitive else 1
    places: dict[tuple[tuple[str, str], ...], list[tuple[int, ...]]] = defaultdict(list)
    for counts in splits(n, len(family.cells)):
        figures = code_family(family, dict(zip(family.cells, counts, strict=True)), group=group, n_public=n, limits=POLICY.limits)
        places[tuple((f.display, f.reason) for f in figures)].append(counts)
    sets = [some for some in some_of(range(len(family.cells))) if len(some) < len(family.cells)]
    outside = {told: {some: max(n - sum(counts[cell] for cell in some) for counts in fitting) for some in sets} for told, fitting in places.items()}
    assert min(most for every in outside.values() for most in every.values()) > insiders
