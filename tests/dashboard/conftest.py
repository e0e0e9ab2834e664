"""One server of each audience for the whole module, and its bundle; and the dashboards of the synthetic pilot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dashboard.serving import DOCUMENT, SHOWN, Served, own, started, write_notebooks
from tests.dashboard.shown import Dashboards
from tests.release.conftest import write


@pytest.fixture(scope="package")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Notebooks that show the bundle's digest and the language at once."""
    return write_notebooks(tmp_path_factory.mktemp("notebooks"), DOCUMENT, SHOWN)


@pytest.fixture(scope="package")
def internal(tmp_path_factory: pytest.TempPathFactory, notebooks: Path) -> Iterator[Served]:
    """Dashboards of the evaluators, with a token of the server's own."""
    folder = tmp_path_factory.mktemp("internal")
    write(folder / "internal", audience="internal")
    with started(own(folder / "internal", notebooks), folder / "said") as server:
        yield server


@pytest.fixture(scope="package")
def public(tmp_path_factory: pytest.TempPathFactory, notebooks: Path) -> Iterator[Served]:
    """Dashboards of everybody, with a token that the environment gives, through the pointer to the bundle that is public."""
    folder = tmp_path_factory.mktemp("public")
    write(folder / "r001")
    (folder / "current").write_text("r001\n")
    with started(own(folder, notebooks, audience="public"), folder / "said", given="a-token-of-the-environment") as server:
        yield server


@pytest.fixture(scope="session")
def dashboards(common: Path) -> Dashboards:
    return Dashboards(common / "dashboards")
