"""A release is drafted, approved by somebody else over its hash, published at once or not at all, and withdrawn."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ikut_eval.cli import main
from ikut_eval.contract.errors import ConfigurationError, DisclosureError, IkutError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.data.pilot import PilotData
from ikut_eval.data.workspace import Workspace, open_workspace
from ikut_eval.release import ledger as ledger_module
from ikut_eval.release import publication
from ikut_eval.release.ledger import read_ledger
from ikut_eval.release.outside_facts import Printed
from ikut_eval.release.public_knowledge import published
from ikut_eval.release.store import read_bundle
from tests.release.conftest import sign_again
from tests.release.released import APPROVER, AUTHOR, CLOSINGS, as_it_was, released, shown, workspace

COMPLETED = ("completed", "1+2")
BETWEEN = CLOSINGS["after cohort 2"]


@pytest.fixture(scope="module")
def stages(synthetic: PilotData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders with a workspace in each stage of two releases: "drafted", "approved", "published", "again" (with the next draft, approved)."""
    place = tmp_path_factory.mktemp("stages")
    space = workspace(place / "drafted")
    drafted = publication.draft_release(space, as_it_was(synthetic, BETWEEN), author=AUTHOR)
    space = open_workspace(shutil.copytree(space.folder, place / "approved"))
    publication.approve(space, "r01", approver=APPROVER, digest=drafted.digest)
    space = open_workspace(shutil.copytree(space.folder, place / "published"))
    publication.publish(space, "r01")
    space = open_workspace(shutil.copytree(space.folder, place / "again"))
    drafted = publication.draft_release(space, as_it_was(synthetic, CLOSINGS["after cohort 4"]), author=AUTHOR)
    publication.approve(space, "r02", approver=APPROVER, digest=drafted.digest)
    return place


@pytest.fixture
def at(stages: Path, tmp_path: Path) -> Callable[[str], Workspace]:
    """Return a workspace of its own in a stage."""

    def opened(stage: str) -> Workspace:
        return open_workspace(shutil.copytree(stages / stage, tmp_path / stage))

    return opened


def change(path: Path, **values: object) -> None:
    """Change what is noted in a file of JSON."""
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


def states(space: Workspace) -> list[tuple[str, str]]:
    return [(one.id, one.state) for one in publication.list_releases(space)]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def refused(key: str, what: Callable[[], object]) -> IkutError:
    with pytest.raises(IkutError) as raised:
        what()
    assert raised.value.key == key
    return raised.value


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
    assert set(changes["before"]) <= {"not_yet", "–"}
    assert ("completed", "3+4") in set(zip(changes["indicator"], changes["cohorts"], strict=True))
    publication.publish(space, "r02")
    assert states(space) == [("r01", "superseded"), ("r02", "published")]
    assert publication.difference(space, "r02").empty


def test_nothing_new_is_no_release(at: Callable[[str], Workspace], synthetic: PilotData) -> None:
    refused("nothing_to_release", lambda: publication.draft_release(at("published"), as_it_was(synthetic, BETWEEN), author=AUTHOR))


def test_new_draft_takes_the_place_of_one_that_was_approved(at: Callable[[str], Workspace], synthetic: PilotData) -> None:
    space = at("approved")
    publication.draft_release(space, as_it_was(synthetic, BETWEEN), author=AUTHOR)
    assert states(space) == [("r01", "draft")]
    refused("not_approved", lambda: publication.publish(space, "r01"))


# Two people


@pytest.mark.parametrize("name", [AUTHOR, "aino äijälä", "AINO  ÄIJÄLÄ", " Aino\u00a0Äijälä ", "AinoÄijälä", "Aino A\u0308ija\u0308la\u0308"])
def test_author_cannot_approve(at: Callable[[str], Workspace], name: str) -> None:
    space = at("drafted")
    digest = publication.list_releases(space)[0].digest
    assert refused("author_cannot_approve", lambda: publication.approve(space, "r01", approver=name, digest=digest)).exit_code == 14
    refused("not_approved", lambda: publication.publish(space, "r01"))


@pytest.mark.parametrize("name", ["", "  ", "\u00a0"])
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


# What is approved is what is published


@pytest.mark.parametrize("file", ["figures.csv", "beliefs.csv", "proofs.csv", "rules.csv", "datapackage.json", "manifest.json"])
def test_changed_byte_after_approval_is_found(at: Callable[[str], Workspace], file: str) -> None:
    space = at("approved")
    path = space.releases / "r01" / "bundle" / file
    path.write_bytes(path.read_bytes()[:-2] + b" \n")
    refused("bundle_changed", lambda: publication.publish(space, "r01"))
    assert read_ledger(space.ledger).entries == ()


def forge(folder: Path) -> None:
    """Change a figure, and sign the bundle again."""
    figures = folder / "figures.csv"
    rows = figures.read_text(encoding="utf-8").splitlines(keepends=True)
    changed = [row.replace("not_yet,published.reason.not_yet", "withdrawn,published.reason.withdrawn", 1) if row.startswith("in_work") else row for row in rows]
    assert changed != rows
    figures.write_text("".join(changed), encoding="utf-8")
    sign_again(folder, lambda said: None)


def test_bundle_signed_again_after_approval_is_found(at: Callable[[str], Workspace]) -> None:
    space = at("approved")
    forge(space.releases / "r01" / "bundle")
    refused("hash_does_not_fit", lambda: publication.publish(space, "r01"))


@pytest.mark.parametrize("key", ["author", "data", "digest", "ledger_head", "figures"])
def test_what_is_noted_of_a_draft_cannot_change_after_its_approval(at: Callable[[str], Workspace], key: str) -> None:
    space = at("approved")
    change(space.releases / "r01" / "draft.json", **{key: "Somebody else"})
    assert refused("hash_does_not_fit", lambda: publication.publish(space, "r01")).exit_code == 14
    assert read_ledger(space.ledger).entries == ()


def test_figures_enter_the_ledger_from_the_approved_files_alone(at: Callable[[str], Workspace]) -> None:
    space = at("drafted")
    change(space.releases / "r01" / "draft.json", figures=[])
    publication.approve(space, "r01", approver=APPROVER, digest=publication.list_releases(space)[0].digest)
    publication.publish(space, "r01")
    assert "completed" in {figure.indicator for figure in published(read_ledger(space.ledger))}


@pytest.mark.parametrize("key", ["approver", "digest", "draft"])
def test_approval_of_something_else_is_none(at: Callable[[str], Workspace], key: str) -> None:
    space = at("approved")
    change(space.releases / "r01" / "approval.json", **{key: AUTHOR})
    refused("hash_does_not_fit", lambda: publication.publish(space, "r01"))


def test_figure_that_stands_cannot_come_out_otherwise(at: Callable[[str], Workspace]) -> None:
    """Somebody changes a published figure in the next draft, signs it, and has it approved."""
    space = at("again")
    bundle, about = space.releases / "r02" / "bundle", space.releases / "r02" / "draft.json"
    figures = bundle / "figures.csv"
    rows = figures.read_text(encoding="utf-8").splitlines(keepends=True)
    (old,) = [row for row in rows if row.startswith("completed,pair_count,1+2")]
    figures.write_text("".join(rows).replace(old, "completed,pair_count,1+2,9,4,4,4 of 9,shown,,\n"), encoding="utf-8")
    sign_again(bundle, lambda said: None)
    digest = read_bundle(bundle, audience="public").digest
    change(about, digest=digest)
    publication.approve(space, "r02", approver=APPROVER, digest=digest)
    assert refused("release_changed", lambda: publication.publish(space, "r02")).exit_code == 13


def test_unsafe_figures_are_not_published_even_if_approved(at: Callable[[str], Workspace]) -> None:
    """A group of one cohort beside the pair: what is approved is audited once more before it is public."""
    space = at("drafted")
    bundle = space.releases / "r01" / "bundle"
    with (bundle / "figures.csv").open("a", encoding="utf-8") as file:
        file.write("completed,pair_count,1,4,4,4,4 of 4,shown,,\n")
    sign_again(bundle, lambda said: None)
    digest = read_bundle(bundle, audience="public").digest
    change(space.releases / "r01" / "draft.json", digest=digest)
    publication.approve(space, "r01", approver=APPROVER, digest=digest)
    assert refused("audit_refuses", lambda: publication.publish(space, "r01")).exit_code == 13
    assert read_ledger(space.ledger).entries == ()


def test_publishing_needs_an_approval(at: Callable[[str], Workspace]) -> None:
    space = at("drafted")
    assert refused("not_approved", lambda: publication.publish(space, "r01")).exit_code == 14
    assert not space.public_bundles.exists()


# What moves meanwhile


def test_fact_that_became_known_after_the_draft_stops_it(at: Callable[[str], Workspace], synthetic: PilotData) -> None:
    space = at("approved")
    publication.add_fact(space, "completed", Printed((0, 9)), group=(1, 2), source="annual review", who=APPROVER)
    assert refused("ledger_moved", lambda: publication.publish(space, "r01")).exit_code == 13
    assert released(space, as_it_was(synthetic, BETWEEN)).id == "r01"


@pytest.mark.parametrize(
    "more", ["\n[policy.rule.min_group]\nvalue = 9\n", "total = 25\n", "\n[policy.family.support]\npublish = false\n"], ids=["limit", "public total", "family"]
)
def test_policy_or_facts_that_changed_after_the_draft_stop_it(at: Callable[[str], Workspace], more: str) -> None:
    space = at("approved")
    with space.settings.open("a", encoding="utf-8") as file:
        file.write(more)
    assert refused("policy_moved", lambda: publication.publish(open_workspace(space.folder), "r01")).exit_code == 13


def test_entry_made_for_another_ledger_is_not_added(at: Callable[[str], Workspace], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another command adds something between the last look and the entry."""
    space = at("approved")

    def late(*words: Any, **values: Any) -> Any:
        monkeypatch.undo()
        publication.add_fact(space, "completed", Printed((0, 9)), group=(1, 2), source="annual review", who=APPROVER)
        return ledger_module.append(*words, **values)

    monkeypatch.setattr(publication, "append", late)
    assert refused("ledger_moved_on", lambda: publication.publish(space, "r01")).exit_code == 13
    assert [entry.kind for entry in read_ledger(space.ledger).entries] == ["fact"]
    assert not space.public_bundles.exists()


PUBLISH = """
import sys
from pathlib import Path
from ikut_eval.cli import main
from ikut_eval.contract.errors import IkutError
from ikut_eval.data.workspace import open_workspace
from ikut_eval.release import publication
space = open_workspace(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
try:
    print(publication.publish(space, "r01").state)
except IkutError as error:
    print(error.key)
"""


def test_two_who_publish_at_once_publish_once(at: Callable[[str], Workspace]) -> None:
    space = at("approved")
    both = [subprocess.Popen([sys.executable, "-c", PUBLISH, space.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.stdout.readline() for one in both if one.stdout] == ["ready\n", "ready\n"]
    for one in both:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()
    said = sorted(one.communicate(timeout=60)[0].strip() for one in both)
    assert set(said) - {"published"} <= {"ledger_moved", "ledger_moved_on", "no_draft"}
    assert said.count("published") == 1
    assert [entry.kind for entry in read_ledger(space.ledger).entries] == ["release"]
    assert states(space) == [("r01", "published")]


# A kill at any moment


class Killed(BaseException):
    pass


POINTS = [
    (publication, "append"),
    (ledger_module, "_write"),
    (ledger_module.os, "replace"),
    (publication, "write_bundle"),
    (publication, "write_text"),
    (Path, "mkdir"),
]


def kill(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, number: int, *, after: bool) -> list[int]:
    """Make the n-th call of a function die, before or after its work; return the calls so far."""
    real, calls = getattr(place, name), []

    def dies(*words: Any, **values: Any) -> Any:
        calls.append(1)
        done = real(*words, **values) if len(calls) != number or after else None
        if len(calls) == number:
            raise Killed
        return done

    monkeypatch.setattr(place, name, dies)
    return calls


ACTIONS: dict[str, Callable[[Workspace], object]] = {
    "publish": lambda space: publication.publish(space, "r02"),
    "withdraw": lambda space: publication.withdraw(space, "completed", who=AUTHOR, reason="wrong"),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_kill_at_any_moment_leaves_the_old_or_the_new_state(stages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str, after: bool) -> None:
    old = publication.current(open_workspace(stages / "again")).digest
    died = 0
    for place, name in POINTS:
        for number in range(1, 40):
            space = open_workspace(shutil.copytree(stages / "again", tmp_path / f"{place.__name__}{name}{number}"))
            kill(monkeypatch, place, name, number, after=after)
            try:
                ACTIONS[action](space)
                monkeypatch.undo()
                break
            except Killed:
                monkeypatch.undo()
            died += 1
            # A reader who comes now finds a whole release.
            assert publication.current(space).table("figures")["indicator"].size
            # The next command finishes what was begun, or nothing was.
            done = states(space)
            entries = read_ledger(space.ledger).entries
            if len(entries) == 1:
                assert publication.current(space).digest == old
                assert done[0] == ("r01", "published")
            else:
                assert publication.current(space).digest == entries[-1].content["digest"] != old
                assert done == [("r01", "superseded"), ("r02", "published")]
            assert publication.audit_releases(space).verdict == "safe"
            shutil.rmtree(space.folder)
    assert died >= 10


def test_first_release_that_died_is_finished_by_the_next_command(at: Callable[[str], Workspace], monkeypatch: pytest.MonkeyPatch) -> None:
    space = at("approved")
    kill(monkeypatch, publication, "write_bundle", 1, after=False)
    with pytest.raises(Killed):
        publication.publish(space, "r01")
    monkeypatch.undo()
    refused("nothing_published", lambda: publication.current(space))
    assert states(space) == [("r01", "published")]
    assert publication.current(space).digest == read_ledger(space.ledger).entries[0].content["digest"]


# Withdrawal


def test_withdrawn_indicator_is_gone_for_all_groups(at: Callable[[str], Workspace]) -> None:
    space = at("published")
    before = publication.current(space)
    done = publication.withdraw(space, "completed", who=AUTHOR, reason=" a wrong code ")
    assert (done.id, done.state) == ("r02", "published")
    here = shown(space, "r02")
    gone = here.loc["completed"]
    assert set(gone["status"]) == {"withdrawn"}
    assert {value for name in ("lo", "hi", "display", "expected") for value in gone[name]} == {""}
    others = here.drop("completed", level="indicator")
    assert others.equals(shown(space, "r01").drop("completed", level="indicator"))
    assert read_ledger(space.ledger).entries[-1].content["reason"] == "a wrong code"
    assert "a wrong code" not in "".join(body.decode() for body in contents(space.public_bundles / "r02").values())
    assert before.table("beliefs").equals(publication.current(space).table("beliefs")), "what was read stays known"


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
    later = as_it_was(synthetic, CLOSINGS["after cohort 4"])
    assert refused("audit_refuses", lambda: publication.draft_release(space, later, author=AUTHOR)).exit_code == 13


def test_fact_that_contradicts_a_release_is_found(at: Callable[[str], Workspace]) -> None:
    space = at("published")
    assert publication.add_fact(space, "completed", Printed((0, 0)), group=(1, 2), source="annual review", who=AUTHOR).verdict == "inconsistent"


# What was tampered with


VERBS: dict[str, Callable[[Workspace, PilotData], object]] = {
    "draft": lambda space, pilot: publication.draft_release(space, pilot, author=AUTHOR),
    "approve": lambda space, _: publication.approve(space, "r02", approver=APPROVER, digest="0" * 64),
    "publish": lambda space, _: publication.publish(space, "r02"),
    "withdraw": lambda space, _: publication.withdraw(space, "completed", who=AUTHOR, reason="wrong"),
    "fact": lambda space, _: publication.add_fact(space, "completed", Printed((0, 4)), group=(1,), source="report", who=AUTHOR),
    "audit": lambda space, _: publication.audit_releases(space),
    "list": lambda space, _: publication.list_releases(space),
    "show": lambda space, _: publication.release_bundle(space, "r01"),
    "difference": lambda space, _: publication.difference(space, "r02"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_tampered_ledger_stops_every_verb(at: Callable[[str], Workspace], synthetic: PilotData, verb: str) -> None:
    space = at("again")
    space.ledger.write_bytes(space.ledger.read_bytes().replace(b'"display":"', b'"display":"1', 1))
    with pytest.raises(DisclosureError) as raised:
        VERBS[verb](space, synthetic)
    assert (raised.value.key, raised.value.exit_code) == ("ledger_broken", 13)


@pytest.mark.parametrize("verb", VERBS)
def test_public_copy_that_was_signed_again_stops_every_verb(at: Callable[[str], Workspace], synthetic: PilotData, verb: str) -> None:
    space = at("again")
    forge(space.public_bundles / "r01")
    with pytest.raises(DisclosureError) as raised:
        VERBS[verb](space, synthetic)
    assert (raised.value.key, raised.value.exit_code) == ("release_changed", 13)


def test_changed_byte_in_the_public_copy_is_found(at: Callable[[str], Workspace]) -> None:
    space = at("published")
    path = space.public_bundles / "r01" / "figures.csv"
    path.write_bytes(path.read_bytes().replace(b" of 9", b" of 8", 1))
    with pytest.raises(ConfigurationError) as raised:
        publication.audit_releases(space)
    assert raised.value.key == "bundle_changed"


def test_public_copy_that_was_removed_comes_back(at: Callable[[str], Workspace]) -> None:
    space = at("published")
    before = contents(space.public_bundles)
    shutil.rmtree(space.public_bundles)
    publication.audit_releases(space)
    assert contents(space.public_bundles) == before


def test_files_of_a_release_that_were_signed_again_never_become_public(at: Callable[[str], Workspace]) -> None:
    space = at("published")
    shutil.rmtree(space.public_bundles)
    forge(space.releases / "r01" / "bundle")
    refused("release_changed", lambda: publication.audit_releases(space))
    assert not (space.public_bundles / "current").exists()


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
    call = [sys.executable, "-c", "from ikut_eval.cli import main; main()", "release", "draft", "--by", AUTHOR, *map(str, here)]
    drafted = subprocess.run(call, capture_output=True, text=True, env={**os.environ, "IKUT_EVAL_LANGUAGE": "en"}, timeout=120, check=False)
    digest = publication.list_releases(space)[0].digest
    assert (drafted.returncode, drafted.stderr, digest in drafted.stdout) == (0, "", True)
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


def test_without_public_facts_no_release_is_drafted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    space = workspace(tmp_path / "space", sizes=())
    assert ikut_eval("release", "draft", "--by", AUTHOR, "-w", space.folder, monkeypatch=monkeypatch) == 10
    found = refused("no_public_facts", lambda: publication.rules(space))
    said = [found.message(language) for language in LANGUAGES]
    assert len(set(said)) == 3
    assert all("evaluation.toml" in words for words in said)
    printed = capsys.readouterr().err
    assert any(words in printed for words in said)
