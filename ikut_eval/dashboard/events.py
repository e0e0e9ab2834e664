"""What the server says on the terminal: one line an event, and never a value. Nothing that a library would say."""

import logging
import sys
import threading
import warnings
from datetime import datetime
from typing import Any

import click

from ikut_eval.contract.errors import IkutError
from ikut_eval.contract.locale import text


def silence_libraries() -> None:
    """Let no library write: what it says of a failed cell could hold a value, and of a request a token."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.unraisablehook = lambda _: None
    threading.excepthook = lambda _: None


def say(event: str, language: str, /, **values: Any) -> None:
    _line(text(f"dashboard.{event}", language, **values))


def say_problem(problem: IkutError, language: str) -> None:
    _line(f"{text('severity.error', language)}: {problem.message(language)}")


def say_defect(kind: str, place: str, language: str) -> None:
    _line(f"{text('severity.error', language)}: {text('error.defect', language, kind=kind, place=place)}")


def _line(said: str) -> None:
    click.echo(f"{datetime.now().astimezone():%H:%M:%S} {said}", err=True)
