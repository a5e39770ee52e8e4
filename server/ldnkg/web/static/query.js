// The query page and the pages of examples, made better; without this script both do the same work.
// The editor is Yasqe, of which this uses colours, brackets, folding and hints: what it would ask other hosts
// is replaced by the terms of this release, and queries are sent as the form sends them.
"use strict";
(() => {
  for (const block of document.querySelectorAll("pre.copied")) addCopyButton(block);
  const form = document.querySelector("form.query");
  if (!form) return;
  const field = form.querySelector("textarea");
  const status = document.getElementById("status");
  const stop = document.getElementById("stop");
  const tell = (text) => { status.textContent = text; };
  const editor = typeof Yasqe === "undefined" ? null : makeEditor();
  let asked = location.search;
  let running = null;

  form.addEventListener("submit", (event) => { event.preventDefault(); run(event.submitter); });
  stop.addEventListener("click", () => running && running.abort());
  addEventListener("popstate", () => { if (location.search !== asked) location.reload(); });
  markFault();
  const [loaded] = performance.getEntriesByType("navigation");
  if (loaded && loaded.serverTiming) tellTime(loaded.serverTiming.map((each) => [each.name, each.description ? null : each.duration]));

  // ---------- Asking: the page that the form would lead to is fetched, and its result shown here ----------

  // A button with a name asks for something other than the answer.
  async function run(button) {
    if (running) running.abort();
    const request = running = new AbortController();
    const fields = new URLSearchParams({ query: field.value });
    if (button && button.name) fields.set(button.name, button.value);
    const address = `${form.getAttribute("action")}?${fields}`;
    tell("Running …");
    stop.hidden = false;
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: request.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById("result");
      const result = document.getElementById("result");
      result.replaceChildren(...(found || page.getElementById("main")).childNodes);
      const words = result.querySelector("h1, h2");
      tell(words ? words.textContent.trim() : "");
      const target = new URL(address, location);
      if (target.search !== location.search) history.pushState(null, "", target);
      asked = location.search;
      const times = (answer.headers.get("Server-Timing") || "").matchAll(/([\w-]+);(?:dur=([\d.]+)|desc)/g);
      tellTime([...times].map(([, name, duration]) => [name, duration ? Number(duration) : null]));
      markFault();
      result.scrollIntoView({ block: "nearest" });
    } catch (fault) {
      if (running === request) tell(fault.name === "AbortError" ? "Stopped." : "The server does not answer: try again.");
    } finally {
      if (running === request) { running = null; stop.hidden = true; }
    }
  }

  // The time is no part of the page, which may be kept: it is in a header of the answer.
  function tellTime(entries) {
    const place = document.querySelector("#result .took");
    if (!place || !entries.length) return;
    const times = entries.filter(([, duration]) => duration !== null);
    if (!times.length) {
      place.textContent = "The answer was known, and the query did not run again.";
      return;
    }
    const whole = times.reduce((sum, [, duration]) => sum + duration, 0).toFixed(1);
    place.textContent = `It took ${whole} ms: ${times.map(([name, duration]) => `${name} ${duration.toFixed(1)}`).join(", ")}.`;
  }

  // ---------- The editor ----------

  function makeEditor() {
    document.getElementById("keys").hidden = false;
    const terms = fetch(form.dataset.terms).then((answer) => answer.json())
      .catch(() => ({ prefixes: {}, classes: [], properties: [] }));
    Object.assign(Yasqe.Autocompleters, completers(terms));
    const holder = document.createElement("div");
    field.after(holder);
    field.hidden = true;
    const made = new Yasqe(holder, {
      value: field.value,
      autocompleters: ["variables"],
      autofocus: false,
      consumeShareLink: null,
      createShareableLink: null,
      editorHeight: "24rem",
      persistenceId: null,
      resizeable: true,
      screenReaderLabel: "Query",
      showQueryButton: false,
      syntaxErrorCheck: false, // its own marks hold styles that our policy forbids, and only a mouse can read them
      extraKeys: {
        "Ctrl-Enter": () => run(),
        "Cmd-Enter": () => run(),
        "Ctrl-S": false,
        Esc: () => leave(made),
      },
    });
    made.getInputField().setAttribute("aria-describedby", "keys syntax");
    document.querySelector("label[for=query]").addEventListener("click", () => made.focus());
    let later;
    made.on("change", () => {
      field.value = made.getValue();
      clearTimeout(later);
      later = setTimeout(checkSyntax, 400, made);
    });
    made.on("autocompletionShown", (_, list) => list.hints.setAttribute("aria-label", "Completions"));
    const complete = () => {
      const typed = made.getTokenAt(made.getDoc().getCursor()).string;
      if (typed.includes(":") && !made.state.completionActive) made.autocomplete();
    };
    // Yasqe asks for a prefix with each change until it has read the line that declares it.
    const declare = made.addPrefixes.bind(made);
    made.addPrefixes = (line) => { if (!made.getValue().includes(`PREFIX ${line}`)) declare(line); };
    // Not before the terms are there: what was typed meanwhile would declare any prefix.
    terms.then(async ({ prefixes }) => {
      Yasqe.Autocompleters.prefixes.get = Object.entries(prefixes).map(([name, space]) => `${name}: <${space}>`);
      for (const each of ["prefixes", "class", "property"]) await made.enableCompleter(each);
      made.on("inputRead", complete);
      if (made.hasFocus()) complete();
    });
    return made;
  }

  // Esc lets the next Tab leave (WCAG 2.1.2); typing or leaving takes that back.
  function leave(made) {
    const passing = { Tab: false, "Shift-Tab": false };
    const back = () => {
      made.removeKeyMap(passing);
      made.off("blur", back);
      made.off("change", back);
      tell("");
    };
    made.addKeyMap(passing);
    made.on("blur", back);
    made.on("change", back);
    tell("Tab now leaves the editor.");
  }

  const TOKENS = {
    ANON: "[]", BLANK_NODE_LABEL: "_:name", DECIMAL: "1.5", DOUBLE: "1e3", INTEGER: "1", IRI_REF: "<IRI>",
    LANGTAG: "@en", NIL: "()", PNAME_LN: "prefix:name", PNAME_NS: "prefix:", STRING_LITERAL1: "'text'",
    STRING_LITERAL2: '"text"', VAR1: "?name", VAR2: "$name",
  };

  // The first line that the grammar refuses, and what it would take there.
  function checkSyntax(made) {
    const doc = made.getDoc();
    let words = "";
    for (let line = 0; line < doc.lineCount() && !words; line++) {
      const { state } = made.getTokenAt({ line, ch: doc.getLine(line).length }, true);
      if (state.OK !== false) continue;
      const expected = (state.possibleCurrent || []).map((each) => TOKENS[each] || each);
      const some = expected.slice(0, 8).join(" ") + (expected.length > 8 ? " …" : "");
      words = `Line ${line + 1}: ${state.errorMsg || (some ? `here the grammar takes ${some}` : "the query ends too early")}`;
      mark(made, line);
    }
    document.getElementById("syntax").textContent = words;
  }

  // The place that the server names.
  function markFault() {
    const place = document.querySelector("#result [data-line]");
    if (!editor || !place) return;
    const line = place.dataset.line - 1;
    editor.getDoc().setCursor({ line, ch: place.dataset.column - 1 });
    mark(editor, line);
    editor.getDoc().addLineClass(line, "wrap", "failed");
    const back = () => { editor.getDoc().removeLineClass(line, "wrap", "failed"); editor.off("change", back); };
    editor.on("change", back);
  }

  function mark(made, line) {
    const sign = document.createElement("span");
    sign.className = "failed-mark";
    made.setGutterMarker(line, "gutterErrorBar", sign);
  }

  // ---------- Completion from what this release has ----------

  function completers(terms) {
    const known = new Map();
    const matching = (kind) => async (_, token) => {
      const typed = token.string.trim().toLowerCase();
      const found = [];
      for (const each of (await terms)[kind]) {
        known.set(each.term, each);
        const local = each.term.toLowerCase();
        if (local.startsWith(typed) || each.label.toLowerCase().includes(typed) || local.includes(`:${typed}`)) found.push(each.term);
        if (found.length === 50) break;
      }
      return found;
    };
    const told = (_, hints) => hints.map((hint) => ({ ...hint, render: (item) => write(item, known.get(hint.text)) }));
    const of = (kind, name) => ({
      ...Yasqe.Autocompleters[name],
      get: matching(kind),
      preProcessToken: (_, token) => token,
      postProcessSuggestion: (_, token, text) => text,
      postprocessHints: told,
    });
    return {
      class: of("classes", "class"),
      property: of("properties", "property"),
      prefixes: { ...Yasqe.Autocompleters.prefixes, get: [], persistenceId: null },
    };
  }

  function write(item, { term, label, count }) {
    const more = document.createElement("small");
    more.textContent = `${label} · ${count.toLocaleString("en-GB")}`;
    item.append(term, " ", more);
  }

  // ---------- Copying ----------

  function addCopyButton(block) {
    if (!navigator.clipboard) return; // only where the page is from a trustworthy origin
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    block.prepend(button);
  }
})();
