"""The demo publishes what it finds, so it works with invented people alone."""

from pathlib import Path

import pytest

from tests.conftest import ikut_eval
from tests.release.released import workspace


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """Return a workspace whose data is not marked as synthetic, and lies elsewhere than the demo's."""
    folder = tmp_path / "real"
    assert ikut_eval("init", folder, "--data", "data/own.xlsx").returncode == 0
    assert ikut_eval("template", folder / "data" / "own.xlsx").returncode == 0
    return folder


def kept(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_demo_leaves_a_workspace_with_real_data_as_it_is(real: Path) -> None:
    before = kept(real)
    said = ikut_eval("demo", real)
    assert (said.returncode, "own.xlsx" in said.stderr) == (14, True)
    assert kept(real) == before


def test_demo_leaves_a_workspace_alone_whose_data_is_gone(tmp_path: Path) -> None:
    """Its ledger may be of real people."""
    space = workspace(tmp_path / "space")
    space.ledger.touch()
    before = kept(space.folder)
    assert ikut_eval("demo", space.folder).returncode == 14
    assert kept(space.folder) == before
