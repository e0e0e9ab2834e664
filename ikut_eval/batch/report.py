"""From executed notebooks to the reports people open: HTML, the list of reports, PDF; and whether the machine has what that needs.

nbconvert and plotly are imported when they are first needed: a run in which nothing has changed needs neither.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from ikut_eval.batch.plan import Run, versions
from ikut_eval.contract.atomic import write_text, written_atomically
from ikut_eval.contract.errors import MachineError
from ikut_eval.contract.html import TEMPLATES, piece
from ikut_eval.contract.locale import LANGUAGES, PACKAGE, day, text
from ikut_eval.kernels.process import new_folder

_OWN = PACKAGE / "batch" / "assets"
_ASSETS = {"report.css": (TEMPLATES / "colours.css", _OWN / "report.css", TEMPLATES / "exhibits.css"), "report.js": (_OWN / "report.js",)}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def plotly_file() -> str:
    from plotly.offline import get_plotlyjs_version

    return f"plotly-{get_plotlyjs_version()}.min.js"


def write_assets(folder: Path) -> None:
    """Write style, script and plotly.js beside the reports; plotly.js only once a version."""
    from plotly.offline import get_plotlyjs

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, files in _ASSETS.items():
        write_text(folder / name, "".join(file.read_text(encoding="utf-8") for file in files))
    if not (folder / plotly_file()).exists():
        write_text(folder / plotly_file(), get_plotlyjs())


def _json_for_html(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _css_string(words: str) -> str:
    """Return words as a string of CSS that cannot end it, nor the element in which it stands."""
    return '"' + "".join(letter if letter.isalnum() or letter in " ·.,:–" else f"\\{ord(letter):x} " for letter in words) + '"'


def _alternative(drawn: dict[str, Any]) -> str:
    return escape(drawn.get("layout", {}).get("meta", {}).get("alternative", ""), quote=True)


@cache
def _exporter() -> Any:
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    settings = Config()
    settings.TagRemovePreprocessor.remove_cell_tags = {"editor", "injected-parameters", "parameters"}
    settings.TagRemovePreprocessor.enabled = True
    exporter = HTMLExporter(config=settings, template_name="ikut_report", extra_template_basedirs=[str(PACKAGE / "batch" / "templates")])  # type: ignore[no-untyped-call]
    exporter.environment.filters |= {"figure_json": _json_for_html, "figure_alternative": _alternative, "css_string": _css_string}
    return exporter


def export_report(notebook: Any, run: Run) -> str:
    """Return the report as an HTML page in the run's language."""
    words = {key: text(f"page.{key}", run.language) for key in ("skip", "all_reports")}
    resources = {"language": run.language, "page_title": report_title(run), "words": words, "plotly": plotly_file()}
    page, _ = _exporter().from_notebook_node(notebook, resources=resources)
    return str(page)


def report_title(run: Run) -> str:
    """Return the title of a report's page: the catalogue's, or an own notebook's own title."""
    try:
        name = text(f"report.{run.notebook.name.partition('_')[2]}", run.language)
    except KeyError:
        name = run.notebook.title
    cohort = run.parameters.get("cohort")
    return f"{name} · {cohort}" if cohort else name


class ListedReport(NamedTuple):
    """A report in the list of reports.

    Attributes
    ----------
    run : Run – what it is of
    path : Path – where it lies, or would lie
    state : str – "current", "outdated" or "failed"; a failed run can have left an earlier report in its place
    own : bool – whether its notebook is not one that comes with the package, unchanged
    finished : date or None – the day on which it was made; None where there is none
    findings : sequence of str – what its first page says, the most important first
    """

    run: Run
    path: Path
    state: str
    own: bool
    finished: date | None
    findings: Sequence[str]


def write_index(runs_folder: Path, listed: Sequence[ListedReport], *, language: str, synthetic: bool, reporting_date: date | None) -> Path:
    """Write the page that lists the reports in a language: a row for each report and cohort, a column for each language, and return its path."""
    languages = sorted({one.run.language for one in listed}, key=LANGUAGES.index)
    rows: dict[tuple[str, str], dict[str, ListedReport]] = {}
    for one in listed:
        rows.setdefault((one.run.notebook.name, str(one.run.parameters.get("cohort", ""))), {})[one.run.language] = one
    telling = {one.run.notebook.name for one in listed if one.findings}
    order = sorted(rows, key=lambda of: (of[0] not in telling, bool(of[1])))  # first what tells something, the whole pilot before its cohorts
    shown = [_listed_row(rows[of], language, languages, runs_folder) for of in order]
    kinds = ("synthetic", "confidential") if synthetic else ("confidential",)
    marks = [(kind, text(f"report.{kind}", language)) for kind in kinds]
    about = text("page.reporting_date", language, date=day(reporting_date, language)) if reporting_date else ""
    heads = [(each, text("dash.language_name", each)) for each in languages]
    words = (text("reports.title", language), text("reports.report", language), text("reports.none", language))
    write_text(runs_folder / "index.html", piece("list_of_reports", language, words, about, marks, heads, shown) + "\n")
    return runs_folder / "index.html"


def _listed_row(each: Mapping[str, ListedReport], language: str, languages: Sequence[str], runs_folder: Path) -> tuple[Any, ...]:
    """Return language, title and finding of a row, and of each language the address, the title, the day and the states; None where there is no report."""
    first = each.get(language) or next(iter(each.values()))
    cells: list[tuple[str, str, str, list[tuple[str, str]]] | None] = []
    for own in languages:
        one = each.get(own)
        if one is None:
            cells.append(None)
            continue
        address = quote(one.path.relative_to(runs_folder).as_posix()) if one.finished else ""
        states = [(kind, text(f"reports.{kind}", language)) for kind in (one.state, *(["own"] if one.own else []))]
        cells.append((address, report_title(one.run), day(one.finished, language) if one.finished else "", states))
    return first.run.language, report_title(first.run), first.findings[0] if first.findings else "", cells


def find_browser() -> str | None:
    """Return the path of a Chromium-like browser: IKUT_EVAL_BROWSER, else the first one found."""
    named = os.environ.get("IKUT_EVAL_BROWSER")
    return named or next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def print_pdf(report: Path) -> Path:
    """Write a PDF beside an HTML report and return its path.

    Raises
    ------
    MachineError
        If there is no browser, or it fails.
    """
    browser = find_browser()
    if browser is None:
        raise MachineError("no_browser")
    target = report.with_suffix(".pdf")
    with written_atomically(target) as temporary, new_folder() as profile:  # its path is short enough for the browser's socket file
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            "--virtual-time-budget=10000",
            f"--print-to-pdf={temporary}",
            report.absolute().as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=120, env={**os.environ, "TMPDIR": profile})
        except (OSError, subprocess.SubprocessError) as problem:
            raise MachineError("browser_failed", file=target.name) from problem
        if temporary.stat().st_size == 0:
            raise MachineError("browser_failed", file=target.name)
    return target


def environment_checks() -> list[tuple[str, bool, str]]:
    """Return what the reports need of the machine: the key of each need, whether it is met, and what was found."""
    from jupyter_client.kernelspec import KernelSpecManager

    python = ".".join(map(str, sys.version_info[:3]))
    kernel = "python3" in KernelSpecManager().find_kernel_specs()
    libraries = ", ".join(f"{name} {number}" for name, number in versions().items() if name != "python")
    browser = find_browser()
    return [
        ("python", sys.version_info >= (3, 11), python),
        ("libraries", True, libraries),
        ("kernel", kernel, "python3" if kernel else ""),
        ("browser", browser is not None, browser or ""),
    ]
