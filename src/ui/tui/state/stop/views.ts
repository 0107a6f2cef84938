/**
 * What a stop shows: the view that its step asks for where there is something to show, else what its traffic suggests. `v` goes
 * through all of them.
 */
import { refusedConnections } from '../../../../presentation/moment.ts';
import type { Stop } from '../../../../presentation/moment.ts';
import type { StepView } from '../../../../engine/file/lesson.ts';
import type { PlannedStep } from '../../../../engine/plan.ts';
import { tablesOf } from './tables.ts';
import type { Body, Place } from '../model.ts';
import type { RunState } from '../run-state.ts';

export interface StopShown {
  readonly scene: RunState;
  readonly stop: Stop | undefined;
  readonly step: PlannedStep | undefined;
  readonly first: number;
  readonly last: number;
  readonly hops: readonly string[];
}

/** @param place what the viewer chose goes first */
export function bodyOf(shown: StopShown, place: Place): Body {
  return place.body ?? defaultBody(shown);
}

function defaultBody(shown: StopShown): Body {
  const { scene, stop, step, last, hops } = shown;
  if (scene.sources.isLab) return 'lab';
  if (!stop) return scene.star && scene.sources.isVisited ? 'cluster' : 'wire';
  if (stop.kind === 'intro') return isWatched(scene) ? 'cluster' : 'story';
  if (stop.kind === 'question') return scene.running === undefined ? 'story' : 'wire';
  if (stop.kind === 'verdict') return 'verdict';
  const wanted = stop.kind === 'reveal' ? step?.show?.view : undefined;
  if (wanted && hasToShow(bodies[wanted], shown)) return bodies[wanted];
  // A step without traffic is described in words.
  if (stop.step !== undefined && hops.length === 0) return 'story';
  // Many watched wires are shown all at once.
  if (isWatched(scene) && stop.kind === 'visitor') return 'cluster';
  if (refusedConnections(scene, stop.from, last).length > 0) return stop.kind === 'reveal' ? 'brief' : 'card';
  return spokeTogether(scene, stop, last) ? 'cluster' : 'wire';
}

/** Many wires that carry data by themselves: the picture is looked at first, and what is to be read is one key away. */
function isWatched({ star, sources }: RunState): boolean {
  return star !== undefined && sources.isVisited === true && sources.isCapture !== true;
}

/** The views of a step, as they are drawn here. */
const bodies: Readonly<Record<StepView, Body>> = {
  bytes: 'wire',
  wires: 'wires',
  ladder: 'ladder',
  chain: 'chain',
  sizes: 'sizes',
  matrix: 'matrix',
  card: 'brief',
  cluster: 'cluster',
  text: 'story',
};

function hasToShow(body: Body, shown: StopShown): boolean {
  const { scene, stop, step, first, last, hops } = shown;
  const isUsed = (hop: string): boolean => scene.sources.flows.onWireBetween(hop, first, last).length > 0;
  switch (body) {
    case 'wires':
      return shownWires(step, hops).length > 1 && shownWires(step, hops).some(isUsed);
    case 'ladder':
      return shownWires(step, hops).slice(0, 1).some(isUsed);
    case 'lab':
      return scene.sources.isLab === true;
    case 'wire':
      return hops.length > 0;
    case 'chain':
      return scene.reports(first, last).some((report) => scene.shown.of(report).chain !== undefined);
    case 'sizes':
      return stop?.step !== undefined && scene.findings(stop.step).some(({ chart }) => chart !== undefined);
    case 'matrix':
      return Object.values(tablesOf(scene, last, stop?.step)).some(({ length }) => length > 0);
    case 'card':
    case 'brief':
      return refusedConnections(scene, first, last).length > 0;
    case 'cluster':
      return scene.star !== undefined;
    case 'story':
      return true;
    case 'verdict':
    case 'claims':
      return stop?.kind === 'verdict';
  }
}

/** The wires that a step wants to be looked at, else the first two of its path. */
export function shownWires(step: PlannedStep | undefined, hops: readonly string[]): readonly string[] {
  return step?.show?.wires ?? hops.slice(0, 2);
}

/** How many wires a step must use to be shown in the picture: fewer are its own path. */
const together = 3;

/** Whether a step caused traffic beyond its own path. */
function spokeTogether(scene: RunState, stop: Stop, last: number): boolean {
  if (!scene.star || stop.step === undefined) return false;
  const burst = scene.trail.between(stop.from, last);
  return burst !== undefined && new Set(burst.steps.map(({ hop }) => hop)).size >= together;
}

/** The bodies that are available at a stop, in the order of `v`: the one that the stop opens with comes first. */
export function viewsOf(shown: StopShown): Body[] {
  const { stop, step, hops, scene } = shown;
  const all: readonly Body[] = scene.star ? ['cluster'] : [];
  if (scene.sources.isLab && stop?.conn === undefined) return ['lab'];
  if (stop?.kind === 'verdict') return ['verdict', 'claims', ...all];
  if (stop?.kind === 'intro') return isWatched(scene) ? ['cluster', 'story'] : ['story', ...all];
  if (stop?.kind === 'question' && scene.running === undefined) return ['story', ...all];
  const wanted = stop?.kind === 'reveal' ? step?.show?.view : undefined;
  const offered: readonly Body[] = [
    defaultBody(shown),
    ...(wanted && hasToShow(bodies[wanted], shown) ? [bodies[wanted]] : []),
    ...(hasToShow('card', shown) ? (['card'] as const) : []),
    ...(hops.length > 0 || stop?.step === undefined ? (['wire'] as const) : []),
    ...(stop?.kind === 'reveal' && hasToShow('chain', shown) ? (['chain'] as const) : []),
    ...(stop?.kind === 'reveal' && hops.length > 0 && hasToShow('ladder', shown)
      ? (['ladder'] as const)
      : []),
    ...(stop?.step === undefined ? [] : (['story'] as const)),
    ...all,
  ];
  return [...new Set(offered)];
}
