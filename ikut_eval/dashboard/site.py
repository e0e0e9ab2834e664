"""The files of the dashboards: pages, what stands beside them, and the pages that are shown when there is nothing to show."""

from html import escape

from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.dashboard.accessibility import statement
from ikut_eval.dashboard.assets import asset_names, assets
from ikut_eval.dashboard.html import ACCESSIBILITY, document, file_name
from ikut_eval.dashboard.page import PAGES, Page
from ikut_eval.release.store import Bundle

NOTICES = ("no_bundle", "broken_bundle", "busy", "not_found", "not_allowed", "failed")
_ASKED_AGAIN = {"busy": 2, "no_bundle": 10, "broken_bundle": 10}
"""Seconds after which a page that can come by itself is asked for again."""


def files_beside(bundle: Bundle) -> dict[str, bytes]:
    """Return every file that is neither a page nor an asset, by its path: the first one and the accessibility statements."""
    return {"index.html": _choice_of_language().encode()} | statements(bundle.audience, synthetic=bundle.synthetic)


def statements(audience: str, *, synthetic: bool) -> dict[str, bytes]:
    """Return the accessibility statement in every language, by file name."""
    made = {}
    for language in LANGUAGES:
        page = _bare(ACCESSIBILITY, audience, language, title=text("dash.accessibility", language), synthetic=synthetic)
        made[file_name(ACCESSIBILITY, language)] = document(page, body=statement(language)).encode()
    return made


def asset_files() -> dict[str, bytes]:
    """Return style, script and plotly.js, by path: they hold no figure."""
    return {f"assets/{name}": content for name, content in assets().items()}


def notice(kind: str, *, language: str, audience: str) -> str:
    """Return a page that says why there is nothing to show and what to do.

    Parameters
    ----------
    kind : one of `NOTICES`
    """
    page = _bare("overview", audience, language, title=text(f"dash.notice.{kind}", language), synthetic=False)
    body = f'<p class="sentence">{escape(text(f"dash.notice.{kind}_do", language))}</p>'
    return document(page, body=body, again=_ASKED_AGAIN.get(kind))


def _bare(name: str, audience: str, language: str, *, title: str, synthetic: bool) -> Page:
    return Page(name, language, audience, title, "", synthetic, None, (), "", (), (), {})


def _choice_of_language() -> str:
    links = "".join(
        f'<li><a href="{file_name(PAGES[0], language)}" lang="{language}" hreflang="{language}">{escape(text("dash.language_name", language))}</a></li>'
        for language in LANGUAGES
    )
    titles = " · ".join(f'<span lang="{language}">{escape(text("dash.site", language))}</span>' for language in LANGUAGES)
    first = LANGUAGES[0]
    return (
        f'<!doctype html>\n<html lang="{first}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(text("dash.site", first))}</title><link rel="icon" href="data:,">'
        f'<link rel="stylesheet" href="assets/{asset_names()["style"]}"></head>'
        f'<body><main><h1>{titles}</h1><nav aria-label="{escape(text("dash.languages", first))}"><ul>{links}</ul></nav></main></body></html>\n'
    )
