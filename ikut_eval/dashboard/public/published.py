"""Figures of a release as its pages show them, by indicator and group, in words; and what is not published, and why, in the words of its rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ikut_eval.contract.locale import listing, number, percent, text
from ikut_eval.dashboard.page import Section
from ikut_eval.disclosure.coded_figures import CodedFigure, figure_text, people_text, reason_text
from ikut_eval.disclosure.families import Group
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.releases import coded_figures, group_name, indicator_name, plot_proofs, single_cohorts
from ikut_eval.present.spine import MOST_MARKS, Cell, Column, Spine, SpineGroup, SpineRow
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
_COLUMNS_OF_RANGES = ("figure", "group", "members", "shown", "reason")
_KINDS_OF_MARK = ("yes", "perhaps", "no", "not_yet")


@dataclass(frozen=True)
class PublishedFigure:
    """A figure of a release."""

    figure: CodedFigure

    @property
    def shown(self) -> bool:
        return self.figure.lo is not None

    @property
    def low(self) -> float:
        """The lower end of its range; 0 where nothing is shown."""
        return float(self.figure.lo or 0)

    def group(self, language: str) -> str:
        """Return the name of its group: "Trainings 1 and 2", "All trainings"."""
        return text("dash.public.all_trainings", language) if self.figure.view == "final_pooled" else group_name(self.figure.group, language)

    def words(self, language: str) -> str:
        """Return the figure with its share; its status in few words where nothing is shown."""
        return figure_text(self.figure, language)

    def people(self, language: str) -> str:
        """Return the people alone: "7–9 of 9"; the status where nothing is shown."""
        return people_text(self.figure, language)

    def reason(self, language: str) -> str:
        """Return why it is a range or not shown; a dash where it is shown as it is."""
        return reason_text(self.figure, language) or "–"


def figures_of_people(bundle: Bundle, indicators: Sequence[str]) -> list[PublishedFigure]:
    """Return the figures of some indicators of people, in the order asked for, each by its groups."""
    found = [PublishedFigure(figure) for figure in coded_figures(bundle) if figure.indicator in indicators]
    return sorted(found, key=lambda one: (indicators.index(one.figure.indicator), one.figure.group))


def figures_of_service(bundle: Bundle, indicator: str) -> dict[Group, dict[str, PublishedFigure]]:
    """Return a fact about the service: by training, then by its part; the part is "" where nothing is known yet."""
    found: dict[Group, dict[str, PublishedFigure]] = {}
    for figure in coded_figures(bundle):
        name, _, part = figure.indicator.partition(".")
        if name == indicator:
            found.setdefault(figure.group, {})[part] = PublishedFigure(figure)
    return dict(sorted(found.items()))


def rules_of(bundle: Bundle, language: str) -> Mapping[str, str]:
    """Return what each rule of the release says."""
    table = bundle.table("rules")
    return {str(name): str(words) for name, words in zip(table["rule"], table[language], strict=True) if isinstance(words, str) and words}


def words_table(rows: Sequence[Sequence[str]], columns: Sequence[str], language: str) -> pd.DataFrame:
    """Return rows of text under the catalogue's headings ``dash.public.column.…``; dashes where there is no row."""
    names = [text(f"dash.public.column.{name}", language) for name in columns]
    return pd.DataFrame([list(row) for row in rows] or [["–"] * len(names)], columns=names, dtype="str")


def question(
    name: str,
    lines: Sequence[tuple[str, str]],
    table: pd.DataFrame,
    caution: str,
    language: str,
    *,
    found: str = "",
    spine: Spine | None = None,
) -> Section:
    """Return a section of one exhibit under what was found, or else under its question, the catalogue's ``dash.public.section.…``.

    It says so where there is no line (cohort, words).
    """
    asked = text(f"dash.public.section.{name}", language)
    said = tuple(lines) or (("", text("dash.public.absent", language)),)
    exhibit = Exhibit(said, None, table, asked, caution, language, spine=spine)
    return Section(name, found or asked, {(): exhibit}, question=asked if found else "")


def with_capital(words: str) -> str:
    """Return words with a capital letter at the beginning."""
    return words[:1].upper() + words[1:]


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


def range_section(name: str, bundle: Bundle, indicators: Sequence[str] | Mapping[str, Sequence[str]], language: str, *, intro: str = "") -> Section:
    """Return a question that some published numbers of people answer, by group; indicators under a title each where they are a mapping."""
    titled = indicators if isinstance(indicators, Mapping) else {"": indicators}
    figures = figures_of_people(bundle, [one for several in titled.values() for one in several])
    cells = [
        [indicator_name(one.figure.indicator, language), one.group(language), str(one.figure.n_public or "–"), one.words(language), one.reason(language)]
        for one in figures
    ]
    caution = text("published.others" if any(one.shown for one in figures) else "dash.public.not_zero", language)
    read = text("dash.public.how_to_read", language) if any(one.figure.status == "coded" for one in figures) else ""
    why = dict.fromkeys(one.reason(language) for one in figures if not one.shown)
    said = [("", words) for words in (" ".join(filter(None, (intro, read))), *why) if words]
    spine = _spine(figures, titled, language) if figures else None
    return question(
        name, said or [("", figures[0].group(language))] if figures else [], words_table(cells, _COLUMNS_OF_RANGES, language), caution, language, spine=spine
    )


def found(bundle: Bundle, indicators: Sequence[str], language: str) -> str:
    """Return the first of some indicators that is shown, of each group that it is shown of, as a finding; empty where none is."""
    for indicator in indicators:
        shown = [one.people(language) for one in figures_of_people(bundle, (indicator,)) if one.shown]
        if shown:
            what = text(f"dash.public.short.{indicator}", language)
            return with_capital(text("dash.public.part", language, shown=listing(shown, language), what=what))
    return ""


def _spine(figures: Sequence[PublishedFigure], titled: Mapping[str, Sequence[str]], language: str) -> Spine:
    groups = sorted({one.figure.group: one for one in figures}.items())
    columns = tuple(Column(one.group(language), text("people", language, n=one.figure.n_public) if one.figure.n_public else "") for _, one in groups)
    by_place = {(one.figure.indicator, one.figure.group): one for one in figures}
    parts = []
    for title, indicators in titled.items():
        rows = [_row(indicator, by_place, [group for group, _ in groups], language) for indicator in indicators if any(i == indicator for i, _ in by_place)]
        parts.append(SpineGroup(title, "", tuple(rows)))
    drawn = {kind for part in parts for row in part.rows for cell in row.cells for kind, _ in cell.marks}
    legend = tuple((kind, text(f"dash.public.legend.{kind}", language)) for kind in _KINDS_OF_MARK if kind in drawn)
    return Spine(columns, tuple(part for part in parts if part.rows), legend, together=False)


def _row(indicator: str, by_place: Mapping[tuple[str, Group], PublishedFigure], groups: Sequence[Group], language: str) -> SpineRow:
    cells = [by_place.get((indicator, group)) for group in groups]
    return SpineRow(indicator_name(indicator, language), "", tuple(Cell("–") if one is None else _cell(one, language) for one in cells))


def _cell(one: PublishedFigure, language: str) -> Cell:
    """Return a figure with a mark for each of its people: known, perhaps, and the others."""
    figure, n = one.figure, one.figure.n_public
    if n > MOST_MARKS or figure.status == "by_design":
        return Cell(one.people(language))
    if figure.lo is None or figure.hi is None:
        return Cell(one.people(language), marks=(("not_yet", n),) if figure.status == "not_yet" and n else ())
    low, high = int(figure.lo), int(figure.hi)
    return Cell(one.people(language), marks=tuple((kind, k) for kind, k in (("yes", low), ("perhaps", high - low), ("no", n - high)) if k))
