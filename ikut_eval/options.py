"""What all verbs of the command line share."""

from pathlib import Path

import click

from ikut_eval.contract.locale import LANGUAGES, default_language, text
from ikut_eval.data.workspace import Workspace, folders_open_to_others, open_workspace

HERE = default_language()
language_option = click.option("--language", "-l", type=click.Choice(LANGUAGES), help=text("cli.language", HERE))
workspace_option = click.option(
    "--workspace", "-w", "folder", type=click.Path(path_type=Path), default=Path(), help=text("cli.workspace", HERE), show_default=True
)


def show_message(key: str, language: str, **values: object) -> None:
    click.echo(text(f"said.{key}", language, **values))


def workspace_at(folder: Path) -> Workspace:
    space = open_workspace(folder)
    for open_folder in folders_open_to_others(space):
        click.echo(text("said.open_to_others", space.language, folder=open_folder), err=True)
    return space
