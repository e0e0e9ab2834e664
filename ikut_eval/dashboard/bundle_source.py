"""Where the bundle of a dashboard is, which one is there now, and whether another has taken its place."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs

from ikut_eval.contract.atomic import standing_folder
from ikut_eval.contract.errors import IkutError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.release.store import Bundle, current_bundle, read_bundle

BUNDLE, AUDIENCE, LANGUAGE = "IKUT_EVAL_BUNDLE", "IKUT_EVAL_AUDIENCE", "IKUT_EVAL_LANGUAGE"
"""Variables that tell a notebook what to show: set by our server, or by whoever starts Voilà."""
DEMO = Path("ikut-eval-demo") / "bundles"
"""Where `make demo` leaves its bundles, under the home folder."""


class ToShow(NamedTuple):
    """What a page is to show: the folder of a bundle, for whom, in which language."""

    folder: Path
    audience: str
    language: str


def to_show(bundle: str, *, audience: str, language: str) -> ToShow:
    """Return what to show: what the variables say where a bundle is among them, else what is given.

    A viewer of Voilà asks for another language by the address: ``?language=sv``.

    `bundle` is the folder of a bundle, or of the public bundles; empty for the one that `make demo` made.
    """
    if BUNDLE in os.environ:
        bundle, audience, language = (os.environ.get(name, given) for name, given in ((BUNDLE, bundle), (AUDIENCE, audience), (LANGUAGE, language)))
    asked = parse_qs(os.environ.get("QUERY_STRING", "")).get("language", [language])[0]
    language = asked if asked in LANGUAGES else language
    return ToShow(Path(bundle).expanduser() if bundle else Path.home() / DEMO / audience, audience, language)


def bundle_to_show(given: ToShow) -> Bundle:
    """Return the bundle to show. Errors are those of `BundleSource.read`."""
    return BundleSource(given.folder, given.audience).read()


Look = tuple[object, ...]
"""What a folder looks like from outside. It changes when a bundle is replaced, changed or put right."""


@dataclass(frozen=True)
class BundleSource:
    """A place that holds a bundle, or will hold one.

    Attributes
    ----------
    folder : Path – a bundle; of the public ones also the folder whose pointer names the bundle that is public now
    audience : {"internal", "public"}
    """

    folder: Path
    audience: str

    def place(self) -> Path:
        """Return the folder of the bundle that is shown now; errors are those of `current_bundle`."""
        named = current_bundle(self.folder) if self.audience == "public" else None
        return named or self.folder

    def look(self) -> Look:
        """Return what the bundle looks like from outside, without reading it."""
        try:
            place = self.place()
            with os.scandir(standing_folder(place)) as entries:
                stats = {entry.name: entry.stat(follow_symlinks=False) for entry in entries}
        except (OSError, IkutError) as problem:
            return (type(problem).__name__,)
        return (place, *sorted((name, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for name, s in stats.items()))

    def read(self) -> Bundle:
        """Read the bundle that is shown now.

        Raises ConfigurationError if there is no bundle, or it is not whole; NotAllowedError if it is for another audience, or may not be read.
        """
        return read_bundle(self.place(), audience=self.audience)
