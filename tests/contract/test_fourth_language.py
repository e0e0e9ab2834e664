"""A fourth language is data alone: its words in `data_schema/` and a catalogue. No line of code knows how many there are."""

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ikut_eval.contract.locale import PACKAGE, shipped

MARK = "Õ "
"""Begins every text of the fourth language, so that a text from another language is seen."""

PROGRAM = """
import sys
from pathlib import Path
import ikut_eval as ikut
from ikut_eval.cli import cli
from ikut_eval.contract.locale import LANGUAGES, day, number, percent
from python_calamine import CalamineWorkbook
from datetime import date

out = Path(sys.argv[1])
print(*LANGUAGES)
print(day(date(2021, 11, 12), "et"), number(1234.5, "et"), percent(0.62, "et"), sep="|")
cli(["template", str(out / "template.xlsx"), "-l", "et"], standalone_mode=False)
print(*CalamineWorkbook.from_path(out / "template.xlsx").sheet_names, sep="|")
cli(["synth", str(out / "tiny"), "--case", "tiny", "-l", "et"], standalone_mode=False)
cli(["check", str(out / "tiny"), "-l", "et"], standalone_mode=False)
pilot = ikut.read_pilot("synthetic:tiny")
exhibit = ikut.plot_attendance(ikut.attendance_rate(pilot), ikut.attendance_rate(pilot, by="person"), language="et")
print(repr(exhibit))
print(ikut.explain("attendance_rate", language="et"))
"""


def with_words(content: Any) -> Any:
    """Return JSON content with a fourth text wherever there are three, made of the English one."""
    if isinstance(content, list):
        return [with_words(each) for each in content]
    if not isinstance(content, dict):
        return content
    added = {"et": MARK + content["en"]} if {"fi", "sv", "en"} <= set(content) else {}
    return {key: with_words(each) for key, each in content.items()} | added


def add_language(schema: Path, catalogues: Path) -> None:
    """Add Estonian, as somebody would who translates: a word beside each word, a column beside each column, a catalogue."""
    for path in schema.rglob("*.json"):
        content = with_words(json.loads(path.read_text(encoding="utf-8")))
        if path.name == "datapackage.json":
            content["languages"] = [*content["languages"], "et"]
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    for path in schema.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        with path.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, [*rows[0], "et"])
            writer.writeheader()
            writer.writerows({**row, "et": MARK + row["en"]} for row in rows)
    for path in schema.rglob("*.toml"):
        words = path.read_text(encoding="utf-8")
        words = re.sub(r'([{,] )en = "((?:[^"\\]|\\.)*)"', rf'\1en = "\2", et = "{MARK}\2"', words)
        path.write_text(re.sub(r'(?m)^en = "(.*)"$', rf'en = "\1"\net = "{MARK}\1"', words), encoding="utf-8")
    words = (catalogues / "en.po").read_text(encoding="utf-8").replace('"Language: en\\n"', '"Language: et\\n"')
    words = re.sub(r'(?m)^(msgstr(?:\[\d\])?) "(.+)"$', rf'\1 "{MARK}\2"', words)
    for key, value in (("locale", "et_EE"), ("day", "d.M.yyyy"), ("day_in_excel", "d.m.yyyy")):
        words = re.sub(rf'(msgid "format.{key}"\nmsgstr) ".*"', rf'\1 "{value}"', words)
    (catalogues / "et.po").write_text(words, encoding="utf-8")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return what a copy of the program with a fourth language says."""
    folder = tmp_path_factory.mktemp("fourth")
    shutil.copytree(PACKAGE, folder / "ikut_eval", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("data_schema", "dashboards", "notebooks"):
        if not (folder / "ikut_eval" / "shipped" / name).exists():
            shutil.copytree(shipped(name), folder / name)
    add_language(next(folder.rglob("data_schema")), folder / "ikut_eval" / "contract" / "catalogues")
    done = subprocess.run([sys.executable, "-c", PROGRAM, folder], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def test_language_is_the_fourth(said: list[str]) -> None:
    assert said[0] == "fi sv en et"


def test_numbers_and_dates_are_written_in_it(said: list[str]) -> None:
    assert said[1].replace("\u00a0", " ") == "12.11.2021|1 234,5|62%"


def test_template_has_its_words(said: list[str]) -> None:
    (sheets,) = (line.split("|") for line in said if line.endswith("_lists"))
    assert len(sheets) > 10
    assert all(name.startswith(MARK) for name in sheets[:-1])


def test_data_checked_and_a_sentence_of_a_report_speak_it(said: list[str]) -> None:
    assert "Õ Õ 0 kinds of errors, Õ 0 kinds of warnings." in said
    assert [line for line in said if line.startswith(MARK) and "C1" in line]
    assert "Õ Attendance (rate A)" in said
