"""The dashboards as a folder of files, for any web server or file share."""

from contextlib import suppress
from pathlib import Path

from ikut_eval.contract.atomic import folder_written_atomically
from ikut_eval.contract.errors import NotAllowedError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.dashboard import pages
from ikut_eval.dashboard.html import file_name
from ikut_eval.dashboard.opening import bundle_folder
from ikut_eval.dashboard.page import PAGES
from ikut_eval.dashboard.site import asset_files, files_beside
from ikut_eval.release.store import Bundle, read_bundle

_FOR_EVERYBODY = 0o755
MARK = ".ikut-eval-pages"
"""A file that says that a folder may be replaced."""


def write_pages(bundle: Path, folder: Path, *, audience: str) -> Path:
    """Write all pages of a bundle into a folder, in the place of older ones, and return the first page.

    Parameters
    ----------
    bundle : Path
        Folder of a bundle, or of the public bundles.
    folder : Path
        The folder to be written, with the folders above it where they are missing; only its owner can enter pages of the
        internal audience.

    Raises
    ------
    ConfigurationError, NotAllowedError
        If there is no such bundle for the audience; or `folder` is there and holds something else.
    MachineError
        If the disk is full, or a file stands in the place of a folder above.
    """
    if folder.is_symlink() or (folder.exists() and not (folder / MARK).is_file() and any(folder.iterdir())):
        raise NotAllowedError("pages_not_replaced", folder=folder.name)
    found = read_bundle(bundle_folder(bundle, audience=audience), audience=audience)
    files = pages_of(found) | files_beside(found) | asset_files() | {MARK: f"{found.digest}\n".encode()}
    with suppress(OSError):  # said when the folder is written
        folder.parent.mkdir(parents=True, exist_ok=True)
    with folder_written_atomically(folder) as temporary:
        for name, content in files.items():
            (temporary / name).parent.mkdir(exist_ok=True)
            (temporary / name).write_bytes(content)
        if audience == "public":
            temporary.chmod(_FOR_EVERYBODY)
    return folder / "index.html"


def pages_of(bundle: Bundle) -> dict[str, bytes]:
    """Return every page in every language, by file name."""
    made = {file_name(name, language): getattr(pages, name)(bundle, language=language) for name in PAGES for language in LANGUAGES}
    return {name: page.document.encode() for name, page in made.items()}
