"""From an executed notebook to a report: one HTML page beside one copy of plotly.js, no other host."""

import json
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from plotly.offline import get_plotlyjs, get_plotlyjs_version
from traitlets.config import Config

from ikut_eval.batch.index import report_title
from ikut_eval.batch.plan import Run
from ikut_eval.contract.atomic import write_text
from ikut_eval.contract.locale import text
from ikut_eval.contract.shipped import PACKAGE

_OWN_ASSETS = PACKAGE / "batch" / "assets"
_TEMPLATES = PACKAGE / "batch" / "templates"


def plotly_file() -> str:
    return f"plotly-{get_plotlyjs_version()}.min.js"


def write_assets(folder: Path) -> None:
    """Write style, script and plotly.js beside the reports; plotly.js only once a version."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in _OWN_ASSETS.iterdir():
        write_text(folder / path.name, path.read_text(encoding="utf-8"))
    if not (folder / plotly_file()).exists():
        write_text(folder / plotly_file(), get_plotlyjs())


def _json_for_html(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _alternative(drawn: dict[str, Any]) -> str:
    return escape(drawn.get("layout", {}).get("meta", {}).get("alternative", ""), quote=True)


@cache
def _exporter() -> HTMLExporter:
    settings = Config()
    settings.TagRemovePreprocessor.remove_cell_tags = {"editor", "injected-parameters", "parameters"}
    settings.TagRemovePreprocessor.enabled = True
    exporter = HTMLExporter(config=settings, template_name="ikut_report", extra_template_basedirs=[str(_TEMPLATES)])  # type: ignore[no-untyped-call]
    exporter.environment.filters |= {"figure_json": _json_for_html, "figure_alternative": _alternative}
    return exporter


def export_report(notebook: Any, run: Run) -> str:
    """Return the report as an HTML page in the run's language."""
    language = str(run.parameters["language"])
    words = {key: text(f"page.{key}", language) for key in ("skip", "all_reports")}
    resources = {"language": language, "page_title": report_title(run, language), "words": words, "plotly": plotly_file()}
    page, _ = _exporter().from_notebook_node(notebook, resources=resources)
    return str(page)
