// Completes what is typed into a search form: a combobox with a list, as the WAI-ARIA Authoring Practices have it.
"use strict";

const WAIT = 120;
const LEAST = 2;

function make(name, attributes, text) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

function option({ label, kind, matched, href }, id) {
  const item = make("li", { role: "option", id, "aria-selected": "false" });
  item.append(make("span", { class: "what" }, label));
  const small = [kind, matched && `also ${matched}`].filter(Boolean).join(" · ");
  if (small) item.append(" ", make("span", { class: "small quiet" }, small));
  item.dataset.href = href;
  return item;
}

function complete(form, number) {
  const input = form.querySelector("input[name=q]");
  const list = make("ul", { role: "listbox", id: `suggestions-${number}`, class: "suggestions", "aria-label": "Suggestions" });
  const status = make("div", { role: "status", class: "unseen" });
  const known = new Map();
  let timer, asked = "", at = -1, request;
  list.hidden = true;
  form.append(list, status);
  for (const [key, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
    input.setAttribute(key, value);
  }

  const isOpen = () => !list.hidden;

  function choose(index) {
    list.children[at]?.setAttribute("aria-selected", "false");
    at = index;
    const chosen = list.children[at];
    if (!chosen) return input.removeAttribute("aria-activedescendant");
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", chosen.id);
  }

  function close() {
    choose(-1);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  function show(found) {
    choose(-1);
    list.replaceChildren(...found.map((each, index) => option(each, `${list.id}-${index}`)));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(isOpen()));
    const count = found.length === 1 ? "1 suggestion" : `${found.length || "No"} suggestions`;
    status.textContent = found.length ? `${count}. Choose with the arrow keys.` : `${count}.`;
  }

  async function ask(q) {
    request?.abort();
    request = new AbortController();
    if (!known.has(q)) {
      const answer = await fetch(`${form.dataset.suggest}?${new URLSearchParams({ q })}`, { signal: request.signal });
      if (!answer.ok) return;
      known.set(q, await answer.json());
    }
    if (q === input.value.trim() && document.activeElement === input) show(known.get(q));
  }

  function typed() {
    const q = input.value.trim();
    clearTimeout(timer);
    if (q === asked) return;
    asked = q;
    if (q.length < LEAST) {
      request?.abort();
      status.textContent = "";
      close();
    } else {
      timer = setTimeout(() => ask(q).catch(() => {}), WAIT);
    }
  }

  const keys = {
    ArrowDown: () => (isOpen() ? choose((at + 1) % list.children.length) : list.children.length && show(known.get(asked) || [])),
    ArrowUp: () => choose(at > 0 ? at - 1 : list.children.length - 1),
    Home: () => choose(0),
    End: () => choose(list.children.length - 1),
    Enter: () => location.assign(list.children[at].dataset.href),
  };

  input.addEventListener("input", typed);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && isOpen()) {
      event.preventDefault(); // the first time it closes the list, the second time it empties the field
      return close();
    }
    const moves = event.key === "ArrowDown" || (event.key === "ArrowUp" && isOpen());
    if (!moves && !(at >= 0 && event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) location.assign(chosen.dataset.href);
  });
}

document.querySelectorAll("form[data-suggest]").forEach(complete);
