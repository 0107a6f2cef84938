/**
 * Reads a configuration file of `wirelab proxy`: YAML in which each key is the name of an option. What is given on the command
 * line wins. `config-schema.ts` has the same keys as a JSON Schema; both come from the table of options.
 *
 * 1. Names of files are relative to the folder of the file that names them.
 * 2. Every mistake of the file is reported, each with its line; for an unknown key, the nearest name that there is.
 */
import { dirname, resolve } from 'node:path';
import { defined } from '../../core/defined.ts';
import { verbatim } from '../../i18n/language.ts';
import { nearest } from '../../i18n/nearest.ts';
import { readText } from '../../i18n/read-file.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import type { OptionRow, OptionTable, Parsed } from '../command.ts';

/** Of a file, in bytes. */
const largest = 256 * 1024;

/** Options that say where a configuration is, or how the command is used at a terminal: no file has them. */
export const notInFile: ReadonlySet<string> = new Set(['config', 'help', 'lang']);

/** The options of one target: a row of `targets`. */
export const targetKeys = [
  'server-name',
  'connect',
  'target',
  'cert',
  'key',
  'target-tls',
  'target-cert',
  'target-key',
  'target-cacert',
  'override-server-name',
] as const;
export type TargetKey = (typeof targetKeys)[number];

/** A row of `targets`, as it is written, with its place in the file. */
export interface TargetRow {
  readonly where: string;
  /** Where each value stands. */
  readonly places: Readonly<Partial<Record<TargetKey, string>>>;
  readonly values: Readonly<Partial<Record<TargetKey, readonly string[]>>>;
}

export interface Configured extends Parsed {
  readonly targets: readonly TargetRow[];
}

/** Joins the options of the command line with those of the files that they name. */
export async function withFiles(parsed: Parsed, options: OptionTable): Promise<Configured> {
  const config = parsed.text('config');
  const inFile = config === undefined ? undefined : await readConfig(config, options);
  const joined = inFile ? joinedWith(parsed, inFile) : parsed;
  const file = joined.text('targets');
  const more = file === undefined ? undefined : await readConfig(file, {});
  return { ...joined, targets: [...(inFile?.targets ?? []), ...(more?.targets ?? [])] };
}

interface FileOptions {
  readonly flags: ReadonlySet<string>;
  readonly texts: ReadonlyMap<string, readonly string[]>;
  readonly targets: readonly TargetRow[];
}

function joinedWith(parsed: Parsed, { flags, texts }: FileOptions): Parsed {
  return {
    operands: parsed.operands,
    flag: (name) => parsed.flag(name) || flags.has(name),
    text: (name) => parsed.text(name) ?? texts.get(name)?.at(-1),
    all: (name) => {
      const given = parsed.all(name);
      return given.length > 0 ? given : (texts.get(name) ?? []);
    },
  };
}

/** Where a value stands in a file: `proxy.yaml:3:1: cert`. */
type PlaceOf = (path: readonly (string | number)[]) => string;

/** @throws UserError that lists every mistake. */
async function readConfig(file: string, options: OptionTable): Promise<FileOptions> {
  const [yaml, { readYaml }, { throwErrors }] = await Promise.all([
    import('yaml'),
    import('../../engine/file/parse.ts'),
    import('../../engine/file/narration.ts'),
  ]);
  const { content, place } = readYaml({ file, text: readText(file, largest) }, yaml);
  const placeOf: PlaceOf = (path) => place.of(path);
  const errors: UserErrorFacts[] = [];
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new UserError({
      where: `${file}:1:1`,
      // A file for --targets has no options.
      ...(Object.keys(options).length === 0
        ? {
            what: { en: 'there are no targets in this file', ko: '대상 서버를 적은 파일이 아닙니다' },
            expected: { en: 'targets: and a row for each', ko: 'targets: 아래에 대상마다 한 줄씩' },
            remedy: { en: `For example, ${targetsExample}`, ko: `예: ${targetsExample}` },
          }
        : {
            what: { en: 'the file is not a map of options', ko: '옵션을 적은 파일이 아닙니다' },
            expected: { en: 'a line for each option', ko: '옵션마다 한 줄씩' },
            remedy: { en: 'For example, mode: plaintext', ko: '예: mode: plaintext' },
          }),
    });
  const flags = new Set<string>();
  const texts = new Map<string, readonly string[]>();
  let targets: readonly TargetRow[] = [];
  const known = [...Object.keys(options).filter((name) => !notInFile.has(name)), 'targets'];
  const folder = dirname(file);
  for (const [key, value] of Object.entries(content as Record<string, unknown>)) {
    const row = Object.hasOwn(options, key) && !notInFile.has(key) ? options[key] : undefined;
    if (key === 'targets' && Array.isArray(value)) targets = readTargets(value, folder, placeOf, errors);
    else if (!row) errors.push(unknownKey(key, placeOf([key]), known));
    else if (row.value === undefined) {
      if (typeof value !== 'boolean') errors.push(wrongValue(placeOf([key]), value, 'true, false'));
      else if (value) flags.add(key);
    } else {
      const given = valuesOf(value, row);
      if (given === undefined) errors.push(wrongValue(placeOf([key]), value, expectedOf(key, row)));
      else texts.set(key, row.value === 'FILE' ? given.map((path) => resolve(folder, path)) : given);
    }
  }
  throwErrors(errors);
  return { flags, texts, targets };
}

const targetsExample = 'targets: [{ server-name: shop.example, target: HOST:PORT }]';

const expectedOf = (key: string, row: OptionRow): string =>
  row.choices
    ? row.choices.join(', ')
    : `${key}: ${row.value ?? ''}${row.many ? `, ${key}: [${row.value ?? ''}, …]` : ''}`;

const isScalar = (value: unknown): value is string | number =>
  (typeof value === 'string' && value !== '') || typeof value === 'number';

/** Undefined for a value that the option cannot have. */
function valuesOf(value: unknown, { many, choices }: OptionRow): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || (list.length > 1 && !many) || !list.every(isScalar)) return undefined;
  // `1.0` is a number to YAML: the version of TLS, not 1.
  const texts = list.map((one) =>
    typeof one === 'number' && choices?.includes(one.toFixed(1)) ? one.toFixed(1) : String(one),
  );
  return choices && !texts.every((text) => choices.includes(text)) ? undefined : texts;
}

function readTargets(
  rows: readonly unknown[],
  folder: string,
  place: PlaceOf,
  errors: UserErrorFacts[],
): TargetRow[] {
  return rows.flatMap((row, index) => {
    const where = place(['targets', index]);
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      errors.push(wrongValue(where, row, 'server-name: shop.example, target: HOST:PORT'));
      return [];
    }
    const values: Partial<Record<TargetKey, readonly string[]>> = {};
    const places: Partial<Record<TargetKey, string>> = {};
    for (const [key, value] of Object.entries(row as Record<string, unknown>)) {
      const at = place(['targets', index, key]);
      const name = targetKeys.find((one) => one === key);
      const list: readonly unknown[] = Array.isArray(value) ? value : [value];
      const isList = name === 'server-name' || name === 'connect';
      if (!name) errors.push(unknownKey(key, at, targetKeys));
      else if (!list.every(isScalar) || list.length === 0 || (list.length > 1 && !isList))
        errors.push(wrongValue(at, value, targetExpected[name]));
      else {
        places[name] = at;
        values[name] = list.map((one) =>
          targetFiles.has(name) ? resolve(folder, String(one)) : String(one),
        );
      }
    }
    return [{ where, places, values }];
  });
}

const targetFiles: ReadonlySet<TargetKey> = new Set([
  'cert',
  'key',
  'target-cert',
  'target-key',
  'target-cacert',
]);

const targetExpected: Readonly<Record<TargetKey, string>> = {
  'server-name': 'shop.example, *.shop.example',
  connect: 'HOST, HOST:PORT',
  target: 'HOST:PORT',
  'target-tls': 'off, tls, mtls',
  cert: 'cert: FILE',
  key: 'key: FILE',
  'target-cert': 'target-cert: FILE',
  'target-key': 'target-key: FILE',
  'target-cacert': 'target-cacert: FILE',
  'override-server-name': 'shop.example',
};

function unknownKey(key: string, where: string, known: readonly string[]): UserErrorFacts {
  const near = nearest(key, known);
  return defined({
    what: { en: `unknown key: ${key}`, ko: `없는 항목입니다: ${key}` },
    where,
    received: key,
    remedy: near
      ? { en: `Did you mean ${near}?`, ko: `${near} 항목을 찾으셨나요?` }
      : {
          en: 'The keys are the names of the options, without --.',
          ko: '항목의 이름은 옵션에서 --를 뺀 것입니다.',
        },
  });
}

function wrongValue(where: string, value: unknown, expected: string): UserErrorFacts {
  return {
    what: { en: 'invalid value', ko: '쓸 수 없는 값입니다' },
    where,
    expected: verbatim(expected),
    received: JSON.stringify(value) ?? '',
  };
}
