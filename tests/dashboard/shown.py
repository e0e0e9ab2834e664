"""Bundles of both audiences, and their pages as a folder that a browser opens."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from bs4 import BeautifulSoup

import ikut_eval as ikut
from ikut_eval.dashboard.page import PAGES, Page, Section
from ikut_eval.dashboard.pages import ShownPage, page_of
from ikut_eval.data.pilot import PilotData
from ikut_eval.release.internal import build_internal
from ikut_eval.release.store import Bundle, current_bundle, read_bundle
from tests.conftest import ikut_eval_process, made_once
from tests.release.released import released, workspace

LANGUAGES = ("fi", "sv", "en")
AUDIENCES = ("internal", "public")
"""The audiences that have pages."""
EVERY_PAGE = [(audience, name) for audience in AUDIENCES for name in PAGES]


def internal_bundle(pilot: PilotData, folder: Path) -> Bundle:
    build_internal(pilot, folder, about={}, plan=ikut.AnalysisPlan())
    return read_bundle(folder, audience="internal")


def public_bundle(pilot: PilotData, folder: Path) -> Bundle:
    space = workspace(folder / "space")
    return read_bundle(space.public_bundles / released(space, pilot).id, audience="public")


class Dashboards:
    """The pages of the synthetic pilot, each made once; the bundles and the folders of pages once for all workers."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.bundle = cache(self._bundle)
        self.page = cache(self._page)
        self.parsed = cache(self._parsed)

    def bundles(self, audience: str) -> Path:
        """Return the folder from which an audience's pages are made."""
        return self.folder / "internal" if audience == "internal" else self.folder / "public" / "space" / "bundles" / "public"

    def _bundle(self, audience: str) -> Bundle:
        make = internal_bundle if audience == "internal" else public_bundle
        made_once(self.folder / audience, lambda: make(ikut.read_pilot("synthetic"), self.folder / audience))
        folder = self.bundles(audience)
        return read_bundle((current_bundle(folder) if audience == "public" else None) or folder, audience=audience)

    def _page(self, audience: str, name: str, language: str) -> ShownPage:
        return made(self.bundle(audience), name, language)

    def _parsed(self, audience: str, name: str, language: str) -> BeautifulSoup:
        """Return a page's document as a tree; tests share it and leave it as it is."""
        return BeautifulSoup(self.page(audience, name, language).document, "html.parser")

    def site(self, audience: str) -> Path:
        """Return a folder with the pages of an audience, in every language, and what they need."""
        self.bundle(audience)
        folder = self.folder / f"site-{audience}"
        return made_once(folder, lambda: self._write(audience, folder))

    def _write(self, audience: str, folder: Path) -> None:
        said = ikut_eval_process("dashboard", "--audience", audience, "--bundle", self.bundles(audience), "--static", folder)
        assert (said.returncode, said.stderr) == (0, ""), said


def made(bundle: Bundle, name: str, language: str) -> ShownPage:
    return page_of(bundle, name, language=language)


def first_of_each_cohort(pilot: PilotData, n: int) -> PilotData:
    """Return the pilot with the first `n` people of every cohort alone; sessions and plans stay."""
    kept = set(pilot["participant"].groupby("cohort_id").head(n)["participant_id"])
    return replace(pilot, tables={name: t[t["participant_id"].isin(kept)] if "participant_id" in t else t for name, t in pilot.tables.items()})


def texts_of(parts: Any) -> list[str]:
    """Return every text in a figure's data or layout, wherever it stands."""
    if isinstance(parts, str):
        return [parts]
    if isinstance(parts, dict):
        parts = parts.values()
    return [text for part in parts for text in texts_of(part)] if hasattr(parts, "__iter__") else []


def section_of(page: Page, name: str) -> Section:
    return next(section for section in page.sections if section.name == name)


def numbers(words: str) -> list[float]:
    """Return the numbers of a text, of whichever language."""
    joined = re.sub(r"(?<=\d)[\s,\u00a0\u202f](?=\d{3}\b)", "", words.replace("−", "-"))
    return [float(n.replace(",", ".")) for n in re.findall(r"(?<![\w.])-?\d+(?:[.,]\d+)?", joined)]


def rows_of(bundle: Bundle, measure: str, **where: str | int) -> pd.DataFrame:
    """Return a measure's rows, by cohort: the four as they stand in the bundle, all together last."""
    table = bundle.table("measures").loc[lambda m: m["measure"] == measure]
    for column, value in where.items():
        table = table[table[column] == value]
    return table.sort_values("cohort_id", key=lambda c: c.map(lambda each: "~" if each == "all" else each), kind="stable")


def people(row: pd.Series, *, missing_counted: bool = False) -> Counter[str]:
    """Return how many are known to have something, known not to, and not known."""
    n, missing = (0 if pd.isna(row[c]) else int(row[c]) for c in ("denominator", "n_missing"))
    if pd.notna(row["at_least"]):
        yes, unknown = int(row["at_least"]), int(row["at_most"] - row["at_least"])
        return Counter(yes=yes, unknown=unknown, no=n - yes - unknown)
    yes = 0 if pd.isna(row["numerator"]) else int(row["numerator"])
    return Counter(yes=yes, unknown=missing, no=n - yes - (missing if missing_counted else 0))


def counted_words(kinds: Counter[str]) -> list[float]:
    of = kinds.total()
    return [kinds["yes"], kinds["yes"] + kinds["unknown"], of] if kinds["unknown"] else [kinds["yes"], of]
