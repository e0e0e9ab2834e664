"""What is published together: exclusive categories of people, and the indicators that count them."""

from dataclasses import asdict, dataclass

Group = tuple[int, ...]
"""Positions of cohorts in the order in which they started, from 1. Cohort ids are data and are never in the policy."""


@dataclass(frozen=True)
class Indicator:
    """One published figure.

    Attributes
    ----------
    id : str
    measure : str – id in `measures.toml`; the release computes the figure with that measure's function
    rows : tuple of str – groups of the measure's table that are added up; empty in `delivery`: each row a figure of its own
    wave, instrument : str – empty where the measure has none
    cells : tuple of str – categories of the family that the figure counts
    bands : str – how a count is coded: "exact", "three" or "half"; empty where the view says it
    k : int – people in each coded end; 0 where there is none
    """

    id: str
    measure: str
    rows: tuple[str, ...] = ()
    wave: str = ""
    instrument: str = ""
    cells: tuple[str, ...] = ()
    bands: str = ""
    k: int = 0


@dataclass(frozen=True)
class Family:
    """Indicators that tell of one another, published in one view and proved together.

    Attributes
    ----------
    id, view : str
    cells : tuple of str – categories of people; everybody of a group is in exactly one.
        For means the categories are the scores that a person can have.
    sensitive : bool – work, study, service or safety: two insiders instead of one
    indicators : tuple of Indicator
    """

    id: str
    view: str
    cells: tuple[str, ...] = ()
    sensitive: bool = False
    indicators: tuple[Indicator, ...] = ()

    @property
    def parameters(self) -> dict[str, object]:
        """All that the published outputs depend on besides the sizes of the cohorts."""
        codes = [{key: value for key, value in asdict(i).items() if key in ("cells", "bands", "k")} for i in self.indicators]
        return {"cells": self.cells, "sensitive": self.sensitive, "codes": codes}
