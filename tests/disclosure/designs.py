"""Families and figures of one view, as short as a test wants them."""

from collections.abc import Sequence
from functools import partial

from ikut_eval.disclosure.coded_figures import code_value
from ikut_eval.disclosure.families import Family, Indicator
from ikut_eval.disclosure.policy import load_policy


def family(view: str, cells: Sequence[str], *codes: tuple[Sequence[str], str, int], sensitive: bool = False) -> Family:
    """Return a family whose indicators are (cells, bands, k)."""
    indicators = tuple(Indicator(f"figure_{place}", "completion", cells=tuple(told), bands=bands, k=k) for place, (told, bands, k) in enumerate(codes))
    return Family("tried", view, tuple(cells), sensitive, indicators)


pair_count = partial(code_value, view="pair_count", bands="exact", k=2, limits=load_policy().limits)
pair_mean = partial(code_value, view="pair_mean", limits=load_policy().limits)
cohort_band = partial(code_value, view="cohort_band", limits=load_policy().limits)
