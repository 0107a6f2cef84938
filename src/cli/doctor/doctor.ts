/**
 * Implements `wirelab doctor`: reports what this machine, the terminal and the installed programs provide for the
 * demonstrations, and how to fix what is missing. It collects the environment and runs the checks; each check is a row
 * in doctor/.
 *
 * 1. Nothing is changed: the test file in the certificates folder is removed, the test port is closed.
 * 2. Only a check without which the demonstrations cannot run leads to exit code 1.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import { UserError } from '../../i18n/user-error.ts';
import { Page } from '../../ui/status/page.ts';
import { probeTerminal } from '../../ui/tui/probe.ts';
import type { TerminalProbe } from '../../ui/tui/probe.ts';
import type { Command, Environment } from '../command.ts';
import { askProgram } from './ask.ts';
import type { Check, RunContext } from './check.ts';
import { machineChecks } from './machine.ts';
import { peerChecks } from './peers.ts';
import { labChecks } from './labs.ts';
import { doctorJson, isReady, printDoctor } from './report.ts';
import type { Examined } from './report.ts';
import { openLoopback, tryWriting } from './surroundings.ts';
import { terminalChecks } from './terminal.ts';
import { labCourse } from '../../labs/load.ts';
import { labPlace, readVersion } from '../places.ts';
import { findProgram } from '../io/which.ts';

/** Every check, in the order of the report. */
export const checks: readonly Check[] = [...machineChecks, ...terminalChecks, ...peerChecks];

/** All checks run concurrently: they are independent, and the slowest is a program with a time limit. */
export async function examine(
  surroundings: RunContext,
  rows: readonly Check[] = checks,
): Promise<Examined[]> {
  return Promise.all(rows.map(async (check) => ({ check, finding: await check.run(surroundings) })));
}

export const doctor: Command = {
  summary: {
    en: 'check whether the demonstrations can run here, and what is missing',
    ko: '이 컴퓨터에서 시연을 실행할 수 있는지, 부족한 것은 무엇인지 점검합니다',
  },
  operands: '[--labs] [--json]',
  options: {
    labs: {
      help: {
        en: 'also each lab: which of openssl, curl and kubectl it uses, and what is used without them',
        ko: '실습마다 쓰는 프로그램(openssl, curl, kubectl)과, 없을 때 대신 쓰는 것도 점검',
      },
    },
    json: {
      help: {
        en: 'one JSON object per check; the last one is the summary',
        ko: '점검마다 JSON 객체 하나씩 출력(마지막 줄이 요약)',
      },
    },
    ascii: { help: { en: 'use only ASCII for frames and marks', ko: '테두리와 기호를 ASCII로만 표시' } },
  },
  examples: [
    {
      line: './wirelab doctor',
      does: {
        en: 'before a talk or a workshop, on the machine to be used',
        ko: '발표나 워크숍 전에, 사용할 컴퓨터에서 점검',
      },
    },
  ],
  async run(parsed, environment) {
    if (parsed.operands.length > 0) {
      throw new UserError({
        what: { en: 'doctor accepts options only', ko: 'doctor 명령에는 이름을 붙이지 않습니다' },
        where: 'wirelab doctor',
        received: parsed.operands.join(' '),
        remedy: {
          en: 'Run ./wirelab doctor to check everything.',
          ko: '전체를 점검하려면: ./wirelab doctor',
        },
      });
    }
    const { variables, stdout, language, places } = environment;
    const controller = new AbortController();
    let exitCode: number | undefined;
    const stop = (code: number): void => {
      // The version queries run in their own process groups: a signal to this process does not reach them.
      exitCode = code;
      controller.abort();
    };
    const onInterrupt = (): void => stop(130);
    const onTerminate = (): void => stop(143);
    process.on('SIGINT', onInterrupt);
    process.on('SIGTERM', onTerminate);
    try {
      const surroundings = gather(environment, await measure(environment, onInterrupt), controller.signal);
      if (exitCode !== undefined) return exitCode;
      const labs = parsed.flag('labs') ? labChecks(labCourse(labPlace(places))) : [];
      const examined = await examine(surroundings, [...checks, ...labs]);
      if (exitCode !== undefined) return exitCode;
      const version = readVersion(places.root);
      const lines: string[] = [];
      if (parsed.flag('json')) lines.push(...doctorJson(examined, version));
      else {
        const ascii =
          parsed.flag('ascii') || wantsAscii(variables) || (surroundings.probe?.ambiguousAsWide ?? false);
        const columns = Math.max(40, Math.min(80, surroundings.terminal?.columns || 80));
        printDoctor(
          new Page({ language, ascii, columns, write: (line) => void lines.push(line) }),
          examined,
          {
            version,
            language,
          },
        );
      }
      stdout.write(`${lines.join('\n')}\n`);
      return isReady(examined) ? 0 : 1;
    } finally {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    }
  },
};

const isTerminal = ({ stdin, stdout }: Environment): boolean => stdin.isTTY && stdout.isTTY;

/** The UI limits this probe to keep its start fast; here a terminal behind a slow connection gets more time. */
const measuringLimit = 2000;

async function measure(environment: Environment, interrupt: () => void): Promise<TerminalProbe | undefined> {
  const { stdin, stdout, variables } = environment;
  // A dumb terminal would print the query.
  if (!isTerminal(environment) || variables['TERM'] === 'dumb') return undefined;
  const probe = await probeTerminal(stdin, stdout, { timeoutMs: measuringLimit });
  // While the terminal was in raw mode, Ctrl-C was an ordinary character.
  const typed = stdin.read() as Buffer | string | null;
  if (typed?.includes('\u0003')) interrupt();
  return probe;
}

function gather(environment: Environment, probe: TerminalProbe | undefined, signal: AbortSignal): RunContext {
  const { variables, places, stdout } = environment;
  return {
    nodeVersion: process.versions.node,
    opensslVersion: process.versions.openssl,
    platform: process.platform,
    variables,
    clock: systemClock,
    madeAt: statSync(join(places.root, 'package.json')).mtimeMs,
    certificates: places.certificates,
    terminal: isTerminal(environment) ? { columns: stdout.columns, rows: stdout.rows } : undefined,
    probe,
    which: (program) => findProgram(program, variables),
    ask: async (path, words) => askProgram(path, words, { signal }),
    openLoopback: async (host) => openLoopback(host),
    tryWriting,
  };
}
