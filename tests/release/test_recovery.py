"""A ledger that lacks what copies of releases name stops everything; it is rebuilt from them, and nothing is published anew meanwhile."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.data.pilot import PilotData
from ikut_eval.data.workspace import Workspace, open_workspace
from ikut_eval.release import publication
from ikut_eval.release import recovery as recovery_module
from ikut_eval.release.ledger import read_ledger
from ikut_eval.release.outside_facts import Printed
from ikut_eval.release.public_knowledge import by_key, published, standing
from tests.conftest import ikut_eval
from tests.release.conftest import sign_again
from tests.release.released import APPROVER, AUTHOR, CLOSINGS, as_it_was, contents, refused, released, states

KEEPER = "Cai Ek"


def head(space: Workspace) -> Path:
    return space.ledger.with_suffix(".head")


@pytest.fixture(scope="module")
def lives(stages: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A workspace at each entry of its ledger: a release, a fact, a second release, a withdrawal."""
    place = tmp_path_factory.mktemp("lives")
    space = open_workspace(shutil.copytree(stages / "published", place / "release"))
    found = {"release": space.folder}
    for name, go_on in STEPS.items():
        space = open_workspace(shutil.copytree(space.folder, place / name))
        go_on(space, stages)
        found[name] = space.folder
    return found


def publish_next(space: Workspace, stages: Path) -> None:
    drafted = publication.draft_release(space, as_it_was(SYNTHETIC[0], CLOSINGS["after cohort 4"]), author=AUTHOR)
    publication.approve(space, drafted.id, approver=APPROVER, digest=drafted.digest)
    publication.publish(space, drafted.id)


SYNTHETIC: list[PilotData] = []
STEPS: dict[str, Callable[[Workspace, Path], object]] = {
    "fact": lambda space, _: publication.add_fact(space, "completed", Printed((0, 9)), group=(1, 2), source="annual review", who=AUTHOR),
    "second": publish_next,
    "withdrawal": lambda space, _: publication.withdraw(space, "everyday_need_met", who=AUTHOR, reason="wrong"),
}


@pytest.fixture(scope="module", autouse=True)
def pilot(synthetic: PilotData) -> None:
    SYNTHETIC.append(synthetic)


@pytest.fixture
def life(lives: dict[str, Path], tmp_path: Path) -> Callable[[str], Workspace]:
    return lambda name: open_workspace(shutil.copytree(lives[name], tmp_path / name))


def lose(space: Workspace) -> None:
    space.ledger.unlink()
    head(space).unlink()


def roll_back(space: Workspace, older: Path) -> None:
    for name in ("ledger.jsonl", "ledger.head"):
        shutil.copy(older / name, space.folder / name)


LOSSES: dict[str, tuple[str, Callable[[Workspace, dict[str, Path]], object]]] = {
    "ledger": ("ledger_shortened", lambda space, _: space.ledger.unlink()),
    "head": ("ledger_shortened", lambda space, _: head(space).unlink()),
    "both": ("ledger_lacks_release", lambda space, _: lose(space)),
    "both, and the public copies": ("ledger_lacks_release", lambda space, _: (lose(space), shutil.rmtree(space.public_bundles))),
    "both, and the releases' own folders": ("ledger_lacks_release", lambda space, _: (lose(space), shutil.rmtree(space.releases))),
    "the pointer too": ("ledger_lacks_release", lambda space, _: (lose(space), (space.public_bundles / "current").unlink())),
    "rolled back to the first release": ("ledger_lacks_release", lambda space, lives: roll_back(space, lives["release"])),
    "rolled back to the second release": ("ledger_lacks_release", lambda space, lives: roll_back(space, lives["second"])),
    "ledger alone rolled back": ("ledger_shortened", lambda space, lives: shutil.copy(lives["release"] / "ledger.jsonl", space.ledger)),
    "cut in a line": ("ledger_broken", lambda space, _: space.ledger.write_bytes(space.ledger.read_bytes()[:-20])),
    "changed in the first entry": ("ledger_broken", lambda space, _: space.ledger.write_bytes(space.ledger.read_bytes().replace(b'"lo"', b'"la"', 1))),
    "emptied": ("ledger_shortened", lambda space, _: space.ledger.write_bytes(b"")),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_loss_stops_everything_until_the_ledger_is_rebuilt(life: Callable[[str], Workspace], lives: dict[str, Path], synthetic: PilotData, loss: str) -> None:
    space = life("withdrawal")
    before = read_ledger(space.ledger)
    public = contents(space.public_bundles)
    key, lost = LOSSES[loss]
    lost(space, lives)
    remaining = {path: path.read_bytes() for path in (space.ledger, head(space)) if path.exists()}
    later = as_it_was(synthetic, CLOSINGS["after the last follow-up"])
    for verb in (
        lambda: publication.draft_release(space, later, author=AUTHOR),
        lambda: publication.withdraw(space, "completed", who=AUTHOR, reason="wrong"),
        lambda: publication.add_fact(space, "completed", Printed((0, 4)), group=(1,), source="report", who=AUTHOR),
        lambda: publication.audit_releases(space),
        lambda: publication.list_releases(space),
    ):
        found = refused(key, verb)
        assert found.exit_code == 13
        assert all("release recover" in found.message(language) for language in LANGUAGES)
    assert {path: path.read_bytes() for path in (space.ledger, head(space)) if path.exists()} == remaining, "nothing was changed"
    publication.recover(space, who=KEEPER)
    ledger = read_ledger(space.ledger)
    here = contents(space.public_bundles)
    assert here == {name: content for name, content in public.items() if name in here}
    assert {"current", "r03/manifest.json"} <= here.keys()
    assert by_key(published(ledger)) == by_key(published(before))
    assert by_key(standing(ledger)) == by_key(standing(before))
    assert [one[1] for one in states(space)] == ["superseded", "superseded", "published"]
    assert publication.audit_releases(space).verdict == "safe"
    kept = {path.read_bytes() for path in space.folder.glob("ledger-*")}
    assert set(remaining.values()) <= kept | {space.ledger.read_bytes()} or loss.startswith("rolled back"), "what was left is kept"
    assert "recovery" in {entry.kind for entry in ledger.entries}
    refused("nothing_to_recover", lambda: publication.recover(space, who=KEEPER))
    released(space, later)
    assert states(space)[-1] == ("r04", "published")


def test_what_was_published_cannot_come_out_otherwise_after_a_loss(life: Callable[[str], Workspace], synthetic: PilotData) -> None:
    """The data has changed meanwhile: what a reader has seen stays as it was."""
    space = life("release")
    before = publication.current(space).table("figures")
    lose(space)
    publication.recover(space, who=KEEPER)
    people = synthetic["participant"]
    first = people.index[people["exit_type"] == "completed"][:3]
    changed = {**synthetic.tables, "participant": people.assign(exit_type=people["exit_type"].mask(people.index.isin(first), "interrupted"))}
    released(space, as_it_was(replace(synthetic, tables=changed), CLOSINGS["after cohort 4"]))
    now = publication.current(space).table("figures")
    told = before[before["status"].isin(["shown", "coded"])][["indicator", "cohorts", "display"]]
    assert len(told.merge(now, on=["indicator", "cohorts", "display"])) == len(told)


def test_lost_fact_is_noticed_by_what_was_written_after_it(life: Callable[[str], Workspace], lives: dict[str, Path]) -> None:
    space = life("second")
    roll_back(space, lives["release"])
    shutil.rmtree(space.public_bundles / "r02")
    (space.releases / "r02" / "published").unlink()
    refused("ledger_lacks_entries", lambda: publication.audit_releases(space))
    publication.recover(space, who=KEEPER)
    assert publication.audit_releases(space).verdict == "safe"


def test_what_could_not_be_rebuilt_is_said(life: Callable[[str], Workspace]) -> None:
    space = life("withdrawal")
    space.ledger.unlink()
    said = ikut_eval("release", "recover", "--by", KEEPER, "-w", space.folder)
    assert said.returncode == 0
    assert all(f"copy: {release}." in said.stdout for release in ("r01", "r02", "r03"))
    assert "ledger-1.head" in said.stdout
    assert "Missing, at least: 1." in said.stdout, "the fact"
    assert "release fact add" in said.stdout
    assert ikut_eval("release", "recover", "--by", KEEPER, "-w", space.folder).returncode == 2
    listed = ikut_eval("release", "list", "-w", space.folder).stdout
    assert KEEPER not in listed, "who rebuilt it is neither author nor approver"


def test_entries_that_are_left_are_kept_with_their_facts(life: Callable[[str], Workspace], lives: dict[str, Path]) -> None:
    space = life("withdrawal")
    roll_back(space, lives["fact"])
    kept = read_ledger(space.ledger).entries
    found = publication.recover(space, who=KEEPER)
    assert read_ledger(space.ledger).entries[: len(kept)] == kept
    assert found.releases == ("r02", "r03")


def test_copy_of_an_earlier_release_is_needed(life: Callable[[str], Workspace]) -> None:
    """What the first release told and a later one took back stands in the first copy alone."""
    space = life("withdrawal")
    lose(space)
    shutil.rmtree(space.public_bundles / "r01")
    publication_copy = space.releases / "r01"
    aside = publication_copy.rename(space.folder / "aside")
    refused("copy_needed", lambda: publication.recover(space, who=KEEPER))
    shutil.copytree(aside / "bundle", space.public_bundles / "r01")
    assert publication.recover(space, who=KEEPER).releases == ("r01", "r02", "r03")


def test_copies_that_contradict_each_other_are_refused(life: Callable[[str], Workspace]) -> None:
    space = life("release")
    lose(space)
    sign_again(space.public_bundles / "r01", lambda said: said.update(synthetic=False))
    refused("release_changed", lambda: publication.recover(space, who=KEEPER))
    assert not space.ledger.exists()


def test_copy_under_another_name_counts(life: Callable[[str], Workspace]) -> None:
    space = life("release")
    lose(space)
    shutil.rmtree(space.releases)
    (space.public_bundles / "r01").rename(space.public_bundles / "r01 - kopio")
    refused("ledger_lacks_release", lambda: publication.list_releases(space))


def test_changed_older_copy_is_found(life: Callable[[str], Workspace]) -> None:
    space = life("second")
    sign_again(space.public_bundles / "r01", lambda said: said.update(synthetic=False))
    refused("release_changed", lambda: publication.list_releases(space))


@pytest.mark.parametrize("number", range(1, 4))
def test_recovery_that_is_killed_goes_on(life: Callable[[str], Workspace], monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    space = life("withdrawal")
    before = read_ledger(space.ledger)
    space.ledger.write_bytes(space.ledger.read_bytes()[:-20])
    calls: list[int] = []
    real = recovery_module.append

    def dies(*words: object, **values: object) -> object:
        calls.append(1)
        if len(calls) == number:
            raise KeyboardInterrupt
        return real(*words, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(recovery_module, "append", dies)
    try:
        publication.recover(space, who=KEEPER)
    except KeyboardInterrupt:
        monkeypatch.undo()
        refused("ledger_lacks_release", lambda: publication.list_releases(space))
        publication.recover(space, who=KEEPER)
    assert by_key(published(read_ledger(space.ledger))) == by_key(published(before))
    assert publication.audit_releases(space).verdict == "safe"


def test_batch_stops_before_a_draft_and_says_why(life: Callable[[str], Workspace]) -> None:
    from ikut_eval.batch.job import run_job

    space = life("release")
    lose(space)
    job = run_job(space, who=AUTHOR)
    assert (job.drafted, job.refusal and job.refusal.key) == ("", "ledger_lacks_release")
