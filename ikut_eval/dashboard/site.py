"""The files of the dashboards: pages, what stands beside them, the pages shown when there is nothing to show; and all as a folder."""

import tomllib
from contextlib import suppress
from datetime import date
from pathlib import Path

from ikut_eval.contract.atomic import folder_written_atomically
from ikut_eval.contract.errors import NotAllowedError
from ikut_eval.contract.html import piece
from ikut_eval.contract.locale import LANGUAGES, day, shipped, text
from ikut_eval.dashboard.bundle_source import BundleSource
from ikut_eval.dashboard.html import ACCESSIBILITY, ASSET_FILES, ASSETS, asset_names, document, file_name
from ikut_eval.dashboard.page import PAGES, Page
from ikut_eval.release.store import Bundle

MARK = ".ikut-eval-pages"
"""A file that says that a folder may be replaced."""
_FOR_EVERYBODY = 0o755
_RETRY_SECONDS = {"busy": 2, "no_bundle": 10, "broken_bundle": 10}
"""Seconds after which the browser asks again for a page that may be ready by then."""
_STATEMENT_PARTS = ("status", "shortfalls", "tested", "feedback", "supervision")


def write_pages(bundle: Path, folder: Path, *, audience: str) -> Path:
    """Write all pages of a bundle, or of the public bundle that is current, into a folder, in the place of older ones, and return the first page.

    Folders above it are made where they are missing. Only the owner can enter a folder with pages of the internal audience.

    Raises
    ------
    ConfigurationError, NotAllowedError
        If there is no such bundle for the audience; or `folder` is there and holds something else.
    MachineError
        If the disk is full, or a file stands in the place of a folder above.
    """
    if folder.is_symlink() or (folder.exists() and not (folder / MARK).is_file() and any(folder.iterdir())):
        raise NotAllowedError("pages_not_replaced", folder=folder.name)
    found = BundleSource(bundle, audience).read()
    files = pages_of(found) | files_beside(found) | asset_files() | {MARK: f"{found.digest}\n".encode()}
    with suppress(OSError):  # said when the folder is written
        folder.parent.mkdir(parents=True, exist_ok=True)
    with folder_written_atomically(folder) as temporary:
        for name, content in files.items():
            (temporary / name).parent.mkdir(exist_ok=True)
            (temporary / name).write_bytes(content)
        if audience == "public":
            temporary.chmod(_FOR_EVERYBODY)
    return folder / "index.html"


def pages_of(bundle: Bundle) -> dict[str, bytes]:
    """Return every page in every language, by file name."""
    from ikut_eval.dashboard import pages  # slow, and the server has its pages made by kernels

    made = {file_name(name, language): getattr(pages, name)(bundle, language=language) for name in PAGES for language in LANGUAGES}
    return {name: page.document.encode() for name, page in made.items()}


def files_beside(bundle: Bundle) -> dict[str, bytes]:
    """Return every file that is neither a page nor an asset, by its path: the first one and the accessibility statements."""
    return {"index.html": _choice_of_language().encode()} | statements(bundle.audience, synthetic=bundle.synthetic)


def statements(audience: str, *, synthetic: bool) -> dict[str, bytes]:
    """Return the accessibility statement in every language, by file name."""
    made = {}
    for language in LANGUAGES:
        page = _bare(ACCESSIBILITY, audience, language, title=text("dash.accessibility", language), synthetic=synthetic)
        made[file_name(ACCESSIBILITY, language)] = document(page, body=_statement(language)).encode()
    return made


def asset_files() -> dict[str, bytes]:
    """Return style, script and plotly.js, by path: they hold no figure."""
    return {f"assets/{name}": (ASSETS / ASSET_FILES[kind]).read_bytes() for kind, name in asset_names().items()}


def notice(kind: str, *, language: str, audience: str) -> str:
    """Return a page that says why there is nothing to show ("no_bundle", "busy", ...) and what to do."""
    page = _bare("overview", audience, language, title=text(f"dash.notice.{kind}", language), synthetic=False)
    return document(page, body=piece("paragraph", text(f"dash.notice.{kind}_do", language)), again=_RETRY_SECONDS.get(kind))


def _bare(name: str, audience: str, language: str, *, title: str, synthetic: bool) -> Page:
    return Page(name, language, audience, title, "", synthetic, (), "", (), (), {})


def _choice_of_language() -> str:
    each = [(language, text("dash.site", language), file_name(PAGES[0], language), text("dash.language_name", language)) for language in LANGUAGES]
    return piece("choice_of_language", each, text("dash.languages", LANGUAGES[0]), asset_names()["style"]) + "\n"


def _statement(language: str) -> str:
    """Return the accessibility statement (Act 306/2019) as HTML; `dashboards/accessibility.toml` holds who supervises."""
    said = tomllib.loads((shipped("dashboards") / "accessibility.toml").read_text(encoding="utf-8"))
    authority = max((each for each in said["authority"] if each["from"] <= date.today()), key=lambda each: each["from"])
    values = {"checked": day(said["checked"], language), "authority": authority["name"][language], "address": authority["address"][language]}
    parts = [(text(f"dash.accessible.{part}_title", language), text(f"dash.accessible.{part}", language, **values)) for part in _STATEMENT_PARTS]
    return piece("sections", parts)
