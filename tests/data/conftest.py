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

from ikut_eval import cli
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.contract.schema import Contract, load_contract
from ikut_eval.data.issues import Report
from ikut_eval.data.pilot import cell_text, check_source, check_tables, report_on
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
    return as_text(typed_rows)


def as_text(typed_rows: dict[str, list[dict[str, object]]]) -> Rows:
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
def check(contract: Contract, typed_rows: dict[str, list[dict[str, object]]], source_of: Callable[[Rows], Source]) -> Callable[[Rows], Report]:
    """Check rows; every text of the report is made once in each language on the way.

    Only tables that differ from the sound pilot are typed and checked anew, as each is checked apart; the rules across
    tables see all of them.
    """
    sound = as_text(typed_rows)
    sound_tables, no_issues, _ = check_tables(source_of(sound), contract, contract.main_tables)
    assert no_issues == []

    def checked(rows: Rows) -> Report:
        if list(rows) == list(sound):
            changed = tuple(table for table in contract.main_tables if rows[table.name] != sound[table.name])
            tables, issues, layouts = check_tables(source_of({table.name: rows[table.name] for table in changed}), contract, changed)
            tables |= {table.name: sound_tables[table.name] for table in contract.main_tables if table not in changed}
            report = report_on({name: tables[name] for name in sound_tables if name in tables}, issues, contract, layouts)
        else:
            report = check_source(source_of(rows), contract)[1]
        for language in LANGUAGES:
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


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in this process, from its arguments to its exit code."""

    def run(*words: object, language: str = "en") -> subprocess.CompletedProcess[str]:
        monkeypatch.setenv("IKUT_EVAL_LANGUAGE", language)
        monkeypatch.setattr(sys, "argv", ["ikut-eval", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return subprocess.CompletedProcess(words, int(end.value.code or 0), *capfd.readouterr())

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
