"""What is not published and why, and how the release was proved safe: in the words of its own rules."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ikut_eval.contract.locale import number, percent, text
from ikut_eval.dashboard.page import Section
from ikut_eval.dashboard.public.published import question, rules_of, with_capital, words_table
from ikut_eval.present.releases import indicator_name, plot_proofs, single_cohorts
from ikut_eval.release.store import Bundle

_REASONS: Mapping[str, str] = {
    "same": "family.rights_awareness",
    "mean": "family.rights_awareness",
    "study": "family.six_months",
    "weeks_of_people": "rule.never_public",
    "single_hours": "family.delivery",
    "one_training": "rule.min_group",
    "spread": "rule.never_public",
}
"""Rule or family that says why something is not published; what is not named is not among the figures that were proved safe."""
_GROUP_RULES = ("rule.partition", "rule.min_group", "rule.closing")
"""Rules that a reader needs in order to understand the groups."""


def withheld_section(bundle: Bundle, what: Sequence[str], language: str, *, name: str = "withheld") -> Section:
    """Return what a reader might look for and does not find, ``dash.public.withheld.…``, each with its reason."""
    rules = rules_of(bundle, language)
    rows = [(text(f"dash.public.withheld.{one}", language), rules.get(_REASONS.get(one, "")) or text("dash.public.not_planned", language)) for one in what]
    held = {reason: ", ".join(words for words, why in rows if why == reason) for _, reason in rows}
    lines = [("", f"{with_capital(words)}: {reason}") for reason, words in held.items()]
    table = words_table([[with_capital(words), reason] for words, reason in rows], ("withheld", "reason"), language)
    return question(name, lines, table, text("dash.public.not_zero", language), language)


def protection_section(bundle: Bundle, language: str) -> Section:
    """Return the proof, what a reader can conclude at most, the rules of the groups, and each rule that was loosened."""
    rules, single = rules_of(bundle, language), single_cohorts(bundle.table("beliefs"))
    fewest = (single["hi"] - single["lo"] + 1).groupby(single["family"]).min() if len(single) else pd.Series(dtype="int64")
    lines = [plot_proofs(bundle, language=language).sentence]
    if len(fewest):
        lines.append(text("dash.public.concluded", language, fewest=number(int(fewest.min()), language, 0)))
    lines += [rules[rule] for rule in _GROUP_RULES if rule in rules]
    lines += [
        text("dash.public.loosened", language, rule=rules.get(row.rule) or indicator_name(row.rule, language) + ".", reason=row.loosened)
        for row in bundle.table("rules").itertuples()
        if isinstance(row.loosened, str) and row.loosened
    ]
    chosen = bundle.table("codings").loc[lambda codes: codes["chosen"]] if "codings" in bundle.schemas else None
    rows = []
    for family, tried in bundle.table("proofs").groupby("family", sort=False):
        counts = [number(int(tried[column].sum()), language, 0) for column in ("n_data_sets", "n_leaking")]
        left = number(int(fewest[family]), language, 0) if family in fewest.index else "–"
        open_to = "–" if chosen is None else percent(float(chosen.loc[chosen["family"] == family, "left"].mean()), language)
        rows.append([text(f"dash.public.family.{family}", language), *counts, left, open_to])
    table = words_table(rows, ("figures", "tried", "leaking", "fewest", "left"), language)
    return question("protected", [("", line) for line in lines], table, text("dash.public.protected_caution", language), language)
