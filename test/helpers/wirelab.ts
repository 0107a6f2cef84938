/**
 * The real command as a process of its own, with certificates in a temporary folder and a fixed locale.
 */
import { mkdtempSync, rmSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runProgram } from './peer.ts';
import type { ProgramResult } from './peer.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Every demonstration that lies in the project. */
export const scenarioNames = readdirSync(join(root, 'scenarios')).sort();

export const mainFile = join(root, 'dist/src/cli/main.js');

/** One folder a test process; removed as the process ends. */
const folder = mkdtempSync(join(tmpdir(), 'wirelab-test-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The folder in which these runs keep their certificates. */
export const certificatesFolder = join(folder, 'certs');

export function wirelabEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  // Coverage of child processes is collected through this variable.
  const coverage = process.env['NODE_V8_COVERAGE'];
  return { PATH, HOME, LANG: 'C.UTF-8', WIRELAB_CERTS: certificatesFolder, ...(coverage ? { NODE_V8_COVERAGE: coverage } : {}), ...more };
}

export async function runWirelab(words: readonly string[], options: { env?: NodeJS.ProcessEnv; input?: string; cwd?: string } = {}): Promise<ProgramResult> {
  const { env, ...rest } = options;
  return runProgram(process.execPath, [mainFile, ...words], { timeout: 60_000, ...rest, env: wirelabEnvironment(env) });
}
