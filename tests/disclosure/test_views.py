"""What is published of each possible count: a partition, coarse where it must be, and never the count itself there."""

from dataclasses import astuple, replace
from fractions import Fraction

import numpy as np
import pytest

from ikut_eval.contract.errors import ConfigurationError, DisclosureError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.disclosure.coded_figures import CodedFigure, code_family, delivery, figure_text, not_shown, reason_text
from ikut_eval.disclosure.families import COUNT_BANDS, band_index, coarser, count_bands, outputs
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.proof import compositions
from tests.disclosure.designs import cohort_band, family, pair_count, pair_mean

LIMITS = load_policy().limits
PAIR = {"group": (1, 2)}
PAIR_SIZES = range(8, 13)
CODES = [(bands, k) for bands in COUNT_BANDS for k in ((0,) if bands == "half" else (2, 3))]


def told(count: int, n: int, bands: str, k: int) -> CodedFigure:
    return pair_count(count, indicator="completed", n_public=n, k=k, bands=bands, **PAIR)


@pytest.mark.parametrize("n", PAIR_SIZES)
@pytest.mark.parametrize(("bands", "k"), CODES)
def test_counts_fall_into_bands_that_do_not_overlap(n: int, bands: str, k: int) -> None:
    covered = [value for band in count_bands(n, bands=bands, k=k) for value in range(int(band.lo), int(band.hi) + 1)]
    assert covered == list(range(n + 1))


@pytest.mark.parametrize("n", PAIR_SIZES)
@pytest.mark.parametrize(("bands", "k"), CODES)
def test_every_count_of_a_band_gives_the_same_figure(n: int, bands: str, k: int) -> None:
    for band in count_bands(n, bands=bands, k=k):
        figures = {told(count, n, bands, k) for count in range(int(band.lo), int(band.hi) + 1)}
        assert len(figures) == 1
        (figure,) = figures
        assert (figure.lo, figure.hi, figure.display) == band[:3]
        assert figure.status == ("shown" if band.lo == band.hi else "coded")


@pytest.mark.parametrize("n", PAIR_SIZES)
@pytest.mark.parametrize(("bands", "k"), CODES)
def test_more_people_never_give_a_lower_figure(n: int, bands: str, k: int) -> None:
    ends = [told(count, n, bands, k).lo for count in range(n + 1)]
    assert ends == sorted(ends)


@pytest.mark.parametrize("n", PAIR_SIZES)
@pytest.mark.parametrize(("bands", "k"), [code for code in CODES if code[0] != "half"])
def test_having_it_and_not_having_it_are_coded_alike(n: int, bands: str, k: int) -> None:
    for count in range(n + 1):
        figure, mirror = told(count, n, bands, k), told(n - count, n, bands, k)
        assert (figure.lo, figure.hi) == (n - mirror.hi, n - mirror.lo)


@pytest.mark.parametrize("n", PAIR_SIZES)
def test_no_figure_near_an_end_holds_the_count(n: int) -> None:
    for count in (0, 1, 2, n - 2, n - 1, n):
        assert not {count, str(count)} & set(astuple(replace(told(count, n, "exact", 2), lo=-1, hi=99, n_public=99)))
        assert told(count, n, "exact", 2).display in (f"0-2 of {n}", f"{n - 2}-{n} of {n}")


@pytest.mark.parametrize("n", PAIR_SIZES)
def test_coarser_bands_are_coarser(n: int) -> None:
    exact, three, half = (count_bands(n, bands=bands, k=3) for bands in COUNT_BANDS)
    assert coarser(three, exact)
    assert coarser(half, exact)
    assert coarser(exact, count_bands(n, bands="exact", k=2))
    assert not coarser(count_bands(n, bands="exact", k=2), exact)


def test_group_of_seven_tells_nothing() -> None:
    figures = {told(count, 7, "exact", 2) for count in range(8)}
    assert {(f.status, f.lo, f.hi, f.display) for f in figures} == {("too_few_people", None, None, "")}
    assert len(figures) == 1


@pytest.mark.parametrize(("count", "n"), [(-1, 9), (10, 9)])
def test_count_that_the_public_size_does_not_allow_stops(count: int, n: int) -> None:
    with pytest.raises(DisclosureError) as raised:
        told(count, n, "exact", 2)
    assert raised.value.exit_code == 13
    assert not set(str(count)) & set(str(raised.value).replace("completed", ""))


def test_ends_that_meet_stop() -> None:
    with pytest.raises(ConfigurationError, match="4"):
        count_bands(8, bands="exact", k=4)


def test_both_directions_of_a_change_are_coded() -> None:
    change = load_policy().family_of("rights_awareness_improved")
    counts = dict(zip(change.cells, (6, 2, 1), strict=True))
    assert [f.display for f in code_family(change, counts, group=(1, 2), n_public=9, limits=LIMITS)] == ["3-6 of 9", "0-2 of 9"]
    with pytest.raises(DisclosureError):
        code_family(change, counts | {change.cells[1]: 4}, group=(1, 2), n_public=9, limits=LIMITS)


@pytest.mark.parametrize("total", range(9, 46))
def test_mean_of_a_pair_is_the_nearest_half_within_two_and_four(total: int) -> None:
    mean = Fraction(total, 9)
    figure = pair_mean(mean, indicator="rights", n_public=9, **PAIR)
    assert figure.lo <= mean <= figure.hi
    nearest = min(max(Fraction(int(2 * mean + Fraction(1, 2)), 2), Fraction(2)), Fraction(4))
    assert figure.display.split()[1] == f"{float(nearest):.1f}"
    assert figure.status == "coded"


@pytest.mark.parametrize(
    ("mean", "display"), [(Fraction(49, 20), "< 2.5"), (Fraction(5, 2), "2.5-3.5"), (Fraction(7, 2), "2.5-3.5"), (Fraction(71, 20), "> 3.5")]
)
def test_mean_of_a_cohort_is_one_of_three(mean: Fraction, display: str) -> None:
    assert cohort_band(mean, bands="mean", indicator="rights", group=(2,), n_public=5).display == display


@pytest.mark.parametrize(("rate", "display"), [(Fraction(0), "< 60 %"), (Fraction(3, 5), "60-80 %"), (Fraction(4, 5), ">= 80 %"), (Fraction(1), ">= 80 %")])
def test_attendance_of_a_cohort_is_one_of_three(rate: Fraction, display: str) -> None:
    assert cohort_band(rate, bands="attendance", indicator="attendance", group=(2,), n_public=6).display == display


@pytest.mark.parametrize("n", [5, 6])
def test_cohort_tells_only_under_half_or_more(n: int) -> None:
    seen = {count: cohort_band(count, bands="half", indicator="work", group=(2,), n_public=n) for count in range(n + 1)}
    assert {count for count, figure in seen.items() if figure.lo == 0} == {count for count in seen if 2 * count < n}
    assert len({(figure.lo, figure.hi) for figure in seen.values()}) == 2
    assert {figure.status for figure in seen.values()} == {"coded"}


def test_cohort_of_four_tells_nothing() -> None:
    assert {cohort_band(c, bands="half", indicator="work", group=(1,), n_public=4).status for c in range(5)} == {"too_few_people"}


def test_categories_are_exact_only_where_each_has_three() -> None:
    wishes = family("final_pooled", ("first", "second", "third"), (["first"], "", 2), (["second"], "", 2))

    def pooled(*counts: int) -> list[tuple[str, str]]:
        figures = code_family(wishes, dict(zip(wishes.cells, counts, strict=True)), group=(1, 2, 3, 4), n_public=20, limits=LIMITS)
        return [(figure.display, figure.status) for figure in figures]

    assert pooled(12, 5, 3) == [("12 of 20", "shown"), ("5 of 20", "shown")]
    assert pooled(12, 6, 2) == [("12 of 20", "shown"), ("", "by_design")]
    assert pooled(12, 8, 0) == pooled(12, 6, 2)
    assert pooled(19, 1, 0) == [("18-20 of 20", "coded"), ("", "by_design")]


def test_hours_are_told_as_they_are() -> None:
    assert delivery(Fraction(255, 2), indicator="hours_held", group=(1,), n_public=4).display == "127.5"
    assert delivery(128, indicator="hours_held", group=(1,), n_public=4).display == "128"


@pytest.mark.parametrize(
    ("lo", "hi", "display", "status"),
    [(3, 3, "3 of 9", "not_yet"), (3, 3, "3 of 9", "coded"), (0, 2, "0-2 of 9", "shown"), (None, None, "", "coded"), (0, 2, "0-2 of 9", "hidden")],
)
def test_figure_that_contradicts_its_state_cannot_be_made(lo: int | None, hi: int | None, display: str, status: str) -> None:
    with pytest.raises(DisclosureError):
        CodedFigure("completed", "pair_count", (1, 2), 9, lo, hi, display, status, "")


FAMILIES = [f for f in load_policy().families if f.view in ("pair_count", "pair_change", "final_pooled")]


@pytest.mark.parametrize("tried", [pytest.param(f, id=f.id) for f in FAMILIES])
def test_release_publishes_exactly_the_outputs_that_are_proved(tried) -> None:
    n = 9
    rows = compositions(n, len(tried.cells))
    label = outputs(tried, n, rows, limits=LIMITS)
    figures = [code_family(tried, dict(zip(tried.cells, row.tolist(), strict=True)), group=(1, 2), n_public=n, limits=LIMITS) for row in rows]
    assert len({(at, f) for at, f in zip(label.tolist(), figures, strict=True)}) == len(set(figures)) == len(np.unique(label))
    counts = np.stack([rows[:, [tried.cells.index(c) for c in i.cells]].sum(axis=1) for i in tried.indicators], axis=1).tolist()
    assert all(f.lo is None or f.lo <= c <= f.hi for same, own in zip(figures, counts, strict=True) for f, c in zip(same, own, strict=True))


def test_categories_that_do_not_add_up_to_the_public_size_stop() -> None:
    completion = load_policy().family_of("completed")
    for counts in ({"completed": 5, "rest": 3}, {"completed": 9}, {"completed": 10, "rest": -1}):
        with pytest.raises(DisclosureError):
            code_family(completion, counts, group=(1, 2), n_public=9, limits=LIMITS)


def test_words_hold_a_range_of_percentages_of_what_is_displayed() -> None:
    figure = told(8, 9, "exact", 2)
    assert [figure_text(figure, language) for language in LANGUAGES] == [
        "7–9 / 9, 78–100\N{NO-BREAK SPACE}%",
        "7–9 av 9, 78–100\N{NO-BREAK SPACE}%",
        "7–9 of 9, 78–100%",
    ]
    assert figure_text(told(5, 9, "exact", 2), "en") == "5 of 9, 56%"
    assert reason_text(told(5, 9, "exact", 2), "en") == ""
    assert "nobody" in reason_text(figure, "en")


@pytest.mark.parametrize("status", ["too_few_people", "not_yet", "not_asked", "by_design", "withdrawn"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figure_that_is_not_shown_says_its_state_and_why_without_a_number(status: str, language: str) -> None:
    figure = not_shown("completed", view="pair_count", group=(1, 2), n_public=9, status=status)
    words = f"{figure_text(figure, language)} {reason_text(figure, language)}"
    assert len(words) > 20
    assert not any(letter.isdigit() for letter in words)


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (pair_mean(Fraction(9, 2), indicator="x", n_public=9, **PAIR), "vähintään 4"),
        (pair_mean(Fraction(12, 5), indicator="x", n_public=9, **PAIR), "noin 2,5"),
        (pair_mean(Fraction(1), indicator="x", n_public=9, **PAIR), "enintään 2"),
        (cohort_band(Fraction(3), bands="mean", indicator="x", group=(2,), n_public=5), "2,5–3,5"),
        (cohort_band(Fraction(1), bands="mean", indicator="x", group=(2,), n_public=5), "alle 2,5"),
        (cohort_band(Fraction(4), bands="mean", indicator="x", group=(2,), n_public=5), "yli 3,5"),
        (cohort_band(Fraction(7, 10), bands="attendance", indicator="x", group=(2,), n_public=5), "60 %–80 %"),
        (delivery(Fraction(255, 2), indicator="x", group=(1,), n_public=4), "127,5"),
    ],
)
def test_means_rates_and_hours_in_finnish(figure: CodedFigure, words: str) -> None:
    assert figure_text(figure, "fi").replace("\N{NO-BREAK SPACE}", " ") == words


def test_value_on_an_edge_has_one_band() -> None:
    bands = count_bands(9, bands="half", k=0)
    assert [band_index(count, bands) for count in (0, 4, 5, 9)] == [0, 0, 1, 1]


def test_bands_of_nine_people_as_they_stand_in_files() -> None:
    assert [band.display for band in count_bands(9, bands="exact", k=3)] == ["0-3 of 9", "4 of 9", "5 of 9", "6-9 of 9"]
    assert [band.display for band in count_bands(9, bands="half", k=0)] == ["0-4 of 9", "5-9 of 9"]
    assert told(8, 9, "exact", 2).display == "7-9 of 9"
