"""One page: its notebook executed once by Voilà, in a kernel of its own that ends with it, and the HTML document that its last cell shows."""

import asyncio
import logging
import os
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ikut_eval.contract.errors import NotebookError
from ikut_eval.contract.locale import PACKAGE
from ikut_eval.dashboard.bundle_source import LANGUAGE
from ikut_eval.dashboard.html import HERE, PLOTLY_HERE, own_output, own_text
from ikut_eval.dashboard.page import DOCUMENT
from ikut_eval.kernels.process import fork_server, leave_out_address_grammar, new_folder

_TEMPLATE = "ikut_dashboard"
_TEMPLATES = PACKAGE / "dashboard" / "templates"
PLOTLY_FILE = f"assets/plotly-{version('plotly')}.js"
_END = "end"
"""What a last cell, added to each notebook, shows: so far no cell has failed."""
_ATTEMPTS = 2
"""How often a page is tried: a kernel that the system ended says nothing about the page."""
_END_SECONDS = 10
_INHERITED = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "USERPROFILE", "PATHEXT", "COMSPEC")
"""What of the server's environment a kernel needs to run at all: no token or password of the server reaches it."""
_PRELOADED = ("pandas", "jinja2", "anywidget", "ikut_eval.dashboard.pages", "ikut_eval.dashboard.html", "ikut_eval.dashboard.bundle_source")
"""What every page imports."""


async def render_page(notebook: Path, variables: Mapping[str, str], *, seconds: float, own: bool) -> str:
    """Return the complete HTML document of a page's notebook; what an evaluator's own cells show stands in it where `own`.

    The kernel finds `variables` in its environment: where the bundle is, for which audience, in which language.

    Raises
    ------
    NotebookError
        If a cell fails, shows no page, or takes longer than `seconds`, twice; the words of the cell's error are not kept, as they could hold a value.
    """
    for _ in range(_ATTEMPTS):
        document = ""
        with suppress(Exception):
            async with asyncio.timeout(seconds), _running_kernel(variables) as manager:
                document = await _executed(notebook, manager, own=own, language=variables[LANGUAGE])
        _stop_if_cancelled()
        if document.lstrip()[:15].lower().startswith("<!doctype html"):
            return document
    raise NotebookError("page_failed", notebook=notebook.name)


def _stop_if_cancelled() -> None:
    """Raise the cancellation that was lost: nbclient mistakes a cancelled task for a dead kernel, and Voilà goes on with the next cell after that."""
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


async def _executed(notebook: Path, manager: Any, **settings: Any) -> str:
    renderer = await asyncio.to_thread(voila_renderer, notebook, **settings)  # viewers are served while Voilà is imported
    await renderer.initialize()
    try:
        return str(await renderer.generate_content_str(kernel_future=manager))
    finally:
        with suppress(AttributeError):  # no kernel was reached
            renderer.executor.kc.stop_channels()


class CellsOfPage:
    """What the cells of a page's notebook have shown: its frame, then its parts in their order. Voilà stops at a cell that fails."""

    def __init__(self, *, own: bool, language: str) -> None:
        self._own, self._language, self._frame, self._parts, self._ended = own, language, "", list[str](), False

    def take(self, cell: Any) -> None:
        """Take what a cell shows: a part of the page, or, where the page may have them, a text or an output of an evaluator's own."""
        _stop_if_cancelled()
        if cell.cell_type == "markdown" and self._own:
            self._parts.append(own_text(cell.source))
        for output in cell.get("outputs", []):
            part = output.get("data", {}).get(DOCUMENT)
            if part is None and self._own:
                self._parts.append(own_output(output, self._language))
            elif part == _END:
                self._ended = True
            elif part and not self._frame:
                self._frame = part
            else:
                self._parts.append(part or "")

    def whole(self) -> str:
        """Return the page; empty where its frame is missing or a cell has failed."""
        if not self._ended:
            return ""
        drawn = any("own-figure" in part for part in self._parts)
        frame = self._frame.replace(PLOTLY_HERE, f'<script src="{PLOTLY_FILE}"></script>' if drawn else "")
        return frame.replace(HERE, "\n".join(filter(None, self._parts)))


def voila_renderer(notebook: Path, *, own: bool = False, language: str = "fi") -> Any:
    """Return Voilà's renderer of a notebook with our template. It reads the notebook from its file, without a contents service."""
    leave_out_address_grammar()
    import nbformat
    from traitlets.config import Config
    from voila.configuration import VoilaConfiguration
    from voila.notebook_renderer import NotebookRenderer

    def read(path: str) -> dict[str, Any]:
        content = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        content.cells.append(nbformat.v4.new_code_cell(f"get_ipython().display_pub.publish({ {DOCUMENT: _END}!r})"))  # type: ignore[no-untyped-call]
        return {"path": path, "type": "notebook", "content": content}

    fixed = {"template": _TEMPLATE, "allow_template_override": "NO", "allow_theme_override": "NO", "attempt_fix_notebook": False}
    return NotebookRenderer(
        voila_configuration=VoilaConfiguration(**fixed),
        traitlet_config=Config(),
        notebook_path=str(notebook),
        template_paths=[str(_TEMPLATES / _TEMPLATE)],
        contents_manager=SimpleNamespace(get=read),
        base_url="/",
        page_config={"cells": CellsOfPage(own=own, language=language)},
    )


@contextmanager
def page_kernels() -> Iterator[None]:
    """Let pages be made while the block runs: kernels are forked, where the system can, from a server that has imported what every page needs.

    No library writes meanwhile: its message about a failed cell could hold a value, and one about a request a token.
    """
    before = logging.root.manager.disable, sys.unraisablehook, threading.excepthook
    logging.disable(logging.CRITICAL)
    sys.unraisablehook, threading.excepthook = (lambda _: None), (lambda _: None)
    try:
        with warnings.catch_warnings(), new_folder() as folder, fork_server(_PRELOADED, env=_kernel_environment(folder)):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.root.manager.disable, sys.unraisablehook, threading.excepthook = before


@asynccontextmanager
async def _running_kernel(variables: Mapping[str, str]) -> AsyncIterator[Any]:
    """Give the manager of a kernel that runs with these variables; end the kernel when the block ends, however it ends.

    The kernel is this Python's own, whatever kernels a user has put in its place.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    from ikut_eval.kernels.manager import KernelManager

    manager = KernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    folder = manager.connection.name
    try:
        await manager.start_kernel(env=_kernel_environment(folder) | dict(variables), cwd=folder)
        yield manager
    finally:
        await asyncio.shield(_ended(manager))


async def _ended(manager: Any) -> None:
    try:
        async with asyncio.timeout(_END_SECONDS):
            await manager.shutdown_kernel(now=True)
    except Exception:
        with suppress(Exception):
            await manager.cleanup_resources()


def _kernel_environment(folder: str) -> dict[str, str]:
    """Return the variables of every kernel: the same package as ours, and none of the user's settings of Jupyter or IPython."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    path = os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    return inherited | {"PYTHONPATH": path, "IPYTHONDIR": folder, "JUPYTER_CONFIG_DIR": folder, "JUPYTER_NO_CONFIG": "1"}
