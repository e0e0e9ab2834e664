"""Which bundle a page's notebook shows: the one that the server asks for, else the one that its parameters name."""

import os
from pathlib import Path

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.dashboard.page import SERVED
from ikut_eval.release.store import Bundle, current_bundle, read_bundle

AUDIENCE, LANGUAGE = "IKUT_EVAL_AUDIENCE", "IKUT_EVAL_LANGUAGE"
"""Variables by which the server, beside the bundle, tells a notebook what to show."""
DEMO = Path("ikut-eval-demo") / "bundles"
"""Where `make demo` leaves its bundles, under the home folder."""


def opened(bundle: str, *, audience: str, language: str) -> tuple[Bundle, str]:
    """Return the bundle and the language to show.

    Parameters
    ----------
    bundle : str
        Folder of a bundle, or of the public bundles; empty for the one that `make demo` made.
    audience : {"internal", "public"}
    language : {"fi", "sv", "en"}

    Raises
    ------
    ConfigurationError
        If there is no bundle, or it is not whole.
    NotAllowedError
        If it is for another audience, or may not be read.
    """
    if SERVED in os.environ:
        bundle, audience, language = (os.environ[name] for name in (SERVED, AUDIENCE, LANGUAGE))
    folder = Path(bundle).expanduser() if bundle else Path.home() / DEMO / audience
    return read_bundle(bundle_folder(folder, audience=audience), audience=audience), language


def bundle_folder(folder: Path, *, audience: str) -> Path:
    """Return the folder of the bundle itself: of the public ones, the one that is public now.

    Raises
    ------
    ConfigurationError
        If nothing has been made public yet.
    """
    if audience != "public" or (folder / "manifest.json").exists():
        return folder
    found = current_bundle(folder)
    if found is None:
        raise ConfigurationError("no_bundle", folder=folder.name)
    return found
