/* A page: what was chosen stays in its address, tables and pictures are saved, and print shows every table. */
const root = document.documentElement;

/* In the place of a page that is not there: ask for it again and again, and show it when it has come. */
function askAgain() {
  const missing = 503;
  const later = () => setTimeout(ask, 1000 * root.dataset.again);
  const ask = async () => {
    const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (answer && answer.status !== missing) location.reload();
    else later();
  };
  later();
}

function startPage() {
  const settings = JSON.parse(document.getElementById("page").textContent);
  const form = document.querySelector("form.controls");
  const status = document.getElementById("said");
  const main = document.getElementById("content");
  const NARROW = 520; // pixels: below, a page opens with what is short
  const SHARP = 2; // pixels of a saved picture for one of the screen
  const seen = (element) => element.getClientRects().length > 0;

  /* The address holds what is not as at first, other pages' choices too. Every choice of a reader is a step that Back takes back. */
  const first = (name) => {
    const [button] = offered(form, name);
    return (innerWidth < NARROW && button.closest("fieldset").dataset.narrow) || button.value;
  };
  const inAddress = () => new URLSearchParams(location.hash.slice(1));
  const wanted = () => Object.fromEntries(namesIn(form).map((name) => {
    const value = inAddress().get(name);
    return [name, offered(form, name).some((button) => button.value === value) ? value : first(name)];
  }));
  const linked = () => {
    for (const link of document.querySelectorAll("header a")) link.hash = location.hash;
  };
  function keep(chosen) {
    const all = inAddress();
    for (const [name, value] of Object.entries(chosen)) {
      if (value === first(name)) all.delete(name);
      else all.set(name, value);
    }
    history.pushState(null, "", all.size ? `#${all}` : location.pathname + location.search);
    linked();
  }
  const fromAddress = () => {
    if (document.getElementById(location.hash.slice(1))) return;
    form?.dispatchEvent(new CustomEvent("choose", { detail: wanted() }));
    linked();
  };
  if (form) {
    choose(form, wanted());
    followed(form, "body").addEventListener("chosen", ({ detail: { chosen, byReader } }) => {
      if (!byReader) return;
      keep(chosen);
      const changed = [...main.querySelectorAll(".state .said")].find(seen);
      status.textContent = `${settings.words.changed} ${changed?.textContent ?? ""}`;
    });
  }
  linked();
  addEventListener("popstate", fromAddress);
  document.querySelector("a.skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address holds what was chosen
    main.focus();
  });

  /* What a file says of itself: what was chosen ("Time: after 6 months"), of which data and day it is, for whom, and that people are invented where they are. */
  const headingOf = (section) => (section.querySelector("h2") ?? document.querySelector("h1")).textContent;
  const choices = (section) => (form ? namesIn(form) : []).filter((name) => section.querySelector(`[data-if-${name}]`));
  const button = (name) => offered(form, name).find((each) => each.checked);
  const chosenWords = (section) => choices(section).map((name) => `${button(name).closest("fieldset").firstElementChild.textContent}: ${button(name).parentElement.textContent.trim()}`);
  const about = (section) => [...chosenWords(section), settings.about, ...settings.marks].filter(Boolean);
  const fileName = (section, kind) => `ikut-${root.dataset.page}-${[section.id, ...choices(section).map((name) => button(name).value)].join("-")}.${root.lang}.${kind}`;

  function save(content, type, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
    status.textContent = `${settings.words.saved} ${name}`;
  }

  /* In some language a spreadsheet takes these for a date or a formula: a no-break space keeps the whole column text, so that no sum leaves out a part of it. */
  const MISREAD = /^[=+@-]|^\d{1,2}[./-]\d{1,2}$/;
  const asText = (rows) => {
    const misread = rows[0].map((_, column) => rows.some((row) => MISREAD.test(row[column])));
    return rows.map((row) => row.map((cell, column) => (misread[column] && /^[=+@\d-]/.test(cell) ? `\u00a0${cell}` : cell)));
  };

  function saveTable(section) {
    const table = [...section.querySelectorAll("details.data")].find(seen).querySelector("table");
    const mark = settings.words.separator;
    const field = (cell) => (/["\r\n]/.test(cell) || cell.includes(mark) ? `"${cell.replaceAll('"', '""')}"` : cell);
    const head = [settings.title, headingOf(section), table.caption.textContent, ...about(section), ""].map((words) => [words]);
    const rows = [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent));
    const lines = [...head, ...asText(rows)].map((cells) => cells.map(field).join(mark));
    save(`\ufeff${lines.join("\r\n")}\r\n`, "text/csv;charset=utf-8", fileName(section, "csv"));
  }

  /* The section as it stands on the screen, in light colours, with what a file says of itself: drawn by the browser from a copy within an SVG. */
  function copyOf(section) {
    const marks = [...section.querySelectorAll("*")];
    const copy = section.cloneNode(true);
    [...copy.querySelectorAll("*")].forEach((element, n) => {
      if (element.matches(".state") ? !seen(marks[n]) : element.matches("details, script")) element.remove();
    });
    for (const words of [settings.title, ...about(section)].reverse()) {
      const line = document.createElement("p");
      line.className = "kicker";
      line.textContent = words;
      copy.prepend(line);
    }
    if (!copy.querySelector("h2")) copy.prepend(document.querySelector("h1").cloneNode(true));
    return copy;
  }

  async function savePicture(section) {
    const copy = copyOf(section);
    const width = Math.ceil(section.getBoundingClientRect().width);
    copy.style.cssText = `position: absolute; visibility: hidden; margin: 0; width: ${width}px`;
    main.append(copy);
    const height = Math.ceil(copy.getBoundingClientRect().height);
    copy.remove();
    copy.style.cssText = `margin: 0; width: ${width}px`;
    const style = document.createElement("style");
    style.textContent = [...document.querySelectorAll("head style")].map((each) => each.textContent).join("\n").replace(/@media \(prefers-color-scheme: dark\) \{[^]*?\n\}/g, "").replace("color-scheme: light dark", "color-scheme: only light");
    const body = document.createElement("body");
    body.append(style, document.querySelector("svg.symbols").cloneNode(true), copy);
    const written = new XMLSerializer().serializeToString(body);
    const margin = 16;
    const [wide, high] = [width + 2 * margin, height + 2 * margin];
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}"><rect width="100%" height="100%" fill="white"/><foreignObject x="${margin}" y="${margin}" width="${width}" height="${height}">${written}</foreignObject></svg>`;
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: SHARP * wide, height: SHARP * high });
    const pen = canvas.getContext("2d");
    pen.scale(SHARP, SHARP);
    pen.drawImage(image, 0, 0);
    try {
      canvas.toBlob((content) => save(content, "image/png", fileName(section, "png")), "image/png");
    } catch { // a browser that does not let go of such a picture
      save(svg, "image/svg+xml", fileName(section, "svg"));
    }
  }

  main.addEventListener("click", (event) => {
    const kind = event.target.closest("button[data-save]")?.dataset.save;
    if (kind) ({ csv: saveTable, png: savePicture })[kind](event.target.closest("section"));
  });

  /* Print: every table open, and the mark of invented people on every sheet. */
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.data:not([open])")];
    for (const table of opened) table.open = true;
  });
  addEventListener("afterprint", () => {
    for (const table of opened) table.open = false;
  });
  if (settings.mark) {
    const everySheet = document.createElement("style");
    everySheet.textContent = `@page { @top-right { content: ${JSON.stringify(settings.mark)}; font: 8pt sans-serif; } }`;
    document.body.append(everySheet);
  }

  /* Figures of plotly that an evaluator's own cells show. */
  async function drawOwn() {
    const figures = [...document.querySelectorAll("figure.own-figure")];
    if (figures.length && !window.Plotly) return;
    for (const place of figures) {
      const { data, layout } = JSON.parse(place.querySelector("script").textContent);
      await Plotly.newPlot(place, data, layout, { displayModeBar: false, responsive: true });
    }
  }

  root.dataset.script = "true";
  drawOwn().then(() => (root.dataset.drawn = "true"));
}

if (root.dataset.again) askAgain();
else if (document.getElementById("page")) startPage();
