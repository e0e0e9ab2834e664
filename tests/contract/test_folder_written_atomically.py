"""A folder is the old one or the whole new one for whoever reads it, also after a kill between two steps."""

import os
import shutil
from pathlib import Path

import pytest

from ikut_eval.contract.atomic import clear_leftovers, folder_written_atomically, set_aside, standing_folder
from ikut_eval.contract.errors import MachineError


def replace(folder: Path, content: str) -> None:
    with folder_written_atomically(folder) as temporary:
        (temporary / "file").write_text(content)


def content(folder: Path) -> str:
    return (standing_folder(folder) / "file").read_text()


def unfinished(folder: Path) -> Path:
    """Make what a kill leaves while the new folder is written."""
    path = folder.with_name(f".{folder.name}.new-abcd")
    path.mkdir()
    (path / "file").write_text("half")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    replace(tmp_path / "folder", "old")
    return tmp_path / "folder"


def test_new_folder_takes_the_place_of_the_old(folder: Path) -> None:
    replace(folder, "new")
    assert (content(folder), list(folder.parent.iterdir())) == ("new", [folder])


@pytest.mark.parametrize("problem", [RuntimeError("ours"), KeyboardInterrupt(), OSError(28, "full")], ids=["error", "interrupt", "disk"])
def test_old_folder_stays_when_the_block_raises(problem: BaseException, folder: Path) -> None:
    with pytest.raises(MachineError if isinstance(problem, OSError) else type(problem)), folder_written_atomically(folder):
        raise problem
    assert (content(folder), list(folder.parent.iterdir())) == ("old", [folder])


def test_old_folder_comes_back_when_the_new_one_cannot_take_its_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = os.replace

    def refuse_new(source: Path, target: Path) -> None:
        if ".new-" in Path(source).name:
            raise OSError(28, "full")
        rename(source, target)

    monkeypatch.setattr(os, "replace", refuse_new)
    with pytest.raises(MachineError):
        replace(folder, "new")
    assert (content(folder), list(folder.parent.iterdir())) == ("old", [folder])


def test_killed_while_the_new_one_is_written(folder: Path) -> None:
    unfinished(folder)
    assert content(folder) == "old"
    replace(folder, "new")
    assert content(folder) == "new"


def test_killed_between_the_two_renames(folder: Path) -> None:
    unfinished(folder)
    set_aside(folder)
    assert (content(folder), folder.exists()) == ("old", False)
    clear_leftovers(folder)
    assert (content(folder), folder.exists()) == ("old", True)
    set_aside(folder)
    replace(folder, "new")
    assert content(folder) == "new"


def test_killed_before_the_old_one_is_removed(folder: Path) -> None:
    shutil.copytree(folder, folder.with_name(".folder.old"))
    assert content(folder) == "old"
    replace(folder, "new")
    assert (content(folder), list(folder.parent.iterdir())) == ("new", [folder])


def test_replaced_folder_never_comes_back_after_the_new_one_is_removed(folder: Path) -> None:
    set_aside(folder)
    assert not standing_folder(folder).exists()
    clear_leftovers(folder)
    assert list(folder.parent.iterdir()) == []


def test_what_nobody_writes_any_more_is_removed(folder: Path) -> None:
    fresh, stale = unfinished(folder), folder.with_name(".folder.new-stale")
    stale.mkdir()
    os.utime(stale, (0, 0))
    replace(folder, "new")
    assert sorted(folder.parent.iterdir()) == sorted([folder, fresh])
