"""All that is shown of one bundle: its pages, made one after the other by a few kernels, and the files beside them."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from ikut_eval.contract.errors import NotebookError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.dashboard.answers import Answer, answer, notice_answer
from ikut_eval.dashboard.html import file_name
from ikut_eval.dashboard.page import PAGES
from ikut_eval.dashboard.rendering import render_page
from ikut_eval.dashboard.site import files_beside
from ikut_eval.dashboard.source import Look, Source
from ikut_eval.release.store import Bundle

NAMES: Mapping[str, tuple[str, str]] = {file_name(page, language): (page, language) for page in PAGES for language in LANGUAGES}
"""Page and language of each page's file."""


@dataclass(frozen=True)
class Settings:
    """How pages are made.

    Attributes
    ----------
    notebooks : Path – folder of the pages' notebooks
    language : str – of messages, and of viewers who ask for no language that we have
    kernels : int – how many run at once; each waits for about a fifth of a second without working
    page_seconds : float – the longest that a page may take
    wait_seconds : float – how long a viewer waits for a page that is not ready before being told so
    look_seconds : float – how often the bundle is looked at
    start_seconds : float – the longest that the first pages are waited for before the server can be reached
    """

    notebooks: Path
    language: str
    kernels: int = 4
    page_seconds: float = 120
    wait_seconds: float = 5
    look_seconds: float = 1
    start_seconds: float = 20


class Edition:
    """The pages of one bundle, complete or on their way.

    Attributes
    ----------
    place : Path – the folder of the bundle
    digest : str – of the bundle
    data_date : str or None
    finished : bool – no page is on its way
    outdated : bool – the bundle was replaced meanwhile, so the rest is not made
    failed : set of str – pages that could not be made
    """

    def __init__(self, bundle: Bundle, place: Path, look: Look, source: Source) -> None:
        self.place = place.absolute()
        self.digest = bundle.digest
        self.data_date = bundle.data_date.isoformat() if bundle.data_date else None
        self.finished = self.outdated = False
        self.failed: set[str] = set()
        self._look, self._source = look, source
        self._answers = {name: answer(name, content) for name, content in files_beside(bundle).items() if name not in NAMES}
        self._waiting = list(NAMES)
        self._ready = {name: asyncio.Event() for name in NAMES}

    async def answer(self, name: str, *, seconds: float) -> Answer | None:
        """Return a file as it is sent; None where it is not ready within some seconds.

        Raises
        ------
        KeyError
            If there is no such file.
        """
        if name in self._waiting:  # what is asked for comes first
            self._waiting.remove(name)
            self._waiting.insert(0, name)
        if name in self._ready:
            try:
                async with asyncio.timeout(seconds):
                    await self._ready[name].wait()
            except TimeoutError:
                return None
        return self._answers[name]

    async def make(self, settings: Settings, *, made: Callable[[str, float], None], failed: Callable[[NotebookError], None]) -> None:
        """Make every page, unless the bundle is replaced meanwhile; tell of each page, with its seconds."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(settings.kernels):
                workers.create_task(self._work(settings, made, failed))
        self.finished = not self.outdated

    async def _work(self, settings: Settings, made: Callable[[str, float], None], failed: Callable[[NotebookError], None]) -> None:
        while self._waiting and not self.outdated:
            name = self._waiting.pop(0)
            started = monotonic()
            problem = None
            try:
                content = await self._page(name, settings)
            except NotebookError as raised:
                problem = raised
            if self.outdated or await asyncio.to_thread(self._source.look) != self._look:
                self.outdated = True
                return
            if problem:
                self.failed.add(name)
                self._answers[name] = notice_answer("failed", NAMES[name][1], self._source.audience)
                failed(problem)
            else:
                self._answers[name] = await asyncio.to_thread(answer, name, content)
                made(name, monotonic() - started)
            self._ready[name].set()

    async def _page(self, name: str, settings: Settings) -> bytes:
        """Return a page's bytes; try once more where it fails: a kernel that the system ended says nothing about the page."""
        page, language = NAMES[name]
        notebook = settings.notebooks / f"{page}.ipynb"
        variables = {"IKUT_EVAL_BUNDLE": str(self.place), "IKUT_EVAL_AUDIENCE": self._source.audience, "IKUT_EVAL_LANGUAGE": language}
        try:
            return (await render_page(notebook, variables, seconds=settings.page_seconds)).encode()
        except NotebookError:
            return (await render_page(notebook, variables, seconds=settings.page_seconds)).encode()
