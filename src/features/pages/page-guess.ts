/**
 * Judges what sizes and times reveal to an eavesdropper: `pageSizes`, `pagesGuessed`, `pagesHidden` and `longestLook`. The
 * eavesdropper learns the sizes from its own visit, which is a step of the scenario; its guesses are compared with what the
 * browsing client reports. `analysis/eavesdropper/page-guess.ts` makes the guesses.
 *
 * 1. `pagesHidden` is met only if the records were measured and the page read is among those that fit: an eavesdropper who
 *    saw nothing, or measured wrongly, proves nothing.
 * 2. With fewer than three pages there is nothing to guess.
 */
import type { z } from 'zod';
import type { KnownPage, PageGuess } from '../../analysis/eavesdropper/page-guess.ts';
import type { EvidenceRef } from '../../capture/event.ts';
import type { PageRequest } from '../../peers/reports/visit.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { readingOf } from '../../evidence/records.ts';
import { pageName } from './articles.ts';
import type { SizeChart } from '../../presentation/types/sizes.ts';
import type { View } from '../../engine/view.ts';

export function pageSizesSchema(zod: Z) {
  return zod
    .enum(['different', 'equal'])
    .describe('Whether the pages read differ in size, or all have the same size.');
}

export function pageGuessSchema(zod: Z) {
  return zod.strictObject({
    wires: zod.array(zod.string()).min(1).describe('The wires on which sizes are measured.'),
    catalogue: zod
      .string()
      .describe('The step in which the eavesdropper read the pages and learned their sizes.'),
  });
}

export function longestLookSchema(zod: Z) {
  return zod.strictObject({
    wires: zod.array(zod.string()).min(1).describe('The wires on which times are measured.'),
  });
}

const fewest = 3;
/** Viewing times that differ by less than this count as equal. */
const alike = 0.9;

export interface GuessOnWire {
  readonly wire: string;
  readonly catalogue: string;
}

function claims({ wires, catalogue }: z.infer<ReturnType<typeof pageGuessSchema>>) {
  return wires.map((wire): { suffix: string; facts: GuessOnWire } => ({
    suffix: wire,
    facts: { wire, catalogue },
  }));
}

export const pageSizes = {
  claims: (expected: z.infer<ReturnType<typeof pageSizesSchema>>) => [{ facts: { expected } }],
  judge(
    { expected }: { readonly expected: 'different' | 'equal' },
    view: View,
    step: PlannedStep | undefined,
  ): Judgement {
    if (!step) throw new Error('pageSizes is about a step');
    const { pages, evidence } = readIn(view, step);
    if (pages.length < fewest) return unseen(evidence);
    const sizes = pages.map(({ bytes }) => bytes);
    const kinds = new Set(sizes).size;
    const range = [...new Set([Math.min(...sizes), Math.max(...sizes)])].map(grouped).join('-');
    return {
      status: kinds === (expected === 'equal' ? 1 : sizes.length) ? 'met' : 'missed',
      evidence,
      chart: {
        hop: step.path.at(-1) ?? '',
        bars: pages.map(({ name, bytes }) => ({ length: bytes, name: shown(name), fitting: 1 })),
      },
      says: {
        en: `${pages.length} pages, ${kinds === 1 ? `all of one size: ${range}` : kinds === pages.length ? `each of a different size: ${range}` : `of ${kinds} sizes: ${range}`} bytes`,
        ko: `페이지 ${pages.length}개, ${kinds === 1 ? '크기가 모두 같음' : kinds === pages.length ? '크기가 모두 다름' : `크기는 ${kinds}가지`}: ${range}바이트`,
      },
    };
  },
} as const;

export const pagesGuessed = {
  claims,
  judge(claim: GuessOnWire, view: View, step: PlannedStep | undefined): Judgement {
    const guessed = guessOn(claim, view, step);
    if ('status' in guessed) return guessed;
    const { guesses, read, evidence } = guessed;
    const described = inEach((language) =>
      guesses
        .map(({ candidates }) =>
          candidates.length === 1 ? shown(candidates[0])[language] : `${candidates.length}?`,
        )
        .join(', '),
    );
    const reported = inEach((language) => read.map((name) => shown(name)[language]).join(', '));
    const isRight =
      guesses.length === read.length &&
      guesses.every(({ candidates }, index) => candidates.length === 1 && candidates[0] === read[index]);
    return {
      status: isRight ? 'met' : 'missed',
      evidence,
      chart: chartOf(claim.wire, guesses),
      says: isRight
        ? {
            en: `from the sizes on wire ${claim.wire} alone: ${described.en}; the client reports the same`,
            ko: `구간 ${claim.wire}의 크기만으로 알아낸 페이지: ${described.ko}. 방문자의 보고와 일치합니다`,
          }
        : {
            en: `from the sizes on wire ${claim.wire} alone: ${described.en}; the client reports ${reported.en}`,
            ko: `구간 ${claim.wire}의 크기만으로 추측한 페이지: ${described.ko}. 방문자의 보고: ${reported.ko}`,
          },
    };
  },
} as const;

export const pagesHidden = {
  claims,
  judge(claim: GuessOnWire, view: View, step: PlannedStep | undefined): Judgement {
    const guessed = guessOn(claim, view, step);
    if ('status' in guessed) return guessed;
    const { guesses, read, known, evidence } = guessed;
    const fewestFitting = Math.min(...guesses.map(({ candidates }) => candidates.length));
    const isMeasured =
      guesses.length === read.length &&
      guesses.every(({ candidates }, index) => candidates.includes(read[index] ?? ''));
    if (!isMeasured) {
      return {
        status: 'unobserved',
        evidence,
        says: {
          en: `the pages read are not among those that fit the sizes on wire ${claim.wire}: this proves nothing`,
          ko: `구간 ${claim.wire}의 크기에 맞는 페이지 가운데 실제로 읽은 페이지가 없어 아무것도 증명되지 않습니다`,
        },
      };
    }
    return {
      status: fewestFitting === known.length ? 'met' : 'missed',
      evidence,
      chart: chartOf(claim.wire, guesses),
      says: {
        en: `of ${known.length} pages, ${fewestFitting} fit the traffic on wire ${claim.wire}, ${guesses.length} times: ${fewestFitting === known.length ? 'no guess is better than another' : 'the size reveals something'}`,
        ko: `구간 ${claim.wire}의 응답 ${guesses.length}건: 페이지 ${known.length}개 가운데 ${fewestFitting}개가 크기에 맞음. ${fewestFitting === known.length ? '어느 페이지인지 알 수 없습니다' : '후보가 좁혀집니다'}`,
      },
    };
  },
} as const;

export interface LookOnWire {
  readonly wire: string;
}

export const longestLook = {
  claims: ({ wires }: z.infer<ReturnType<typeof longestLookSchema>>) =>
    wires.map((wire): { suffix: string; facts: LookOnWire } => ({ suffix: wire, facts: { wire } })),
  judge({ wire }: LookOnWire, view: View, step: PlannedStep | undefined): Judgement {
    const guessed = guessOn({ wire, catalogue: step?.id ?? '' }, view, step);
    if ('status' in guessed) return guessed;
    const { guesses, looks, evidence } = guessed;
    // Nothing follows the last page, so no pause shows how long it was viewed.
    const pauses = guesses.map(({ pause }) => pause).slice(0, -1);
    const viewed = looks.slice(0, -1);
    if (pauses.length < fewest - 1 || pauses.includes(undefined) || viewed.includes(undefined))
      return unseen(evidence);
    const [measured, reported] = [longestIn(pauses), longestIn(viewed)];
    return {
      // On a busy machine two viewing times may be equal: then either is the longest.
      status:
        (viewed[measured.index] ?? 0) >= reported.value * alike && guesses.length === looks.length
          ? 'met'
          : 'missed',
      evidence,
      says: {
        en: `page ${measured.index + 1} was viewed longest, by the times on wire ${wire}: ${seconds(measured.value / 1000)} s; the client reports page ${reported.index + 1}, ${seconds(reported.value)} s`,
        ko: `구간 ${wire}의 시각으로 보아 가장 오래 본 페이지: ${measured.index + 1}번째, ${seconds(measured.value / 1000)}초. 방문자의 보고: ${reported.index + 1}번째, ${seconds(reported.value)}초`,
      },
    };
  },
} as const;

function chartOf(hop: string, guesses: readonly PageGuess[]): SizeChart {
  return {
    hop,
    bars: guesses.map(({ size, candidates, pause }) => ({
      ...(size ? { length: size.most } : {}),
      ...(candidates.length === 1 ? { name: shown(candidates[0]) } : {}),
      fitting: candidates.length,
      ...(pause === undefined ? {} : { pause }),
    })),
  };
}

interface Guessed {
  readonly guesses: readonly PageGuess[];
  readonly known: readonly KnownPage[];
  /** The names of the pages, as the client reports them. */
  readonly read: readonly string[];
  readonly looks: readonly (number | undefined)[];
  readonly evidence: readonly EvidenceRef[];
}

function guessOn(
  { wire, catalogue }: GuessOnWire,
  view: View,
  step: PlannedStep | undefined,
): Guessed | Judgement {
  if (!step) throw new Error('a guess is about a step');
  const learned = view.plan.steps.find(({ id, base }) => id === catalogue || base === catalogue);
  const { pages: known, evidence: learnedFrom } = learned
    ? readIn(view, learned)
    : { pages: [], evidence: [] };
  const { pages, requests, evidence: reported } = readIn(view, step);
  const [connection, ...others] = view.connectionsOn(wire, step.id);
  const reading = connection && readingOf(view, connection);
  const guesses = reading?.guessPages(known) ?? [];
  const measured = guesses.flatMap(({ evidence }) => evidence);
  const evidence = [...measured, ...reported, ...learnedFrom];
  if (known.length < fewest || pages.length === 0 || measured.length === 0 || others.length > 0)
    return unseen(evidence);
  return {
    guesses,
    known,
    read: pages.map(({ name }) => name),
    looks: requests.map(({ lookedAtMs }) => lookedAtMs),
    evidence,
  };
}

/** The pages that a visit read, each with the size of its response. */
function readIn(
  view: View,
  step: PlannedStep,
): {
  readonly pages: readonly KnownPage[];
  readonly requests: readonly PageRequest[];
  readonly evidence: readonly EvidenceRef[];
} {
  const [report] = view.reports('visit', step.client, step.id);
  const requests = report?.result.requests.filter(({ status }) => status === 200) ?? [];
  return {
    pages: requests.map(({ url, title = url, requestBytes = 0, answerBytes = 0 }) => ({
      name: title,
      requestBytes,
      bytes: answerBytes,
    })),
    requests,
    evidence: report ? [{ event: report.seq }] : [],
  };
}

function unseen(evidence: readonly EvidenceRef[]): Judgement {
  return {
    status: 'unobserved',
    evidence,
    says: { en: 'too few pages were read to compare', ko: '비교하기에 읽은 페이지가 너무 적습니다' },
  };
}

function shown(title: string | undefined): Localized {
  const name = pageName(title ?? '');
  return inEach((language) => safeText(name[language]));
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(2);

function longestIn(values: readonly (number | undefined)[]): {
  readonly index: number;
  readonly value: number;
} {
  return values.reduce<{ index: number; value: number }>(
    (longest, value = 0, index) => (value > longest.value ? { index, value } : longest),
    { index: 0, value: values[0] ?? 0 },
  );
}
