/**
 * What moves on the screen for a moment, where a still picture would not say it: a packet that crosses the wires of a step, and
 * noise that turns into text. Which motion follows from two models; what it looks like, from the model and the progress from 0
 * to 1. `loop.ts` has the clock.
 *
 * 1. At 1 the frame is the still one.
 * 2. Nothing but cells of the still frames is moved or replaced: rows stay as wide as they are.
 */
import { refusalsWithin } from '../../presentation/moment.ts';
import type { Stop } from '../../presentation/moment.ts';
import { wireState } from '../../presentation/wire-outcome.ts';
import { cellWidth } from '../../i18n/width.ts';
import type { Frame, Line, PathCells, Role, Size } from './frame.ts';
import { span } from './pen.ts';
import { penFor } from './state/masking.ts';
import type { Model } from './state/model.ts';
import { lookAt } from './state/selection.ts';
import type { Selection } from './state/selection.ts';
import { view } from './view.ts';

export type Motion =
  | { readonly type: 'packet'; readonly stop: Stop }
  /** From a frame with noise, of the same stop. */
  | { readonly type: 'opening'; readonly stop: Stop; readonly from: Frame };

/** Finds the motion between two frames. A stop of a run is reached for the first time once. */
export class Motions {
  readonly #reached = new WeakSet<object>();

  /** @param before as it was drawn last */
  between(before: Model, after: Model): Motion | undefined {
    const stop = lookAt(after)?.stop;
    if (!stop) return undefined;
    if (stop.kind === 'reveal' && !this.#reached.has(stop)) {
      this.#reached.add(stop);
      return view(after).path?.wires.length ? { type: 'packet', stop } : undefined;
    }
    if (before.opened || !after.opened || lookAt(before)?.stop !== stop) return undefined;
    const from = view(before);
    return isAsLarge(from, view(after)) && noiseIn(from) ? { type: 'opening', stop, from } : undefined;
  }
}

const isAsLarge = (one: Size, other: Size): boolean =>
  one.columns === other.columns && one.rows === other.rows;

/** The frame of a model during a motion: the still one where it does not show what moved. */
export function movingFrame(model: Model, motion: Motion, progress: number): Frame {
  const still = view(model);
  const look = lookAt(model);
  if (progress >= 1 || look?.stop !== motion.stop) return still;
  if (motion.type === 'packet') return withPackets(still, model, look, progress);
  return model.opened && isAsLarge(still, motion.from) ? opening(motion.from, still, progress) : still;
}

// ---------------------------------------------------------------- a packet

/** A refused one stays where it was stopped for the rest of the time. */
const crossing = 0.7;

/** The columns that a packet passes, and whether it is stopped at the last of them. */
interface Route {
  readonly columns: readonly number[];
  readonly isRefused: boolean;
}

function withPackets(still: Frame, model: Model, look: Selection, progress: number): Frame {
  const { path } = still;
  if (!path) return still;
  const pen = penFor(model);
  const cells = cellsOf(still.lines[path.row] ?? []);
  for (const { columns, isRefused } of routesOf(look, path)) {
    const share = isRefused ? Math.min(1, progress / crossing) : progress;
    const at = columns[Math.min(columns.length - 1, Math.floor(share * columns.length))];
    if (at === undefined) continue;
    cells[at] =
      isRefused && share >= 1 ? cell(pen.plain('✗'), 'refused-loud') : cell(pen.plain('●'), 'strong');
  }
  const lines = still.lines.map((line, row) => (row === path.row ? lineOf(cells) : line));
  return { ...still, lines };
}

/**
 * Each path of the step from its client on: wires that do not start where the one before ended are another. A path ends where it
 * was refused, and before a wire that nothing went over.
 */
function routesOf(look: Selection, { wires }: PathCells): Route[] {
  const routes: { columns: number[]; isRefused: boolean; isOver: boolean }[] = [];
  let end: string | undefined;
  for (const { hop, column, width } of wires) {
    const wire = look.scene.wire(hop);
    const last = routes.at(-1);
    const route = last && end === wire?.from ? last : { columns: [], isRefused: false, isOver: false };
    if (route !== last) routes.push(route);
    end = wire?.to;
    const state = wireState(look, hop);
    route.isOver ||= state === 'quiet';
    if (route.isOver) continue;
    const there = Array.from({ length: width }, (_, index) => column + index);
    route.columns.push(...there);
    route.isRefused = state === 'refused';
    route.isOver = route.isRefused;
    // A client refuses what came back.
    if (route.isRefused && refuserOn(look, hop) === 'client') route.columns.push(...there.toReversed());
  }
  return routes;
}

const refuserOn = (look: Selection, hop: string): 'client' | 'server' | undefined =>
  refusalsWithin(look).find(({ refusal }) => refusal.hop === hop)?.refusal.by;

// ---------------------------------------------------------------- noise that turns into text

interface Area {
  readonly rows: readonly [first: number, last: number];
  readonly columns: readonly [first: number, last: number];
}

/** The smallest area with all the noise of a frame. */
function noiseIn({ lines }: Frame): Area | undefined {
  const noisy = lines.flatMap((line, row) =>
    cellsOf(line).flatMap(({ role }, column) => (role === 'noise' ? [{ row, column }] : [])),
  );
  if (noisy.length === 0) return undefined;
  const columns = noisy.map(({ column }) => column);
  return {
    rows: [noisy[0]?.row ?? 0, noisy.at(-1)?.row ?? 0],
    columns: [columns.reduce((a, b) => Math.min(a, b)), columns.reduce((a, b) => Math.max(a, b))],
  };
}

/** From left to right, columns of the noise are what the keys make of them. */
function opening(from: Frame, to: Frame, progress: number): Frame {
  const area = noiseIn(from);
  if (!area) return to;
  const [left, right] = area.columns;
  const reached = left + Math.floor(progress * (right - left + 1));
  const lines = to.lines.map((line, row) => {
    if (row < area.rows[0] || row > area.rows[1]) return line;
    const noise = cellsOf(from.lines[row] ?? []);
    return lineOf(
      cellsOf(line).map((opened, column) =>
        column < reached || column > right ? opened : (noise[column] ?? opened),
      ),
    );
  });
  return { ...to, lines };
}

// ---------------------------------------------------------------- cells

/** A cell of a line; the second cell of a wide character has no text. */
interface Cell {
  readonly text: string;
  readonly role: Role;
}

const cell = (text: string, role: Role): Cell => ({ text, role });

function cellsOf(line: Line): Cell[] {
  return line.flatMap(({ text, role }) =>
    Array.from(text).flatMap((character) =>
      cellWidth(character) === 2 ? [cell(character, role), cell('', role)] : [cell(character, role)],
    ),
  );
}

/** A wide character of which one cell was replaced is a blank in the other. */
function lineOf(cells: readonly Cell[]): Line {
  const spans: { text: string; role: Role }[] = [];
  for (const [at, { text, role }] of cells.entries()) {
    const isHalf = text === '' ? !isWide(cells[at - 1]) : isWide(cells[at]) && cells[at + 1]?.text !== '';
    const shown = isHalf ? ' ' : text;
    const last = spans.at(-1);
    if (last?.role === role) last.text += shown;
    else spans.push({ text: shown, role });
  }
  return spans.map(({ text, role }) => span(text, role));
}

const isWide = (one: Cell | undefined): boolean => one !== undefined && cellWidth(one.text) === 2;
