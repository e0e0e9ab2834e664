"""What viewers get now: the pages of the bundle that is there, the whole old ones while new ones are made, or why there are none."""

import asyncio
from time import monotonic
from typing import Any

from ikut_eval.contract.errors import IkutError, place_of
from ikut_eval.dashboard.answers import Answer, answer, notice_answer
from ikut_eval.dashboard.edition import NAMES, Edition, Settings
from ikut_eval.dashboard.events import say, say_defect, say_problem
from ikut_eval.dashboard.site import asset_files, statements
from ikut_eval.dashboard.source import Look, Source


class Showing:
    """Follows a bundle and has its pages made.

    Attributes
    ----------
    state : str – "ready", "rendering", "no_bundle", or "failed": the bundle is broken, or not every page could be made
    settled : Event – for the first time the pages are ready, or it is known why there are none
    """

    def __init__(self, source: Source, settings: Settings) -> None:
        self.state = "rendering"
        self.settled = asyncio.Event()
        self._source, self._settings = source, settings
        self._edition: Edition | None = None
        self._instead = "busy"
        self._started = monotonic()
        self._always = {name: answer(name, content) for name, content in statements(source.audience, synthetic=False).items()}
        self._assets = {name: answer(name, content) for name, content in asset_files().items()}

    def asset(self, name: str) -> Answer | None:
        """Return style or script, which hold no figure; None where there is no such file."""
        return self._assets.get(name)

    async def answer(self, name: str, language: str) -> Answer:
        """Return what a viewer gets who asks for a file, or the page that says why it is not there."""
        edition = self._edition
        if edition is None:
            return self._always.get(name) or self.notice(self._instead if name in NAMES else "not_found", language)
        try:
            return await edition.answer(name, seconds=self._settings.wait_seconds) or self.notice("busy", language)
        except KeyError:
            return self.notice("not_found", language)

    def notice(self, kind: str, language: str) -> Answer:
        return notice_answer(kind, language, self._source.audience)

    def health(self) -> dict[str, Any]:
        """Return how we are, without any figure."""
        shown = self._edition
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
        if self._edition and not self._edition.finished:
            self._edition, self._instead = None, "busy"
        try:
            await self._show(look)
        except IkutError as problem:
            nothing = problem.key == "no_bundle"
            self._instead = "no_bundle" if nothing else "broken_bundle"
            self.state = "no_bundle" if nothing and not self._edition else "failed"
            say_problem(problem, self._settings.language)
        except Exception as defect:
            self._instead, self.state = "failed", "failed"
            say_defect(type(defect).__name__, place_of(defect), self._settings.language)
        self.settled.set()

    async def _show(self, look: Look) -> None:
        bundle = await asyncio.to_thread(self._source.read)
        if self._edition and bundle.digest == self._edition.digest and not self._edition.failed:
            self.state = "ready"
            return
        self.state = "rendering"
        edition = await asyncio.to_thread(Edition, bundle, self._source.place(), look, self._source)
        if await asyncio.to_thread(self._source.look) != look:
            return  # replaced while being read: seen at the next look
        old, self._edition = self._edition, self._edition or edition
        say("bundle", self._settings.language, digest=bundle.digest[:12])
        await edition.make(self._settings, made=self._made, failed=self._failed)
        if edition.finished:
            self._edition = old if old and edition.failed and not old.failed else edition
            self.state = "failed" if edition.failed else "ready"
            say("shown" if self._edition is edition else "kept", self._settings.language, digest=self._edition.digest[:12])

    def _made(self, name: str, seconds: float) -> None:
        page, language = NAMES[name]
        say("rendered", self._settings.language, page=page, for_language=language, seconds=f"{seconds:.1f}")

    def _failed(self, problem: IkutError) -> None:
        say_problem(problem, self._settings.language)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
