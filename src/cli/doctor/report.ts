/**
 * Prints the results of the checks as text and as JSON, and decides whether the demonstrations can run: they can unless
 * an essential check is broken.
 */
import { defined } from '../../core/defined.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { cellWidth } from '../../i18n/width.ts';
import { outputLine } from '../../ui/json/line.ts';
import type { Page } from '../../ui/status/page.ts';
import { groups, statuses } from './check.ts';
import type { Check, Finding, Group, Status } from './check.ts';

export interface Examined {
  readonly check: Check;
  readonly finding: Finding;
}

const statusWords: Readonly<
  Record<
    Status,
    { readonly mark: string; readonly word: Localized; readonly counted: (count: number) => Localized }
  >
> = {
  ok: {
    mark: '✓',
    word: { en: 'ok', ko: '정상' },
    counted: (count) => ({ en: `${count} ok`, ko: `정상 ${count}` }),
  },
  limited: {
    mark: '!',
    word: { en: 'limited', ko: '제한' },
    counted: (count) => ({ en: `${count} limited`, ko: `제한 ${count}` }),
  },
  missing: {
    mark: '!',
    word: { en: 'missing', ko: '없음' },
    counted: (count) => ({ en: `${count} missing`, ko: `없음 ${count}` }),
  },
  unknown: {
    mark: '?',
    word: { en: 'unknown', ko: '미확인' },
    counted: (count) => ({ en: `${count} unknown`, ko: `미확인 ${count}` }),
  },
  broken: {
    mark: '✗',
    word: { en: 'broken', ko: '오류' },
    counted: (count) => ({ en: `${count} broken`, ko: `오류 ${count}` }),
  },
};

const groupTitles: Readonly<Record<Group, Localized>> = {
  machine: { en: 'This machine', ko: '이 컴퓨터' },
  terminal: { en: 'Terminal', ko: '화면' },
  peers: { en: 'Other programs (all optional)', ko: '다른 프로그램(없어도 됩니다)' },
  labs: {
    en: 'Labs, and what they use without a program',
    ko: '실습, 그리고 프로그램이 없을 때 대신 쓰는 것',
  },
};

const words = {
  title: (version: string): Localized => ({
    en: `wirelab ${version}: can the demonstrations run here?`,
    ko: `wirelab ${version}: 여기서 시연을 실행할 수 있을까요?`,
  }),
  remedy: { en: 'remedy', ko: '해결 방법' },
  ready: {
    en: 'READY: the demonstrations can run here. To start: ./wirelab run plaintext',
    ko: '준비됨: 시연을 실행할 수 있습니다. 시작하려면: ./wirelab run plaintext',
  },
  notReady: (names: string): Localized => ({
    en: `NOT READY: fix this first, then run doctor again: ${names}`,
    ko: `준비 안 됨: 다음을 먼저 해결한 뒤 다시 실행하세요: ${names}`,
  }),
} as const;

const brokenOf = (examined: readonly Examined[]): readonly Examined[] =>
  examined.filter(({ check, finding }) => check.essential && finding.status === 'broken');

/** Whether the demonstrations can run. */
export const isReady = (examined: readonly Examined[]): boolean => brokenOf(examined).length === 0;

function countOf(examined: readonly Examined[], status: Status): number {
  return examined.filter(({ finding }) => finding.status === status).length;
}

export function printDoctor(
  page: Page,
  examined: readonly Examined[],
  { version, language }: { readonly version: string; readonly language: Language },
): void {
  const statusWidth = Math.max(...statuses.map((status) => cellWidth(statusWords[status].word[language])));
  const titleWidth = Math.max(...examined.map(({ check }) => cellWidth(check.title[language])));
  page.behind('', words.title(version)[language]);
  for (const group of groups) {
    // The labs are listed where they were asked for.
    if (!examined.some(({ check }) => check.group === group)) continue;
    page.blank();
    page.behind('', groupTitles[group][language]);
    for (const { check, finding } of examined.filter(({ check }) => check.group === group)) {
      const { mark, word } = statusWords[finding.status];
      const head = ` ${page.fit(mark, 1)} ${page.fit(word[language], statusWidth)}  ${page.fit(check.title[language], titleWidth)}  `;
      page.behind(head, finding.found[language]);
      if (finding.means) page.behind(' '.repeat(cellWidth(head)), finding.means[language]);
      // Less indentation: a command to copy should fit on one line.
      if (finding.remedy)
        page.behind(' '.repeat(statusWidth + 5), `${words.remedy[language]}: ${finding.remedy[language]}`);
    }
  }
  page.blank();
  const broken = brokenOf(examined).map(({ check }) => check.title[language]);
  page.behind('', (broken.length === 0 ? words.ready : words.notReady(broken.join(', ')))[language]);
  const counts = statuses
    .map((status) => [status, countOf(examined, status)] as const)
    .filter(([, count]) => count > 0);
  page.behind('', counts.map(([status, count]) => statusWords[status].counted(count)[language]).join(', '));
}

const harmless = ({ en, ko }: Localized): Localized => ({ en: safeText(en), ko: safeText(ko) });

/** One line per check, then the summary. */
export function doctorJson(examined: readonly Examined[], version: string): string[] {
  const lines = examined.map(
    ({
      check: { name, group, title, essential = false },
      finding: { status, found, means, remedy, value },
    }) =>
      outputLine(
        defined({
          v: 2,
          kind: 'check',
          name,
          group,
          status,
          essential,
          title,
          found: harmless(found),
          means: means && harmless(means),
          remedy: remedy && harmless(remedy),
          value: value === undefined ? undefined : safeText(value),
        }),
      ),
  );
  const summary = outputLine({
    v: 2,
    kind: 'checkup',
    version,
    ready: isReady(examined),
    broken: brokenOf(examined).map(({ check }) => check.name),
    counts: {
      ok: countOf(examined, 'ok'),
      limited: countOf(examined, 'limited'),
      missing: countOf(examined, 'missing'),
      unknown: countOf(examined, 'unknown'),
      broken: countOf(examined, 'broken'),
    },
  });
  return [...lines, summary].map((line) => JSON.stringify(line));
}
