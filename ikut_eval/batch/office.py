"""A finished report as a Word summary and as a workbook of tables: the same exhibits, in real styles, with alternative texts."""

import re
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any

from ikut_eval.batch.report import OfficeReport, draw_pictures
from ikut_eval.contract.atomic import written_atomically
from ikut_eval.contract.locale import text
from ikut_eval.present import theme
from ikut_eval.present.plain import Finding, Heading, Paragraph, Part, Picture, TextTable, by_exhibit

LOCALES: Mapping[str, str] = {"fi": "fi-FI", "sv": "sv-FI", "en": "en-GB"}
TYPEFACE = "Arial"
_PAGE_WIDTH, _PAGE_LETTERS = 16.6, 88
"""Width of the text on a page of Word in centimetres, and letters of a table that stand side by side in it."""
_SMALLEST = 0.8
"""How much smaller the letters of a table may be, before its rows become columns."""
_BAND = "EEF2F6"
"""Behind every other row of a table."""
_SHEET_NAME = 31
"""Letters in the name of a sheet, at most."""
_WIDEST, PADDING = 80, 2
"""Letters in a column of a table, at most; and the room around them."""


def write_office(report: OfficeReport, target: Path) -> Path:
    """Write a report as the kind of file that the target's name ends with: ``.docx``, ``.pptx`` or ``.xlsx``, and return its path.

    Raises
    ------
    MachineError
        If there is no browser to draw the pictures with, or it fails; or the disk is full.
    NotAllowedError
        If the file may not be written to, for example while another program has it open.
    """
    from ikut_eval.batch.slides import write_slides

    write: Callable[[OfficeReport, Path], None] = {".docx": _write_document, ".pptx": write_slides, ".xlsx": _write_workbook}[target.suffix]
    with written_atomically(target) as temporary:
        write(report, temporary)
    return target


def drawn_parts(report: OfficeReport, target: Path) -> list[Part]:
    """Return a report's parts with pictures that every office program shows."""
    vectors = [part for part in report.parts if isinstance(part, Picture) and part.kind == "svg"]
    drawn = iter(draw_pictures([part.content.decode() for part in vectors], target.suffix.lstrip(".")))
    return [part._replace(content=next(drawn), kind="png") if isinstance(part, Picture) and part.kind == "svg" else part for part in report.parts]


def set_properties(file: Any, report: OfficeReport) -> None:
    """Give a document or slides their title, language and date, and take out whatever names a person or a program."""
    found = file.core_properties
    found.title, found.language = report.title, LOCALES.get(report.language, report.language)
    found.created = found.modified = report.made
    found.author = found.last_modified_by = found.comments = found.keywords = found.subject = found.category = ""
    found.revision = 1


def column_shares(table: TextTable, room: float) -> tuple[list[float], float]:
    """Return the share of the width that each column of a table gets, and how much smaller its letters must be so that no word is broken.

    A column of long cells gets a line of its own kind of length, so that none becomes a tower of words.

    Parameters
    ----------
    room : float
        Letters that stand side by side in the whole width.
    """
    columns = list(zip(table.columns, *table.rows, strict=True))
    words = [max(len(word) for cell in column for word in cell.split()) + PADDING if any(column) else PADDING for column in columns]
    words = [max(word, min(round(3 * max(map(len, column[1:]), default=0) ** 0.5), _WIDEST) + PADDING) for word, column in zip(words, columns, strict=True)]
    cells = [max(min(max(map(len, column)), _WIDEST) + PADDING, word) for column, word in zip(columns, words, strict=True)]
    more = (room - sum(words)) / max(sum(cells) - sum(words), 1)
    widths = [word + max(more, 0) * (cell - word) for word, cell in zip(words, cells, strict=True)]
    return [wide / sum(widths) for wide in widths], min(1, room / sum(words))


def _write_document(report: OfficeReport, target: Path) -> None:
    from docx import Document
    from docx.shared import Cm

    file = Document()
    set_properties(file, report)
    _set_styles(file, report.language)
    page = file.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.2)
    page.top_margin, page.bottom_margin = Cm(2.6), Cm(2)
    _head_and_foot(page, report)
    numbers = {"figure": 0, "table": 0}
    file.add_paragraph(report.title, style="Title")
    for part in drawn_parts(report, target):
        if _is_across(file) and not (isinstance(part, Paragraph) and part.kind == "caution"):
            _turn(file)
        if isinstance(part, Heading):
            if part.level > 1:
                file.add_paragraph(part.words, style=f"Heading {min(part.level - 1, 3)}")
        elif isinstance(part, Paragraph):
            file.add_paragraph(part.words, style={"bullet": "List Bullet", "caution": "Caution"}.get(part.kind, "Normal"))
        elif isinstance(part, Finding):
            listed = len(part.lines) > 1
            for words in filter(None, (part.intro, *(() if listed else part.lines))):
                file.add_paragraph(words).paragraph_format.keep_with_next = True
            for words in part.lines if listed else ():
                file.add_paragraph(words, style="List Bullet").paragraph_format.keep_with_next = True
        elif isinstance(part, Picture):
            _add_figure(file, part, report.language, numbers)
        elif not part.beside:
            _add_table(file, part, report.language, numbers)
    file.save(str(target))


def _set_styles(file: Any, language: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    defaults = file.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    for name in ("val", "eastAsia"):
        defaults.set(qn(f"w:{name}"), LOCALES.get(language, language))
    file.styles.add_style("Caution", WD_STYLE_TYPE.PARAGRAPH).base_style = file.styles["Normal"]
    sizes = {"Normal": 10.5, "List Bullet": 10.5, "Title": 24, "Heading 1": 15, "Heading 2": 12.5, "Heading 3": 11, "Caption": 9, "Caution": 9, "Header": 8}
    for name, size in (sizes | {"Footer": 8}).items():
        style = file.styles[name]
        style.font.size, style.font.name, style.font.color.rgb = Pt(size), TYPEFACE, RGBColor.from_string(theme.INK.lstrip("#"))
        fonts = style.element.rPr.rFonts
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
        fonts.set(qn("w:cs"), TYPEFACE)
    for name in ("Title", "Heading 1", "Heading 2", "Heading 3", "Caption"):
        file.styles[name].paragraph_format.keep_with_next = name != "Caption"
    for band in file.styles["Light Shading"].element.iter(qn("w:shd")):
        for name in [name for name in band.attrib if "theme" in name]:
            del band.attrib[name]
        band.set(qn("w:fill"), _BAND)
    for side in file.styles["Light Shading"].element.find(f".//{qn('w:tblCellMar')}"):
        if side.tag in (qn("w:left"), qn("w:right")):
            side.set(qn("w:w"), "60")
    file.styles["Heading 1"].paragraph_format.space_before = Pt(20)
    file.styles["Heading 1"].paragraph_format.space_after = Pt(4)
    file.styles["Caution"].paragraph_format.left_indent = Cm(0.4)
    file.styles["Caution"].font.italic = True


def _head_and_foot(page: Any, report: OfficeReport) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    head = page.header.paragraphs[0]
    head.add_run(" · ".join(filter(None, (report.title, report.about))))
    head.add_run("\n" + " · ".join(report.labels)).bold = True
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _add_field(foot, "PAGE")
    foot.add_run(" / ")
    _add_field(foot, "NUMPAGES")


def _add_field(paragraph: Any, code: str, shown: str = "1") -> None:
    """Add a field, which the program that opens the file computes anew; `shown` stands there until then."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field, run, words = OxmlElement("w:fldSimple"), OxmlElement("w:r"), OxmlElement("w:t")
    field.set(qn("w:instr"), code)
    words.text = shown
    run.append(words)
    field.append(run)
    paragraph._p.append(field)


def _add_caption(file: Any, kind: str, caption: str, language: str, numbers: dict[str, int]) -> Any:
    numbers[kind] += 1
    paragraph = file.add_paragraph(f"{text(f'office.{kind}', language)}\u00a0", style="Caption")
    _add_field(paragraph, f"SEQ {kind.capitalize()} \\* ARABIC", str(numbers[kind]))
    paragraph.add_run(f". {caption}" if caption else ".")
    return paragraph


def _add_figure(file: Any, picture: Picture, language: str, numbers: dict[str, int]) -> None:
    from docx.shared import Cm

    drawn = file.add_picture(BytesIO(picture.content))
    scale = min(Cm(_PAGE_WIDTH) / drawn.width, Cm(20) / drawn.height)
    drawn.width, drawn.height = int(drawn.width * scale), int(drawn.height * scale)
    drawn._inline.docPr.set("descr", picture.alternative.replace("\n", " "))
    file.paragraphs[-1].paragraph_format.keep_with_next = True
    _add_caption(file, "figure", picture.caption, language, numbers)


def _add_table(file: Any, table: TextTable, language: str, numbers: dict[str, int]) -> None:
    """Add a table whose heading is repeated on each page.

    Where its letters would be too small to read, its rows become columns; where that does not help, it stands on a page of its own, across.
    """
    from docx.shared import Cm

    first, *others = zip(table.columns, *table.rows, strict=True)
    turned = table._replace(columns=first, rows=tuple(others))
    if column_shares(table, _PAGE_LETTERS)[1] < _SMALLEST <= column_shares(turned, _PAGE_LETTERS)[1]:
        table = turned
    if column_shares(table, _PAGE_LETTERS)[1] >= _SMALLEST:
        _add_rows(file, table, language, numbers, across=1)
        return
    page = _turn(file)
    _add_rows(file, table, language, numbers, across=(page.page_width - page.left_margin - page.right_margin) / Cm(_PAGE_WIDTH))


def _is_across(file: Any) -> bool:
    page = file.sections[-1]
    return bool(page.page_width > page.page_height)


def _turn(file: Any) -> Any:
    """Let the next page be upright after one that is not, and the other way round; return it."""
    page = file.add_section()
    page.page_width, page.page_height = page.page_height, page.page_width
    return page


def _add_rows(file: Any, table: TextTable, language: str, numbers: dict[str, int], *, across: float) -> None:
    """Add a table that is `across` times as wide as the text on an upright page."""
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt

    _add_caption(file, "table", table.caption, language, numbers).paragraph_format.keep_with_next = True
    shares, smaller = column_shares(table, _PAGE_LETTERS * across)
    made = file.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Light Shading")
    made.autofit = False
    for column, share in zip(made.columns, shares, strict=True):
        column.width = Cm(_PAGE_WIDTH * across * share)
    for n, (row, cells) in enumerate(zip(made.rows, (table.columns, *table.rows), strict=True)):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        if not n:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for cell, column, words in zip(row.cells, made.columns, cells, strict=True):
            cell.width = column.width
            cell.paragraphs[0].add_run(words).font.size = Pt(round(9 * smaller, 1))
            cell.paragraphs[0].paragraph_format.space_after = Pt(2)
    file.add_paragraph().paragraph_format.space_after = Pt(0)


def _write_workbook(report: OfficeReport, target: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(target), {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": report.title, "created": report.made})
        wrapped = {"text_wrap": True, "valign": "top", "num_format": "@"}
        looks = {
            "cell": book.add_format({**wrapped, "border": 1, "border_color": theme.PALE}),
            "head": book.add_format({**wrapped, "bold": True, "bottom": 2}),
            "title": book.add_format({**wrapped, "bold": True, "font_size": 14}),
            "link": book.add_format({**wrapped, "font_color": theme.BLUE, "underline": 1, "border": 1, "border_color": theme.PALE}),
            "line": book.add_format({**wrapped, "font_color": theme.GREY}),
        }
        contents = book.add_worksheet(text("office.contents", report.language)[:_SHEET_NAME])
        rows = []
        for n, shown in enumerate((each for each in by_exhibit(report.parts) if each.table), start=1):
            table = shown.table or TextTable((), (), "")
            sheet = book.add_worksheet(_sheet_name(n, table.caption or shown.question))
            below = [shown.question, *shown.said.words.split("\n"), shown.caution]
            _write_sheet(sheet, report, table._replace(caption=table.caption or shown.question), looks, below)
            rows.append((sheet.name, shown.question, shown.said.words))
        headings = [text(key, report.language) for key in ("office.sheet", "table.asked", "office.finding")]
        _write_sheet(contents, report, TextTable(tuple(headings), tuple(rows), report.title), looks, ())
        for y, (name, _, _) in enumerate(rows, start=3):
            contents.write_url(y, 0, f"internal:'{name}'!A1", looks["link"], name)


def _write_sheet(sheet: Any, report: OfficeReport, table: TextTable, looks: Mapping[str, Any], below: Sequence[str]) -> None:
    """Write a table under its caption and whom it is about, with words below it; nothing in it is a number or a date for the program that opens it."""
    wide = [min(max(len(line) for row in (table.columns, *table.rows) for line in row[n].split("\n")), _WIDEST) + 3 for n in range(len(table.columns))]
    wide += [9] * ceil(max(90 - sum(wide), 0) / 9)
    for x, letters in enumerate(wide):
        sheet.set_column(x, x, letters)

    def write(y: int, words: str, look: str, size: float = 1) -> None:
        sheet.merge_range(y, 0, y, len(wide) - 1, words, looks[look])
        sheet.set_row(y, 15 * size * ceil(len(words) * size / sum(wide)))

    about = " · ".join(filter(None, (report.about, *report.labels)))
    write(0, table.caption, "title", 1.3)
    write(1, about, "line")
    for y, cells in enumerate((table.columns, *table.rows), start=2):
        for x, words in enumerate(cells):
            sheet.write_string(y, x, words, looks["cell" if y > 2 else "head"])
        lines = [sum(ceil((len(line) or 1) / (wide[x] - 1)) for line in words.split("\n")) for x, words in enumerate(cells)]
        sheet.set_row(y, 15 * max(lines, default=1))
    for y, words in enumerate(filter(None, below), start=len(table.rows) + 4):
        write(y, words, "line")
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    head = " · ".join(filter(None, (report.title, *report.labels))).replace("&", "&&")
    sheet.set_header(f"&L&8{head[:240]}")
    sheet.set_footer("&R&8&P / &N")


def _sheet_name(n: int, caption: str) -> str:
    """Return a name that a sheet may have, unique by its number and cut between words."""
    words = re.sub(r"[\[\]:*?/\\']", "", f"{n} {caption}")
    return words if len(words) <= _SHEET_NAME else words[: _SHEET_NAME + 1].rsplit(" ", 1)[0].rstrip(" ,;(–-")[:_SHEET_NAME]
