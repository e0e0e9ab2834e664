"""The pilot's own names are kept out of its data by a list that holds none of them."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import openpyxl
import pytest
from openpyxl.comments import Comment

from ikut_eval.batch.job import run_job
from ikut_eval.contract.errors import DataError
from ikut_eval.contract.schema import load_contract
from ikut_eval.data.identifiers import NAMES, NAMES_KEY, Names, list_names, names_beside
from ikut_eval.data.pilot import validate
from ikut_eval.data.synthetic import synthetic_rows
from ikut_eval.data.template import write_template
from ikut_eval.data.workspace import create_workspace, open_workspace
from ikut_eval.data.writing import write_synthetic

PEOPLE = ["Anna Virtanen", "Nguyễn Thị Hoa", "Bo Li", "Fatima Al-Hassan", "Pekka Ranta", "Markus Đỗ", "Анна Иванова"]
Command = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Names:
    data = tmp_path_factory.mktemp("names") / "pilot.xlsx"
    assert list_names(data, PEOPLE)[0] == len(PEOPLE)
    return names_beside(data)


@pytest.mark.parametrize(
    "content",
    [
        *PEOPLE,
        "Virtanen",
        "soitettu Virtaselle",
        "VIRTASEN luona",
        "annavirtanen",
        "AnnaVirtanen",
        "Virtanen, Anna",
        "V i r t a n e n",
        "Virta\u200bnen",
        "\uff36\uff49\uff52\uff54\uff41\uff4e\uff45\uff4e",
        "pilot_virtanen_2",
        "Fatiman poissaolo",
        "Hassanin kanssa",
        "nguyen",
        "Li, Bo",
        "Pekan mukaan",
        "Markuksen",
        "Do Markus",
        "Иванова",
    ],
)
def test_name_is_found_in_any_form(names: Names, content: str) -> None:
    assert names.stand_in(content)


@pytest.mark.parametrize("content", ["anna päivä", "Anna", "bo", "virta", "ryhmä 3", "hoitaa", "pekoni", "marraskuu", "rantautua", "P7K2A", ""])
def test_ordinary_words_are_no_names(names: Names, content: str) -> None:
    assert not names.stand_in(content)


def test_files_hold_no_name_and_differ_from_pilot_to_pilot(tmp_path: Path) -> None:
    for pilot in ("one", "two"):
        (tmp_path / pilot).mkdir()
        list_names(tmp_path / pilot / "pilot.xlsx", PEOPLE)
    one, two = ((tmp_path / pilot / NAMES).read_text() for pilot in ("one", "two"))
    assert set(one.split()).isdisjoint(two.split())
    assert not any(word.casefold() in one for person in PEOPLE for word in person.split() if len(word) > 2)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "one").iterdir()} == {0}
    assert "irtanen" not in repr(names_beside(tmp_path / "one" / "pilot.xlsx"))


def test_later_names_are_added(tmp_path: Path) -> None:
    data = tmp_path / "pilot.xlsx"
    list_names(data, ["Anna Virtanen"])
    list_names(data, ["Fatima Al-Hassan"])
    assert all(names_beside(data).stand_in(name) for name in ("Virtanen", "Fatima"))


def make_device(folder: Path) -> None:
    (folder / NAMES).unlink()
    (folder / NAMES).symlink_to("/dev/zero")


@pytest.mark.parametrize("harm", [make_device, lambda f: (f / NAMES).unlink(), lambda f: (f / NAMES_KEY).unlink(), lambda f: (f / NAMES).write_text("Anna\n")])
def test_list_that_is_not_whole_stops_the_read(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    data = write_synthetic(tmp_path / "pilot.xlsx", load_contract(), case="tiny", seed=None, language="fi")[0]
    list_names(data, PEOPLE)
    harm(tmp_path)
    with pytest.raises(DataError, match="names"):
        names_beside(data)
    assert [issue.code for issue in validate(str(data)).issues] == ["unreadable"]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_what_the_program_writes_is_no_name(tmp_path: Path, language: str) -> None:
    path = tmp_path / "pilot.xlsx"
    write_template(path, load_contract(), language=language, background=True)
    list_names(path, ["Anna Arvo", "Toivo Määrä", "May Date", "Kai Välkommen", "Will Svar", *PEOPLE])
    assert not [issue.code for issue in validate(str(path)).issues if "identifier" in issue.code]


def in_note(book: openpyxl.Workbook) -> None:
    sheet = next(sheet for sheet in book.worksheets if sheet.title in ("Osallistujat", "participant"))
    sheet.cell(row=3, column=sheet.max_column).value = "soitettu Virtaselle"


def in_comment(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["A2"].comment = Comment("kysy Fatimalta", "A")


def in_sheet_name(book: openpyxl.Workbook) -> None:
    book.create_sheet("Pekka R")["A1"] = 1


def in_footer(book: openpyxl.Workbook) -> None:
    book.worksheets[0].oddFooter.left.text = "Hassan"


@pytest.mark.parametrize("place", [in_note, in_comment, in_sheet_name, in_footer], ids=lambda place: place.__name__)
def test_name_anywhere_in_a_workbook_stops_the_read(tmp_path: Path, place: Callable[[openpyxl.Workbook], None]) -> None:
    path = write_synthetic(tmp_path / "pilot.xlsx", load_contract(), case="tiny", seed=None, language="fi")[0]
    book = openpyxl.load_workbook(path)
    place(book)
    book.save(path)
    list_names(path, PEOPLE)
    report = validate(str(path))
    assert any("identifier" in issue.code for issue in report.issues)
    for language in ("fi", "sv", "en"):
        assert not any(name in report.to_text(language).casefold() for name in ("virta", "fatima", "pekka", "hassan"))


def test_name_in_csv_and_in_the_name_of_a_file(tmp_path: Path, write_csv: Callable[..., Path]) -> None:
    rows = synthetic_rows(load_contract(), case="tiny")
    folder = write_csv(tmp_path / "rekisteri Virtanen", rows)
    list_names(folder, PEOPLE)
    assert "identifier_in_file_name" in {issue.code for issue in validate(str(folder)).issues}


def test_names_by_the_command_line_stop_the_next_run(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch, write_csv: Callable[..., Path]) -> None:
    create_workspace(tmp_path / "w", language="en", languages=("en",), data="data/pilot")
    rows = synthetic_rows(load_contract(), case="tiny")
    rows["cohort"][0]["eligibility_note"] = "agreed with Virtanen"
    write_csv(tmp_path / "w" / "data" / "pilot", rows)
    space = open_workspace(tmp_path / "w")
    run_job(space, dry_run=True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("Anna Virtanen\n\nBo Li\n"))
    said = command("names", "-w", tmp_path / "w")
    assert (said.returncode, "2 names" in said.stdout, "irtanen" in said.stdout + said.stderr) == (0, True, False)
    with pytest.raises(DataError, match="ikut-eval check"):
        run_job(space, dry_run=True)


@pytest.mark.parametrize("given", ["", "\n \n"])
def test_no_names_and_nobodys_names_are_refused(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    create_workspace(tmp_path / "w", language="en", languages=("en",))
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    assert command("names", "-w", tmp_path / "w").returncode == 2
    assert not (tmp_path / "w" / "data" / NAMES).exists()
    create_workspace(tmp_path / "s", language="en", languages=("en",), data="synthetic")
    assert command("names", "-w", tmp_path / "s").returncode == 2
