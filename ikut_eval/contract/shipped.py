"""Where the files that come with the package lie: in a checkout beside it, in a wheel inside it."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def shipped(name: str) -> Path:
    """Return the folder `name` ("data_schema", "notebooks" or "dashboards") that belongs to this installation."""
    inside = PACKAGE / "shipped" / name
    return inside if inside.exists() else PACKAGE.parent / name
