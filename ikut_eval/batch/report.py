"""From executed notebooks to the reports people open: HTML, the list of reports, PDF; and whether the machine has what that needs.

nbconvert and plotly are imported when they are first needed: a run in which nothing has changed needs neither.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from html import escape
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from ikut_eval.batch.plan import Run, is_whole, versions
from ikut_eval.contract.atomic import write_text, written_atomically
from ikut_eval.contract.errors import ConfigurationError, MachineError
from ikut_eval.contract.html import TEMPLATES, piece
from ikut_eval.contract.locale import LANGUAGES, PACKAGE, day, text
from ikut_eval.kernels.process import new_folder
from ikut_eval.present.plain import HIDDEN, Heading, Part, parts_of_notebook, seemly

if TYPE_CHECKING:
    from PIL.Image import Image

_DRAWN_WIDTH, _DRAWN_HEIGHT, _SHARPNESS = 900, 7000, 2
"""Width of a picture and height of a column of pictures, and how many points each of their pixels has: a browser draws at most 16,384 points."""
_OWN = PACKAGE / "batch" / "assets"
_ASSETS = {"report.css": (TEMPLATES / "colours.css", _OWN / "report.css", TEMPLATES / "exhibits.css"), "report.js": (_OWN / "report.js",)}
_ON_WINDOWS = ("Microsoft/Edge/Application/msedge.exe", "Google/Chrome/Application/chrome.exe")
_PROGRAMS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
"""Variables that name the folders in which Windows keeps programs, outside of PATH."""
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
    settings.TagRemovePreprocessor.remove_cell_tags = set(HIDDEN)
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


@dataclass(frozen=True)
class OfficeReport:
    """What a file for an office program holds.

    Attributes
    ----------
    title, about : str – its title, and of which people and day it is
    labels : sequence of str – for whom it is, and whether people are invented: on every page
    day : date or None – the reporting date: of the file's properties
    parts : sequence of Part – what it shows
    """

    title: str
    about: str
    labels: Sequence[str]
    language: str
    day: date | None
    parts: Sequence[Part]

    @property
    def made(self) -> datetime:
        """The time in the file's properties, which does not change with the clock."""
        return datetime.combine(self.day or date(2000, 1, 1), time())


def finished_report(report: Path) -> OfficeReport:
    """Return what a finished HTML report shows, from the executed notebook beside it.

    Raises
    ------
    ConfigurationError
        If the files of the report are not as its run left them.
    """
    manifest = report.with_suffix(".json")
    if not is_whole(manifest):
        raise ConfigurationError("report_changed", file=f"{report.parent.name}/{report.name}")
    told = json.loads(manifest.read_text(encoding="utf-8"))
    notebook = json.loads(report.with_suffix(".ipynb").read_text(encoding="utf-8"))
    language = str(told["inputs"]["parameters"]["language"])
    parts = parts_of_notebook(notebook, language)
    when = date.fromisoformat(told["reporting_date"]) if told.get("reporting_date") else None
    own = told["inputs"]["parameters"].get("cohort")
    people = {cohort: n for cohort, n in told.get("people", {}).items() if own in (None, cohort)}
    titles = [part.words for part in parts if isinstance(part, Heading) and part.level == 1]
    title = next(iter(titles), seemly(str(notebook["metadata"].get("title", report.parent.name))))
    about = text("report.about", language, cohorts=", ".join(people), n=len(people), date=day(when, language) if when else "–") if people else ""
    kinds = ("synthetic", "confidential") if told.get("synthetic") else ("confidential",)
    return OfficeReport(
        title=f"{title} · {own}" if own else title,
        about=" ".join(filter(None, (about, f"{text('people', language, n=sum(people.values()))}." if people else ""))),
        labels=[text(f"report.{kind}", language) for kind in kinds],
        language=language,
        day=when,
        parts=parts,
    )


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
    """Return the path of a Chromium-like browser: IKUT_EVAL_BROWSER, else the first one found, on PATH or where Windows keeps it."""
    named = os.environ.get("IKUT_EVAL_BROWSER")
    kept = (Path(os.environ[folder]) / name for folder in _PROGRAMS if folder in os.environ for name in _ON_WINDOWS)
    return named or next((found for name in _BROWSERS if (found := shutil.which(name))), None) or next((str(path) for path in kept if path.is_file()), None)


def print_pdf(report: Path) -> Path:
    """Write a PDF beside an HTML report and return its path.

    Raises
    ------
    MachineError
        If there is no browser, or it fails.
    """
    target = report.with_suffix(".pdf")
    with written_atomically(target) as temporary:
        _run_browser(report, temporary, target.name, "--no-pdf-header-footer", "--virtual-time-budget=10000", f"--print-to-pdf={temporary}")
    return target


def draw_pictures(pictures: Sequence[str], name: str) -> list[bytes]:
    """Return pictures (SVG) as PNG, all from one start of the browser: one below the other in columns, and then cut apart.

    Parameters
    ----------
    name : str
        Of the file that they are for.

    Raises
    ------
    MachineError
        If there is no browser, or it fails.
    """
    from PIL import Image

    if not pictures:
        return []
    boxes, x, y = [], 0, 0
    for picture in pictures:
        high = ceil(_DRAWN_WIDTH * _height_to_width(picture))
        if y and y + high > _DRAWN_HEIGHT:
            x, y = x + _DRAWN_WIDTH, 0
        boxes.append((x, y, _DRAWN_WIDTH, high))
        y += high
    coded = [b64encode(picture.encode()).decode() for picture in pictures]
    with new_folder() as folder:
        page, drawn = Path(folder) / "pictures.html", Path(folder) / "pictures.png"
        page.write_text(piece("pictures", list(zip(boxes, coded, strict=True))), encoding="utf-8")
        size = f"{x + _DRAWN_WIDTH},{max(top + high for _, top, _, high in boxes)}"
        _run_browser(page, drawn, name, "--hide-scrollbars", f"--force-device-scale-factor={_SHARPNESS}", f"--window-size={size}", f"--screenshot={drawn}")
        with Image.open(drawn) as whole:
            return [_cut(whole, left, top, left + wide, top + high) for left, top, wide, high in boxes]


def _height_to_width(picture: str) -> float:
    """Return how high a picture is by its width, at most `_DRAWN_HEIGHT`; half as high where it does not say."""
    found = re.search(r'viewBox="[-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)[ ,]+([\d.]+)"', picture)
    wide, high = (float(found[1]), float(found[2])) if found else (2.0, 1.0)
    return min(high / wide, _DRAWN_HEIGHT / _DRAWN_WIDTH) if wide and high else 0.5


def _cut(whole: "Image", *ends: int) -> bytes:
    """Return a part of a picture as PNG; the picture has few colours, and a palette of them makes it small."""
    made = BytesIO()
    left, top, right, bottom = (_SHARPNESS * end for end in ends)
    whole.crop((left, top, right, bottom)).convert("RGB").quantize(256).save(made, "PNG", optimize=True)
    return made.getvalue()


def _run_browser(page: Path, made: Path, name: str, *options: str) -> None:
    """Let a browser without a window make a file of a page; `name` stands in the message of what goes wrong."""
    browser = find_browser()
    if browser is None:
        raise MachineError("no_browser")
    with new_folder() as profile:  # its path is short enough for the browser's socket file
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={profile}",
            *options,
            page.absolute().as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=120, env={**os.environ, "TMPDIR": profile})
            empty = made.stat().st_size == 0
        except (OSError, subprocess.SubprocessError) as problem:
            raise MachineError("browser_failed", file=name) from problem
        if empty:
            raise MachineError("browser_failed", file=name)


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
