/**
 * The style of the page. Colours are those of the bytes explorer (`bytes/style.ts`), in light and dark; a meaning is never a
 * colour alone: marks, words and lines say it too.
 */
import { light } from './bytes/style.ts';
import { languages } from '../../i18n/language.ts';

/** Shows one language: by the radio buttons, or by the root where a browser cannot look at them. */
const oneLanguage = languages
  .map((shown) => {
    const others = languages
      .filter((one) => one !== shown)
      .map((one) => `:is(span, tspan, div)[lang='${one}']`);
    return `
@supports selector(:has(*)) { :root:has(#language-${shown}:checked) :is(${others.join(', ')}) { display: none; } }
@supports not selector(:has(*)) { :root:lang(${shown}) :is(${others.join(', ')}) { display: none; } }`;
  })
  .join('');

export const pageStyle = `
* { box-sizing: border-box; }
:root { color-scheme: light dark; scroll-padding-top: 1rem; }
:root[data-theme='light'] { color-scheme: light; }
:root[data-theme='dark'] { color-scheme: dark; }
${oneLanguage}
body { margin: 0; color: var(--bytes-text); background: var(--bytes-back); line-height: 1.6;
  font-family: system-ui, 'Noto Sans', 'Noto Sans KR', 'Noto Sans CJK KR', sans-serif;
  font-size: clamp(1rem, 0.75rem + 0.4vw, 1.4rem); overflow-wrap: anywhere; word-break: keep-all; }
a { color: var(--bytes-cursor); text-underline-offset: 0.15em; }
a:focus-visible, input:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--bytes-cursor); outline-offset: 2px; }
main:focus { outline: none; }
h1, h2, h3 { line-height: 1.25; margin: 1.5em 0 0.5em; text-wrap: balance; }
h1 { font-size: 2em; margin-top: 0.5em; } h2 { font-size: 1.5em; border-bottom: 1px solid var(--bytes-line); padding-bottom: 0.25em; }
h3 { font-size: 1.1em; }
p { margin: 0.5em 0; max-width: 80ch; }
pre, code, .typed, .output, .topology, .ladder .lines { font-family: ui-monospace, 'DejaVu Sans Mono', 'Liberation Mono', monospace;
  font-size: 0.9em; }
pre { margin: 0.5em 0; padding: 0.5em 0.75em; overflow-x: auto; background: var(--bytes-pane); border: 1px solid var(--bytes-line);
  border-radius: 0.25rem; white-space: pre-wrap; }
.dim, .time, .size, .legend, footer { color: var(--bytes-dim); }
.legend { font-size: 0.9em; }
.skip { position: absolute; left: 0.5rem; top: -10rem; padding: 0.5rem 1rem; background: var(--bytes-back); z-index: 2; }
.skip:focus { top: 0.5rem; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1.5rem; padding: 0.5rem 1rem;
  border-bottom: 1px solid var(--bytes-line); background: var(--bytes-pane); }
.brand { font-weight: 700; margin: 0 auto 0 0; }
.choice { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; align-items: center; gap: 0 0.75rem; font-size: 0.9em; }
.choice legend { float: left; padding: 0; color: var(--bytes-dim); }
.choice label { cursor: pointer; padding: 0.25rem 0; white-space: nowrap; }
.frame { display: grid; grid-template-columns: minmax(0, 1fr); max-width: max(110rem, 96em); margin: 0 auto; padding: 0 1rem; gap: 0 2rem; }
nav { padding: 1rem 0 0; font-size: 0.9em; }
nav ol { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: 0.25rem 0.5rem; text-decoration: none; }
nav a:hover { text-decoration: underline; }
main { min-width: 0; padding-bottom: 2rem; }
footer { padding: 1rem; border-top: 1px solid var(--bytes-line); font-size: 0.9em; }
ul.statements, ul.sentences, ul.choices, ul.listed { list-style: none; padding: 0; margin: 0.5em 0; }
.statements li { display: flex; gap: 0.6ch; margin: 0.35em 0; max-width: 84ch; }
.sentences li, .choices li, .listed li { margin: 0.25em 0; }
.mark { display: inline-block; flex: none; min-width: 1.5ch; font-weight: 700; font-family: ui-monospace, 'DejaVu Sans Mono', monospace;
  padding-right: 0.5ch; }
.mark.good { color: var(--bytes-opened); } .mark.bad, .bad { color: var(--bytes-secret); } .mark.sealed { color: var(--bytes-sealed); }
.evidence { font-size: 0.85em; }
.tone-leaked > .said, .tone-refused > .said { color: var(--bytes-secret); } .tone-dim > .said { color: var(--bytes-dim); }
.question { border-left: 4px solid var(--bytes-cursor); padding-left: 1rem; font-size: 1.1em; font-weight: 600; }
.lesson { border: 1px solid var(--bytes-line); border-left-width: 6px; padding: 0.5rem 1rem; font-weight: 600; border-radius: 0.25rem; }
.lesson.tone-leaked, .lesson.tone-refused { border-left-color: var(--bytes-secret); }
.lesson.tone-sealed { border-left-color: var(--bytes-sealed); }
.speaker { border: 1px dashed var(--bytes-line); padding: 0 1rem; }
.topology ul { list-style: none; display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.5rem; margin: 0.5em 0; padding: 0; }
.topology .end { border: 1px solid var(--bytes-line); border-radius: 0.25rem; padding: 0.25rem 0.75rem; background: var(--bytes-pane);
  font-weight: 600; }
.topology .wire { color: var(--bytes-dim); word-break: normal; }
figure { margin: 1.25rem 0; }
.ladder { border: 1px solid var(--bytes-line); border-radius: 0.25rem; padding: 0.5rem 1rem 1rem; max-width: 70rem; }
.ladder h3 { margin: 0.25em 0; }
.ends { display: flex; justify-content: space-between; max-width: none; margin: 0.5em 0 0; gap: 1rem; }
.ends span { font-weight: 700; }
.ends > span { border: 1px solid var(--bytes-line); border-radius: 0.25rem; padding: 0.1rem 0.6rem; background: var(--bytes-pane); }
.rungs { list-style: none; margin: 0 1rem; padding: 0.5rem 0; border: 2px solid var(--bytes-line); border-width: 0 2px; }
.rung { position: relative; padding: 0.35rem 1.25rem; }
.rung p { margin: 0; max-width: none; } .arrow > strong { display: inline-block; max-width: 100%; }
.rung .arrow { position: relative; padding-bottom: 0.25rem; margin-bottom: 0.35rem; border-bottom: 2px solid var(--bytes-dim);
  margin-left: -1.25rem; margin-right: -1.25rem; padding-left: 1.25rem; padding-right: 1.25rem; }
.rung .arrow::after { content: ''; position: absolute; bottom: -6px; border: 5px solid transparent; }
.from-client .arrow::after { right: 0; border-left: 9px solid var(--bytes-dim); border-right-width: 0; }
.from-server .arrow::after { left: 0; border-right: 9px solid var(--bytes-dim); border-left-width: 0; }
.from-both .arrow { border-bottom-style: dotted; } .from-both .arrow::after { display: none; }
.from-both :is(.arrow, .state, .facts) { text-align: center; }
.from-server :is(.arrow, .state, .facts) { text-align: right; }
.is-sealed .arrow { border-bottom-style: dashed; border-color: var(--bytes-sealed); }
.is-sealed .state { color: var(--bytes-sealed); }
.is-leaked .arrow { border-bottom-width: 3px; border-color: var(--bytes-secret); }
.is-opened .arrow { border-color: var(--bytes-opened); } .is-opened .state { color: var(--bytes-opened); }
.is-leaked.from-client .arrow::after { border-left-color: var(--bytes-secret); }
.is-leaked.from-server .arrow::after { border-right-color: var(--bytes-secret); }
.is-sealed.from-client .arrow::after { border-left-color: var(--bytes-sealed); }
.is-sealed.from-server .arrow::after { border-right-color: var(--bytes-sealed); }
.time { font-variant-numeric: tabular-nums; font-size: 0.85em; } .size { font-size: 0.85em; white-space: nowrap; }
.hop { font-size: 0.85em; padding: 0 0.4em; border: 1px solid var(--bytes-line); border-radius: 0.25rem; }
.towards { font-size: 0.85em; color: var(--bytes-dim); }
.exposure { border-left: 4px double var(--bytes-secret); padding-left: 0.75rem; }
.exposure > strong { color: var(--bytes-secret); }
mark { background: none; color: inherit; font-weight: 700; text-decoration: underline; }
.rung .lines { margin: 0.25rem 0; }
.remark { border-left: 3px solid var(--bytes-line); padding-left: 0.75rem; font-size: 0.9em; }
.card { border: 2px solid var(--bytes-secret); border-radius: 0.25rem; padding: 0.25rem 1rem 0.75rem; margin: 1rem 0; max-width: 70rem; }
.card h3 { margin: 0.5em 0; }
dl { margin: 0.5em 0; }
dl > div { display: grid; grid-template-columns: minmax(7em, 9em) minmax(0, 1fr); gap: 0 1rem; padding: 0.2em 0; }
dt { color: var(--bytes-dim); } dd { margin: 0; max-width: 84ch; }
.row-advice dd { font-weight: 600; }
.chain ul { list-style: none; margin: 0; padding: 0; } .chain ul ul { margin-left: 0.7rem; padding-left: 0.9rem; border-left: 2px solid var(--bytes-line); }
.chain li { padding: 0.15em 0; }
.command, .opening { margin: 1rem 0; } .command p { margin: 0; max-width: none; }
.command .typed { font-weight: 700; } .command .output { background: var(--bytes-pane); padding: 0.5em 0.75em; border-left: 3px solid var(--bytes-line);
  white-space: pre-wrap; }
.command.refused .output { border-left-color: var(--bytes-secret); }
.scroll { overflow-x: auto; margin: 1rem 0; max-width: 100%; container: table / inline-size; }
table { border-collapse: collapse; font-size: 0.95em; }
/* As wide as what is seen of its table. */
caption { text-align: left; font-weight: 700; padding-bottom: 0.25em; max-width: 100cqi; position: sticky; left: 0; }
th, td { text-align: left; vertical-align: top; padding: 0.3em 0.75em; border: 1px solid var(--bytes-line); overflow-wrap: normal; }
thead th { background: var(--bytes-pane); }
td.tone-refused, td.tone-leaked { color: var(--bytes-secret); font-weight: 600; } td.tone-sealed { color: var(--bytes-sealed); }
.verdict { border: 2px solid var(--bytes-line); border-radius: 0.25rem; padding: 0.25rem 1rem; font-size: 1.1em; }
.verdict.tone-refused, .verdict.tone-leaked { border-color: var(--bytes-secret); }
.takeaway { font-weight: 600; } .verdict .count { display: inline-block; padding-left: 1ch; color: var(--bytes-dim); }
.answer .status { font-size: 1.2em; } .answer dd > p { margin: 0; } .row-because dd, .row-todo dd { font-weight: 600; }
.row-todo pre { font-weight: 400; }
.plot { margin: 1rem 0; max-width: 70rem; } .plot svg { display: block; width: 100%; background: var(--bytes-pane); border: 1px solid var(--bytes-line); }
.plot p, .plot figcaption { margin: 0.25em 0; font-size: 0.85em; color: var(--bytes-dim); max-width: none; }
.plot.sizes svg { height: 7.5rem; } .plot .scale { display: flex; justify-content: space-between; }
.plot rect { fill: var(--bytes-text); } .plot rect.is-sealed { fill: var(--bytes-sealed); } .plot rect.axis { fill: var(--bytes-line); }
.plot rect.for-client { fill: var(--bytes-opened); } .plot rect.for-server { fill: var(--bytes-cursor); }
.plot rect:hover { fill: var(--bytes-secret); }
.plot.bars ul { list-style: none; padding: 0; margin: 0.5em 0; display: grid; gap: 0.3em 0.75rem;
  grid-template-columns: fit-content(40%) minmax(6rem, 1fr) fit-content(35%); }
.plot.bars li { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: center; }
.plot.bars svg { height: 1.25rem; } .plot .name, .plot .value { font-size: 0.9em; } .plot .value { font-variant-numeric: tabular-nums; }
.star ul { list-style: none; margin: 0; padding: 0; } .star li { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.5rem; }
.star .around { display: grid; grid-template-columns: minmax(0, 5fr) minmax(6rem, auto) minmax(0, 4fr); gap: 0 0.75rem; align-items: stretch; }
.star .callers, .star .called { display: grid; gap: 0.4rem; align-content: center; } .star .callers li { justify-content: flex-end; }
.star .end, .star p.hub { border: 1px solid var(--bytes-line); border-radius: 0.25rem; padding: 0.15rem 0.6rem; background: var(--bytes-pane); font-weight: 600;
  font-size: 0.9em; color: var(--bytes-text); }
.star p.hub { display: grid; place-items: center; margin: 0; font-size: 1.1em; border-width: 2px; } .star .wire { font-size: 0.85em; }
.star .others { margin-top: 0.75rem; display: grid; gap: 0.4rem; }
.task { border-left: 4px solid var(--bytes-line); padding-left: 1rem; margin: 1.5rem 0; } .task.done { border-left-color: var(--bytes-opened); }
.task h3 { margin-top: 0; } .task h3 code { font-weight: 400; } .state { font-weight: 600; }
.hint { border: 1px dashed var(--bytes-line); padding: 0 0.75rem; margin: 0.5rem 0; }
.journal { list-style: none; padding: 0; } .journal p { margin: 0; } .journal li { display: flex; gap: 1ch; margin: 0.25em 0; }
.journal time { color: var(--bytes-dim); flex: none; font-variant-numeric: tabular-nums; }
.evidence-list { margin: 0.5em 0; padding-left: 1.5em; } .evidence-list li { margin: 0.25em 0; max-width: 84ch; }
.experiments th[scope='row'] { font-weight: 400; } @media (min-width: 40.01rem) { .experiments th[scope='row'] { min-width: 9rem; } .experiments td:nth-child(3) { min-width: 14rem; } }
 .experiments td:first-child { white-space: nowrap; }
h4 { font-size: 1em; margin: 0.25em 0; line-height: 1.25; }
.listed .end { display: inline-block; } .listed .fact:not(:last-child)::after { content: '\\a0·'; color: var(--bytes-dim); }
:target { scroll-margin-top: 1rem; } .ladder:target { outline: 3px solid var(--bytes-cursor); }
aside.live { position: sticky; bottom: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1rem;
  padding: 0.5rem 1rem; background: var(--bytes-pane); border-top: 3px solid var(--bytes-cursor); }
.live p { margin: 0; max-width: none; flex: 1 1 20ch; }
.live[data-line='waiting'], .live[data-line='refused'] { border-top-style: dashed; }
:is(.live button, .newer) { font: inherit; padding: 0.35rem 1rem; color: inherit; background: var(--bytes-back);
  border: 2px solid var(--bytes-cursor); border-radius: 0.25rem; cursor: pointer; }
:is(.live button, .newer):focus-visible { outline: 3px solid var(--bytes-cursor); outline-offset: 2px; }
:root:has(.live) { scroll-padding-bottom: 5rem; } .frame:has(+ .live) nav { max-height: calc(100vh - 4rem); }
#learners td:last-child { min-width: 14rem; }
[hidden] { display: none !important; }
main > .present > h2 { border-bottom: 3px solid var(--bytes-cursor); }
nav [aria-current] { font-weight: 700; } nav [aria-current]::before { content: '▸ '; }
.filter { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; margin: 0.75rem 0 0.25rem; }
.filter input { flex: 1 1 16rem; max-width: 60rem; min-width: 0; font: inherit; padding: 0.35rem 0.75rem; color: inherit;
  background: var(--bytes-back); border: 2px solid var(--bytes-line); border-radius: 0.25rem; }
.filter input[aria-invalid='true'] { border-color: var(--bytes-secret); border-style: dashed; }
#view-fault:empty, #view-status:empty { display: none; }
.explorer.viewed .list { height: clamp(8rem, 45vh, 40rem); font-size: 0.95rem; }
.explorer.viewed .list :is(.row, .heads) { display: grid; gap: 0 1.5ch; align-items: baseline; padding: 0 0.5ch;
  grid-template-columns: 7ch 11ch minmax(0, 3fr) minmax(0, 3fr) minmax(0, 4fr) 9ch minmax(14ch, 2fr) 9ch 10ch minmax(0, 4fr); }
.explorer.viewed .heads { position: sticky; top: 0; z-index: 1; background: var(--bytes-pane);
  border-left: 3px solid transparent; box-shadow: 0 1px 0 var(--bytes-line); white-space: nowrap; word-break: normal; }
.explorer.viewed .list .time { font-size: inherit; font-variant-numeric: tabular-nums; }
.explorer.viewed .heads > span { color: var(--bytes-dim); font-weight: 600; overflow: hidden; text-overflow: ellipsis; }
.explorer.viewed .heads button { font: inherit; color: var(--bytes-text); background: none; border: 0; padding: 0.2em 0; cursor: pointer;
  text-decoration: underline dotted; text-underline-offset: 0.2em; max-width: 100%; overflow: hidden; text-overflow: ellipsis; }
.explorer.viewed .heads button:focus-visible { outline: 3px solid var(--bytes-cursor); outline-offset: -3px; }
.explorer.viewed .heads :is([aria-sort='ascending'], [aria-sort='descending']) button { color: var(--bytes-cursor); text-decoration: none; }
.explorer.viewed .heads [aria-sort='ascending'] button::after { content: ' ▲' / ''; }
.explorer.viewed .heads [aria-sort='descending'] button::after { content: ' ▼' / ''; }
.explorer.viewed .cells { display: contents; } .explorer.viewed .cells > * { overflow: hidden; text-overflow: ellipsis; }
.explorer.viewed .list :is(.bytes, .latency, .duration) { text-align: end; font-variant-numeric: tabular-nums; }
.explorer.viewed .open-now .main { text-decoration: underline; }
@container explorer (max-width: 76rem) {
  .explorer.viewed .list :is(.server, .spoke) { display: none; }
  .explorer.viewed .list :is(.row, .heads) { gap: 0 1ch; grid-template-columns: 6ch 11ch minmax(0, 4fr) minmax(0, 4fr) minmax(14ch, 2fr) 8ch 10ch minmax(0, 3fr); }
}
/* Two lines; the time gives way to what the list is sorted by. */
@container explorer (max-width: 54rem) {
  .explorer.viewed .list .row { height: 3.8em; line-height: 1.6; align-content: center;
    grid-template: 'main moment outcome outcome' 'name name name bytes' / 6ch 11ch minmax(0, 1fr) minmax(0, 1fr); }
  .explorer.viewed .row .client { display: none; } .explorer.viewed .list .row .bytes { overflow: visible; justify-self: end; } .explorer.viewed .row .outcome { grid-area: outcome; }
  .explorer.viewed .row .name { grid-area: name; } .explorer.viewed .row .bytes { grid-area: bytes; }
  .explorer.viewed .row :is(.time, .latency, .duration) { grid-area: moment; text-align: start; }
  .explorer.viewed .list:not([data-order='latency']) .row .latency, .explorer.viewed .list:not([data-order='duration']) .row .duration,
  .explorer.viewed .list:is([data-order='latency'], [data-order='duration']) .row .time { display: none; }
  .explorer.viewed .list .heads { display: flex; flex-wrap: wrap; white-space: normal; }
  .explorer.viewed .heads > :not([aria-sort]) { display: none; } .explorer.viewed .heads button { padding: 0.35em 0; }
}
@media (min-width: 70rem) {
  .frame { grid-template-columns: minmax(12rem, 17rem) minmax(0, 1fr); }
  nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding-bottom: 1rem; }
}
@media (max-width: 40rem) {
  /* A long list does not push the page away. */
  nav { max-height: 12.5rem; overflow-y: auto; border-bottom: 1px solid var(--bytes-line); }
  h1 { font-size: 1.6em; } h2 { font-size: 1.3em; }
  .ladder { padding: 0.5rem 0.5rem 0.75rem; } .rungs { margin: 0 0.4rem; } .rung { padding: 0.3rem 0.6rem; }
  .rung .arrow { margin-left: -0.6rem; margin-right: -0.6rem; padding-left: 0.6rem; padding-right: 0.6rem; }
  dl > div { grid-template-columns: minmax(0, 1fr); padding: 0.35em 0; }
  .card { padding: 0.25rem 0.6rem 0.5rem; }
  .star .around { grid-template-columns: minmax(0, 1fr); gap: 0.5rem; } .star .callers li { justify-content: flex-start; }
  .plot.bars ul { grid-template-columns: minmax(0, 1fr); gap: 1em; }
  /* A few columns are all in sight; of many, those that are not are scrolled to. */
  table { font-size: 0.85em; } th, td { padding: 0.25em 0.4em; }
  table.few :is(td, th[scope='col']) { overflow-wrap: anywhere; min-width: 0; } table.few th[scope='row'] { min-width: 4.5em; }
}
@media print {
  :root:root:root { color-scheme: light; ${light} }
  a { color: inherit; text-decoration: none; } .evidence { display: none; }
  header, nav, .skip, .live, .newer { display: none; }
  body { font-size: 10pt; }
  .frame { display: block; max-width: none; padding: 0 1px; }
  .card, .rung, .verdict, tr, .statements li, .plot, .choices, .lesson, .topology ul, .reach dl > div, .hint { break-inside: avoid; }
  h2, h3, h4, figcaption, caption, thead, .ends, .question, .lesson:not(:last-child) { break-after: avoid; } .choices, footer { break-before: avoid; }
  /* What is cut is whole on both pages, and no end of it stands alone. */
  .ladder, .command .output, pre { box-decoration-break: clone; -webkit-box-decoration-break: clone; }
  .rung { padding-top: 0.1rem; padding-bottom: 0.1rem; } .rung:nth-child(-n + 2), :is(.rung, tr):nth-last-child(2) { break-after: avoid; }
  .plot.sizes svg { height: 5rem; }
  .scroll { overflow: visible; }
  main { padding: 0; } footer { padding: 0; border: 0; margin: 0; }
}
@page { margin: 15mm 14mm 18mm; @bottom-right { content: counter(page) ' / ' counter(pages); font: 8pt system-ui, sans-serif; color: #57606a; } }
@media (prefers-reduced-motion: no-preference) { :root { scroll-behavior: smooth; } }
@media (forced-colors: active) { .rung .arrow::after { forced-color-adjust: none; } }
`;
