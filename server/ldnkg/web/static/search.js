// Search without a server: looks through the names and identifiers that were written at export time.
"use strict";

const MOST = 100;
// Without regard to case (ß as ss, all sigmas alike), accents, possessives and spaces around it, as the names were written.
const folded = (text) => text.toUpperCase().toLowerCase().replace(/ς/g, "σ");
const possessive = /([\p{L}\p{N}_])['’‘ʼ＇´`′]s(?![\p{L}\p{N}_])|(s)['’‘ʼ＇´`′](?![\p{L}\p{N}_])/giu;
const bare = (text) => text.normalize("NFC").replace(possessive, "$1$2");
const key = (text) =>
  folded(bare(text).normalize("NFKD").replace(/\p{M}/gu, "")).replace(/\s+/g, " ").trim();
const wordsOf = (text) => key(text).match(/[\p{L}\p{N}]+/gu) || [];

// How well an entry fits: 4 named so, or identified so; 3 begins so; 2 all words in its name; 1 in all it is
// called; 0 not at all. A word of the query stands for all that begins with it.
function fit([label, , , others], wanted, words) {
  const names = [label, ...others].map(key);
  if (names.includes(wanted)) return 4;
  if (names[0].startsWith(wanted)) return 3;
  const begins = (has) => words.every((word) => has.some((each) => each.startsWith(word)));
  if (begins(wordsOf(label))) return 2;
  return begins(wordsOf(names.join(" "))) ? 1 : 0;
}

function hit([label, where, segment], kinds) {
  const item = document.createElement("li");
  const link = item.appendChild(document.createElement("a"));
  link.href = where;
  link.textContent = label;
  if (kinds[segment]) {
    const kind = document.createElement("span");
    kind.className = "small quiet";
    kind.textContent = kinds[segment];
    item.append(" ", kind);
  }
  return item;
}

async function search(q) {
  const list = document.getElementById("hits");
  const status = document.getElementById("found");
  document.getElementById("asked").textContent = q;
  document.title = `${q} · ${document.title.split(" · ").pop()}`;
  for (const field of document.querySelectorAll("input[name=q]")) field.value = q;
  const answer = await fetch(list.dataset.names);
  if (!answer.ok) throw new Error(answer.statusText);
  const { kinds, entries } = await answer.json();
  const wanted = key(q);
  const words = wordsOf(q);
  const found = words.length
    ? entries.map((entry) => [fit(entry, wanted, words), entry]).filter(([fits]) => fits)
    : [];
  found.sort(([a, [left]], [b, [right]]) => b - a || left.localeCompare(right));
  list.replaceChildren(...found.slice(0, MOST).map(([, entry]) => hit(entry, kinds)));
  const shown = found.length > MOST ? `, the first ${MOST} shown` : "";
  status.textContent = `${found.length.toLocaleString("en")} found${shown}.`;
}

const q = (new URLSearchParams(location.search).get("q") || "").trim();
if (q) {
  search(q).catch(() => {
    document.getElementById("found").textContent = "The list of names could not be fetched: try again later.";
  });
}
