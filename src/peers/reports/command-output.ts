/** Converts a shell command and its output to a value for display, with control characters removed. */
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeLines, safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import type { CommandOutput } from '../../presentation/types/values.ts';
import type { CommandReport } from './command.ts';

const insteadWords: Readonly<
  Record<NonNullable<CommandReport<string>['instead']>, (tool: string) => Localized>
> = {
  absent: (tool) => ({
    en: `wirelab instead: ${tool} is not installed`,
    ko: `${josa(tool, '이/가')} 설치되어 있지 않아 wirelab이 대신 보냄`,
  }),
  headers: (tool) => ({
    en: `wirelab instead: ${tool} cannot send custom headers`,
    ko: `${josa(tool, '으로/로')}는 임의의 헤더를 보낼 수 없어 wirelab이 대신 보냄`,
  }),
  asks: (tool) => ({
    en: `wirelab instead: ${tool} would prompt for a user name`,
    ko: `${josa(tool, '은/는')} 사용자 이름을 물어보므로 wirelab이 대신 보냄`,
  }),
  gateway: () => ({
    en: 'sent by wirelab over the JSON gateway, as curl would',
    ko: 'curl처럼 wirelab이 JSON 게이트웨이로 보냄',
  }),
  unspoken: (tool) => ({
    en: `wirelab instead: ${tool} requires gRPC, which this etcd does not support`,
    ko: `${josa(tool, '은/는')} gRPC를 쓰지만 이 etcd는 gRPC를 지원하지 않아 wirelab이 대신 보냄`,
  }),
};

/** Maximum lines of output shown; the rest is counted. */
const mostLines = 12;

export function commandOutput({
  kind,
  program,
  instead = 'absent',
  headers = {},
  version,
  line,
  exitCode,
  output,
  words,
  connections,
}: CommandReport<string>): CommandOutput {
  const command = inEach(
    (language) =>
      `$ ${kind} ${safeText(line)}${program === 'wirelab' ? `   (${insteadWords[instead](kind)[language]})` : version === undefined ? '' : `   (${version})`}`,
  );
  const printed = safeLines(output).filter(Boolean);
  const table = tableIn(printed);
  const added = Object.entries(headers).map(([name, value]) => safeText(`+ ${name}: ${value}`));
  const said = [...added, ...(table ? [] : printed), ...folded(safeLines(words).filter(Boolean))].map(
    (text) => shortened(text),
  );
  const more = said.length - mostLines;
  const rest: Localized = { en: `… ${more} more lines`, ko: `… 이하 ${more}줄` };
  const lines = more > 0 ? [...said.slice(0, mostLines), rest] : said;
  // Of several log lines of kubectl, the last one is enough.
  const notLogged = lines.filter((text) => typeof text !== 'string' || !/^\S+\.go:\d+\] /.test(text));
  return {
    command,
    ...(table ? { table } : {}),
    lines,
    brief: table
      ? [table.head, ...table.rows].map((row) => row.join('  '))
      : (notLogged.length > 0 ? notLogged : lines).map(withShortWords),
    isRefused: exitCode !== 0,
    ...(instead === 'gateway' ? { isLetIn: true } : {}),
    connections,
  };
}

/**
 * kubectl prefixes each retry with the time and a process id (klog), etcdctl prints a JSON line: equal messages are shown
 * once, with a count.
 */
function folded(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const text = /^[EWI]\d{4} [\d:.]+ +\d+ (.*)$/.exec(line)?.[1] ?? errorIn(line) ?? line;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return Array.from(counts, ([text, count]) => (count > 1 ? `${text} (${count}×)` : text));
}

function errorIn(line: string): string | undefined {
  try {
    const { error } = JSON.parse(line) as { readonly error?: unknown };
    return typeof error === 'string' ? safeText(error) : undefined;
  } catch {
    return undefined;
  }
}

/** For example a certificate in base64. */
const longest = 900;
const shortened = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);

/** Longer words say nothing to a reader, and would take the screen from what the step is about. */
const longestWord = 120;
const wordStart = 60;

/** In brief, of a certificate in base64 the beginning. */
const withShortWords = (line: string | Localized): string | Localized =>
  typeof line === 'string'
    ? line.replaceAll(/\S+/g, (word) => (word.length > longestWord ? `${word.slice(0, wordStart)}…` : word))
    : line;

/** kubectl separates columns by three spaces; a table has an upper-case header. */
function tableIn(lines: readonly string[]): CommandOutput['table'] {
  const [head = ''] = lines;
  if (
    lines.length < 2 ||
    lines.length > mostLines + 1 ||
    !/^[A-Z][A-Z -]*(?: {2,}[A-Z][A-Z -]*)+$/.test(head)
  )
    return undefined;
  const [heads = [], ...rows] = lines.map((line) => line.split(/ {2,}/));
  return rows.every((row) => row.length === heads.length) ? { head: heads, rows } : undefined;
}
