"""What every page needs beside it: style, script and plotly.js, under names that change with their content."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "files"
_FILES = {"style": "dashboard.css", "script": "dashboard.js", "plotly": "plotly-basic.min.js"}


@cache
def assets() -> Mapping[str, bytes]:
    """Return every asset by the name under which pages ask for it."""
    return {name: (_FOLDER / _FILES[kind]).read_bytes() for kind, name in asset_names().items()}


@cache
def asset_names() -> Mapping[str, str]:
    """Return the names of style, script and plotly.js."""
    return {kind: _hashed(_FOLDER / name) for kind, name in _FILES.items()}


def _hashed(path: Path) -> str:
    return f"{path.stem}.{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}{path.suffix}"
