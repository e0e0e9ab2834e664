"""Plain papermill and nbconvert show each figure and each sentence of a report once, without asking anybody for a picture."""

import html
import json
import re
import subprocess
import sys
from base64 import b64decode
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from ikut_eval.contract.locale import shipped

SVG = "image/svg+xml"
NAME = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a cohort report as somebody would make it who does not know `ikut-eval run`."""
    folder = tmp_path_factory.mktemp("plain")
    tools = Path(sys.executable).parent
    report = shipped("notebooks") / "20_cohort_report.ipynb"
    for words in (["papermill", report, "out.ipynb", "-p", "cohort", "C2", "--no-progress-bar"], ["jupyter", "nbconvert", "--to", "html", "out.ipynb"]):
        subprocess.run([tools / words[0], *words[1:]], cwd=folder, check=True, capture_output=True, timeout=600)
    return folder


def outputs(folder: Path) -> list[dict[str, object]]:
    cells = json.loads((folder / "out.ipynb").read_text(encoding="utf-8"))["cells"]
    return [output["data"] for cell in cells for output in cell.get("outputs", []) if "data" in output]


def joined(part: object) -> str:
    return "".join(part) if isinstance(part, list) else str(part)


def test_each_figure_is_there_once(plain: Path) -> None:
    drawn = [data for data in outputs(plain) if "application/vnd.plotly.v1+json" in data]
    assert len(drawn) > 15
    page = BeautifulSoup((plain / "out.html").read_text(encoding="utf-8"), "html.parser")
    shown = [b64decode(image["src"].partition(",")[2]).decode() for image in page.select(".jp-RenderedSVG img")]
    assert Counter(shown) == Counter(joined(data[SVG]) for data in drawn)


def test_each_sentence_is_said_once(plain: Path) -> None:
    page = BeautifulSoup((plain / "out.html").read_text(encoding="utf-8"), "html.parser")
    words = Counter(" ".join(part.get_text().split()) for part in page.select(".sentence li, p.sentence"))
    seen = " ".join(page.get_text(" ").split())
    assert len(words) > 20
    assert {line: seen.count(line) for line, n in words.items() if len(line) > 40 and seen.count(line) > n} == {}


def test_pictures_are_whole_and_ask_nobody(plain: Path) -> None:
    for data in (data for data in outputs(plain) if SVG in data):
        picture = joined(data[SVG])
        root = ElementTree.fromstring(picture)  # noqa: S314  # of ours
        title = root.find(f"{NAME}title")
        assert title is not None
        assert html.unescape(str(title.text)) == joined(data["text/plain"])
        assert re.findall(r"(?:href|src|url)\s*[=(]\s*[\"']?(?!#|http://www\.w3\.org)", picture) == []
        assert "nan" not in picture
        width, height = (float(n) for n in root.attrib["viewBox"].split()[2:])
        for text in root.iter(f"{NAME}tspan"):
            if "x" in text.attrib:
                assert (0 <= float(text.attrib["x"]) <= width, 0 <= float(text.attrib["y"]) <= height) == (True, True), text.text
