/**
 * Generates help from the commands' own rows; option texts exist nowhere else.
 */
import { cellWidth, wrapToCells } from '../../i18n/width.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { commonOptions, signalExits } from '../command.ts';
import { environmentVariables } from './manual/surroundings.ts';
import type { CommandWords, OptionRow, OptionTable } from '../command.ts';

const words = {
  claim: {
    en: 'wirelab shows what travels between a client and a server on this machine: a plaintext login leaks, TLS encrypts it, and mutual TLS refuses clients without a valid certificate.',
    ko: 'wirelab은 이 컴퓨터의 클라이언트와 서버 사이를 오가는 바이트를 보여 줍니다. 평문 로그인은 유출되고, TLS는 암호화하며, 상호 TLS는 인증서가 없는 클라이언트를 거부합니다.',
  },
  usage: { en: 'Usage', ko: '사용법' },
  list: {
    en: 'Without a command, on a terminal: a list of scenarios, labs and commands.',
    ko: '터미널에서 명령 없이 실행하면 시나리오, 실습, 명령 목록이 나옵니다.',
  },
  commands: { en: 'Commands', ko: '명령' },
  environment: { en: 'Environment variables', ko: '환경 변수' },
  actions: { en: 'Actions', ko: '할 수 있는 일' },
  options: { en: 'Options', ko: '옵션' },
  examples: { en: 'Examples', ko: '예' },
  exits: {
    en: `Exit codes: 0 every claim was proven (or you quit early); 1 a claim was not proven; 2 error in the command, a file or a port; ${signalExits.en}.`,
    ko: `종료 코드: 0은 모든 주장이 증명됨(또는 끝나기 전에 직접 나감), 1은 증명되지 않은 주장이 있음, 2는 명령이나 파일, 포트에 잘못이 있음, ${signalExits.ko}.`,
  },
  moreActions: (name: string): Localized => ({
    en: `Run ./wirelab ${name} ACTION --help for its options.`,
    ko: `각각의 옵션 보기: ./wirelab ${name} ACTION --help`,
  }),
  repeated: { en: ' (repeatable)', ko: ' (여러 번 지정 가능)' },
  more: {
    en: 'Run ./wirelab help COMMAND for its options, ./wirelab man for the manual page, ./wirelab completion SHELL for completions.',
    ko: '명령별 옵션: ./wirelab help COMMAND, 매뉴얼: ./wirelab man, 자동 완성: ./wirelab completion SHELL',
  },
} as const;

const columns = 80;

function row(left: string, right: string, width: number): string[] {
  const lines = wrapToCells(right, columns - width - 4);
  // A name that is wider than its column gets its own line.
  if (cellWidth(left) >= width)
    return [`  ${left}`, ...lines.map((line) => `${' '.repeat(width + 3)}${line}`)];
  const head = `  ${left}${' '.repeat(Math.max(1, width - cellWidth(left)))} ${lines[0] ?? ''}`;
  return [head, ...lines.slice(1).map((line) => `${' '.repeat(width + 3)}${line}`)];
}

/** An example command, wrapped before an option with a backslash, as a shell reads it. */
function continued(command: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of command.split(/ (?=-)/)) {
    if (line !== '' && cellWidth(`${line} ${part} \\`) > columns - 2) {
      lines.push(`${line} \\`);
      line = `   ${part}`;
    } else line = line === '' ? part : `${line} ${part}`;
  }
  return [...lines, line];
}

function exampleLines(examples: CommandWords['examples'], language: Language): string[] {
  return examples.flatMap(({ line, does }) => [
    ...continued(line).map((part) => `  ${part}`),
    ...wrapToCells(does[language], columns - 6).map((text) => `      ${text}`),
  ]);
}

const optionName = (name: string, option: OptionRow): string =>
  `${option.short ? `-${option.short}, ` : ''}${name.length === 1 ? '-' : '--'}${name}${option.value ? ` ${option.value}` : ''}`;

function optionLines(options: OptionTable, language: Language): string[] {
  return Object.entries(options).flatMap(([name, option]) => [
    ...(option.heading ? ['', ` ${option.heading[language]}`] : []),
    ...row(
      optionName(name, option),
      `${option.help[language]}${option.many ? words.repeated[language] : ''}`,
      24,
    ),
  ]);
}

/** The output of `wirelab --help`. */
export function overviewLines(
  all: readonly (readonly [string, CommandWords])[],
  language: Language,
): string[] {
  return [
    ...wrapToCells(words.claim[language], columns),
    '',
    `${words.usage[language]}: ./wirelab [COMMAND ...]`,
    words.list[language],
    '',
    words.commands[language],
    ...all.flatMap(([name, command]) => row(`${name} ${command.operands}`, command.summary[language], 24)),
    '',
    words.examples[language],
    ...all.flatMap(([, command]) => exampleLines(command.examples.slice(0, 2), language)),
    '',
    words.environment[language],
    ...Object.entries(environmentVariables).flatMap(([name, help]) => row(name, help[language], 24)),
    '',
    ...wrapToCells(words.more[language], columns),
    ...wrapToCells(words.exits[language], columns),
  ];
}

/** The output of `wirelab COMMAND --help`. */
export function commandLines(name: string, command: CommandWords, language: Language): string[] {
  return [
    ...wrapToCells(command.summary[language], columns),
    '',
    `${words.usage[language]}: ./wirelab ${name} ${command.operands}`,
    '',
    words.options[language],
    ...optionLines(command.options, language),
    ...(Object.values(command.options).some(({ heading }) => heading) ? [''] : []),
    ...optionLines(commonOptions, language),
    '',
    words.examples[language],
    ...exampleLines(command.examples, language),
    '',
    ...wrapToCells((command.exits ?? words.exits)[language], columns),
  ];
}

/** The output of `wirelab COMMAND --help` for a command with actions. */
export function actionLines(
  name: string,
  command: CommandWords,
  actions: readonly (readonly [string, CommandWords])[],
  language: Language,
): string[] {
  return [
    ...wrapToCells(command.summary[language], columns),
    '',
    `${words.usage[language]}: ./wirelab ${name} ${command.operands}`,
    '',
    words.actions[language],
    ...actions.flatMap(([action, { operands, summary }]) =>
      row(`${action} ${operands}`, summary[language], 24),
    ),
    '',
    words.options[language],
    ...optionLines(commonOptions, language),
    '',
    words.examples[language],
    ...actions.flatMap(([, { examples }]) => exampleLines(examples.slice(0, 1), language)),
    '',
    words.moreActions(name)[language],
    ...wrapToCells((command.exits ?? words.exits)[language], columns),
  ];
}
