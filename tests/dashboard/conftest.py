"""One server of each audience for the whole module, and its bundle; and the dashboards of the synthetic pilot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ikut_eval.dashboard.rendering import page_kernels
from ikut_eval.release.store import Bundle
from tests.dashboard.serving import DOCUMENT, SHOWN, Served, here, write_notebooks
from tests.dashboard.shown import Dashboards
from tests.release.conftest import write


@pytest.fixture(scope="package")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Notebooks that show the bundle's digest and the language at once."""
    return write_notebooks(tmp_path_factory.mktemp("notebooks"), DOCUMENT, SHOWN)


@pytest.fixture(scope="package")
def kernels() -> Iterator[None]:
    """Let servers in this process have their pages made."""
    with page_kernels():
        yield


@pytest.fixture(scope="package")
def internal(tmp_path_factory: pytest.TempPathFactory, notebooks: Path, kernels: None) -> Iterator[Served]:
    """Dashboards of the evaluators."""
    folder = tmp_path_factory.mktemp("internal")
    write(folder / "internal", audience="internal")
    with here(folder / "internal", notebooks) as server:
        server.ready()
        yield server


@pytest.fixture(scope="package")
def public(tmp_path_factory: pytest.TempPathFactory, notebooks: Path, kernels: None) -> Iterator[Served]:
    """Dashboards of everybody, through the pointer to the bundle that is public."""
    folder = tmp_path_factory.mktemp("public")
    write(folder / "r001")
    (folder / "current").write_text("r001\n")
    with here(folder, notebooks, audience="public") as server:
        server.ready()
        yield server


@pytest.fixture(scope="session")
def dashboards(common: Path) -> Dashboards:
    return Dashboards(common / "dashboards")


@pytest.fixture(scope="module")
def bundle(dashboards: Dashboards) -> Bundle:
    """The evaluators' bundle of the synthetic pilot; modules about others have one of their own."""
    return dashboards.bundle("internal")


@pytest.fixture(scope="module", params=["fi", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """A language with a decimal comma, and one with a point."""
    return str(request.param)
