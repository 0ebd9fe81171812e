"""The page around the map of a decision: its looks, and the little script that shows tooltips."""

from __future__ import annotations

from string import Template

PAGE = Template("""<!doctype html>
<html lang="$lang">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>$title</title>
<style>
:root { --ink: #16202c; --soft: #5d6b7a; --line: #dfe5eb; --paper: #ffffff; --sea: #eef3f7; --land: #f7f5f0; --home: #fffdf8;
  --edge: #cfd3d0; --chosen: #0b62a4; --runner: #d97706; --dearer: #e3b57a; --short: #a7b0ba; --out: #b0316b; --goal: #14803c; }
@media (prefers-color-scheme: dark) {
:root { --ink: #e7edf3; --soft: #9aa8b6; --line: #2c3947; --paper: #141b23; --sea: #10161d; --land: #1a232c; --home: #212c37;
  --edge: #3a4653; --chosen: #56a9ea; --runner: #f2a33c; --dearer: #a57b45; --short: #5c6875; --out: #e0679f;
  --goal: #45c271; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
header { padding: 22px 28px 14px; border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 22px; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere; }
header p { margin: 4px 0 0; color: var(--soft); overflow-wrap: anywhere; }
main { display: grid; grid-template-columns: minmax(0, 1.25fr) minmax(320px, 1fr); }
.map { position: relative; background: var(--sea); border-right: 1px solid var(--line); }
.map > svg { display: block; width: 100%; height: auto; max-height: 100vh; }
.panel { padding: 18px 28px 40px; }
.panel p { margin: 0 0 8px; overflow-wrap: anywhere; }
.panel p:first-child { font-size: 17px; font-weight: 600; }
h2 { margin: 26px 0 8px; font-size: 13px; font-weight: 650; color: var(--soft); text-transform: uppercase;
  letter-spacing: .06em; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; overflow-wrap: anywhere; }
th, td { padding: 5px 10px 5px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
td:last-child { text-align: right; white-space: nowrap; padding-right: 0; }
table.cost td:nth-child(2) { width: 45%; vertical-align: middle; }
.bar { display: block; height: 9px; min-width: 2px; border-radius: 5px; background: var(--chosen); }
.bar.saved { background: var(--goal); }
.sum th, .sum td { font-weight: 650; border-bottom: 0; }
.legend { position: absolute; left: 16px; bottom: 14px; padding: 8px 14px; border-radius: 10px; background: var(--paper);
  border: 1px solid var(--line); font-size: 13px; opacity: .95; }
.legend ul { list-style: none; margin: 0; padding: 0; }
.legend li { display: flex; align-items: center; gap: 8px; }
.note { padding: 0 28px 18px; color: var(--soft); font-size: 13px; }
.land { fill: var(--land); stroke: var(--edge); stroke-width: .8; }
.land.home { fill: var(--home); stroke-width: 1.4; }
.sea { fill: var(--sea); }
.lens { fill: none; stroke: var(--soft); stroke-width: 1.2; }
.node { cursor: default; outline: none; }
.node.chosen > * { fill: var(--chosen); stroke: var(--paper); stroke-width: 2.5; }
.node.runner > * { fill: var(--runner); stroke: var(--paper); stroke-width: 2; }
.node.dearer > * { fill: var(--dearer); stroke: var(--paper); stroke-width: .8; }
.node.short > * { fill: var(--short); stroke: none; opacity: .75; }
.node.out > * { fill: none; stroke: var(--out); stroke-width: 1.8; stroke-linecap: round; }
.node:hover > *, .node:focus > * { stroke: var(--ink); }
.arc { fill: none; stroke-linecap: round; }
.arc.chosen { stroke: var(--chosen); stroke-width: 3.2; }
.arc.runner { stroke: var(--runner); stroke-width: 1.6; stroke-dasharray: 2 6; }
.goal path { fill: var(--goal); stroke: var(--paper); stroke-width: 1.5; }
.goal circle { fill: var(--paper); }
.label { font-size: 13px; font-weight: 600; fill: var(--ink); paint-order: stroke; stroke: var(--home); stroke-width: 3.5px; }
.label.runner { font-weight: 500; fill: var(--soft); }
#tip { position: fixed; z-index: 2; max-width: 340px; padding: 9px 12px; border-radius: 9px; background: var(--ink);
  color: var(--paper); font-size: 13px; line-height: 1.45; pointer-events: none; visibility: hidden; overflow-wrap: anywhere; }
#tip div:first-child { font-weight: 650; }
@media (max-width: 900px) { main { grid-template-columns: 1fr; }
  .map { border-right: 0; border-bottom: 1px solid var(--line); } }
@media print { #tip { display: none; } }
</style>
</head>
<body>
<header><h1>$title</h1><p>$subtitle</p></header>
<main>
<section class="map">
<svg viewBox="0 0 $width $height" role="img" aria-label="$title">
$svg
</svg>
<div class="legend">$legend</div>
</section>
<section class="panel">
$panel
</section>
</main>
<p class="note">$note</p>
<div id="tip"></div>
<script type="application/json" id="told">$data</script>
<script>
"use strict";
const told = JSON.parse(document.getElementById("told").textContent), tip = document.getElementById("tip");
function show(event) {
  const node = event.target.closest(".map .node[data-node]");
  if (!node) { tip.style.visibility = "hidden"; return; }
  const title = node.querySelector("title");
  if (title) title.remove();
  tip.replaceChildren(...told[node.dataset.node].map(text => {
    const line = document.createElement("div");
    line.textContent = text;
    return line;
  }));
  const box = node.getBoundingClientRect(), wide = tip.offsetWidth, high = tip.offsetHeight;
  tip.style.left = Math.max(6, Math.min(innerWidth - wide - 6, box.x + box.width / 2 - wide / 2)) + "px";
  tip.style.top = (box.y > high + 12 ? box.y - high - 8 : box.bottom + 8) + "px";
  tip.style.visibility = "visible";
}
document.addEventListener("pointerover", show);
document.addEventListener("focusin", show);
</script>
</body>
</html>
""")
