/**
 * Judges whether a client was admitted, by comparing what the server did with it to what it did with the valid client. Pure: two
 * reactions in, one admission out.
 *
 * 1. Completing a handshake is no admission: the server's word behind it counts.
 * 2. The valid client's answer is the measure. Where the application refuses that too, the same refusal to another says nothing.
 * 3. Neither answered nor refused is neither admitted nor refused.
 */
import type { Localized } from '../../i18n/language.ts';
import type { Answered, Reaction } from './reaction.ts';

export type Admission =
  | { readonly kind: 'refused_by_tls'; readonly words: Localized; readonly alert?: string }
  | { readonly kind: 'refused_by_application'; readonly words: Localized; readonly said: string }
  | {
      readonly kind: 'admitted';
      readonly words: Localized;
      readonly said?: string;
      /** Compared to the valid client's; `none`: neither is answered, and neither is refused. */
      readonly answer: 'same' | 'other' | 'none';
    }
  | NotTested;

export interface NotTested {
  readonly kind: 'not_tested';
  /** `omitted`: nothing was tried, for want of something; `inconclusive`: it was tried, and does not tell. */
  readonly reason: 'omitted' | 'inconclusive';
  readonly words: Localized;
}

export const inconclusive = (en: string, ko: string): NotTested => ({
  kind: 'not_tested',
  reason: 'inconclusive',
  words: { en, ko },
});

export const omitted = (en: string, ko: string): NotTested => ({
  kind: 'not_tested',
  reason: 'omitted',
  words: { en, ko },
});

/** The valid client, by itself: admitted if the application answers it, or leaves it waiting. */
export function judgeValid(reaction: Reaction): Admission {
  if (reaction.kind === 'answered')
    return reaction.isAboutCertificates
      ? refusedByApplication(reaction)
      : { kind: 'admitted', words: answered(reaction.line), said: reaction.line, answer: 'same' };
  if (reaction.kind === 'silent')
    return {
      kind: 'admitted',
      words: {
        en: 'let in, and not answered: it stays connected',
        ko: '연결이 유지되지만 응답은 없음',
      },
      answer: 'none',
    };
  // It was asked something, and closed: a program that does not understand the question does so too.
  if (reaction.kind === 'ended' && reaction.isSecured && reaction.isAsked)
    return inconclusive(
      'closed without an answer, maybe because it was asked in HTTP',
      '응답 없이 닫힘. HTTP 요청을 모르는 프로그램일 수 있음',
    );
  return withoutAnswer(reaction);
}

/** @param measure what the valid client met with; undefined where that was not admitted */
export function judge(reaction: Reaction, measure: Reaction | undefined): Admission {
  switch (reaction.kind) {
    case 'answered':
      return judgeAnswer(reaction, measure);
    case 'silent':
      if (measure?.kind !== 'silent')
        return inconclusive('neither answered nor refused', '응답도 거부도 없음');
      return reaction.isAsked
        ? {
            kind: 'admitted',
            words: {
              en: 'not refused: it stays connected, like the valid client',
              ko: '거부되지 않음. 유효한 클라이언트처럼 연결이 유지됨',
            },
            answer: 'none',
          }
        : inconclusive(
            'not refused by TLS; the application could not be asked in its protocol',
            'TLS는 거부하지 않음. 응용에는 그 프로토콜로 물어볼 수 없었음',
          );
    case 'ended':
      return reaction.isSecured &&
        reaction.isAsked &&
        measure?.kind !== 'answered' &&
        measure?.kind !== 'silent'
        ? inconclusive(
            'closed without an answer, as the valid client may be',
            '응답 없이 닫힘. 유효한 클라이언트도 그럴 수 있음',
          )
        : withoutAnswer(reaction);
    default:
      return withoutAnswer(reaction);
  }
}

/** The valid client once more: what it met with at first, a refusal of the application too, is no change. */
export function judgeAgain(reaction: Reaction, measure: Reaction): Admission {
  const isAsBefore =
    reaction.kind === 'answered' && measure.kind === 'answered'
      ? reaction.status === measure.status && reaction.isAboutCertificates === measure.isAboutCertificates
      : reaction.kind === measure.kind;
  return isAsBefore ? judgeValid(reaction) : judge(reaction, measure);
}

function judgeAnswer(given: Answered, measure: Reaction | undefined): Admission {
  if (given.isAboutCertificates) return refusedByApplication(given);
  if (measure?.kind !== 'answered')
    return given.isRefusal
      ? refusedByApplication(given)
      : { kind: 'admitted', words: answered(given.line), said: given.line, answer: 'other' };
  if ((given.status === undefined) !== (measure.status === undefined))
    return given.isRefusal
      ? refusedByApplication(given)
      : inconclusive(
          `answered in another protocol than the valid client: ${given.line}`,
          `유효한 클라이언트와 다른 프로토콜로 응답함: ${given.line}`,
        );
  const isSameStatus =
    given.status === undefined ? given.isRefusal === measure.isRefusal : given.status === measure.status;
  if (measure.isRefusal && given.isRefusal && isSameStatus)
    return inconclusive(
      `answered like the valid client, which the application refuses too: ${given.line}`,
      `응용이 유효한 클라이언트도 똑같이 거부함: ${given.line}`,
    );
  if (given.isRefusal || (!isSameStatus && (given.status ?? 0) >= 400)) return refusedByApplication(given);
  // To a page where it logs in, for example.
  if (!isSameStatus && isRedirection(given.status) && !isRedirection(measure.status))
    return refusedByApplication(given);
  return given.body === measure.body && isSameStatus
    ? { kind: 'admitted', words: answered(given.line), said: given.line, answer: 'same' }
    : {
        kind: 'admitted',
        words: {
          en: `answered: ${given.line} (not the valid client's words: see what they are)`,
          ko: `응답: ${given.line}(유효한 클라이언트의 응답과 내용이 다르므로 확인 필요)`,
        },
        said: given.line,
        answer: 'other',
      };
}

const isRedirection = (status = 0): boolean => status >= 300 && status < 400;

const answered = (line: string): Localized => ({ en: `answered: ${line}`, ko: `응답: ${line}` });

const refusedByApplication = ({ line }: Answered): Admission => ({
  kind: 'refused_by_application',
  words: { en: line, ko: line },
  said: line,
});

/** What is refused, or not, whatever happens to the valid client. */
function withoutAnswer(reaction: Exclude<Reaction, Answered>): Admission {
  switch (reaction.kind) {
    case 'alert':
      return {
        kind: 'refused_by_tls',
        words: { en: `alert ${reaction.description}`, ko: `알림(Alert) ${reaction.description}` },
        alert: reaction.description,
      };
    case 'ended':
      return {
        kind: 'refused_by_tls',
        words:
          reaction.how === 'closed'
            ? { en: 'closed without an alert', ko: '알림(Alert) 없이 닫힘' }
            : { en: 'reset without an alert', ko: '알림(Alert) 없이 재설정(RST)' },
      };
    case 'silent':
      return inconclusive('neither answered nor refused', '응답도 거부도 없음');
    case 'hanging':
      return inconclusive(
        'the handshake was not completed in time',
        '제한 시간 안에 핸드셰이크가 끝나지 않음',
      );
    case 'not_tls':
      return inconclusive(`the answer is not TLS: ${reaction.said}`, `TLS가 아닌 응답: ${reaction.said}`);
    case 'no_connection':
      return inconclusive(`no connection (${reaction.code})`, `연결되지 않음(${reaction.code})`);
    case 'own_failure':
      return inconclusive(
        `this client's own TLS gave up (${reaction.code})`,
        `클라이언트의 TLS 라이브러리가 중단함(${reaction.code})`,
      );
  }
}
