"""What viewers get now: the pages of the bundle that is there, the whole old ones while new ones are made, or why there are none."""

import asyncio
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any

import click

from ikut_eval.contract.errors import IkutError, place_of
from ikut_eval.contract.locale import text
from ikut_eval.dashboard.bundle_source import BundleSource
from ikut_eval.dashboard.site import Settings, Site, make_site, notice, statements

_STATUS = {"no_bundle": 503, "broken_bundle": 503, "busy": 503, "not_found": 404, "not_allowed": 403, "failed": 500}


class CurrentPages:
    """Follows a bundle and has its pages made.

    Attributes
    ----------
    files : mapping of path to bytes – what can be sent; at first what stands beside the pages of any bundle
    state : str – "ready", "rendering", "no_bundle", or "failed": the bundle is broken, or not every page could be made
    """

    def __init__(self, source: BundleSource, settings: Settings) -> None:
        self.source, self.settings = source, settings
        self.files = statements(source.audience, synthetic=False)
        self.state = "rendering"
        self._shown: Site | None = None
        self._instead = "busy"
        self._settled = asyncio.Event()
        self._started = monotonic()

    async def page(self, name: str, language: str) -> tuple[int, bytes]:
        """Return what a viewer gets who asks for a file, and its status: the file, or the page that says why it is not there."""
        if name in self.settings.files and name not in self.files:
            await self.settled(self.settings.wait_seconds)
        if name in self.files:
            return 200, self.files[name]
        return self.notice(self._instead if name in self.settings.files else "not_found", language)

    def notice(self, kind: str, language: str) -> tuple[int, bytes]:
        """Return the page of a state, and its status."""
        return _STATUS[kind], notice(kind, language=language, audience=self.source.audience)

    async def settled(self, seconds: float) -> None:
        """Wait until the pages are ready or it is known why there are none, but no longer than some seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._settled.wait()

    def health(self, *, let_in: bool) -> dict[str, Any]:
        """Return the state of the server for a monitor, without any figure; which bundle is shown only to those who may see it."""
        state: dict[str, Any] = {"state": self.state, "uptime_seconds": round(monotonic() - self._started)}
        bundle = self._shown.bundle if self._shown else None
        day = bundle.data_date.isoformat() if bundle and bundle.data_date else None
        return state | ({"digest": bundle.digest[:12] if bundle else None, "data_date": day} if let_in else {})

    async def follow(self) -> None:
        """Look at the bundle again and again; when it is another one, have its pages made instead of those still on their way."""
        while True:
            look = await asyncio.to_thread(self.source.look)
            renewing = asyncio.create_task(self._renew())
            try:
                while await asyncio.to_thread(self.source.look) == look:
                    await asyncio.sleep(self.settings.look_seconds)
            finally:
                renewing.cancel()
                await asyncio.wait([renewing])

    async def _renew(self) -> None:
        self._settled.clear()
        try:
            await self._show()
        except IkutError as problem:
            nothing = problem.key == "no_bundle"
            self._instead = "no_bundle" if nothing else "broken_bundle"
            self.state = "no_bundle" if nothing and not self._shown else "failed"
            log_error(problem, self.settings.language)
        except Exception as defect:
            self._instead = self.state = "failed"
            log_error(defect, self.settings.language)
        self._settled.set()

    async def _show(self) -> None:
        bundle = await asyncio.to_thread(self.source.read)
        if self._shown and bundle.digest == self._shown.bundle.digest and not self._shown.failed:
            self.state = "ready"
            return
        self.state, self._instead = "rendering", "busy"
        log_event("bundle", self.settings.language, digest=bundle.digest[:12])
        site = await make_site(self.source, self.settings, made=lambda **page: log_event("rendered", self.settings.language, **page))
        for problem in site.failed:
            log_error(problem, self.settings.language)
        kept = bool(site.failed and self._shown and not self._shown.failed)
        if not kept:
            self._shown, self.files = site, site.files
        self._instead, self.state = "failed", "failed" if site.failed else "ready"
        log_event("kept" if kept else "shown", self.settings.language, digest=self.health(let_in=True)["digest"])


def log_event(event: str, language: str, /, **values: Any) -> None:
    """Write one line on the terminal; never a value, nor a request."""
    _line(text(f"dashboard.{event}", language, **values))


def log_error(problem: BaseException, language: str) -> None:
    """Write the message of an error of ours, or the kind and place of a defect."""
    defect = {"kind": type(problem).__name__, "place": place_of(problem)}
    said = problem.message(language) if isinstance(problem, IkutError) else text("error.defect", language, **defect)
    _line(f"{text('severity.error', language)}: {said}")


def _line(said: str) -> None:
    click.echo(f"{datetime.now().astimezone():%H:%M:%S} {said}", err=True)
