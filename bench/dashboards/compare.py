"""Our dashboard page beside the same page in Dash, Shiny, Panel, Streamlit and Solara: same data, charts and browser, in one run.

Run with `python bench/dashboards/compare.py [--peers VENV/bin] [--runs N] [--programs ours,dash,...]`; VENV is an environment
of its own with what `peers.txt` names; without it only ours is measured. A peer's chart counts as drawn when its marks, lines,
bars and notes, as many and as worded as its figure says, are in the page's SVG, one of ours when its rows, with their words and
marks, are; a state, when all three charts and the 20 rows of the table are so in one frame.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import ours
import programs
import visits
from expected import View, of_ours, of_workload
from playwright.async_api import Playwright, async_playwright
from programs import Program
from servers import served
from workload import BUNDLE, WORKLOAD, write

OURS = ("ours", "ours static")
FASTEST_FORMS = ("dash clientside", "shiny binding", "panel", "streamlit", "solara")
VIEWERS = (20, 10, 5, 1)
TIMES = {
    "start": "server's start and first page, new profile: all drawn",
    "cold": "server just started, new profile: all drawn",
    "cold usable": "the same: control usable",
    "cold effect": "its effect drawn",
    "warm": "warm server, new profile: all drawn",
    "usable": "the same: control usable",
    "usable effect": "its effect drawn",
    "cached": "warm server, second visit: all drawn",
    "change": "a change drawn",
}
Found = dict[str, dict[str, list[Any]]]


@dataclass(frozen=True)
class Place:
    """Where measurements are made: a folder with the workload, and who drives the browsers."""

    workload: Path
    playwright: Playwright


async def measure(found: dict[str, list[Any]], program: Program, view: View, place: Place, *, run: int) -> None:
    """Add one round of visits; a cold server is asked for its first drawn page and for its first usable control in turns."""
    async with visits.reading(place.playwright, view) as who:
        start = time.monotonic()
        with served(program, place.workload) as (port, _):
            listening = 1000 * (time.monotonic() - start)
            address = f"http://127.0.0.1:{port}{program.path}"
            if run % 2:
                made, effect = await visits.usable(who, program, address)
                found["cold usable"].append(made)
                found["cold effect"].append(effect)
            else:
                found["cold"].append(await visits.once(who, address))
                found["start"].append(listening + found["cold"][-1])
            warm, cached, changes = await visits.twice(who, program, address)
            found["warm"].append(warm)
            found["cached"].append(cached)
            found["change"] += changes
            if run % 2 == 0:
                made, effect = await visits.usable(who, program, address)
                found["usable"].append(made)
                found["usable effect"].append(effect)


async def crowd(found: dict[str, list[Any]], program: Program, view: View, place: Place) -> None:
    """Add transfers, and readers at once: the most first, so that memory is weighed on a server that held nobody else."""
    async with visits.reading(place.playwright, view) as who:
        with served(program, place.workload) as (port, process):
            found["transfers"].append(await visits.transfers(who, program, port))
            for n in VIEWERS:
                found[f"{n} viewers"].append(await visits.together(who, f"http://127.0.0.1:{port}{program.path}", n, process))


async def compare(chosen: list[Program], path: Path, *, runs: int) -> Found:
    """Return what was measured, by program and measure; the programs take turns."""
    content = json.loads(path.read_text(encoding="utf-8"))
    views = {program.name: (of_ours if program.name in OURS else of_workload)(content) for program in chosen}
    found: Found = {program.name: defaultdict(list) for program in chosen}
    async with async_playwright() as playwright:
        place = Place(path, playwright)
        for run in range(runs):
            for program in chosen[run % len(chosen) :] + chosen[: run % len(chosen)]:
                each = found[program.name]
                await attempted(each, program, measure(each, program, views[program.name], place, run=run))
        for program in chosen:
            each = found[program.name]
            await attempted(each, program, crowd(each, program, views[program.name], place))
    return found


async def attempted(found: dict[str, list[Any]], program: Program, act: Any) -> None:
    try:
        await act
    except visits.FAILURES as failure:
        found["failed"].append(failure)
        print(f"{program.name}: {type(failure).__name__} {str(failure)[:800]}", file=sys.stderr)


def report(found: Found) -> None:
    """Print the tables; the last rows of each are ours beside the best peer."""
    medians = {key: {name: median(values[key]) for name, values in found.items() if values.get(key)} for key in TIMES}
    print("\nms, median (lowest–highest)\n")
    print(row("", *TIMES.values(), "failed"), row("---", *["---:"] * (len(TIMES) + 1)), sep="\n")
    for name, values in found.items():
        print(row(name, *(spread(values.get(key)) for key in TIMES), len(values.get("failed", ()))))
    beside(found, [*(medians[key] for key in TIMES), {}])
    print("\nMB on the wire in both directions (websockets as packed), and the network\n")
    print(row("", "MB first page", "MB next page", "requests", "foreign hosts asked"), row("---", "---:", "---:", "---:", "---"), sep="\n")
    sizes = {name: values["transfers"][0] for name, values in found.items() if values.get("transfers")}
    for name, one in sizes.items():
        print(row(name, f"{one['first']:.2f}", f"{one['next']:.3f}", one["requests"], ", ".join(one["hosts"]) or "none"))
    beside(found, [*({name: one[key] for name, one in sizes.items()} for key in ("first", "next", "requests")), {}])
    print("\nReaders at once, in one browser on the same cores: ms until all is drawn, median / worst; the server's memory (PSS) for each\n")
    ascending = sorted(VIEWERS)
    print(row("", *ascending, "failures", f"MB a viewer ({max(VIEWERS)})"), row("---", *["---:"] * (len(VIEWERS) + 2)), sep="\n")
    crowds = {name: {n: values[f"{n} viewers"][0] for n in VIEWERS if values.get(f"{n} viewers")} for name, values in found.items()}
    for name, one in crowds.items():
        cells = (f"{one[n]['median']:,.0f} / {one[n]['worst']:,.0f}" if n in one else "–" for n in ascending)
        print(row(name, *cells, sum(each["failures"] for each in one.values()), f"{one[max(VIEWERS)]['memory']:.2f}" if max(VIEWERS) in one else "–"))
    worst = [{name: one[n]["worst"] for name, one in crowds.items() if n in one} for n in ascending]
    beside(found, [*worst, {}, {name: one[max(VIEWERS)]["memory"] for name, one in crowds.items() if max(VIEWERS) in one}])


def beside(found: Found, columns: list[dict[str, float]]) -> None:
    """Print a row of ratios for each of ours."""
    for name in OURS:
        if name in found:
            print(row(f"**{name} : best peer**", *(ratio(name, column) for column in columns)))


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def spread(values: list[float] | None) -> str:
    return f"{median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})" if values else "–"


def ratio(ours: str, by_program: dict[str, float]) -> str:
    peers = {name: value for name, value in by_program.items() if name not in OURS and value > 0}
    if not peers or ours not in by_program:
        return ""
    best = min(peers, key=lambda name: peers[name])
    return f"{by_program[ours] / peers[best]:.2f} ({best})"


def versions(binaries: Path, chosen: list[Program]) -> str:
    names = sorted({program.package for program in chosen if program.package} | {"plotly"})
    words = [str(binaries / "python"), "-c", f"from importlib.metadata import version\nprint(', '.join(n + ' ' + version(n) for n in {names}))"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peers", type=Path, help="bin folder of the environment that holds the peers")
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--programs", help="also: dash (server callbacks), shiny (shinywidgets)")
    asked = options.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # servers are ended then too
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        ours.write(folder, folder / WORKLOAD)
        known = programs.own(folder, folder / BUNDLE) | (programs.peers(asked.peers.absolute()) if asked.peers else {})
        named = asked.programs.split(",") if asked.programs else [*OURS, *(FASTEST_FORMS if asked.peers else ())]
        names = [each.strip() for each in named]
        if unknown := set(names) - set(known):
            options.error(f"not known, or --peers is missing: {', '.join(sorted(unknown))}")
        chosen = [known[each] for each in names]
        found = asyncio.run(compare(chosen, folder / WORKLOAD, runs=asked.runs))
        print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; {versions(asked.peers or Path(sys.executable).parent, chosen)}; {asked.runs} rounds")
        report(found)


if __name__ == "__main__":
    main()
