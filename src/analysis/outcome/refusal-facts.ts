/**
 * Fills the facts of a refusal into sentences. The sentences are in `refusal.ts` (an endpoint's own refusal) and
 * `cause-words.ts` (what else the bytes show).
 *
 * 1. `{name}` in a sentence stands for a fact (`factsByName`), made safe to print.
 *    `{name 이/가}` adds the Korean particle that fits it.
 * 2. A part in square brackets is left out if a fact in it is unknown; `[with {fact}|without]` has an alternative.
 */
import { otherSide } from '../../capture/event.ts';
import type { RefusalDetail, Side } from '../../capture/event.ts';
import type { Alert } from '../../capture/vocabulary.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa, particles } from '../../i18n/josa.ts';
import type { Particle } from '../../i18n/josa.ts';
import { alertMeaning } from './alert-words.ts';

/** What an endpoint knows of its refusal, and what a reader of the bytes knows besides. */
export interface CauseDetail extends RefusalDetail {
  /** The client's offers of the kind that was not agreed on: versions, suites, groups, protocols. */
  readonly offered?: readonly string[];
  /** The time of the refusal, ISO 8601, if time was the reason: by the capturing machine's clock, not either side's. */
  readonly seenAt?: string;
  /** What was said instead of what had been expected: the first line of it. */
  readonly said?: string;
  /** Bytes that did not arrive: whose, how many in the first segment or hole of them, and how often they were sent, where that was seen. */
  readonly lost?: { readonly from: Side; readonly bytes: number; readonly times?: number };
  /** How long nothing was said before the end, in milliseconds. */
  readonly silentFor?: number;
  /** The protocol found instead of TLS, by its first bytes: `http`, …; `opaque` if unknown. */
  readonly protocol?: string;
  /** Common causes of an end without an alert at this place. */
  readonly suspect?: 'certificate' | 'hello';
  /** The ClientHello names no server (SNI). */
  readonly unnamed?: true;
  /** How many certificates were presented. */
  readonly chainLength?: number;
}

/** What a sentence may draw on. */
export interface RefusalFacts {
  /** The refusing side. The examined certificate is the other side's. */
  readonly by: Side;
  readonly alert?: Alert;
  readonly detail: CauseDetail;
  /** The client is a proxy of this program. */
  readonly isProxy?: true;
}

type Sentence = (facts: RefusalFacts) => Localized;

export interface RefusalWords {
  readonly name: Localized;
  readonly because: Sentence;
  readonly remedy: Sentence;
}

export const words = (en: string, ko: string, because: Sentence, remedy: Sentence): RefusalWords => ({
  name: { en, ko },
  because,
  remedy,
});

/** `3.2`: seconds, as a sentence has them. */
export const seconds = (milliseconds: number): string =>
  milliseconds < 10_000 ? (milliseconds / 1000).toFixed(1) : String(Math.round(milliseconds / 1000));

/** A minute is as exact as a person needs. */
const minute = (iso = ''): string => iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*$/, '$1 $2 UTC');

/** A list as long as fits in a sentence. */
const listOf = (names: readonly string[] = [], most = 6): string =>
  [...names.slice(0, most).map((name) => safeText(name)), ...(names.length > most ? ['…'] : [])].join(', ');

const sides: Readonly<Record<Side, Localized>> = {
  client: { en: 'client', ko: '클라이언트' },
  server: { en: 'server', ko: '서버' },
};
/** What may be behind an end without a word, where what was seen leaves room for it. */
const suspects: Readonly<Record<NonNullable<CauseDetail['suspect']>, Localized>> = {
  certificate: {
    en: 'A certificate refused without a reason looks like this',
    ko: '이유를 알리지 않고 인증서를 거부해도 이렇게 보입니다.',
  },
  hello: {
    en: 'Usual causes: the port expects something else first (another protocol, a PROXY protocol header), the server does not serve that name, or it does not tolerate a newer version; compare with openssl s_client -tls1_2 and another name',
    ko: '흔한 원인은 포트가 다른 프로토콜이나 PROXY 프로토콜 헤더를 먼저 기대하는 경우, 서버가 그 이름을 서비스하지 않는 경우, 서버가 새 버전을 처리하지 못하는 경우입니다. openssl s_client -tls1_2와 다른 이름으로 비교해 보세요.',
  },
};

const trusted = ({ trusted: names = [] }: CauseDetail, or: string): string =>
  names.map(({ subject }) => safeText(subject)).join(or);

/** What a placeholder stands for; empty if unknown. */
const factsByName: Readonly<Record<string, (facts: RefusalFacts) => Localized | string | undefined>> = {
  /** The refusing side, as the beginning of a sentence; with its topic particle in Korean. */
  refuser: ({ by }) => ({ en: `the ${by}`, ko: josa(sides[by].ko, '은/는') }),
  by: ({ by }) => sides[by],
  other: ({ by }) => ({ en: `the ${otherSide[by]}`, ko: sides[otherSide[by]].ko }),
  /** The owner of the examined certificate. */
  owner: ({ by }) => sides[otherSide[by]],
  wantedUsage: ({ by }) => (by === 'server' ? 'clientAuth' : 'serverAuth'),
  subject: ({ detail }) => detail.presented?.subject,
  issuer: ({ detail }) => detail.presented?.issuer,
  subjectAndIssuer: ({ detail: { presented } }) =>
    [presented?.subject, presented && `issued by ${presented.issuer}`].filter(Boolean).join(', '),
  serial: ({ detail }) => detail.presented?.serial,
  key: ({ detail }) => detail.presented?.publicKey,
  names: ({ detail }) => detail.presented?.san.join(', '),
  usages: ({ detail }) => detail.presented?.extendedKeyUsage?.join(', '),
  notBefore: ({ detail }) => minute(detail.presented?.notBefore),
  notAfter: ({ detail }) => minute(detail.presented?.notAfter),
  blamed: ({ detail }) => detail.blamed?.subject,
  blamedNotAfter: ({ detail }) => minute(detail.blamed?.notAfter),
  clock: ({ detail: { now, seenAt } }) =>
    now
      ? {
          en: `; the clock of the side that refused says ${minute(now)}`,
          ko: ` 거부한 쪽의 시계는 ${minute(now)}입니다.`,
        }
      : seenAt && {
          en: `; it was refused on ${minute(seenAt)}, by the clock of the machine that recorded it`,
          ko: ` 기록한 컴퓨터의 시계로 ${minute(seenAt)}에 거부되었습니다.`,
        },
  chainLength: ({ detail: { chainLength } }) => (chainLength === undefined ? undefined : String(chainLength)),
  /** Any one of them will do. */
  trusted: ({ detail }) => ({ en: trusted(detail, ' or '), ko: trusted(detail, ' 또는 ') }),
  expected: ({ detail }) => detail.expected,
  picked: ({ detail }) => detail.picked,
  // A full stop of its own comes before that of the sentence.
  said: ({ detail }) => detail.said?.replace(/(?<!\.)\.$/, ''),
  code: ({ detail }) => detail.code,
  offered: ({ detail }) => listOf(detail.offered),
  /** The defect in the form of a certificate. */
  part: ({ detail }) => detail.fault?.part,
  faultExpected: ({ detail }) => detail.fault?.expected,
  faultFound: ({ detail }) => detail.fault?.found,
  alert: ({ alert }) => alert && alertMeaning(alert.code),
  alertName: ({ alert }) => alert?.description,
  alertCode: ({ alert }) => alert && String(alert.code),
  fault: (facts) =>
    facts.detail.fault &&
    says(
      '{part}: expected {faultExpected}, found {faultFound}',
      '{part}: 기대한 값은 {faultExpected}, 실제 값은 {faultFound}',
    )(facts),
  suspect: ({ detail: { suspect } }) => suspect && suspects[suspect],
  loss: (facts) =>
    says(
      '[{lostBytes} bytes were sent {lostTimes} times and never acknowledged|the receiver was still waiting for {lostBytes} bytes after later ones had arrived]',
      '[{lostBytes}바이트를 {lostTimes}번 보냈지만 수신 확인(ACK)이 없었습니다.|뒤이은 데이터는 왔지만 {lostBytes}바이트가 끝내 도착하지 않았습니다.]',
    )(facts),
  loser: ({ detail }) => sides[detail.lost?.from ?? 'server'],
  lostBytes: ({ detail }) => grouped(detail.lost?.bytes ?? 0),
  lostTimes: ({ detail: { lost } }) => (lost?.times === undefined ? undefined : String(lost.times)),
  silence: ({ detail: { silentFor } }) => (silentFor === undefined ? undefined : seconds(silentFor)),
};

/** A sentence, in which the facts are filled in. */
export const says =
  (en: string, ko: string): Sentence =>
  (facts) => ({ en: filled(en, 'en', facts), ko: filled(ko, 'ko', facts) });

const placeholder = /\{(\w+)(?: ([^{}]+))?\}/g;

function particleOf(form: string): Particle {
  const particle = particles.find((one) => one === form);
  if (!particle) throw new Error(`no particle has the forms ${form}`);
  return particle;
}

function filled(sentence: string, language: Language, facts: RefusalFacts): string {
  const valueOf = (name: string): string => {
    const fact = factsByName[name];
    if (!fact) throw new Error(`no fact is named ${name}`);
    const value = fact(facts) ?? '';
    return typeof value === 'string' ? safeText(value) : value[language];
  };
  const fill = (text: string): string =>
    text.replace(placeholder, (_, name: string, form?: string) =>
      form === undefined ? valueOf(name) : josa(valueOf(name), particleOf(form)),
    );
  return sentence
    .split(/\[([^\]]*)\]/)
    .map((text, index) => {
      if (index % 2 === 0) return fill(text);
      const [known = '', unknown = ''] = text.split('|');
      const isKnown = [...known.matchAll(placeholder)].every(([, name = '']) => valueOf(name) !== '');
      return fill(isKnown ? known : unknown);
    })
    .join('');
}

export const when =
  (test: (facts: RefusalFacts) => boolean, sentence: Sentence, otherwise: Sentence): Sentence =>
  (facts) =>
    (test(facts) ? sentence : otherwise)(facts);

/** Asks first whether the other side belongs here; what to do if so; and that nothing is to be done if not. */
export const ifItBelongs = (en: string, ko: string): Sentence =>
  when(
    ({ by }) => by === 'server',
    says(
      `if [{subject}|this client] belongs here, ${en}. If not, leave it as it is: the refusal is right`,
      `신뢰할 클라이언트가 맞다면 ${ko} 아니라면 그대로 두세요. 거부한 것이 올바른 동작입니다.`,
    ),
    says(
      `if this server is the one that you meant, ${en}. If you cannot tell, do not connect: the certificate does not prove that it is that server`,
      `접속하려던 서버가 맞다면 ${ko} 확신할 수 없다면 접속하지 마세요. 이 인증서로는 그 서버인지 확인할 수 없습니다.`,
    ),
  );
