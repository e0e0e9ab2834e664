"""What a notebook or an exhibit shows, in plain form: headings, sentences, pictures and tables, for files that are not HTML."""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ikut_eval.contract.html import PLAIN, PLOTLY
from ikut_eval.contract.locale import text

HIDDEN = frozenset({"editor", "injected-parameters", "parameters"})
"""Tags of cells that no report shows."""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = {"p": "", "pre": "", "dt": "", "dd": "", "li": "bullet"}
_UNSEEN = ("script", "style", "svg", "summary")
_NOT_IN_XML = re.compile("\x1b\\[[0-9;]*m|[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Colours of a terminal, and characters that no XML may hold."""
_ONE_COHORT = 2
"""Columns of a table of one cohort: a question, and a figure."""
_LETTERS_OF_FINDING, _LONGEST_FINDING = 150, 240
"""Letters of a heading to which a further sentence is added only if it fits, and of the longest one."""


class Heading(NamedTuple):
    """A heading: of the whole at level 1, of a question at level 2."""

    words: str
    level: int = 2


class Paragraph(NamedTuple):
    """A paragraph; its kind is "", "bullet" or "caution"."""

    words: str
    kind: str = ""


class Finding(NamedTuple):
    """What an exhibit says: a sentence each line, and the words before them, or ""."""

    lines: tuple[str, ...]
    intro: str = ""

    @property
    def words(self) -> str:
        """All that is said, a line each."""
        return "\n".join(filter(None, (self.intro, *self.lines)))

    def parted(self) -> tuple[str, tuple[str, ...]]:
        """Return a heading, and what remains to be said line by line: the first sentences of one line; "" and everything where there are several lines."""
        whole = tuple(line for words in (self.intro, *self.lines) for line in words.split("\n") if line)
        if len(self.lines) != 1:
            return "", whole
        first, *others = re.split(r"(?<=[.!?]) (?=[^\W\d_]*[A-ZÅÄÖ])", " ".join(whole))
        while others and len(first) + len(others[0]) < _LETTERS_OF_FINDING:
            first = f"{first} {others.pop(0)}"
        return (first, (" ".join(others),) if others else ()) if len(first) <= _LONGEST_FINDING else ("", whole)


class Picture(NamedTuple):
    """A picture of kind "svg", "png" or "jpeg", what it shows in words, and its caption."""

    content: bytes
    kind: str
    alternative: str
    caption: str


class TextTable(NamedTuple):
    """A table as text; `beside` where it is the cohorts side by side, shown in the place of a picture: what it says is also in the table after it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    beside: bool = False


Part = Heading | Paragraph | Finding | Picture | TextTable


def parts_of_notebook(notebook: Mapping[str, Any], language: str) -> list[Part]:
    """Return what the report of an executed notebook shows, in its order."""
    parts: list[Part] = []
    for cell in notebook["cells"]:
        if HIDDEN & set(cell["metadata"].get("tags", ())):
            continue
        if cell["cell_type"] == "markdown":
            parts += _of_markdown("".join(cell["source"]))
        for output in cell.get("outputs", ()):
            parts += parts_of_output(output, language)
    return parts


def parts_of_output(output: Mapping[str, Any], language: str) -> list[Part]:
    """Return what an output of a cell shows; of a figure that is no picture yet, in words, where it is to be seen."""
    data: dict[str, Any] = {kind: "".join(shown) if isinstance(shown, list) else shown for kind, shown in output.get("data", {}).items()}
    own = text("dash.own_figure", language)
    match output.get("output_type", "display_data"):
        case "stream":
            return _paragraphs("".join(output["text"]))
        case "error":
            return []
    if PLAIN in data:
        return list(_of_exhibit(data[PLAIN], data.get("image/svg+xml", "")))
    if "image/svg+xml" in data:
        return [Picture(data["image/svg+xml"].encode(), "svg", own, own)]
    for kind in ("png", "jpeg"):
        if f"image/{kind}" in data:
            return [Picture(base64.b64decode(data[f"image/{kind}"]), kind, own, own)]
    if PLOTLY in data:
        return [Paragraph(text("office.own_figure", language))]
    if "text/html" in data:
        return _of_html(data["text/html"])
    return _of_markdown(data["text/markdown"]) if "text/markdown" in data else _paragraphs(data.get("text/plain", ""))


def _of_exhibit(plain: Mapping[str, Any], svg: str) -> Iterator[Part]:
    """Give the parts that an output of an exhibit has of itself; of one that is a whole page, its table after what stands under its own heading."""
    own, *others = plain.get("told", [None])
    if own:
        yield from (Heading(own[0]), Finding(_texts(own[1])))
    if "lines" in plain:
        yield Finding(_texts(plain["lines"]), plain["intro"])
    if svg:
        yield Picture(svg.encode(), "svg", plain["alternative"], plain["caption"])
    if "columns" in plain:
        table = TextTable(_texts(plain["columns"]), tuple(map(_texts, plain["rows"])), plain["caption"])
        if "lines" in plain or (own and len(table.columns) > _ONE_COHORT):
            yield table._replace(beside=True)
        if "lines" not in plain:
            yield table
    if "caution" in plain:
        yield Paragraph(plain["caution"], "caution")
    for title, lines in others:
        yield from (Heading(title, 3), Finding(_texts(lines)))


def _texts(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(seemly, words))


def _of_markdown(source: str) -> list[Part]:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    return _of_html(markdown2html_mistune(source))


def _of_html(shown: str) -> list[Part]:
    from lxml import etree, html

    if not shown.strip():
        return []
    root = html.fragment_fromstring(seemly(shown), create_parent="div")
    etree.strip_elements(root, etree.Comment, *_UNSEEN, with_tail=False)
    for anchor in root.find_class("anchor-link"):  # which Markdown's headings carry
        anchor.drop_tree()
    return list(_walk(root))


def _walk(element: Any) -> Iterator[Part]:
    words = element.text_content().strip()
    if element.tag == "table":
        yield _table(element)
    elif not words:
        return
    elif element.tag in _HEADINGS:
        yield Heading(words, _HEADINGS[element.tag])
    elif element.tag in _BLOCKS or not any(inner.tag in (*_HEADINGS, *_BLOCKS, "table") for inner in element.iterdescendants()):
        yield Paragraph(words, _BLOCKS.get(element.tag, ""))
    else:
        yield from _paragraphs(element.text or "")
        for inner in element:
            yield from _walk(inner)
            yield from _paragraphs(inner.tail or "")


def _table(element: Any) -> TextTable:
    """Return a table of HTML: its first row is its heading; a cell over several rows or columns stands in each of them."""
    cells: dict[tuple[int, int], str] = {}
    for y, row in enumerate(element.iter("tr")):
        x = 0
        for cell in (inner for inner in row if inner.tag in ("th", "td")):
            while (y, x) in cells:
                x += 1
            over = [int(cell.get(name)) if cell.get(name, "").isdigit() else 1 for name in ("rowspan", "colspan")]
            cells |= {(y + down, x + right): cell.text_content().strip() for down in range(over[0]) for right in range(over[1])}
    high, wide = (max((place[n] for place in cells), default=0) + 1 for n in (0, 1))
    first, *others = (tuple(cells.get((y, x), "") for x in range(wide)) for y in range(high))
    caption = element.find("caption")
    return TextTable(first, tuple(others), "" if caption is None else caption.text_content().strip())


def _paragraphs(words: str) -> list[Part]:
    return [Paragraph(seemly(words).strip())] if words.strip() else []


def seemly(words: str) -> str:
    """Return words without characters that no document may hold."""
    return _NOT_IN_XML.sub("", words)


class ShownTogether(NamedTuple):
    """What belongs together under a question: what is said, its picture or the cohorts side by side, its table, and its caution."""

    question: str
    said: Finding = Finding(())
    picture: Picture | None = None
    beside: TextTable | None = None
    table: TextTable | None = None
    caution: str = ""


def by_exhibit(parts: Sequence[Part]) -> Iterator[ShownTogether]:
    """Give what belongs together; the question is "" before the first heading below the title. Paragraphs that follow each other are said together."""
    question, open_now, prose = "", None, False
    for part in parts:
        goes_on = (
            open_now is not None
            and {
                Heading: False,
                Finding: False,
                Paragraph: isinstance(part, Paragraph) and (prose or part.kind == "caution"),
                Picture: open_now.picture is None and open_now.table is None and not prose,
                TextTable: open_now.table is None and not prose,
            }[type(part)]
        )
        if open_now is not None and not goes_on:
            yield open_now
            open_now = None
        now = open_now or ShownTogether(question)
        prose = isinstance(part, Paragraph) and part.kind != "caution"
        match part:
            case Heading(words, level):
                question = words if level > 1 else ""
            case Paragraph(words, "caution"):
                yield now._replace(caution=words)
                open_now = None
            case Paragraph(words):
                open_now = now._replace(said=Finding((*now.said.lines, words)))
            case Finding():
                open_now = now._replace(said=part)
            case Picture():
                open_now = now._replace(picture=part)
            case TextTable(beside=True):
                open_now = now._replace(beside=part)
            case TextTable():
                open_now = now._replace(table=part)
    if open_now is not None:
        yield open_now
