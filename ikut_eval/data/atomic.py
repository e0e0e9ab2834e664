"""Writing that leaves either the old file or the whole new one."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ikut_eval.contract.errors import IkutError, MachineError, NotAllowedError


def storage_error(problem: OSError, name: str) -> IkutError:
    """Return what a failure to write means: the right is missing, or the disk."""
    if isinstance(problem, PermissionError) or problem.errno == errno.EROFS:
        return NotAllowedError("cannot_write", file=name)
    return MachineError("cannot_store", file=name)


@contextmanager
def written_atomically(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends well.

    Raises
    ------
    NotAllowedError
        If the folder may not be written to.
    MachineError
        If the disk is full or the folder is missing.
    """
    temporary = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}-", suffix=path.suffix)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        os.replace(temporary, path)
    except OSError as problem:
        raise storage_error(problem, path.name) from problem
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    with written_atomically(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a text file atomically, in UTF-8."""
    write_bytes(path, content.encode())
