"""What the server and its kernels open: one bundle, and nothing else of the evaluation."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import make_workspace
from tests.dashboard.serving import DOCUMENT, SHOWN, Served, command, own, started, write_notebooks
from tests.release.conftest import write

RECORDS = """
import os, sys
log = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
def record(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "os.rename", "os.remove", "os.mkdir", "shutil.copyfile", "import") and arguments:
        os.write(log, f"{{os.getpid()}}\\t{{arguments[0]}}\\n".encode(errors="replace"))
sys.addaudithook(record)
"""
NOBODY = 65534


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with something in every corner."""
    space = make_workspace(tmp_path_factory.mktemp("reach") / "space")
    for name in ("data/pilot.csv", "runs/overview/fi.html", "releases/r001/draft.json", "ledger.jsonl"):
        (space / name).parent.mkdir(parents=True, exist_ok=True)
        (space / name).write_text("confidential")
    (space / "bundles" / "public").mkdir(parents=True)
    write(space / "bundles" / "internal", audience="internal")
    write(space / "bundles" / "public" / "r001")
    write(space / "bundles" / "public" / "r002", about="older")
    (space / "bundles" / "public" / "current").write_text("r001\n")
    return space


class Watched:
    """What a server and its kernels opened and imported."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "opened"
        (folder / "site").mkdir()
        (folder / "site" / "sitecustomize.py").write_text(RECORDS.format(log=str(self.log)))
        self.environment = {"PYTHONPATH": str(folder / "site")}

    def names(self, server: Served) -> dict[str, set[str]]:
        """Return every path and module by who opened or imported it."""
        found: dict[str, set[str]] = {"server": set(), "kernels": set()}
        for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines():
            process, _, name = line.partition("\t")
            found["server" if server.process and int(process) == server.process.pid else "kernels"].add(name)
        return found

    def below(self, folder: Path, server: Served) -> dict[str, set[str]]:
        """Return what was opened below a folder."""
        return {who: {str(Path(n).relative_to(folder)) for n in names if Path(n).is_relative_to(folder)} for who, names in self.names(server).items()}


@pytest.mark.parametrize(
    ("audience", "bundle", "pointer"), [("internal", "bundles/internal", set()), ("public", "bundles/public/r001", {"bundles/public/current"})]
)
def test_only_the_bundle_of_the_audience_is_opened_and_no_scipy_imported(
    space: Path, notebooks: Path, tmp_path: Path, audience: str, bundle: str, pointer: set[str]
) -> None:
    watched = Watched(tmp_path)
    with started(own(space / "bundles" / audience, notebooks, audience=audience), tmp_path / "said", environment=watched.environment) as server:
        server.ready()
        for path in ("/overview.fi.html", "/../internal/little.csv", "/data/pilot.csv"):
            server.ask(path)
        opened, names = watched.below(space, server), watched.names(server)
    files = {bundle, *(f"{bundle}/{name}" for name in ("manifest.json", "datapackage.json", "little.csv"))}
    assert opened["server"] == files | pointer
    assert opened["kernels"] == {f"{bundle}/manifest.json"}
    assert "voila.notebook_renderer" in names["server"]
    assert {"ikut_eval.dashboard.pages", "pandas"} <= names["kernels"]
    assert not {"scipy", "papermill"} & (names["server"] | names["kernels"])
    assert "voila" not in names["kernels"]


def test_command_opens_the_settings_besides(space: Path, tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with started(command("--audience", "public", "-w", space, "--port", 0), tmp_path / "said", environment=watched.environment) as server:
        server.until(lambda _: bool(watched.below(space, server)["kernels"]))
        opened = watched.below(space, server)
    assert {path for path in opened["server"] | opened["kernels"] if not path.startswith("bundles/public/")} == {"evaluation.toml"}
    assert not any("r002" in path for path in opened["server"] | opened["kernels"])


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter, as pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix="ikut-eval-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def belongs_to_another(folder: Path) -> None:
    """Make a folder and all that is in it another user's; where only root could, take from its owner what others cannot do either."""
    for path in (*folder.rglob("*"), folder):
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
        else:
            path.chmod((path.stat().st_mode & 0o007) * 0o111)


def without_privileges() -> list[str]:
    """Return the words before a command that take from root what sets it apart from other users: reading what it does not own."""
    if os.geteuid() != 0:
        return []
    program = shutil.which("setpriv")
    assert program, "setpriv (util-linux) is not on PATH"
    return [program, "--bounding-set=-all", "--inh-caps=-all"]


READS = """
import os
from pathlib import Path
found = []
for path in (Path({space!r}), *map(Path, {paths!r})):
    try:
        found.append(os.listdir(path) if path.is_dir() else path.read_bytes()[:1])
    except OSError:
        continue
name += f" read {{len(found)}}"
"""


@pytest.mark.skipif(os.name != "posix", reason="folders of one user are closed to others by the rights that POSIX systems have")
def test_server_of_another_user_reads_its_bundle_and_nothing_else(space: Path, open_folder: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    shutil.copytree(space, closed)
    shutil.copytree(space / "bundles" / "public", open_folder / "public")
    paths = [str(path) for path in closed.rglob("*")]
    notebooks = write_notebooks(open_folder / "notebooks", DOCUMENT, READS.format(space=str(closed), paths=paths), SHOWN)
    for path in (closed, *closed.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    for path in (open_folder, *open_folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    belongs_to_another(open_folder / "public")
    belongs_to_another(closed)
    look = f"import os; os.listdir({str(closed)!r})"
    refused = subprocess.run([*without_privileges(), sys.executable, "-c", look], capture_output=True, text=True, check=False)
    assert "PermissionError" in refused.stderr
    with started(own(open_folder / "public", notebooks, audience="public"), tmp_path / "said", before=without_privileges()) as server:
        server.ready()
        page = server.ask("/overview.fi.html")
    assert (page.status, "read 0" in page.text) == (200, True)
    assert json.loads((open_folder / "public" / "r001" / "manifest.json").read_text())["digest"] in page.text


def test_server_of_another_user_says_that_it_cannot_read_a_bundle(space: Path, notebooks: Path, tmp_path: Path) -> None:
    shutil.copytree(space / "bundles" / "internal", tmp_path / "internal")
    (tmp_path / "internal").chmod(0o700)
    belongs_to_another(tmp_path / "internal")
    with started(own(tmp_path / "internal", notebooks), tmp_path / "said", before=without_privileges()) as server:
        page = server.ask("/overview.fi.html")
    assert page.status == 503
    assert "confidential" not in page.text + server.errors
