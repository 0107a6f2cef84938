/**
 * What the client sent and what the server received, for the two columns beside the wire: the same in plaintext, TLS and mutual
 * TLS, so that only the wire changes. It comes from the plaintext of the endpoints; if a refused client's bytes were discarded
 * unread, from the client's own report.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/message.ts';
import type { Wire } from '../../../capture/event.ts';
import type { Connection } from '../../../capture/connection.ts';
import type { Field } from '../../../core/field.ts';
import { findField } from '../../../core/field.ts';
import { decodeFormText } from '../../../protocols/http/form.ts';
import type { Exchange } from './readings.ts';
import type { EndpointView, EndpointViews, FormEntries } from '../../../presentation/types/values.ts';
import { accountOf, connectionsOn, loginHops, refusalsWithin } from '../../../presentation/moment.ts';
import { isApiServer } from './selection.ts';
import type { Selection } from './selection.ts';

export function endsOf(look: Selection): EndpointViews {
  // A conversation that is shown beside the introduction belongs to no visitor.
  const isBeside = look.stop?.kind === 'intro' && look.body === 'wire';
  if (look.hop !== undefined && (isBeside || (look.scene.wire(look.hop)?.standing && isUnderWay(look))))
    return endsOfStanding(look, look.hop);
  const hops = loginHops(look);
  const [firstHop] = hops;
  // A server's requests on behalf of a client, or to its store, were not sent by the client.
  const lastHop = hops.findLast(
    (hop) =>
      look.step?.path.includes(hop) !== false &&
      !look.step?.entryPoints.some((door) => door.from !== undefined && door.wire === hop),
  );
  if (firstHop === undefined || lastHop === undefined || !isUnderWay(look))
    return { sent: { state: 'waiting' }, got: { state: 'waiting' } };
  const reported = reportedEnds(look);
  if (reported) return reported;
  const { starts, ends } = waysOf(look);
  const sent = firstSeen(look, starts) ?? viewOn(look, firstHop);
  const asked = sent.state === 'seen' ? sent.title : undefined;
  const got = firstSeen(look, ends.toReversed(), asked) ?? viewOn(look, lastHop, asked);
  const isRefused =
    refusalsWithin(look).some(({ connection }) => connection.hop === firstHop) || isTurnedAway(look);
  const own = sent.state === 'seen' ? sent : (clientsOwn(look) ?? sent);
  if (!isRefused) return { sent: own, got };
  // The refusing end may have read what it discarded; it went no further.
  return {
    sent: own,
    got: lastHop === firstHop || got.state !== 'seen' ? { state: 'none', why: 'not_reached' } : got,
  };
}

/** Whether that client itself uses the wire. */
export function beginsAt(wire: Wire | undefined, client: string | undefined): boolean {
  return client !== undefined && (wire?.from === client || (wire?.alsoFrom?.includes(client) ?? false));
}

/** Of several paths of one client, the first and last wires: a new path begins where a wire does not continue the previous one. */
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

function firstSeen(look: Selection, hops: readonly string[], like?: string): EndpointView | undefined {
  if (hops.length < 2) return undefined;
  return hops.map((hop) => viewOn(look, hop, like)).find(({ state }) => state === 'seen');
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

const viewFrom = ({ request, answer }: Exchange): EndpointView => ({
  state: 'seen',
  title: request.title.en,
  form: formOf(request),
  bytes: request.length,
  ...(answer ? { answer: answer.title.en } : {}),
});

/** @param like the title of the wanted request, if several connections have one; else the first request */
function viewOn(look: Selection, hop: string, like?: string): EndpointView {
  const connections = connectionsOn(look, hop);
  let exchange: Exchange | undefined;
  // A visitor may have many connections; a step has few.
  for (const connection of look.step ? connections : nearest(look, connections)) {
    // kubectl sends discovery requests before the actual one.
    const found = exchangeOn(look, connection, isApiServer(look.scene, hop) ? 'newest' : 'first');
    if (!found) continue;
    exchange ??= found;
    if (like === undefined) break;
    // Connections to a server are shared: the request may not be the first there.
    const wanted = [found, ...(look.step ? [] : [exchangeOn(look, connection, 'newest')])].find(
      (one) => one?.request.title.en === like,
    );
    if (wanted) {
      exchange = wanted;
      break;
    }
  }
  if (exchange) return viewFrom(exchange);
  const bytes = connections.reduce(
    (sum, connection) => sum + connection.plaintextStream('client').lengthBetween(look.first, look.last),
    0,
  );
  if (bytes > 0) return { state: 'bytes', bytes };
  const isUnknown =
    look.scene.sources.isVisited === true
      ? connections.some(isSealedToUs)
      : look.scene.shown.traitsOf(kindBehind(look, hop)).isStore === true &&
        connections.some(({ carriesTls }) => carriesTls);
  return { state: 'none', why: isUnknown ? 'unknown' : 'not_reached' };
}

const mostSought = 16;

/** Those that a visitor's connection led to first, then the others of that time: a few. */
function nearest({ scene, stop }: Selection, connections: readonly Connection[]): readonly Connection[] {
  const own = stop?.conn === undefined ? undefined : scene.connection(stop.conn);
  const isBehind = (one: Connection): boolean => own !== undefined && (one === own.twin || own.led.has(one));
  return [...connections.filter(isBehind), ...connections.filter((one) => !isBehind(one))].slice(
    0,
    mostSought,
  );
}

function kindBehind({ scene }: Selection, hop: string): string | undefined {
  return scene.topology.participants.find(({ name }) => name === scene.wire(hop)?.to)?.kind;
}

/** Whether a server reported a refusal: a store may do so only in its log. A caller that TLS admitted was not the refused one. */
function isTurnedAway({ scene, step, first, last }: Selection): boolean {
  const reports = scene.reports(first, last);
  const command = reports.flatMap((report) => scene.shown.of(report).command?.(report) ?? []).at(-1);
  if (!command?.isRefused || command.isLetIn) return false;
  return reports.some(
    (report) => report.who === step?.server && scene.shown.of(report).hasTurnedAway?.(report),
  );
}

/** TLS that neither end reported: its content is unknown without the keys. */
function isSealedToUs({ carriesTls, secured }: Connection): boolean {
  return carriesTls && secured.client === undefined && secured.server === undefined;
}

/** The ends of a wire with continuous calls: the newest exchange on it is shown, which need not belong to the step. */
function endsOfStanding(look: Selection, hop: string): EndpointViews {
  let newest: Exchange | undefined;
  for (const connection of connectionsOn(look, hop)) {
    const exchange = exchangeOn(look, connection, 'newest');
    if (exchange && (!newest || exchange.request.seq > newest.request.seq)) newest = exchange;
  }
  const said = newest ? viewFrom(newest) : viewOn(look, hop);
  const account: EndpointView =
    said.state === 'none' && said.why === 'not_reached' ? { state: 'none', why: 'silent' } : said;
  return { sent: account, got: account };
}

/** What the step's feature reports, if the bytes do not show it. */
function reportedEnds(look: Selection): EndpointViews | undefined {
  const { scene, step, first, last } = look;
  if (!step) return undefined;
  const facts = {
    step,
    typed: scene.sources.typed(step),
    account: accountOf(look, step.client),
    hasAdmitted: scene
      .reports(first, last)
      .some((report) => report.who === step.server && scene.shown.of(report).hasAdmitted?.(report)),
  };
  return scene.shown.first((shown) => shown.endpoints?.(facts));
}

/** The report of a step's client, if no endpoint read its bytes. */
function clientsOwn(look: Selection): EndpointView | undefined {
  const { scene, step } = look;
  const account = step && accountOf(look, step.client);
  if (!account) return undefined;
  const { title, sentBytes, brokeOff, believedConnected } = account;
  if (sentBytes === 0)
    return { state: 'none', why: brokeOff ? 'broke_off' : believedConnected ? 'refused' : 'handshake' };
  return { state: 'seen', title, form: scene.sources.typed(step), bytes: sentBytes, thrownAway: true };
}

/** The entries of a form, decoded. */
export function formOf(request: WireMessage): FormEntries {
  const root = request.field();
  const form = root && findField(root, 'http.request.form');
  return (form?.children ?? []).flatMap((entry) => {
    const name = textOf(entry.children.find(({ id }) => id === 'http.request.form.name'));
    const value = textOf(entry.children.find(({ id }) => id === 'http.request.form.value'));
    return name === undefined ? [] : [{ name, value: value ?? '' }];
  });
}

function textOf(field: Field | undefined): string | undefined {
  return typeof field?.value === 'string' ? decodeFormText(Buffer.from(field.value, 'latin1')) : undefined;
}
