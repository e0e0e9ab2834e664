"""The report of a check as a page of its own."""

from html import escape

from ikut_eval.contract.locale import text
from ikut_eval.data.issues import Report

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;color:#1f2933;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    ".table{overflow-x:auto}table{border-collapse:collapse}caption{text-align:left;font-weight:600}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #c5ccd4}"
)


def check_page(report: Report, language: str) -> str:
    """Return a complete HTML page that needs no other file."""
    title = escape(text("check.title", language))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{report.to_html(language)}</main></body></html>"
    )
