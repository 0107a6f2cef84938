/**
 * Finds why a call fails: makes it once as it is, then tests one hypothesis after the other, each by attempts that differ from
 * the call in one thing, until one is proven. Without a proven one the best likely one counts; without any, what the bytes of
 * the call itself show.
 */
import { difference, isBetter, isUnanswered } from './case.ts';
import type { Case, Hypothesis } from './case.ts';
import { judgeChain } from './chain.ts';
import { asCalled, asCalledAgain } from './attempt/call.ts';
import type { Attempt } from './attempt/attempt.ts';
import type { Diagnosis, Finding } from './diagnosis.ts';
import { found } from './found.ts';
import { contradiction } from './contradiction.ts';
import { findingOf } from './observed.ts';
import { withAddresses } from './other-addresses.ts';
import { otherAddresses, toAddress } from './hypotheses/addresses.ts';
import { healthOf, isHeard, nowAndThen } from './repetition.ts';
import { wasSilent } from './hypotheses/endings.ts';
import { isDripping } from './hypotheses/hello-form.ts';
import { hypotheses } from './hypotheses/index.ts';
import { slowNote, waitLonger } from './hypotheses/behind/no-reply.ts';
import { inVain } from './in-vain.ts';
import { isWellOverTls } from './hypotheses/answers/login.ts';
import { serverCertificate } from './hypotheses/server-certificate.ts';
import type { Laboratory } from './laboratory.ts';

export async function diagnose(laboratory: Laboratory): Promise<Diagnosis> {
  const { call } = laboratory;
  if (call.addresses.length === 0) return { finding: unknownHost(call.host), others: [], attempts: [] };
  const base = await connected(laboratory);
  const diagnosis = await diagnosed(laboratory, base);
  if (!isPatienceWorth(base, diagnosis)) return diagnosis;
  // A client waits longer than a person: whether it is only slow.
  const longer = await waitLonger({ laboratory });
  if (!longer || (longer.secured === undefined && longer.result !== 'plaintext'))
    return { ...diagnosis, attempts: laboratory.attempts };
  const { finding, others, attempts } = await diagnosed(laboratory, longer);
  return {
    ...(finding ? { finding } : {}),
    others: [...others, slowNote(longer, base.milliseconds)],
    attempts,
  };
}

const silent: ReadonlySet<string> = new Set(['server_silent', 'slow_server']);

const isPatienceWorth = ({ result }: Attempt, { finding }: Diagnosis): boolean =>
  result === 'silence' && finding !== undefined && silent.has(finding.cause);

async function diagnosed(laboratory: Laboratory, base: Attempt): Promise<Diagnosis> {
  const { call, clock } = laboratory;
  const current: Case = { call, laboratory, base, chain: judgeChain(call, base, clock.now()) };
  return withAddresses(await diagnosedAt(current), current);
}

/** At the address that was called. */
async function diagnosedAt(current: Case): Promise<Diagnosis> {
  const { call, laboratory, base } = current;
  const findings: Finding[] = [];
  for (const hypothesis of inOrder(base)) {
    const finding = await hypothesis.test(current);
    if (!finding) continue;
    findings.push(finding);
    if (finding.isNote) continue;
    const isIt =
      finding.confidence === 'proven' ||
      (base.result !== 'completed' && isIsolated(finding) && !vague.has(finding.cause));
    // A client that does not accept the server's chain goes no further.
    if (
      isIt ||
      hypothesis === serverCertificate ||
      (finding.message === 'Certificate' && isInItsPlace(finding))
    )
      break;
  }
  // What differed may have differed by chance: whoever fails now and then fails with nothing changed too.
  const causes = findings.filter(({ isNote }) => !isNote);
  // Whether a chain is the same each time, `contradiction` finds out.
  const isSure = causes.some(
    (one) =>
      (!isIsolated(one) && one.by === 'client') ||
      // By the kernel's own list.
      (one.cause === 'nothing_listens' && one.confidence === 'proven'),
  );
  const chance = isSure ? undefined : await byChance(current);
  if (chance) return { finding: chance, others: [], attempts: laboratory.attempts };
  const contradicted = await contradiction(current);
  if (contradicted && contradicted !== 'not_repeated')
    return {
      finding: contradicted,
      others: findings.filter(({ evidence }) => evidence.some(({ kind }) => kind === 'certificate')),
      attempts: laboratory.attempts,
    };
  const sure = contradicted === 'not_repeated' ? causes.map(asLikely) : causes;
  const best =
    sure.find(({ confidence }) => confidence === 'proven') ??
    sure.find(({ confidence }) => confidence === 'likely') ??
    (isWellOverTls(base, call) ? sure[0] : observed(base, laboratory.attempts));
  // That nothing came back is explained then.
  const notes = findings.filter(({ isNote, cause }) => isNote && !(best && cause === 'application_silent'));
  // The same thing is not said twice.
  const others = [
    ...sure.filter(
      (finding) => finding !== best && finding.cause !== best?.cause && !(best && vague.has(finding.cause)),
    ),
    ...notes,
  ];
  return { ...(best ? { finding: best } : {}), others, attempts: laboratory.attempts };
}

/** Whose certificate that is, is of no interest then. */
const isInItsPlace = ({ cause }: Finding): boolean => cause === 'intercepted' || cause === 'login_page';

const asLikely = (finding: Finding): Finding =>
  finding.confidence === 'proven' ? { ...finding, confidence: 'likely' } : finding;

/** So often a call that failed is repeated. */
const controls = [1, 2, 3];
/** Milliseconds: what took longer is repeated less often. */
const slow = 1000;

async function byChance(current: Case): Promise<Finding | undefined> {
  const { base, laboratory } = current;
  if (healthOf(current, base) !== 'failing' || current.chain?.verified === false) return undefined;
  const isRefused = base.result === 'no_connection';
  if (isRefused && base.failure?.code !== 'ECONNREFUSED') return undefined;
  // Whatever was said had the same end: that is repeated often enough.
  if (laboratory.attempts.length >= controls.length && laboratory.attempts.every(isUnanswered))
    return undefined;
  // Three servers that take turns show themselves in three calls in a row; silence is not waited for so often.
  const most =
    base.result === 'silence' ? 1 : base.milliseconds < slow ? 3 : base.milliseconds < 3 * slow ? 2 : 1;
  for (const time of controls.slice(0, most)) {
    const again = await laboratory.try(asCalledAgain(time));
    // A refusal that comes late may only be later this time.
    const isOther = again && isBetter(again, base) && (base.version === undefined || isHeard(again));
    if (again && (isOther || healthOf(current, again) === 'well'))
      return nowAndThen(current, { evidence: [difference(base, again)] });
  }
  return undefined;
}

/** What some alerts speak of is tested first. */
const suspects: Readonly<Record<number, string>> = { 70: 'versions', 112: 'names', 120: 'alpn' };

function inOrder({ alert }: Attempt): readonly Hypothesis[] {
  const first = alert?.from === 'server' ? suspects[alert.code] : undefined;
  return first === undefined
    ? hypotheses
    : hypotheses.toSorted((one, other) => rankOf(other, first) - rankOf(one, first));
}

/** What the client does not offer comes before what the server lacks. */
const rankOf = ({ name }: Hypothesis, first: string): number =>
  name === 'limits' ? 2 : Number(name === first);

/** Rests on two attempts that differ in one thing. */
const isIsolated = ({ evidence }: Finding): boolean => evidence.some(({ kind }) => kind === 'difference');

/** They name what happened, and leave open why: after experiments that found nothing they are no proof of anything. */
const vague: ReadonlySet<Finding['cause']> = new Set<Finding['cause']>([
  'internal_error',
  'protocol_error',
  'other_alert',
  'sealed_alert',
  'peer_alert',
  'negotiation_failed',
  'certificate_not_accepted',
  'closed_during_handshake',
  'handshake_timeout',
  'server_silent',
  'no_reply',
  'bad_record',
]);

/** What the bytes of the call itself show. */
function observed(base: Attempt, attempts: readonly Attempt[]): Finding {
  const finding = { ...findingOf(base.outcome, { attempt: base.number }), ...inVain(base, attempts) };
  if (finding.cause === 'handshake_timeout' && isDripping(base)) return dripping(base);
  if (finding.cause === 'handshake_timeout' || finding.cause === 'server_silent')
    return wasSilent(base, finding.message, finding.evidence);
  return vague.has(finding.cause) && finding.confidence === 'proven'
    ? { ...finding, confidence: 'likely' }
    : finding;
}

const dripping = ({ connection, milliseconds }: Attempt): Finding => {
  const bytes = connection?.lengthOf('wire', 'server') ?? 0;
  const seconds = (milliseconds / 1000).toFixed(1);
  return found({
    cause: 'slow_server',
    by: 'unknown',
    confidence: 'likely',
    message: 'ServerHello',
    evidence: [],
    more: {
      en: `its answer to the ClientHello comes a few bytes at a time, ${bytes} of them in ${seconds} s, and was still coming then`,
      ko: `ClientHello에 대한 답이 몇 바이트씩 오며, ${seconds}초 동안 ${bytes}바이트가 오고도 끝나지 않았습니다.`,
    },
  });
};

/** As called, to the first address that takes a connection, as clients do it; to the first one where none does. */
async function connected(laboratory: Laboratory): Promise<Attempt> {
  const first = await laboratory.try(asCalled);
  if (!first) throw new Error('no attempt was made');
  if (first.result !== 'no_connection') return first;
  for (const address of otherAddresses(laboratory.call)) {
    const made = await laboratory.try(toAddress(address));
    if (made && made.result !== 'no_connection') {
      laboratory.leadTo(address);
      return made;
    }
  }
  return first;
}

const unknownHost = (host: string): Finding =>
  found({
    cause: 'host_not_found',
    by: 'nobody',
    confidence: 'proven',
    evidence: [
      {
        kind: 'words',
        said: host,
        words: { en: 'the resolver knows no address of', ko: '주소를 찾을 수 없는 이름' },
      },
    ],
  });
