"use strict";
// Draws what the list of the page says. The list is the equal of the drawing: all of it can be reached by keyboard.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("drawing");
  if (!place || typeof cytoscape === "undefined") return;
  const { nodes, edges } = JSON.parse(place.dataset.drawn);
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const looks = () => [
    { selector: "node", style: {
      "background-color": style("--sheet"), "border-color": style("--ink"), "border-width": 1.5, color: style("--ink"),
      label: "data(name)", "font-size": 12, "text-wrap": "wrap", "text-max-width": 150, "text-valign": "bottom", "text-margin-y": 4,
      width: 22, height: 22, "text-background-color": style("--paper"), "text-background-opacity": 0.85, "text-background-padding": 2,
      "min-zoomed-font-size": 7 } },
    { selector: "node[id = '0']", style: { "background-color": style("--ink"), width: 34, height: 34, "font-size": 15, "font-weight": "bold" } },
    { selector: "edge", style: {
      "line-color": style("--edge"), "target-arrow-color": style("--edge"), "target-arrow-shape": "triangle", "curve-style": "bezier", width: 1.2,
      label: "data(name)", "font-size": 9, color: style("--ink-2"), "text-rotation": "autorotate", "text-background-color": style("--paper"),
      "text-background-opacity": 0.8, "min-zoomed-font-size": 8 } },
    { selector: ".chosen", style: { "border-color": style("--focus"), "border-width": 6, "z-index": 10 } },
  ];
  // two ellipses around the thing, so that names have room beside each other
  const positions = (number) => {
    if (number === 0) return { x: 0, y: 0 };
    const angle = (2 * Math.PI * (number - 1)) / (nodes.length - 1) - Math.PI / 2;
    const ring = nodes.length > 16 && number % 2 ? 0.62 : 1;
    const size = Math.max(1, nodes.length / 26) * ring;
    return { x: 620 * size * Math.cos(angle), y: 290 * size * Math.sin(angle) };
  };
  place.hidden = false;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const drawing = cytoscape({
    container: place.querySelector(".canvas"),
    elements: [
      ...nodes.map((each) => ({ data: each })),
      ...edges.map((each, at) => ({ data: { id: `e${at}`, source: each.from, target: each.to, name: each.name } })),
    ],
    style: looks(),
    layout: { name: "preset", positions: (node) => positions(Number(node.id())), padding: 24 },
  });
  drawing.on("tap", "node", (event) => {
    const address = event.target.data("address");
    if (address && event.target.id() !== "0") location.href = address;
  });
  const choose = (address) => {
    drawing.nodes().removeClass("chosen");
    const found = drawing.nodes().filter((node) => node.data("address") === address).addClass("chosen");
    if (found.length) drawing.animate({ center: { eles: found }, duration: still ? 0 : 200 });
  };
  for (const entry of document.querySelectorAll("[data-iri]")) {
    for (const event of ["focusin", "mouseenter"]) entry.addEventListener(event, () => choose(entry.dataset.iri));
  }
  place.querySelector(".whole").addEventListener("click", () => drawing.fit(undefined, 24));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawing.style(looks()));
});
