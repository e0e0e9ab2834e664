"""What a reader waits for, measured inside the page by `probe.js`; the browser resolves no name but this machine's."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from expected import View
from playwright.async_api import Browser, BrowserContext, Error, Page, Playwright
from programs import Program
from relay import relayed
from servers import memory

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
)
WINDOW = {"width": 1280, "height": 1600}
LONGEST = 30.0
LONGEST_LOADED = 120.0
PATIENCE = 1.5
"""Seconds after which a choice that the page did not heed counts as lost, once the page stands."""
FAILURES = (Error, TimeoutError)
ASKED_AGAIN = "Execution context was destroyed"
WHEN = "key => window.dashboardProbe.when(key)"


@dataclass(frozen=True)
class Reader:
    """A browser, and what it shall see.

    Attributes
    ----------
    script : str – the probe with the states, as every page gets it
    """

    browser: Browser
    script: str
    view: View


@asynccontextmanager
async def browsing(playwright: Playwright) -> AsyncIterator[Browser]:
    """Yield a new browser that has opened an empty page."""
    browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    try:
        await (await browser.new_page()).close()
        yield browser
    finally:
        await browser.close()


@asynccontextmanager
async def reading(playwright: Playwright, view: View) -> AsyncIterator[Reader]:
    probe = Path(__file__).with_name("probe.js").read_text(encoding="utf-8")
    async with browsing(playwright) as browser:
        yield Reader(browser, f"({probe[probe.index('(expected)') :].rstrip()})({json.dumps(view.states)});", view)


async def new_profile(who: Reader) -> BrowserContext:
    """Return an empty profile: no cache, no cookie."""
    context = await who.browser.new_context(viewport=WINDOW)
    await context.add_init_script(who.script)
    return context


async def drawn(page: Page, address: str, longest: float = LONGEST) -> float:
    """Open a page and return the time from navigation to all charts and the table [ms]."""
    async with asyncio.timeout(longest):
        await page.goto(address, wait_until="commit", timeout=0)
        return await when(page, None)


async def when(page: Page, key: str | None) -> float:
    """Return when a state stands, any for None [ms from navigation]; where the page asks for itself again meanwhile, the wait goes on in the next one."""
    while True:
        try:
            return float(await page.evaluate(WHEN, key))
        except Error as problem:
            if ASKED_AGAIN not in str(problem):
                raise


async def once(who: Reader, address: str) -> float:
    """Open a page in a new profile; times as in `drawn`."""
    context = await new_profile(who)
    try:
        return await drawn(await context.new_page(), address)
    finally:
        await context.close()


async def twice(who: Reader, program: Program, address: str) -> tuple[float, float, list[float]]:
    """Open a page in a new profile, once more in the same, and change its controls; times as in `drawn` and `effects`."""
    context = await new_profile(who)
    try:
        page = await context.new_page()
        first = await drawn(page, address)
        await page.close()
        page = await context.new_page()
        return first, await drawn(page, address), await effects(who, program, page)
    finally:
        await context.close()


async def usable(who: Reader, program: Program, address: str) -> tuple[float, float]:
    """Return when the first choice that had its effect was made, and when the effect was drawn [ms from navigation].

    The choice is made as soon as the control is there, and again whenever the page does not heed it.
    """
    context = await new_profile(who)
    try:
        async with asyncio.timeout(LONGEST):
            page = await context.new_page()
            await page.goto(address, wait_until="commit")
            value, view = who.view.wave["choices"][1][0], who.view.view["choices"][0][0]
            while True:
                await program.choose(page, who.view.wave, value)
                effect = asyncio.ensure_future(when(page, f"{value}|{view}"))
                made = await last(page, program.event)
                stands = asyncio.ensure_future(when(page, who.view.first))
                await asyncio.wait((effect, stands), return_when=asyncio.FIRST_COMPLETED)
                await asyncio.wait((effect,), timeout=PATIENCE)
                stands.cancel()
                if effect.done():
                    return made, effect.result()
                effect.cancel()
    finally:
        await context.close()


async def last(page: Page, event: str) -> float:
    return float(await page.evaluate("kind => window.dashboardProbe.events.filter((each) => each.kind === kind).at(-1).at", event))


async def effects(who: Reader, program: Program, page: Page) -> list[float]:
    """Change each control twice and return the times from the change to all charts and the table [ms]."""
    now = who.view.first.split("|")
    found = []
    for place in (1, 2):
        for n, control in enumerate((who.view.wave, who.view.view)):
            now[n] = control["choices"][place][0]
            await asyncio.sleep(0.2)
            async with asyncio.timeout(LONGEST):
                await program.choose(page, control, now[n])
                effect = await when(page, "|".join(now))
            found.append(effect - await last(page, program.event))
    return found


async def transfers(who: Reader, program: Program, port: int) -> dict[str, Any]:
    """Return MB of the first page and of the next in the same profile, requests, and the foreign hosts that were asked."""
    asked: list[str] = []
    context = await new_profile(who)
    context.on("request", lambda request: asked.append(request.url))
    try:
        async with relayed(port) as (front, count):
            sizes, requests = [], []
            for path in (program.path, program.next_path or program.path):
                page = await context.new_page()
                await drawn(page, f"http://127.0.0.1:{front}{path}") if path == program.path else await page.goto(f"http://127.0.0.1:{front}{path}")
                await asyncio.sleep(1)
                sizes.append(count.taken())
                requests.append(sum(url.startswith("http") for url in asked) - sum(requests))
                await page.close()
    finally:
        await context.close()
    hosts = {urlsplit(url).hostname for url in asked if url.startswith("http")} - {"127.0.0.1", "localhost"}
    return {"first": sizes[0], "next": sizes[1], "requests": requests[0], "hosts": sorted(map(str, hosts))}


async def together(who: Reader, address: str, n: int, process: int) -> dict[str, float]:
    """Let `n` readers open the page at once; return median and worst time [ms], failures, and the server's memory for each [MB]."""
    await asyncio.sleep(0.5)
    before = memory(process)
    contexts = [await new_profile(who) for _ in range(n)]
    try:
        pages = [await context.new_page() for context in contexts]
        start = 1000 * time.time()
        outcomes = await asyncio.gather(*(drawn(page, address, LONGEST_LOADED) for page in pages), return_exceptions=True)
        times = [
            float(await page.evaluate("window.dashboardProbe.origin")) + outcome - start
            for page, outcome in zip(pages, outcomes, strict=True)
            if isinstance(outcome, float)
        ]
        held = memory(process)
    finally:
        for context in contexts:
            await context.close()
    unexpected = [each for each in outcomes if isinstance(each, BaseException) and not isinstance(each, FAILURES)]
    if unexpected:
        raise unexpected[0]
    nothing = float("nan")
    return {"median": median(times or [nothing]), "worst": max(times, default=nothing), "failures": n - len(times), "memory": (held - before) / n}
