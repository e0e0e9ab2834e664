/* What a reader chooses. All states of a section stand in the page, marked data-if-<choice>="value ...", all but the first hidden.
   This script writes one style sheet from what was chosen and touches no section, so a section may stand in any cell and come at any time.
   It serves a page and, with the last function, a widget in JupyterLab and in Voilà. */
const namesIn = (form) => [...new Set([...form.elements].map((each) => each.name).filter(Boolean))];
const chosenIn = (form) => Object.fromEntries(namesIn(form).map((name) => [name, new FormData(form).get(name)]));
const offered = (form, name) => [...form.elements].filter((each) => each.name === name);

function choose(form, wanted) {
  for (const [name, value] of Object.entries(wanted)) {
    const button = offered(form, name).find((each) => each.value === value);
    if (button) button.checked = true;
  }
}

/* What belongs to another choice is not shown; what bears no mark always is. */
function showChosen(form, within) {
  const chosen = Object.entries(chosenIn(form));
  const marked = chosen.map(([name]) => `[data-if-${name}]`).join(", ");
  const others = chosen.map(([name, value]) => `${within} [data-if-${name}]:not([data-if-${name}~="${CSS.escape(value)}"]) { display: none !important; }`);
  form.sheet ??= document.head.appendChild(document.createElement("style"));
  form.sheet.textContent = [`${within} :is(${marked})[hidden] { display: block !important; }`, ...others].join("\n");
}

/* Let a form choose among what stands within; it tells of every choice by the event "chosen", and takes one by "choose". */
function followed(form, within) {
  if (form.followed) return form;
  form.followed = true;
  const apply = (byReader) => {
    showChosen(form, within);
    form.dispatchEvent(new CustomEvent("chosen", { detail: { chosen: chosenIn(form), byReader } }));
  };
  form.addEventListener("change", () => apply(true));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("choose", (event) => {
    choose(form, event.detail);
    apply(false);
  });
  apply(false);
  return form;
}

/* The widget: it joins the form of its page where there is one, and shows its own in JupyterLab, for the sections of its notebook. */
function render({ model, el }) {
  let leave = () => {};
  const enter = () => { // after the widget has come to its place
    const notebook = el.closest(".jp-Notebook");
    const standing = notebook ? null : document.querySelector(`form[data-choices="${CSS.escape(model.get("name"))}"]`);
    if (!standing) el.innerHTML = model.get("form");
    if (notebook) notebook.dataset.choices ??= crypto.randomUUID();
    const form = followed(standing ?? el.querySelector("form"), notebook ? `[data-choices="${notebook.dataset.choices}"]` : "body");
    const differs = () => Object.entries(model.get("value")).some(([name, value]) => chosenIn(form)[name] !== value);
    const tell = () => {
      if (!differs()) return;
      model.set("value", chosenIn(form));
      model.save_changes();
    };
    const hear = () => differs() && form.dispatchEvent(new CustomEvent("choose", { detail: model.get("value") }));
    if (standing) tell(); // what was chosen before the kernel was reached
    else hear();
    form.addEventListener("chosen", tell);
    model.on("change:value", hear);
    leave = () => {
      form.removeEventListener("chosen", tell);
      model.off("change:value", hear);
      if (!standing) form.sheet.remove();
    };
  };
  const frame = requestAnimationFrame(enter);
  return () => {
    cancelAnimationFrame(frame);
    leave();
  };
}
