/**
 * All refusals of a run as one table, a short row each. The details are on each refusal's card (`card.ts`).
 */
import { explainRefusal } from '../analysis/outcome/refusal.ts';
import { safeText } from '../i18n/safe.ts';
import type { RefusalStory } from './refusals.ts';
import type { Matrix, MatrixCell } from './types/matrix.ts';
import type { Table, Tone, Words } from './types/values.ts';
import { refusalTableWords, sideWords } from './words.ts';

/** Undefined for fewer than two refusals: one card says more. */
export function refusalMatrix(refusals: readonly RefusalStory[]): Matrix | undefined {
  if (refusals.length < 2) return undefined;
  const { title, head, legend, noAlertShort, notSent, sent, unknown, wireStates } = refusalTableWords;
  const [corner, ...columns] = head;
  const rows = refusals.map(({ refusal, ends, alertPlace, loginSent, version }) => {
    const { alert, by } = refusal;
    const wire = !alert ? 'none' : alertPlace?.readable ? 'clear' : 'sealed';
    return {
      name: harmless(ends.client ?? unknown),
      cells: [
        cell('plain', version?.replace('TLSv', '') ?? unknown),
        cell('plain', ends[by] ?? sideWords[by]),
        cell('refused', explainRefusal(refusal).name),
        cell('plain', alert?.description ?? noAlertShort),
        cell(wireTones[wire], wireStates[wire]),
        loginSent === undefined
          ? cell('question', unknown)
          : cell(loginSent ? 'warning' : 'plain', loginSent ? sent : notSent),
      ],
    };
  });
  return { title, corner, columns, rows, legend };
}

const wireTones = { none: 'dim', clear: 'leaked', sealed: 'sealed' } as const;

/** Of a table: behind the name, the version and who refused. */
const reasonColumn = 3;

const harmless = (text: Words): Words => (typeof text === 'string' ? safeText(text) : text);
const cell = (tone: Tone, text: Words): MatrixCell => ({ tone, text: harmless(text) });

/** For a renderer that sets text in columns. @param current the row of the step that is shown, from 0; less for none */
export function matrixTable({ title, corner, columns, rows, legend }: Matrix, current = -1): Table {
  return {
    title,
    head: [corner, ...columns],
    rows: rows.map(({ name, cells }) => [name, ...cells.map(({ text }) => text)]),
    ...(current >= 0 && { current: { row: current, column: reasonColumn } }),
    tones: rows.map(({ cells }) => ['plain', ...cells.map(({ tone }) => tone)]),
    legend,
  };
}
