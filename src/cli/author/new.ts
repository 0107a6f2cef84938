/** Implements `wirelab new`: makes the folder of a scenario or of a lab, which runs as it is and is then changed. */
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Localized } from '../../i18n/language.ts';
import { escapedText } from '../../i18n/safe.ts';
import { UserError } from '../../i18n/user-error.ts';
import { scenarioNames } from '../../engine/load.ts';
import { labNames } from '../../labs/load.ts';
import type { Command, CommandOfActions, Environment, OptionTable, Parsed } from '../command.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { labPlace, scenarioPlaces, schemasPlace } from '../places.ts';
import type { Places } from '../places.ts';
import { checkName, copyOf, makeAuthorFolder } from './make-folder.ts';

interface Kind {
  readonly summary: Localized;
  readonly bundled: (places: Places) => readonly string[];
  /** The commands to go on with, without the program's name. */
  readonly next: (folder: string) => readonly (readonly [words: string, does: Localized])[];
}

const runs: Localized = { en: 'Run it as it is', ko: '지금 그대로 실행' };

const kinds: Readonly<Record<'lab' | 'scenario', Kind>> = {
  scenario: {
    summary: {
      en: 'make the folder of a scenario of your own, which runs at once',
      ko: '바로 실행되는 나만의 시나리오 폴더를 만듭니다',
    },
    bundled: (places) => scenarioNames(scenarioPlaces(places).compiled),
    next: (folder) => [[`run ${shellWord(folder)}`, runs]],
  },
  lab: {
    summary: {
      en: 'make the folder of a lab of your own, with a solution and wrong attempts',
      ko: '나만의 실습 폴더를 해답, 틀린 시도와 함께 만듭니다',
    },
    bundled: (places) => labNames(labPlace(places)),
    next: (folder) => [
      [
        `lab verify ${shellWord(folder)}`,
        { en: 'Prove that it can be solved', ko: '풀 수 있는 실습인지 증명' },
      ],
      [`lab ${shellWord(folder)}`, { en: 'Begin it as a learner does', ko: '수강생처럼 시작' }],
    ],
  },
};

const options: OptionTable = {
  folder: {
    value: 'DIR',
    help: {
      en: 'where to make the folder NAME (default: the current folder)',
      ko: 'NAME 폴더를 만들 곳(기본값: 현재 폴더)',
    },
  },
};

const exits: Localized = { en: 'Exit codes: 0 made; 2 error.', ko: '종료 코드: 0은 만듦, 2는 잘못이 있음.' };

function newCommand(kind: keyof typeof kinds): Command {
  const { summary } = kinds[kind];
  return {
    summary,
    operands: 'NAME',
    options,
    examples: [
      {
        line: `./wirelab new ${kind} my-${kind}`,
        does: { en: `make the folder my-${kind} here`, ko: `이곳에 my-${kind} 폴더를 만듭니다` },
      },
    ],
    exits,
    run: async (parsed, environment) => Promise.resolve(make(kind, parsed, environment)),
  };
}

function make(kind: keyof typeof kinds, parsed: Parsed, environment: Environment): number {
  const { places, language, stdout } = environment;
  const [word, ...more] = parsed.operands;
  if (word === undefined || more.length > 0)
    throw new UserError({
      what:
        word === undefined
          ? { en: 'missing name', ko: '이름을 적어 주세요' }
          : { en: 'too many arguments', ko: '인수가 너무 많습니다' },
      where: `wirelab new ${kind}`,
      expected: { en: 'one NAME', ko: '이름 하나' },
      received: parsed.operands.join(' '),
      remedy: { en: `./wirelab new ${kind} my-${kind}`, ko: `./wirelab new ${kind} my-${kind}` },
    });
  const { bundled, next } = kinds[kind];
  const name = checkName(word, kind, bundled(places));
  const folder = join(resolve(parsed.text('folder') ?? '.'), name);
  const made = copyOf(join(places.root, 'examples', kind), { name, language, schemas: schemasPlace(places) });
  makeAuthorFolder(folder, made);
  const shown = pathFromHere(folder);
  const guide = join(places.root, 'docs', 'authors.md');
  const lines = [
    { en: `Made ${escapedText(shown)}:`, ko: `${escapedText(shown)} 폴더를 만들었습니다:` }[language],
    ...[...made.keys()].map((file) => `    ${file}`),
    '',
    ...next(shown).flatMap(([words, does]) => [`${does[language]}:`, `    ${launcher(places)} ${words}`]),
    ...(existsSync(guide)
      ? [{ en: `How to go on: ${escapedText(guide)}`, ko: `다음 할 일: ${escapedText(guide)}` }[language]]
      : []),
  ];
  stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

/** A path for a command that is typed here: it has a slash, so that it is not taken for a name. */
function pathFromHere(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith('..') ? folder : `./${path}`;
}

/** How the program is started from here. */
function launcher({ root }: Places): string {
  const path = join(root, 'wirelab');
  if (!existsSync(path)) return 'wirelab';
  return process.cwd() === resolve(root) ? './wirelab' : shellWord(path);
}

export const newFolder: CommandOfActions = {
  summary: {
    en: 'make the folder of a scenario or a lab of your own',
    ko: '나만의 시나리오나 실습 폴더를 만듭니다',
  },
  operands: 'lab|scenario NAME',
  options: {},
  examples: [
    {
      line: './wirelab new scenario my-scenario',
      does: { en: 'a scenario that runs at once', ko: '바로 실행되는 시나리오' },
    },
    {
      line: './wirelab new lab my-lab --folder ~/course',
      does: { en: 'a lab, in another folder', ko: '다른 폴더에 실습' },
    },
  ],
  exits,
  actions: {
    lab: async () => Promise.resolve(newCommand('lab')),
    scenario: async () => Promise.resolve(newCommand('scenario')),
  },
};
