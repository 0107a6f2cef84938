/**
 * Shows how a certificate authority handled a request, as lines: what was requested, checked, cut, rejected, looked for at
 * the names, and issued, in the order in which the CA worked. The renderers lay the lines out.
 */
import type { Shown } from '../../engine/shown.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { decisionMarks } from '../../pki/ca/decision.ts';
import type { DecisionKind } from '../../pki/ca/decision.ts';
import type { Decision, Statement } from '../../presentation/types/values.ts';
import type { CertificationOrder } from './observations.ts';

export const shown: Shown = {
  reports: {
    certification: {
      decisions: ({ who, result }) => result.orders.map((order) => decisionOf(who, order)),
    },
    enrolment: { client: ({ result: { from } }) => (from ? { from: [from] } : {}) },
  },
};

interface OrderLine {
  readonly mark: '✓' | '✗' | '!' | ' ';
  readonly words: Localized;
}

const kindWords: Readonly<Record<DecisionKind, Localized>> = {
  checked: { en: 'checked: ', ko: '확인: ' },
  cut: { en: 'cut: ', ko: '제외: ' },
  refused: { en: 'refused: ', ko: '거부: ' },
  granted: { en: 'given: ', ko: '발급: ' },
};

const headWords = {
  issued: {
    en: (who: string): string => `ISSUED by ${who}`,
    ko: (who: string): string => `발급됨(발급한 쪽: ${who})`,
  },
  refused: {
    en: (who: string): string => `REFUSED by ${who}`,
    ko: (who: string): string => `거부됨(거부한 쪽: ${who})`,
  },
  pending: {
    en: (who: string): string => `${who} is waiting for the challenge response`,
    ko: (who: string): string => `${who}: 응답을 기다리는 중`,
  },
} as const;

const tones = { issued: 'sealed', refused: 'refused', pending: 'plain' } as const;

function decisionOf(who: string, order: CertificationOrder): Decision {
  const { outcome } = order;
  const tone = tones[outcome];
  const stated = ({ mark, words }: OrderLine): Statement => ({
    mark,
    tone: mark === '!' ? 'plain' : tone,
    text: words,
  });
  return {
    headline: { text: inEach((language) => headWords[outcome][language](who)), tone },
    statements: linesOf(order).map(stated),
    summary: summaryOf(order).map(stated),
  };
}

/** In the order in which the CA worked; the issued part only where a certificate was issued. */
function linesOf({ asked, decisions, challenges, outcome }: CertificationOrder): OrderLine[] {
  const of = (kind: DecisionKind): OrderLine[] =>
    decisions
      .filter((one) => one.kind === kind)
      .map(({ words }) => ({ mark: decisionMarks[kind], words: join(kindWords[kind], words) }));
  return [
    { mark: ' ', words: { en: `asked: ${asked.join('; ')}`, ko: `요청: ${asked.join('; ')}` } },
    ...of('checked'),
    ...of('cut'),
    ...of('refused'),
    ...challenges.map(({ passed, words }): OrderLine => ({ mark: passed ? '✓' : '✗', words })),
    ...(outcome === 'issued' ? of('granted') : []),
  ];
}

/** A summary in two or three lines: the outcome, and what was cut. */
function summaryOf(order: CertificationOrder): OrderLine[] {
  const { decisions, challenges, outcome, names } = order;
  const list = names.join(', ');
  const cuts = decisions.filter(({ kind }) => kind === 'cut').map(({ words }) => subjectOf(words));
  const objection =
    challenges.find(({ passed }) => !passed)?.words ??
    decisions.find(({ kind }) => kind === 'refused')?.words;
  const proven = challenges.length > 0 && challenges.every(({ passed }) => passed);
  return [
    ...(outcome === 'issued'
      ? [{ mark: '✓', words: { en: `a certificate for ${list}`, ko: `${list} 인증서 발급` } } as const]
      : []),
    ...(outcome === 'refused' && objection ? [{ mark: '✗', words: objection } as const] : []),
    ...(cuts.length > 0 && outcome === 'issued'
      ? [
          {
            mark: '✗',
            words: {
              en: `requested, not issued: ${cuts.map(({ en }) => en).join('; ')}`,
              ko: `요청했지만 제외됨: ${cuts.map(({ ko }) => ko).join('; ')}`,
            },
          } as const,
        ]
      : proven && outcome === 'issued'
        ? challenges.map(({ words }) => ({ mark: '✓', words }) as const)
        : []),
  ];
}

/** The subject of a decision: in the CA's words it precedes the first colon and space; the reason follows. */
function subjectOf({ en, ko }: Localized): Localized {
  return { en: en.split(': ')[0] ?? en, ko: ko.split(': ')[0] ?? ko };
}

function join(head: Localized, words: Localized): Localized {
  return { en: head.en + words.en, ko: head.ko + words.ko };
}
