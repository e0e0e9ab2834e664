"""The files of the dashboards: pages that notebooks show, what stands beside them, the pages of other states; and all as a folder."""

import asyncio
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from time import monotonic

from ikut_eval.contract.atomic import folder_written_atomically
from ikut_eval.contract.errors import ConfigurationError, NotAllowedError, NotebookError
from ikut_eval.contract.html import piece
from ikut_eval.contract.locale import LANGUAGES, day, shipped, text
from ikut_eval.dashboard.bundle_source import AUDIENCE, BUNDLE, LANGUAGE, BundleSource
from ikut_eval.dashboard.html import ACCESSIBILITY, document, file_name, style
from ikut_eval.dashboard.page import FINISHED, PAGES, Page
from ikut_eval.dashboard.rendering import PLOTLY_FILE, page_kernels, render_page
from ikut_eval.release.store import Bundle

MARK = ".ikut-eval-pages"
"""A file that says that a folder may be replaced."""
_FOR_EVERYBODY = 0o755
_RETRY_SECONDS = {"busy": 2, "no_bundle": 10, "broken_bundle": 10}
"""Seconds after which the browser asks again for a page that may be ready by then."""
_STATEMENT_PARTS = ("status", "shortfalls", "tested", "feedback", "supervision")


@dataclass(frozen=True)
class Settings:
    """How pages are made and served.

    Attributes
    ----------
    notebooks : Path – folder of the pages' notebooks
    own : Path or None – folder of an evaluator's own, each in the place of the one of that name
    language : str – of messages, and of viewers who ask for no language that we have
    pages : sequence of str – names of the notebooks
    kernels : int – how many run at once
    page_seconds : float – the longest time that a page may take
    wait_seconds : float – how long a viewer waits for a page that is not ready; then a notice is shown
    look_seconds : float – how often the bundle is looked at
    start_seconds : float – the longest time to wait for the first pages before the server tells its address
    """

    notebooks: Path
    language: str
    pages: Sequence[str] = PAGES
    kernels: int = 4
    page_seconds: float = 120
    wait_seconds: float = 5
    look_seconds: float = 1
    start_seconds: float = 20
    own: Path | None = None

    @cached_property
    def files(self) -> Mapping[str, tuple[str, str]]:
        """Page and language of each page's file."""
        return {file_name(page, language): (page, language) for page in self.pages for language in LANGUAGES}

    def notebook(self, page: str) -> Path:
        """Return a page's notebook."""
        own = self.own / f"{page}.ipynb" if self.own else None
        return own if own and own.is_file() else self.notebooks / f"{page}.ipynb"


def own_pages(folder: Path | None, audience: str) -> Path | None:
    """Return a folder of an evaluator's own pages, once it is seen to hold some.

    Raises
    ------
    NotAllowedError
        If the pages are public: those are made from the shipped notebooks only.
    ConfigurationError
        If no notebook in it has the name of a page.
    """
    if folder and audience == "public":
        raise NotAllowedError("own_pages_public")
    if folder and not any((folder / f"{page}.ipynb").is_file() for page in PAGES):
        raise ConfigurationError("no_own_pages", folder=folder.name, names=", ".join(f"{page}.ipynb" for page in PAGES))
    return folder


@dataclass(frozen=True)
class Site:
    """The finished dashboards of a bundle: every file by its path, without the pages that failed."""

    bundle: Bundle
    files: dict[str, bytes]
    failed: Sequence[NotebookError]


async def make_site(source: BundleSource, settings: Settings, *, made: Callable[..., None]) -> Site:
    """Have every page of the bundle made, all from the same one: if it is replaced meanwhile, from the beginning. Use within `page_kernels`.

    Parameters
    ----------
    made : function
        Called for each page, with `page`, `for_language` and `seconds`.

    Raises
    ------
    ConfigurationError, NotAllowedError
        As `BundleSource.read`.
    """
    look = await asyncio.to_thread(source.look)
    bundle = await asyncio.to_thread(source.read)
    variables = {FINISHED: "1", BUNDLE: str(source.place().absolute()), AUDIENCE: source.audience}
    files, failed, limit = files_beside(bundle), [], asyncio.Semaphore(settings.kernels)

    async def make(name: str, page: str, language: str) -> None:
        async with limit:
            started = monotonic()
            try:
                said = await render_page(
                    settings.notebook(page), variables | {LANGUAGE: language}, seconds=settings.page_seconds, own=source.audience == "internal"
                )
            except NotebookError as problem:
                failed.append(problem)
            else:
                files[name] = said.encode()
                made(page=page, for_language=language, seconds=f"{monotonic() - started:.1f}")

    await asyncio.gather(*(make(name, *of) for name, of in settings.files.items()))
    if any(PLOTLY_FILE.encode() in content for content in files.values()):
        files[PLOTLY_FILE] = _plotly()
    replaced = await asyncio.to_thread(source.look) != look
    return await make_site(source, settings, made=made) if replaced else Site(bundle, files, failed)


def write_pages(source: BundleSource, folder: Path, settings: Settings, *, made: Callable[..., None]) -> Path:
    """Write the dashboards of a bundle into a folder, in the place of older ones, and return the first page; all of them or nothing.

    Folders above it are made where they are missing. Only the owner can enter a folder with pages of the internal audience.

    Raises
    ------
    ConfigurationError, NotAllowedError
        If there is no such bundle for the audience; or `folder` is there and holds something else.
    NotebookError
        If a page could not be made.
    MachineError
        If the disk is full, or a file stands in the place of a folder above.
    """
    if folder.is_symlink() or (folder.exists() and not (folder / MARK).is_file() and any(folder.iterdir())):
        raise NotAllowedError("pages_not_replaced", folder=folder.name)
    with page_kernels():
        site = asyncio.run(make_site(source, settings, made=made))
    for problem in site.failed:
        raise problem
    with suppress(OSError):  # said when the folder is written
        folder.parent.mkdir(parents=True, exist_ok=True)
    with folder_written_atomically(folder) as temporary:
        for name, content in {**site.files, MARK: f"{site.bundle.digest}\n".encode()}.items():
            (temporary / name).parent.mkdir(exist_ok=True)
            (temporary / name).write_bytes(content)
        if source.audience == "public":
            temporary.chmod(_FOR_EVERYBODY)
    return folder / "index.html"


def files_beside(bundle: Bundle) -> dict[str, bytes]:
    """Return every file that belongs to all pages, by its path: the first one and the accessibility statements."""
    return {"index.html": _choice_of_language().encode()} | statements(bundle.audience, synthetic=bundle.synthetic)


def _plotly() -> bytes:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs()).encode()


def statements(audience: str, *, synthetic: bool) -> dict[str, bytes]:
    """Return the accessibility statement in every language, by file name."""
    made = {}
    for language in LANGUAGES:
        page = Page(ACCESSIBILITY, language, audience, text("dash.accessibility", language), synthetic)
        made[file_name(ACCESSIBILITY, language)] = document(page, body=_statement(language)).encode()
    return made


@cache
def notice(kind: str, *, language: str, audience: str) -> bytes:
    """Return a page that says why there is nothing to show ("no_bundle", "busy", ...) and what to do."""
    page = Page("overview", language, audience, text(f"dash.notice.{kind}", language))
    return document(page, body=piece("paragraph", text(f"dash.notice.{kind}_do", language)), again=_RETRY_SECONDS.get(kind)).encode()


def _choice_of_language() -> str:
    each = [(language, text("dash.site", language), file_name(PAGES[0], language), text("dash.language_name", language)) for language in LANGUAGES]
    return piece("choice_of_language", each, text("dash.languages", LANGUAGES[0]), style()) + "\n"


def _statement(language: str) -> str:
    """Return the accessibility statement (Act 306/2019) as HTML; `dashboards/accessibility.toml` holds who supervises."""
    said = tomllib.loads((shipped("dashboards") / "accessibility.toml").read_text(encoding="utf-8"))
    authority = max((each for each in said["authority"] if each["from"] <= date.today()), key=lambda each: each["from"])
    values = {"checked": day(said["checked"], language), "authority": authority["name"][language], "address": authority["address"][language]}
    parts = [(text(f"dash.accessible.{part}_title", language), text(f"dash.accessible.{part}", language, **values)) for part in _STATEMENT_PARTS]
    return piece("sections", parts)
