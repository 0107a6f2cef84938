/** The size of the ClientHello and the way it travels: what stands between may read only the first packet of it. */
import { ipVersion } from '../../core/ip-version.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Change, HelloForm } from '../attempt/call.ts';
import { difference, isAnswered } from '../case.ts';
import type { Case, Hypothesis } from '../case.ts';
import type { Finding } from '../diagnosis.ts';
import type { Laboratory } from '../laboratory.ts';
import { found } from '../found.ts';
import { arrived, unacknowledgedEvidence } from './behind/not-arrived.ts';

const form = (id: string, en: string, ko: string, hello: HelloForm): Change => ({
  id,
  words: { en, ko },
  hello,
});

export const helloForms = {
  classical: form('hello-classical', 'a classical ClientHello', '기존 방식의 ClientHello', {
    isHybrid: false,
    sent: 'whole',
  }),
  hybrid: form(
    'hello-hybrid',
    'a hybrid ClientHello (X25519MLKEM768, 1.6 kB)',
    '하이브리드 ClientHello(X25519MLKEM768, 1.6 kB)',
    { isHybrid: true, sent: 'whole' },
  ),
  hybridInSegments: form(
    'hello-hybrid-in-segments',
    'the hybrid ClientHello in two segments',
    '하이브리드 ClientHello를 두 세그먼트로',
    { isHybrid: true, sent: 'in-segments' },
  ),
  classicalInSegments: form(
    'hello-in-segments',
    'the classical ClientHello in two segments',
    '기존 방식의 ClientHello를 두 세그먼트로',
    { isHybrid: false, sent: 'in-segments' },
  ),
  hybridDivided: form(
    'hello-hybrid-divided',
    'the hybrid ClientHello in two records',
    '하이브리드 ClientHello를 두 레코드로',
    { isHybrid: true, sent: 'in-records' },
  ),
  divided: form(
    'hello-divided',
    'the classical ClientHello in two records, divided within the server name',
    '기존 방식의 ClientHello를 서버 이름 중간에서 두 레코드로 나누어',
    { isHybrid: false, sent: 'in-records' },
  ),
} as const;

/** It was still sending when it was given up. */
export const isDripping = ({ result, answeredAfter, quietFor, milliseconds }: Attempt): boolean =>
  result === 'silence' &&
  quietFor !== undefined &&
  quietFor < Math.min(1000, milliseconds / 3) &&
  milliseconds - (answeredAfter ?? 0) - quietFor > milliseconds / 2;

/** Where the server's own answer ended, in bytes of its stream. */
const heard = ({ connection }: Attempt): number => connection?.lengthOf('wire', 'server') ?? 0;

/** Nothing came back, or only an end: an alert is an answer, and so is a part of one. */
const isMute = (attempt: Attempt): boolean =>
  (attempt.result === 'silence' || attempt.result === 'reset' || attempt.result === 'closed') &&
  heard(attempt) === 0;

/** A hello that no server can accept: whoever reads it answers with a small alert. */
const unacceptable: Change = {
  id: 'hello-unacceptable',
  words: {
    en: 'a ClientHello that no server accepts (SSL 3.0 in it): a small alert is the answer',
    ko: '어떤 서버도 받아들이지 않는 ClientHello(작은 알림(Alert)이 답)',
  },
  hello: { isHybrid: false, sent: 'whole', versions: [0x0300] },
};

/** TLS 1.3 again, as the call has it, and a small answer: a HelloRetryRequest, or an alert of a server that has only TLS 1.2. */
const retried: Change = {
  id: 'hello-without-share',
  words: {
    en: 'a TLS 1.3 ClientHello of usual size without a key share: a small HelloRetryRequest is the answer',
    ko: '키 공유가 없는 보통 크기의 TLS 1.3 ClientHello(작은 HelloRetryRequest가 답)',
  },
  hello: { isHybrid: false, sent: 'whole', versions: [0x0304], hasNoShares: true, paddedTo: 400 },
};

/** What a hello of ten years ago had: no TLS 1.3, no name, the suites of then. */
export const modest: Change = {
  id: 'hello-modest',
  words: {
    en: 'a small ClientHello of former days: TLS 1.2 and older, no server name, no ALPN',
    ko: '예전 방식의 작은 ClientHello(TLS 1.2 이하, 서버 이름과 ALPN 없음)',
  },
  serverName: null,
  alpn: null,
  hello: {
    isHybrid: false,
    sent: 'whole',
    versions: [0x0303, 0x0302, 0x0301],
    offersOldSuites: true,
    offersOldSignatures: true,
  },
};

/**
 * Whether the call's own hello had no answer, and what a hello contains makes no difference: all experiments that change a
 * part of it are then spared, for each would be waited for in vain.
 */
export async function isDeaf({ base, laboratory }: Pick<Case, 'base' | 'laboratory'>): Promise<boolean> {
  if (base.result !== 'silence' || heard(base) > 0) return false;
  const small = await laboratory.try(modest);
  return small !== undefined && heard(small) === 0 && small.result === 'silence';
}

/** Whether what answers is a TLS server, whatever it does not like of the call's hello. */
export async function speaksTls({ base, laboratory }: Pick<Case, 'base' | 'laboratory'>): Promise<boolean> {
  if (isAnswered(base) || base.alert?.from === 'server') return true;
  for (const change of [unacceptable, modest]) {
    const made = await laboratory.try(change);
    if (made && (isAnswered(made) || made.alert?.from === 'server')) return true;
  }
  return false;
}

/**
 * Tested where the call itself had no answer, and where it had one too: browsers and Go send a hybrid hello, and OpenSSL's
 * older clients do not.
 */
export const helloForm: Hypothesis = {
  name: 'hello-form',
  async test(current) {
    const { base, laboratory, call } = current;
    if (
      base.result === 'no_connection' ||
      base.result === 'plaintext' ||
      base.outcome?.cause === 'starttls_refused'
    )
      return undefined;
    // Behind a dialogue in clear the hello is one of OpenSSL's alone.
    if (call.starttls !== undefined) return undefined;
    if (!isAnswered(base) && !isMute(base)) return undefined;
    if (await isDeaf(current)) return undefined;
    const classical = await laboratory.try(helloForms.classical);
    if (!classical) return undefined;
    if (!isAnswered(classical))
      return isAnswered(base) && isMute(classical)
        ? nowAndThen(classical, await repeated(laboratory, helloForms.classical))
        : undefined;
    const hybrid = await laboratory.try(helloForms.hybrid);
    if (hybrid && isMute(hybrid)) return dropped(current, classical, hybrid);
    if (!hybrid) return undefined;
    // A hello of more than one packet comes in segments everywhere but on one machine.
    const segmented = await laboratory.try(helloForms.classicalInSegments);
    if (!segmented || !isMute(segmented)) return undefined;
    const compared = await compare(laboratory, [classical, segmented]);
    if (compared !== 'differ') return compared;
    return found({
      cause: 'segmented_hello_refused',
      by: 'unknown',
      confidence: 'likely',
      message: 'ClientHello',
      evidence: [difference(classical, segmented)],
    });
  },
};

/** How often more a hello is sent before its form is blamed. */
const repetitions = [2, 3];

async function repeated(laboratory: Laboratory, change: Change): Promise<Attempt[]> {
  const made: Attempt[] = [];
  for (const time of repetitions) {
    const again = await laboratory.try({ ...change, id: `${change.id}-${time}` });
    if (again) made.push(again);
  }
  return made;
}

/** The same hello, sent again without a change, had another end. */
function nowAndThen(first: Attempt, again: readonly Attempt[]): Finding | undefined {
  const other = again.find((one) => isAnswered(one) !== isAnswered(first));
  return (
    other &&
    found({
      cause: 'intermittent',
      by: 'unknown',
      confidence: 'proven',
      evidence: [difference(first, other)],
    })
  );
}

/**
 * Whether one form of the hello is answered each time, and the other never: three of three.
 * @returns `differ`, or what else it is; undefined where it cannot be told
 */
async function compare(
  laboratory: Laboratory,
  [answered, mute]: readonly [Attempt, Attempt],
): Promise<'differ' | Finding | undefined> {
  const mutes = await repeated(laboratory, mute.change);
  const chance = nowAndThen(mute, mutes);
  if (chance) return chance;
  const answers = await repeated(laboratory, answered.change);
  return (
    nowAndThen(answered, answers) ??
    (mutes.length + answers.length === 2 * repetitions.length && mutes.every(isMute) ? 'differ' : undefined)
  );
}

async function dropped(
  { laboratory }: Case,
  classical: Attempt,
  hybrid: Attempt,
): Promise<Finding | undefined> {
  const compared = await compare(laboratory, [classical, hybrid]);
  if (compared !== 'differ') return compared;
  // Whether it is the size, or that it comes in pieces: a small one in two segments tells.
  const segmented = await laboratory.try(helloForms.classicalInSegments);
  const inSegments = await laboratory.try(helloForms.hybridInSegments);
  const inRecords = await laboratory.try(helloForms.hybridDivided);
  // A server that takes one connection at a time may still wait for the rest of the hello before.
  const control =
    segmented && isMute(segmented)
      ? await laboratory.try({ ...helloForms.classical, id: 'hello-classical-again' })
      : undefined;
  const isSegmentation = control !== undefined && isAnswered(control);
  const isSizeOfPackets = inSegments !== undefined && isAnswered(inSegments);
  return found({
    cause: isSegmentation ? 'segmented_hello_refused' : 'large_hello_dropped',
    by: 'between',
    // Who of the two it is, the bytes at this end do not show.
    confidence: 'likely',
    message: 'ClientHello',
    evidence: [
      difference(classical, isSegmentation && segmented ? segmented : hybrid),
      ...(inSegments && isSizeOfPackets ? [difference(hybrid, inSegments)] : []),
      ...(inRecords && isAnswered(inRecords) ? [difference(hybrid, inRecords)] : []),
      ...(isSegmentation ? [] : unacknowledgedEvidence(hybrid)),
    ],
  });
}

/** Bytes that a packet on the way to a server carries at least, nearly everywhere. */
const segment = 1200;

/** The server began its answer, and no more of it came, or none at all. An end is no loss, and neither is a reset. */
const isCut = (attempt: Attempt): boolean =>
  attempt.connection !== undefined &&
  attempt.result === 'silence' &&
  attempt.secured === undefined &&
  !isDripping(attempt);

export const largeAnswers: Hypothesis = {
  name: 'large-answers',
  async test({ base, laboratory }) {
    if (!isCut(base) || base.acceptable !== undefined) return undefined;
    // A small hello that is answered: it is the size of the other one, or what that contains.
    const isLarge = (base.connection?.lengthOf('wire', 'client') ?? 0) > segment;
    const classical = heard(base) === 0 && isLarge ? await laboratory.try(helloForms.classical) : undefined;
    if (classical && isAnswered(classical)) return undefined;
    const small = await laboratory.try(unacceptable);
    if (small?.alert?.from !== 'server') return undefined;
    // A hello that is dropped for what it contains has no small answer either.
    const again = await laboratory.try(retried);
    if (!again || (!isAnswered(again) && again.alert?.from !== 'server')) return undefined;
    const length = heard(base);
    return found({
      cause: 'large_answers_lost',
      by: 'between',
      confidence: 'likely',
      message: length === 0 ? 'ClientHello' : 'Certificate',
      evidence: [difference(base, again), difference(base, small), ...arrived(base)],
      more:
        length > 0
          ? {
              en: `of the answer ${length} bytes arrived`,
              ko: `응답 가운데 ${length}바이트만 도착했습니다.`,
            }
          : undefined,
      // The larger header leaves less of a packet of 1500 bytes (RFC 8201).
      remedy:
        ipVersion(base.address.host) === 6
          ? {
              en: 'let ICMPv6 "packet too big" through, or lower the MTU (or clamp the MSS) on the way; ping -6 -M do -s 1452 finds the size that passes',
              ko: 'ICMPv6 "packet too big" 메시지를 허용하거나, 경로의 MTU를 낮추세요(MSS clamping). ping -6 -M do -s 1452로 통과하는 크기를 찾을 수 있습니다.',
            }
          : undefined,
    });
  },
};
