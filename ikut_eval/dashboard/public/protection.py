"""How the release was proved not to tell of anybody, and what can be concluded from it."""

import pandas as pd

from ikut_eval.contract.locale import number, text
from ikut_eval.dashboard.page import Panel, Section
from ikut_eval.dashboard.public.published import rules
from ikut_eval.dashboard.public.ranges import headed
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.releases import plot_proofs
from ikut_eval.release.store import Bundle

_TOLD = ("rule.partition", "rule.min_group", "rule.closing")
"""Rules that a reader needs in order to understand the groups."""


def protection_section(bundle: Bundle, language: str) -> Section:
    """Return the proof, what a reader can conclude at most, the rules of the groups, and each rule that was loosened."""
    proofs, beliefs, said = bundle.table("proofs"), bundle.table("beliefs"), rules(bundle, language)
    single = beliefs[~beliefs["cohorts"].str.contains("+", regex=False)] if len(beliefs) else beliefs
    fewest = (single["hi"] - single["lo"] + 1).groupby(single["family"]).min() if len(single) else pd.Series(dtype="int64")
    lines = [plot_proofs(bundle, language=language).sentence]
    if len(fewest):
        lines.append(text("dash.public.concluded", language, fewest=number(int(fewest.min()), language, 0)))
    lines += [said[rule] for rule in _TOLD if rule in said]
    lines += _loosened(bundle, language)
    rows = []
    for family, tried in proofs.groupby("family", sort=False):
        counts = [number(int(tried[column].sum()), language, 0) for column in ("n_data_sets", "n_leaking")]
        left = number(int(fewest[family]), language, 0) if family in fewest.index else "–"
        rows.append([text(f"dash.public.family.{family}", language), *counts, left])
    heading = text("dash.public.section.protected", language)
    exhibit = Exhibit(
        sentence="\n".join(lines),
        drawing=None,
        table=headed(rows, ("figures", "tried", "leaking", "fewest"), language),
        caption=heading,
        caution=text("dash.public.protected_caution", language),
        language=language,
    )
    return Section.of("protected", heading, Panel(exhibit))


def _loosened(bundle: Bundle, language: str) -> list[str]:
    """Return each rule that was loosened, in its own words, with the reason that was given."""
    table = bundle.table("rules")
    found = table[table["loosened"].notna() & (table["loosened"].astype("str") != "")]
    said = [(str(row["rule"]) if pd.isna(row[language]) or not row[language] else str(row[language]), str(row["loosened"])) for _, row in found.iterrows()]
    return [text("dash.public.loosened", language, rule=rule, reason=reason) for rule, reason in said]
