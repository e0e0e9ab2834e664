"""Titles of reports, and the page that lists them."""

from html import escape
from pathlib import Path

from ikut_eval.batch.plan import Run
from ikut_eval.contract.atomic import write_text
from ikut_eval.contract.locale import LANGUAGES, text


def report_title(run: Run, language: str) -> str:
    """Return the title of a report's page: the catalogue's, or an own notebook's own title."""
    try:
        name = text(f"report.{run.notebook.name.partition('_')[2]}", language)
    except KeyError:
        name = run.notebook.title
    cohort = run.parameters.get("cohort")
    return f"{name} · {cohort}" if cohort else name


def write_index(runs_folder: Path, entries: list[tuple[str, str, Path]], *, synthetic: bool) -> Path:
    """Write the page that lists all reports: (language, title, path) each.

    Returns
    -------
    Path
        The page.
    """
    blocks = []
    for language in LANGUAGES:
        items = [f'<li><a href="{path.relative_to(runs_folder).as_posix()}">{escape(title)}</a></li>' for lang, title, path in entries if lang == language]
        if items:
            blocks.append(f'<section lang="{language}"><h2>{escape(text("page.reports", language))}</h2><ul>{"".join(items)}</ul></section>')
    shown = [lang for lang in LANGUAGES if any(e[0] == lang for e in entries)]
    first = shown[0] if shown else LANGUAGES[0]
    kinds = ["synthetic", "confidential"] if synthetic else ["confidential"]
    marks = "".join(f'<p class="{kind}" lang="{lang}">{escape(text(f"report.{kind}", lang))}</p>' for kind in kinds for lang in shown)
    page = (
        f'<!doctype html><html lang="{first}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(text("page.reports", first))}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="assets/report.css"></head>'
        f"<body><main><h1>ikut_eval</h1>{marks}{''.join(blocks)}</main></body></html>\n"
    )
    path = runs_folder / "index.html"
    write_text(path, page)
    return path
