"""The ledger keeps every entry in its place: what is changed, lost or cut off is found, and an interrupted entry is there or not."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import FrozenInstanceError
from itertools import pairwise
from pathlib import Path

import pytest

from ikut_eval.contract.errors import DataError, DisclosureError, IkutError, MachineError, NotAllowedError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.release import ledger as ledger_module
from ikut_eval.release.ledger import KINDS, START, Ledger, append, read_ledger

MARKER = "PMARK0001"
WHO = "Äijälä"


def add(path: Path, number: int) -> Ledger:
    content = {"figures": [{"lo": None, "hi": number}], "note": f"{MARKER} \n ä \u2028", "share": 0.1}
    return append(path, kind=KINDS[number % 4], who=WHO, when=f"2022-11-{number:02}T10:00:00+02:00", content=content)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger of three entries."""
    folder = tmp_path_factory.mktemp("three")
    for number in (1, 2, 3):
        add(folder / "ledger.jsonl", number)
    return folder


@pytest.fixture
def path(three: Path, tmp_path: Path) -> Path:
    """A ledger of three entries."""
    return shutil.copytree(three, tmp_path / "space") / "ledger.jsonl"


def head(path: Path) -> Path:
    return path.with_name("ledger.head")


def refusal(path: Path) -> DisclosureError:
    with pytest.raises(DisclosureError) as raised:
        read_ledger(path)
    return raised.value


def put(path: Path, content: bytes) -> None:
    """Write a file anew: some disks wait when one that is there is emptied."""
    path.unlink()
    path.write_bytes(content)


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def test_ledger_that_was_never_written_is_empty(path: Path, tmp_path: Path) -> None:
    assert read_ledger(tmp_path / "another.jsonl") == Ledger()
    assert Ledger().head == START


def test_entries_are_read_as_they_were_added(path: Path) -> None:
    entries = read_ledger(path).entries
    assert [(e.number, e.kind, e.who, e.when) for e in entries] == [(n, KINDS[n % 4], WHO, f"2022-11-{n:02}T10:00:00+02:00") for n in (1, 2, 3)]
    assert entries[0].content == {"figures": [{"lo": None, "hi": 1}], "note": f"{MARKER} \n ä \u2028", "share": 0.1}
    assert entries[0].previous == START
    assert all(later.previous == earlier.hash for earlier, later in pairwise(entries))


def test_adding_returns_what_is_then_read(path: Path) -> None:
    assert add(path, 4) == read_ledger(path)
    assert read_ledger(path).head == read_ledger(path).entries[3].hash


def test_same_entries_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.jsonl"
    for number in (1, 2, 3):
        add(again, number)
    assert (again.read_bytes(), again.with_suffix(".head").read_bytes()) == (path.read_bytes(), head(path).read_bytes())


def test_entry_cannot_be_changed_and_does_not_print_its_content(path: Path) -> None:
    ledger = read_ledger(path)
    with pytest.raises(FrozenInstanceError):
        ledger.entries[0].kind = "fact"  # type: ignore[misc]
    assert MARKER not in repr(ledger)


def test_content_is_a_copy(path: Path) -> None:
    given = {"list": [1]}
    ledger = append(path, kind="fact", who="A", when="2022", content=given)
    given["list"].append(2)
    assert ledger.entries[-1].content == {"list": [1]}


@pytest.mark.parametrize("content", [{"mean": float("nan")}, {"mean": float("inf")}, {"what": object()}], ids=["nan", "infinite", "object"])
def test_content_that_has_no_form_of_its_own_in_json_is_not_added(content: dict, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises((ValueError, TypeError)):
        append(path, kind="fact", who="A", when="2022", content=content)
    assert path.read_bytes() == before


def test_unknown_kind_is_not_added(path: Path) -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        append(path, kind="relase", who="A", when="2022", content={})


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_files_are_only_the_owners(path: Path) -> None:
    assert {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()} == {
        "ledger.jsonl": 0o600,
        "ledger.head": 0o600,
        "ledger.lock": 0o600,
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusal_names_the_entry_and_the_file_and_no_content(language: str, path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"2022-11-02", b"2022-11-03"))
    words = refusal(path).message(language)
    assert "2" in words
    assert "ledger.jsonl" in words
    assert MARKER not in words
    assert WHO not in words
    assert "2022" not in words


@pytest.mark.parametrize("mask", [0x01, 0x20])
def test_changing_any_byte_of_an_entry_is_found(mask: int, path: Path) -> None:
    whole = path.read_bytes()
    for place in range(len(whole)):
        put(path, whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :])
        found = refusal(path)
        number = whole[:place].count(b"\n") + 1
        assert (found.key, found.values["number"]) == ("ledger_broken", number)


@pytest.mark.parametrize("added", [b" ", b"\n"])
def test_adding_any_byte_is_found(added: bytes, path: Path) -> None:
    whole = path.read_bytes()
    for place in range(len(whole) + 1):
        put(path, whole[:place] + added + whole[place:])
        assert refusal(path).key == "ledger_broken"


@pytest.mark.parametrize("mask", [0x01, 0x20])
def test_changing_any_byte_of_the_head_is_found(mask: int, path: Path) -> None:
    whole = head(path).read_bytes()
    for place in range(len(whole)):
        put(head(path), whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :])
        assert refusal(path).key == "ledger_shortened"


def test_cutting_off_any_bytes_is_found(path: Path) -> None:
    for file in (path, head(path)):
        whole = file.read_bytes()
        for place in range(len(whole)):
            put(file, whole[:place])
            cut_inside = file == path and place and whole[place - 1 : place] != b"\n"
            assert refusal(path).key == ("ledger_broken" if cut_inside else "ledger_shortened")
        file.write_bytes(whole)
    assert len(read_ledger(path).entries) == 3


@pytest.mark.parametrize(
    ("order", "number"), [([1, 2], 1), ([0, 2], 2), ([1, 0, 2], 1), ([0, 2, 1], 2), ([0, 1, 1, 2], 3), ([0, 1, 2, 2], 4), ([0, 0, 1, 2], 2)], ids=str
)
def test_removing_repeating_or_reordering_entries_is_found(order: list[int], number: int, path: Path) -> None:
    each = lines(path)
    path.write_bytes(b"".join(each[place] for place in order))
    assert (refusal(path).key, refusal(path).values["number"]) == ("ledger_broken", number)


@pytest.mark.parametrize("left", [0, 1, 2])
def test_removing_the_last_entries_is_found(left: int, path: Path) -> None:
    path.write_bytes(b"".join(lines(path)[:left]))
    assert refusal(path).key == "ledger_shortened"


def test_removing_one_of_the_two_files_is_found(path: Path) -> None:
    for file in (path, head(path)):
        whole = file.read_bytes()
        file.unlink()
        assert refusal(path).key == "ledger_shortened"
        file.write_bytes(whole)


def test_cutting_back_to_the_first_entry_and_removing_the_head_is_found(path: Path) -> None:
    path.write_bytes(lines(path)[0])
    head(path).unlink()
    assert refusal(path).key == "ledger_shortened"


def test_forging_an_entry_and_every_hash_after_it_is_found_by_the_head(path: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged.jsonl"
    append(forged, kind="fact", who=WHO, when="2022", content={})
    for number in (2, 3):
        add(forged, number)
    path.write_bytes(forged.read_bytes())
    assert refusal(path).key == "ledger_shortened"


REWRITTEN: dict[str, Callable[[dict], str]] = {
    "spaces": lambda e: json.dumps(e, sort_keys=True, ensure_ascii=False),
    "another order": lambda e: json.dumps(dict(sorted(e.items(), reverse=True)), ensure_ascii=False, separators=(",", ":")),
    "escapes": lambda e: json.dumps(e, sort_keys=True, separators=(",", ":")),
    "a number as another kind": lambda e: json.dumps(e | {"number": True}, sort_keys=True, ensure_ascii=False, separators=(",", ":")),
    "a key twice": lambda e: '{"number":9,' + json.dumps(e, sort_keys=True, ensure_ascii=False, separators=(",", ":"))[1:],
    "another key": lambda e: json.dumps(e | {"z": 1}, sort_keys=True, ensure_ascii=False, separators=(",", ":")),
    "a number that is none": lambda e: json.dumps(e | {"content": {"a": float("nan")}}, sort_keys=True, ensure_ascii=False, separators=(",", ":")),
    "no object": lambda e: "[]",
    "no content": lambda e: json.dumps({key: e[key] for key in e if key != "content"}, sort_keys=True, ensure_ascii=False, separators=(",", ":")),
    "too deep": lambda e: "[" * 100_000,
    "half a character": lambda e: json.dumps(e | {"who": "\ud800"}, sort_keys=True, separators=(",", ":")),
}


@pytest.mark.parametrize("form", REWRITTEN)
def test_an_entry_written_in_another_way_is_found(form: str, path: Path) -> None:
    first, *others = lines(path)
    path.write_bytes(b"".join([REWRITTEN[form](json.loads(first)).encode() + b"\n", *others]))
    assert (refusal(path).key, refusal(path).values["number"]) == ("ledger_broken", 1)


@pytest.mark.parametrize("change", [lambda p: p.write_bytes(p.read_bytes()[:-9]), lambda p: head(p).unlink()], ids=["cut", "no head"])
def test_nothing_is_added_to_a_broken_ledger(change: Callable[[Path], None], path: Path) -> None:
    change(path)
    before = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    with pytest.raises(DisclosureError):
        add(path, 4)
    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == before


@contextmanager
def stopped_at(rename: int, problem: BaseException, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the given rename from now on, counted from 1, raise instead."""
    renames = iter(range(1, 100))
    replace = os.replace

    def stopping(*names: object) -> None:
        if next(renames) == rename:
            raise problem
        replace(*names)  # type: ignore[arg-type]

    with patch.context() as patched:
        patched.setattr(os, "replace", stopping)
        yield


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), OSError(28, "No space left on device")], ids=["interrupt", "disk full"])
@pytest.mark.parametrize(("rename", "entries"), [(1, 3), (2, 4)])
def test_interrupted_entry_is_there_or_not(rename: int, entries: int, problem: BaseException, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stopped_at(rename, problem, monkeypatch), pytest.raises((KeyboardInterrupt, MachineError)):
        add(path, 4)
    assert len(read_ledger(path).entries) == entries
    assert [len(add(path, number).entries) for number in (5, 6)] == [entries + 1, entries + 2]
    assert len(read_ledger(path).entries) == entries + 2
    assert sorted(each.name for each in path.parent.iterdir()) == ["ledger.head", "ledger.jsonl", "ledger.lock"]


@pytest.mark.parametrize(("rename", "entries"), [(1, 0), (2, 0), (3, 1)])
def test_interrupted_first_entry_is_there_or_not(rename: int, entries: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.jsonl"
    with stopped_at(rename, KeyboardInterrupt(), monkeypatch), pytest.raises(KeyboardInterrupt):
        add(path, 1)
    assert len(read_ledger(path).entries) == entries
    assert len(add(path, 2).entries) == entries + 1
    assert len(read_ledger(path).entries) == entries + 1


def test_emptying_a_ledger_whose_first_head_was_interrupted_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.jsonl"
    with stopped_at(3, KeyboardInterrupt(), monkeypatch), pytest.raises(KeyboardInterrupt):
        add(path, 1)
    path.write_bytes(b"")
    assert refusal(path).key == "ledger_shortened"


def test_entries_interrupted_one_after_the_other_lose_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stopped_at(2, KeyboardInterrupt(), monkeypatch), pytest.raises(KeyboardInterrupt):
        add(path, 4)
    with stopped_at(3, KeyboardInterrupt(), monkeypatch), pytest.raises(KeyboardInterrupt):
        add(path, 5)
    assert [entry.when[8:10] for entry in read_ledger(path).entries] == ["01", "02", "03", "04", "05"]


def test_two_entries_longer_than_the_head_is_refused(path: Path) -> None:
    old = head(path).read_bytes()
    add(path, 4)
    add(path, 5)
    head(path).write_bytes(old)
    assert refusal(path).key == "ledger_shortened"


KILLED = """
import os, sys
from pathlib import Path
from ikut_eval.release.ledger import append
replace, count = os.replace, iter(range(1, 9))
os.replace = lambda *names: os._exit(9) if next(count) == int(sys.argv[2]) else replace(*names)
append(Path(sys.argv[1]), kind="fact", who="A", when="2022", content={})
"""


@pytest.mark.parametrize(("rename", "entries"), [(1, 3), (2, 4)])
def test_killed_process_leaves_old_or_new_and_no_lock(rename: int, entries: int, path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, path, str(rename)], check=False, timeout=60)
    assert done.returncode == 9
    assert len(read_ledger(path).entries) == entries
    assert len(add(path, 4).entries) == entries + 1


WRITER = """
import sys
from pathlib import Path
from ikut_eval.release.ledger import append, read_ledger
print("ready", flush=True)
sys.stdin.readline()
for number in range(8):
    append(Path(sys.argv[1]), kind="fact", who=sys.argv[2], when="2022", content={"number": number})
    read_ledger(Path(sys.argv[1]))
"""


def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, path, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    while any(writer.poll() is None for writer in writers):
        read_ledger(path)
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [("", 0), ("", 0)]
    entries = read_ledger(path).entries
    assert len(entries) == 16
    for name in ("one", "two"):
        assert [entry.content["number"] for entry in entries if entry.who == name] == list(range(8))


def test_ledger_that_somebody_else_holds_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "PATIENCE", 0.05)
    with ledger_module.locked(path), pytest.raises(DisclosureError) as raised:
        add(path, 4)
    assert raised.value.key == "ledger_busy"
    assert len(read_ledger(path).entries) == 3
    assert len(add(path, 4).entries) == 4


def test_reading_needs_no_lock_and_writes_nothing(path: Path) -> None:
    before = sorted(path.parent.iterdir())
    with ledger_module.locked(path):
        assert len(read_ledger(path).entries) == 3
    path.with_suffix(".lock").unlink()
    read_ledger(path)
    assert sorted(path.parent.iterdir()) == [each for each in before if each.suffix != ".lock"]


def test_entries_added_while_reading_are_read_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, late = ledger_module._bytes, [4, 5]

    def reading(file: Path) -> bytes | None:
        found = read(file)
        now = late.copy()
        late.clear()
        for number in now:
            add(path, number)
        return found

    monkeypatch.setattr(ledger_module, "_bytes", reading)
    assert len(read_ledger(path).entries) == 5


def test_folder_in_place_of_the_ledger_is_told(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").mkdir()
    with pytest.raises(DataError, match=r"ledger\.jsonl"):
        read_ledger(tmp_path / "ledger.jsonl")


def test_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises((MachineError, NotAllowedError)) as raised:
        add(tmp_path / "nowhere" / "ledger.jsonl", 1)
    assert isinstance(raised.value, IkutError)
