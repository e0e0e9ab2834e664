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
const mark = document.querySelector(".synthetic");
if (mark) {
  const everyPage = document.createElement("style");
  everyPage.textContent = `@page { @top-right { content: ${JSON.stringify(mark.textContent)}; font: 8pt sans-serif; } }`;
  document.head.append(everyPage);
}
document.documentElement.dataset.drawn = "true";
