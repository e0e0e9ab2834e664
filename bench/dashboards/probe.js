// Runs in every page before its own scripts: keeps a log of the frames in which a whole state stood, and of changes.
// A state stands when its charts' marks, lines, bars and notes are in visible SVGs – on a page of ours, when each of its figures
// shows its rows with their words and marks – and its rows in visible tables, folded ones too; shadow roots are searched.
(expected) => {
  if (window.top !== window || window.dashboardProbe || location.protocol === "about:") return;
  // A server that is not ready may show a page that asks for itself again: times count from the reader's own navigation.
  const ORIGIN = "dashboardProbe.origin";
  const origin = Number(sessionStorage.getItem(ORIGIN)) || performance.timeOrigin;
  sessionStorage.setItem(ORIGIN, origin);
  const since = (at) => performance.timeOrigin + at - origin;
  const log = [];
  const events = [];
  const waiting = [];
  const words = (element) => element.textContent.replace(/\s+/g, " ").trim();

  function roots() {
    const found = [document];
    for (let n = 0; n < found.length; n += 1) {
      const walker = document.createTreeWalker(found[n], NodeFilter.SHOW_ELEMENT, (node) => (node.localName === "svg" ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
      for (let node = walker.nextNode(); node; node = walker.nextNode()) if (node.shadowRoot) found.push(node.shadowRoot);
    }
    return found;
  }

  const every = (all, selector) => all.flatMap((root) => [...root.querySelectorAll(selector)]);

  function look(chart) {
    const count = (selector) => chart.querySelectorAll(selector).length;
    const box = chart.querySelector(".main-svg")?.getBoundingClientRect();
    if (!box || box.width < 50 || box.height < 50) return null;
    const notes = [...chart.querySelectorAll(".infolayer .annotation")].map(words).filter(Boolean).sort();
    return JSON.stringify([...["path.point", "path.js-line", ".textpoint"].map((each) => count(`.scatterlayer ${each}`)), count(".barlayer .point path"), notes]);
  }

  // A figure of ours is HTML with a small SVG in each row. Its states stand side by side in the page: those that are not chosen are not seen.
  const MARKS = ['use[href="#mark-yes"]', 'use[href="#mark-unknown"]', 'use[href="#mark-no"]', "svg.hours rect", "svg.hours path.m-planned", "svg.band rect", "svg.band circle"];
  const sized = (element, least) => {
    const box = element.getBoundingClientRect();
    return box.width >= least && box.height >= least;
  };

  function lookBeside(state) {
    const [said, table, legend] = [".said", ".spine table", ".legend"].map((each) => state.querySelector(each));
    if (!legend || !state.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || !sized(table, 50)) return null; // the legend comes last
    const rows = [...table.querySelectorAll("tbody tr")];
    if (!rows.flatMap((row) => [...row.querySelectorAll("th, .told, svg")]).every((each) => sized(each, 5))) return null;
    const told = (row) => [...["th", ".told"].map((each) => words(row.querySelector(each))), MARKS.map((each) => row.querySelectorAll(each).length)];
    return figure(words(said), words(legend), rows.map(told));
  }

  const figure = (said, legend, rows) => JSON.stringify([said, legend, rows]);
  const stands = (row) => (row.closest("details") ?? row).checkVisibility();
  const told = (texts) => texts.map((text) => text.replace(/\s+/g, " ").trim());
  const ours = Object.values(expected).every(({ figures }) => figures);
  const states = Object.entries(expected).map(([key, { charts, figures, rows }]) => ({
    key,
    charts: ours
      ? figures.map((each) => figure(...told([each.said, each.legend]), each.rows.map(([name, words, marks]) => [...told([name, words]), marks])))
      : charts.map((chart) => JSON.stringify([chart.marks, chart.lines, chart.words, chart.bars, told(chart.notes).sort()])),
    rows: rows.map(told),
  }));

  function shown(all) {
    const charts = new Set(ours ? every(all, ".state").map(lookBeside) : every(all, ".js-plotly-plot").map(look));
    const state = states.find((each) => each.charts.every((chart) => charts.has(chart)));
    if (!state) return null;
    let place = 0;
    for (const row of every(all, "tbody tr").filter(stands)) {
      const cells = [...row.children].map(words);
      if (place < state.rows.length && state.rows[place].every((cell) => cells.includes(cell))) place += 1;
    }
    return place === state.rows.length ? state.key : null;
  }

  // A frame is looked at when something changed, and every eighth while no state stands: waiting costs the page next to nothing.
  const observed = new WeakSet();
  let changed = true;
  let frames = 0;
  const observer = new MutationObserver(() => { changed = true; });
  function frame() {
    frames += 1;
    if (changed || frames % 8 === 0) {
      const all = roots();
      for (const root of all) {
        if (observed.has(root)) continue;
        observed.add(root);
        observer.observe(root, { subtree: true, childList: true, characterData: true });
        changed = true;
      }
      if (changed || !log.at(-1)?.key) note(shown(all), since(performance.now()));
      changed = false;
    }
    requestAnimationFrame(frame);
  }

  function note(key, at) {
    if (key === (log.at(-1)?.key ?? null)) return;
    log.push({ key, at });
    for (const each of waiting.filter((one) => one.key === key || (one.key === null && key))) {
      waiting.splice(waiting.indexOf(each), 1);
      each.resolve(at);
    }
  }

  for (const kind of ["input", "click"]) window.addEventListener(kind, (event) => events.push({ kind, at: since(event.timeStamp) }), { capture: true });
  window.dashboardProbe = {
    log,
    events,
    origin,
    // The time of the frame in which a state stands: the present one if it stands already, any state for null.
    when: (key) => {
      const last = log.at(-1);
      if (last?.key && (key === null || last.key === key)) return Promise.resolve(last.at);
      return new Promise((resolve) => waiting.push({ key, resolve }));
    },
  };
  requestAnimationFrame(frame);
}
