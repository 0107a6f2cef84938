/**
 * One verdict for one connection: the lines of a proxy, its JSON, its screen, and `inspect` of the same bytes name the same cause
 * and the same sides, or say that it cannot be seen from there. Each kind of failure goes through the modes of a proxy.
 *
 * 1. A sniffer may know less than an endpoint, never something else.
 * 2. A connection has at most one card, whichever wires it uses; one that only says goodbye has none.
 */
import type { ExecutionContext } from 'ava';
import type { Cause } from '../../src/analysis/outcome/cause-words.ts';
import { endedWell } from '../../src/analysis/outcome/ended-well.ts';
import { outcomeOf } from '../../src/analysis/outcome/outcome.ts';
import { refuserOf } from '../../src/analysis/outcome/outcome-words.ts';
import type { CaptureEvent } from '../../src/capture/event.ts';
import { Flows } from '../../src/capture/flows.ts';
import { isAtLength } from '../helpers/at-length.ts';
import { atMost } from '../helpers/in-turn.ts';
import { withPeer } from '../helpers/peer.ts';
import { isRelayed, logOf, modeNames, modes, programOf } from './support/failures.ts';
import type { ModeName } from './support/failures.ts';
import { kinds } from './support/failure-kinds.ts';
import type { Kind } from './support/failure-kinds.ts';
import { surfacesOf } from './support/surfaces.ts';
import type { Said } from './support/surfaces.ts';

/** What a reader of the bytes says where the reason is sealed, or only known to an endpoint. */
const notVisible: ReadonlySet<Cause | undefined> = new Set([
  undefined,
  'closed_during_handshake',
  'certificate_not_accepted',
  'no_reply',
]);
/** Both are true: of the tunnel, and of what it leads to. */
const seenOtherwise: Readonly<Partial<Record<Cause, Cause>>> = { target_unreachable: 'tunnel_refused' };

/** The cause that is expected; null where it is not written down. */
function expectedCause(
  { causes, isOtherOverHttp, asksItself }: Kind,
  mode: ModeName,
): Cause | undefined | null {
  if (isRelayed(mode)) return mode === 'connect' && asksItself ? null : causes.relayed;
  const { kind } = modes[mode];
  if (isOtherOverHttp && mode !== kind) return null;
  return kind === 'tls' || kind === 'mtls' ? causes[kind] : null;
}

const closingsOf = (events: readonly CaptureEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'closed' ? [`${event.by} ${event.how}`] : []));

/** The side that a card names, by the participant at its end. */
const sideOf = ({ by }: Said): string | undefined => (by === 'proxy' ? 'server' : by);

/** How often a visit is made again that came to another end than the one that is wanted: its two peers race each other. */
const mostVisits = 3;

/** The cause that the JSON names. */
function causeIn(
  events: readonly CaptureEvent[],
  json: ReturnType<typeof surfacesOf>['json'],
): Cause | undefined {
  // A proxy that ends TLS may fail on either of two connections of its own.
  const failed = json.filter(({ cause }) => cause !== undefined);
  return isJoinedIn(events) ? json[0]?.cause : failed[0]?.cause;
}

const isJoinedIn = (events: readonly CaptureEvent[]): boolean =>
  events.some((event) => (event.type === 'opened' || event.type === 'refused') && event.relays !== undefined);

async function agree(t: ExecutionContext, failing: Kind, mode: ModeName): Promise<void> {
  const expected = expectedCause(failing, mode);
  let events = await logOf(failing, mode);
  let seen = surfacesOf(events);
  const isWanted = (): boolean => expected === null || causeIn(events, seen.json) === expected;
  for (let visits = 1; visits < mostVisits && !isWanted(); visits++) {
    events = await logOf(failing, mode);
    seen = surfacesOf(events);
  }
  const { lines, screen, json, inspect } = seen;
  const [outcome] = json;
  const shown = `${lines.text}\n${screen.text}\n${inspect.lines.join('\n')}`;
  if (!outcome) return t.fail(shown);
  const isJoined = isJoinedIn(events);
  const cause = causeIn(events, json);
  if (expected !== null) t.is(cause, expected, shown);
  if (isJoined) {
    for (const one of json) t.is(one.cause, outcome.cause, 'JSON, of both wires');
    if (!events.some((event) => event.type === 'refused' && event.relays !== undefined))
      t.is(
        new Set(closingsOf(events)).size,
        1,
        `both wires were closed by the same side: ${closingsOf(events).join()}`,
      );
  }

  const isSaid = lines.cards + screen.cards > 0;
  t.true(lines.cards <= 1 && screen.cards <= 1, 'one card');
  if (isSaid) {
    t.is(lines.cause, cause, shown);
    t.is(screen.cause, cause, shown);
    t.is(lines.by, screen.by, 'the lines and the screen name the same side');
    if (cause === 'refused_over_http') t.is(lines.by, 'server', 'a proxy only passes it on');
    const judged = json.find((one) => one.cause === cause);
    if (judged && lines.by !== undefined && (lines.by === 'client' || lines.by === 'server'))
      t.is(lines.by, isJoined ? refuserOf(judged) : lines.by, shown);
  } else if (outcome.cause !== undefined && outcome.kind !== 'nothing_said') {
    t.is(outcome.confidence, 'unknown', `a cause that is known has a card: ${outcome.cause}`);
    const [first = ''] = outcome.sentence.en.split('. ');
    t.true(lines.text.includes(first), `${first}\n${shown}`);
    t.true(screen.text.replaceAll(/\s+/g, ' ').includes(first), `${first}\n${shown}`);
  } else if (json.every(({ kind }) => kind === 'empty')) {
    const { en } = outcome.sentence;
    t.true(lines.text.includes(en), `${en}\n${shown}`);
    t.true(screen.text.replaceAll(/\s+/g, ' ').includes(en), `${en}\n${shown}`);
  }
  if (!json.every(({ kind }) => kind === 'empty'))
    t.notRegex(lines.text, /nothing was said|without saying anything/, 'one verdict');
  if (json.every(({ kind }) => kind === 'empty' || kind === 'nothing_said' || kind === 'completed')) {
    t.false(
      events.some(({ type }) => type === 'refused'),
      'nobody was refused',
    );
    t.notRegex(screen.text, /REFUSED|turned .* away/);
  }

  if (json.some(({ step, kind }) => step === 'application_data' && kind !== 'nothing_said'))
    t.notRegex(screen.text, /was not sent/, 'the client had sent its request');

  // Whom an endpoint's reports alone acquit has no cause by its bytes either.
  const flows = new Flows({ events });
  for (const event of events) flows.fold(event);
  for (const connection of flows.connections)
    if (endedWell(connection)) t.is(outcomeOf(connection).cause, undefined, `#${connection.conn}\n${shown}`);

  t.deepEqual(
    inspect.lines.toSorted(),
    inspect.json.map(({ sentence }) => sentence.en).toSorted(),
    'the lines and the JSON of inspect',
  );
  for (const [index, seen] of inspect.json.entries()) {
    const from = json.find((one) => one.cause === seen.cause)?.cause;
    const isLess = notVisible.has(seen.cause) || (cause !== undefined && seenOtherwise[cause] === seen.cause);
    t.true(from === seen.cause || isLess, `inspect says ${seen.cause} of ${cause}\n${shown}`);
    const same = seen.cause === undefined ? undefined : json.find((one) => one.cause === seen.cause);
    if (same && same.confidence !== 'unknown')
      t.is(refuserOf(seen), refuserOf(same), `inspect names the same side\n${shown}`);
    const card = inspect.screen[index];
    if (card && card.cards > 0) {
      t.true(
        inspect.json.some((one) => one.cause === card.cause),
        'the screen of inspect',
      );
      if (card.cause === cause && isJoined) t.is(sideOf(card), sideOf(lines), 'inspect names the same side');
    }
  }
}

/** In `make test` a kind goes through a mode that relays or through one that ends TLS, in turn; in `make test-peers` through all. */
const triedOf = (index: number): readonly ModeName[] =>
  isAtLength ? modeNames : [index % 2 === 0 ? 'passthrough' : 'mtls'];
const inTurn = atMost(4);

for (const [index, [name, failing]] of Object.entries(kinds).entries()) {
  for (const mode of triedOf(index)) {
    // gnutls-cli asks for no tunnel.
    if (mode === 'connect' && programOf(failing).includes('gnutls-cli')) continue;
    withPeer(programOf(failing), `${mode}: ${name}`, async (t) =>
      inTurn(async () => agree(t, failing, mode)),
    );
  }
}
