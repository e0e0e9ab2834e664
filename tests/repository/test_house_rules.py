"""Rules of the house that no linter knows: sizes of files, and one meaning for each public name."""

import ast
from collections import defaultdict

import pytest

from ikut_eval.cli import cli
from ikut_eval.release_commands import release
from tests.repository import ROOT, TRACKED

MODULES = [name for name in TRACKED if name.startswith("ikut_eval/") and name.endswith(".py")]
FILES = [name for name in TRACKED if name.endswith(".py")]
VERBS = {verb.replace("-", "_") for group in (cli, release) for verb in group.commands}
"""A verb of the command line may have the name of the function that it calls."""


def lines(name: str) -> int:
    return len((ROOT / name).read_text(encoding="utf-8").splitlines())


def public_names(name: str) -> set[str]:
    """Return what a module defines at its top level and others may import."""
    defined: set[str] = set()
    for node in ast.parse((ROOT / name).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in defined if not name.startswith("_")}


@pytest.mark.parametrize("folder", ["ikut_eval", "tests", "bench"])
def test_no_file_is_above_400_lines(folder: str) -> None:
    assert {name: lines(name) for name in FILES if name.startswith(f"{folder}/") and lines(name) > 400} == {}


def test_package_stays_small() -> None:
    """A new idea first looks for the module where it belongs."""
    sizes = {name: lines(name) for name in MODULES if not name.endswith("__init__.py")}
    assert 0 < len(sizes) <= 110
    assert len([name for name, size in sizes.items() if size < 60]) <= 5


def test_public_name_has_one_home() -> None:
    homes = defaultdict(list)
    for module in MODULES:
        for name in public_names(module) - VERBS:
            homes[name].append(module)
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}
    assert {"Exhibit", "attendance_rate"} <= homes.keys()
