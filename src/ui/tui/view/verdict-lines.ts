/**
 * The top of the screen: in a few words what became of the secrets, and a line for each wire or secret. It decides what is
 * claimed; the claims that a run is judged by are the scenario's, and are shown at its end.
 *
 * 1. SEALED is said only where bytes went by and the same secret was seen at an endpoint: what nobody sent proves nothing.
 *    Bytes that were dropped unsearched seal nothing either.
 * 2. What a refusal means for the login comes from the endpoints, since a sniffer cannot know it.
 */
import { credentialNames } from '../../../analysis/secrets/credential-shapes.ts';
import type { FoundCredential } from '../../../analysis/secrets/credential-shapes.ts';
import { explainRefusal } from '../../../analysis/outcome/refusal.ts';
import { encodings } from '../../../analysis/secrets/encodings.ts';
import type { Hit } from '../../../analysis/secrets/secret-hunt.ts';
import { isHearsay } from '../../../analysis/outcome/secondhand-reasons.ts';
import type { EventOf, Side } from '../../../capture/event.ts';
import type { ApiRequest } from '../../../kube/apiserver/audit.ts';
import type { CertificationOrder } from '../../../features/enrol/observations.ts';
import type { Connection } from '../../../capture/flows.ts';
import { toOffset } from '../../../core/hex.ts';
import type { Language } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import type { Role } from '../frame.ts';
import { outcomeHead } from '../../../presentation/card.ts';
import { orderSummary } from '../../../presentation/orders.ts';
import { openingLines } from '../../../presentation/opening.ts';
import {
  issuedLine,
  paperLines,
  proofLines,
  servedLines,
  storedLines,
  typedOf,
} from '../../../presentation/cluster.ts';
import { proofsOf } from '../../../presentation/refusals.ts';
import { keyFileLine, tryLine } from '../../../presentation/theft.ts';
import { cardWords } from '../../../presentation/words.ts';
import { connectionsOn, hitsIn, loginHops, refusedConnections } from '../state/selection.ts';
import type { Selection } from '../state/selection.ts';
import { screenWords } from '../state/words.ts';

export interface VerdictLine {
  readonly mark: '✓' | '✗' | '?' | '!' | ' ';
  readonly role: Role;
  readonly text: string;
}

export interface Headline {
  readonly text: string;
  readonly role: Role;
}

export interface TopLines {
  readonly headline: Headline;
  readonly lines: readonly VerdictLine[];
}

/** @param show how a secret's value is written: as it is, or masked. */
export function topLines(look: Selection, language: Language, show: (value: string) => string): TopLines {
  const { stop, scene } = look;
  const words = screenWords;
  if (stop?.kind === 'verdict') return verdictLines(look, language);
  if (stop?.kind === 'intro')
    return {
      headline: {
        text: (look.scene.sources.isVisited ? words.awaiting : words.begin)[language],
        role: 'plain',
      },
      lines: [],
    };
  if (stop?.kind === 'question' && scene.running === undefined) {
    const question = scene.toldOf(stop.step).question?.[language];
    if (question === undefined)
      return { headline: { text: words.begin[language], role: 'plain' }, lines: [] };
    return {
      headline: { text: words.whatDoYouThink[language], role: 'question' },
      lines: [{ mark: '?', role: 'question', text: question }],
    };
  }
  const failure = failureIn(look, language);
  if (failure) return failure;
  const theft = theftIn(look, language);
  if (theft) return theft;
  const opening = openingIn(look, language) ?? clusterIn(look, language, show);
  if (opening) return opening;
  const refusal = refusalIn(look);
  const orders = refusal ? undefined : ordersIn(look, language);
  if (orders) return orders;
  const leaks = firstOfEach(look.hits).filter((hit) => isLeak(look, hit));
  const shapes = stop?.kind === 'visitor' ? shapesIn(look) : [];
  const lines = refusal
    ? refusedLines(look, refusal, language)
    : [
        ...shapeLines(shapes, look, language, show),
        ...wireLines(look, leaks, language, show),
        ...serverLines(look, language),
      ];
  const headline = headlineOf(look, { refusal, leaks, shapes: shapes.length, lines }, language);
  return refusal ? { headline, lines } : withTold(look, { headline, lines }, language);
}

/** What the step came to beside its secrets stands behind what leaked, and before what did not. */
function withTold({ stop, scene }: Selection, { headline, lines }: TopLines, language: Language): TopLines {
  const findings = stop?.kind === 'reveal' && stop.step !== undefined ? scene.findings(stop.step) : [];
  const told = findings.filter(({ expectation }) => scene.sources.telling?.has(expectation));
  if (told.length === 0) return { headline, lines };
  const marks = { met: '✓', missed: '✗', unobserved: '?' } as const;
  const toldLines = told.map(
    ({ status, says }): VerdictLine => ({
      mark: marks[status],
      role: status === 'missed' ? 'leaked' : 'plain',
      text: says[language],
    }),
  );
  const known = lines.filter(({ mark }) => mark !== '?');
  const isAboutSecrets = known.some(({ mark }) => mark === '✓' || mark === '✗');
  const met = findings.filter(({ status }) => status === 'met').length;
  return {
    headline: isAboutSecrets
      ? headline
      : { text: screenWords.claims[language](met, findings.length), role: 'plain' },
    lines: [
      ...known.filter(({ mark }) => mark === '✗'),
      ...toldLines,
      ...known.filter(({ mark }) => mark !== '✗'),
    ],
  };
}

/** How many messages of a visitor are looked through for what looks like a secret. */
const lookedThrough = 50;

/** What a visitor brought that looks like a secret, and stands on the wire as it is: nobody told us of it before. */
function shapesIn(look: Selection): FoundCredential[] {
  return look.rows
    .slice(0, lookedThrough)
    .flatMap(({ message }) =>
      message.opened || message.vantage !== 'wire'
        ? []
        : message
            .credentials()
            .filter(
              ({ offset, length }) =>
                !hitsIn(look, message).some(
                  (hit) => hit.offset < offset + length && offset < hit.offset + hit.length,
                ),
            ),
    );
}

function shapeLines(
  shapes: readonly FoundCredential[],
  { hop = '' }: Selection,
  language: Language,
  show: (value: string) => string,
): VerdictLine[] {
  return shapes.slice(0, 2).map(({ kind, name, value, offset }) => ({
    mark: '✗',
    role: 'leaked',
    text: screenWords.leakedShape[language](
      name,
      hop,
      toOffset(offset),
      show(value),
      credentialNames[kind][language],
    ),
  }));
}

function verdictLines({ scene }: Selection, language: Language): TopLines {
  const { verdict } = scene;
  if (!verdict) return { headline: { text: '', role: 'plain' }, lines: [] };
  const met = verdict.findings.filter(({ status }) => status === 'met').length;
  const passed = verdict.status === 'passed';
  return {
    headline: {
      text: `${(passed ? screenWords.passed : screenWords.failed)[language]}: ${screenWords.claims[language](met, verdict.findings.length)}`,
      role: passed ? 'sealed' : 'leaked',
    },
    lines: [],
  };
}

/** What a certificate authority reported of the requests that reached it. */
function ordersIn({ scene, first, last }: Selection, language: Language): TopLines | undefined {
  const reports = scene
    .observed('certification', first, last)
    .flatMap(({ who, result }) => result.orders.map((order) => ({ who, order })));
  const newest = reports.at(-1);
  if (!newest) return undefined;
  const role = ({ outcome }: CertificationOrder): Role =>
    outcome === 'issued' ? 'sealed' : outcome === 'refused' ? 'refused' : 'plain';
  return {
    headline: {
      text: screenWords.orders[newest.order.outcome][language](newest.who),
      role: role(newest.order),
    },
    lines: reports.flatMap(({ order }) =>
      orderSummary(order).map(
        ({ mark, words }): VerdictLine => ({
          mark,
          role: mark === '!' ? 'plain' : role(order),
          text: words[language],
        }),
      ),
    ),
  };
}

/** What the bytes of a capture say of a connection that failed. */
function failureIn(look: Selection, language: Language): TopLines | undefined {
  const failure = look.scene.failureAt(look.stop);
  if (!failure || !refusedConnections(look.scene, look.first, look.last).includes(failure.connection))
    return undefined;
  const { refusal, outcome } = failure.story;
  if (!outcome) return undefined;
  const { name, because } = explainRefusal(refusal);
  const likely = outcome.inferred ? cardWords.likely[language] : '';
  return {
    headline: { text: outcomeHead(outcome, name[language], language), role: 'refused' },
    lines: [{ mark: outcome.inferred ? '?' : '✗', role: 'refused', text: likely + because[language] }],
  };
}

/** What an eavesdropper, a thief or the keeper of a key reports: it says more than that no secret stands on the wire as it is. */
function theftIn({ scene, first, last }: Selection, language: Language): TopLines | undefined {
  const words = screenWords;
  const tries = scene
    .observed('theft', first, last)
    .flatMap(({ who, result }) => result.tries.map((one) => ({ who, one })));
  if (tries.length > 0) {
    const opened = tries.reduce((sum, { one }) => sum + one.opened, 0);
    return {
      headline: {
        text: (opened > 0 ? words.openedHead : words.shutHead)[language],
        role: opened > 0 ? 'leaked' : 'sealed',
      },
      lines: tries.map(({ who, one }) => ({
        ...(one.opened > 0 ? { mark: '✗', role: 'leaked' } : { mark: '✓', role: 'sealed' }),
        text: tryLine(who, one, language),
      })),
    };
  }
  const [kept] = scene.observed('key-file', first, last);
  if (!kept) return undefined;
  const { accepted } = kept.result;
  return {
    headline: { text: kept.result.permissions, role: accepted ? 'sealed' : 'leaked' },
    lines: [
      {
        mark: accepted ? '✓' : '✗',
        role: accepted ? 'sealed' : 'leaked',
        text: keyFileLine(kept.who, kept.result, language),
      },
    ],
  };
}

/** On the wire of an API server or an etcd: whom it took the caller for, and whose certificates were shown. */
function serverLines(look: Selection, language: Language): VerdictLine[] {
  const { scene, hop = '', first, last } = look;
  const wire = scene.wire(hop);
  const kind = scene.topology.participants.find(({ name }) => name === wire?.to)?.kind;
  if (kind !== 'kube-apiserver' && kind !== 'etcd') return [];
  const connection = connectionsOn(look, hop).at(-1);
  // A visitor's stop is about his own connection.
  const isShown =
    look.stop?.kind === 'visitor'
      ? ({ conn }: ApiRequest): boolean => conn === connection?.conn
      : (): boolean => true;
  const served = servedLines(
    wire?.to ?? '',
    {
      requests: scene
        .observed('api', first, last)
        .flatMap(({ who, result }) => (who === wire?.to ? result.requests.filter(isShown) : [])),
    },
    language,
  );
  const stored = scene
    .observed('etcd', first, last)
    .flatMap(({ who, result }) => (who === wire?.to ? storedLines(who, result, language) : []));
  const proofs = connection && proofsOf(connection, scene.sources.flows);
  const ends = {
    client: nameOf(look, hop, 'client', language),
    server: nameOf(look, hop, 'server', language),
  };
  const who = connection && scene.speakers.of(connection)?.who;
  const shown = proofs
    ? proofLines(proofs, { ...ends, ...(who === undefined ? {} : { client: who }) }, language)
    : [];
  return [...served, ...stored, ...shown].map((text): VerdictLine => ({ mark: ' ', role: 'plain', text }));
}

/** What somebody asked an API server or an etcd for, what the server made of it, and what certificates say. */
function clusterIn(
  look: Selection,
  language: Language,
  show: (value: string) => string,
): TopLines | undefined {
  const { scene, first, last } = look;
  const line = (text: string): VerdictLine => ({ mark: ' ', role: 'plain', text });
  const told = [...scene.observed('kubectl', first, last), ...scene.observed('etcdctl', first, last)].at(
    -1,
  )?.result;
  const issued = scene
    .observed('certificate', first, last)
    .map(({ who, result }) => line(issuedLine(who, result, language)));
  if (told) {
    const { command, table, lines } = typedOf(told, language);
    // Of kubectl's own log the last word is enough, where there is one.
    const last = lines.filter((text) => !/^\S+\.go:\d+\] /.test(text));
    const printed = table
      ? [table.head, ...table.rows].map((row) => row.join('  '))
      : last.length > 0
        ? last
        : lines;
    // What is not proven of a wire needs no line where the step is about something else.
    const wires = wireLines(
      look,
      firstOfEach(look.hits).filter((hit) => isLeak(look, hit)),
      language,
      show,
    ).filter(({ mark }) => mark === '✗' || mark === '✓');
    return {
      headline: { text: command, role: told.exitCode === 0 ? 'plain' : 'refused' },
      lines: [...wires, ...printed.map(line), ...serverLines(look, language), ...issued],
    };
  }
  const papers = scene.observed('papers', first, last).flatMap(({ result }) => paperLines(result, language));
  const [headline] = [...papers, ...issued.map(({ text }) => text)];
  if (headline === undefined) return undefined;
  return {
    headline: { text: screenWords.papers[language], role: 'plain' },
    lines: [...papers.map(line), ...issued],
  };
}

/** How a connection was opened over which nothing is said. */
function openingIn({ scene, first, last }: Selection, language: Language): TopLines | undefined {
  const result = scene.observed('tcp-opening', first, last).at(-1)?.result;
  if (!result) return undefined;
  const { title, source, packets } = openingLines(result, language);
  const line = (text: string): VerdictLine => ({ mark: ' ', role: 'plain', text });
  return {
    headline: { text: title, role: 'plain' },
    lines: [
      ...packets.map(({ head, place }) => line(`${head}: ${place}`)),
      ...(source === '' ? [] : [line(source)]),
    ],
  };
}

/** The refusal that speaks for itself, of those in sight. */
export function refusalIn({
  scene,
  first,
  last,
}: Pick<Selection, 'scene' | 'first' | 'last'>):
  | { readonly refusal: EventOf<'refused'>; readonly connection: Connection }
  | undefined {
  const all = scene.sources.flows
    .refusalsBetween(first, last)
    .toSorted((one, other) => one.connection.firstSeq - other.connection.firstSeq);
  return all.find(({ refusal }) => !isHearsay(refusal.reason)) ?? all[0];
}

/** A secret that a sniffer on the wire reads. */
function isLeak({ scene, hops }: Selection, { vantage, hop, secret }: Hit): boolean {
  return vantage === 'wire' && hops.includes(hop) && scene.sources.secrets.has(secret);
}

function headlineOf(
  look: Selection,
  {
    refusal,
    leaks,
    shapes,
    lines,
  }: {
    refusal: ReturnType<typeof refusalIn>;
    leaks: readonly Hit[];
    shapes: number;
    lines: readonly VerdictLine[];
  },
  language: Language,
): Headline {
  const words = screenWords;
  if (refusal)
    return {
      text: words.refusedHead[language](nameOf(look, refusal.refusal.hop, refusal.refusal.by, language)),
      role: 'refused',
    };
  const secrets = new Set(leaks.map(({ secret }) => secret)).size + shapes;
  if (secrets > 0) {
    const wires = look.hops.filter((hop) => leaks.some((hit) => hit.hop === hop));
    return {
      text: words.leakedHead[language](
        secrets,
        look.hops.length > wires.length && shapes === 0 ? wires.join(', ') : '',
      ),
      role: 'leaked',
    };
  }
  if (look.hops.length === 0 && look.step) return { text: words.noWire[language], role: 'dim' };
  const states = look.hops.map((hop) => wireState(look, hop, []));
  if (states.every((state) => state === 'quiet')) return { text: words.nothingYet[language], role: 'dim' };
  if (lines.some(({ mark }) => mark === '✓')) return { text: words.sealedHead[language], role: 'sealed' };
  if (look.stop?.kind === 'visitor' && look.hops.some((hop) => readableBefore(look, hop) > 0))
    return { text: words.turnsHead[language], role: 'plain' };
  return states.includes('sealed')
    ? { text: words.unprovenHead[language], role: 'plain' }
    : { text: words.openHead[language], role: 'plain' };
}

export function nameOf(
  { scene }: Pick<Selection, 'scene'>,
  hop: string,
  side: Side,
  language: Language,
): string {
  const wire = scene.wire(hop);
  const name = side === 'client' ? (wire?.alsoFrom?.length ? undefined : wire?.from) : wire?.to;
  return name ?? screenWords.sides[side][language];
}

function refusedLines(
  look: Selection,
  { refusal }: NonNullable<ReturnType<typeof refusalIn>>,
  language: Language,
): VerdictLine[] {
  const words = screenWords;
  const { name } = explainRefusal(refusal);
  const by = nameOf(look, refusal.hop, refusal.by, language);
  const client = look.step?.client ?? screenWords.sides.client[language];
  const whom = refusal.by === 'server' ? client : nameOf(look, refusal.hop, 'server', language);
  const report = look.scene
    .observed('login', look.first, look.last)
    .find(({ who }) => who === look.step?.client)?.result;
  const sent = report ? report.sentBytes : refusal.detail.discardedBytes;
  const server = look.step?.server ?? nameOf(look, look.hops.at(-1) ?? refusal.hop, 'server', language);
  const reached = loginHops(look)
    .slice(1)
    .some((hop) =>
      look.scene.sources.flows
        .onWireBetween(hop, look.first, look.last)
        .some(
          (connection) => connection.lastSeq <= look.last && (connection.opened?.seq ?? -1) >= look.first,
        ),
    );
  return [
    {
      mark: '✗',
      role: 'refused',
      text: words.refusedLine[language](refusal.by === 'client' ? client : by, whom, name[language]),
    },
    sent === undefined || sent === 0
      ? { mark: '✓', role: 'sealed', text: words.loginKept[language] }
      : {
          mark: reached ? '✗' : '✓',
          role: reached ? 'leaked' : 'sealed',
          text: reached
            ? words.loginReached[language](grouped(sent), server)
            : words.loginSentSealed[language](grouped(sent), server),
        },
  ];
}

function wireLines(
  look: Selection,
  leaks: readonly Hit[],
  language: Language,
  show: (value: string) => string,
): VerdictLine[] {
  const { hops, scene } = look;
  const words = screenWords;
  if (hops.length === 1 || scene.sources.plan.length === 0) {
    if (leaks.length > 0) {
      return leaks.map(({ secret, hop, offset, encoding, from }) => {
        const value = show(scene.sources.secrets.get(secret) ?? '');
        return {
          mark: '✗',
          role: 'leaked',
          text: words.leakedSecret[language](
            secret,
            hop,
            words.towards[from][language],
            toOffset(offset),
            value,
            encodingName(encoding, language),
          ),
        };
      });
    }
  }
  return hops.flatMap((hop): VerdictLine[] => {
    const here = leaks.filter((hit) => hit.hop === hop);
    const state = wireState(look, hop, here);
    if (here.length > 0) {
      const places = here
        .map(({ secret, offset }) => words.at[language](secret, toOffset(offset)))
        .join(', ');
      return [
        {
          mark: '✗',
          role: 'leaked',
          text: words.wireLeaked[language](
            hop,
            places,
            [...new Set(here.map(({ encoding }) => encodingName(encoding, language)))].join(', '),
          ),
        },
      ];
    }
    const searched = searchedOn(look, hop);
    if (state === 'quiet' || searched === 0) return [];
    const wanted = [...scene.sources.secrets.keys()];
    const seen = wanted.filter((secret) =>
      firstOfEach(look.hits).some(
        (hit) => hit.secret === secret && (hit.vantage === 'plaintext' || hit.hop !== hop),
      ),
    );
    const missed = missedOn(look, hop);
    if (missed > 0)
      return [{ mark: '?', role: 'plain', text: words.wireDropped[language](hop, grouped(missed)) }];
    // A visitor's secrets are not known beforehand: nothing is claimed but what the wire carries.
    if (look.stop?.kind === 'visitor' && seen.length === 0) {
      const before = readableBefore(look, hop);
      if (state === 'sealed' && before > 0)
        return [{ mark: ' ', role: 'plain', text: words.wireTurns[language](hop, grouped(before)) }];
      return state === 'sealed'
        ? [{ mark: '✓', role: 'sealed', text: words.wireOfRecords[language](hop, grouped(searched)) }]
        : [];
    }
    if (wanted.length === 0 || seen.length === 0)
      return [{ mark: '?', role: 'plain', text: words.wireUnproven[language](hop, grouped(searched)) }];
    // What everybody could read is not sealed, whatever went over it.
    if (state !== 'sealed') return [];
    return [
      {
        mark: '✓',
        role: 'sealed',
        text: words.wireSealed[language](
          hop,
          seen.join(', '),
          grouped(searched),
          scene.sources.hunt.encodings.length,
        ),
      },
    ];
  });
}

/** Bytes that a client said in the clear before it turned to TLS. */
function readableBefore(look: Selection, hop: string): number {
  return connectionsOn(look, hop).reduce((most, { readableBefore: before }) => Math.max(most, before), 0);
}

/** Of a list that may have grown since: the firsts of as many as were looked at. */
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
export function searchedOn(look: Selection, hop: string): number {
  const { first, last } = look;
  let sum = 0;
  for (const connection of connectionsOn(look, hop)) {
    for (const from of ['client', 'server'] as const) {
      sum += connection.stream('wire', from).lengthBetween(first, last);
    }
  }
  return sum;
}

/** Bytes on a wire that were gone before anybody could look for secrets in them. */
function missedOn({ scene, first, last }: Selection, hop: string): number {
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

/** What a wire is to the eavesdropper in what is shown. */
export function wireState(
  look: Selection,
  hop: string,
  leaks: readonly Hit[] = firstOfEach(look.hits).filter((hit) => isLeak(look, hit) && hit.hop === hop),
): WireState {
  const { scene, first, last } = look;
  // A connection that is only kept open from before says nothing of this moment.
  const connections = connectionsOn(look, hop);
  if (!connections.some((connection) => speaks(connection, first, last))) return 'quiet';
  if (leaks.length > 0) return 'readable';
  if (scene.sources.flows.refusalsBetween(first, last).some(({ connection }) => connection.hop === hop))
    return 'refused';
  // What a connection will carry is not known before it has carried anything.
  if (!connections.some((connection) => carries(connection, first, last))) return 'quiet';
  return connections.some((connection) => connection.carriesTls && speaks(connection, first, last))
    ? 'sealed'
    : 'readable';
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
