"""A workspace is outside any repository, only its owner's, and its settings are checked by name."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from stat import S_IMODE

import pytest

from ikut_eval.contract.errors import ConfigurationError, NotAllowedError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.data.workspace import SETTINGS, create_workspace, folders_open_to_others, open_workspace


def create(folder: Path, **more: str) -> Path:
    create_workspace(folder, language="fi", languages=("fi", "sv"), **more)
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", tmp_path / "repository"], check=True)
    return tmp_path / "repository"


def test_new_workspace_opens_as_it_was_made(tmp_path: Path) -> None:
    space = open_workspace(create(tmp_path / "space"))
    assert (space.language, space.languages, Path(space.data)) == ("fi", ("fi", "sv"), tmp_path / "space" / "data" / "pilot.xlsx")


@pytest.mark.parametrize("part", ["", "data", "runs"])
def test_only_the_owner_can_open_it(part: str, tmp_path: Path) -> None:
    assert S_IMODE((create(tmp_path / "space") / part).stat().st_mode) == 0o700


def test_only_the_owner_can_read_its_settings(tmp_path: Path) -> None:
    assert S_IMODE((create(tmp_path / "space") / SETTINGS).stat().st_mode) == 0o600


@pytest.mark.parametrize(("mode", "is_open"), [(0o700, False), (0o750, True), (0o705, True)])
def test_folder_that_others_can_read_is_noticed(mode: int, is_open: bool, tmp_path: Path) -> None:
    folder = create(tmp_path / "space")
    folder.chmod(mode)
    assert folders_open_to_others(open_workspace(folder)) == ([folder] if is_open else [])


@pytest.mark.parametrize("inside", [".", "space", "a/b/space"])
def test_repository_is_refused(inside: str, repository: Path) -> None:
    with pytest.raises(NotAllowedError):
        create(repository / inside)
    assert {p.name for p in repository.iterdir()} == {".git"}


def test_linked_working_tree_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text("gitdir: /elsewhere")
    with pytest.raises(NotAllowedError):
        create(tmp_path / "tree" / "space")


def test_link_into_a_repository_is_refused(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repository, target_is_directory=True)
    with pytest.raises(NotAllowedError):
        create(tmp_path / "link" / "space")


def test_way_out_of_a_repository_is_allowed(repository: Path) -> None:
    assert open_workspace(create(repository / ".." / "space"))


def test_relative_folder_inside_a_repository_is_refused(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    with pytest.raises(NotAllowedError):
        create(Path("space"))


def test_command_refuses_a_repository(repository: Path, command: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert command("init", repository / "space").returncode == 14


def test_existing_settings_are_kept(tmp_path: Path) -> None:
    folder = create(tmp_path / "space")
    (folder / SETTINGS).write_text('data = "synthetic"\n')
    assert open_workspace(create(folder)).data == "synthetic"


def test_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "space").write_text("a file")
    with pytest.raises(Exception, match="space") as refusal:
        create(tmp_path / "space")
    assert refusal.value.exit_code in (14, 15)


@pytest.mark.parametrize("data", [r"C:\Users\anna\pilot.xlsx", 'my "best" pilot.xlsx', "tiedot/ä.xlsx", "synthetic:tiny"])
def test_any_path_of_data_can_be_stored(data: str, tmp_path: Path) -> None:
    stored = open_workspace(create(tmp_path / "space", data=data)).data
    assert stored == data if data.startswith("synthetic") else stored == str(tmp_path / "space" / data)


@pytest.mark.parametrize("data", ["synthetic", "synthetic:messy"])
def test_synthetic_data_is_no_path(data: str, tmp_path: Path) -> None:
    assert open_workspace(create(tmp_path / "space", data=data)).data == data


@pytest.mark.parametrize(
    ("content", "key", "named"),
    [
        pytest.param('data = "x"\ncolour = 1\n', "unknown_setting", "colour", id="unknown-key"),
        pytest.param('data = "x"\nlanguag = "fi"\n', "nearly_known_setting", "languag", id="mistyped-key"),
        pytest.param('language = "fi"\n', "missing_setting", "data", id="no-data"),
        pytest.param("data = 3\n", "wrong_setting", "data", id="data-not-text"),
        pytest.param('data = "x"\nlanguage = "de"\n', "setting_choice", "language", id="language-unknown"),
        pytest.param('data = "x"\nlanguage = ["fi"]\n', "setting_choice", "language", id="language-a-list"),
        pytest.param('data = "x"\nlanguages = "fi"\n', "wrong_setting", "languages", id="languages-not-a-list"),
        pytest.param('data = "x"\nlanguages = []\n', "setting_choice", "languages", id="languages-empty"),
        pytest.param('data = "x"\nlanguages = ["fi", "de"]\n', "setting_choice", "languages", id="languages-unknown"),
        pytest.param('data = "x"\nlanguages = [["fi"]]\n', "setting_choice", "languages", id="languages-nested"),
        pytest.param('data = "x\n', "settings_not_toml", SETTINGS, id="not-toml"),
        pytest.param('data = "\udce4"\n', "settings_not_toml", SETTINGS, id="not-utf-8"),
    ],
)
def test_wrong_settings_are_named(content: str, key: str, named: str, tmp_path: Path) -> None:
    (tmp_path / SETTINGS).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigurationError) as refusal:
        open_workspace(tmp_path)
    assert refusal.value.key == key
    assert all(named in refusal.value.message(language) for language in LANGUAGES)


def test_folder_without_settings_is_no_workspace(tmp_path: Path, command: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = command("check", "-w", tmp_path)
    assert (done.returncode, "Traceback" in done.stderr, SETTINGS in done.stderr) == (10, False, True)


def test_languages_named_twice_count_once(tmp_path: Path) -> None:
    (tmp_path / SETTINGS).write_text('data = "x"\nlanguages = ["sv", "fi", "sv"]\n')
    assert open_workspace(tmp_path).languages == ("sv", "fi")
