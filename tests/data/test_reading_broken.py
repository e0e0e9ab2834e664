"""Whatever file is given, `validate` says what is wrong with it and never raises; `read_pilot` refuses it."""

import copy
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ikut_eval.contract.errors import DataError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.contract.schema import Contract
from ikut_eval.data.pilot import read_pilot, validate
from ikut_eval.data.reading import data_digest, read_source
from ikut_eval.data.writing import write_synthetic

Rows = dict[str, list[dict[str, str | None]]]
MARKER = "MARKER_7F3A"


@pytest.fixture(scope="module")
def sound_workbook(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_synthetic(tmp_path_factory.mktemp("sound") / "pilot.xlsx", contract, case="tiny", seed=None, language="en")[0]


@pytest.fixture(scope="module")
def libreoffice_workbook(sound_workbook: Path, convert: Callable[[Path, str], Path]) -> Path:
    return convert(sound_workbook, "ods")


@pytest.fixture
def folder(rows: Rows, tmp_path: Path, write_csv: Callable[[Path, Rows], Path]) -> Path:
    return write_csv(tmp_path / "pilot", rows)


@pytest.fixture
def book(sound_workbook: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound_workbook, tmp_path / "pilot.xlsx"))


def reason(path: Path) -> str:
    """Return the error with which a file is refused, after both ways of reading agreed on it."""
    report = validate(path)
    assert [i.code for i in report.issues] == ["unreadable"]
    with pytest.raises(DataError) as refusal:
        read_pilot(path)
    assert {lang: report.issues[0].to_dict(lang)["problem"] for lang in LANGUAGES} == {lang: refusal.value.message(lang) for lang in LANGUAGES}
    return refusal.value.key


def codes(path: Path) -> list[tuple[str, str]]:
    return [(i.severity, i.code) for i in validate(path).issues]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        pytest.param("pilot.csv", b"cohort_id;start_date\n", "csv_needs_folder", id="single-csv"),
        pytest.param("pilot.docx", b"PK\x03\x04", "not_a_workbook", id="another-office-file"),
        pytest.param("pilot.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "not_a_workbook", id="old-excel"),
        pytest.param("pilot", b"cohort", "not_a_workbook", id="no-suffix"),
        pytest.param("pilot.xlsx", b"", "not_a_workbook", id="empty-file"),
        pytest.param("pilot.xlsx", b"<html>Please log in</html>", "not_a_workbook", id="web-page"),
        pytest.param("pilot.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096, "password_or_old", id="password"),
        pytest.param("pilot.ods", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096, "password_or_old", id="ole-named-ods"),
        pytest.param("pilot.xlsx", b"PK\x03\x04" + b"\0" * 200, "truncated", id="zip-that-is-none"),
        pytest.param("pilot.ods", b"PK\x05\x06" + b"\0" * 18, "truncated", id="empty-zip"),
    ],
)
def test_what_is_no_workbook_is_refused(name: str, content: bytes, key: str, tmp_path: Path) -> None:
    assert reason(written(tmp_path / name, content)) == key


def test_missing_file(tmp_path: Path) -> None:
    assert reason(tmp_path / "pilot.xlsx") == "no_such_file"


def test_empty_folder(tmp_path: Path) -> None:
    assert reason(tmp_path) == "no_csv_in_folder"


def test_unknown_synthetic_case() -> None:
    assert reason(Path("synthetic:large")) == "unknown_case"


def test_folder_named_like_a_csv_file(folder: Path) -> None:
    (folder / "more.csv").mkdir()
    assert reason(folder) == "cannot_read_file"


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.99, 0.9999])
def test_workbook_cut_short(share: float, sound_workbook: Path, tmp_path: Path) -> None:
    content = sound_workbook.read_bytes()
    assert reason(written(tmp_path / "pilot.xlsx", content[: int(len(content) * share)])) == "truncated"


def test_workbook_with_a_part_cut_short(book: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(tmp_path / "cut.xlsx", "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part[: len(part) // 2] if name == "xl/workbook.xml" else part)
    assert reason(tmp_path / "cut.xlsx") == "truncated"


def test_workbook_with_flipped_bits_never_raises(sound_workbook: Path, tmp_path: Path) -> None:
    random = Random(7)
    for _ in range(40):
        content = bytearray(sound_workbook.read_bytes())
        for place in random.sample(range(len(content)), 5):
            content[place] ^= 1 << random.randrange(8)
        assert {i.code for i in validate(written(tmp_path / "pilot.xlsx", bytes(content))).issues} <= {"unreadable"}


def test_encrypted_libreoffice_workbook(libreoffice_workbook: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(libreoffice_workbook) as old, zipfile.ZipFile(tmp_path / "locked.ods", "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "META-INF/manifest.xml":
                algorithm = b'><manifest:encryption-data manifest:checksum-type="SHA256"/></manifest:file-entry>'
                part = re.sub(rb'(manifest:full-path="content.xml"[^>]*)/>', rb"\1" + algorithm, part)
                assert b"encryption-data" in part
            new.writestr(name, Random(1).randbytes(len(part)) if name == "content.xml" else part)
    assert reason(tmp_path / "locked.ods") == "password_or_old"


def test_old_excel_file_from_libreoffice(book: Path, tmp_path: Path, convert: Callable[[Path, str], Path]) -> None:
    assert reason(Path(shutil.copy(convert(book, "xls"), tmp_path / "renamed.xlsx"))) == "password_or_old"


def test_libreoffice_workbook_cut_short(libreoffice_workbook: Path, tmp_path: Path) -> None:
    content = libreoffice_workbook.read_bytes()
    assert {reason(written(tmp_path / "cut.ods", content[: int(len(content) * share)])) for share in (0.2, 0.6, 0.99)} == {"truncated"}


def test_two_encodings_name_the_row(folder: Path) -> None:
    content = "indicator;value;unit;source\na;1;count;ä\nb;2;count;ä\nc;3;count;ö\n".splitlines(keepends=True)
    mixed = b"".join(line.encode("utf-8" if n == 2 else "cp1252") for n, line in enumerate(content))
    written(folder / "target.csv", mixed)
    assert reason(folder) == "two_encodings"
    assert "row is 3" in validate(folder).issues[0].to_dict("en")["problem"]


@pytest.mark.parametrize("content", [b"\0\1\2\3" * 50, b"\x89PNG\r\n\x1a\n\0\0", b"\xff\xfea\0b"], ids=["binary", "picture", "half-a-letter-of-utf-16"])
def test_file_that_is_no_text(content: bytes, folder: Path) -> None:
    written(folder / "target.csv", content)
    assert reason(folder) == "not_text"


def test_quotation_mark_left_open_does_not_swallow_rows(folder: Path) -> None:
    written(folder / "target.csv", b'indicator,value,unit,source\na,1,count,"plan\nb,2,count,plan\n')
    assert reason(folder) == "truncated"


def test_missing_table(folder: Path) -> None:
    (folder / "session.csv").unlink()
    report = validate(folder)
    assert [(i.severity, i.code, i.sheet["en"]) for i in report.issues if i.sheet] == [("error", "missing_table", "Sessions")]


def test_missing_required_column(folder: Path, rows: Rows, write_csv: Callable[[Path, Rows], Path]) -> None:
    rows["session"] = [{k: v for k, v in row.items() if k != "place"} for row in rows["session"]]
    report = validate(write_csv(folder, rows))
    assert [(i.severity, i.code, i.column["en"]) for i in report.issues if i.column] == [("error", "missing_column", "Place")]


def test_unknown_column_is_refused_and_its_name_is_not_shown(folder: Path, rows: Rows, write_csv: Callable[[Path, Rows], Path]) -> None:
    rows["session"] = [{**row, MARKER: "1"} for row in rows["session"]]
    report = validate(write_csv(folder, rows))
    assert [(i.severity, i.code) for i in report.issues] == [("error", "unknown_column")]
    assert "column J" in report.to_text("en")
    assert MARKER not in report.to_json("en")


@pytest.mark.parametrize("heading", ["places", "Palce", "Paikk"])
def test_nearly_known_column_names_the_one_it_is_near(heading: str, folder: Path, rows: Rows, write_csv: Callable[[Path, Rows], Path]) -> None:
    rows["session"] = [{heading if k == "place" else k: v for k, v in row.items()} for row in rows["session"]]
    report = validate(write_csv(folder, rows))
    assert [(i.code, i.column["en"]) for i in report.issues if i.column] == [("column_nearly_known", "Place"), ("missing_column", "Place")]


def test_column_twice(folder: Path, rows: Rows, write_csv: Callable[[Path, Rows], Path]) -> None:
    rows["session"] = [{**row, "Place": "remote"} for row in rows["session"]]
    assert codes(write_csv(folder, rows)) == [("error", "column_twice")]


def test_column_without_heading(folder: Path, rows: Rows, write_csv: Callable[[Path, Rows], Path]) -> None:
    rows["session"] = [{**row, "": "1"} for row in rows["session"]]
    assert codes(write_csv(folder, rows)) == [("error", "column_without_title")]


def test_row_longer_than_the_heading(folder: Path) -> None:
    content = (folder / "target.csv").read_text(encoding="utf-8").rstrip("\n")
    (folder / "target.csv").write_text(content + ",one too many\n", encoding="utf-8")
    assert codes(folder) == [("error", "column_without_title")]


def test_empty_csv_file(folder: Path) -> None:
    written(folder / "target.csv", b"")
    assert codes(folder) == [("error", "no_header")]


def test_headings_only(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert codes(folder) == [("warning", "no_rows"), ("warning", "no_rows")]
    assert read_pilot(folder).cohort_ids == ()


def test_sheet_twice(book: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    workbook.create_sheet("session").append(["session_id"])
    workbook.save(book)
    assert codes(book) == [("error", "sheet_twice"), ("warning", "synthetic_changed")]


def test_empty_sheet(book: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    workbook["Targets"].delete_rows(1, 10)
    workbook.save(book)
    assert codes(book) == [("error", "no_header"), ("warning", "synthetic_changed")]


def test_workbook_of_no_known_sheet(contract: Contract, tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    missing = [("error", "missing_table")] * sum(not t.optional for t in contract.main_tables)
    assert codes(tmp_path / "empty.xlsx") == [*missing, ("warning", "unknown_sheet")]


def test_stray_cell_in_the_last_corner(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "far.xlsx") as workbook:
        sheet = workbook.add_worksheet("Cohorts")
        sheet.write(0, 0, "Cohort")
        sheet.write(1_048_575, 16_383, "x")
    assert reason(tmp_path / "far.xlsx") == "sheet_too_large"


def test_hundred_thousand_rows_of_rubbish_end_in_a_report(folder: Path) -> None:
    random = Random(3)
    words = ["", "12.13.2021", "abc", "-1", "1e9", "ÄÖ;;", "9" * 40, "2021-02-30", "x" * 300, "'", "=1+1", "None", "²"]
    lines = [",".join(random.choices(words, k=9)) for _ in range(100_000)]
    (folder / "session.csv").write_text("session_id,cohort_id,date,session_type,mode,place,hours,status,week\n" + "\n".join(lines), encoding="utf-8")
    report = validate(folder)
    assert not report.ok
    assert all(row <= 100_001 for issue in report.issues for row in issue.rows if issue.sheet and issue.sheet["en"] == "Sessions")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    table=st.sampled_from(["cohort", "participant", "session", "answer", "outcome", "support_after"]),
    cells=st.lists(st.text(max_size=12), min_size=1, max_size=6),
)
def test_any_text_in_any_cell_ends_in_a_report(table: str, cells: list[str], rows: Rows, check: Callable[[Rows], object]) -> None:
    broken = copy.deepcopy(rows)
    for n, content in enumerate(cells):
        row = broken[table][n % len(broken[table])]
        row[list(row)[n % len(row)]] = content
    assert check(broken)


@pytest.mark.skipif(os.name != "posix", reason="devices and pipes of POSIX")
@pytest.mark.parametrize("place", ["device", "link to a device", "pipe", "pipe among CSV files"])
def test_what_may_never_end_is_not_read(place: str, tmp_path: Path) -> None:
    path = Path("/dev/zero")
    if place == "link to a device":
        path = tmp_path / "pilot.xlsx"
        path.symlink_to("/dev/zero")
    elif place != "device":
        path = tmp_path if place == "pipe among CSV files" else tmp_path / "pilot.xlsx"
        os.mkfifo(path / "session.csv" if path == tmp_path else path)
    for read in (read_source, data_digest):
        with pytest.raises(DataError) as raised:
            read(path)
        assert raised.value.key == "not_a_file"
