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
from tests.dashboard.serving import DOCUMENT, ROOT, SHOWN, command, own, started, write_notebooks
from tests.release.conftest import write

RECORDS = """
import os, sys
log = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
def record(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "os.rename", "os.remove", "os.mkdir", "shutil.copyfile") and arguments:
        os.write(log, f"{{os.getpid()}}\\t{{arguments[0]}}\\n".encode(errors="replace"))
sys.addaudithook(record)
"""
NOBODY = 65534


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A workspace with something in every corner."""
    space = make_workspace(tmp_path / "space")
    for name in ("data/pilot.csv", "runs/overview/fi.html", "releases/r001/draft.json", "ledger.jsonl"):
        (space / name).parent.mkdir(parents=True, exist_ok=True)
        (space / name).write_text("confidential")
    (space / "bundles" / "public").mkdir(parents=True)
    write(space / "bundles" / "internal", audience="internal")
    write(space / "bundles" / "public" / "r001")
    write(space / "bundles" / "public" / "r002", about="older")
    (space / "bundles" / "public" / "current").write_text("r001\n")
    return space


def opened_below(space: Path, log: Path, server: int) -> dict[str, set[str]]:
    """Return what the server and its kernels opened below a folder."""
    found: dict[str, set[str]] = {"server": set(), "kernels": set()}
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        process, _, path = line.partition("\t")
        if Path(path).is_relative_to(space):
            found["server" if int(process) == server else "kernels"].add(str(Path(path).relative_to(space)))
    return found


@pytest.mark.parametrize(
    ("audience", "bundle", "pointer"), [("internal", "bundles/internal", set()), ("public", "bundles/public/r001", {"bundles/public/current"})]
)
def test_only_the_bundle_of_the_audience_is_opened(space: Path, tmp_path: Path, audience: str, bundle: str, pointer: set[str]) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(RECORDS.format(log=str(tmp_path / "opened")))
    notebooks = write_notebooks(tmp_path / "notebooks", DOCUMENT, SHOWN)
    place = space / "bundles" / audience
    with started(own(place, notebooks, audience=audience), tmp_path / "said", environment={"PYTHONPATH": str(tmp_path / "site")}) as server:
        server.ready()
        for path in ("/overview.fi.html", "/../internal/little.csv", "/data/pilot.csv"):
            server.ask(path)
        opened = opened_below(space, tmp_path / "opened", server.process.pid)
    files = {bundle, *(f"{bundle}/{name}" for name in ("manifest.json", "datapackage.json", "little.csv"))}
    assert opened["server"] == files | pointer
    assert opened["kernels"] == {f"{bundle}/manifest.json"}


def test_command_opens_the_settings_besides(space: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(RECORDS.format(log=str(tmp_path / "opened")))
    words = command("--audience", "public", "-w", space, "--port", 0)
    with started(words, tmp_path / "said", environment={"PYTHONPATH": str(tmp_path / "site")}) as server:
        server.until(lambda health: bool(health["digest"]))
        opened = opened_below(space, tmp_path / "opened", server.process.pid)
    assert {path for path in opened["server"] | opened["kernels"] if not path.startswith("bundles/public/")} == {"evaluation.toml"}
    assert not any("r002" in path for path in opened["server"] | opened["kernels"])


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter, as pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix="ikut-eval-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def readable_by_others() -> bool:
    known = subprocess.run([sys.executable, "-c", "import ikut_eval"], cwd="/", user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, check=False)
    return known.returncode == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become another user")
def test_user_who_may_read_the_bundle_alone_can_serve_it(space: Path, open_folder: Path) -> None:
    try:
        if not readable_by_others():
            pytest.skip("this Python is not readable by other users")
    except PermissionError:
        pytest.skip("this Python is not readable by other users")
    shutil.copytree(space / "bundles" / "public", open_folder / "public")
    notebooks = write_notebooks(open_folder / "notebooks", DOCUMENT, SHOWN)
    for path in (open_folder, *open_folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    environment = {"HOME": str(open_folder), "TMPDIR": "/tmp"}  # noqa: S108 – nothing of ours is there
    who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    with started(own(open_folder / "public", notebooks, audience="public"), open_folder / "said", environment=environment, **who) as server:
        server.ready()
        assert server.ask("/overview.fi.html").status == 200
    assert json.loads((open_folder / "public" / "r001" / "manifest.json").read_text())["audience"] == "public"


def test_kernel_of_a_page_imports_no_scipy(tmp_path: Path) -> None:
    write(tmp_path / "bundle", audience="internal")
    seen = tmp_path / "seen"
    told = f"import sys, json, ikut_eval.dashboard.pages; json.dump(sorted(sys.modules), open({str(seen)!r}, 'w'))"
    with started(own(tmp_path / "bundle", write_notebooks(tmp_path / "notebooks", told, DOCUMENT, SHOWN)), tmp_path / "said") as server:
        server.ready()
    modules = {name.partition(".")[0] for name in json.loads(seen.read_text())}
    assert "ikut_eval" in modules
    assert not {"scipy", "voila", "papermill"} & modules


def test_server_itself_imports_no_scipy(tmp_path: Path) -> None:
    code = (
        "import sys, ikut_eval.dashboard.server, ikut_eval.dashboard.rendering as r; r._renderer_class(); "
        "print('scipy' in sys.modules, 'papermill' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False"]
