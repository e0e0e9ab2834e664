"""A coded figure comes back from a file as it was written, and nothing else is read as one."""

import json
from collections.abc import Callable
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure.coded_figures import CodedFigure, delivery, figure_json, read_figure
from tests.disclosure.designs import pair_count, pair_mean

FIGURES = st.one_of(
    st.builds(lambda n, k: pair_count(k, indicator="completed", group=(1, 2), n_public=n), st.integers(4, 12), st.integers(0, 4)),
    st.builds(partial(delivery, indicator="hours_by_component", group=(3,), n_public=5), st.one_of(st.integers(0, 99), st.fractions(0, 99))),
    st.builds(partial(pair_mean, indicator="score", group=(3, 4), n_public=11), st.fractions(1, 5)),
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(FIGURES)
def test_figure_comes_back_from_json_as_it_was(figure: CodedFigure) -> None:
    written = json.dumps(figure_json(figure))
    back = read_figure(json.loads(written))
    assert back == figure
    assert json.dumps(figure_json(back)) == written


def test_counts_of_a_table_come_back_as_whole_numbers() -> None:
    given = figure_json(pair_count(np.int64(4), indicator="completed", group=(np.int64(1), 2), n_public=np.int64(9)))
    assert json.loads(json.dumps(given)) == figure_json(pair_count(4, indicator="completed", group=(1, 2), n_public=9))


def test_number_that_is_not_exact_is_refused() -> None:
    with pytest.raises(DisclosureError):
        figure_json(delivery(12.5, indicator="hours_by_component", group=(1,), n_public=4))  # type: ignore[arg-type]


CHANGES: list[Callable[[dict], object]] = [
    lambda g: g | {"lo": "4"},
    lambda g: g | {"lo": "8/2", "hi": "8/2"},
    lambda g: g | {"lo": "4/0"},
    lambda g: g | {"lo": 4.0},
    lambda g: g | {"lo": 5},
    lambda g: g | {"lo": None},
    lambda g: g | {"n_public": 9.0},
    lambda g: g | {"n_public": "9"},
    lambda g: g | {"group": "12"},
    lambda g: g | {"group": 1},
    lambda g: g | {"status": "fine"},
    lambda g: g | {"view": "quantile"},
    lambda g: g | {"reason": None},
    lambda g: g | {"count": 4},
    lambda g: {key: g[key] for key in g if key != "display"},
]


@pytest.mark.parametrize("change", CHANGES)
def test_anything_else_is_no_figure(change: Callable[[dict], dict]) -> None:
    figure = pair_count(4, indicator="completed", group=(1, 2), n_public=9)
    whole = figure_json(figure)
    assert read_figure(whole) == figure
    with pytest.raises(DisclosureError) as raised:
        read_figure(change(whole))
    assert raised.value.key == "figure_not_sound"


def test_end_that_is_not_whole_is_written_as_a_fraction() -> None:
    figure = CodedFigure("score", "pair_mean", (1, 2), 9, Fraction(9, 4), Fraction(11, 4), "~ 2.5", "coded", "")
    assert (figure_json(figure)["lo"], figure_json(figure)["hi"]) == ("9/4", "11/4")
