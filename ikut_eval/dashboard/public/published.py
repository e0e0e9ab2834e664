"""Figures of a release as its pages tell them: by indicator and group, in words, nothing that is not displayed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ikut_eval.contract.locale import day, listing, text
from ikut_eval.dashboard.page import ALWAYS, Control
from ikut_eval.disclosure.views import CodedFigure, figure_text, reason_text
from ikut_eval.present.releases import coded_figures
from ikut_eval.release.store import Bundle

Group = tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """A figure of a release, with the day on which it can be expected where it is not there yet."""

    figure: CodedFigure
    expected: date | None

    @property
    def shown(self) -> bool:
        return bool(self.figure.display)

    def group(self, language: str) -> str:
        """Return what its group is called: "Trainings 1 and 2", "All trainings"."""
        return text("dash.public.all_trainings", language) if self.figure.view == "final_pooled" else group_name(self.figure.group, language)

    def whole(self, language: str) -> str:
        """Return the figure as people read it, with its share; its state and day where nothing is shown."""
        said = figure_text(self.figure, language)
        return said if self.expected is None else f"{said} ({text('release.expected', language, date=day(self.expected, language))})"

    def people(self, language: str) -> str:
        """Return the people alone: "7–9 of 9"; the state and its day where nothing is shown."""
        return figure_text(self.figure, language).partition(", ")[0] if self.shown else self.whole(language)

    def share(self, language: str) -> str:
        """Return the share alone: "78–100%"; empty where there is none."""
        return figure_text(self.figure, language).partition(", ")[2] if self.shown else ""

    def state(self, language: str) -> str:
        """Return in few words why nothing is shown, with the day where it is known."""
        said = figure_text(self.figure, language)
        return said if self.expected is None else f"{said} – {day(self.expected, language)}"

    def reason(self, language: str) -> str:
        return reason_text(self.figure, language) or "–"


def rows_of(bundle: Bundle, indicators: Sequence[str]) -> list[Row]:
    """Return the rows of some indicators of people, in the order asked for, each by its groups."""
    found = [Row(figure, expected) for figure, expected in coded_figures(bundle) if figure.indicator in indicators]
    return sorted(found, key=lambda row: (indicators.index(row.figure.indicator), row.figure.group))


def delivered_rows(bundle: Bundle, indicator: str) -> dict[Group, dict[str, Row]]:
    """Return the rows of a fact about the service: by training, then by its part; the part is "" where nothing is known yet."""
    found: dict[Group, dict[str, Row]] = {}
    for figure, expected in coded_figures(bundle):
        name, _, part = figure.indicator.partition(".")
        if name == indicator:
            found.setdefault(figure.group, {})[part] = Row(figure, expected)
    return dict(sorted(found.items()))


def groups(bundle: Bundle) -> list[Group]:
    """Return the groups that do not hold another one: those between which a reader can choose."""
    figures = bundle.table("figures")
    every = {tuple(map(int, group.split("+"))) for group in figures.loc[figures["view"] != "delivery", "cohorts"].unique()}
    return sorted(group for group in every if not any(set(other) < set(group) for other in every))


def mark(group: Group, choices: Collection[Group]) -> str:
    """Return by whose choice a group is shown: one that is not among the choices always is."""
    return "+".join(map(str, group)) if group in choices else ALWAYS


def group_name(group: Group, language: str) -> str:
    """Return what some trainings are called: "Trainings 1 and 2"."""
    return text("dash.public.trainings", language, n=len(group), positions=_positions(group, language))


def in_their_order(several: Sequence[Group], language: str) -> str:
    """Return of which groups figures are that stand in a row: "trainings 1 and 2 · 3 and 4"."""
    n = sum(len(group) for group in several)
    return text("dash.public.trainings", language, n=n, positions=" · ".join(_positions(group, language) for group in several)).lower()


def _positions(group: Group, language: str) -> str:
    return listing([str(position) for position in group], language)


def groups_control(bundle: Bundle, language: str) -> Control:
    """Return the choice of groups."""
    choices = groups(bundle)
    return Control("cohorts", text("dash.public.control.groups", language), tuple((mark(g, choices), group_name(g, language)) for g in choices), several=True)


def view_control(language: str) -> Control:
    """Return the choice between people and shares."""
    return Control("view", text("dash.control.view", language), tuple((view, text(f"dash.public.view.{view}", language)) for view in ("counts", "share")))


def rules(bundle: Bundle, language: str) -> Mapping[str, str]:
    """Return what each rule of the release says."""
    table = bundle.table("rules")
    return {str(name): str(words) for name, words in zip(table["rule"], table[language], strict=True) if isinstance(words, str) and words}
