"""A file that would need more room than any pilot is refused in words, before it is unpacked."""

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.data.pilot import validate
from ikut_eval.data.workbook import MOST_BYTES
from tests.field.conftest import cell, errors, found, ods, row

_SAY = """
import json, os, signal, sys, tempfile
from ikut_eval.data.pilot import validate

for line in sys.stdin:
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            signal.alarm(120)
            os.dup2(out.fileno(), 1), os.dup2(err.fileno(), 2)
            try:
                print(validate(json.loads(line)).issues[0].to_dict("en")["problem"], flush=True)
            except BaseException as problem:
                os.write(2, repr(problem).encode())
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0), err.seek(0)
        print(json.dumps([code, err.read(), out.read()]), flush=True)
"""
_SECONDS = 30
EMPTY = '<table:table-cell table:number-columns-repeated="16383"/>'
HEADINGS = row(*map(cell, ("indicator", "value", "unit", "source")))


@pytest.fixture(scope="module")
def reason() -> Iterator[Callable[[Path], str]]:
    """Return what is said of a file by a process of its own, which must end well and soon: a fork of one that has imported what it needs."""

    def ask(path: Path) -> str:
        started = time.monotonic()
        parent.stdin.write(f"{json.dumps(str(path))}\n")
        parent.stdin.flush()
        code, err, said = json.loads(parent.stdout.readline())
        assert (code, err) == (0, "")
        assert time.monotonic() - started < _SECONDS
        return said

    with subprocess.Popen([sys.executable, "-c", _SAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        yield ask
        parent.stdin.close()


def _with(pilot: Path, path: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(pilot) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return path


@pytest.mark.parametrize("place", ["XFD1048576", "A1048576", "ZZ100000"])
def test_stray_cell_in_excel(reason: Callable[[Path], str], place: str, pilot_file: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(pilot_file)
    book["Sessions"][place] = "x"
    book.save(tmp_path / "stray.xlsx")
    assert "far from the others" in reason(tmp_path / "stray.xlsx")


def test_format_without_content_far_away_is_no_stray_cell(pilot_file: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(pilot_file)
    book["Sessions"]["XFD1048576"].font = openpyxl.styles.Font(bold=True)
    book.save(tmp_path / "bold.xlsx")
    assert found(validate(tmp_path / "bold.xlsx")) == []


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([HEADINGS, row(EMPTY, repeated=1048574), row(EMPTY, cell("x"))], id="last-cell"),
        pytest.param(
            [HEADINGS, row(cell("x").replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="16384"'), repeated=1048575)], id="all"
        ),
    ],
)
def test_stray_cell_in_ods(reason: Callable[[Path], str], rows: list[str], tmp_path: Path) -> None:
    assert "far from the others" in reason(ods(tmp_path / "pilot.ods", {"target": rows}))


def test_empty_rows_to_the_end_of_ods_are_no_stray_cells(tmp_path: Path) -> None:
    rows = [HEADINGS, row(*map(cell, ("in_work", "2", "count", "plan"))), row(EMPTY, repeated=1048574)]
    assert [e for e in errors(ods(tmp_path / "pilot.ods", {"target": rows})) if e[1] == "Targets"] == []


@pytest.mark.parametrize(
    "name",
    [
        "docProps/custom.xml",
        "docProps/app.xml",
        "xl/comments1.xml",
        "xl/sharedStrings.xml",
        "xl/worksheets/sheet2.xml",
        "xl/styles.xml",
        "xl/media/picture.png",
    ],
)
def test_bomb_in_any_part(reason: Callable[[Path], str], name: str, pilot_file: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(pilot_file) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        with new.open(name, "w", force_zip64=True) as part:
            for _ in range(MOST_BYTES // 10_000_000 + 1):
                part.write(b" " * 10_000_000)
    assert "far larger than the data of a pilot" in reason(bomb)


def _long_text_in_each_row(pilot: Path, path: Path, letters: int) -> Path:
    """Write the pilot with one text of so many letters, stored once, in 10,000 further rows of a sheet."""
    with zipfile.ZipFile(pilot) as old:
        sheet, shared = old.read("xl/worksheets/sheet2.xml"), old.read("xl/sharedStrings.xml")
    place = shared.count(b"<si>")
    rows = "".join(f'<row r="{n}"><c r="C{n}" t="s"><v>{place}</v></c></row>' for n in range(1000, 11_000)).encode()
    shared = shared.replace(b"</sst>", b"<si><t>" + b"a" * letters + b"</t></si></sst>")
    sheet = sheet.replace(b"</sheetData>", rows + b"</sheetData>")
    return _with(pilot, path, **{"xl/worksheets/sheet2.xml": sheet, "xl/sharedStrings.xml": shared})


def test_long_text_that_many_cells_share(reason: Callable[[Path], str], pilot_file: Path, tmp_path: Path) -> None:
    """A megabyte of file would need gigabytes; the longest note that a cell can hold is no reason alone."""
    assert "far larger" in reason(_long_text_in_each_row(pilot_file, tmp_path / "long.xlsx", 30_000))
    assert "far larger" not in reason(_long_text_in_each_row(pilot_file, tmp_path / "short.xlsx", 300))


def test_one_long_note_among_many_cells_is_read(pilot_file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(pilot_file) as old:
        shared = old.read("xl/sharedStrings.xml").replace(b"</sst>", b"<si><t>" + b"a" * 32_767 + b"</t></si></sst>")
    assert found(validate(_with(pilot_file, tmp_path / "note.xlsx", **{"xl/sharedStrings.xml": shared}))) == []


def test_long_text_in_repeated_cells_of_ods(reason: Callable[[Path], str], tmp_path: Path) -> None:
    many = cell("a" * 30_000).replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="10"')
    assert "far larger" in reason(ods(tmp_path / "pilot.ods", {"target": [HEADINGS, row(many, repeated=1000)]}))


def test_many_parts_that_are_large_together(reason: Callable[[Path], str], pilot_file: Path, tmp_path: Path) -> None:
    parts = {f"xl/theme/theme{n}.xml": b" " * (MOST_BYTES // 4) for n in range(9)}
    assert "far larger" in reason(_with(pilot_file, tmp_path / "many.xlsx", **parts))


def test_part_that_is_larger_than_it_says(reason: Callable[[Path], str], pilot_file: Path, tmp_path: Path) -> None:
    """The directory of the file is not believed: what is unpacked ends where the directory says, and the check sum then fails."""
    path = _with(pilot_file, tmp_path / "lies.xlsx", **{"xl/worksheets/sheet2.xml": b" " * 50_000_000})
    content = bytearray(path.read_bytes())
    true, told = (50_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert content.count(true) == 2
    path.write_bytes(bytes(content).replace(true, told))
    assert "damaged" in reason(path)


def test_unusual_packing_is_refused(reason: Callable[[Path], str], pilot_file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(pilot_file) as old, zipfile.ZipFile(tmp_path / "bz.xlsx", "w", zipfile.ZIP_BZIP2) as new:
        for each in old.namelist():
            new.writestr(each, old.read(each))
    assert "not a workbook" in reason(tmp_path / "bz.xlsx")


def test_entities_are_not_expanded(reason: Callable[[Path], str], pilot_file: Path, tmp_path: Path) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><workbook><sheets>&b;</sheets></workbook>'
    assert "damaged" in reason(_with(pilot_file, tmp_path / "laughs.xlsx", **{"xl/workbook.xml": laughs}))


def test_huge_csv_file(reason: Callable[[Path], str], tmp_path: Path) -> None:
    with (tmp_path / "target.csv").open("wb") as sparse:
        sparse.truncate(MOST_BYTES + 1)
    assert "far larger" in reason(tmp_path)


def test_refusals_speak_every_language(tmp_path: Path) -> None:
    with (tmp_path / "target.csv").open("wb") as sparse:
        sparse.truncate(MOST_BYTES + 1)
    said = {validate(tmp_path).issues[0].to_dict(language)["problem"] for language in LANGUAGES}
    assert len(said) == len(LANGUAGES)
