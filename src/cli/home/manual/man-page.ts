/** Writes the manual page (roff, man(7)) from the table of commands: pure. */
import type { Language, Localized } from '../../../i18n/language.ts';
import { signalExits } from '../../command.ts';
import type { OptionRow, OptionTable } from '../../command.ts';
import { commonOptions } from '../../command.ts';
import type { CommandNode } from './command-tree.ts';
import { environmentVariables } from './surroundings.ts';

const titles = {
  name: { en: 'NAME', ko: '이름' },
  synopsis: { en: 'SYNOPSIS', ko: '사용법' },
  description: { en: 'DESCRIPTION', ko: '설명' },
  commands: { en: 'COMMANDS', ko: '명령' },
  common: { en: 'OPTIONS OF EVERY COMMAND', ko: '모든 명령의 옵션' },
  environment: { en: 'ENVIRONMENT', ko: '환경 변수' },
  exits: { en: 'EXIT STATUS', ko: '종료 상태' },
  seeAlso: { en: 'SEE ALSO', ko: '참고' },
} as const satisfies Readonly<Record<string, Localized>>;

const words = {
  line: {
    en: 'shows the bytes between a client and a server, and teaches TLS with them',
    ko: '클라이언트와 서버 사이의 바이트를 보여 주고 그것으로 TLS를 가르칩니다',
  },
  description: {
    en: 'wirelab puts plaintext, TLS and mutual-TLS proxies between a client and a server on this machine and shows the captured bytes. It reads captures, makes and verifies certificates, and runs demonstrations, labs and a Kubernetes control plane. Without a command, on a terminal, it opens a list of all of these.',
    ko: 'wirelab은 이 컴퓨터의 클라이언트와 서버 사이에 평문, TLS, 상호 TLS 프록시를 두고 오가는 바이트를 보여 줍니다. 캡처를 읽고, 인증서를 만들고 검증하며, 시연과 실습, 쿠버네티스 컨트롤 플레인을 실행합니다. 터미널에서 명령 없이 실행하면 전체 목록이 나옵니다.',
  },
  exits: {
    en: `0 the claims hold, or you quit early; 1 a claim was not proven; 2 an error in the command, a file or a port; 70 a fault in wirelab; ${signalExits.en}.`,
    ko: `0은 모든 주장이 증명됨(또는 끝나기 전에 직접 나감), 1은 증명되지 않은 주장이 있음, 2는 명령이나 파일, 포트에 잘못이 있음, 70은 wirelab의 오류, ${signalExits.ko}.`,
  },
  repeated: { en: ' (repeatable)', ko: ' (여러 번 지정 가능)' },
} as const satisfies Readonly<Record<string, Localized>>;

/**
 * A backslash, and a dot or an apostrophe at the beginning of a line, have a meaning; a hyphen is a minus where it is typed; other
 * characters than ASCII are named, so that any man(1) prints them.
 */
const escaped = (text: string): string =>
  text
    .replaceAll('./wirelab', 'wirelab')
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll(/^([.'])/gm, String.raw`\&$1`)
    .replaceAll(
      /[^\x00-\x7f]/gu,
      (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );

const bold = (text: string): string => String.raw`\fB${escaped(text)}\fR`;
const italic = (text: string): string => String.raw`\fI${escaped(text)}\fR`;

const entry = (head: string, text: string): string[] => ['.TP', head, escaped(text)];

function optionEntries(options: OptionTable, language: Language): string[] {
  return Object.entries(options).flatMap(([name, row]: [string, OptionRow]) => {
    const head = [
      ...(row.short ? [bold(`-${row.short}`)] : []),
      `${bold(`${name.length === 1 ? '-' : '--'}${name}`)}${row.value === undefined ? '' : ` ${italic(row.value)}`}`,
    ].join(', ');
    return [
      ...(row.heading ? ['.PP', bold(row.heading[language])] : []),
      ...entry(head, `${row.help[language]}${row.many ? words.repeated[language] : ''}`),
    ];
  });
}

function commandSection(node: CommandNode, language: Language): string[] {
  const { words: names, command, actions } = node;
  return [
    `.SS ${bold(`wirelab ${names.join(' ')}`)} ${italic(command.operands)}`,
    escaped(command.summary[language]),
    ...(actions.length > 0 ? [] : optionEntries(command.options, language)),
    ...(actions.length > 0
      ? []
      : command.examples.flatMap(({ line, does }) => entry(bold(line), does[language]))),
  ];
}

/** @param date of the page, `2026-11-29` */
export function manPage(
  nodes: readonly CommandNode[],
  version: string,
  date: string,
  language: Language,
): string {
  const title = (name: keyof typeof titles): string => `.SH ${escaped(titles[name][language])}`;
  return `${[
    `.TH WIRELAB 1 "${date}" "wirelab ${version}"`,
    title('name'),
    `wirelab ${String.raw`\-`} ${escaped(words.line[language])}`,
    title('synopsis'),
    `${bold('wirelab')} [${italic('COMMAND')} ...]`,
    title('description'),
    escaped(words.description[language]),
    title('commands'),
    ...nodes.flatMap((node) => commandSection(node, language)),
    title('common'),
    ...optionEntries(commonOptions, language),
    title('environment'),
    ...Object.entries(environmentVariables).flatMap(([name, help]) => entry(bold(name), help[language])),
    title('exits'),
    escaped(words.exits[language]),
    title('seeAlso'),
    'openssl(1), tshark(1), curl(1), kubectl(1)',
  ].join('\n')}\n`;
}
