"""Every package that is imported is declared, and installed from a lock file with hashes."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
import yaml

from tests.repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEPENDENCIES: list[str] = PROJECT["dependencies"]
EXTRAS: list[str] = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
PINNED = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.M))


def requirement(line: str) -> tuple[str, str]:
    """Return name and limit of a requirement, as in ``pandas>=3.0``."""
    found = re.fullmatch(r"([A-Za-z0-9-]+)(>=[\d.]+)", line)
    assert found, line
    return found[1].lower(), found[2]


def imported(folder: str) -> set[str]:
    """Return the top-level modules that a folder's files import and that neither Python nor this repository has."""
    own = {path.stem for path in (ROOT / folder).rglob("*.py")} | {"ikut_eval", "tests", "bench"}
    names = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - own - sys.stdlib_module_names


def undeclared(folder: str, declared: set[str]) -> set[str]:
    packages = packages_distributions()
    return {name for name in imported(folder) if not {p.lower().replace("_", "-") for p in packages.get(name, [name])} & declared}


def test_package_imports_only_its_dependencies() -> None:
    assert undeclared("ikut_eval", {requirement(d)[0] for d in DEPENDENCIES}) == set()


@pytest.mark.parametrize("folder", ["tests", "bench"])
def test_tests_and_measurements_import_only_what_is_declared(folder: str) -> None:
    peers = {re.split(r"[=\[]", line)[0] for path in (ROOT / folder).rglob("peers.txt") for line in path.read_text(encoding="utf-8").split()}
    assert undeclared(folder, {requirement(d)[0] for d in DEPENDENCIES + EXTRAS} | peers) == set()


def test_what_is_not_declared_is_seen() -> None:
    assert {"pandas", "click"} <= undeclared("ikut_eval", {"scipy"})


def test_conda_environment_has_the_same_packages() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    listed = [d for d in environment["dependencies"] if isinstance(d, str) and d != "pip"]
    assert {requirement(d) for d in listed} == {requirement(d) for d in [*DEPENDENCIES, f"python{PROJECT['requires-python']}"]}
    assert environment["channels"] == ["conda-forge"]


def test_lock_has_a_hash_for_everything_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert len(PINNED) > 100
    assert "://" not in lock
    for block in re.split(r"\n(?=[a-z0-9])", lock):
        assert "--hash=sha256:" in block


def test_lock_holds_every_declared_package() -> None:
    assert {requirement(d)[0] for d in DEPENDENCIES + EXTRAS} <= PINNED
