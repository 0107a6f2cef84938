/** Shows the settings of processes, a table in lines, and what became of a process with another manifest. */
import type { Shown } from '../../engine/shown.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { verbatim } from '../../i18n/language.ts';
import type { StepOutcome } from '../../presentation/types/values.ts';
import type { ManifestReport, NamedFile } from './manifest-observations.ts';
import { flagPurpose, flagWords } from './manifest-words.ts';

type Statements = StepOutcome['statements'];

export const manifestReports = {
  flags: { outcome: ({ result: { flags } }) => settingsOf(flags) },
  manifest: { outcome: ({ result }) => changeOf(result) },
} satisfies Shown['reports'];

const plain = (text: Localized): Statements[number] => ({ mark: ' ', tone: 'plain', text });

function settingsOf(flags: readonly NamedFile[]): StepOutcome {
  const processes = [...new Set(flags.map(({ process }) => process))];
  return {
    headline: {
      text: { en: 'Which file, whose, what for', ko: '어느 파일, 누구의 것, 무엇을 위해' },
      tone: 'plain',
    },
    statements: processes.flatMap((process) => [
      plain(verbatim(`${process}:`)),
      ...flags
        .filter((one) => one.process === process)
        .map((one) => {
          const [words, purpose] = [flagWords(one), flagPurpose(one)];
          return plain({ en: `${words.en}. ${purpose.en}`, ko: `${words.ko}. ${purpose.ko}` });
        }),
    ]),
  };
}

function changeOf({ process, without, state, words }: ManifestReport): StepOutcome {
  const lines = without.map((line) => plain(verbatim(`- ${safeText(line)}`)));
  const isRunning = state === 'running';
  const outcome: Localized = isRunning
    ? { en: `${process} has started with it`, ko: `${process}: 이대로 시작됨` }
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
