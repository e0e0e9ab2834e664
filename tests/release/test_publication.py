"""A release is drafted, approved by somebody else over its hash, published, and withdrawn."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ikut_eval.batch.job import run_job
from ikut_eval.cli import main
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.data.workspace import Workspace, open_workspace
from ikut_eval.present.releases import given_up_lines
from ikut_eval.release import publication
from ikut_eval.release.ledger import read_ledger
from ikut_eval.release.outside_facts import Printed
from ikut_eval.release.public_knowledge import published
from tests.release.judged import OF_PEOPLE
from tests.release.released import APPROVER, AUTHOR, CLOSINGS, as_it_was, contents, refused, released, shown, states, workspace

COMPLETED = ("completed", "1+2")
BETWEEN = CLOSINGS["after cohort 2"]


# From draft to public


def test_release_goes_from_draft_to_public(at: Callable[[str], Workspace]) -> None:
    space = at("drafted")
    assert states(space) == [("r01", "draft")]
    refused("nothing_published", lambda: publication.current(space))
    digest = publication.list_releases(space)[0].digest
    publication.approve(space, "r01", approver=APPROVER, digest=digest)
    assert states(space) == [("r01", "approved")]
    refused("nothing_published", lambda: publication.current(space))
    done = publication.publish(space, "r01")
    assert (done.state, done.author, done.approver) == ("published", AUTHOR, APPROVER)
    assert states(space) == [("r01", "published")]
    assert publication.current(space).digest == digest == publication.release_bundle(space, "r01").digest
    assert contents(space.public_bundles / "r01") == contents(space.releases / "r01" / "bundle")


def test_ledger_holds_what_the_files_show(at: Callable[[str], Workspace]) -> None:
    space = at("published")
    (entry,) = read_ledger(space.ledger).entries
    assert (entry.kind, entry.who, entry.content["author"]) == ("release", APPROVER, AUTHOR)
    figures = shown(space, "r01")
    told = {(f.indicator, "+".join(map(str, f.group))): (f.display, f.status) for f in published(read_ledger(space.ledger))}
    here = figures[figures["status"].isin(["shown", "coded"])]
    assert told == {key: (row.display, row.status) for key, row in zip(here.index, here.itertuples(), strict=True)}
    assert told[COMPLETED][1] in ("shown", "coded")


def test_next_release_adds_and_the_last_one_is_superseded(at: Callable[[str], Workspace]) -> None:
    space = at("again")
    changes = publication.difference(space, "r02")
    assert {before.status for before, _ in changes if before} == {"not_yet"}
    assert ("completed", (3, 4)) in {(after.indicator, after.group) for _, after in changes if after}
    publication.publish(space, "r02")
    assert states(space) == [("r01", "superseded"), ("r02", "published")]
    assert publication.difference(space, "r02") == []


def test_nothing_new_is_no_release(at: Callable[[str], Workspace], synthetic: PilotData) -> None:
    refused("nothing_to_release", lambda: publication.draft_release(at("published"), as_it_was(synthetic, BETWEEN), author=AUTHOR))


def test_new_draft_takes_the_place_of_one_that_was_approved(at: Callable[[str], Workspace], synthetic: PilotData) -> None:
    space = at("approved")
    publication.draft_release(space, as_it_was(synthetic, BETWEEN), author=AUTHOR)
    assert states(space) == [("r01", "draft")]
    refused("not_approved", lambda: publication.publish(space, "r01"))


# Two people


@pytest.mark.parametrize(
    "name",
    [AUTHOR, "aino äijälä", "AINO  ÄIJÄLÄ", " Aino\u00a0Äijälä ", "AinoÄijälä", "Aino A\u0308ija\u0308la\u0308", "Äijälä, Aino", "Aino Aijala", "aino.äijälä"],
)
def test_author_cannot_approve(at: Callable[[str], Workspace], name: str) -> None:
    space = at("drafted")
    digest = publication.list_releases(space)[0].digest
    assert refused("author_cannot_approve", lambda: publication.approve(space, "r01", approver=name, digest=digest)).exit_code == 14
    refused("not_approved", lambda: publication.publish(space, "r01"))


@pytest.mark.parametrize("name", ["", "  ", "\u00a0", "–", "\u200b"])
def test_nobody_is_nobody(at: Callable[[str], Workspace], synthetic: PilotData, name: str) -> None:
    space = at("drafted")
    digest = publication.list_releases(space)[0].digest
    refused("name_needed", lambda: publication.approve(space, "r01", approver=name, digest=digest))
    refused("name_needed", lambda: publication.draft_release(space, synthetic, author=name))
    refused("name_needed", lambda: publication.add_fact(space, "completed", Printed((0, 3)), group=(1,), source="report", who=name))


@pytest.mark.parametrize("digest", ["", "{0:.7}", "0123456789abcdef", "{0}0", " {0}"], ids=["none", "too short", "another", "longer", "space before"])
def test_approval_needs_the_hash_of_the_draft(at: Callable[[str], Workspace], digest: str) -> None:
    space = at("drafted")
    whole = publication.list_releases(space)[0].digest
    refused("hash_does_not_fit", lambda: publication.approve(space, "r01", approver=APPROVER, digest=digest.format(whole)))
    assert states(space) == [("r01", "draft")]


@pytest.mark.parametrize("form", ["{0:.8}", "{0}"])
def test_approval_takes_the_first_letters_in_either_case(at: Callable[[str], Workspace], form: str) -> None:
    space = at("drafted")
    whole = publication.list_releases(space)[0].digest
    assert publication.approve(space, "r01", approver=APPROVER, digest=form.format(whole).upper()).state == "approved"


@pytest.mark.parametrize("release", ["r02", "r00", "", "../r01", "r01/bundle"])
def test_only_the_draft_that_waits_can_be_approved_or_published(at: Callable[[str], Workspace], release: str) -> None:
    space = at("approved")
    refused("no_draft", lambda: publication.approve(space, release, approver=APPROVER, digest="0" * 64))
    refused("no_draft", lambda: publication.publish(space, release))


# Withdrawal


@pytest.fixture
def closed(stages: Path, tmp_path: Path, synthetic: PilotData) -> Workspace:
    """A workspace with one release, in which something of every family is published."""
    space = workspace(tmp_path / "space")
    (space.releases).mkdir(mode=0o700)
    shutil.copy(stages / "published" / "releases" / "proofs.json", space.releases)
    released(space, as_it_was(synthetic, CLOSINGS["after cohort 4"]))
    return space


def test_withdrawn_indicator_is_gone_for_all_groups(at: Callable[[str], Workspace]) -> None:
    space = at("published")
    before = publication.current(space)
    done = publication.withdraw(space, "completed", who=AUTHOR, reason=" a wrong code ")
    assert (done.id, done.state) == ("r02", "published")
    assert [(one.author, one.approver) for one in publication.list_releases(space)] == [(AUTHOR, APPROVER), (AUTHOR, "")], "nobody approves a withdrawal"
    here = shown(space, "r02")
    gone = here.loc["completed"]
    assert set(gone["status"]) == {"withdrawn"}
    assert {value for name in ("lo", "hi", "display") for value in gone[name]} == {""}
    others = here.drop("completed", level="indicator")
    assert others.equals(shown(space, "r01").drop("completed", level="indicator"))
    assert read_ledger(space.ledger).entries[-1].content["reason"] == "a wrong code"
    assert "a wrong code" not in "".join(body.decode() for body in contents(space.public_bundles / "r02").values())
    old, new = (bundle.table("beliefs") for bundle in (before, publication.current(space)))
    assert "completion" in set(old["family"])
    assert new.equals(old[old["family"] != "completion"].reset_index(drop=True)), "what follows from it is gone too"
    assert "completed" in {figure.indicator for figure in published(read_ledger(space.ledger))}, "what was read stays known"


@pytest.mark.parametrize(
    ("indicator", "gone"),
    [
        ("support_at_six_months", ("support_at_six_months",)),
        ("in_work", ("in_work",)),
        ("rights_awareness_worse", ("rights_awareness_improved", "rights_awareness_worse")),
        ("individual_support_first", ("individual_support_first", "group_support_first")),
    ],
)
def test_no_file_that_is_written_later_tells_what_was_withdrawn(closed: Workspace, synthetic: PilotData, indicator: str, gone: tuple[str, ...]) -> None:
    """Neither the figure, nor bounds that follow from it, nor the rest of its family where that adds up to the people."""
    family = publication.rules(closed)[0].family_of(indicator).id
    assert f"\n{family}," in (closed.public_bundles / "r01" / "beliefs.csv").read_text(encoding="utf-8")
    publication.withdraw(closed, indicator, who=AUTHOR, reason="wrong")
    released(closed, as_it_was(synthetic, CLOSINGS["after the last follow-up"]))
    publication.withdraw(closed, "completed", who=AUTHOR, reason="wrong")
    for release in ("r02", "r03", "r04"):
        figures = shown(closed, release).reset_index()
        here = figures[figures["indicator"].isin(gone)]
        assert (set(here["indicator"]), set(here["status"]), set(here["display"])) == (set(gone), {"withdrawn"}, {""})
        beliefs = (closed.public_bundles / release / "beliefs.csv").read_text(encoding="utf-8")
        assert f"\n{family}," not in beliefs
        assert "\neveryday_need," in beliefs
        assert ("\ncompletion," in beliefs) == (release != "r04")


def test_each_training_loses_a_withdrawn_fact_about_the_service(at: Callable[[str], Workspace], synthetic: PilotData) -> None:
    """Hours by component are many figures of one indicator."""
    space = at("published")
    publication.withdraw(space, "hours_by_component", who=AUTHOR, reason="wrong")
    refused("not_published", lambda: publication.withdraw(space, "hours_by_component", who=AUTHOR, reason="wrong"))
    released(space, as_it_was(synthetic, CLOSINGS["after cohort 4"]))
    here = shown(space, "r03").reset_index()
    assert set(here.loc[here["indicator"].str.startswith("hours_by_component"), "status"]) == {"withdrawn"}


def test_withdrawal_makes_a_waiting_draft_void(at: Callable[[str], Workspace]) -> None:
    space = at("again")
    publication.withdraw(space, "completed", who=AUTHOR, reason="wrong")
    assert states(space) == [("r01", "superseded"), ("r02", "published")]
    refused("no_draft", lambda: publication.publish(space, "r02"))


@pytest.mark.parametrize(
    ("indicator", "reason", "key"),
    [("in_work", "wrong", "not_published"), ("completed", "  ", "reason_needed"), ("complete", "wrong", "policy_nearly_known")],
)
def test_withdrawal_needs_a_published_indicator_and_a_reason(at: Callable[[str], Workspace], indicator: str, reason: str, key: str) -> None:
    space = at("published")
    refused(key, lambda: publication.withdraw(space, indicator, who=AUTHOR, reason=reason))
    assert len(read_ledger(space.ledger).entries) == 1


# Facts of others, and the audit


def test_fact_that_makes_a_release_tell_too_much_is_recorded_and_found(at: Callable[[str], Workspace], synthetic: PilotData) -> None:
    """Others publish of cohort 1 alone that all four completed."""
    space = at("published")
    assert publication.audit_releases(space).verdict == "safe"
    assert publication.add_fact(space, "completed", Printed((4, 4)), group=(1,), source="annual review", who=AUTHOR).verdict == "leak"
    assert read_ledger(space.ledger).entries[-1].content["group"] == [1]
    assert publication.audit_releases(space).verdict == "leak"
    released(space, as_it_was(synthetic, CLOSINGS["after cohort 4"]))
    here = shown(space, "r02")
    assert here.loc[("completed", "3+4"), ["display", "reason"]].tolist() == ["", "published.reason.given_up"]
    assert here.loc[("completed", "1+2"), "display"] == shown(space, "r01").loc[("completed", "1+2"), "display"]
    assert here.loc[("rights_awareness_improved", "3+4"), "status"] in ("shown", "coded"), "the other families go on"
    assert set(publication.current(space).table("beliefs")["family"]) == {f.id for f in OF_PEOPLE if f.id != "completion"}, "what others tell is not spread"
    assert publication.audit_releases(space).verdict == "leak"
    for language in LANGUAGES:
        (line,) = given_up_lines(publication.current(space), language)
        assert "3+4" in line


def test_fact_that_contradicts_a_release_is_found(at: Callable[[str], Workspace]) -> None:
    space = at("published")
    assert publication.add_fact(space, "completed", Printed((0, 0)), group=(1, 2), source="annual review", who=AUTHOR).verdict == "inconsistent"


# The command line


def ikut_eval(*words: object, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the command line in this process, and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["ikut-eval", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_release_by_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    space = workspace(tmp_path / "space")
    here = ("-w", space.folder)
    assert ikut_eval("release", "draft", "--by", AUTHOR, *here, monkeypatch=monkeypatch) == 0
    digest = publication.list_releases(space)[0].digest
    drafted = capsys.readouterr()
    assert (drafted.err, digest in drafted.out) == ("", True)
    assert ikut_eval("release", "show", "r01", *here, monkeypatch=monkeypatch) == 0
    assert "7–9 of 9, 78–100%" in capsys.readouterr().out
    steps: list[tuple[int, tuple[object, ...]]] = [
        (14, ("publish", "r01")),
        (14, ("approve", "r01", "--by", AUTHOR.upper(), "--hash", digest)),
        (14, ("approve", "r01", "--by", APPROVER, "--hash", "0" * 12)),
        (2, ("approve", "r07", "--by", APPROVER, "--hash", digest)),
        (0, ("approve", "r01", "--by", APPROVER, "--hash", digest[:12])),
        (0, ("diff", "r01")),
        (0, ("publish", "r01")),
        (0, ("audit",)),
        (2, ("fact", "add", "completed", "one", "4", "--source", "report", "--by", AUTHOR)),
        (2, ("fact", "add", "completed", "1", "--source", "report", "--by", AUTHOR)),
        (2, ("fact", "add", "completed", "1", "4", "--percent", "100", "--source", "report", "--by", AUTHOR)),
        (2, ("fact", "add", "completed", "1", "--percent", "78", "--source", "report", "--by", AUTHOR)),
        (2, ("fact", "add", "completed", "1", "--mean", "3.4", "--source", "report", "--by", AUTHOR)),
        (10, ("fact", "add", "complted", "1", "--percent", "78", "--source", "report", "--by", AUTHOR)),
        (0, ("fact", "add", "R03.exit", "1+2+3+4", "--mean", "3.2", "--source", "report", "--by", AUTHOR)),
        (13, ("fact", "add", "completed", "1", "--percent", "100", "--source", "report", "--by", AUTHOR)),
        (13, ("fact", "add", "completed", "1", "4", "--source", "report", "--by", AUTHOR)),
        (13, ("audit",)),
        (0, ("withdraw", "completed", "--reason", "told too much", "--by", AUTHOR)),
        (13, ("audit",)),
        (0, ("list",)),
    ]
    for code, words in steps:
        assert (ikut_eval("release", *words, *here, monkeypatch=monkeypatch), words) == (code, words)
    assert states(space) == [("r01", "superseded"), ("r02", "published")]


@pytest.mark.parametrize("sizes", [(1_000, 5), (4, 100_000_000), (16,), (4,) * 41, (10**30,)], ids=["thousand", "millions", "one more", "many", "huge"])
def test_sizes_that_no_proof_could_try_end_at_once_in_words(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    space = workspace(tmp_path / "space", sizes=sizes)
    found = refused("cohort_too_large", lambda: publication.draft_release(space, read_pilot("synthetic:tiny"), author=AUTHOR))
    assert found.exit_code == 10
    assert all("evaluation.toml" in found.message(language) for language in LANGUAGES)


def test_total_beyond_all_sizes_ends_at_once_in_words(tmp_path: Path) -> None:
    space = workspace(tmp_path / "space", more="total = 100000000\n")
    refused("wrong_setting", lambda: publication.rules(space))


def test_batch_drafts_under_the_name_of_the_person_who_runs_it(tmp_path: Path) -> None:
    space = workspace(tmp_path / "space")
    without = run_job(space)
    assert (without.drafted, without.refusal and without.refusal.key) == ("", "draft_needs_name")
    assert run_job(space, who=AUTHOR).drafted == "r01"
    (drafted,) = publication.list_releases(space)
    assert drafted.author == AUTHOR
    refused("author_cannot_approve", lambda: publication.approve(space, "r01", approver="äijälä aino", digest=drafted.digest))


def test_batch_takes_the_name_that_the_workspace_sets(tmp_path: Path) -> None:
    space = workspace(tmp_path / "space")
    space.settings.write_text(space.settings.read_text(encoding="utf-8").replace('# by = "…"', f'by = "{AUTHOR}"'), encoding="utf-8")
    assert run_job(open_workspace(space.folder)).drafted == "r01"
    assert publication.list_releases(space)[0].author == AUTHOR


def test_without_public_facts_no_release_is_drafted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    space = workspace(tmp_path / "space", sizes=())
    assert ikut_eval("release", "draft", "--by", AUTHOR, "-w", space.folder, monkeypatch=monkeypatch) == 10
    found = refused("no_public_facts", lambda: publication.rules(space))
    said = [found.message(language) for language in LANGUAGES]
    assert len(set(said)) == 3
    assert all("evaluation.toml" in words for words in said)
    printed = capsys.readouterr().err
    assert any(words in printed for words in said)
