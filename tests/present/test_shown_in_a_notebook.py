"""What a notebook receives: display data of an exhibit, headings, explanations and lists."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from IPython.utils.capture import RichOutput, capture_output
from markupsafe import escape

import ikut_eval as ikut
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.html import FOUND, PLAIN, PLOTLY, style_of_exhibits
from ikut_eval.contract.locale import text
from ikut_eval.contract.measure_catalogue import measure_catalogue
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.tables import due_lines
from tests.measures.conftest import A, B, Build
from tests.present.conftest import EXHIBITS, LANGUAGES, draw, without_wave

VOID = {"br", "meta", "img"}


class Balanced(HTMLParser):
    """Fails where a tag is closed that is not open; `open` holds what is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(html: str) -> Balanced:
    page = Balanced()
    page.feed(html)
    page.close()
    assert not page.open
    return page


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """A real IPython, away from the user's own profile."""
    folder: Path = tmp_path_factory.mktemp("ipython")
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance(ipython_dir=str(folder))
    InteractiveShell.clear_instance()


def shown(exhibit: Exhibit) -> list[RichOutput]:
    with capture_output() as captured:
        display(exhibit)
    assert captured.stderr == ""
    return captured.outputs


@pytest.mark.parametrize("name", [name for name in EXHIBITS if name != "plot_summary"])
def test_exhibit_shows_sentence_figure_table_and_caution(shell: InteractiveShell, drawn: Callable[..., Exhibit], name: str) -> None:
    exhibit = drawn(name, "sv", "C2")
    first, *figures, last = [output.data for output in shown(exhibit)]
    said = {"intro": exhibit.intro, "lines": [words for _, words in exhibit.lines]}
    assert first == {"text/html": exhibit.sentence_html(), PLAIN: said, "text/plain": exhibit.sentence}
    assert len(figures) == (exhibit.drawing is not None)
    for figure in figures:
        assert figure[PLOTLY]["layout"]["meta"]["alternative"] == exhibit.sentence.replace("\n", " ")
        assert figure[PLOTLY]["data"]
    assert exhibit.table_html() in last["text/html"]
    assert last["text/plain"] == exhibit.caution
    assert last[PLAIN] == {"caption": exhibit.caption, "columns": list(exhibit.table.columns), "rows": exhibit.cells, "caution": exhibit.caution}
    for html in (first["text/html"], last["text/html"]):
        parsed(html)


@pytest.mark.parametrize("cohort", [None, "C2"])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_first_page_has_every_finding_table_and_caution(shell: InteractiveShell, drawn: Callable[..., Exhibit], cohort: str | None, language: str) -> None:
    """A finding has at most 15 words; a count as "4 of 5" or "1 071 / 1 331" has the words that its language gives it."""
    exhibit = drawn("plot_summary", language, cohort)
    style, page = [output.data for output in shown(exhibit)]
    assert style == {"text/html": style_of_exhibits()}
    assert page["text/plain"] == exhibit.sentence
    assert page[FOUND] == exhibit.sentence.split("\n")
    assert len(page[FOUND]) == 5
    assert max(len([word for word in line.replace("\u00a0", "").split(" ") if re.search(r"\w", word)]) for line in page[FOUND]) <= 15
    said = parsed(page["text/html"])
    assert said
    for words in (*page[FOUND], exhibit.caption, exhibit.caution, text("summary.unknown", language), text("summary.next", language)):
        assert str(escape(words)) in page["text/html"]
    for cells in exhibit.cells:
        assert all(str(escape(cell)) in page["text/html"] for cell in cells)


@pytest.mark.parametrize("wave", ["every", "exit"])
def test_first_page_never_counts_the_unknown_as_zero(synthetic: PilotData, wave: str) -> None:
    for pilot in (without_wave(synthetic, wave), without_wave(synthetic.cohort("C1"), wave)):
        exhibit = draw("plot_summary", pilot, "en")
        assert text("summary.none.rights", "en") in exhibit.sentence
        assert not [row for row in exhibit.cells if row[0].startswith("Rate themselves higher") and any(cell.startswith("0") for cell in row[1:])]
        assert f"{text('outcome.in_work', 'en')}, {text('outcomes.at_the_end', 'en')}" not in [row[0] for row in exhibit.cells if row[1].startswith("0")]


def test_first_page_of_a_training_that_has_begun_says_not_yet() -> None:
    pilot = read_pilot("synthetic", date="2021-09-10")
    for group in (pilot, pilot.cohort("C1")):
        exhibit = draw("plot_summary", group, "en")
        assert text("summary.none.rights_not_yet", "en") in exhibit.sentence
        assert text("summary.none.after_not_yet", "en") in exhibit.sentence
        assert text("summary.none.needs_not_yet", "en") in exhibit.sentence


def test_exhibit_without_a_figure_shows_two_pieces(shell: InteractiveShell, build: Build) -> None:
    assert len(shown(draw("plot_attendance", build(), "en"))) == 2


def test_last_line_of_a_cell_shows_the_exhibit(shell: InteractiveShell, build: Build) -> None:
    shell.user_ns["exhibit"] = draw("plot_participants", build(), "en")
    with capture_output() as captured:
        result = shell.run_cell("exhibit")
    assert result.success
    assert captured.outputs[0].data["text/plain"] == "C1: 2 people took part; places planned: 5. How the training ended: 2 completed."


def exhibit_of(cell: str) -> Exhibit:
    return Exhibit((("", cell),), {}, pd.DataFrame([[cell, "1"]], columns=["Cohort", cell]), cell, cell, "en")


def test_words_of_the_data_are_no_html() -> None:
    html = exhibit_of("<script>x</script>").table_html() + exhibit_of("<script>x</script>").sentence_html()
    assert "script" not in {tag for tag, _ in parsed(html).seen}


def test_table_can_be_reached_and_read_by_its_headings() -> None:
    seen = parsed(exhibit_of("Hours").table_html()).seen
    region = next(attrs for tag, attrs in seen if tag == "div")
    assert (region["tabindex"], region["role"], region["aria-label"]) == ("0", "region", "Hours")
    assert [attrs["scope"] for tag, attrs in seen if tag == "th"] == ["col", "col", "row"]


@pytest.mark.parametrize(
    ("intro", "lines", "sentence", "html"),
    [
        pytest.param("", ["One."], "One.", '<p class="sentence">One.</p>', id="a line is a paragraph"),
        pytest.param("", ["a.", "b."], "a.\nb.", '<ul class="sentence"><li>a.</li><li>b.</li></ul>', id="lines are a list"),
        pytest.param("Of:", ["a."], "Of:\na.", '<p class="sentence">Of:</p><ul class="sentence"><li>a.</li></ul>', id="with what the list is of"),
        pytest.param("", ["Ends so:", "a."], "Ends so:\na.", '<ul class="sentence"><li>Ends so:</li><li>a.</li></ul>', id="a colon means nothing"),
    ],
)
def test_lines_as_text_and_as_html(intro: str, lines: list[str], sentence: str, html: str) -> None:
    exhibit = replace(exhibit_of("x"), intro=intro, lines=tuple(("C1", line) for line in lines))
    assert exhibit.sentence == repr(exhibit) == sentence
    assert exhibit.sentence_html() == html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("measure", measure_catalogue())
def test_every_measure_is_explained(measure: str, language: str) -> None:
    known = measure_catalogue()[measure]
    said = ikut.explain(measure, language=language)
    for words in (known.title[language], known.definition[language], known.caution[language], known.source):
        assert words
        assert words in repr(said)
    terms = 5 if measure == "paired_change" else 4  # its method too
    assert len(parsed(said._repr_html_()).seen) == 2 + 2 * terms  # title, list, and the terms with their definitions


def test_explanations_differ_between_languages() -> None:
    for measure in measure_catalogue():
        assert len({repr(ikut.explain(measure, language=x)).split("\n")[1] for x in LANGUAGES}) == 3


def test_title_tells_cohorts_date_and_that_people_are_invented(synthetic: PilotData) -> None:
    said = repr(ikut.title(synthetic.cohort("C1"), "cohort_report", language="fi"))
    assert "C1" in said
    assert "12.2.2023" in said
    assert len(said.split("\n")) == 4


def test_title_of_own_data_does_not_say_invented(build: Build) -> None:
    """Its three lines are heading, what the data is, and that it is confidential."""
    assert len(repr(ikut.title(build(), "cohort_report", language="en")).split("\n")) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_are_html_with_the_same_words(synthetic: PilotData, language: str) -> None:
    for heading in (ikut.section("attendance", language=language), ikut.note("compare", language=language), ikut.title(synthetic, "tour", language=language)):
        parsed(heading._repr_html_())
        assert repr(heading)


def test_findings_of_sound_data_are_shown() -> None:
    report = ikut.validate("synthetic:tiny")
    heading = ikut.findings(report, language="sv")
    assert repr(heading) == report.summary("sv")
    parsed(heading._repr_html_())


def test_interval_is_said_as_a_range(build: Build) -> None:
    """2 of 2: the square root of 0.025 is 0.158."""
    pilot = build(answer=[(p, w, f"C0{n}", 1 if w == "start" else 5) for p in (A, B) for w in ("start", "exit") for n in (1, 2, 3)])
    table = ikut.with_interval(ikut.paired_change(ikut.scale_scores(pilot, "rights_confidence")).to_frame())
    said = repr(ikut.say_interval(table, group="improved", language="en"))
    assert said.startswith("Rose: 2 of 2.")
    assert "from 16% to 100%" in said


def test_interval_of_an_unknown_group_is_refused(build: Build) -> None:
    table = ikut.with_interval(ikut.paired_change(ikut.scale_scores(build(), "who5")).to_frame())
    with pytest.raises(UsageError, match="improved, same, worse"):
        ikut.say_interval(table, group="better", language="en")


def test_agreement_of_one_wave_is_not_drawn_as_a_change(build: Build) -> None:
    with pytest.raises(UsageError, match="two waves"):
        ikut.plot_items(ikut.item_agreement(build(), "feedback", start="exit", end=None), language="en")


def test_due_list_names_rows_and_dates(build: Build) -> None:
    """On 1.5.2022 B, on row 3, is overdue at the end and three months and due at six; A was reached at all three."""
    reached = [{"participant_id": A, "wave": wave, "status": "health"} for wave in ("exit", "m3", "m6")]
    lines = due_lines(ikut.follow_ups_due(build(outcome=reached, today=date(2022, 5, 1))), date(2022, 5, 1), "en")
    assert lines == [
        "Follow-ups on 1 May 2022:",
        "Overdue since 10 December 2021: row 3 of the sheet of participants, cohort C1, End",
        "Overdue since 13 March 2022: row 3 of the sheet of participants, cohort C1, 3 months",
        "Due from 28 April 2022 to 12 June 2022: row 3 of the sheet of participants, cohort C1, 6 months",
    ]
