"""The documents of the repository say what is there: commands, files, names and links; and the API reference can be built."""

import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

import ikut_eval
from ikut_eval.cli import cli
from tests.repository import ROOT, TRACKED

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "GLOSSARY.md", "CHANGELOG.md", "data_schema/README.md", "bench/README.md")
WORDS = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_exist(name: str) -> None:
    for target in set(re.findall(r"`make (\w+)|^make (\w+)", WORDS[name], flags=re.M)):
        assert f"\n{''.join(target)}:" in MAKEFILE
    for verb in set(re.findall(r"^ikut-eval (\w+)|`ikut-eval (\w+)", WORDS[name], flags=re.M)):
        assert "".join(verb) in cli.commands


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_to_files(name: str) -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", WORDS[name]):
        assert ((ROOT / name).parent / link).exists(), link


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_files_and_folders_exist(name: str) -> None:
    for path in re.findall(r"`((?:ikut_eval|data_schema|tests|notebooks|dashboards|bench)/[\w./]*)`", WORDS[name]):
        assert any(tracked == path or tracked.startswith(path.rstrip("/") + "/") for tracked in TRACKED), path


def test_readme_leads_to_the_other_documents() -> None:
    assert {"CONTRIBUTING.md", "GLOSSARY.md", "data_schema/README.md"} <= set(re.findall(r"\]\(([^)]+)\)", WORDS["README.md"]))


def test_table_of_changes_has_fourteen() -> None:
    assert re.findall(r"^\| (\d+) ", WORDS["CONTRIBUTING.md"], flags=re.M) == [str(n) for n in range(1, 15)]


def test_readme_has_every_folder_of_the_package() -> None:
    folders = {path.parent.name for path in (ROOT / "ikut_eval").glob("*/__init__.py")}
    assert folders == set(re.findall(r"`ikut_eval/(\w+)`", WORDS["README.md"]))


def test_every_term_of_the_glossary_is_in_the_code_once() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| .+ \| `(\w+)` \|$", WORDS["GLOSSARY.md"], flags=re.M)
    terms = [term for term, _ in rows if term != "term"]
    assert len(terms) >= 40
    assert len(terms) == len(set(terms))
    code = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in TRACKED if re.fullmatch(r"(ikut_eval|data_schema)/.+\.(py|toml|json)", name))
    assert [name for _, name in rows if not re.search(rf"\b{name}\b", code)] == []


def test_version_and_licence_are_cited_as_they_are() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (str(cited["version"]), cited["license"]) == (project["version"], project["license"]) == (ikut_eval.__version__, "MIT")


def test_public_host_runs_the_test_command() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    assert [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step] == ["make test"]
    assert (ROOT / ".ci/run").read_text(encoding="utf-8").rstrip().endswith("make test")


class Page(HTMLParser):
    """What a browser fetches for a page, besides what the page itself holds, and the ids in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched: list[str] = ["".join(found) for found in re.findall(r"@import\s*([^;]+)|url\((?![\"']?data:)([^)]+)", page)]
        self.ids: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        named = [given[name] for name in ("src", "data", "poster") if name in given] + ([given["href"]] if tag == "link" else [])
        self.fetched += [address for address in named if not address.startswith("data:")]


def test_requests_are_seen() -> None:
    page = '<link href="//a/b.css"><script src="https://a/b.js"></script><img src="data:image/png,x"><style>@import "c"; p { background: url(d.png) }</style>'
    assert sorted(Page(page).fetched) == ['"c"', "//a/b.css", "d.png", "https://a/b.js"]


def test_api_reference_has_every_public_name_and_asks_no_other_host(tmp_path: Path) -> None:
    (words,) = re.findall(r"\$\(BIN\)/pdoc (.+)", MAKEFILE)
    command = [Path(sys.executable).with_name("pdoc"), *words.replace("build/docs", str(tmp_path)).split()]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    found = Page((tmp_path / "ikut_eval.html").read_text(encoding="utf-8"))
    assert set(ikut_eval.__all__) <= found.ids
    for page in tmp_path.rglob("*.html"):
        asked = Page(page.read_text(encoding="utf-8")).fetched
        assert [address for address in asked if "//" in address] == []


@pytest.mark.parametrize("name", ikut_eval.__all__)
def test_public_name_is_documented(name: str) -> None:
    words = getattr(ikut_eval, name).__doc__
    assert words
    assert words.strip().partition("\n")[0].strip().endswith((".", "?"))
