"""From executed notebooks to the reports people open: HTML, the list of reports, PDF; and whether the machine has what that needs.

nbconvert and plotly are imported when they are first needed: a run in which nothing has changed needs neither.
"""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
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


def write_index(runs_folder: Path, entries: list[tuple[str, str, Path]], *, synthetic: bool, reporting_date: date | None) -> Path:
    """Write the page that lists all reports, of each (language, title, path), with the reporting date, and return its path."""
    listed = {lang: [(quote(path.relative_to(runs_folder).as_posix()), title) for own, title, path in entries if own == lang] for lang in LANGUAGES}
    blocks = [(lang, text("page.reports", lang), reports) for lang, reports in listed.items() if reports]
    kinds = ("synthetic", "confidential") if synthetic else ("confidential",)
    marks = [(kind, lang, text(f"report.{kind}", lang)) for kind in kinds for lang, _, _ in blocks]
    if reporting_date:
        marks = [*(("date", lang, text("page.reporting_date", lang, date=day(reporting_date, lang))) for lang, _, _ in blocks), *marks]
    first = blocks[0][0] if blocks else LANGUAGES[0]
    write_text(runs_folder / "index.html", piece("list_of_reports", first, text("page.reports", first), marks, blocks) + "\n")
    return runs_folder / "index.html"


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
