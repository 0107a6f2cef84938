/**
 * What the client sent and what the server got, for the two columns beside the wire: the same in plaintext, TLS and mutual
 * TLS, so that only the wire changes. Drawn from what the endpoints read and wrote; where a refused client's bytes were
 * thrown away unread, from the client's own account.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/conversation.ts';
import type { Wire } from '../../../capture/event.ts';
import type { Connection } from '../../../capture/flows.ts';
import type { Field } from '../../../core/field.ts';
import { findField } from '../../../core/field.ts';
import { decodeFormText } from '../../../protocols/http/form.ts';
import type { PlannedStep } from '../../../engine/plan.ts';
import type { Exchange } from './readings.ts';
import { connectionsOn, loginHops } from '../../../presentation/moment.ts';
import { isApiServer } from './selection.ts';
import type { Selection } from './selection.ts';

export interface FormEntry {
  readonly name: string;
  readonly value: string;
}

/** What one endpoint knows of a request. */
export type Account =
  /** Nothing has happened yet. */
  | { readonly state: 'waiting' }
  | {
      readonly state: 'none';
      readonly why: 'handshake' | 'broke_off' | 'refused' | 'not_reached' | 'silent' | 'unknown';
    }
  | {
      readonly state: 'seen';
      readonly title: string;
      readonly form: readonly FormEntry[];
      readonly bytes: number;
      readonly answer?: string;
      readonly thrownAway?: boolean;
    }
  /** Bytes that are no request. */
  | { readonly state: 'bytes'; readonly bytes: number };

export interface EndpointViews {
  readonly sent: Account;
  readonly got: Account;
}

export function endsOf(look: Selection): EndpointViews {
  // A conversation that is shown beside the first words is nobody's visit.
  const isBeside = look.stop?.kind === 'intro' && look.body === 'wire';
  if (look.hop !== undefined && (isBeside || (look.scene.wire(look.hop)?.standing && isUnderWay(look))))
    return endsOfStanding(look, look.hop);
  const hops = loginHops(look);
  const [firstHop] = hops;
  // What a server fetches on a client's account, or keeps behind it, is not what the client said to anybody.
  const lastHop = hops.findLast(
    (hop) =>
      look.step?.path.includes(hop) !== false &&
      !look.step?.doors.some((door) => door.from !== undefined && door.wire === hop),
  );
  if (firstHop === undefined || lastHop === undefined || !isUnderWay(look))
    return { sent: { state: 'waiting' }, got: { state: 'waiting' } };
  if (look.step?.connect)
    return { sent: { state: 'none', why: 'silent' }, got: { state: 'none', why: 'silent' } };
  if (look.step?.toyLogin) return endsOfToy(look, look.step);
  const { starts, ends } = waysOf(look);
  const sent = firstSeen(look, starts) ?? accountOn(look, firstHop);
  const asked = sent.state === 'seen' ? sent.title : undefined;
  const got = firstSeen(look, ends.toReversed(), asked) ?? accountOn(look, lastHop, asked);
  const isRefused =
    look.scene.sources.flows
      .refusalsBetween(look.first, look.last)
      .some(({ connection }) => connection.hop === firstHop) || isTurnedAway(look);
  const own = sent.state === 'seen' ? sent : (clientsOwn(look) ?? sent);
  if (!isRefused) return { sent: own, got };
  // The end that refuses may have read what it threw away; it went no further.
  return {
    sent: own,
    got: lastHop === firstHop || got.state !== 'seen' ? { state: 'none', why: 'not_reached' } : got,
  };
}

/** Whether a wire is one of those on which that client itself speaks. */
export function beginsAt(wire: Wire | undefined, client: string | undefined): boolean {
  return client !== undefined && (wire?.from === client || (wire?.alsoFrom?.includes(client) ?? false));
}

/** Of several ways of one client, the wires on which they begin and end: where one does not go on from the end of the one before. */
function waysOf({ hops, scene, step }: Selection): {
  readonly starts: readonly string[];
  readonly ends: readonly string[];
} {
  const goesOn = (from: string | undefined, to: string | undefined): boolean =>
    from !== undefined && to !== undefined && scene.wire(from)?.to === scene.wire(to)?.from;
  return {
    starts: hops.filter((hop, index) => index === 0 || beginsAt(scene.wire(hop), step?.client)),
    ends: hops.filter((hop, index) => !goesOn(hop, hops[index + 1])),
  };
}

function firstSeen(look: Selection, hops: readonly string[], like?: string): Account | undefined {
  if (hops.length < 2) return undefined;
  return hops.map((hop) => accountOn(look, hop, like)).find(({ state }) => state === 'seen');
}

function isUnderWay({ stop, scene }: Selection): boolean {
  return (
    stop === undefined || stop.kind === 'reveal' || stop.kind === 'visitor' || scene.running !== undefined
  );
}

function exchangeOn(
  { readings, scene, first, last }: Selection,
  connection: Connection,
  which: 'first' | 'newest',
): Exchange | undefined {
  return (
    readings.exchange(connection, first, last, which) ??
    (isSealedToUs(connection) && !scene.sources.isCapture && connection.refused.length === 0
      ? readings.openedExchange(connection, first, last, which)
      : undefined)
  );
}

const accountFrom = ({ request, answer }: Exchange): Account => ({
  state: 'seen',
  title: request.title.en,
  form: formOf(request),
  bytes: request.length,
  ...(answer ? { answer: answer.title.en } : {}),
});

/** @param like the title of the request that is wanted, where several connections have one; else the first */
function accountOn(look: Selection, hop: string, like?: string): Account {
  const connections = connectionsOn(look, hop);
  let exchange: Exchange | undefined;
  for (const connection of connections) {
    // Before it asks for what it is to do, kubectl finds its way.
    const found = exchangeOn(look, connection, isApiServer(look.scene, hop) ? 'newest' : 'first');
    if (!found) continue;
    exchange ??= found;
    // Somebody's own connections may be many; those of a step are few.
    if (like === undefined || !look.step) break;
    if (found.request.title.en === like) {
      exchange = found;
      break;
    }
  }
  if (exchange) return accountFrom(exchange);
  const bytes = connections.reduce(
    (sum, connection) => sum + connection.plaintextStream('client').lengthBetween(look.first, look.last),
    0,
  );
  if (bytes > 0) return { state: 'bytes', bytes };
  const isUnknown =
    look.scene.sources.isVisited === true
      ? connections.some(isSealedToUs)
      : kindBehind(look, hop) === 'etcd' && connections.some(({ carriesTls }) => carriesTls);
  return { state: 'none', why: isUnknown ? 'unknown' : 'not_reached' };
}

function kindBehind({ scene }: Selection, hop: string): string | undefined {
  return scene.topology.participants.find(({ name }) => name === scene.wire(hop)?.to)?.kind;
}

/** The real etcd says so in its log alone. Who asked over its gateway was let in: whom it turned away is itself. */
function isTurnedAway({ scene, step, first, last }: Selection): boolean {
  const told = scene.observed('etcdctl', first, last).at(-1)?.result;
  if (!told || told.exitCode === 0 || told.instead === 'gateway') return false;
  return scene
    .observed('etcd', first, last)
    .some(({ who, result }) => who === step?.server && result.rejected.length > 0);
}

/** TLS went by, and neither end told of it: what was said in it is theirs, but for who has the keys. */
function isSealedToUs({ carriesTls, secured }: Connection): boolean {
  return carriesTls && secured.client === undefined && secured.server === undefined;
}

/** Over such a wire somebody else comes all the time: what he said last is what was said on it, and not what the step is about. */
function endsOfStanding(look: Selection, hop: string): EndpointViews {
  let newest: Exchange | undefined;
  for (const connection of connectionsOn(look, hop)) {
    const exchange = exchangeOn(look, connection, 'newest');
    if (exchange && (!newest || exchange.request.seq > newest.request.seq)) newest = exchange;
  }
  const said = newest ? accountFrom(newest) : accountOn(look, hop);
  const account: Account =
    said.state === 'none' && said.why === 'not_reached' ? { state: 'none', why: 'silent' } : said;
  return { sent: account, got: account };
}

/** In the toy protocol nobody reads the wire: what was typed is known, and whether the server accepted it. */
function endsOfToy(look: Selection, step: PlannedStep): EndpointViews {
  const { scene, first, last } = look;
  const sent = scene.observed('login', first, last).find(({ who }) => who === step.client)?.result;
  if (!sent) return { sent: { state: 'waiting' }, got: { state: 'waiting' } };
  const bytes = sent.sentBytes;
  const seen: Account = { state: 'seen', title: 'login', form: scene.sources.typed(step), bytes };
  const served = scene.observed('served', first, last).find(({ who }) => who === step.server)?.result;
  const isAccepted = served?.logins.some(({ accepted }) => accepted) ?? false;
  return { sent: seen, got: isAccepted ? { ...seen, answer: 'WELCOME' } : { state: 'bytes', bytes } };
}

/** What the client of a step says of itself, when its bytes were read by nobody. */
function clientsOwn({ scene, step, first, last }: Selection): Account | undefined {
  if (!step) return undefined;
  const report = scene.observed('login', first, last).find(({ who }) => who === step.client)?.result;
  if (!report) return undefined;
  if (report.sentBytes === 0)
    return {
      state: 'none',
      why: report.outcome === 'refusing' ? 'broke_off' : report.believedConnected ? 'refused' : 'handshake',
    };
  return {
    state: 'seen',
    title: 'POST /login',
    form: scene.sources.typed(step),
    bytes: report.sentBytes,
    thrownAway: true,
  };
}

/** The entries of a form, decoded. */
export function formOf(request: WireMessage): FormEntry[] {
  const root = request.field();
  const form = root && findField(root, 'http.request.form');
  return (form?.children ?? []).flatMap((entry): FormEntry[] => {
    const name = textOf(entry.children.find(({ id }) => id === 'http.request.form.name'));
    const value = textOf(entry.children.find(({ id }) => id === 'http.request.form.value'));
    return name === undefined ? [] : [{ name, value: value ?? '' }];
  });
}

function textOf(field: Field | undefined): string | undefined {
  return typeof field?.value === 'string' ? decodeFormText(Buffer.from(field.value, 'latin1')) : undefined;
}
