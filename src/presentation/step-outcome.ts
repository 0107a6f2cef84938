/**
 * The outcome of a step, or of a moment of it: a headline about the secrets, and a statement for each wire or secret. The
 * claims that a run is judged by are the scenario's (`verdict.ts`); the renderer shows as many statements as fit.
 *
 * 1. What a refusal means for the login comes from the endpoints, since a sniffer cannot know it.
 * 2. What the captured bytes prove is in `wire-outcome.ts`.
 */
import { explainRefusal } from '../analysis/outcome/refusal.ts';
import { isHearsay } from '../analysis/outcome/secondhand-reasons.ts';
import { unknownAmong } from '../analysis/secrets/credential-shapes.ts';
import { credentialName, protectionOf } from '../protocols/shared/credential.ts';
import type { FoundCredential } from '../analysis/secrets/credential-shapes.ts';
import type { Hit } from '../analysis/secrets/secret-hunt.ts';
import { otherSide } from '../capture/event.ts';
import type { EventOf, Side } from '../capture/event.ts';
import type { Connection } from '../capture/connection.ts';
import { toOffset } from '../core/hex.ts';
import { inEach, inLanguage, verbatim } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { grouped } from '../i18n/number.ts';
import { becauseOf, outcomeHead } from './card.ts';
import { accountOf, connectionsOn, hitsIn, loginHops, refusalsWithin } from './moment.ts';
import type { Moment } from './moment.ts';
import { proofLines } from './proofs.ts';
import { clientName, isAside, isToldByClient, proofsOf } from './refusals.ts';
import type { AnyShown, Report } from './shown.ts';
import { stepWords as words } from './step-words.ts';
import { statusMarks } from '../engine/status-marks.ts';
import type { Headline, Opening, Statement, StepOutcome, Words } from './types/values.ts';
import { claimsOf, takeawayOf } from './takeaway.ts';
import { leaksIn, readableBefore, wireState, wireStatements } from './wire-outcome.ts';
import { sideWords } from './words.ts';

/** @param show how a secret's value is written: as it is, or masked. */
export function stepOutcome(look: Moment, show: (value: string) => string): StepOutcome {
  const { stop, scene } = look;
  if (stop?.kind === 'verdict') return verdictIn(look);
  if (stop?.kind === 'intro')
    return headOnly({ text: scene.sources.isVisited ? words.awaiting : words.begin, tone: 'plain' });
  if (stop?.kind === 'question' && scene.running === undefined) {
    const { question } = scene.narrationOf(stop.step);
    if (question === undefined) return headOnly({ text: words.begin, tone: 'plain' });
    return {
      headline: { text: words.whatDoYouThink, tone: 'question' },
      statements: [{ mark: '?', tone: 'question', text: question }],
    };
  }
  const failure = failureIn(look);
  if (failure) return withLeaks(look, failure, show);
  const reported = reportedIn(look, show);
  if (reported) return reported;
  const refusal = refusalIn(look);
  if (refusal) return refusedOutcome(look, refusal);
  const decided = decisionsIn(look);
  if (decided) return decided;
  const leaks = leaksIn(look);
  const shapes = stop?.kind === 'visitor' ? shapesIn(look) : [];
  const statements = [
    ...shapeStatements(shapes, look, show),
    ...wireStatements(look, leaks, show),
    ...serverStatements(look),
  ];
  return withSummaryClaims(look, {
    headline: headlineOf(look, { leaks, shapes: readableAmong(shapes), statements }),
    statements,
  });
}

/** What leaked comes first, whatever became of the connection. */
function withLeaks(look: Moment, failure: StepOutcome, show: (value: string) => string): StepOutcome {
  const leaks = leaksIn(look);
  const shapes = shapesIn(look);
  if (leaks.length + shapes.length === 0) return failure;
  const statements = [
    ...shapeStatements(shapes, look, show),
    ...wireStatements(look, leaks, show).filter(({ mark }) => mark === '!'),
    ...failure.statements,
  ];
  return { headline: headlineOf(look, { leaks, shapes: readableAmong(shapes), statements }), statements };
}

const headOnly = (headline: Headline): StepOutcome => ({ headline, statements: [] });

/** A fact, neither good nor bad. */
const plain = (text: Words): Statement => ({
  mark: ' ',
  tone: 'plain',
  text: typeof text === 'string' ? verbatim(text) : text,
});

/** Inserts the findings of the summary claims after the leaks and before the rest. */
function withSummaryClaims({ stop, scene }: Moment, { headline, statements }: StepOutcome): StepOutcome {
  const findings = stop?.kind === 'reveal' && stop.step !== undefined ? scene.findings(stop.step) : [];
  const summarised = findings.filter(({ expectation }) => scene.sources.summaryClaims?.has(expectation));
  if (summarised.length === 0) return { headline, statements };
  const own = summarised.map(
    ({ status, says }): Statement => ({
      mark: statusMarks[status],
      tone: status === 'missed' ? 'leaked' : 'plain',
      text: says,
    }),
  );
  const known = statements.filter(({ mark }) => mark !== '?');
  const isAboutSecrets = known.some(({ mark }) => mark === '#' || mark === '!');
  return {
    headline: isAboutSecrets ? headline : { text: claimsOf(findings), tone: 'plain' },
    statements: [
      ...known.filter(({ mark }) => mark === '!'),
      ...own,
      ...known.filter(({ mark }) => mark !== '!'),
    ],
  };
}

/** How many messages of a visitor are searched for credentials. */
const mostSearched = 50;

/** Credentials of a visitor that are readable on the wire, or can be guessed from it, and are not among the known secrets. */
function shapesIn(look: Moment): FoundCredential[] {
  return look.rows
    .slice(0, mostSearched)
    .flatMap(({ message }) =>
      message.opened || message.vantage !== 'wire'
        ? []
        : unknownAmong(message.credentials(), hitsIn(look, message)).filter(
            ({ kind }) => protectionOf(kind) !== 'sealed',
          ),
    );
}

const readableAmong = (shapes: readonly FoundCredential[]): number =>
  shapes.filter(({ kind }) => protectionOf(kind) === 'readable').length;

function shapeStatements(
  shapes: readonly FoundCredential[],
  { hop = '' }: Moment,
  show: (value: string) => string,
): Statement[] {
  return shapes.slice(0, 2).map(({ kind, name, value, offset }) => ({
    mark: '!',
    tone: 'leaked',
    text: inEach((language) =>
      words.leakedShape[language](name, hop, toOffset(offset), show(value), credentialName(kind)[language]),
    ),
  }));
}

function verdictIn({ scene: { verdict } }: Moment): StepOutcome {
  if (!verdict) return headOnly({ text: verbatim(''), tone: 'plain' });
  const { status, claims, tone } = takeawayOf(verdict);
  return headOnly({ text: inEach((language) => `${status[language]}: ${claims[language]}`), tone });
}

/** What the features present of the reports in a moment, in the order of the log. */
function fromReports<T extends object>(
  { scene, first, last }: Moment,
  say: (shown: AnyShown, report: Report) => T | undefined,
): T[] {
  return scene.reports(first, last).flatMap((report) => say(scene.shown.of(report), report) ?? []);
}

/** What a peer decided about the requests that reached it. */
function decisionsIn(look: Moment): StepOutcome | undefined {
  const decisions = fromReports(look, (shown, report) => shown.decisions?.(report)).flat();
  const newest = decisions.at(-1);
  return newest && { headline: newest.headline, statements: decisions.flatMap(({ summary }) => summary) };
}

/** Why a visitor's connection failed, from its bytes; where its reason is not known, what was seen. */
function failureIn({ scene, stop, last }: Moment): StepOutcome | undefined {
  const { story, outcome, hasCard } = scene.verdictAt(stop)?.verdict ?? {};
  // It did not fail: a probe, or a connection that was opened ahead of its use.
  if (outcome && isAside(outcome) && outcome.evidence.every(({ event }) => event <= last))
    return {
      headline: { text: outcomeHead(outcome, undefined), tone: 'plain' },
      statements: [{ mark: ' ', tone: 'plain', text: outcome.sentence }],
    };
  if (
    !story?.outcome ||
    !outcome ||
    (outcome.kind === 'nothing_said' && !hasCard) ||
    story.refusal.seq > last
  )
    return undefined;
  if (!hasCard)
    return {
      headline: { text: outcomeHead(outcome, undefined), tone: 'plain' },
      statements: [{ mark: '?', tone: 'plain', text: outcome.sentence }],
    };
  return {
    headline: { text: outcomeHead(outcome, explainRefusal(story.refusal).name), tone: 'refused' },
    statements: [{ mark: outcome.inferred ? '?' : 'x', tone: 'refused', text: becauseOf(story) }],
  };
}

/** On the wire of a server that reports its callers: as whom it authenticated the caller, and which certificates were shown. */
function serverStatements(look: Moment): Statement[] {
  const { scene } = look;
  const identifies = (hop: string | undefined): boolean => {
    const to = hop === undefined ? undefined : scene.wire(hop)?.to;
    const kind = scene.topology.participants.find(({ name }) => name === to)?.kind;
    return scene.shown.traitsOf(kind).identifiesCallers === true;
  };
  // At the end of a step the server behind the proxies is meant, whichever wire is chosen.
  const hop =
    identifies(look.hop) || look.step === undefined ? look.hop : look.hops.findLast((one) => identifies(one));
  if (hop === undefined || !identifies(hop)) return [];
  const server = scene.wire(hop)?.to;
  const connection = connectionsOn(look, hop).at(-1);
  // A visitor's stop is about the visitor's connection.
  const conn = look.stop?.kind === 'visitor' ? (connection?.conn ?? -1) : undefined;
  const reports = scene
    .reports(look.first, look.last)
    .filter((report) => report.who === server && scene.shown.of(report).served !== undefined);
  const served = [...new Set(reports.map((report) => scene.shown.of(report)))].flatMap(
    (own) =>
      own.served?.(
        reports.filter((report) => scene.shown.of(report) === own),
        conn,
      ) ?? [],
  );
  const proofs = connection && proofsOf(connection, scene.sources.flows);
  const who = connection && scene.speakers.of(connection)?.who;
  // Behind a proxy the certificates may be another's than the wire's own ends.
  const shown =
    proofs && hop === look.hop
      ? proofLines(proofs, {
          client: who === undefined ? nameOf(look, hop, 'client') : verbatim(who),
          server: nameOf(look, hop, 'server'),
        })
      : [];
  return [...served, ...shown].map(plain);
}

/** A program's command and output, an attempt, or the opening of a connection: more specific than what the wires show. */
function reportedIn(look: Moment, show: (value: string) => string): StepOutcome | undefined {
  const outcomes = fromReports(look, (shown, report) => shown.outcome?.(report));
  const statements = outcomes.flatMap((outcome) => outcome.statements);
  const command = fromReports(look, (shown, report) => shown.command?.(report)).at(-1);
  if (command) {
    // An unproven wire needs no line when the step is about something else.
    const wires = wireStatements(look, leaksIn(look), show).filter(
      ({ mark }) => mark === '!' || mark === '#',
    );
    return {
      headline: { text: command.command, tone: command.isRefused ? 'refused' : 'plain' },
      statements: [...wires, ...command.brief.map(plain), ...serverStatements(look), ...statements],
    };
  }
  const [foremost] = [...outcomes.filter(({ headline }) => headline.tone === 'leaked'), ...outcomes];
  if (foremost) return { headline: foremost.headline, statements };
  const opening = fromReports(look, (shown, report) => shown.opening?.(report)).at(-1);
  return opening && openingOutcome(opening);
}

/** The opening of a connection without data. */
function openingOutcome({ title, source, packets }: Opening): StepOutcome {
  return {
    headline: { text: title, tone: 'plain' },
    statements: [
      ...packets.map(({ head, place }) =>
        plain(inEach((language) => `${head}: ${inLanguage(place, language)}`)),
      ),
      ...(source === '' ? [] : [plain(source)]),
    ],
  };
}

/** The first direct refusal of a moment, else the first secondhand one; of a visitor's own connection its verdict speaks. */
function refusalIn({
  scene,
  stop,
  first,
  last,
}: Pick<Moment, 'scene' | 'stop' | 'first' | 'last'>):
  | { readonly refusal: EventOf<'refused'>; readonly connection: Connection }
  | undefined {
  const { verdict } = scene.verdictAt(stop) ?? {};
  // A refusal that an endpoint has reported is told as it is.
  const speaks =
    verdict !== undefined && (verdict.story === undefined || verdict.story.outcome !== undefined);
  const judged = speaks && stop?.conn !== undefined ? scene.connection(stop.conn) : undefined;
  const all = refusalsWithin({ scene, stop, first, last })
    .filter(({ connection }) => judged === undefined || (connection !== judged && connection !== judged.twin))
    .toSorted((one, other) => one.connection.firstSeq - other.connection.firstSeq);
  return (
    all.find(
      ({ refusal, connection }) => !isHearsay(refusal.reason) && !isToldByClient(refusal, connection.refused),
    ) ?? all[0]
  );
}

function headlineOf(
  look: Moment,
  {
    leaks,
    shapes,
    statements,
  }: { readonly leaks: readonly Hit[]; readonly shapes: number; readonly statements: readonly Statement[] },
): Headline {
  const secrets = new Set(leaks.map(({ secret }) => secret)).size + shapes;
  if (secrets > 0) {
    const wires = look.hops.filter((hop) => leaks.some((hit) => hit.hop === hop));
    const named = look.hops.length > wires.length && shapes === 0 ? wires.join(', ') : '';
    return { text: inEach((language) => words.leakedHead[language](secrets, named)), tone: 'leaked' };
  }
  if (look.hops.length === 0 && look.step) return { text: words.noWire, tone: 'dim' };
  const states = look.hops.map((hop) => wireState(look, hop, []));
  if (states.every((state) => state === 'quiet')) return { text: words.nothingYet, tone: 'dim' };
  if (statements.some(({ mark }) => mark === '#')) return { text: words.sealedHead, tone: 'sealed' };
  if (look.stop?.kind === 'visitor' && look.hops.some((hop) => readableBefore(look, hop) > 0))
    return { text: words.turnsHead, tone: 'plain' };
  return { text: states.includes('sealed') ? words.unprovenHead : words.openHead, tone: 'plain' };
}

function nameOf({ scene, step }: Pick<Moment, 'scene' | 'step'>, hop: string, side: Side): Localized {
  const wire = scene.wire(hop);
  if (side === 'server') return wire === undefined ? sideWords.server : verbatim(wire.to);
  const drawn = wire?.alsoFrom?.length ? undefined : wire?.from;
  const inStep = step !== undefined;
  return inEach((language) => clientName(drawn, language, { topology: scene.topology, inStep }));
}

/** Who refused whom, and whether the login was sent. */
function refusedOutcome(
  look: Moment,
  { refusal, connection }: NonNullable<ReturnType<typeof refusalIn>>,
): StepOutcome {
  const { name } = explainRefusal(refusal);
  const by = nameOf(look, refusal.hop, refusal.by);
  // Behind a proxy the proxy is the client, and what the visitor had sent by then is not known from there.
  const isBehind = look.step === undefined && look.hops.indexOf(refusal.hop) > 0;
  const client = look.step
    ? verbatim(look.step.client)
    : isBehind
      ? nameOf(look, refusal.hop, 'client')
      : sideWords.client;
  const whom = refusal.by === 'server' ? client : nameOf(look, refusal.hop, 'server');
  const sent =
    accountOf(look, look.step?.client)?.sentBytes ??
    (refusal.detail.discardedBytes || connection.lengthOf('plaintext', 'client'));
  const server = look.step?.server
    ? verbatim(look.step.server)
    : nameOf(look, look.hops.at(-1) ?? refusal.hop, 'server');
  const reached = loginHops(look)
    .slice(1)
    .some((hop) =>
      look.scene.sources.flows
        .onWireBetween(hop, look.first, look.last)
        .some(
          (connection) => connection.lastSeq <= look.last && (connection.opened?.seq ?? -1) >= look.first,
        ),
    );
  const who = refusal.by === 'client' ? client : by;
  return {
    headline: { text: inEach((language) => words.refusedHead[language](by[language])), tone: 'refused' },
    statements: [
      {
        mark: 'x',
        tone: 'refused',
        text: inEach((language) =>
          words.refusedLine[language](
            who[language],
            sideWords[otherSide[refusal.by]][language],
            whom[language],
            name[language],
          ),
        ),
      },
      ...(isBehind
        ? []
        : [loginOf(sent, refusal.by === 'server' && by.en === server.en ? 'discarded' : reached, server)]),
    ],
  };
}

/** Whether the request had left the client, and how far it came; `discarded` by the server that refused it. */
function loginOf(sent: number | undefined, came: boolean | 'discarded', server: Localized): Statement {
  if (sent === undefined || sent === 0) return { mark: ' ', tone: 'sealed', text: words.loginKept };
  return {
    mark: came === true ? '!' : '#',
    tone: came === true ? 'leaked' : 'sealed',
    text: inEach((language) =>
      words[came === 'discarded' ? 'loginDiscarded' : came ? 'loginReached' : 'loginSentSealed'][language](
        grouped(sent),
        server[language],
      ),
    ),
  };
}
