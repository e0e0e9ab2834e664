"""A bundle is read whole and as it was written, or not at all, and nobody gets a traceback."""

import dataclasses
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from frictionless import Package, system
from hypothesis import given, settings
from hypothesis import strategies as st

from ikut_eval.contract.errors import ConfigurationError, IkutError, MachineError, NotAllowedError, UsageError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.release.package import from_csv, to_csv, to_frame
from ikut_eval.release.store import read_bundle, write_bundle
from tests.release.conftest import ROWS, SCHEMA, Manifest, sign_again, table, write

FILES = ("little.csv", "datapackage.json", "manifest.json")


def refusal(folder: Path, audience: str = "public") -> IkutError:
    with pytest.raises(IkutError) as refused:
        read_bundle(folder, audience=audience)
    assert all(str(folder.parent) not in refused.value.message(language) for language in LANGUAGES)
    return refused.value


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_read_is_what_was_written(bundle: Path) -> None:
    read = read_bundle(bundle, audience="public")
    assert (read.audience, read.data_date, read.synthetic, read.policy, read.ledger_head) == ("public", date(2022, 2, 28), True, "p", "l")
    assert (dict(read.about), list(read.schemas)) == ({"n": "Ääkköset"}, ["little"])
    assert {key: read.schemas["little"][key] for key in SCHEMA} == SCHEMA
    frame = read.table("little")
    assert list(map(str, frame.dtypes)) == ["str", "Int64", "Float64", "datetime64[s]", "boolean"]
    back = frame.astype(object).where(frame.notna(), None)
    assert back["a_string"].tolist() == [row[0] for row in ROWS]
    assert back["a_integer"].tolist() == [row[1] for row in ROWS]
    assert back["a_number"].tolist() == [0.1, 0.333333333333, None, 1e-15, -2.5e300]
    assert [day and day.date() for day in back["a_date"]] == [row[3] for row in ROWS]
    assert back["a_boolean"].tolist() == [row[4] for row in ROWS]


def test_a_table_is_a_frame_of_its_own(bundle: Path) -> None:
    read = read_bundle(bundle, audience="public")
    own = read.table("little")
    own.loc[0, "a_integer"] = 99
    assert read.table("little").loc[0, "a_integer"] == 4
    with pytest.raises(dataclasses.FrozenInstanceError):
        read.audience = "internal"  # type: ignore[misc]
    with pytest.raises(UsageError, match="little"):
        read.table("large")


letters = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32), max_size=6)
numbers = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False).map(lambda x: float(f"{x:.12g}")).filter(lambda x: abs(x) < 1e308)
rows = st.tuples(letters, st.none() | st.integers(-(2**53), 2**53), st.none() | numbers, st.none() | st.dates(), st.none() | st.booleans())


@given(st.lists(rows, max_size=5))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_any_rows_come_back_and_give_the_same_bytes_again(made: list[tuple[object, ...]]) -> None:
    content = to_csv(table(made))
    columns = from_csv(SCHEMA, content)
    assert list(zip(*columns, strict=True)) == made
    assert not made or to_csv(dataclasses.replace(table(), frame=to_frame(SCHEMA, columns))) == content


@pytest.mark.parametrize(
    ("place", "cell"),
    [(0, "two\nlines"), (0, 5), (1, 1.5), (1, "5"), (2, float("inf")), (2, "0.5"), (3, "2022-01-01")],
    ids=["line-break", "number-as-text", "broken-integer", "text-as-integer", "infinite", "text-as-number", "text-as-date"],
)
def test_a_cell_of_another_type_is_never_stored(place: int, cell: object) -> None:
    row = list(ROWS[0])
    row[place] = cell
    with pytest.raises(ValueError, match="type"):
        to_csv(table([tuple(row)]))


def test_other_columns_are_never_stored() -> None:
    with pytest.raises(ValueError, match="columns"):
        to_csv(dataclasses.replace(table(), frame=table().frame.assign(participant_id="x")))


def test_same_input_gives_the_same_bytes_and_digest(bundle: Path) -> None:
    first = bytes_of(bundle), read_bundle(bundle, audience="public").digest
    again = bundle.with_name("again")
    assert write(again) == first[1]
    assert bytes_of(again) == first[0]


@pytest.mark.parametrize("change", [{"audience": "internal"}, {"about": "other"}, {"rows": ROWS[:-1]}], ids=["audience", "about", "rows"])
def test_digest_tells_of_everything(change: dict[str, object], bundle: Path) -> None:
    assert write(bundle.with_name("other"), **change) != read_bundle(bundle, audience="public").digest


@pytest.mark.parametrize("name", FILES)
def test_every_changed_byte_is_found(name: str, bundle: Path) -> None:
    sound, random = (bundle / name).read_bytes(), Random(name)
    for offset in sorted(random.sample(range(len(sound)), min(300, len(sound)))):
        changed = bytearray(sound)
        changed[offset] ^= random.randrange(1, 256)
        (bundle / name).write_bytes(changed)
        found = refusal(bundle)
        assert (found.key, found.values["file"], type(found)) == ("bundle_changed", name, ConfigurationError), offset


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "harm", [lambda content: content[:-1], lambda content: content + b"\n", lambda content: b"", lambda content: content.replace(b"\n", b"\r\n")]
)
def test_cut_lengthened_emptied_or_converted_file_is_found(name: str, harm: Callable[[bytes], bytes], bundle: Path) -> None:
    (bundle / name).write_bytes(harm((bundle / name).read_bytes()))
    assert (refusal(bundle).key, refusal(bundle).values["file"]) == ("bundle_changed", name)


def test_missing_file_is_named(bundle: Path) -> None:
    (bundle / "little.csv").unlink()
    assert (refusal(bundle).key, refusal(bundle).values["file"]) == ("bundle_file_missing", "little.csv")


def test_added_files_are_counted_and_not_named(bundle: Path) -> None:
    (bundle / "P0001.csv").write_text("more")
    (bundle / "folder").mkdir()
    assert (refusal(bundle).key, refusal(bundle).values) == ("bundle_file_added", {"folder": bundle.name, "n": 2})


def test_link_to_the_same_content_is_not_the_file(bundle: Path) -> None:
    (bundle / "little.csv").rename(bundle.parent / "elsewhere.csv")
    (bundle / "little.csv").symlink_to(bundle.parent / "elsewhere.csv")
    assert refusal(bundle).key == "bundle_changed"


def test_newer_format_is_told_before_its_files_are_looked_at(bundle: Path) -> None:
    sign_again(bundle, lambda said: said.update(format=2, files=["of another form"]))
    assert (refusal(bundle).key, refusal(bundle).exit_code) == ("bundle_newer", 10)


@pytest.mark.parametrize(("written", "wanted"), [("internal", "public"), ("public", "internal")])
def test_bundle_of_another_audience_is_refused(written: str, wanted: str, bundle: Path) -> None:
    write(bundle, audience=written)
    found = refusal(bundle, wanted)
    assert (found.key, type(found)) == (f"bundle_not_{wanted}", NotAllowedError)


def test_unknown_audience_is_refused(bundle: Path) -> None:
    assert (refusal(bundle, "everybody").exit_code, read_bundle(bundle, audience="public").audience) == (2, "public")
    with pytest.raises(UsageError, match="internal, public"):
        write(bundle.with_name("other"), audience="everybody")


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir, Path.touch], ids=["nothing", "empty", "file"])
def test_what_is_no_bundle_is_told(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "other")
    assert refusal(tmp_path / "other").key == "no_bundle"


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b'"x"', b"{}", b'{"digest": 1}', b"[" * 100_000], ids=str)
def test_manifest_that_is_none_is_told(content: bytes, bundle: Path) -> None:
    (bundle / "manifest.json").write_bytes(content)
    assert refusal(bundle).key == "bundle_changed"


def without(key: str) -> Callable[[Manifest], None]:
    return lambda said: said.pop(key)


@pytest.mark.parametrize("key", ["audience", "data_date", "synthetic", "package", "policy", "ledger_head", "about", "files", "format"])
def test_manifest_without_a_part_is_refused_even_with_hashes_that_fit(key: str, bundle: Path) -> None:
    sign_again(bundle, without(key))
    assert refusal(bundle).key in ("bundle_not_sound", "bundle_changed", "bundle_not_public")


@pytest.mark.parametrize(
    ("old", "new"),
    [(",4,", ",four,"), (",0.1,", ",nought,"), ("2021-11-12", "2021-13-12"), ("true", "maybe"), ("a_integer", "other"), ("NA,-7", "NA"), ('"say', '"s"ay')],
    ids=["integer", "number", "date", "boolean", "header", "cells", "quotes"],
)
def test_table_unlike_its_description_is_refused_even_with_hashes_that_fit(old: str, new: str, bundle: Path) -> None:
    path = bundle / "little.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    sign_again(bundle, lambda said: None)
    assert refusal(bundle).key == "bundle_not_sound"


@pytest.mark.parametrize("descriptor", ["[]", "{}", '{"resources": [{}]}', '{"resources": 5}'])
def test_descriptor_of_another_form_is_refused_even_with_hashes_that_fit(descriptor: str, bundle: Path) -> None:
    (bundle / "datapackage.json").write_text(descriptor)
    sign_again(bundle, lambda said: None)
    assert refusal(bundle).key == "bundle_not_sound"


@pytest.mark.parametrize("key", ["no_bundle", "bundle_newer", "bundle_not_public", "bundle_not_internal", "bundle_not_sound", "bundle_closed"])
def test_refusal_has_words_in_three_languages(key: str) -> None:
    assert len({ConfigurationError(key, folder="x").message(language) for language in LANGUAGES}) == 3


def test_folder_that_is_no_bundle_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(NotAllowedError, match="thesis"):
        write(tmp_path / "thesis")
    assert [path.name for path in tmp_path.rglob("*")] == ["thesis", "chapter.txt"]


def test_bundle_that_may_not_be_read_is_told(bundle: Path) -> None:
    code = """if True:
        import os, sys
        from pathlib import Path
        from ikut_eval.contract.errors import IkutError
        from ikut_eval.release.store import read_bundle
        os.getuid() or os.setuid(65534)
        try:
            read_bundle(Path(sys.argv[1]), audience="public")
        except IkutError as problem:
            print(problem.key, problem.exit_code)
    """
    bundle.chmod(0)
    said = subprocess.run([sys.executable, "-c", code, bundle], capture_output=True, text=True, check=True)
    bundle.chmod(0o700)
    assert said.stdout.strip() == "bundle_closed 14"


def test_missing_folder_above_is_told(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="bundle"):
        write(tmp_path / "nowhere" / "bundle")


def test_only_the_owner_can_enter(bundle: Path) -> None:
    write(bundle)
    assert bundle.stat().st_mode & 0o777 == 0o700


def test_other_tools_find_descriptor_and_table_sound(bundle: Path) -> None:
    with system.use_context(trusted=True):
        report = Package(str(bundle / "datapackage.json")).validate()
        assert report.valid, report.flatten(["type", "note"])
        (bundle / "little.csv").write_text("a_string\nx\n")
        assert not Package(str(bundle / "datapackage.json")).validate().valid


def test_descriptor_says_everything_in_three_languages(bundle: Path) -> None:
    resource = json.loads((bundle / "datapackage.json").read_text(encoding="utf-8"))["resources"][0]
    described = [resource, *resource["schema"]["fields"]]
    assert all(set(each["titles"]) == set(each["descriptions"]) == set(LANGUAGES) and each["title"] == each["titles"]["en"] for each in described)


def test_reading_imports_no_pandas_and_nothing_confidential(bundle: Path) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from ikut_eval.release.store import read_bundle
        found = read_bundle(Path(sys.argv[1]), audience="public")
        assert "pandas" not in sys.modules
        found.table("little")
        home = {name.split(".")[1] for name in sys.modules if name.startswith("ikut_eval.")}
        print(sorted(home), "scipy" in sys.modules)
    """
    said = subprocess.run([sys.executable, "-c", code, bundle], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "['contract', 'release'] False"


def test_reader_sees_one_bundle_while_it_is_replaced_again_and_again(bundle: Path) -> None:
    digests = {write(bundle, about=n, rows=ROWS[n:]) for n in (0, 1)}
    stop = threading.Event()

    def rewrite() -> None:
        while not stop.is_set():
            for n in (0, 1):
                write(bundle, about=n, rows=ROWS[n:])

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        seen = [read_bundle(bundle, audience="public").digest for _ in range(150)]
    finally:
        stop.set()
        writer.join()
    assert set(seen) <= digests


def test_frame_without_rows_keeps_its_types(bundle: Path) -> None:
    write_bundle(bundle, audience="public", tables=[table([])], about={}, data_date=None, synthetic=False)
    frame = read_bundle(bundle, audience="public").table("little")
    assert (len(frame), str(frame["a_integer"].dtype)) == (0, "Int64")
    assert isinstance(frame, pd.DataFrame)
