// Opens what is folded around the part that the address names. Browsers that do so themselves find it open.
"use strict";

// A part that has no row of its own is told in the row of the part that it belongs to: d2-v2 in d2.
function row(name) {
  for (let at = name.length; at > 0; at = name.lastIndexOf("-", at - 1)) {
    const found = document.getElementById(name.slice(0, at));
    if (found) return found;
  }
  return null;
}

function show() {
  let name = location.hash.slice(1);
  try {
    name = decodeURIComponent(name);
  } catch {
    return;
  }
  const part = row(name);
  if (!part) return;
  const folded = part.closest("details:not([open])");
  for (let each = folded; each; each = each.parentElement.closest("details")) each.open = true;
  if (folded || part.id !== name) part.scrollIntoView();
}

addEventListener("hashchange", show);
show();
