"""What all verbs of the command line share."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ikut_eval.contract.locale import LANGUAGES, default_language, text
from ikut_eval.data.workspace import Workspace, folders_open_to_others, open_workspace

HERE = default_language()
language_option = click.option("--language", "-l", type=click.Choice(LANGUAGES), help=text("cli.language", HERE))
workspace_option = click.option(
    "--workspace", "-w", "folder", type=click.Path(path_type=Path), default=Path(), help=text("cli.workspace", HERE), show_default=True
)


date_option = click.option("--date", "day", type=click.DateTime(["%Y-%m-%d", "%d.%m.%Y"]), help=text("cli.date", HERE))


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
