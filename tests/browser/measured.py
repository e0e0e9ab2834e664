"""What is wrong with how a finished page looks, measured in the browser: words that overlap or are cut, and words that are too pale."""

from typing import Any

from playwright.sync_api import Page

_MEASURE = """() => {
  const found = { overlaps: [], cut: [], pale: [] };
  const seen = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden" && !e.closest(".quiet, [hidden]");
  const worded = (selector, root) => [...root.querySelectorAll(selector)].filter((e) => seen(e) && e.textContent.trim());
  const boxes = (selector, root = document) => worded(selector, root).map((e) => [e, e.getBoundingClientRect()]);
  const told = (e) => e.textContent.trim().replace(/\\s+/g, " ").slice(0, 40);
  const across = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2.5;
  for (const figure of document.querySelectorAll("figure.chart, .spine svg, .summary svg")) {
    const words = boxes("text", figure), own = figure.getBoundingClientRect();
    words.forEach(([e, box], n) => {
      if (box.left < own.left - 1.5 || box.right > own.right + 1.5 || box.top < own.top - 2 || box.bottom > own.bottom + 2) found.cut.push(told(e));
      for (const [other, rest] of words.slice(n + 1)) if (across(box, rest)) found.overlaps.push(`${told(e)} / ${told(other)}`);
    });
  }
  /* Words of pages and tables: the boxes of their lines. */
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const lines = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement;
    if (!node.textContent.trim() || e.closest("script, style, svg, .skip, option") || !seen(e)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter((box) => box.width > 1);
    lines.push([e, rects]);
    const cell = e.closest("td, th"), scrolls = e.closest(".table");
    for (const box of rects) {
      if (!scrolls && (box.right > innerWidth + 1 || box.left < -1)) found.cut.push(told(e));
      if (cell && getComputedStyle(cell).display !== "contents") {
        const own = cell.getBoundingClientRect();
        if (box.right > own.right + 1.5 || box.left < own.left - 1.5 || box.bottom > own.bottom + 2) found.overlaps.push(`${told(e)} out of its cell`);
      }
    }
  }
  for (const block of document.querySelectorAll("table, .summary, .facts, header")) {
    const inside = lines.filter(([e]) => block.contains(e)).flatMap(([e, rects]) => rects.map((box) => [e, box]));
    inside.forEach(([e, box], n) => {
      for (const [other, rest] of inside.slice(n + 1, n + 40)) if (e !== other && across(box, rest)) found.overlaps.push(`${told(e)} / ${told(other)}`);
    });
  }
  /* Contrast as WCAG computes it, on what lies behind the words. */
  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = (colour) => {
    const [r, g, b] = colour.map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parts(getComputedStyle(at).backgroundColor);
      if (a > 0.5) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  let least = 21;
  const check = (e, colour, ground) => {
    const ratio = contrast(parts(colour).slice(0, 3), ground);
    least = Math.min(least, ratio);
    if (ratio < 4.5) found.pale.push(`${told(e)} ${ratio.toFixed(2)}`);
  };
  for (const [e] of lines) check(e, getComputedStyle(e).color, behind(e));
  const drawn = boxes("figure.chart text:not(.bartext), .spine svg text, .summary svg text");
  for (const [e] of drawn) check(e, getComputedStyle(e).fill, behind(e.closest("figure, td, div")));
  for (const [e, box] of boxes("figure.chart text.bartext")) {
    const bar = e.parentElement.querySelector("path"), around = bar.getBoundingClientRect();
    const inside = box.top >= around.top - 2 && box.bottom <= around.bottom + 2;
    if (inside && (box.left < around.left - 2 || box.right > around.right + 2)) found.cut.push(`${told(e)} wider than its bar`);
    check(e, getComputedStyle(e).fill, inside ? parts(getComputedStyle(bar).fill).slice(0, 3) : behind(e.closest("figure")));
  }
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) found.cut.push(`the page is ${wide} wide`);
  return { ...Object.fromEntries(Object.entries(found).map(([kind, all]) => [kind, [...new Set(all)]])), least };
}"""

WIDTHS, COLOURS = (1280, 390), ("light", "dark")


def look(tab: Page, drawn: str) -> dict[str, Any]:
    """Return what is wrong with an open page in both widths and both colours, and the least contrast; `drawn` says when the figures are there."""
    wrong: dict[str, list[str]] = {"overlaps": [], "cut": [], "pale": []}
    least = 21.0
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 800})
        for colour in COLOURS:
            tab.emulate_media(color_scheme=colour)
            tab.wait_for_timeout(50)
            tab.wait_for_function(drawn)
            measured = tab.evaluate(_MEASURE)
            least = min(least, measured.pop("least"))
            for kind, words in measured.items():
                wrong[kind] += [f"{width} {colour}: {each}" for each in words]
    return {**wrong, "least": least}
