/**
 * The star of a topology: each wire with its state and counts, and the order in which the wires carried data. The renderer
 * decides the layout. `report.ts` describes one wire.
 */
import { legsOf } from '../../analysis/call-trace.ts';
import type { Burst, CallTraceStep } from '../../analysis/call-trace.ts';
import type { Wire } from '../../capture/event.ts';
import { inEach, verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { clusterWords } from './words.ts';
import type { WatchedMoment } from '../moment.ts';
import type { Star } from '../topology.ts';
import type { CallOrder, Cluster, ClusterWire } from '../types/cluster.ts';
import type { Headline } from '../types/values.ts';
import { statusOf, trailOf } from './status.ts';
import type { WireStatus } from './status.ts';
import { sideWords } from '../words.ts';

/** @param calm the event up to which no wire stays lit. */
export function clusterOf(look: WatchedMoment, star: Star, calm: number): Cluster {
  const burst = trailOf(look);
  const places = placesIn(burst);
  const wires = new Map(
    look.scene.topology.wires.map((wire) => [
      wire,
      clusterWire(statusOf(look, wire, calm), places.get(wire.hop) ?? []),
    ]),
  );
  const among = (some: readonly Wire[]): ClusterWire[] => some.flatMap((wire) => wires.get(wire) ?? []);
  return {
    hub: star.hub,
    faces: sideWords,
    wires: [...wires.values()],
    calledOver: among(star.calledOver),
    callsOver: among(star.callsOver),
    others: among(star.others),
    orders: ordersOf(look, burst),
  };
}

/** Of many wires, how many are lit. */
export function clusterHeadline(look: WatchedMoment, calm: number): Headline {
  const lights = look.scene.topology.wires.map((wire) => statusOf(look, wire, calm).light);
  const lit = lights.filter((light) => light === 'lit').length;
  return { text: inEach((language) => clusterWords.lit[language](lit, lights.length)), tone: 'plain' };
}

export const callersOf = ({ from, alsoFrom = [] }: Wire): string => [from, ...alsoFrom].join(', ');

function clusterWire({ wire, light, security, traffic }: WireStatus, places: readonly number[]): ClusterWire {
  return {
    hop: wire.hop,
    callers: callersOf(wire),
    to: wire.to,
    light,
    security,
    securityName: security === undefined ? verbatim('') : clusterWords.securities[security],
    isRefusing: traffic.isRefusing,
    counts: light === 'unused' && !traffic.isRefusing ? undefined : countsOf(traffic),
    places,
  };
}

/** `3 conn, 12 kB`. */
function countsOf({ isRefusing, refused, connections, bytes }: WireStatus['traffic']): Localized {
  return inEach((language) =>
    isRefusing
      ? clusterWords.refusedCount[language](grouped(refused))
      : clusterWords.counts[language](grouped(connections), shortBytes(bytes.client + bytes.server)),
  );
}

/** Four digits at most: `9,999 B`, `12 kB`. */
function shortBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let at = 0;
  let rest = bytes;
  for (; rest > 9999 && at < units.length - 1; at++) rest = Math.round(rest / 1000);
  return `${grouped(rest)} ${units[at] ?? ''}`;
}

function ordersOf({ scene, step, last }: WatchedMoment, burst: Burst | undefined): CallOrder[] {
  const { order, noOrder } = clusterWords;
  const label = (seconds?: string): Localized => inEach((language) => order[language](seconds));
  if (!burst) return [{ label: label(), text: noOrder, isEmpty: true }];
  const later = step ? undefined : scene.trail.newest(last, 1);
  const bursts = [burst, ...(later && later.seq !== burst.seq ? [later] : [])];
  return bursts.map((one) => ({
    label: label(step ? undefined : (one.at / 1e6).toFixed(1)),
    text: orderText(one),
    isEmpty: false,
  }));
}

/** `A → B → D← → B`: `←` after a wire marks a call from its server. */
function orderText({ steps, more }: Burst): Localized {
  const step = ({ hop, by }: CallTraceStep): string => (by === 'server' ? `${hop}←` : hop);
  const legs = legsOf(steps).map(({ steps: own, times }) =>
    times > 1 ? `(${own.map(step).join(' → ')}) ×${times}` : own.map(step).join(' → '),
  );
  const text = [...legs, ...(more > 0 ? [`… +${grouped(more)}`] : [])].join(' → ');
  const isCalledBack = steps.some(({ by }) => by === 'server');
  return inEach((language) => `${text}${isCalledBack ? `   ${clusterWords.calledBack[language]}` : ''}`);
}

/** The positions of each wire in a short order. */
function placesIn(burst: Burst | undefined): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [index, { hop }] of (burst?.steps ?? []).entries())
    places.set(hop, [...(places.get(hop) ?? []), index + 1]);
  return places;
}
