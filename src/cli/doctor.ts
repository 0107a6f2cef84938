/**
 * `wirelab doctor`: what this machine, this terminal and the programs around offer to the demonstrations, and what to do
 * where something is missing. It gathers the surroundings and runs the checks; each check is a row in doctor/.
 *
 * 1. Nothing is changed: a file in the folder of the certificates is made and removed, a port opened and closed.
 * 2. Only what keeps the demonstrations from running makes it end with 1.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../core/clock.ts';
import { wantsAscii } from '../i18n/ascii.ts';
import { UserError } from '../i18n/user-error.ts';
import { Page } from '../ui/status/page.ts';
import { probeTerminal } from '../ui/tui/probe.ts';
import type { TerminalProbe } from '../ui/tui/probe.ts';
import type { Command, Environment } from './command.ts';
import { askProgram } from './doctor/ask.ts';
import type { Check, RunContext } from './doctor/check.ts';
import { machineChecks } from './doctor/machine.ts';
import { peerChecks } from './doctor/peers.ts';
import { doctorJson, isReady, tellDoctor } from './doctor/report.ts';
import type { Examined } from './doctor/report.ts';
import { openLoopback, tryWriting } from './doctor/surroundings.ts';
import { terminalChecks } from './doctor/terminal.ts';
import { readVersion } from './places.ts';
import { findProgram } from './io/which.ts';

/** Every check, in the order in which a person reads them. */
export const checks: readonly Check[] = [...machineChecks, ...terminalChecks, ...peerChecks];

/** All at once: none depends on another, and the slowest is a program with a time limit. */
export async function examine(surroundings: RunContext): Promise<Examined[]> {
  return Promise.all(checks.map(async (check) => ({ check, finding: await check.run(surroundings) })));
}

export const doctor: Command = {
  summary: {
    en: 'see whether the demonstrations can run here, and what is missing',
    ko: '이 컴퓨터에서 시연을 실행할 수 있는지, 부족한 것은 무엇인지 점검합니다',
  },
  operands: '[--json]',
  options: {
    json: {
      help: {
        en: 'a JSON object per check; the summary is the last',
        ko: '점검마다 JSON 객체 하나씩 출력(마지막 줄이 요약)',
      },
    },
    ascii: { help: { en: 'nothing but ASCII in frames and marks', ko: '테두리와 기호를 ASCII로만 표시' } },
  },
  examples: [
    {
      line: './wirelab doctor',
      does: {
        en: 'before a talk or a workshop, on the machine that is used for it',
        ko: '발표나 워크숍 전에, 사용할 컴퓨터에서 점검',
      },
    },
  ],
  async run(parsed, environment) {
    if (parsed.operands.length > 0) {
      throw new UserError({
        what: { en: 'doctor takes no name', ko: 'doctor 명령에는 이름을 붙이지 않습니다' },
        where: 'wirelab doctor',
        received: parsed.operands.join(' '),
        remedy: { en: './wirelab doctor checks everything.', ko: '전체를 점검하려면: ./wirelab doctor' },
      });
    }
    const { variables, stdout, language, places } = environment;
    const controller = new AbortController();
    let exitCode: number | undefined;
    const stop = (code: number): void => {
      // The programs that were asked stand in groups of their own: a signal to this one does not reach them.
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
      const examined = await examine(surroundings);
      if (exitCode !== undefined) return exitCode;
      const version = readVersion(places.root);
      const lines: string[] = [];
      if (parsed.flag('json')) lines.push(...doctorJson(examined, version));
      else {
        const ascii =
          parsed.flag('ascii') || wantsAscii(variables) || (surroundings.probe?.ambiguousAsWide ?? false);
        const columns = Math.max(40, Math.min(80, surroundings.terminal?.columns || 80));
        tellDoctor(new Page({ language, ascii, columns, write: (line) => void lines.push(line) }), examined, {
          version,
          language,
        });
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

/** Nobody waits for a first screen here, so a terminal at the end of a slow line is given more time than the UI gives it. */
const measuringLimit = 2000;

async function measure(environment: Environment, interrupt: () => void): Promise<TerminalProbe | undefined> {
  const { stdin, stdout, variables } = environment;
  // A dumb terminal would show the question.
  if (!isTerminal(environment) || variables['TERM'] === 'dumb') return undefined;
  const probe = await probeTerminal(stdin, stdout, { timeoutMs: measuringLimit });
  // While the terminal was raw, Ctrl-C was a character like any other.
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
