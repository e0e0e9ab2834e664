"""The kinds of error, each with one exit code. No message ever holds a participant's cell value."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from traceback import extract_tb

from ikut_eval.contract.locale import default_language, plain, text

OURS = " (ikut_eval): "
"""What Jupyter shows between the name of an error of this package and its message."""


class IkutError(Exception):
    """An error that a reader can act on.

    Parameters
    ----------
    key : str
        Catalogue key under ``error.``; the text says what is wrong and what to do.
    **values
        Names of files, sheets, columns, parameters or counts for the text. Never a cell's value.
    """

    exit_code = 1

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key)

    def message(self, language: str) -> str:
        return text(f"error.{self.key}", language, **self.values)

    def __str__(self) -> str:
        return self.message(default_language())

    def _render_traceback_(self) -> list[str]:
        """Return what Jupyter shows: the message, which holds no value, and the line of the cell, without the frames in between."""
        lines = [frame.lineno for frame in extract_tb(self.__traceback__) if "ipykernel" in frame.filename]
        return [f"{type(self).__name__}{OURS}{self}", *(f"----> {line}" for line in lines[:1])]


def place_of(problem: BaseException) -> str:
    """Return file and line of a defect, never its message, which could hold a value."""
    frames = extract_tb(problem.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


class UsageError(IkutError):
    """An argument or option of the call is not valid."""

    exit_code = 2


def nearest(word: object, choices: Iterable[str]) -> str:
    """Return the choice that a word nearly is, whatever its capital letters; an empty text where there is none."""
    known = {plain(choice).casefold(): choice for choice in choices}
    near = get_close_matches(plain(word).casefold(), known, n=1) if isinstance(word, str) else []
    return known[near[0]] if near else ""


def check_choice(name: str, value: str, choices: Iterable[str]) -> str:
    """Return `value`, or raise UsageError if it is not one of `choices`; names the parameter, the choices and the nearest one."""
    allowed = list(choices)
    if not isinstance(value, str) or value not in allowed:
        raise with_nearest("unknown_choice", "choice_nearly_known", value, allowed, name=name, choices=", ".join(map(str, allowed)))
    return value


def with_nearest(key: str, near_key: str, word: object, choices: Iterable[str], /, **values: object) -> UsageError:
    """Return the error for a word that is none of `choices`: `near_key` with the nearest one, or `key` where none is near."""
    near = nearest(word, choices)
    return UsageError(near_key, near=near, **values) if near else UsageError(key, **values)


class ConfigurationError(IkutError):
    """The workspace, the schema or the plan is not sound."""

    exit_code = 10


class DataError(IkutError):
    """The data cannot be read or is not sound."""

    exit_code = 11


class NotebookError(IkutError):
    """A notebook failed."""

    exit_code = 12


class DisclosureError(IkutError):
    """A release could reveal something about a person, or it is not proved that it could not."""

    exit_code = 13


class NotAllowedError(IkutError):
    """The action would put confidential data where it must not be, or the system refuses it."""

    exit_code = 14


class MachineError(IkutError):
    """Something outside the project is missing: a kernel, a browser, room on the disk."""

    exit_code = 15
