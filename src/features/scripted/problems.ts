/** Mistakes in scripts that a schema does not see: patterns, placeholders, and peers that do not fit together. */
import type { Localized } from '../../i18n/language.ts';
import { needs } from '../../engine/problems.ts';
import type { Problem, ProblemPath, StepPlace } from '../../engine/problems.ts';
import type { ProxyFile, ScenarioFile, ServerFile } from '../../engine/scenario.ts';
import { everyLine, turnsToTls } from './lines.ts';
import type { ScriptLine } from './lines.ts';
import { readPattern } from './pattern.ts';
import { PatternError, placeholdersIn, readText, within } from './text.ts';
import type { Placeholder } from './text.ts';
import type { ScriptFacts } from './step.ts';

export function scriptProblems({ client, to, tls }: ScriptFacts, { file, path }: StepPlace): Problem[] {
  const known = file.clients[client];
  if (!known) return [];
  if (!known.script) return [needs(['clients', client], 'script', `the step script`)];
  const supported = known.tls;
  const unsupported = tls && supported && !tls.some((version) => supported.includes(version));
  const behind = serverBehind(to, file);
  return [
    ...linesProblems(known.script, ['clients', client, 'script'], file),
    ...(turnsToTls(known.script) && !known.trust && known.verify !== false
      ? [needs(['clients', client], 'trust', 'starttls')]
      : []),
    ...(unsupported
      ? [
          {
            path: [...path, 'tls'],
            what: {
              en: `${client} supports none of these TLS versions`,
              ko: `${client}: 여기 적힌 TLS 버전을 쓰지 않습니다`,
            },
            received: tls.join(', '),
          },
        ]
      : []),
    ...(behind && behind.kind !== 'scripted-server'
      ? [
          {
            path: [...path, 'to'],
            what: { en: `${to} has no script`, ko: `${to}: 스크립트가 있는 서버가 아닙니다` },
            expected: { en: 'a server of kind scripted-server', ko: 'scripted-server 종류의 서버' },
            received: behind.kind,
          },
        ]
      : []),
  ];
}

function serverBehind(to: string, file: ScenarioFile): ServerFile | undefined {
  const passed = new Set<string>();
  let at = to;
  for (let proxy = file.proxies?.[at]; proxy && !passed.has(at); proxy = file.proxies?.[at]) {
    passed.add(at);
    at = proxy.target;
  }
  return file.servers[at];
}

export function scriptedServerProblems(server: ServerFile, path: ProblemPath, file: ScenarioFile): Problem[] {
  const { kind, script, protocol } = server;
  if (kind !== 'scripted-server') {
    return (['script', 'protocol', 'framing'] as const).flatMap((field): Problem[] =>
      server[field] === undefined
        ? []
        : [
            {
              path: [...path, field],
              what: {
                en: `a server of kind ${kind} has no ${field}`,
                ko: `${kind} 종류의 서버에는 ${field} 항목이 없습니다`,
              },
              expected: { en: 'kind: scripted-server', ko: 'kind: scripted-server' },
              received: kind,
            },
          ],
    );
  }
  if (!script) return [needs(path, 'script', 'kind scripted-server')];
  return [
    ...(protocol === undefined ? [needs(path, 'protocol', 'kind scripted-server')] : []),
    ...linesProblems(script, [...path, 'script'], file),
    ...(turnsToTls(script) && server.certificate === undefined
      ? [needs(path, 'certificate', 'starttls')]
      : []),
    ...(turnsToTls(script) && (server.security ?? 'plain') !== 'plain'
      ? [
          {
            path: [...path, 'security'],
            what: {
              en: 'a connection that turns to TLS by starttls begins without it',
              ko: 'starttls로 TLS를 시작하는 연결은 평문으로 시작합니다',
            },
            expected: { en: 'plain, or no starttls', ko: 'plain으로 두거나 starttls를 뺍니다' },
            received: server.security ?? '',
          },
        ]
      : []),
  ];
}

/** A relay's entries, and whether its proxy forwards bytes at all. */
export function scriptedRelayProblems(
  { script, pump = 'bytes', tamper }: ProxyFile,
  path: ProblemPath,
  file: ScenarioFile,
): Problem[] {
  if (!script) return [];
  const problems: Problem[] = [];
  const attempt = attemptIn(file, problems);
  for (const [index, { expect, lines = [] }] of script.entries()) {
    const at = [...path, 'script', index];
    attempt([...at, 'expect'], expect, () => readPattern(expect).placeholders.flatMap(within));
    for (const [place, line] of lines.entries()) {
      for (const field of ['send', 'answer'] as const) {
        const text = line[field];
        if (text !== undefined)
          attempt([...at, 'lines', place, field], text, () => placeholdersIn(readText(text)));
      }
      if ((line.close ?? line.reset) && place < lines.length - 1)
        problems.push({ path: [...at, 'lines', place + 1], what: neverReached });
    }
  }
  if (pump !== 'bytes')
    problems.push({
      path: [...path, 'pump'],
      what: {
        en: 'a proxy with a script must forward bytes',
        ko: '스크립트가 있는 프록시는 바이트를 전달하는 프록시여야 합니다',
      },
      expected: { en: 'pump: bytes, or kind: passthrough', ko: 'pump: bytes 또는 kind: passthrough' },
      received: pump,
    });
  if (tamper !== undefined)
    problems.push({
      path: [...path, 'tamper'],
      what: {
        en: 'a proxy has a script or a tamper',
        ko: '프록시에는 script와 tamper 중 하나만 둘 수 있습니다',
      },
      received: tamper,
    });
  return problems;
}

type Attempt = (at: ProblemPath, source: string, read: () => readonly Placeholder[]) => void;

/** Reads a text or a pattern, and adds what is wrong with it. */
function attemptIn(file: ScenarioFile, problems: Problem[]): Attempt {
  return (at, source, read) => {
    try {
      for (const placeholder of read()) {
        if (placeholder.type !== 'secret' || Object.hasOwn(file.secrets, placeholder.name)) continue;
        problems.push({
          path: at,
          what: {
            en: `unknown secret: ${placeholder.name}`,
            ko: `그런 이름의 비밀이 없습니다: ${placeholder.name}`,
          },
          received: placeholder.name,
          known: Object.keys(file.secrets),
        });
      }
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      const { what, received = source, known } = error;
      problems.push({ path: at, what, received, ...(known ? { known } : {}) });
      return;
    }
    problems.push(...writtenOut(source, at, file));
  };
}

function linesProblems(lines: readonly ScriptLine[], path: ProblemPath, file: ScenarioFile): Problem[] {
  const problems: Problem[] = [];
  const attempt = attemptIn(file, problems);
  for (const { line, path: own } of everyLine(lines)) {
    const at = [...path, ...own];
    const { send, expect, choose = [], wait } = line;
    if (send !== undefined) attempt([...at, 'send'], send, () => placeholdersIn(readText(send)));
    if (expect !== undefined)
      attempt([...at, 'expect'], expect, () => readPattern(expect).placeholders.flatMap(within));
    for (const [place, branch] of choose.entries())
      attempt([...at, 'choose', place, 'expect'], branch.expect, () =>
        readPattern(branch.expect).placeholders.flatMap(within),
      );
    if (wait !== undefined && wait >= (file.stepTimeoutMs ?? 30_000))
      problems.push({ path: [...at, 'wait'], what: tooLong, received: String(wait) });
  }
  problems.push(...afterTheEnd(lines, path), ...twiceTls(lines, path));
  return problems;
}

const tooLong: Localized = {
  en: 'waits longer than a step may take (stepTimeoutMs)',
  ko: '단계의 제한 시간(stepTimeoutMs)보다 오래 기다립니다',
};

/** A value that is written out is not hunted under its name, and remains when the secret changes. */
function writtenOut(source: string, path: ProblemPath, file: ScenarioFile): Problem[] {
  return Object.entries(file.secrets).flatMap(([name, { value }]): Problem[] =>
    source.includes(value)
      ? [
          {
            path,
            what: {
              en: `the value of secret ${name} is written out`,
              ko: `비밀 ${name}의 값이 그대로 적혀 있습니다`,
            },
            expected: {
              en: `{password}, {rrn} or {secret:${name}}`,
              ko: `{password}, {rrn} 또는 {secret:${name}}`,
            },
          },
        ]
      : [],
  );
}

const neverReached: Localized = {
  en: 'never reached: the connection ends before',
  ko: '앞에서 연결이 끝나므로 이 줄까지 오지 않습니다',
};

/** Lines that can never be reached. */
function afterTheEnd(lines: readonly ScriptLine[], path: ProblemPath): Problem[] {
  const last = lines.findIndex(({ close, reset }) => close ?? reset);
  const deeper = lines.flatMap(({ choose = [] }, index) =>
    choose.flatMap(({ lines: inner = [] }, place) =>
      afterTheEnd(inner, [...path, index, 'choose', place, 'lines']),
    ),
  );
  if (last < 0 || last === lines.length - 1) return deeper;
  return [
    ...deeper,
    {
      path: [...path, last + 1],
      what: neverReached,
    },
  ];
}

function twiceTls(lines: readonly ScriptLine[], path: ProblemPath): Problem[] {
  const walk = (list: readonly ScriptLine[], at: ProblemPath, begun: boolean): [boolean, Problem[]] => {
    let hasBegun = begun;
    const found: Problem[] = [];
    for (const [index, line] of list.entries()) {
      if (line.starttls && hasBegun)
        found.push({
          path: [...at, index, 'starttls'],
          what: { en: 'TLS has begun already', ko: 'TLS가 이미 시작되었습니다' },
        });
      hasBegun ||= line.starttls === true;
      const ends = (line.choose ?? []).map(({ lines: inner = [] }, place) =>
        walk(inner, [...at, index, 'choose', place, 'lines'], hasBegun),
      );
      for (const [after, problems] of ends) {
        hasBegun ||= after;
        found.push(...problems);
      }
    }
    return [hasBegun, found];
  };
  return walk(lines, path, false)[1];
}
