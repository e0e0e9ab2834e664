"""Direct identifiers are found wherever they stand; what evaluation data ordinarily holds is not taken for one."""

import json
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ikut_eval.contract.schema import load_contract
from ikut_eval.data.identifiers import kind_of_identifier
from ikut_eval.data.pilot import cell_text
from ikut_eval.data.synthetic import synthetic_rows

CENTURY_SIGNS = "+-YXWVUABCDEF"
CHECK_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def identity_code(birth: date, sign: str, number: int) -> str:
    digits = f"{birth:%d%m%y}"
    return f"{digits}{sign}{number:03d}{CHECK_CHARACTERS[int(f'{digits}{number:03d}') % 31]}"


@pytest.mark.parametrize("sign", list(CENTURY_SIGNS))
@pytest.mark.parametrize("number", [pytest.param(2, id="smallest"), pytest.param(899, id="largest"), pytest.param(900, id="temporary")])
def test_identity_code_with_every_sign(sign: str, number: int) -> None:
    assert kind_of_identifier(identity_code(date(1952, 10, 13), sign, number)) == "identity_code"


SPELLINGS = json.loads((Path(__file__).parents[1] / "reference" / "identifiers.json").read_text(encoding="utf-8"))
"""Invented identifiers by kind in many spellings; and under "none" what a register ordinarily holds."""


@pytest.mark.parametrize(("kind", "content"), [(kind, content) for kind, contents in SPELLINGS.items() for content in contents if kind != "none"])
def test_identifier_in_any_spelling(kind: str, content: str) -> None:
    assert kind_of_identifier(content) == kind


@pytest.mark.parametrize("content", SPELLINGS["none"])
def test_words_of_a_register_are_no_identifiers(content: str) -> None:
    assert kind_of_identifier(content) is None


@given(
    birth=st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    number=st.integers(2, 999),
    gaps=st.lists(st.sampled_from(["", "", "", " ", ".", "/", "_", "-", "\u200b", "\u2013"]), min_size=10, max_size=10),
    wide=st.booleans(),
)
def test_identity_code_whatever_stands_between_its_signs(birth: date, number: int, gaps: list[str], wide: bool) -> None:
    code = identity_code(birth, "-", number)
    spelled = "".join(letter + gap for letter, gap in zip(code, [*gaps, ""], strict=True))
    assert kind_of_identifier(spelled.translate({n: n + 0xFEE0 for n in range(33, 127)}) if wide else spelled) == "identity_code"


@given(
    birth=st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    sign=st.sampled_from(CENTURY_SIGNS),
    number=st.integers(2, 999),
    before=st.sampled_from(["", "x ", "hetu:", "(", "a"]),
    after=st.sampled_from(["", " x", ".", ")", ", poissa"]),
    small=st.booleans(),
)
def test_identity_code_inside_any_text(birth: date, sign: str, number: int, before: str, after: str, small: bool) -> None:
    code = identity_code(birth, sign, number)
    assert kind_of_identifier(f"{before}{code.lower() if small else code}{after}") == "identity_code"


@pytest.mark.parametrize("dash", ["\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", " - "])
def test_identity_code_with_the_dash_of_a_word_processor(dash: str) -> None:
    assert kind_of_identifier(f"131052{dash}308T") == "identity_code"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("040 123 4567", "phone"),
        ("0401234567", "phone"),
        ("040-1234567", "phone"),
        ("(040) 123 4567", "phone"),
        ("+358 40 123 4567", "phone"),
        ("+358401234567", "phone"),
        ("00358 40 1234567", "phone"),
        ("+46 70 123 45 67", "phone"),
        ("09 1234 567", "phone"),
        ("soita 050 1234567 illalla", "phone"),
        ("401234567", "phone"),
        ("358401234567", "phone"),
        ("matti.meikalainen@example.fi", "email"),
        ("<Anna.Svensson@example.se>", "email"),
        ("kirjoita: a@b.fi.", "email"),
        ("FI2112345600000785", "iban"),
        ("FI21 1234 5600 0007 85", "iban"),
        ("fi21 1234 5600 0007 85", "iban"),
        ("SE45 5000 0000 0583 9825 7466", "iban"),
        ("tili FI21 1234 5600 0007 85 vanha", "iban"),
        ("wk12 room plan FI2112345600000785", "iban"),
        ("5500/R/1234/21", "case_number"),
        ("R 21/1234", "case_number"),
        ("MIG/1234/2021", "case_number"),
    ],
)
def test_other_identifiers(content: str, kind: str) -> None:
    assert kind_of_identifier(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        "C1-G01",
        "C4-I123",
        "P7K2A",
        "P2345678",
        "12.11.2021",
        "2021-11-12",
        "2021-11-12T09:30:00",
        "30.8.-12.11.2021",
        "44592",
        "2,25",
        "1.0-draft",
        "klo 9.15-14.30, 10 h",
        "women only; no residence right needed",
        "more everyday life and wellbeing after cohort 1",
        "wk12 the group moved to another room 4",
        "tr12 ıııııııııııııııı 34",
        "@",
        "",
    ],
)
def test_ordinary_contents_are_not_identifiers(content: str) -> None:
    assert kind_of_identifier(content) is None


def test_nothing_in_the_synthetic_pilot_looks_like_an_identifier() -> None:
    cells = {cell_text(v) for table in synthetic_rows(load_contract()).values() for row in table for v in row.values()} - {None}
    assert {c for c in cells if kind_of_identifier(str(c))} == set()


@given(st.from_regex(r"P[0-9A-Z]{4,8}", fullmatch=True))
@example("P04012345")
def test_no_participant_id_looks_like_an_identifier(participant_id: str) -> None:
    assert kind_of_identifier(participant_id) is None


@given(st.dates(date(2000, 1, 1), date(2050, 12, 31)))
def test_no_date_looks_like_an_identifier(day: date) -> None:
    assert {kind_of_identifier(d) for d in (day.isoformat(), f"{day.day}.{day.month}.{day.year}", f"{day:%d.%m.%Y}")} == {None}


@given(st.text(max_size=200))
def test_any_text_can_be_asked(content: str) -> None:
    assert kind_of_identifier(content) in (None, "identity_code", "email", "iban", "case_number", "phone", "document", "profile")


@pytest.mark.parametrize(
    "content",
    [
        "a1b2c3d4" * 16_000,
        "1 " * 60_000,
        "a@" * 60_000,
        "AB12" * 30_000,
        "+358" * 30_000,
        "(a" * 60_000,
        "0-" * 60_000,
        "R/1" * 40_000,
        "a" * 120_000 + " at 12 34",
        "a." * 60_000,
        "aaaa_" * 25_000 + " at",
        "www.x. " * 20_000,
        "soita 12 " * 15_000,
        "soita 12" + "," * 120_000,
        "hetu 1 2 3 " * 12_000,
        "asia nro 12 " * 10_000,
        "passi AB " * 15_000,
    ],
    ids=lambda c: c[:4],
)
def test_long_cells_take_no_time(content: str) -> None:
    started = perf_counter()
    kind_of_identifier(content)
    assert perf_counter() - started < 5
