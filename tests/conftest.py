"""A workspace with marked synthetic people, and the batch run on it once for the whole session."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ikut_eval.contract.schema import load_contract
from ikut_eval.data.synthetic import synthetic_rows
from ikut_eval.data.synthetic_files import write_csv_folder
from ikut_eval.data.workspace import create_workspace

MARKER = "PMARK"
"""Every participant's id begins with this, every session's id and every note holds it: it must be nowhere else."""

COMMAND = Path(sys.executable).with_name("ikut-eval")


def ikut_eval(*words: object, language: str = "en", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person would."""
    known = {**os.environ, "IKUT_EVAL_LANGUAGE": language, **environment}
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, env=known, timeout=600, check=False)


def marked_rows() -> dict[str, list[dict[str, object]]]:
    """Return the ordinary synthetic pilot with the marker in every id and note."""
    rows = synthetic_rows(load_contract())
    ids = {row["participant_id"]: f"{MARKER}{n:04d}" for n, row in enumerate(rows["participant"])}
    for table in rows.values():
        for row in table:
            for column in row:
                if column == "participant_id":
                    row[column] = ids[row[column]]
                elif column == "session_id":
                    row[column] = f"{MARKER}.{row[column]}"
                elif column in ("note", "eligibility_note"):
                    row[column] = f"{MARKER} note"
    return rows


SHARED = ("marked", "internal", "public", "dashboards", "server")
"""Fixtures that take seconds: with several workers, all tests of one go to the same worker, and first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file together on one worker, and what shares a costly fixture; begin with the latter, as it takes longest."""
    groups = {item: next((name for name in SHARED if name in getattr(item, "fixturenames", ())), "") for item in items}
    for item, shared in groups.items():
        item.add_marker(pytest.mark.xdist_group(shared or item.location[0].replace("/", ".")))
    items.sort(key=lambda item: not groups[item])


@dataclass(frozen=True)
class Ran:
    """A workspace after the batch, with what the batch said."""

    folder: Path
    said: subprocess.CompletedProcess[str]

    @property
    def runs(self) -> Path:
        return self.folder / "runs"


def make_workspace(folder: Path, *, data: str = "data/pilot", languages: tuple[str, ...] = ("en",)) -> Path:
    create_workspace(folder, language="en", languages=languages, data=data)
    return folder


@pytest.fixture(scope="session")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The batch on marked people, in three languages."""
    folder = make_workspace(tmp_path_factory.mktemp("marked") / "space", languages=("fi", "sv", "en"))
    write_csv_folder(folder / "data" / "pilot", load_contract(), marked_rows(), language="en")
    return Ran(folder, ikut_eval("run", "-w", folder))
