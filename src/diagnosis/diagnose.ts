/**
 * Finds why a call fails: makes it once as it is, then tests one hypothesis after the other, each by attempts that differ from
 * the call in one thing, until one is proven. Without a proven one the best likely one counts; without any, what the bytes of
 * the call itself show.
 */
import { difference, explained, isAnswered, isBetter, isUnanswered } from './case.ts';
import type { Case, Hypothesis } from './case.ts';
import { judgeChain } from './chain.ts';
import { asCalled, asCalledAgain } from './attempt/call.ts';
import type { Attempt } from './attempt/attempt.ts';
import type { Diagnosis, Finding } from './diagnosis.ts';
import { found } from './found.ts';
import { contradiction } from './contradiction.ts';
import { findingOf } from './observed.ts';
import { otherAddresses, toAddress } from './hypotheses/addresses.ts';
import { hypotheses } from './hypotheses/index.ts';
import { isPickedApart } from './hypotheses/negotiation.ts';
import { isWellOverTls } from './hypotheses/answers/login.ts';
import { serverCertificate } from './hypotheses/server-certificate.ts';
import type { Laboratory } from './laboratory.ts';

export async function diagnose(laboratory: Laboratory): Promise<Diagnosis> {
  const { call, clock } = laboratory;
  if (call.addresses.length === 0) return { finding: unknownHost(call.host), others: [], attempts: [] };
  const base = await connected(laboratory);
  const current: Case = { call, laboratory, base, chain: judgeChain(call, base, clock.now()) };
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
    if (isIt || hypothesis === serverCertificate) break;
  }
  // What differed may have differed by chance: whoever fails now and then fails with nothing changed too.
  const causes = findings.filter(({ isNote }) => !isNote);
  const isSure = causes.some(
    (one) => !isIsolated(one) && (one.confidence === 'proven' || one.by === 'client'),
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
    (isWellOverTls(base, call) ? undefined : observed(base, laboratory.attempts));
  const notes = findings.filter(({ isNote }) => isNote);
  // The same thing is not said twice.
  const others = [
    ...sure.filter(({ cause }) => cause !== best?.cause && !(best && vague.has(cause))),
    ...notes,
  ];
  return { ...(best ? { finding: best } : {}), others, attempts: laboratory.attempts };
}

const asLikely = (finding: Finding): Finding =>
  finding.confidence === 'proven' ? { ...finding, confidence: 'likely' } : finding;

/** So often a call that failed is repeated. */
const controls = [1, 2, 3];

async function byChance({ base, laboratory }: Case): Promise<Finding | undefined> {
  if (base.result === 'completed' || base.result === 'no_connection') return undefined;
  // Whatever was said had the same end: that is repeated often enough.
  if (laboratory.attempts.length >= controls.length && laboratory.attempts.every(isUnanswered))
    return undefined;
  // Silence is not waited for three times, and who says why is asked once more.
  const isMute = base.result === 'closed' || base.result === 'reset';
  for (const time of isMute ? controls : controls.slice(0, 1)) {
    const again = await laboratory.try(asCalledAgain(time));
    if (again && isBetter(again, base))
      return found({
        cause: 'intermittent',
        by: 'unknown',
        confidence: 'proven',
        evidence: [difference(base, again)],
      });
  }
  return undefined;
}

/** What some alerts speak of is tested first. */
const suspects: Readonly<Record<number, string>> = { 70: 'versions', 112: 'names', 120: 'alpn' };

function inOrder({ alert }: Attempt): readonly Hypothesis[] {
  const first = alert?.from === 'server' ? suspects[alert.code] : undefined;
  return first === undefined
    ? hypotheses
    : hypotheses.toSorted((one, other) => Number(other.name === first) - Number(one.name === first));
}

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

const internalError = 80;

/** What is added where nothing that was tried has got any further. */
function inVain(
  base: Attempt,
  attempts: readonly Attempt[],
): Pick<Finding, 'because' | 'remedy'> | undefined {
  const { alert } = base;
  if (alert?.from !== 'server' || attempts.some(isAnswered)) return undefined;
  if (alert.code === internalError)
    return {
      because: {
        en: 'the server fails at the ClientHello, whatever it offers (internal_error). Servers written in Go (Caddy, autocert) answer like this where they have no certificate for the name that is asked for',
        ko: '무엇을 제안하든 서버가 ClientHello에서 실패합니다(internal_error). Go로 만든 서버(Caddy, autocert)는 요청한 이름의 인증서가 없을 때 이렇게 답합니다.',
      },
      remedy: {
        on: 'server',
        words: {
          en: 'read the log of the server; check first whether it serves the name that the client asks for (SNI), and whether it could get a certificate for it (autocert: HostWhitelist, ACME)',
          ko: '서버 로그를 확인하세요. 클라이언트가 요청한 이름(SNI)을 서버가 서비스하는지, 그 이름의 인증서를 받을 수 있었는지(autocert: HostWhitelist, ACME) 먼저 보세요.',
        },
      },
    };
  if (!isPickedApart(base)) return undefined;
  const hellos = attempts.filter(({ change }) => change.plain === undefined).length;
  return {
    because: {
      en: `the server accepts no ClientHello of ${hellos} that were tried: other versions, suites, groups and signatures make no difference. What is left is the server itself: its certificate fits none of the suites that it allows (an RSA certificate and ECDSA suites only, or the other way round), it has no certificate (pre-shared keys only, PSK), or none for this name`,
      ko: `시도한 ClientHello ${hellos}개를 서버가 하나도 받아들이지 않습니다. 버전, 스위트, 그룹, 서명을 바꿔도 같습니다. 남는 것은 서버 자신입니다. 서버의 인증서가 허용한 스위트와 맞지 않거나(RSA 인증서와 ECDSA 스위트, 또는 그 반대), 인증서가 없거나(사전 공유 키(PSK) 전용), 이 이름의 인증서가 없습니다.`,
    },
    remedy: {
      on: 'server',
      words: {
        en: 'compare the type of the key in the certificate of the server with its cipher suites (openssl x509 -in FILE -noout -text; nginx ssl_ciphers), and see whether it is configured for pre-shared keys; its log names the reason (no shared cipher, no suitable signature algorithm)',
        ko: '서버 인증서의 키 종류를 암호 스위트 설정과 비교하고(openssl x509 -in 파일 -noout -text, nginx ssl_ciphers), 사전 공유 키로 설정되어 있는지 확인하세요. 이유는 서버 로그에 있습니다(no shared cipher, no suitable signature algorithm).',
      },
    },
  };
}

/** What the bytes of the call itself show. */
function observed(base: Attempt, attempts: readonly Attempt[]): Finding {
  const finding = { ...findingOf(base.outcome, { attempt: base.number }), ...inVain(base, attempts) };
  if (finding.cause === 'handshake_timeout')
    return explained({
      cause: 'server_silent',
      by: 'server',
      blamed: 'unknown',
      detail: { silentFor: base.milliseconds },
      confidence: 'likely',
      message: finding.message,
      evidence: finding.evidence,
    });
  return vague.has(finding.cause) && finding.confidence === 'proven'
    ? { ...finding, confidence: 'likely' }
    : finding;
}

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
