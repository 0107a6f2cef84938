/**
 * Selects the files of the archive for a class without internet access: one folder that needs only Node. `tar.ts` packs
 * it. This is a build step and not part of the program.
 *
 * 1. The same built checkout always gives the same bytes.
 * 2. From node_modules it takes the packages that the lock file does not mark as `dev`, with their licences, without
 *    types, maps, tests, examples and hidden files.
 * 3. V8's compiled code is left out: it fits one version of Node on one kind of machine.
 * 4. The learners' archive has no answers: neither the instructors' pages nor the sources of the labs, whose hints end with
 *    the solution and whose expectations name it; the compiled labs are compressed. The instructor's archive has all of it.
 */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sha256Hex } from '../../core/sha256.ts';
import { UserError } from '../../i18n/user-error.ts';
import { compressedSuffix } from '../../labs/load.ts';
import { byName, tarOf } from './tar.ts';
import type { TarEntry } from './tar.ts';

export interface ClassArchive {
  /** `wirelab-class-0.1.0.tar.gz`, `wirelab-class-instructor-0.1.0.tar.gz`. */
  readonly name: string;
  /** The one folder in it: `wirelab-0.1.0`. */
  readonly folder: string;
  readonly bytes: Uint8Array;
  /** Paths relative to the folder. */
  readonly paths: readonly string[];
}

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly type: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>;
}

/** Paths from the root of the checkout, both build output and documentation; a folder includes everything in it. */
const carried = [
  'wirelab',
  'README.md',
  'LICENSE',
  'certs/recipes',
  'deploy',
  'dist/bundle',
  'dist/data',
  'docs',
  'examples',
  'scenarios',
  'schemas',
];
/** What an instructor is given besides. */
const instructors = ['labs'];
const leftOut = /^dist\/bundle\/(?:.*\.cache|loaded\.json)$/;
/** Paths inside a package. */
const unusedFolders = new Set([
  'node_modules',
  'test',
  'tests',
  'example',
  'examples',
  'benchmark',
  'browser',
  'flash',
]);
const unusedFiles = /\.(?:[cm]?ts|map|flow)$|\/\.[^/]*$/;

const sumsFile = 'SHA256SUMS';

/** The bytes of a gzip file that are the same everywhere: the operating system that packed it is unknown (RFC 1952 section 2.3.1). */
function compressed(bytes: Uint8Array): Uint8Array {
  const packed = gzipSync(bytes, { level: 9 });
  packed[9] = 255;
  return packed;
}

/** A compiled lab as learners are given it; any other file as it is. */
function withoutPlainHints({ path, bytes }: TarEntry): TarEntry {
  return /^dist\/data\/labs\/[^/]+\.json$/.test(path)
    ? { path: path.replace(/\.json$/, compressedSuffix), bytes: compressed(bytes) }
    : { path, bytes };
}

/** @throws UserError where the checkout is not built or its packages are not installed. */
export async function classArchive(
  root: string,
  reader: 'learner' | 'instructor' = 'learner',
): Promise<ClassArchive> {
  const isForInstructor = reader === 'instructor';
  const read = (path: string): TarEntry => ({ path, bytes: readFileSync(join(root, path)) });
  const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageFile;
  needed(root, 'dist/bundle/start.cjs');
  const own = [...carried, ...(isForInstructor ? instructors : [])]
    .flatMap((path) => filesUnder(root, path))
    .filter((path) => !leftOut.test(path));
  const files = [
    ...[...own, ...packagesOf(root).flatMap((path) => packageFiles(root, path))]
      .map(read)
      .map((file) => (isForInstructor ? file : withoutPlainHints(file))),
    { path: 'package.json', bytes: Buffer.from(`${JSON.stringify(packageFor(description), null, 2)}\n`) },
  ].toSorted((one, other) => byName(one.path, other.path));
  const sums = files.map(({ path, bytes }) => `${sha256Hex(bytes)}  ${path}\n`).join('');
  const all: readonly TarEntry[] = [...files, { path: sumsFile, bytes: Buffer.from(sums) }];
  const folder = `wirelab-${description.version}`;
  const bytes = compressed(
    await tarOf(
      all.map((file) => ({ ...file, path: `${folder}/${file.path}`, isProgram: file.path === 'wirelab' })),
    ),
  );
  return {
    name: `wirelab-class-${isForInstructor ? 'instructor-' : ''}${description.version}.tar.gz`,
    folder,
    bytes,
    paths: all.map(({ path }) => path),
  };
}

/** package.json without install scripts and development dependencies: there is no npm in the class. */
function packageFor({
  name,
  version,
  description,
  license,
  type,
  engines,
  dependencies,
}: PackageFile): PackageFile & { readonly private: true } {
  return { name, version, private: true, description, license, type, engines, dependencies };
}

/** Folders of the packages that the program needs at run time. */
function packagesOf(root: string): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockFile;
  const found = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
  for (const [path, { optional }] of found) if (!optional) needed(root, `${path}/package.json`);
  return found.flatMap(([path]) => (existsSync(join(root, path)) ? [path] : []));
}

function needed(root: string, path: string): void {
  if (existsSync(join(root, path))) return;
  throw new UserError({
    what: {
      en: 'this checkout is not built, or its packages are not installed',
      ko: '빌드되지 않았거나 패키지가 설치되지 않은 체크아웃입니다',
    },
    where: path,
    expected: { en: 'a file', ko: '파일' },
    remedy: { en: 'make class', ko: 'make class' },
  });
}

/** The file, or all files in a folder and its subfolders; empty if the path does not exist. Symbolic links are skipped. */
function filesUnder(root: string, path: string, into: (folder: string) => boolean = () => true): string[] {
  const found = lstatSync(join(root, path), { throwIfNoEntry: false });
  if (found?.isFile()) return [path];
  if (!found?.isDirectory()) return [];
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && !into(entry.name) ? [] : filesUnder(root, `${path}/${entry.name}`, into),
  );
}

function packageFiles(root: string, path: string): string[] {
  return filesUnder(root, path, (name) => !unusedFolders.has(name) && !name.startsWith('.')).filter(
    (file) => !unusedFiles.test(file),
  );
}
