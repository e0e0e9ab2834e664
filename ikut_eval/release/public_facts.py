"""What is public of the pilot, entered by hand, and the rules of its releases; both from `evaluation.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ikut_eval.contract.errors import ConfigurationError

_KEYS = ("cohort_sizes", "total")
_FEWEST = 1


@dataclass(frozen=True)
class PublicFacts:
    """Sizes as they are public.

    Attributes
    ----------
    cohort_sizes : tuple of int – members of each cohort, in the order in which the cohorts started
    total : int – members of all of them
    """

    cohort_sizes: tuple[int, ...]
    total: int


def read_public_facts(section: Mapping[str, Any], *, file: str) -> PublicFacts:
    """Return the facts of a section ``[public]``.

    Parameters
    ----------
    section : mapping
        ``cohort_sizes`` and, if it is public before all cohorts have started, ``total``.
    file : str
        Name of the file, for errors.

    Raises
    ------
    ConfigurationError
        If there is no such section, a key is unknown, or a size is not a whole number above nought.
    """
    if not section:
        raise ConfigurationError("no_public_facts", file=file)
    for key in section:
        if key not in _KEYS:
            raise ConfigurationError("unknown_setting", file=file, key=f"public.{key}", keys=", ".join(_KEYS))
    sizes = section.get("cohort_sizes")
    if not isinstance(sizes, list) or not sizes or not all(type(n) is int and n >= _FEWEST for n in sizes):
        raise ConfigurationError("wrong_setting", file=file, key="public.cohort_sizes")
    total = section.get("total", sum(sizes))
    if type(total) is not int or total < sum(sizes):
        raise ConfigurationError("wrong_setting", file=file, key="public.total")
    return PublicFacts(tuple(sizes), total)
