"""A small bundle with every type of column and every awkward text, and workspaces in each stage of two releases."""

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ikut_eval.data.pilot import PilotData
from ikut_eval.data.workspace import Workspace, open_workspace
from ikut_eval.release import publication
from ikut_eval.release.package import StoredTable, bundle_table_schema
from ikut_eval.release.store import MANIFEST, write_bundle
from tests.conftest import made_once
from tests.measures.conftest import build, synthetic
from tests.release.released import APPROVER, AUTHOR, CLOSINGS, as_it_was, workspace

__all__ = ["build", "synthetic"]

Manifest = dict[str, Any]


def words(title: str, description: str) -> dict[str, Any]:
    titles, descriptions = ({"fi": f"{text} (ä)", "sv": f"{text} (å)", "en": text} for text in (title, description))
    return {"title": title, "titles": titles, "description": description, "descriptions": descriptions}


KINDS = ("string", "integer", "number", "date", "boolean")
COLUMNS = [f"a_{kind}" for kind in KINDS]
SCHEMA = bundle_table_schema(
    "little",
    [{"name": f"a_{kind}", "type": kind, **words(kind, f"A {kind}.")} for kind in KINDS],
    **words("Little", "Every type of column"),
)
ROWS = [
    ("Åbo – ”työ”, 62 %", 4, 0.1, date(2021, 11, 12), True),
    ('say "no", twice', None, 1 / 3, None, False),
    ("NA", -7, None, date(2022, 2, 28), None),
    ("", 0, 1e-15, None, None),
    (" nan ", 10**15, -2.5e300, None, True),
]


def table(rows: list[tuple[object, ...]] = ROWS) -> StoredTable:
    return StoredTable(SCHEMA, pd.DataFrame(rows, columns=COLUMNS, dtype=object))


def write(folder: Path, *, audience: str = "public", about: object = "Ääkköset", rows: list[tuple[object, ...]] = ROWS) -> str:
    return write_bundle(
        folder, audience=audience, tables=[table(rows)], about={"n": about}, data_date=date(2022, 2, 28), synthetic=True, policy="p", ledger_head="l"
    )


def sign_again(folder: Path, change: Callable[[Manifest], None]) -> None:
    """Change what a manifest says and make its hashes fit, as only the store should."""
    said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    said["files"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in said["files"]}
    change(said)
    said.pop("digest")
    digest = hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(said | {"digest": digest}, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundles" / "pilotti å"
    folder.parent.mkdir()
    write(folder)
    return folder


@pytest.fixture(scope="session")
def stages(synthetic: PilotData, common: Path) -> Path:
    """Folders with a workspace in each stage of two releases: "drafted", "approved", "published", "again" (with the next draft, approved)."""

    def make() -> None:
        place.mkdir()
        space = workspace(place / "drafted")
        drafted = publication.draft_release(space, as_it_was(synthetic, CLOSINGS["after cohort 2"]), author=AUTHOR)
        space = open_workspace(shutil.copytree(space.folder, place / "approved"))
        publication.approve(space, "r01", approver=APPROVER, digest=drafted.digest)
        space = open_workspace(shutil.copytree(space.folder, place / "published"))
        publication.publish(space, "r01")
        space = open_workspace(shutil.copytree(space.folder, place / "again"))
        drafted = publication.draft_release(space, as_it_was(synthetic, CLOSINGS["after cohort 4"]), author=AUTHOR)
        publication.approve(space, "r02", approver=APPROVER, digest=drafted.digest)

    place = common / "stages"
    return made_once(place, make)


@pytest.fixture
def at(stages: Path, tmp_path: Path) -> Callable[[str], Workspace]:
    """Return a workspace of its own in a stage."""

    def opened(stage: str) -> Workspace:
        return open_workspace(shutil.copytree(stages / stage, tmp_path / stage))

    return opened
