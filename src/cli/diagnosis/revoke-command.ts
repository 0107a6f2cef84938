/**
 * Runs the user's command that revokes a certificate, in a shell, with the certificate in a file that exists only meanwhile. The
 * private key is never on disk. Nothing that it started outlives an interruption.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Revoke } from '../../diagnosis/admission/prove.ts';
import type { Environment } from '../command.ts';

/** Milliseconds. */
const longest = 20_000;
/** Characters of its output that are kept, from the beginning. */
const mostOutput = 2000;

export function revoker(
  command: string,
  { variables }: Pick<Environment, 'variables'>,
  signal: AbortSignal,
): Revoke {
  return async ({ serial, pem }) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-prove-'));
    try {
      const file = join(folder, 'client.crt');
      writeFileSync(file, pem, { mode: 0o644 });
      const ended = await runInShell(
        command,
        { ...variables, WIRELAB_SERIAL: serial, WIRELAB_CERTIFICATE: file },
        signal,
      );
      return ended.how === 0 ? { done: true } : { done: false, words: failureWords(ended) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

interface Ended {
  /** Its exit code. */
  readonly how: number | 'timeout' | 'killed' | 'not_started';
  /** What it said on standard error. */
  readonly output: string;
}

async function runInShell(
  command: string,
  variables: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Ended> {
  return new Promise((resolve) => {
    // A group of its own, so that what it starts is ended with it.
    const child = spawn('/bin/sh', ['-c', command], {
      env: variables,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    child.stdout.resume();
    child.stderr.on('data', (piece: Buffer) => {
      output = (output + piece.toString('utf8')).slice(0, mostOutput);
    });
    let forced: 'timeout' | 'killed' | undefined;
    const end = (why: 'timeout' | 'killed'): void => {
      forced = why;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    };
    const onAbort = (): void => end('killed');
    const timer = setTimeout(() => end('timeout'), longest);
    const finish = (how: Ended['how']): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      // A server that it started in the background may keep them open.
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ how, output });
    };
    signal.addEventListener('abort', onAbort);
    child.once('error', () => finish('not_started'));
    child.once('exit', (code) => finish(forced ?? code ?? 'killed'));
    if (signal.aborted) onAbort();
  });
}

function failureWords({ how, output }: Ended): Localized {
  const first = output.split('\n').find((line) => line.trim() !== '') ?? '';
  const behind = first === '' ? '' : `: ${safeText(first.trim()).slice(0, 160)}`;
  switch (how) {
    case 'timeout':
      return {
        en: `the command of --revoke-command did not end in ${longest / 1000} s${behind}`,
        ko: `--revoke-command의 명령이 ${longest / 1000}초 안에 끝나지 않음${behind}`,
      };
    case 'killed':
    case 'not_started':
      return {
        en: `the command of --revoke-command was not carried out${behind}`,
        ko: `--revoke-command의 명령이 실행되지 않음${behind}`,
      };
    default:
      return {
        en: `the command of --revoke-command failed (exit code ${how})${behind}`,
        ko: `--revoke-command의 명령이 실패함(종료 코드 ${how})${behind}`,
      };
  }
}
