"""What viewers get now: the pages of the bundle that is there, the whole old ones while new ones are made, or why there are none."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from ikut_eval.contract.errors import IkutError, NotebookError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.dashboard.bundle_source import AUDIENCE, LANGUAGE, BundleSource, Look
from ikut_eval.dashboard.events import log_error, log_event
from ikut_eval.dashboard.html import file_name
from ikut_eval.dashboard.page import PAGES, SERVED
from ikut_eval.dashboard.rendering import render_page
from ikut_eval.dashboard.responses import Response, notice_response, response
from ikut_eval.dashboard.site import asset_files, files_beside, statements
from ikut_eval.release.store import Bundle

PAGE_FILES: Mapping[str, tuple[str, str]] = {file_name(page, language): (page, language) for page in PAGES for language in LANGUAGES}
"""Page and language of each page's file."""


@dataclass(frozen=True)
class Settings:
    """How pages are made.

    Attributes
    ----------
    notebooks : Path – folder of the pages' notebooks
    language : str – of messages, and of viewers who ask for no language that we have
    kernels : int – how many run at once
    page_seconds : float – the longest time that a page may take
    wait_seconds : float – how long a viewer waits for a page that is not ready; then a notice is shown
    look_seconds : float – how often the bundle is looked at
    start_seconds : float – the longest time to wait for the first pages before the server can be reached
    """

    notebooks: Path
    language: str
    kernels: int = 4
    page_seconds: float = 120
    wait_seconds: float = 5
    look_seconds: float = 1
    start_seconds: float = 20


class PageSet:
    """The pages of one bundle, complete or on their way; `outdated` if the bundle was replaced meanwhile, so that the rest is not made."""

    def __init__(self, bundle: Bundle, place: Path, look: Look, source: BundleSource) -> None:
        self.place = place.absolute()
        self.digest = bundle.digest
        self.data_date = bundle.data_date.isoformat() if bundle.data_date else None
        self.finished = self.outdated = False
        self.failed: set[str] = set()
        self._look, self._source = look, source
        self._responses = {name: response(name, content) for name, content in files_beside(bundle).items() if name not in PAGE_FILES}
        self._waiting = list(PAGE_FILES)
        self._ready = {name: asyncio.Event() for name in PAGE_FILES}

    async def response(self, name: str, *, seconds: float) -> Response | None:
        """Return a file as it is sent, None where it is not ready within some seconds; raise KeyError if there is no such file."""
        if name in self._waiting:  # what is asked for comes first
            self._waiting.remove(name)
            self._waiting.insert(0, name)
        if name in self._ready:
            try:
                async with asyncio.timeout(seconds):
                    await self._ready[name].wait()
            except TimeoutError:
                return None
        return self._responses[name]

    async def make(self, settings: Settings) -> None:
        """Make every page, unless the bundle is replaced meanwhile; write a line for each."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(settings.kernels):
                workers.create_task(self._work(settings))
        self.finished = not self.outdated

    async def _work(self, settings: Settings) -> None:
        while self._waiting and not self.outdated:
            name = self._waiting.pop(0)
            page, language = PAGE_FILES[name]
            started = monotonic()
            problem = None
            try:
                made = await asyncio.to_thread(response, name, await self._rendered(page, language, settings))
            except NotebookError as failed:
                made, problem = notice_response("failed", language, self._source.audience), failed
            if self.outdated or await asyncio.to_thread(self._source.look) != self._look:
                self.outdated = True
                return
            self._responses[name] = made
            if problem:
                self.failed.add(name)
                log_error(problem, settings.language)
            else:
                log_event("rendered", settings.language, page=page, for_language=language, seconds=f"{monotonic() - started:.1f}")
            self._ready[name].set()

    async def _rendered(self, page: str, language: str, settings: Settings) -> bytes:
        """Return a page's bytes, at the second try where the first fails: a kernel that the system ended says nothing about the page."""
        notebook = settings.notebooks / f"{page}.ipynb"
        variables = {SERVED: str(self.place), AUDIENCE: self._source.audience, LANGUAGE: language}
        with suppress(NotebookError):
            return (await render_page(notebook, variables, seconds=settings.page_seconds)).encode()
        return (await render_page(notebook, variables, seconds=settings.page_seconds)).encode()


class CurrentPages:
    """Follows a bundle and has its pages made.

    Attributes
    ----------
    assets : mapping of path to Response – style and scripts, which hold no figure
    state : str – "ready", "rendering", "no_bundle", or "failed": the bundle is broken, or not every page could be made
    settled : Event – for the first time the pages are ready, or it is known why there are none
    """

    def __init__(self, source: BundleSource, settings: Settings) -> None:
        self.state = "rendering"
        self.settled = asyncio.Event()
        self._source, self._settings = source, settings
        self._pages: PageSet | None = None
        self._instead = "busy"
        self._started = monotonic()
        self._always = {name: response(name, content) for name, content in statements(source.audience, synthetic=False).items()}
        self.assets = {name: response(name, content) for name, content in asset_files().items()}

    async def response(self, name: str, language: str) -> Response:
        """Return what a viewer gets who asks for a file, or the page that says why it is not there."""
        pages = self._pages
        if pages is None:
            return self._always.get(name) or self.notice(self._instead if name in PAGE_FILES else "not_found", language)
        try:
            return await pages.response(name, seconds=self._settings.wait_seconds) or self.notice("busy", language)
        except KeyError:
            return self.notice("not_found", language)

    def notice(self, kind: str, language: str) -> Response:
        return notice_response(kind, language, self._source.audience)

    def health(self) -> dict[str, Any]:
        """Return the state of the server for a monitor, without any figure of the bundle."""
        shown = self._pages
        return {
            "state": self.state,
            "digest": shown.digest[:12] if shown else None,
            "data_date": shown.data_date if shown else None,
            "uptime_seconds": round(monotonic() - self._started),
        }

    async def follow(self) -> None:
        """Look at the bundle again and again; when it is another one, have its pages made instead of those still on their way."""
        seen: Look | None = None
        making: asyncio.Task[None] | None = None
        try:
            while True:
                look = await asyncio.to_thread(self._source.look)
                if look != seen:
                    seen = look
                    if making:
                        await _cancelled(making)
                    making = asyncio.create_task(self._renew(look))
                await asyncio.sleep(self._settings.look_seconds)
        finally:
            if making:
                await _cancelled(making)

    async def _renew(self, look: Look) -> None:
        if self._pages and not self._pages.finished:
            self._pages, self._instead = None, "busy"
        try:
            await self._show(look)
        except IkutError as problem:
            nothing = problem.key == "no_bundle"
            self._instead = "no_bundle" if nothing else "broken_bundle"
            self.state = "no_bundle" if nothing and not self._pages else "failed"
            log_error(problem, self._settings.language)
        except Exception as defect:
            self._instead, self.state = "failed", "failed"
            log_error(defect, self._settings.language)
        self.settled.set()

    async def _show(self, look: Look) -> None:
        bundle = await asyncio.to_thread(self._source.read)
        if self._pages and bundle.digest == self._pages.digest and not self._pages.failed:
            self.state = "ready"
            return
        self.state = "rendering"
        pages = await asyncio.to_thread(PageSet, bundle, self._source.place(), look, self._source)
        if await asyncio.to_thread(self._source.look) != look:
            return  # replaced while being read: seen at the next look
        old, self._pages = self._pages, self._pages or pages
        log_event("bundle", self._settings.language, digest=bundle.digest[:12])
        await pages.make(self._settings)
        if pages.finished:
            self._pages = old if old and pages.failed and not old.failed else pages
            self.state = "failed" if pages.failed else "ready"
            log_event("shown" if self._pages is pages else "kept", self._settings.language, digest=self._pages.digest[:12])


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
