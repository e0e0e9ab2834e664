"""Numbers, shares and dates are written as each language writes them."""

from datetime import date

import pytest

from ikut_eval.contract.locale import LANGUAGES, day, default_language, listing, number, percent


@pytest.mark.parametrize(
    ("language", "value", "digits", "shown"),
    [
        pytest.param("fi", 2.25, 2, "2,25", id="fi-comma"),
        pytest.param("sv", 2.25, 2, "2,25", id="sv-comma"),
        pytest.param("en", 2.25, 2, "2.25", id="en-point"),
        pytest.param("fi", 2.0, 1, "2", id="no-empty-decimals"),
        pytest.param("fi", 12345, 0, "12\u00a0345", id="fi-thousands"),
        pytest.param("en", 12345, 0, "12,345", id="en-thousands"),
        pytest.param("fi", 0.04, 1, "0", id="rounded"),
        pytest.param("fi", -0.04, 1, "0", id="no-minus-before-nothing"),
    ],
)
def test_number(language: str, value: float, digits: int, shown: str) -> None:
    assert number(value, language, digits) == shown


@pytest.mark.parametrize(("language", "shown"), [("fi", "62\u00a0%"), ("sv", "62\u00a0%"), ("en", "62%")])
def test_percent(language: str, shown: str) -> None:
    assert percent(0.62, language) == shown


@pytest.mark.parametrize(("language", "shown"), [("fi", "12.11.2021"), ("sv", "12.11.2021"), ("en", "12 November 2021")])
def test_day(language: str, shown: str) -> None:
    assert day(date(2021, 11, 12), language) == shown


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_day_has_no_leading_zeros(language: str) -> None:
    assert day(date(2022, 4, 8), language) == "8.4.2022"


@pytest.mark.parametrize(("language", "shown"), [("fi", "C1, C2 ja C3"), ("sv", "C1, C2 och C3"), ("en", "C1, C2 and C3")])
def test_listing(language: str, shown: str) -> None:
    assert listing(["C1", "C2", "C3"], language) == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_of_messages_can_be_chosen(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IKUT_EVAL_LANGUAGE", f"{language}_FI.UTF-8")
    assert default_language() == language


def test_language_that_is_not_known_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IKUT_EVAL_LANGUAGE", "de")
    assert default_language() in LANGUAGES
