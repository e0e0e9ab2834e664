"""How each program is started, where its page is and how its controls are changed."""

import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import ours
from expected import Control
from playwright.async_api import Page

HERE = Path(__file__).parent
PEERS = HERE / "peers"
TOKEN = "only-for-the-measurement"  # noqa: S105 – of a server that ends with it
Choose = Callable[[Page, Control, str], Awaitable[None]]
"""Changes a control to a value, as a reader would."""


@dataclass(frozen=True)
class Program:
    """A dashboard program.

    Attributes
    ----------
    command : function of a port to the words that start the server
    choose : Choose
    event : {"input", "click"} – what ends a reader's choice, from where the effect is timed
    path : str – of the page
    next_path : str – of another page of the same site; empty where the same is opened again
    package : str – whose version is told; empty for ours
    """

    name: str
    command: Callable[[int], list[str]]
    choose: Choose
    event: str
    path: str = "/"
    package: str = ""
    folder: Path = PEERS
    next_path: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


async def native(page: Page, control: Control, value: str) -> None:
    await page.locator(f"select[name='{control['name']}'], select#{control['name']}").select_option(value)


async def button(page: Page, control: Control, value: str) -> None:
    await page.locator(f"input[type='radio'][name='{control['name']}'][value='{value}']").click()


async def labelled(page: Page, control: Control, value: str) -> None:
    await page.get_by_label(control["label"], exact=True).select_option(label=words(control, value))


async def listed(page: Page, control: Control, value: str) -> None:
    """Choose in a list that opens on a click."""
    await page.get_by_role("combobox", name=control["label"]).click()
    await page.get_by_role("option", name=words(control, value), exact=True).click()


async def dash_list(page: Page, control: Control, value: str) -> None:
    await page.locator(f"#{control['name']}").click()
    await page.locator(".dash-dropdown-option").get_by_text(words(control, value), exact=True).click()


async def vuetify_list(page: Page, control: Control, value: str) -> None:
    await page.locator(".v-select", has_text=control["label"]).locator(".v-select__slot").click()
    await page.locator(".menuable__content__active .v-list-item").get_by_text(words(control, value), exact=True).click()


def words(control: Control, value: str) -> str:
    return str(dict(control["choices"])[value])


def own(folder: Path, bundle: Path) -> dict[str, Program]:
    """Return our page, served and as files behind Python's plain file server; a reader's first visit carries the token, as the printed address does."""
    files = ["-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder / ours.FILES)]
    first, following = "/outcomes.en.html", "/attendance.en.html"
    token = {"IKUT_EVAL_TOKEN": TOKEN}
    found = (
        Program("ours", lambda port: ours.command(bundle, folder, port), button, "input", f"{first}?token={TOKEN}", next_path=following, environment=token),
        Program("ours static", lambda port: [sys.executable, *files, str(port)], button, "input", first, next_path=following),
    )
    return {program.name: program for program in found}


def peers(binaries: Path) -> dict[str, Program]:
    """Return the peers, installed in an environment whose programs are in `binaries`."""

    def start(program: str, *words: str) -> Callable[[int], list[str]]:
        return lambda port: [str(binaries / program), *(word.format(port=port) for word in words)]

    gunicorn = start("gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "1", "--threads", str(2 * (os.cpu_count() or 1)), "dash_app:server")
    shiny = start("shiny", "run", "--host", "127.0.0.1", "--port", "{port}", "shiny_app.py")
    quiet = ("--server.headless=true", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none", "--client.toolbarMode=minimal")
    found = (
        Program("dash", gunicorn, dash_list, "click", package="dash"),
        Program("dash clientside", gunicorn, dash_list, "click", package="dash", environment={"CLIENTSIDE": "1"}),
        Program("shiny", shiny, native, "input", package="shiny"),
        Program("shiny binding", shiny, native, "input", package="shiny", environment={"BINDING": "1"}),
        Program(
            "panel",
            start("panel", "serve", "panel_app.py", "--address", "127.0.0.1", "--port", "{port}", "--allow-websocket-origin=*"),
            labelled,
            "input",
            "/panel_app",
            "panel",
        ),
        Program(
            "streamlit",
            start("streamlit", "run", "streamlit_app.py", "--server.address=127.0.0.1", "--server.port={port}", *quiet),
            listed,
            "click",
            package="streamlit",
        ),
        Program(
            "solara",
            start("solara", "run", "solara_app.py", "--host", "127.0.0.1", "--port", "{port}", "--production", "--no-open"),
            vuetify_list,
            "click",
            package="solara",
        ),
    )
    return {program.name: program for program in found}
