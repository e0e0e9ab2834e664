"""A small sound pilot as text cells, and the ways to check, store, convert and command it."""

import csv
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ikut_eval.contract.schema import Contract, load_contract
from ikut_eval.data.issues import Report
from ikut_eval.data.pilot import cell_text, check_source
from ikut_eval.data.reading import Sheet, Source
from ikut_eval.data.synthetic import synthetic_rows

Rows = dict[str, list[dict[str, str | None]]]


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="session")
def typed_rows(contract: Contract) -> dict[str, list[dict[str, object]]]:
    """Two invented people, with typed values. Not to be changed."""
    rows = synthetic_rows(contract, case="tiny")
    return {table.name: rows[table.name] for table in contract.main_tables}


@pytest.fixture
def rows(typed_rows: dict[str, list[dict[str, object]]]) -> Rows:
    """The same two people as text cells, to be broken freely."""
    return {name: [{k: cell_text(v) for k, v in row.items()} for row in table] for name, table in typed_rows.items()}


@pytest.fixture(scope="session")
def source_of() -> Callable[[Rows], Source]:
    def source(rows: Rows) -> Source:
        sheets = []
        for position, (name, table) in enumerate(rows.items(), start=1):
            header: list[str | None] = list(dict.fromkeys(column for row in table for column in row))
            body = [(n, [row.get(str(column)) for column in header]) for n, row in enumerate(table, start=2)]
            sheets.append(Sheet(name, position, [(1, header), *body]))
        return Source("pilot.xlsx", sheets, False, "0" * 64)

    return source


@pytest.fixture(scope="session")
def check(contract: Contract, source_of: Callable[[Rows], Source]) -> Callable[[Rows], Report]:
    """Check rows; every text of the report is made once in each language on the way."""

    def checked(rows: Rows) -> Report:
        report = check_source(source_of(rows), contract)[1]
        for language in ("fi", "sv", "en"):
            assert report.to_text(language)
        return report

    return checked


@pytest.fixture(scope="session")
def write_csv() -> Callable[[Path, Rows], Path]:
    """Write rows as a folder of plain CSV files."""

    def written(folder: Path, rows: Rows) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in rows.items():
            content = io.StringIO()
            writer = csv.DictWriter(content, list(dict.fromkeys(column for row in table for column in row)), lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
            (folder / f"{name}.csv").write_text(content.getvalue(), encoding="utf-8")
        return folder

    return written


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line as a person would."""

    def run(*words: object, language: str = "en") -> subprocess.CompletedProcess[str]:
        known = {**os.environ, "IKUT_EVAL_LANGUAGE": language, "PYTHONUTF8": "1"}
        program = Path(sys.executable).with_name("ikut-eval")
        return subprocess.run([program, *map(str, words)], capture_output=True, text=True, encoding="utf-8", env=known, timeout=120, check=False)

    return run


@pytest.fixture(scope="session")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, str], Path]:
    """Open files in LibreOffice, recalculate and save them in another format."""
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice (soffice) is not on PATH, and CI must not go without it")
        pytest.skip("LibreOffice (soffice) is not on PATH: install it to test that its files are read")
    profile = tmp_path_factory.mktemp("libreoffice")

    def converted(file: Path, suffix: str) -> Path:
        folder = tmp_path_factory.mktemp(suffix)
        words = [program, "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", suffix, "--outdir", folder, file]
        subprocess.run(words, capture_output=True, timeout=180, check=True)
        return folder / file.with_suffix(f".{suffix}").name

    return converted
