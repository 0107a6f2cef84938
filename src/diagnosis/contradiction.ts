/**
 * Whether other attempts contradict the call: TLS here and plaintext there, or a chain that is valid and one that is not. Behind
 * one address are several servers then, and what one call showed is true of one of them.
 */
import { causeName } from '../analysis/outcome/refusal.ts';
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { certificateOf, difference, isAnswered } from './case.ts';
import type { Case } from './case.ts';
import { judgeChain } from './chain.ts';
import { asCalledAgain } from './attempt/call.ts';
import type { Attempt } from './attempt/attempt.ts';
import type { Evidence, Finding } from './diagnosis.ts';
import type { Examination } from '../pki/x509/examination.ts';
import { healthOf, nowAndThen } from './repetition.ts';

/** So often the call is repeated: two servers that take turns show themselves whichever of them was the first. */
const repetitions = [1, 2, 3];
/** Milliseconds: a call that took longer, and was well, is repeated once, where there is time. */
const slow = 1000;

const spoken = (attempt: Attempt): 'tls' | 'plaintext' | undefined => {
  if (attempt.result === 'plaintext') return 'plaintext';
  return isAnswered(attempt) || attempt.alert?.from === 'server' ? 'tls' : undefined;
};

/** It begins with the same protocol, for the same name, at the same address. */
const isAlike = ({ change, address }: Attempt, { base, call }: Case): boolean =>
  address.host === base.address.host &&
  change.plain === undefined &&
  change.proxyHeader === undefined &&
  change.starttls === undefined &&
  change.serverName === undefined &&
  (call.starttls === undefined || change.hello === undefined);

/** @returns `not_repeated` where what the first call showed could not be shown again */
export async function contradiction(current: Case): Promise<Finding | 'not_repeated' | undefined> {
  const { base, chain, laboratory } = current;
  const kind = spoken(base);
  if (kind === undefined) return undefined;
  const isWell = base.result === 'completed' && chain?.verified !== false;
  // What failed in another way has experiments of its own; here it is about what the server is.
  const isAboutServer = kind === 'plaintext' || chain?.verified === false;
  // Without an answer, an end behind the handshake may be the same one, seen earlier or later.
  const isAnsweredWell = isWell && healthOf(current, base) === 'well';
  const again: Attempt[] = [];
  const isSlow = base.milliseconds >= slow;
  if (isAboutServer || (isWell && (!isSlow || laboratory.timeLeft > 3 * base.milliseconds)))
    for (const time of isSlow && !isAboutServer ? repetitions.slice(0, 1) : repetitions) {
      const made = await laboratory.try(asCalledAgain(time));
      if (made) again.push(made);
      if (made && (differs(current, made) || (isAnsweredWell && healthOf(current, made) === 'failing')))
        break;
    }
  const failing = isAnsweredWell ? again.find((one) => healthOf(current, one) === 'failing') : undefined;
  const other = [...again, ...laboratory.attempts].find(
    (one) => isAlike(one, current) && differs(current, one),
  );
  if (other) return mixed(current, other, again.includes(other));
  if (failing) return nowAndThen(current, { evidence: [difference(base, failing)] });
  // Once it may be a busy machine; not each time.
  const [first] = again;
  if (isAnsweredWell && first && again.length > 1 && again.every(isUnreached))
    return nowAndThen(current, { evidence: [difference(base, first)], confidence: 'likely' });
  const isSame = again.some((one) => isSameAgain(current, one));
  return isAboutServer && !isSame ? 'not_repeated' : undefined;
}

const isUnreached = ({ result }: Attempt): boolean => result === 'no_connection' || result === 'silence';

function differs(current: Case, other: Attempt): boolean {
  const [one, two] = [spoken(current.base), spoken(other)];
  if (one !== undefined && two !== undefined && one !== two) return true;
  const verdict = verdictOf(current, other);
  return verdict !== undefined && current.chain !== undefined && verdict.verified !== current.chain.verified;
}

function isSameAgain(current: Case, other: Attempt): boolean {
  if (spoken(current.base) !== spoken(other)) return false;
  return current.chain === undefined || verdictOf(current, other)?.reason === current.chain.reason;
}

const verdictOf = ({ call, laboratory }: Case, attempt: Attempt): Case['chain'] =>
  judgeChain(call, attempt, laboratory.clock.now());

async function mixed(current: Case, other: Attempt, isRepeated: boolean): Promise<Finding> {
  const { base, chain } = current;
  const bad = [chain, verdictOf(current, other)].find((one) => one?.verified === false);
  const isOfChain = spoken(base) === spoken(other);
  return nowAndThen(current, {
    confidence: isRepeated ? 'proven' : 'likely',
    evidence: [
      isOfChain ? ofVerdicts(current, other) : difference(base, other),
      ...(isOfChain && bad
        ? certificateOf(bad, 0, {
            en: 'the certificate that comes now and then, and is not accepted',
            ko: '가끔 오며 받아들여지지 않는 인증서',
          })
        : []),
    ],
    ...(isOfChain && bad ? { name: refusedNowAndThen(bad) } : {}),
    more: isOfChain
      ? ofChains
      : {
          en: 'one connection is answered with TLS, and another one in plaintext',
          ko: '어떤 연결에는 TLS로, 어떤 연결에는 평문으로 답합니다.',
        },
  });
}

/** Both handshakes complete: what differs is what the client makes of the certificate. */
const ofVerdicts = (current: Case, other: Attempt): Evidence => ({
  ...difference(current.base, other),
  words: inEach((language) =>
    (
      [
        [current.base, current.chain],
        [other, verdictOf(current, other)],
      ] as const
    )
      .map(([attempt, verdict]) => `${attempt.change.words[language]}: ${verdictText(verdict)[language]}`)
      .join('; '),
  ),
});

function verdictText(verdict: Case['chain']): Localized {
  if (verdict?.verified !== false)
    return { en: 'a certificate that the client accepts', ko: '클라이언트가 받아들이는 인증서' };
  const reason = verdict.reason ?? '';
  const name = causeName(reason);
  return {
    en: `a certificate that it does not accept (${name?.en ?? reason})`,
    ko: `받아들이지 않는 인증서(${name?.ko ?? reason})`,
  };
}

/** What is wrong with the one: the others are well. */
function refusedNowAndThen({ reason }: Examination): Localized | undefined {
  const name = causeName(reason ?? '');
  return (
    name && {
      en: `now and then a certificate is refused: ${name.en}`,
      ko: `가끔 오는 인증서가 거부됨: ${name.ko}`,
    }
  );
}

const ofChains = {
  en: 'one connection gets a certificate that the client accepts, and another one gets one that it does not accept',
  ko: '어떤 연결에는 클라이언트가 받아들이는 인증서가, 어떤 연결에는 받아들이지 않는 인증서가 옵니다.',
};
