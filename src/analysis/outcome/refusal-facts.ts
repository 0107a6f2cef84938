/**
 * Provides the facts for sentences about a refusal, and shared phrases. The sentences are in `refusal.ts` (an
 * endpoint's own refusal) and `cause-words.ts` (what else the bytes show).
 */
import type { RefusalDetail, Side } from '../../capture/event.ts';
import type { Alert } from '../../capture/vocabulary.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';

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
  /** How many certificates were presented. */
  readonly chainLength?: number;
}

/** What a sentence may draw on. */
export interface RefusalFacts {
  /** The refusing side. The examined certificate is the other side's. */
  readonly by: Side;
  readonly alert?: Alert;
  readonly detail: CauseDetail;
}

export interface RefusalWords {
  readonly name: Localized;
  readonly because: (facts: RefusalFacts) => Localized;
  readonly remedy: (facts: RefusalFacts) => Localized;
}

/** The refusing side, as the beginning of a sentence; with its topic particle in Korean. */
export const refuser = ({ by }: RefusalFacts): Localized =>
  by === 'client' ? { en: 'the client', ko: '클라이언트는' } : { en: 'the server', ko: '서버는' };

/** The owner of the examined certificate. */
export const owner = ({ by }: RefusalFacts): Localized =>
  by === 'client' ? { en: 'server', ko: '서버' } : { en: 'client', ko: '클라이언트' };

export const subjectOf = ({ detail }: RefusalFacts): string => safeText(detail.presented?.subject ?? '');
export const issuerOf = ({ detail }: RefusalFacts): string => safeText(detail.presented?.issuer ?? '');
/** `3.2`: seconds, as a sentence bears them. */
export const seconds = (milliseconds: number): string =>
  milliseconds < 10_000 ? (milliseconds / 1000).toFixed(1) : String(Math.round(milliseconds / 1000));
/** Any one of them will do. */
export const trustedOf = ({ detail }: RefusalFacts, or = ' or '): string =>
  (detail.trusted ?? []).map(({ subject }) => safeText(subject)).join(or);

/** The defect in the form of a certificate; undefined if not reported. */
export function faultOf({ detail: { fault } }: RefusalFacts): Localized | undefined {
  if (!fault) return undefined;
  const [part, expected, found] = [fault.part, fault.expected, fault.found].map(safeText);
  return {
    en: `${part}: expected ${expected}, found ${found}`,
    ko: `${part}: 기대한 값은 ${expected}, 실제 값은 ${found}`,
  };
}

/** ` (…)` when there is something to say. */
export const inBrackets = (text: string): string => (text ? ` (${text})` : '');

/** In Korean the bracket stands close to its word. */
export const bracketed = (text: string): string => (text ? `(${text})` : '');

/** A minute is as exact as a person needs. */
export const minute = (iso: string): string => iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*$/, '$1 $2 UTC');

export const clockOf = ({ detail: { now, seenAt } }: RefusalFacts): Localized => {
  if (now)
    return {
      en: `; the clock of the side that refused says ${minute(now)}`,
      ko: ` 거부한 쪽의 시계는 ${minute(now)}입니다.`,
    };
  return seenAt
    ? {
        en: `; it was refused on ${minute(seenAt)}, by the clock of the capture`,
        ko: ` 캡처한 컴퓨터의 시계로 ${minute(seenAt)}에 거부되었습니다.`,
      }
    : verbatim('');
};

/** Sentences that need no facts. */
export const always = (en: string, ko: string) => (): Localized => ({ en, ko });

/** Asks first whether the other side belongs here; what to do if so; and that nothing is to be done if not. */
export const ifItBelongs =
  (en: string, ko: string) =>
  (facts: RefusalFacts): Localized =>
    facts.by === 'server'
      ? {
          en: `if ${subjectOf(facts) || 'this client'} belongs here, ${en}. If not, nothing: the lock works`,
          ko: `신뢰할 클라이언트가 맞다면 ${ko} 아니라면 그대로 두세요. 거부한 것이 올바른 동작입니다.`,
        }
      : {
          en: `if this server is the one that you meant, ${en}. If you cannot tell, stop here: this is what verification is for`,
          ko: `접속하려던 서버가 맞다면 ${ko} 확신할 수 없다면 접속을 멈추세요. 인증서 검증은 바로 이런 때를 위한 것입니다.`,
        };

/** A list as long as a sentence bears. */
export const listOf = (names: readonly string[] | undefined, most = 6): string => {
  const safe = (names ?? []).slice(0, most).map((name) => safeText(name));
  return [...safe, ...((names?.length ?? 0) > most ? ['…'] : [])].join(', ');
};
