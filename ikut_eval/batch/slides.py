"""A finished report as slides: a finding and a picture each, its question above, its caution below, all that is said in the notes."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from ikut_eval.batch.office import LOCALES, PADDING, TYPEFACE, column_shares, drawn_parts, set_properties
from ikut_eval.batch.report import OfficeReport
from ikut_eval.contract.locale import text
from ikut_eval.present import theme
from ikut_eval.present.plain import Picture, ShownTogether, TextTable, by_exhibit

_BESIDE, _SAID_ABOVE = 4.0, 1.5
"""Width of what is said beside a picture, and height of what is said above a table, in inches."""
_INCH = 914_400
"""In the units of Office Open XML."""
_SLIDE_LETTERS = 130
"""Letters of a table that stand side by side on a slide."""
_LETTER = 0.55
"""Width of a letter by its height, on the average."""
_TABLE_STYLE = "{073A0DAA-6AF3-43AB-8588-CEC1D06C72B9}"
"""Of PowerPoint: a dark heading."""


def write_slides(report: OfficeReport, target: Path) -> None:
    """Write a report as slides; errors are those of `write_office`."""
    from pptx import Presentation

    file = Presentation()
    set_properties(file, report)
    deck = _Deck(file, report)
    shown = list(by_exhibit(drawn_parts(report, target)))
    before = [each.question == "" and not (each.picture or each.beside or each.table) for each in shown]
    deck.add_first([line for each, first in zip(shown, before, strict=True) if first for line in each.said.lines])
    for each, first in zip(shown, before, strict=True):
        if not first:
            deck.add(each)
    file.save(str(target))


class _Fitting(NamedTuple):
    """Lines that fit into a box, the size of their letters in points, and how high they are in inches."""

    lines: Sequence[str]
    size: float
    high: float


class _Deck:
    """Slides of one report, 16 to 9: the finding is the title, its question above it, the picture or table below, the caution and the foot last."""

    WIDE, HIGH, LEFT, TOP, BOTTOM = 13.333, 7.5, 0.6, 1.85, 6.2

    def __init__(self, file: Any, report: OfficeReport) -> None:
        self._file, self._report = file, report
        file.slide_width, file.slide_height = self._emu(self.WIDE), self._emu(self.HIGH)
        self._opening, self._plain = file.slide_layouts[0], file.slide_layouts[5]
        for sheet in (file.slide_master, self._opening, self._plain):
            for place in sheet.placeholders:
                self._put(place, {"TITLE": (0.7, 1.1), "CENTER_TITLE": (1.6, 1.6), "SUBTITLE": (3.3, 3.4)}.get(place.placeholder_format.type.name, (6.95, 0.4)))
        for place in self._plain.placeholders:
            if place.placeholder_format.type.name == "SLIDE_NUMBER":
                place.left, place.width = self._emu(self.WIDE - self.LEFT - 0.8), self._emu(0.8)
            if place.placeholder_format.type.name == "FOOTER":
                place.width = self._emu(self.WIDE - 2 * self.LEFT - 1)

    @staticmethod
    def _emu(inches: float) -> int:
        return round(inches * _INCH)

    def _put(self, place: Any, rows: tuple[float, float]) -> None:
        """Put a placeholder over the whole width, from a height on, so high."""
        place.left, place.width = self._emu(self.LEFT), self._emu(self.WIDE - 2 * self.LEFT)
        place.top, place.height = (self._emu(each) for each in rows)

    def _slide(self, layout: Any, title: str, size: float) -> Any:
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN

        slide = self._file.slides.add_slide(layout)
        frame = slide.shapes.title.text_frame
        self._fill(frame, [title], size, bold=True)
        frame.vertical_anchor, frame.paragraphs[0].alignment = MSO_ANCHOR.TOP, PP_ALIGN.LEFT
        return slide

    def _fill(self, frame: Any, lines: Sequence[str], size: float, *, bold: bool = False, bullets: bool = False, colour: str = theme.INK) -> None:
        """Write lines into a frame, a paragraph each, in the report's language."""
        from pptx.dml.color import RGBColor
        from pptx.util import Pt

        frame.word_wrap = True
        for n, words in enumerate("\n".join(lines).split("\n")):
            paragraph = frame.paragraphs[0] if not n else frame.add_paragraph()
            run = paragraph.add_run()
            run.text = f"• {words}" if bullets else words
            run.font.size, run.font.bold, run.font.name = Pt(size), bold, TYPEFACE
            run.font.color.rgb = RGBColor.from_string(colour.lstrip("#"))  # type: ignore[no-untyped-call]
            run._r.get_or_add_rPr().set("lang", LOCALES.get(self._report.language, self._report.language))
            paragraph.space_after = Pt(4)

    def _words(self, slide: Any, lines: Sequence[str], place: tuple[float, float, float, float], size: float, **look: Any) -> None:
        """Put a box of words at (left, top, width, height) in inches."""
        self._fill(slide.shapes.add_textbox(*(self._emu(each) for each in place)).text_frame, lines, size, **look)

    def add_first(self, lines: Sequence[str]) -> None:
        """Add the first slide: the title, and what every reader must know."""
        from pptx.enum.text import PP_ALIGN

        slide = self._slide(self._opening, self._report.title, 34)
        known = list(dict.fromkeys(filter(None, (self._report.about, *self._report.labels))))
        known += [line for line in lines if line not in known and not self._report.about.startswith(line)]
        fitting = self._fitting([line for words in known for line in words.split("\n")], self.WIDE - 2 * self.LEFT, 3.3)
        self._fill(slide.placeholders[1].text_frame, fitting.lines, fitting.size)
        for paragraph in slide.placeholders[1].text_frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT
        slide.notes_slide.notes_text_frame.text = "\n".join(known)

    def add(self, shown: ShownTogether) -> None:
        """Add the slide of an exhibit; where the cohorts side by side are shown, as many slides as they need."""
        finding, rest = shown.said.parted()
        if shown.beside and not shown.picture:  # it says what was found by itself
            finding, rest = "", tuple(filter(None, (shown.said.intro, *shown.said.lines)))
        wide, room = self.WIDE - 2 * self.LEFT, self.BOTTOM - self.TOP
        table = None if shown.picture else shown.beside or shown.table
        said = self._fitting(rest, wide, _SAID_ABOVE if table else room)
        pages = [(said, rows) for rows in self._pages(table, room - said.high)] if table else [(said, [])]
        if len(pages) > 1:
            more = [(_Fitting((), 0, 0), rows) for rows in self._pages(table, room)] if table and shown.beside else []
            elsewhere = () if more else (text("office.table_elsewhere", self._report.language),)
            pages = [(self._fitting((*rest, *elsewhere), wide, room), []), *more]
        for n, (said, rows) in enumerate(pages, start=1):
            title = (finding or shown.question or self._report.title) + (f" ({n}/{len(pages)})" if len(pages) > 1 else "")
            size = next((size for most, size in ((70, 26), (130, 22), (230, 18)) if len(title) <= most), 14)
            slide = self._slide(self._plain, title, size)
            if finding and shown.question:
                self._words(slide, [shown.question], (self.LEFT, 0.3, wide, 0.4), 13, colour=theme.GREY)
            if shown.picture:
                self._picture(slide, shown.picture, rest)
            else:
                self._said(slide, said, (self.LEFT, self.TOP), wide)
            if table and rows:
                self._table(slide, table, rows, self.TOP + said.high)
            if shown.caution:
                self._words(slide, [shown.caution], (self.LEFT, 6.3, wide, 0.6), 10.5, colour=theme.GREY)
            self._foot(slide)
            slide.notes_slide.notes_text_frame.text = "\n".join(filter(None, (shown.question, shown.said.words, shown.caution)))

    def _picture(self, slide: Any, picture: Picture, rest: Sequence[str]) -> None:
        """Put a picture below the title; what remains to be said below or beside it, whichever leaves it more room."""
        wide, room = self.WIDE - 2 * self.LEFT, self.BOTTOM - self.TOP
        across, beside = self._fitting(rest, wide, room), self._fitting(rest, _BESIDE, room)
        drawn = slide.shapes.add_picture(BytesIO(picture.content), self._emu(self.LEFT), self._emu(self.TOP))
        ratio = drawn.height / drawn.width
        below, next_to = min(wide, (room - across.high) / ratio), min(wide - _BESIDE - 0.2 if rest else wide, room / ratio)
        drawn.width, drawn.height = (self._emu(max(below, next_to) * each) for each in (1, ratio))
        if below >= next_to:
            self._said(slide, across, (self.LEFT, self.TOP + below * ratio), wide)
        else:
            self._said(slide, beside, (self.WIDE - self.LEFT - _BESIDE, self.TOP), _BESIDE)
        drawn.name = picture.caption
        drawn._element.nvPicPr.cNvPr.set("descr", picture.alternative.replace("\n", " "))

    def _fitting(self, lines: Sequence[str], wide: float, room: float) -> _Fitting:
        """Return the lines that fit into a box, in letters as large as may be; all of them are in the notes."""
        for size in (14, 12, 11):
            heights = [(ceil((len(line) + 3) * _LETTER * size / 72 / (wide - 0.2)) * 1.2 * size + 4) / 72 for line in lines]
            if sum(heights) + 0.1 <= room:
                break
        n = sum(sum(heights[: n + 1]) + 0.1 <= room for n in range(len(lines)))
        return _Fitting(lines[:n], size, sum(heights[:n]) + 0.15 if n else 0.0)

    def _said(self, slide: Any, said: _Fitting, at: tuple[float, float], wide: float) -> None:
        if said.lines:
            self._words(slide, said.lines, (*at, wide, said.high), said.size, bullets=len(said.lines) > 1)

    def _pages(self, table: TextTable, room: float) -> Iterator[list[tuple[str, ...]]]:
        """Give the rows of a table that fit on one slide after the other, in so many inches."""
        page: list[tuple[str, ...]] = []
        left = room - self._height(table, table.columns)
        for row in table.rows:
            high = self._height(table, row)
            if page and high > left:
                yield page
                page, left = [], room - self._height(table, table.columns)
            page.append(row)
            left -= high
        yield page

    def _height(self, table: TextTable, cells: Sequence[str]) -> float:
        """Return the height of a row in inches."""
        shares, smaller = column_shares(table, _SLIDE_LETTERS)
        lines = max(ceil(len(words) / (share * _SLIDE_LETTERS / smaller - PADDING)) for words, share in zip(cells, shares, strict=True))
        return 0.12 + 0.19 * max(lines, 1)

    def _table(self, slide: Any, table: TextTable, some: Sequence[tuple[str, ...]], top: float) -> None:
        """Put some rows of a table under its heading, in columns as wide as the whole table needs."""
        rows = (table.columns, *some)
        wide = self._emu(self.WIDE - 2 * self.LEFT)
        frame = slide.shapes.add_table(len(rows), len(table.columns), self._emu(self.LEFT), self._emu(top), wide, self._emu(0.3 * len(rows)))
        frame.name = table.caption
        frame._element.nvGraphicFramePr.cNvPr.set("descr", table.caption)
        made = frame.table
        made._tbl.tblPr.find("{*}tableStyleId").text = _TABLE_STYLE
        made.horz_banding = False
        shares, smaller = column_shares(table, _SLIDE_LETTERS)
        for column, share in zip(made.columns, shares, strict=True):
            column.width = round(wide * share)
        for n, cells in enumerate(rows):
            made.rows[n].height = self._emu(self._height(table, cells))
            for cell, words in zip(made.rows[n].cells, cells, strict=True):
                self._fill(cell.text_frame, [words], round(11 * smaller, 1), bold=not n, colour="#FFFFFF" if not n else theme.INK)
                cell.margin_top = cell.margin_bottom = self._emu(0.04)
                cell.margin_left = cell.margin_right = self._emu(0.07)
                cell.text_frame.paragraphs[0].space_after = 0

    def _foot(self, slide: Any) -> None:
        """Put foot and number of the slide into the places that its layout has for them."""
        from pptx.enum.text import PP_ALIGN

        for place in self._plain.placeholders:
            if place.placeholder_format.type.name in ("FOOTER", "SLIDE_NUMBER"):
                slide.shapes._spTree.append(deepcopy(place._element))
        foot = next(place for place in slide.placeholders if place.placeholder_format.type.name == "FOOTER")
        foot.text_frame.text = ""
        words = " · ".join(filter(None, (self._report.title, self._report.about, *self._report.labels)))
        self._fill(foot.text_frame, [words], 9, colour=theme.GREY)
        foot.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
