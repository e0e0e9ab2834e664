"""Families of one view, as short as a test wants them."""

from collections.abc import Sequence

from ikut_eval.disclosure.families import Family, Indicator


def family(view: str, cells: Sequence[str], *codes: tuple[Sequence[str], str, int], sensitive: bool = False) -> Family:
    """Return a family whose indicators are (cells, bands, k)."""
    indicators = tuple(Indicator(f"figure_{place}", "completion", cells=tuple(told), bands=bands, k=k) for place, (told, bands, k) in enumerate(codes))
    return Family("tried", view, tuple(cells), sensitive, indicators)
