"use strict";
for (const figure of document.querySelectorAll("figure.chart")) {
  const drawn = JSON.parse(figure.querySelector("script").textContent);
  const place = document.createElement("div");
  place.setAttribute("aria-hidden", "true");
  figure.append(place);
  Plotly.newPlot(place, drawn.data, drawn.layout, drawn.config);
}
const tables = document.querySelectorAll("details");
addEventListener("beforeprint", () => tables.forEach((table) => { table.open = true; }));
document.documentElement.dataset.drawn = "true";
