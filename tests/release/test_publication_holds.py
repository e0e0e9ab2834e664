"""What is approved is what is published, at once or not at all: whatever is changed, killed or forged meanwhile."""

import json
import multiprocessing
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ikut_eval.contract.errors import ConfigurationError, DisclosureError, IkutError
from ikut_eval.data.pilot import PilotData
from ikut_eval.data.workspace import Workspace, open_workspace
from ikut_eval.release import ledger as ledger_module
from ikut_eval.release import publication, store
from ikut_eval.release.ledger import Ledger, read_ledger
from ikut_eval.release.outside_facts import Printed
from ikut_eval.release.public_knowledge import published
from ikut_eval.release.store import read_bundle
from tests.release.conftest import sign_again
from tests.release.released import APPROVER, AUTHOR, CLOSINGS, as_it_was, change, contents, refused, released, states

BETWEEN = CLOSINGS["after cohort 2"]


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
    figures.write_text("".join(rows).replace(old, "completed,pair_count,1+2,9,4,4,4 of 9,shown,\n"), encoding="utf-8")
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
        file.write("completed,pair_count,1,4,4,4,4 of 4,shown,\n")
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


def publish_when_told(folder: Path, begin: Any, said: Any) -> None:
    """Publish as another process does, and say how it ended."""
    space = open_workspace(folder)
    begin.wait()
    try:
        said.put(publication.publish(space, "r01").state)
    except IkutError as problem:
        said.put(problem.key)


def test_two_who_publish_at_once_publish_once(at: Callable[[str], Workspace]) -> None:
    space = at("approved")
    processes = multiprocessing.get_context("fork")
    begin, said = processes.Barrier(2), processes.Queue()
    both = [processes.Process(target=publish_when_told, args=(space.folder, begin, said)) for _ in range(2)]
    for one in both:
        one.start()
    ends = [said.get(timeout=60) for _ in both]
    for one in both:
        one.join(60)
    assert set(ends) - {"published"} <= {"ledger_moved", "ledger_moved_on", "no_draft"}
    assert ends.count("published") == 1
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
    (publication, "copy_bundle"),
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


@pytest.fixture(scope="module")
def judged() -> dict[str, Any]:
    return {}


@pytest.fixture
def audits_once(monkeypatch: pytest.MonkeyPatch, judged: dict[str, Any]) -> Callable[[], None]:
    """Let the audit of the same policy, sizes, published figures and facts keep its result: it follows from nothing else."""
    real = publication.audit_known

    def remembered(policy: Any, sizes: Any, total: int, ledger: Ledger, new: Any = ()) -> Any:
        entries = [[entry.kind, {**entry.content, "digest": ""}] for entry in ledger.entries]
        key = json.dumps([policy.digest, sizes, total, entries, repr(new)], sort_keys=True)
        if key not in judged:
            judged[key] = real(policy, sizes, total, ledger, new)
        return judged[key]

    return lambda: monkeypatch.setattr(publication, "audit_known", remembered)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_kill_at_any_moment_leaves_the_old_or_the_new_state(
    stages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audits_once: Callable[[], None], action: str, after: bool
) -> None:
    old = publication.current(open_workspace(stages / "again")).digest
    died = 0
    for place, name in POINTS:
        for number in range(1, 40):
            space = open_workspace(shutil.copytree(stages / "again", tmp_path / f"{place.__name__}{name}{number}"))
            audits_once()
            kill(monkeypatch, place, name, number, after=after)
            try:
                ACTIONS[action](space)
                monkeypatch.undo()
                break
            except Killed:
                monkeypatch.undo()
            audits_once()
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
    kill(monkeypatch, publication, "copy_bundle", 1, after=False)
    with pytest.raises(Killed):
        publication.publish(space, "r01")
    monkeypatch.undo()
    refused("nothing_published", lambda: publication.current(space))
    assert states(space) == [("r01", "published")]
    assert publication.current(space).digest == read_ledger(space.ledger).entries[0].content["digest"]


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


def test_public_copy_comes_back_byte_for_byte_under_a_later_version(at: Callable[[str], Workspace], monkeypatch: pytest.MonkeyPatch) -> None:
    space = at("published")
    before = contents(space.public_bundles)
    shutil.rmtree(space.public_bundles)
    monkeypatch.setattr(store, "__version__", "9.9.9")
    publication.audit_releases(space)
    assert contents(space.public_bundles) == before


def test_files_of_a_release_that_were_signed_again_never_become_public(at: Callable[[str], Workspace]) -> None:
    space = at("published")
    shutil.rmtree(space.public_bundles)
    forge(space.releases / "r01" / "bundle")
    refused("release_changed", lambda: publication.audit_releases(space))
    assert not (space.public_bundles / "current").exists()
