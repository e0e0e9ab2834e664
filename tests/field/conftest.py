"""Pilots as they are filled in: built of literal rows, and the workbooks of `inputs/`."""

from pathlib import Path

from tests.measures.conftest import build

__all__ = ["build"]

INPUTS = Path(__file__).parent / "inputs"
