"use strict";
const PRINTED_WIDTH = 660; // of an A4 page between its margins
const charts = [];
for (const figure of document.querySelectorAll("figure.chart")) {
  const drawn = JSON.parse(figure.querySelector("script").textContent);
  const place = document.createElement("div");
  place.setAttribute("aria-hidden", "true");
  figure.append(place);
  Plotly.newPlot(place, drawn.data, drawn.layout, drawn.config);
  charts.push(place);
}
const tables = document.querySelectorAll("details");
addEventListener("beforeprint", () => {
  for (const table of tables) table.open = true;
  for (const chart of charts) Plotly.relayout(chart, { autosize: false, width: PRINTED_WIDTH });
});
addEventListener("afterprint", () => {
  for (const chart of charts) Plotly.relayout(chart, { autosize: true, width: null });
});
/* On every printed page: for whom it is, and that the people are invented where they are. */
const places = { ".confidential": "top-right", ".synthetic": "bottom-left" };
const everyPage = document.createElement("style");
for (const [kind, place] of Object.entries(places)) {
  const mark = document.querySelector(kind);
  if (mark) everyPage.textContent += `@page { @${place} { content: ${JSON.stringify(mark.textContent)}; } }`;
}
document.head.append(everyPage);
document.documentElement.dataset.drawn = "true";
