/** The hand-out of a lab: its tasks as Markdown, to be printed or sent, without hints and answers. */
import type { Language } from '../../i18n/language.ts';
import type { CompiledLab } from '../../labs/lab.ts';

const words = {
  minutes: {
    en: (minutes: number): string => `Time: about ${minutes} minutes.`,
    ko: (minutes: number): string => `소요 시간: 약 ${minutes}분`,
  },
  afterwards: {
    en: (can: string): string => `Afterwards you can ${can}.`,
    ko: (can: string): string => `마치고 나면 ${can}.`,
  },
  begin: {
    en: 'In one terminal, start the lab and leave it running; in a second one, work in its folder and check as often as you like:',
    ko: '한 터미널에서 실습을 시작하고 그대로 두세요. 다른 터미널에서 실습 폴더로 이동해 작업하고, 언제든 확인해 보세요.',
  },
  programs: { en: 'Programs', ko: '프로그램' },
  without: {
    en: (program: string, instead: string): string => `${program} (without it: ${instead})`,
    ko: (program: string, instead: string): string => `${program}(없다면: ${instead})`,
  },
  task: { en: 'Task', ko: '과제' },
  notes: { en: 'Notes:', ko: '메모:' },
} as const;

/** Markdown that ends with a line feed. @param asked how the lab is called: its name, or the path of its folder */
export function labHandout(
  { name, narration, tasks }: CompiledLab,
  language: Language,
  asked: string = name,
): string {
  const { title, intro, tasks: texts } = narration[language];
  const { course, programs = {} } = tasks;
  const lines = [
    `# ${title}`,
    ...(course
      ? [words.minutes[language](course.minutes), words.afterwards[language](course.afterwards[language])]
      : []),
    intro,
    words.begin[language],
    `    ./wirelab lab ${asked}\n    cd lab-${name}\n    ../wirelab lab check`,
    ...(Object.keys(programs).length === 0
      ? []
      : [
          `## ${words.programs[language]}`,
          Object.entries(programs)
            .map(([program, instead]) => `- ${words.without[language](program, instead[language])}`)
            .join('\n'),
        ]),
    ...tasks.tasks.flatMap(({ id }, index) => [
      `## ${words.task[language]} ${index + 1}: ${texts[id]?.title ?? id} (${id})`,
      texts[id]?.text ?? '',
      `- [ ] ${id}`,
      words.notes[language],
    ]),
  ];
  return `${lines.join('\n\n')}\n`;
}
