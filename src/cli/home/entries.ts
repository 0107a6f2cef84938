/**
 * Lists what the first screen offers, from what is there: the compiled scenarios and labs, and the commands for traffic of
 * one's own. Steps and minutes are computed; a lab of the course has its own minutes and its place.
 */
import { features } from '../../features/registry.ts';
import { loadScenario, scenarioNames } from '../../engine/load.ts';
import { planScenario } from '../../engine/planning.ts';
import type { CompiledScenario, StepNarration } from '../../engine/scenario.ts';
import { inEach, languages } from '../../i18n/language.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import type { CompiledLab } from '../../labs/lab.ts';
import { labCourse } from '../../labs/load.ts';
import { lookMs, readingMs } from '../../presentation/reading-time.ts';
import { plannedStops } from '../../engine/plan.ts';
import type { HomeEntry } from '../../ui/tui/home/model.ts';
import type { CommandWords } from '../command.ts';
import { labPlace, scenarioPlaces } from '../places.ts';
import type { Places } from '../places.ts';
import { counterparts } from '../run/counterparts.ts';
import type { ToolKey } from './seen.ts';

/** How long a learner works on a task, beside the reading, where a lab does not say how long it takes. */
const minutesPerTask = 8;

/** The first paragraph of an introduction. */
const opening = (text: string): string => text.split('\n\n')[0] ?? '';

export async function homeEntries(places: Places): Promise<HomeEntry[]> {
  const compiled = scenarioPlaces(places);
  const names = scenarioNames(compiled.compiled);
  const scenarios = await Promise.all(
    names.map(async (name) => scenarioEntry(await loadScenario(name, compiled))),
  );
  const [own, ofClusters] = [false, true].map((isOfClusters) =>
    scenarios.filter(({ group }) => (group === 'kubernetes') === isOfClusters),
  );
  const labs = labPlace(places);
  return [
    ...(own ?? []).toSorted((one, other) => rankOf(one) - rankOf(other)),
    ...(ofClusters ?? []),
    ...labCourse(labs).map(labEntry),
    ...(await toolEntries()),
  ];
}

/** The three that everything else builds on come first, in the order of their keys. */
function rankOf({ name }: HomeEntry): number {
  const rank = counterparts.indexOf(name);
  return rank < 0 ? counterparts.length : rank;
}

function scenarioEntry(compiled: CompiledScenario): HomeEntry {
  const { name, narration } = compiled;
  const steps = plannedStops(planScenario(features, compiled).steps).length;
  return {
    key: `run ${name}`,
    group: name.startsWith('k8s-') ? 'kubernetes' : 'scenarios',
    name,
    title: inEach((language) => narration[language].title),
    summary: inEach((language) => opening(narration[language].intro)),
    words: ['run', name],
    ...(compiled.file.short
      ? {
          short: {
            words: ['run', name, '--short'],
            steps: plannedStops(planScenario(features, compiled, {}, { short: true }).steps).length,
          },
        }
      : {}),
    steps,
    minutes: minutes(
      (language) => readingMinutes(textsOf(narration[language])) + (steps * lookMs.bytes) / 60_000,
    ),
  };
}

/** What is on the screen during a run: everything but the speaker's notes. */
function textsOf({
  intro,
  steps,
  doesNotProve,
  misconceptions = '',
}: CompiledScenario['narration']['en']): string[] {
  const ofStep = ({ before, question = '', after = '' }: StepNarration): string[] => [
    before,
    question,
    after,
  ];
  return [intro, ...Object.values(steps).flatMap(ofStep), doesNotProve, misconceptions];
}

function labEntry({ name, narration, tasks: { tasks, course } }: CompiledLab): HomeEntry {
  return {
    key: `lab ${name}`,
    group: 'labs',
    name,
    title: inEach((language) => narration[language].title),
    summary: inEach((language) => opening(narration[language].intro)),
    words: ['lab', name],
    steps: tasks.length,
    minutes: minutes((language) => {
      if (course) return course.minutes;
      const { intro, tasks: texts, end } = narration[language];
      const read = Object.values(texts).flatMap((task) =>
        task ? [task.text, ...task.hints, task.done] : [],
      );
      return readingMinutes([intro, ...read, end]) + tasks.length * minutesPerTask;
    }),
  };
}

const readingMinutes = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + readingMs(text), 0) / 60_000;

function minutes(of: (language: Language) => number): Readonly<Record<Language, number>> {
  return Object.fromEntries(
    languages.map((language) => [language, Math.max(1, Math.round(of(language)))]),
  ) as Record<Language, number>;
}

interface Tool {
  readonly key: ToolKey;
  readonly name: string;
  readonly words: readonly string[];
  readonly ask?: Localized;
  readonly about: Localized;
  readonly command: () => Promise<CommandWords>;
}

const tools: readonly Tool[] = [
  {
    key: 'proxy',
    name: 'proxy',
    words: ['proxy', '--mode', 'passthrough', '--listen', '127.0.0.1:0', '--target'],
    ask: { en: 'address of your server, HOST:PORT', ko: '내 서버의 주소, HOST:PORT' },
    about: {
      en: 'Enter asks for the address of your server and forwards every byte to it unchanged: the screen shows what an eavesdropper sees of each connection. With the other modes the proxy speaks plaintext, TLS or mutual TLS itself:',
      ko: 'Enter를 누르면 서버 주소를 묻고 모든 바이트를 그대로 전달합니다. 화면에는 도청자가 연결마다 볼 수 있는 것이 나옵니다. 다른 모드에서는 프록시가 직접 평문, TLS, 상호 TLS로 통신합니다.',
    },
    command: async () => (await import('../proxy.ts')).proxy,
  },
  {
    key: 'inspect',
    name: 'inspect',
    words: ['inspect'],
    ask: { en: 'capture file, pcap or pcapng', ko: '캡처 파일(pcap, pcapng)' },
    about: {
      en: 'Enter asks for the file. Every connection in it is shown message by message and byte by byte, opened where there are keys:',
      ko: 'Enter를 누르면 파일 이름을 묻습니다. 파일에 담긴 연결을 메시지와 바이트 단위로 보여 주고, 키가 있으면 암호화된 내용도 엽니다.',
    },
    command: async () => (await import('../inspect.ts')).inspect,
  },
  {
    key: 'kube up',
    name: 'cluster',
    words: ['kube', 'up'],
    about: {
      en: 'An API server, its etcd and its components, each over its own wire, for your own kubectl in another terminal. Enter creates the folder kubernetes here, or uses it again:',
      ko: 'API 서버와 etcd, 컴포넌트가 저마다의 구간으로 통신합니다. 다른 터미널에서 내 kubectl로 접속할 수 있습니다. Enter를 누르면 이곳에 kubernetes 폴더를 만들고, 이미 있으면 다시 사용합니다.',
    },
    command: async () => (await import('../kube/up.ts')).up,
  },
];

async function toolEntries(): Promise<HomeEntry[]> {
  return Promise.all(
    tools.map(async ({ key, name, words, ask, about, command }): Promise<HomeEntry> => {
      const { summary, examples } = await command();
      return {
        key,
        group: 'tools',
        name,
        title: inEach((language) => capitalized(summary[language])),
        summary: about,
        words,
        examples,
        ...(ask ? { ask } : {}),
      };
    }),
  );
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
