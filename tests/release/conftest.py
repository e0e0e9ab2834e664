"""A small bundle with every type of column and every awkward text."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ikut_eval.release.package import Column, Table, TableSchema
from ikut_eval.release.store import MANIFEST, write_bundle
from tests.measures.conftest import build, synthetic

__all__ = ["build", "synthetic"]

Manifest = dict[str, Any]


def words(text: str) -> dict[str, str]:
    return {"fi": f"{text} (ä)", "sv": f"{text} (å)", "en": text}


SCHEMA = TableSchema(
    "little",
    words("Little"),
    words("Every type of column"),
    tuple(Column(f"a_{kind}", kind, words(kind), words(f"A {kind}.")) for kind in ("string", "integer", "number", "date", "boolean")),
)
ROWS = [
    ("Åbo – ”työ”, 62 %", 4, 0.1, date(2021, 11, 12), True),
    ('say "no", twice', None, 1 / 3, None, False),
    ("NA", -7, None, date(2022, 2, 28), None),
    ("", 0, 1e-15, None, None),
    (" nan ", 10**15, -2.5e300, None, True),
]


def table(rows: list[tuple[object, ...]] = ROWS) -> Table:
    return Table(SCHEMA, pd.DataFrame(rows, columns=[column.name for column in SCHEMA.columns], dtype=object))


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
