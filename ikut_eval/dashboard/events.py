"""What the server writes on the terminal: one line for each event, never a value, and nothing of any library."""

import logging
import sys
import threading
import warnings
from datetime import datetime
from typing import Any

import click

from ikut_eval.contract.errors import IkutError, place_of
from ikut_eval.contract.locale import text


def silence_libraries() -> None:
    """Let no library write: its message about a failed cell could hold a value, and one about a request a token."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.unraisablehook = lambda _: None
    threading.excepthook = lambda _: None


def log_event(event: str, language: str, /, **values: Any) -> None:
    _line(text(f"dashboard.{event}", language, **values))


def log_error(problem: BaseException, language: str) -> None:
    """Write the message of an error of ours, or the kind and place of a defect."""
    defect = {"kind": type(problem).__name__, "place": place_of(problem)}
    said = problem.message(language) if isinstance(problem, IkutError) else text("error.defect", language, **defect)
    _line(f"{text('severity.error', language)}: {said}")


def _line(said: str) -> None:
    click.echo(f"{datetime.now().astimezone():%H:%M:%S} {said}", err=True)
