"use strict";
const PRINTED_WIDTH = 660; // of an A4 page between its margins
const NARROW = 520; // pixels: below, names of rows are broken into short lines and long notes beside them are left to the table
const NAMED = 17, NOTED = 9; // letters of a line of a name, and of a note, where there is little room
const APART = 3, LINE = 18; // pixels between two labels, and of a line of a title

function broken(label) {
  const lines = [""];
  for (const word of label.replaceAll("<br>", " ").split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length >= NAMED) lines.push("");
    lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines.join("<br>");
}

/* A figure as wide as its place: what is written for a wide one is broken for a narrow one. */
function prepared(drawn, width) {
  const { data, layout } = structuredClone({ data: drawn.data, layout: drawn.layout });
  Object.assign(layout, { width, autosize: false });
  if (width >= NARROW) return { data, layout };
  const beside = (note) => note.xref === "paper" && note.x === 1;
  const notes = layout.annotations ?? [];
  if (notes.some((note) => beside(note) && note.text.length > NOTED)) {
    layout.annotations = notes.filter((note) => !beside(note));
    layout.margin = { ...layout.margin, r: 16 };
  }
  if (layout.yaxis?.ticktext) layout.yaxis.ticktext = layout.yaxis.ticktext.map(broken);
  if ((layout.xaxis?.ticktext ?? []).join("  ").length * 7 > width - 60) layout.xaxis.tickangle = -90;
  if (layout.xaxis?.title?.text) {
    layout.xaxis.title.text = broken(layout.xaxis.title.text);
    layout.height += LINE * (layout.xaxis.title.text.split("<br>").length - 1);
  }
  layout.font = { ...layout.font, size: 12 };
  for (const trace of data) {
    if (trace.type === "bar" && trace.textfont) trace.textfont.size = 10;
  }
  return { data, layout };
}

const boxes = (place, selector) => [...place.querySelectorAll(selector)].map((label) => label.getBoundingClientRect());

/* How many times as high the rows must be for their names to stand apart. */
function crowded(place) {
  const names = boxes(place, ".ytick text").sort((a, b) => a.y - b.y);
  const needs = names.slice(1).map((name, n) => {
    const before = names[n];
    const gap = name.y + name.height / 2 - before.y - before.height / 2;
    return gap > 0 ? ((name.height + before.height) / 2 + APART) / gap : 1;
  });
  return Math.max(1, ...needs);
}

/* Marks of people that do not cover each other. */
async function apart(place) {
  const { xaxis } = place.layout;
  if (xaxis.visible !== false) return;
  const room = place._fullLayout._size.w / (xaxis.range[1] - xaxis.range[0]) - 3;
  const sizes = place.data.map(({ marker }) => Math.max(4, Math.min(marker.size, room)));
  await Plotly.restyle(place, { "marker.size": sizes, "marker.line.width": sizes.map((size) => (size < 9 ? 1 : 2.5)) });
}

async function settled(place) {
  for (let round = 0; round < 3; round += 1) {
    const { height, margin } = place.layout, size = place._fullLayout._size;
    const higher = crowded(place), beyond = Math.max(0, ...boxes(place, ".annotation text, .bartext").map((box) => box.right - place.getBoundingClientRect().right + 4));
    if (higher <= 1.001 && beyond <= 0) return;
    await Plotly.relayout(place, { height: Math.ceil(height + (higher - 1) * size.h), "margin.r": (margin.r ?? 24) + Math.ceil(beyond) });
  }
}

async function draw(chart, width) {
  const { data, layout } = prepared(chart.drawn, width);
  await Plotly.react(chart.place, data, layout, { displayModeBar: false });
  await settled(chart.place);
  await apart(chart.place);
}

/* On paper a figure stands on one page with its heading and sentences, where they are no longer than a page. */
const PAGE = 1100; // pixels of a screen
function together(figure) {
  const before = [];
  for (let at = figure.previousElementSibling; at?.matches("h2, .sentence"); at = at.previousElementSibling) before.unshift(at);
  const all = document.createElement("div");
  figure.before(all);
  all.append(...before, figure);
  return all;
}

const fitting = (chart) => Math.min(PRINTED_WIDTH, chart.figure.clientWidth);
const charts = [];
for (const figure of document.querySelectorAll("figure.chart")) {
  const place = document.createElement("div");
  place.setAttribute("aria-hidden", "true");
  figure.append(place);
  charts.push({ figure, place, all: together(figure), drawn: JSON.parse(figure.querySelector("script").textContent) });
}
async function drawAll(width = fitting) {
  document.documentElement.dataset.drawn = "false";
  for (const chart of charts) {
    await draw(chart, width(chart));
    chart.all.classList.toggle("together", chart.all.offsetHeight <= PAGE);
  }
  document.documentElement.dataset.drawn = "true";
}
let wide = innerWidth;
addEventListener("resize", () => {
  if (innerWidth !== wide && charts.some((chart) => chart.place.clientWidth && fitting(chart) !== chart.place.layout.width)) drawAll();
  wide = innerWidth;
});
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const table of folded) table.open = true;
  if (charts.some((chart) => chart.place.layout.width !== PRINTED_WIDTH)) drawAll(() => PRINTED_WIDTH);
});
addEventListener("afterprint", () => {
  for (const table of folded) table.open = false;
  if (charts.some((chart) => chart.place.layout.width !== fitting(chart))) drawAll();
});
/* On every printed page: for whom it is, and that the people are invented where they are. */
const places = { ".confidential": "top-right", ".synthetic": "bottom-left" };
const everyPage = document.createElement("style");
for (const [kind, place] of Object.entries(places)) {
  const mark = document.querySelector(kind);
  if (mark) everyPage.textContent += `@page { @${place} { content: ${JSON.stringify(mark.textContent)}; } }`;
}
document.head.append(everyPage);
drawAll();
