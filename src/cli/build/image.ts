/**
 * Builds the container image (`make image`, `make image-from-node`) from the class archive, by the Containerfile. With
 * `--from-node` its base is not fetched but made of this machine's node (node-root.ts). ENGINE selects the program and its
 * options, BASE another base image.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { languageOf } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { userErrorLines } from '../io/user-error-text.ts';
import { findPlaces, readVersion } from '../places.ts';
import { classArchive } from './archive.ts';
import { buildOptions, findEngine, importsFiles } from './engine.ts';
import type { Engine } from './engine.ts';
import { layNodeRoot } from './node-root.ts';

const nodeBase = 'localhost/wirelab-node';

const { root } = findPlaces(process.env);
const version = readVersion(root);

try {
  const { ENGINE, BASE } = process.env;
  const engine = findEngine(ENGINE);
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-image-'));
  try {
    const base = process.argv.includes('--from-node') ? makeBase(engine, folder) : BASE;
    const { name, bytes } = await classArchive(root);
    writeFileSync(join(folder, name), bytes);
    const tag = `localhost/wirelab:${version}`;
    const given = { VERSION: version, ...(base ? { BASE: base } : {}) };
    const values = Object.entries(given).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
    engineDoes(engine, [
      'build',
      // Beside a base from a registry, the programs that it lacks are fetched too.
      ...(base ? ['--network=none'] : []),
      ...limits(engine),
      ...values,
      '-t',
      tag,
      '-f',
      join(root, 'Containerfile'),
      folder,
    ]);
    console.log(tag);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(userErrorLines(error, languageOf(process.env)).join('\n'));
  process.exitCode = 2;
}

/** @returns the name of the image that it made. */
function makeBase(engine: Engine, folder: string): string {
  const files = join(folder, 'root');
  mkdirSync(files);
  const { missing } = layNodeRoot(files, process.execPath, process.env);
  if (missing.length > 0)
    console.error(`not on this machine, and so not in the image: ${missing.join(', ')}`);
  chmodSync(files, 0o755);
  const packed = join(folder, 'root.tar');
  succeeded('tar', ['--numeric-owner', '--owner=0', '--group=0', '-cf', packed, '-C', files, '.'], '-c');
  if (importsFiles(engine)) engineDoes(engine, ['import', packed, nodeBase]);
  else {
    const recipe = join(folder, 'Containerfile.base');
    writeFileSync(recipe, 'FROM scratch\nADD root.tar /\n');
    engineDoes(engine, ['build', ...limits(engine), '-t', nodeBase, '-f', recipe, folder]);
  }
  rmSync(files, { recursive: true });
  rmSync(packed);
  return nodeBase;
}

/** What the engine says goes to standard error: standard output has the name of the image alone. */
function engineDoes([program, ...options]: Engine, words: readonly string[]): void {
  succeeded(program, [...options, ...words], words[0]);
}

function limits(engine: Engine): readonly string[] {
  const file = '/proc/self/limits';
  return buildOptions(engine, existsSync(file) ? readFileSync(file, 'utf8') : '');
}

/** @throws UserError for any other exit code than 0. */
function succeeded(program: string, words: readonly string[], action = ''): void {
  const { status, error } = spawnSync(program, words, { stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  throw new UserError({
    what: {
      en: `${program} ${action} did not succeed; what it said is above`,
      ko: `${program} ${action} 명령이 실패했습니다. 이유는 위에 있습니다`,
    },
    received: error?.message ?? `${[program, ...words].join(' ')} (${status ?? 'ended by a signal'})`,
    remedy: {
      en: 'Without a registry: make image-from-node. Another runtime: ENGINE="podman --runtime runc".',
      ko: '레지스트리에 접속할 수 없으면 make image-from-node. 다른 런타임은 ENGINE="podman --runtime runc".',
    },
  });
}
