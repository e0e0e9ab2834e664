"""Cohorts drawn together as far as the data allow: the engine's answer for the measures' rows."""

from dataclasses import replace
from math import isfinite, sqrt
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

import ikut_eval as ikut
from ikut_eval.inference.pooling import heterogeneity, normal_shrinkage, rate_shrinkage
from tests.analysis.conftest import attended, bounded, changed, counted, refused, rose

STEPS = {"C1": (1, 3, 5, 3), "C2": (-2, 0, 4), "C3": (6, 8, 7, 9, 5)}
CHANGES = [rose(*steps, cohort=name) for name, steps in STEPS.items()]


def by_hand() -> tuple[list[float], list[float]]:
    """Return means and errors: the spread of changes within all cohorts together, over the root of the cohort's size."""
    points = [[s / 10 for s in steps] for steps in STEPS.values()]
    squares = sum((v - mean(own)) ** 2 for own in points for v in own)
    common = sqrt(squares / sum(len(own) - 1 for own in points))
    return [mean(own) for own in points], [common / sqrt(len(own)) for own in points]


def test_changes_are_those_of_the_normal_model() -> None:
    found, (means, errors) = ikut.cohort_shrinkage(CHANGES), by_hand()
    model = normal_shrinkage(means, errors, scale=0.5)
    assert found.raw == pytest.approx(means)
    assert found.errors == pytest.approx(errors)
    assert (found.method, found.cohort_ids, found.left_out) == ("normal_shrinkage", ("C1", "C2", "C3"), ())
    assert found.model.theta_mean == pytest.approx(model.theta_mean)
    assert found.to_frame()["shrunken"].tolist() == pytest.approx(model.theta_mean)
    assert found.to_frame()["sd"].tolist() == pytest.approx(model.theta_sd)


def test_prior_is_tried_at_half_and_at_double() -> None:
    found, (means, errors) = ikut.cohort_shrinkage(CHANGES, scale=0.4), by_hand()
    assert [scale for scale, _ in found.sensitivity] == [0.2, 0.8]
    for scale, model in [*found.sensitivity, (0.4, found.model)]:
        assert model.tau_median == pytest.approx(normal_shrinkage(means, errors, scale=scale).tau_median)


def test_check_is_paule_mandel_with_hartung_knapp() -> None:
    found, (means, errors) = ikut.cohort_shrinkage(CHANGES), by_hand()
    model = heterogeneity(means, errors)
    assert (found.check.estimate, found.check.tau2_pm) == pytest.approx((model.estimate, model.tau2_pm))
    assert found.check.interval().lower == pytest.approx(model.interval().lower)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=2, max_size=4))
def test_shrunken_lies_between_own_and_common(steps: list[list[int]]) -> None:
    """With cohorts of one size, whose errors are equal."""
    found = ikut.cohort_shrinkage([rose(*own, cohort=f"C{n}") for n, own in enumerate(steps)])
    if found.model is None:
        assert all(len(set(own)) == 1 for own in steps)
        return
    for own, together in zip(found.raw, found.model.theta_mean, strict=True):
        low, high = sorted((own, found.model.estimate))
        assert low - 1e-9 <= together <= high + 1e-9


def test_cohort_of_fewer_than_two_is_left_out() -> None:
    found = ikut.cohort_shrinkage([rose(4, cohort="C0", lost=3), *CHANGES, changed(cohort="C9")])
    assert (found.cohort_ids, found.left_out[0]) == (("C1", "C2", "C3"), "C0")
    assert found.model.theta_mean == pytest.approx(ikut.cohort_shrinkage(CHANGES).model.theta_mean)


@pytest.mark.parametrize("subject", [[], [rose(1, 2)], [rose(1, 2), rose(3, cohort="C2")], [rose(2, 2), rose(3, 3, cohort="C2")]])
def test_too_little_has_no_model_and_says_so(subject: list[ikut.PairedChange]) -> None:
    found = ikut.cohort_shrinkage(subject)
    assert (found.model, found.check, found.sensitivity) == (None, None, ())
    assert found.sentence("en") == "Too few cohorts have data to compare."
    assert len(found.to_frame()) == 0


def test_attendance_is_weighed_by_the_spread_between_people_of_all_cohorts() -> None:
    """Four people's own spread is too uncertain; so a cohort in which all attended alike takes part as well."""
    people = {"C1": [(18, 20), (12, 20), (20, 20)], "C2": [(5, 10), (9, 10)], "C3": [(10, 10)], "C4": [(9, 10)] * 3}
    found = ikut.cohort_shrinkage(attended(people), scale=0.1)
    own = {c: [k / n for k, n in people[c]] for c in ("C1", "C2", "C4")}
    squares = sum((v - mean(rates)) ** 2 for rates in own.values() for v in rates)
    errors = [sqrt(squares / 5 / len(rates)) for rates in own.values()]
    assert (found.cohort_ids, found.left_out) == (("C1", "C2", "C4"), ("C3",))
    assert found.raw == pytest.approx([mean(rates) for rates in own.values()])
    assert (found.errors, found.df) == (pytest.approx(errors), pytest.approx(5))
    assert found.model.theta_mean == pytest.approx(normal_shrinkage(found.raw, errors, scale=0.1).theta_mean)


def test_unequal_people_are_weighed_by_their_sessions() -> None:
    people = {"C1": [(9, 10), (15, 30)], "C2": [(8, 8), (10, 20), (6, 12)]}
    found = ikut.cohort_shrinkage(attended(people))
    assert found.raw == pytest.approx([24 / 40, 24 / 40])
    assert found.df == pytest.approx(2 * (1 + 9) / 16 + 1 + 3 * (8**2 + 20**2 + 12**2) / 40**2)


def test_prior_follows_the_scale_of_the_measure() -> None:
    assert ikut.cohort_shrinkage(attended({"C1": [(1, 2)] * 2, "C2": [(1, 2)] * 2})).scale == 0.125
    assert ikut.cohort_shrinkage(CHANGES).scale == 0.5
    wellbeing = [replace(change, instrument="who5") for change in CHANGES]
    assert ikut.cohort_shrinkage(wellbeing).scale == 12.5


def test_intervals_are_students_and_shares_end_at_0_and_1() -> None:
    found = ikut.cohort_shrinkage(attended({"C1": [(20, 20), (14, 20)], "C2": [(20, 20), (19, 20), (20, 20)]}))
    row = found.to_frame(0.9).iloc[0]
    assert row["lower"] == pytest.approx(row["shrunken"] - stdtrit(found.df, 0.95) * row["sd"])
    assert found.to_frame()["upper"].max() == found.common(0.999).upper == 1


@pytest.mark.parametrize("prior", ["half-normal", "half-Cauchy", "uniform"])
def test_far_apart_answers_and_no_infinite_moment_is_given(prior: str) -> None:
    """Under a prior that falls as τ ** −a, k cohorts have a mean only if k − 1 + a > 2."""
    far = normal_shrinkage([1000, -1000, *([0] if prior == "uniform" else [])], [1, 1, *([1] if prior == "uniform" else [])], prior=prior)
    assert all(map(isfinite, (*far.theta_mean, *far.theta_sd, far.median, far.tau_median, *vars(far.interval()).values())))
    assert (far.estimate is None, far.sd is None) == {"half-normal": (False, False), "half-Cauchy": (False, True), "uniform": (True, True)}[prior]
    assert far.sentence("en")
    assert normal_shrinkage([1, 2, 3, 4, 5], [1] * 5, prior=prior).sd is not None


def test_counts_are_those_of_the_beta_binomial_model() -> None:
    found = ikut.cohort_shrinkage(counted({"C1": (3, 4), "C2": (1, 5), "C3": (0, 0), "C4": (2, 6)}))
    model = rate_shrinkage([3, 1, 2], [4, 5, 6])
    assert (found.method, found.cohort_ids, found.left_out) == ("rate_shrinkage", ("C1", "C2", "C4"), ("C3",))
    assert found.model.theta_mean == model.theta_mean
    for own, together in zip(found.raw, model.theta_mean, strict=True):
        low, high = sorted((own, model.estimate))
        assert low < together < high


def test_people_who_were_not_reached_have_no_shrunken_value() -> None:
    refused("unreached_not_shrunken", ikut.cohort_shrinkage, bounded({"C1": (1, 2, 4), "C2": (1, 1, 4)}))
    reached = ikut.cohort_shrinkage(bounded({"C1": (2, 2, 4), "C2": (1, 1, 4)}))
    assert reached.model.theta_mean == rate_shrinkage([2, 1], [4, 4]).theta_mean


@pytest.mark.parametrize("scale", [0, -0.5])
def test_scale_that_is_not_positive_is_refused(scale: float) -> None:
    refused("scale_not_positive", ikut.cohort_shrinkage, CHANGES, scale=scale)


def test_group_is_refused_where_it_would_not_be_heeded() -> None:
    refused("people_table_needed", ikut.cohort_shrinkage, CHANGES, group="worse")
