/**
 * The style of the bytes explorer. Colours follow the page: `data-theme` of the root where it is set, else what the viewer
 * prefers. Every mark is more than a colour: an outline, a line, a weight.
 */

/** Also of paper, whatever the screen shows. */
export const light = `
  --bytes-text: #1b1f24; --bytes-dim: #57606a; --bytes-back: #ffffff; --bytes-pane: #f6f8fa;
  --bytes-line: #8c959f; --bytes-mark: #cfe4ff; --bytes-cursor: #0550ae; --bytes-cursor-text: #ffffff;
  --bytes-secret: #a40e26; --bytes-sealed: #5a32a3; --bytes-opened: #116329;`;

const dark = `
  --bytes-text: #e6edf3; --bytes-dim: #9ea7b3; --bytes-back: #0d1117; --bytes-pane: #161b22;
  --bytes-line: #6e7681; --bytes-mark: #1f3d63; --bytes-cursor: #79c0ff; --bytes-cursor-text: #0d1117;
  --bytes-secret: #ff938a; --bytes-sealed: #d2a8ff; --bytes-opened: #7ee787;`;

export const explorerStyle = `
:root {${light}
}
@media (prefers-color-scheme: dark) { :root:not([data-theme='light']) {${dark}
} }
:root[data-theme='dark'] {${dark}
}
/* Bytes and lists grow with the page, less than its text: 16 bytes stay in a row. */
.explorer { color: var(--bytes-text); background: var(--bytes-back); container: explorer / inline-size;
  --dump-size: clamp(0.8125rem, 0.55rem + 0.35vw, 1.125rem); --list-size: clamp(0.875rem, 0.65rem + 0.3vw, 1.125rem); }
.explorer .panes {
  display: grid; gap: 0.5rem; grid-template-columns: minmax(0, 1fr) minmax(0, calc(45 * var(--dump-size))) minmax(0, 1fr);
  grid-template-areas: 'tools tools tools' 'connections dump meaning' 'items dump meaning';
  grid-template-rows: auto minmax(5rem, 12rem) minmax(10rem, 1fr); height: min(44rem, 92vh);
}
.explorer .panes.alone { grid-template-areas: 'tools tools tools' 'items dump meaning'; grid-template-rows: auto minmax(0, 1fr); }
.explorer .tools { grid-area: tools; display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
.explorer .tools p { margin: 0; }
.explorer .keys { font: inherit; padding: 0.25rem 0.75rem; color: inherit; background: var(--bytes-pane);
  border: 1px solid var(--bytes-line); border-radius: 0.25rem; cursor: pointer; }
.explorer .keys[aria-pressed='true'] { border-width: 2px; font-weight: 700; color: var(--bytes-opened);
  border-color: var(--bytes-opened); }
.explorer .connections { grid-area: connections; }
.explorer .items { grid-area: items; }
.explorer .dump { grid-area: dump; }
.explorer .meaning { grid-area: meaning; display: grid; gap: 0.5rem; min-height: 0;
  grid-template-rows: minmax(0, 1fr) minmax(0, 1fr); }
.explorer .list, .explorer .dump, .explorer .explanation { position: relative; overflow: auto; min-height: 0;
  border: 1px solid var(--bytes-line); border-radius: 0.25rem; background: var(--bytes-pane); }
.explorer .list:focus-visible, .explorer .dump:focus-visible, .explorer .keys:focus-visible {
  outline: 3px solid var(--bytes-cursor); outline-offset: 1px; }
.explorer .sheet { position: relative; min-width: 100%; }
.explorer .row { position: absolute; left: 0; right: 0; height: 1.6em; line-height: 1.6; white-space: pre; }
.explorer .list { font-size: var(--list-size); }
.explorer .list .row { display: flex; align-items: baseline; gap: 0.75ch; padding: 0 0.5ch; overflow: hidden; cursor: pointer;
  border-left: 3px solid transparent; box-sizing: border-box; }
.explorer .list .chosen { background: var(--bytes-mark); border-left-color: var(--bytes-cursor); }
.explorer .list .row > * { flex: none; overflow: hidden; text-overflow: ellipsis; }
.explorer .list .main { flex: 0 1 auto; min-width: 6ch; font-weight: 600; }
.explorer .items .main { min-width: 14ch; }
.explorer .items, .explorer .connections { container-type: inline-size; }
.explorer .connections .main { flex: none; max-width: 100%; } .explorer .connections .size { flex: 0 1 auto; }
.explorer .list .aside, .explorer .list .value { flex: 1 1 0; min-width: 0; color: var(--bytes-dim); }
.explorer .list .size, .explorer .list .time { color: var(--bytes-dim); font-variant-numeric: tabular-nums; }
.explorer .list .inside { padding-left: 3ch; }
.explorer .fields .sign { color: var(--bytes-secret); font-weight: 700; }
.explorer .chosen .size, .explorer .chosen .time, .explorer .chosen .aside, .explorer .chosen .value {
  color: inherit; }
.explorer .state.leaked { color: var(--bytes-secret); font-weight: 700; }
.explorer .state.sealed { color: var(--bytes-sealed); }
.explorer .state.opened { color: var(--bytes-opened); }
${Array.from({ length: 8 }, (_, index) => `.explorer .depth-${index + 1} { padding-left: ${(index + 1) * 1.25}ch; }`).join('\n')}
.explorer .dump, .explorer .bytes-excerpt pre { font-family: ui-monospace, 'DejaVu Sans Mono', 'Liberation Mono', monospace;
  font-size: var(--dump-size); font-variant-ligatures: none; }
.explorer .dump .row { padding: 0 0.5ch; }
.explorer .dump .offset { color: var(--bytes-dim); padding-right: 0.5ch; }
.explorer .dump .hex { display: inline-block; }
.explorer .dump .hex > span { display: inline-block; width: 3ch; text-align: center; cursor: default;
  border-left: 1px solid transparent; box-sizing: border-box; }
.explorer .dump .letters { padding-left: 1ch; }
.explorer .dump .letters > span { display: inline-block; width: 1ch; text-align: center; }
.explorer .dump .hex > .begins { border-left-color: var(--bytes-line); }
.explorer .dump .marked { background: var(--bytes-mark); text-decoration: underline; }
.explorer .dump .secret { color: var(--bytes-secret); font-weight: 700; }
.explorer .dump .cursor { outline: 2px solid var(--bytes-cursor); outline-offset: -2px; }
.explorer .dump .letters > .cursor { outline-width: 1px; outline-offset: 0; }
.explorer .dump:focus .cursor { background: var(--bytes-cursor); color: var(--bytes-cursor-text); }
.explorer .nothing { color: var(--bytes-dim); white-space: normal; }
.explorer .measure { position: absolute; visibility: hidden; white-space: pre; }
.explorer .explanation { padding: 0.5rem 0.75rem; overflow-wrap: anywhere; }
.explorer .explanation h3, .explorer .explanation h4 { margin: 0; font-size: 1em; }
.explorer .explanation h4 { margin-top: 0.75rem; font-size: 0.875em; }
.explorer .explanation p { margin: 0.25rem 0 0; }
.explorer .explanation .dim { color: var(--bytes-dim); font-size: 0.875em; }
.explorer .remark { color: var(--bytes-secret); }
.explorer .spoken { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
.explorer .bytes-excerpt pre { overflow: auto; }
@container explorer (max-width: 84rem) {
  .explorer .panes { grid-template-columns: minmax(18rem, 1fr) minmax(0, calc(45 * var(--dump-size))); height: auto;
    grid-template-areas: 'tools tools' 'connections dump' 'items dump' 'meaning meaning';
    grid-template-rows: auto 8rem 20rem 22rem; }
  .explorer .panes.alone { grid-template-areas: 'tools tools' 'items dump' 'meaning meaning'; grid-template-rows: auto 28rem 22rem; }
  .explorer .meaning { grid-template-rows: none; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
}
@container explorer (max-width: 56rem) {
  .explorer .panes { grid-template-columns: minmax(0, 1fr); grid-template-rows: none;
    grid-template-areas: 'tools' 'connections' 'items' 'dump' 'meaning'; }
  .explorer .panes.alone { grid-template-areas: 'tools' 'items' 'dump' 'meaning'; grid-template-rows: none; }
  .explorer .connections { height: 7rem; }
  .explorer .items { height: 12rem; }
  .explorer .dump { height: 16rem; }
  .explorer .meaning { grid-template-columns: minmax(0, 1fr); grid-template-rows: auto 14rem; }
  .explorer .explanation { min-height: 12rem; }
}
@container explorer (max-width: 20rem) { .explorer .dump { font-size: 0.75rem; } .explorer .dump .letters { padding-left: 0.5ch; } }
@container (max-width: 24rem) { .explorer .items .time { display: none; } }
@container (max-width: 30rem) { .explorer .connections .aside { display: none; } .explorer .connections .size { margin-left: auto; } }
@media screen { .explorer:is([data-explorer='reading'], [data-explorer='ready']) .bytes-excerpt { display: none; } }
@media (pointer: coarse) { .explorer .list .row { height: 2.2em; line-height: 2.2; } }
@media print {
  .explorer .panes { display: none; }
  .explorer .bytes-excerpt :is(pre, p, tr) { break-inside: avoid; }
  .explorer .bytes-excerpt :is(h3, h3 + p, pre, thead) { break-after: avoid; } .explorer .bytes-excerpt .more { break-before: avoid; }
  .explorer .bytes-excerpt table { font-size: 0.85em; } .explorer .bytes-excerpt td { padding: 0.05em 0.75em; }
}
@media (prefers-reduced-motion: no-preference) { .explorer .keys { transition: border-color 0.15s; } }
@media (forced-colors: active) {
  .explorer .dump .marked { outline: 1px solid Highlight; }
  .explorer .list .chosen { outline: 2px solid Highlight; outline-offset: -2px; }
}
`;
