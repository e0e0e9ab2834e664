"""One page: its notebook executed by Voilà in a kernel of its own, once, and the HTML document that its last cell shows."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from ikut_eval.contract.errors import NotebookError
from ikut_eval.contract.schema import PACKAGE
from ikut_eval.dashboard.kernel import running_kernel
from ikut_eval.dashboard.page import DOCUMENT
from ikut_eval.kernels.owner import Warm
from ikut_eval.kernels.quick_imports import leave_out_address_grammar

_TEMPLATE = "ikut_dashboard"
_TEMPLATES = PACKAGE / "dashboard" / "templates"


async def render_page(notebook: Path, variables: Mapping[str, str], *, warm: Warm | None, seconds: float) -> str:
    """Return the complete HTML document of a page's notebook.

    Parameters
    ----------
    notebook : Path
    variables : mapping
        What the kernel finds in its environment: where the bundle is, for whom, in which language.
    warm : Warm or None
        From which the kernel is forked.
    seconds : float
        The longest that it may take.

    Raises
    ------
    NotebookError
        If a cell fails, shows no page, or takes too long; what the cell's error says is not kept, as it could hold a value.
    """
    document = ""
    with suppress(Exception):
        async with asyncio.timeout(seconds), running_kernel(variables, warm=warm) as manager:
            document = await _executed(notebook, manager)
    task = asyncio.current_task()
    if task and task.cancelling():  # nbclient takes our being cancelled for the kernel's death, and Voilà goes on after that
        raise asyncio.CancelledError
    if not document.lstrip()[:15].lower().startswith("<!doctype html"):
        raise NotebookError("page_failed", notebook=notebook.name)
    return document


async def _executed(notebook: Path, manager: Any) -> str:
    renderer = (await asyncio.to_thread(_renderer_class))(notebook)  # viewers are served while Voilà is imported
    await renderer.initialize()
    try:
        return str(await renderer.generate_content_str(kernel_future=manager))
    finally:
        with suppress(AttributeError):  # no kernel was reached
            renderer.executor.kc.stop_channels()


@cache
def _renderer_class() -> type:
    """Return Voilà's renderer with our template, made when it is first needed. It reads the notebook from its file, without a contents service."""
    leave_out_address_grammar()
    import nbformat
    from traitlets.config import Config
    from voila.configuration import VoilaConfiguration
    from voila.notebook_renderer import NotebookRenderer

    class PageRenderer(NotebookRenderer):  # type: ignore[misc]
        def __init__(self, notebook: Path) -> None:
            super().__init__(
                voila_configuration=VoilaConfiguration(template=_TEMPLATE, allow_template_override="NO", allow_theme_override="NO"),
                traitlet_config=Config(),
                notebook_path=str(notebook),
                template_paths=[str(_TEMPLATES / _TEMPLATE)],
                base_url="/",
                page_config={},
            )

        async def initialize(self, **kwargs: Any) -> None:
            await super().initialize(**kwargs)
            self.resources["page_type"] = DOCUMENT

        async def load_notebook(self, path: str) -> Any:
            return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]

    return PageRenderer
