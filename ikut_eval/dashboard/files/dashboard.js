"use strict";
(() => {
  const root = document.documentElement;

  /* In the place of a page that is not there: ask for it again and again, and show it when it has come. */
  if (root.dataset.again) {
    const missing = 503;
    const ask = async () => {
      const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
      if (answer && answer.status !== missing) location.reload();
      else later();
    };
    const later = () => setTimeout(ask, 1000 * root.dataset.again);
    later();
    return;
  }

  const settings = JSON.parse(document.getElementById("page").textContent);
  const form = document.querySelector("form.controls");
  const status = document.getElementById("said");
  const NARROW = 520; // pixels: below, notes beside the rows give way to the table
  const PRINTED = 660; // pixels of an A4 page between its margins
  const LETTER = 7; // pixels of a letter in a chart's heading
  const LINE = 14; // pixels of a line of a row's name
  const NAMED = 112; // pixels for the names of rows where there is little room
  const SAVED = 900; // pixels of a saved image

  const sections = [...document.querySelectorAll("main > section:not(.own), main > section.own:has(figure)")].map((element) => {
    const held = element.querySelector("script.figures");
    const chart = element.querySelector("figure.chart");
    const by = element.dataset.by ? element.dataset.by.split(" ") : [];
    return { element, by, chart, figures: held ? JSON.parse(held.textContent) : {}, place: null, shown: "" };
  });

  /* What the reader has chosen: in the controls, and in the address, where other pages' choices are kept too. */
  let state = new URLSearchParams(location.hash.slice(1));
  const boxes = (name) => [...form.querySelectorAll(`input[name="${name}"]`)];
  const several = () => (form ? [...form.querySelectorAll("fieldset")].map((set) => set.dataset.control) : []);
  const single = () => (form ? [...form.querySelectorAll("select")] : []);
  const value = (name) => form?.elements[name]?.value ?? "";
  const cohorts = () => (several().includes("cohorts") ? boxes("cohorts").filter((box) => box.checked).map((box) => box.value) : null);

  const first = (select) => (innerWidth < NARROW && select.dataset.narrow) || select.options[0].value;

  function toControls() {
    for (const select of single()) {
      const wanted = state.get(select.name);
      const known = [...select.options].map((option) => option.value);
      select.value = known.includes(wanted) ? wanted : first(select);
    }
    for (const name of several()) {
      const wanted = state.get(name)?.split(",");
      const known = boxes(name).filter((box) => wanted?.includes(box.value));
      for (const box of boxes(name)) box.checked = known.length === 0 || known.includes(box);
    }
  }

  function toAddress() {
    for (const select of single()) {
      if (select.value !== first(select)) state.set(select.name, select.value);
      else state.delete(select.name);
    }
    for (const name of several()) {
      const chosen = boxes(name).filter((box) => box.checked);
      if (chosen.length < boxes(name).length) state.set(name, chosen.map((box) => box.value).join(","));
      else state.delete(name);
    }
    const said = state.toString().replaceAll("%2C", ",");
    if (said !== location.hash.slice(1)) history.replaceState(null, "", said ? `#${said}` : location.pathname + location.search);
    for (const link of document.querySelectorAll("header a")) link.hash = said;
  }

  /* Words and tables: those of the chosen panel, of the chosen cohorts; a question that has nothing of what was chosen is not shown. */
  function panelOf(section) {
    const wanted = section.by.map(value);
    const all = [...section.element.querySelectorAll("[data-panel]")].map((part) => part.dataset.panel);
    return all.find((panel) => panel.split("|").every((part, n) => !wanted[n] || part === wanted[n])) ?? null;
  }

  function showWords(section, panel, chosen) {
    for (const part of section.element.querySelectorAll("[data-panel]")) part.hidden = part.dataset.panel !== panel;
    for (const part of section.element.querySelectorAll("[data-cohort]")) part.hidden = chosen !== null && !chosen.includes(part.dataset.cohort);
  }

  const visible = (section, selector) => [...section.element.querySelectorAll(selector)].filter((part) => !part.closest("[hidden]"));
  const words = (section) => visible(section, ".said .sentence").flatMap((part) => (part.tagName === "UL" ? [...part.children].filter((line) => !line.hidden) : [part])).map((part) => part.textContent);

  /* Figures: a copy of the chosen one, with only the rows of the chosen cohorts. */
  function chosenFigure(section, panel) {
    const views = section.figures[panel] ?? {};
    return views[value("view")] ?? Object.values(views)[0] ?? null;
  }

  function merged(base, own) {
    if (own === undefined) return structuredClone(base);
    if (base === null || own === null || typeof base !== "object" || typeof own !== "object" || Array.isArray(own)) return structuredClone(own);
    return Object.fromEntries([...new Set([...Object.keys(base), ...Object.keys(own)])].map((name) => [name, merged(base[name], own[name])]));
  }

  function onlyRows(figure, chosen) {
    const rows = figure.layout.meta?.rows;
    if (!rows || chosen === null) return;
    const kept = rows.map((cohort, row) => (cohort === "" || chosen.includes(cohort) ? row : -1)).filter((row) => row >= 0);
    const place = (y) => (y === null ? null : kept.indexOf(Math.round(y)) + (y - Math.round(y)));
    const stays = (y) => y === null || kept.includes(Math.round(y));
    for (const trace of figure.data) {
      const old = trace.y;
      const marker = trace.marker ?? {};
      for (const holder of [trace, marker, trace.textfont ?? {}, marker.line ?? {}, marker.pattern ?? {}])
        for (const [name, values] of Object.entries(holder))
          if (Array.isArray(values) && values.length === old.length) holder[name] = values.filter((_, n) => stays(old[n]));
      trace.y = old.filter(stays).map(place);
    }
    const layout = figure.layout;
    layout.annotations = (layout.annotations ?? []).filter((note) => note.yref === "paper" || stays(note.y)).map((note) => (note.yref === "paper" ? note : { ...note, y: place(note.y) }));
    layout.yaxis.ticktext = kept.map((row) => layout.yaxis.ticktext[row]);
    layout.yaxis.tickvals = kept.map((_, row) => row);
    layout.yaxis.range = [kept.length - 0.4, -0.6];
    layout.height -= (rows.length - kept.length) * settings.rowHeight;
  }

  /* A dashed line between two cohorts whose trainings differed by design. */
  function divided(figure, chosen) {
    const rows = figure.layout.meta?.rows?.filter((cohort) => cohort === "" || chosen === null || chosen.includes(cohort)) ?? [];
    const design = (cohort) => settings.designs[cohort];
    const changes = rows.flatMap((cohort, row) => (row && design(cohort) && design(rows[row - 1]) && design(cohort) !== design(rows[row - 1]) ? [row - 0.5] : []));
    const line = { type: "line", xref: "paper", x0: 0, x1: 1, line: { color: "#6B7280", width: 1.5, dash: "dash" } };
    figure.layout.shapes = [...(figure.layout.shapes ?? []), ...changes.map((y) => ({ ...line, y0: y, y1: y }))];
  }

  function narrowed(figure, width) {
    if (width >= NARROW) return;
    const layout = figure.layout;
    const beside = (note) => note.xref === "paper" && note.x === 1;
    if (layout.annotations?.some(beside)) layout.margin = { ...layout.margin, r: 16 };
    layout.annotations = (layout.annotations ?? []).filter((note) => !beside(note));
    const names = (layout.meta?.short ?? layout.yaxis.ticktext ?? []).map((label) => (label.includes("<br>") ? [label] : broken(label, NAMED)));
    if (names.length) layout.yaxis.ticktext = names.map((lines) => lines.join("<br>"));
    layout.height += LINE * names.length * Math.max(0, ...names.map((lines) => lines.length - 2));
    smaller(figure.data, layout, width);
    layout.font = { ...layout.font, size: 12 };
  }

  /* Marks of people that do not cover each other. */
  function smaller(traces, layout, width) {
    if (layout.xaxis?.visible !== false) return;
    const letters = Math.max(0, ...(layout.yaxis.ticktext ?? []).flatMap((label) => label.split("<br>").map((line) => line.length)));
    const room = (width - letters * LETTER - 24) / (layout.xaxis.range[1] - layout.xaxis.range[0]);
    for (const { mode, marker } of traces)
      if (mode === "markers") {
        marker.size = Math.max(4, Math.min(marker.size, room - 3));
        if (marker.size < 9) marker.line.width = 1.5;
      }
  }

  function prepared(section, figure, width) {
    const drawn = { data: structuredClone(figure.data), layout: merged(settings.layout, figure.layout) };
    drawn.layout.annotations = (drawn.layout.annotations ?? []).map((note) => ({ showarrow: false, ...note }));
    onlyRows(drawn, cohorts());
    divided(drawn, cohorts());
    narrowed(drawn, width);
    return drawn;
  }

  async function draw(section, panel) {
    const figure = chosenFigure(section, panel);
    section.chart.hidden = figure === null;
    if (figure === null) return;
    if (words(section).length) {
      section.chart.setAttribute("aria-label", words(section).join(" "));
      section.chart.removeAttribute("aria-labelledby");
    }
    if (!section.place) {
      section.place = document.createElement("div");
      section.place.setAttribute("aria-hidden", "true");
      section.chart.append(section.place);
    }
    const { data, layout } = prepared(section, figure, section.chart.clientWidth);
    await Plotly.react(section.place, data, layout, { displayModeBar: false, responsive: true });
  }

  let round = 0;
  async function show({ announce = false, redraw = false } = {}) {
    const own = ++round;
    root.dataset.drawn = "false";
    const chosen = cohorts();
    const changed = [];
    for (const section of sections) {
      const panel = panelOf(section);
      const key = JSON.stringify([panel, value("view"), chosen]);
      if (section.shown === key && !redraw) continue;
      section.shown = key;
      section.element.hidden = panel === null;
      if (panel === null) continue;
      showWords(section, panel, chosen);
      changed.push([section, panel]);
    }
    toAddress();
    if (announce && changed.length) status.textContent = `${settings.words.changed} ${words(changed[0][0]).join(" ")}`;
    for (const [section, panel] of changed) {
      if (section.chart) await draw(section, panel);
      if (own !== round) return;
    }
    root.dataset.drawn = "true";
  }

  form?.addEventListener("change", (event) => {
    const box = event.target;
    if (box.type === "checkbox" && boxes(box.name).every((each) => !each.checked)) {
      box.checked = true;
      status.textContent = settings.words.nothing_chosen;
      return;
    }
    show({ announce: true });
  });
  form?.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => {
    if (document.getElementById(location.hash.slice(1))) return;
    state = new URLSearchParams(location.hash.slice(1));
    toControls();
    show();
  });
  document.querySelector("a.skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address holds what was chosen
    document.getElementById("content").focus();
  });

  /* Downloads: exactly what is shown. */
  function save(content, type, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
    status.textContent = `${settings.words.saved} ${name}`;
  }

  const headingOf = (section) => (section.element.querySelector("h2") ?? document.querySelector("h1")).textContent;
  const fileName = (section, kind) => {
    const choices = [...section.by.map(value), ...(cohorts() ?? [])].filter(Boolean).join("-");
    return `ikut-${root.dataset.page}-${section.element.id}${choices ? `-${choices}` : ""}.${root.lang}.${kind}`;
  };

  /* What has been chosen, a line a choice: "Time: after 6 months". */
  function chosenWords(section) {
    const selects = single().filter((select) => section.by.includes(select.name)).map((select) => [select.labels[0], [select.selectedOptions[0]]]);
    const sets = several().map((name) => [boxes(name)[0].closest("fieldset").firstElementChild, boxes(name).filter((box) => box.checked).map((box) => box.parentElement)]);
    return [...selects, ...sets].map(([label, chosen]) => `${label.textContent}: ${chosen.map((each) => each.textContent.trim()).join(", ")}`);
  }

  /* What a file says of itself: what it is of, of which day, for whom, and that the people are invented where they are. */
  const aboutFile = (section) => [...chosenWords(section), settings.about, ...settings.marks].filter(Boolean);

  /* In some language a spreadsheet takes these for a date or a formula: a no-break space keeps the whole column text, so that no sum leaves out a part of it. */
  const MISREAD = /^[=+@-]|^\d{1,2}[./-]\d{1,2}$/;
  const kept = (rows) => {
    const text = rows[0].map((_, column) => rows.some((row) => MISREAD.test(row[column])));
    return rows.map((row) => row.map((cell, column) => (text[column] && /^[=+@\d-]/.test(cell) ? `\u00a0${cell}` : cell)));
  };

  function saveTable(section) {
    const table = visible(section, "details.data")[0].querySelector("table");
    const mark = settings.words.separator;
    const field = (cell) => (/["\r\n]/.test(cell) || cell.includes(mark) ? `"${cell.replaceAll('"', '""')}"` : cell);
    const titles = [settings.title, headingOf(section), table.caption.textContent];
    const head = [...titles, ...aboutFile(section), ""].map((words) => [words]);
    const rows = [...table.rows].filter((row) => !row.hidden).map((row) => [...row.cells].map((cell) => cell.textContent));
    const lines = [...head, ...kept(rows)].map((cells) => cells.map(field).join(mark));
    save(`\ufeff${lines.join("\r\n")}\r\n`, "text/csv;charset=utf-8", fileName(section, "csv"));
  }

  function broken(heading, width) {
    const lines = [""];
    for (const word of heading.split(" ")) {
      if ((lines.at(-1).length + word.length) * LETTER > width && lines.at(-1)) lines.push("");
      lines.push(`${lines.pop()} ${word}`.trim());
    }
    return lines;
  }

  async function saveImage(section, format) {
    const { data, layout } = prepared(section, chosenFigure(section, panelOf(section)), SAVED);
    const lines = [headingOf(section), ...words(section), ...aboutFile(section)].flatMap((line) => broken(line, SAVED));
    const escaped = lines.map((line) => line.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
    const room = 20 + 18 * lines.length;
    layout.title = { text: escaped.join("<br>"), x: 0.01, xanchor: "left", yref: "container", y: 1, yanchor: "top", pad: { t: 10 }, font: { size: 13 } };
    layout.margin = { ...layout.margin, t: (layout.margin.t ?? 0) + room };
    layout.height += room;
    const address = await Plotly.toImage({ data, layout }, { format, width: SAVED, height: layout.height, scale: format === "png" ? 2 : 1 });
    const coded = address.slice(address.indexOf(",") + 1);
    const content = format === "png" ? Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0)) : decodeURIComponent(coded);
    save(content, format === "png" ? "image/png" : "image/svg+xml", fileName(section, format));
  }

  for (const section of sections)
    section.element.querySelector(".downloads")?.addEventListener("click", (event) => {
      const kind = event.target.closest("button")?.dataset.save;
      if (kind === "csv") saveTable(section);
      else if (kind) saveImage(section, kind);
    });

  /* Print: every table open, figures as wide as the paper. */
  let opened = [];
  const each = (change) => sections.filter((section) => section.place && !section.chart.hidden).forEach((section) => Plotly.relayout(section.place, change));
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.data:not([open])")];
    for (const table of opened) table.open = true;
    each({ autosize: false, width: PRINTED });
  });
  addEventListener("afterprint", () => {
    for (const table of opened) table.open = false;
    each({ autosize: true, width: null });
  });
  if (settings.mark) {
    const everyPage = document.createElement("style");
    everyPage.textContent = `@page { @top-right { content: ${JSON.stringify(settings.mark)}; font: 8pt sans-serif; } }`;
    document.head.append(everyPage);
  }

  let wide = innerWidth >= NARROW;
  addEventListener("resize", () => {
    if (innerWidth >= NARROW === wide) return;
    wide = !wide;
    show({ redraw: true });
  });

  root.dataset.script = "true";
  toControls();
  show();
})();
