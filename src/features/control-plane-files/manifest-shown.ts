/** Shows the settings of processes, a table in lines, and what became of a process with another manifest. */
import type { Shown } from '../../engine/shown.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { verbatim } from '../../i18n/language.ts';
import type { StepOutcome } from '../../presentation/types/values.ts';
import type { ManifestReport, NamedFile } from './manifest-observations.ts';
import { authoritiesNamed, flagPurpose, flagWords } from './manifest-words.ts';

type Statements = StepOutcome['statements'];

export const manifestReports = {
  flags: { outcome: ({ result: { flags } }) => settingsOf(flags) },
  manifest: { outcome: ({ result }) => changeOf(result) },
} satisfies Shown['reports'];

const plain = (text: Localized): Statements[number] => ({ mark: ' ', tone: 'plain', text });

/** First which CAs each process has to do with; then each flag. */
function settingsOf(flags: readonly NamedFile[]): StepOutcome {
  const processes = [...new Set(flags.map(({ process }) => process))].map((process) => ({
    process,
    own: flags.filter((one) => one.process === process),
  }));
  return {
    headline: {
      text: {
        en: 'Which CAs, by which flags; then each flag',
        ko: '어느 플래그가 어느 CA를 가리키나. 그다음 플래그 하나씩',
      },
      tone: 'plain',
    },
    statements: [
      ...processes.flatMap(({ process, own }) => [
        plain(verbatim(`${process}:`)),
        ...authoritiesNamed(own).map((line) => plain(line)),
      ]),
      ...processes.flatMap(({ process, own }) => [
        plain({ en: `${process}, flag by flag:`, ko: `${process}, 플래그마다:` }),
        ...own.map((one) => {
          const [words, purpose] = [flagWords(one), flagPurpose(one)];
          return plain({ en: `${words.en}. ${purpose.en}`, ko: `${words.ko}. ${purpose.ko}` });
        }),
      ]),
    ],
  };
}

function changeOf({ process, without, state, words }: ManifestReport): StepOutcome {
  const lines = without.map((line) => plain(verbatim(safeText(line))));
  const isRunning = state === 'running';
  const outcome: Localized = isRunning
    ? without.length === 0
      ? { en: `${process} has started with every flag`, ko: `${process}: 모든 플래그로 시작됨` }
      : { en: `${process} has started without it`, ko: `${process}: 그 플래그 없이 시작됨` }
    : {
        en: `${process} has ended: ${safeText(words ?? '')}`,
        ko: `${process}: 종료됨. ${safeText(words ?? '')}`,
      };
  return {
    headline: {
      text:
        without.length === 0
          ? { en: 'The manifest is as kubeadm wrote it', ko: 'kubeadm이 쓴 그대로의 매니페스트' }
          : { en: 'Taken out of the manifest', ko: '매니페스트에서 뺀 줄' },
      tone: 'plain',
    },
    statements: [
      ...lines,
      { mark: isRunning ? '✓' : '✗', tone: isRunning ? 'plain' : 'refused', text: outcome },
    ],
  };
}
