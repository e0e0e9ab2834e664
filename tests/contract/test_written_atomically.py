"""What is written is the old file or the whole new one, whatever happens on the way."""

import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ikut_eval.contract.atomic import write_text, written_atomically
from ikut_eval.contract.errors import MachineError

WRITERS = {
    "text": ("from ikut_eval.contract.atomic import write_text", "write_text(out, 'new' * 100_000)"),
    "template": (
        "from ikut_eval.data.template import write_template; from ikut_eval.contract.schema import load_contract; contract = load_contract()",
        "write_template(out, contract, language='en')",
    ),
    "synthetic-workbook": (
        "from ikut_eval.data.writing import write_synthetic; from ikut_eval.contract.schema import load_contract; contract = load_contract()",
        "write_synthetic(out, contract, case='tiny', seed=None, language='en')",
    ),
}
IN_A_CHILD = """
import sys
from pathlib import Path
from ikut_eval.contract.errors import IkutError
{imports}
out = Path(sys.argv[2])
{call}
out = Path(sys.argv[1])
{limit}
try:
    {call}
except IkutError as problem:
    print(problem.key)
    sys.exit(problem.exit_code)
"""
"""Writes once elsewhere, so that everything is loaded, and then under the limit."""

NOBODY = "import os; os.getuid() or os.setuid(65534)"
DISK_OF_EIGHT_KILOBYTES = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))"


def in_a_child(writer: str, out: Path, elsewhere: Path, *, limit: str = "") -> tuple[int, str, str]:
    imports, call = WRITERS[writer]
    script = IN_A_CHILD.format(imports=imports, call=call, limit=limit)
    done = subprocess.run([sys.executable, "-c", script, out, elsewhere], capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout.strip(), done.stderr


def half_written(out: Path, problem: BaseException) -> None:
    with written_atomically(out) as temporary:
        temporary.write_text("half")
        raise problem


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere") / "out.xlsx"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    path = tmp_path / "out.xlsx"
    path.write_text("old")
    return path


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder that everybody may enter and list, and the child may not write to, with an older file in it."""
    folder = Path(tempfile.mkdtemp(prefix="read-only-"))
    (folder / "out.xlsx").write_text("old")
    (folder / "out.xlsx").chmod(0o644)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_new_file_takes_the_place_of_the_old(out: Path) -> None:
    write_text(out, "new")
    assert (out.read_text(), list(out.parent.iterdir())) == ("new", [out])


def test_old_file_stays_until_the_block_ends(out: Path) -> None:
    with written_atomically(out) as temporary:
        temporary.write_text("new")
        assert out.read_text() == "old"


def test_temporary_file_is_only_the_owners(out: Path) -> None:
    with written_atomically(out) as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600


@pytest.mark.parametrize("problem", [RuntimeError("ours"), KeyboardInterrupt()], ids=["error", "interrupt"])
def test_old_file_stays_when_the_block_raises(problem: BaseException, out: Path) -> None:
    with pytest.raises(type(problem)):
        half_written(out, problem)
    assert (out.read_text(), list(out.parent.iterdir())) == ("old", [out])


def test_old_file_stays_when_the_disk_has_a_problem(out: Path) -> None:
    with pytest.raises(MachineError) as refusal:
        half_written(out, OSError(28, "No space left on device"))
    assert (refusal.value.key, out.read_text(), list(out.parent.iterdir())) == ("cannot_store", "old", [out])


def test_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"out\.txt"):
        write_text(tmp_path / "nowhere" / "out.txt", "new")


def test_folder_of_the_same_name_stays(tmp_path: Path) -> None:
    (tmp_path / "out.txt").mkdir()
    with pytest.raises(MachineError):
        write_text(tmp_path / "out.txt", "new")
    assert list(tmp_path.iterdir()) == [tmp_path / "out.txt"]


@pytest.mark.parametrize("writer", WRITERS)
def test_old_file_stays_when_the_disk_is_full(writer: str, out: Path, elsewhere: Path) -> None:
    code, said, errors = in_a_child(writer, out, elsewhere, limit=DISK_OF_EIGHT_KILOBYTES)
    assert (code, said, errors) == (15, "cannot_store", "")
    assert elsewhere.stat().st_size > 8192
    assert (out.read_text(), list(out.parent.iterdir())) == ("old", [out])


@pytest.mark.parametrize("writer", WRITERS)
def test_old_file_stays_in_a_folder_that_may_not_be_written_to(writer: str, read_only: Path, elsewhere: Path) -> None:
    code, said, errors = in_a_child(writer, read_only / "out.xlsx", elsewhere, limit=NOBODY)
    assert (code, said, errors) == (14, "cannot_write", "")
    assert ((read_only / "out.xlsx").read_text(), [p.name for p in read_only.iterdir()]) == ("old", ["out.xlsx"])
