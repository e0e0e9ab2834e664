"""What all verbs of the command line share: their options, and one language from the first word to the last."""

import os
import tomllib
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click import core, decorators, exceptions, formatting, parser, types

from ikut_eval.contract.atomic import given_path
from ikut_eval.contract.locale import LANGUAGES, default_language, plain, text
from ikut_eval.data.workspace import SETTINGS, Workspace, folders_open_to_others, open_workspace

_CLICK = {
    "Usage:": "click.usage",
    "Options": "click.options",
    "Commands": "click.commands",
    "Show this message and exit.": "click.help",
    "Try '{command} {option}' for help.": "click.try_help",
    "Error: {message}": "click.error",
    "default: {default}": "click.default",
    "required": "click.required",
    "Missing command.": "click.missing_command",
    "Missing argument": "click.missing_argument",
    "Missing option": "click.missing_option",
    "Missing parameter": "click.missing_argument",
    "No such option {name!r}.": "click.no_such_option",
    "No such command {name!r}.": "click.no_such_command",
    "Did you mean {possibility}?": "click.did_you_mean",
    "(Did you mean one of: {possibilities}?)": "click.did_you_mean_one_of",
    "Got unexpected extra argument ({args})": "click.extra_argument",
    "Got unexpected extra arguments ({args})": "click.extra_arguments",
    "Option {name!r} requires an argument.": "click.needs_value",
    "Option {name!r} requires {nargs} arguments.": "click.needs_values",
    "Option {name!r} does not take a value.": "click.takes_no_value",
    "Invalid value: {message}": "click.invalid",
    "Invalid value for {param_hint}: {message}": "click.invalid_for",
    "Choose from:\n\t{choices}": "click.choose_from",
    "{value!r} is not {choice}.": "click.not_the_choice",
    "{value!r} is not one of {choices}.": "click.not_a_choice",
    "{value!r} does not match the format {format}.": "click.not_in_format",
    "{value!r} does not match the formats {formats}.": "click.not_in_formats",
    "{value!r} is not a valid {number_type}.": "click.not_a_number",
    "{value} is not in the range {range}.": "click.not_in_range",
    "{name} {filename!r} does not exist.": "click.not_there",
    "{name} {filename!r} is a file.": "click.is_file",
    "{name} {filename!r} is a directory.": "click.is_folder",
    "{name} {filename!r} is not readable.": "click.not_readable",
    "Aborted!": "click.aborted",
}
"""The words of click that a person can meet, and their keys in the catalogues."""
_BLANKS = {
    "text": "click.blank.text",
    "integer": "click.blank.integer",
    "integer range": "click.blank.integer",
    "path": "click.blank.path",
    "file": "click.blank.file",
    "directory": "click.blank.directory",
    "datetime": "click.blank.datetime",
}
"""What stands for a value in usage and help, by click's name of its type."""


class GivenPath(click.Path):
    """A path on the command line; ``~`` is the home folder."""

    def __init__(self, **limits: Any) -> None:
        super().__init__(path_type=Path, **limits)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(str(given_path(value)), param, ctx)


language_option = click.option("--language", "-l", type=click.Choice(LANGUAGES), help="cli.language")
workspace_option = click.option("--workspace", "-w", "folder", type=GivenPath(), default=Path(), help="cli.workspace", show_default=True)


def language_of(words: Sequence[str]) -> str:
    """Return the language in which to answer a command line: the one it asks for, else that of its workspace, else that of the system."""
    asked = _value_of(words, "--language", "-l")
    if asked in LANGUAGES:
        return asked
    folder = _value_of(words, "--workspace", "-w") or next((word for word in words[1:2] if is_workspace(word)), ".")
    with suppress(OSError, ValueError):
        said = tomllib.loads((given_path(folder) / SETTINGS).read_text(encoding="utf-8")).get("language", "fi")
        if said in LANGUAGES:
            return str(said)
    return default_language()


def _value_of(words: Sequence[str], long: str, short: str) -> str:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in (long, short):
            return following
        if word.startswith(f"{long}="):
            return word.removeprefix(f"{long}=")
        if word.startswith(short) and not word.startswith("--"):
            return word.removeprefix(short)
    return ""


def is_workspace(place: str) -> bool:
    """Return whether a folder is a workspace."""
    return os.path.isfile(given_path(place) / SETTINGS)


def as_typed_here(word: str) -> str:
    """Return a word of the command line without invisible characters and with composed letters; a path stays as it is."""
    return word if os.sep in word or os.path.exists(word) else plain(word)


def in_words(command: click.Command, language: str) -> click.Command:
    """Return a command that speaks one language: its own words, which are keys of the catalogue, and those of click."""

    def said(message: str) -> str:
        return text(_CLICK[message], language) if message in _CLICK else message

    for module in (core, decorators, exceptions, formatting, parser, types):
        vars(module).update(_=said, ngettext=lambda one, several, n: said(one if n == 1 else several))
    return _in_words(command, language)


def _in_words(command: click.Command, language: str) -> click.Command:
    spoken = copy(command)
    spoken.help = text(command.help or "", language)
    spoken.params = [_parameter_in_words(each, language) for each in command.params]
    spoken.options_metavar = f"[{text('click.options', language).upper()}]"
    if isinstance(spoken, click.Group) and isinstance(command, click.Group):
        spoken.commands = {name: _in_words(verb, language) for name, verb in command.commands.items()}
        spoken.subcommand_metavar = text("click.verb_and_words", language)
    return spoken


def _parameter_in_words(given: click.Parameter, language: str) -> click.Parameter:
    spoken = copy(given)
    if isinstance(spoken, click.Option):
        spoken.help = text(spoken.help or "", language)
    key = given.metavar or given.type.name
    optional = isinstance(given, click.Argument) and not given.required
    if key in _BLANKS and not getattr(given, "is_flag", False):
        spoken.metavar = text(_BLANKS[key], language)
    elif given.metavar:
        spoken.metavar = f"[{text(given.metavar, language)}]" if optional else text(given.metavar, language)
    return spoken


date_option = click.option("--date", "day", type=click.DateTime(["%Y-%m-%d", "%d.%m.%Y"]), help="cli.date")


def show_message(key: str, language: str, **values: object) -> None:
    click.echo(text(f"said.{key}", language, **values))


def workspace_at(folder: Path) -> Workspace:
    space = open_workspace(folder)
    for open_folder in folders_open_to_others(space):
        click.echo(text("said.open_to_others", space.language, folder=open_folder), err=True)
    return space


def in_workspace(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the option ``--workspace`` and, as its first argument, the workspace that it names."""

    @workspace_option
    @wraps(verb)
    def opened(folder: Path, **chosen: Any) -> None:
        verb(workspace_at(folder), **chosen)

    return opened


def as_of(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb of a workspace the option ``--date``: the workspace that it gets has that reporting date."""

    @in_workspace
    @date_option
    @wraps(verb)
    def dated(space: Workspace, day: datetime | None, **chosen: Any) -> None:
        verb(replace(space, report_date=day.date()) if day else space, **chosen)

    return dated
