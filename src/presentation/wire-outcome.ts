/**
 * What the captured bytes prove of each wire: readable, sealed, or nothing. SEALED needs bytes on the wire and the same secret
 * at an endpoint: a secret that was never sent proves nothing, and neither do bytes that were dropped before the search.
 */
import { encodings } from '../analysis/secrets/encodings.ts';
import type { Hit } from '../analysis/secrets/secret-hunt.ts';
import type { Connection } from '../capture/connection.ts';
import { toOffset } from '../core/hex.ts';
import { inEach } from '../i18n/language.ts';
import type { Language, Localized } from '../i18n/language.ts';
import { grouped } from '../i18n/number.ts';
import { connectionsOn, refusalsWithin } from './moment.ts';
import type { Moment } from './moment.ts';
import { stepWords as words } from './step-words.ts';
import { owned } from './topology.ts';
import type { Statement } from './types/values.ts';
import { sideWords } from './words.ts';

/** The first hit of each secret on each wire that a sniffer there reads. */
export function leaksIn({ scene, hops, hits }: Moment): Hit[] {
  return firstOfEach(hits).filter(
    ({ vantage, hop, secret }) =>
      vantage === 'wire' && hops.includes(hop) && scene.sources.secrets.has(secret),
  );
}

/** What is proven of each wire, or of each secret where there is one wire. */
export function wireStatements(
  look: Moment,
  leaks: readonly Hit[],
  show: (value: string) => string,
): Statement[] {
  const { hops, scene } = look;
  if (hops.length === 1 || scene.sources.plan.length === 0) {
    if (leaks.length > 0) {
      return leaks.map(({ secret, hop, offset, encoding, from }) => {
        const value = show(scene.sources.secrets.get(secret) ?? '');
        return {
          mark: '!',
          tone: 'leaked',
          hop,
          text: inEach((language) =>
            words.leakedSecret[language](
              secret,
              hop,
              words.towards[from][language],
              toOffset(offset),
              value,
              encodingName(encoding, language),
            ),
          ),
        };
      });
    }
  }
  return hops.flatMap((hop): Statement[] => {
    const here = leaks.filter((hit) => hit.hop === hop);
    const state = wireState(look, hop, here);
    if (here.length > 0) {
      const found = [...new Set(here.map(({ encoding }) => encoding))];
      return [
        {
          mark: '!',
          tone: 'leaked',
          hop,
          text: inEach((language) =>
            words.wireLeaked[language](
              hop,
              here.map(({ secret, offset }) => words.at[language](secret, toOffset(offset))).join(', '),
              [...new Set(found.map((id) => encodingName(id, language)))].join(', '),
            ),
          ),
        },
      ];
    }
    const searched = searchedOn(look, hop);
    if (state === 'quiet' || searched === 0) return [];
    const wanted = [...scene.sources.secrets.keys()];
    const elsewhere = firstOfEach(look.hits).filter(
      (hit) => wanted.includes(hit.secret) && (hit.vantage === 'plaintext' || hit.hop !== hop),
    );
    const seen = wanted.filter((secret) => elsewhere.some((hit) => hit.secret === secret));
    const missed = missedOn(look, hop);
    if (missed > 0) return [{ mark: '?', tone: 'plain', hop, text: said(words.wireDropped, hop, missed) }];
    // A visitor's secrets are not known in advance: only what the wire carries is stated.
    if (look.stop?.kind === 'visitor' && seen.length === 0) {
      const before = readableBefore(look, hop);
      if (state === 'sealed' && before > 0)
        return [{ mark: ' ', tone: 'plain', hop, text: said(words.wireTurns, hop, before) }];
      return state === 'sealed'
        ? [{ mark: '#', tone: 'sealed', hop, text: said(words.wireOfRecords, hop, searched) }]
        : [];
    }
    if (wanted.length === 0 || seen.length === 0)
      return [{ mark: '?', tone: 'plain', hop, text: said(words.wireUnproven, hop, searched) }];
    // A readable wire is not sealed, whatever it carried.
    if (state !== 'sealed') return [];
    return [
      {
        mark: '#',
        tone: 'sealed',
        hop,
        text: inEach((language) =>
          words.wireSealed[language](
            hop,
            seen.join(', '),
            grouped(searched),
            placeSeen(look, elsewhere, seen.length)[language],
          ),
        ),
      },
    ];
  });
}

/** At the server, if it reports a request; else at the end of a wire or in clear on one: what was sent may never have arrived. */
function placeSeen({ scene, step, first, last }: Moment, [hit]: readonly Hit[], count: number): Localized {
  const { seen } = words;
  const isServed = scene.reports(first, last).some((report) => {
    if (report.who !== step?.server) return false;
    const shown = scene.shown.of(report);
    return shown.hasServed?.(report) ?? (shown.requests?.(report).length ?? 0) > 0;
  });
  if (isServed || !hit) {
    const server = scene.topology.participants.find(({ name }) => name === step?.server);
    return inEach((language) =>
      seen.atServer[language](
        count,
        step === undefined ? sideWords.server[language] : owned(step.server, server),
      ),
    );
  }
  if (hit.vantage === 'wire') return inEach((language) => seen.inClear[language](count, hit.hop));
  const wire = scene.wire(hit.hop);
  const proxy = scene.topology.participants.find(
    ({ name, role }) => role === 'proxy' && (name === wire?.to || name === wire?.from),
  );
  const who = proxy?.name ?? wire?.from ?? hit.hop;
  return inEach((language) => seen.aboveTls[language](count, who));
}

type OfBytes = Readonly<Record<Language, (hop: string, bytes: string) => string>>;

const said = (of: OfBytes, hop: string, bytes: number): Localized =>
  inEach((language) => of[language](hop, grouped(bytes)));

/** Plaintext bytes that a client sent before it started TLS. */
export function readableBefore(look: Moment, hop: string): number {
  return connectionsOn(look, hop).reduce((most, { readableBefore: before }) => Math.max(most, before), 0);
}

/** Of a list that may grow: the first hits among the entries that were examined so far. */
const knownFirsts = new WeakMap<readonly Hit[], { readonly firsts: Hit[]; looked: number }>();

/** The first hit of each secret on each wire at each vantage, which is all that a verdict speaks of. */
function firstOfEach(hits: readonly Hit[]): readonly Hit[] {
  let known = knownFirsts.get(hits);
  if (!known) {
    known = { firsts: [], looked: 0 };
    knownFirsts.set(hits, known);
  }
  const { firsts } = known;
  for (; known.looked < hits.length; known.looked++) {
    const hit = hits[known.looked];
    if (
      hit &&
      !firsts.some(
        ({ secret, hop, vantage }) => secret === hit.secret && hop === hit.hop && vantage === hit.vantage,
      )
    )
      firsts.push(hit);
  }
  return firsts;
}

function encodingName(id: Hit['encoding'], language: Language): string {
  return encodings.find((encoding) => encoding.id === id)?.name[language] ?? id;
}

/** Bytes that the eavesdropper recorded on a wire in what is shown, both directions. */
function searchedOn(look: Moment, hop: string): number {
  const { first, last } = look;
  let sum = 0;
  for (const connection of connectionsOn(look, hop)) {
    for (const from of ['client', 'server'] as const) {
      sum += connection.stream('wire', from).lengthBetween(first, last);
    }
  }
  return sum;
}

/** Bytes on a wire that were dropped before they were searched for secrets. */
function missedOn({ scene, first, last }: Moment, hop: string): number {
  const connections = scene.sources.flows.connections.filter(
    (connection) =>
      connection.hop === hop && connection.lastSeq >= first && (connection.opened?.seq ?? 0) <= last,
  );
  return connections.reduce(
    (sum, { conn }) =>
      sum +
      scene.sources.hunt.missed(conn, 'wire', 'client') +
      scene.sources.hunt.missed(conn, 'wire', 'server'),
    0,
  );
}

export type WireState = 'quiet' | 'readable' | 'sealed' | 'refused';

/** What an eavesdropper on a wire can read in the moment that is shown. */
export function wireState(
  look: Moment,
  hop: string,
  leaks: readonly Hit[] = leaksIn(look).filter((hit) => hit.hop === hop),
): WireState {
  const { first, last } = look;
  // A connection that was only kept open from an earlier step shows nothing about this moment.
  const connections = connectionsOn(look, hop);
  if (!connections.some((connection) => speaks(connection, first, last))) return 'quiet';
  if (leaks.length > 0) return 'readable';
  const failure = failureAt(look, hop);
  if (failure) return failure;
  // Before any data it is unknown what a connection will carry.
  if (!connections.some((connection) => carries(connection, first, last))) return 'quiet';
  if (connections.some((connection) => connection.carriesTls && speaks(connection, first, last)))
    return 'sealed';
  // Lines that can be read, with encrypted values in them: neither word is true of the whole wire.
  return look.scene.shown.isReadable(look.scene.wire(hop)?.protocol) ? 'quiet' : 'readable';
}

/** The wire of a connection that failed: refused, or what could be read on it until then. */
function failureAt({ scene, stop, first, last }: Moment, hop: string): WireState | undefined {
  const { connection, verdict } = scene.verdictAt(stop) ?? {};
  const isOwn = connection?.hop === hop || connection?.twin?.hop === hop;
  if (!connection || !isOwn || !verdict?.story) {
    // Of a visitor's connection the verdict says whether it was refused.
    const isRefused = refusalsWithin({ scene, stop, first, last }).some(
      (one) => one.connection.hop === hop && !(isOwn && stop?.kind === 'visitor'),
    );
    return isRefused ? 'refused' : undefined;
  }
  if (verdict.story.refusal.seq > last) return undefined;
  const { kind } = verdict.outcome;
  if (kind === 'refused_by_client' || kind === 'refused_by_server') return 'refused';
  // Who answers TLS with something else is read by everybody.
  const isAnsweredInClear = connection.carriesTls && !isTlsAnswer(connection);
  if (isAnsweredInClear) return 'readable';
  return verdict.hasCard && connection.carriesTls ? 'quiet' : undefined;
}

/** Whether the server's first bytes are a record of TLS, or there are none. */
function isTlsAnswer(connection: Connection): boolean {
  const { head } = connection.stream('wire', 'server');
  return (
    connection.readableBefore > 0 ||
    head.length < 2 ||
    ((head[0] ?? 0) >= 20 && (head[0] ?? 0) <= 24 && head[1] === 3)
  );
}

function carries(connection: Connection, first: number, last: number): boolean {
  return (['client', 'server'] as const).some(
    (from) => connection.stream('wire', from).lengthBetween(first, last) > 0,
  );
}

function speaks(connection: Connection, first: number, last: number): boolean {
  if (connection.lastSeq < first) return false;
  return (
    carries(connection, first, last) || connection.refused.some(({ seq }) => seq >= first && seq <= last)
  );
}
