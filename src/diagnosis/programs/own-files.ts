/**
 * What the files of settings of a program say that its arguments do not: whom it trusts, and what it presents. Git is asked for its
 * own settings, since it reads several files with conditions; those of curl, wget and libpq are read here.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { defined } from '../../core/defined.ts';
import { readBytes } from '../../i18n/read-file.ts';
import { optionOf } from './intent.ts';
import type { Settings, Words } from './program.ts';

/** In milliseconds. */
const patience = 3000;
const largest = 1 << 20;

/** Options of git itself that have a value of their own. */
const valuedOfGit: ReadonlySet<string> = new Set(['-c', '-C', '--git-dir', '--work-tree', '--namespace']);

/** `http.*` as they hold for the address that is called (`git config --get-urlmatch`). */
export async function settingsOfGit(
  words: Words,
  variables: NodeJS.ProcessEnv,
): Promise<Settings | undefined> {
  const [program = 'git', ...rest] = words;
  if (basename(program) !== 'git') return undefined;
  let at = 0;
  while (at < rest.length && rest[at]?.startsWith('-')) at += valuedOfGit.has(rest[at] ?? '') ? 2 : 1;
  const own = rest.slice(0, at);
  const ask = async (...asked: readonly string[]): Promise<string> => {
    const env = { ...variables, GIT_TERMINAL_PROMPT: '0' };
    const { stdout } = await promisify(execFile)(program, [...own, ...asked], { env, timeout: patience });
    return stdout;
  };
  try {
    const remote = rest.slice(at + 1).find((word) => !word.startsWith('-'));
    const url = (await ask('ls-remote', '--get-url', ...(remote === undefined ? [] : [remote]))).trim();
    if (!url.startsWith('https://')) return undefined;
    const said = await ask('config', '-z', '--get-urlmatch', 'http', url);
    const values = new Map(
      said
        .split('\0')
        .map((one) => one.split(/\n(.*)/s))
        .map(([key = '', value = '']) => [key.toLowerCase(), value] as const),
    );
    const path = (key: string): string | undefined => expanded(values.get(key), variables);
    return settingsFrom('git config', {
      authorities: path('http.sslcainfo'),
      certificate: path('http.sslcert'),
      key: path('http.sslkey'),
      isInsecure: /^(?:false|no|off|0)$/i.test(values.get('http.sslverify') ?? ''),
    });
  } catch {
    return undefined;
  }
}

/** curl(1), -K: `cacert = /path`, `cert /path`, `-E "/path"`, a flag alone. */
export async function settingsOfCurl(
  words: Words,
  variables: NodeJS.ProcessEnv,
): Promise<Settings | undefined> {
  const given = words.flatMap((word, index) =>
    index > 0 && (word === '-K' || word === '--config') ? (words[index + 1] ?? []) : [],
  );
  const { CURL_HOME, XDG_CONFIG_HOME, HOME } = variables;
  const usual =
    words[1] === '-q' || words[1] === '--disable'
      ? undefined
      : [
          CURL_HOME && join(CURL_HOME, '.curlrc'),
          XDG_CONFIG_HOME && join(XDG_CONFIG_HOME, 'curlrc'),
          HOME && join(HOME, '.curlrc'),
          HOME && join(HOME, '.config', 'curlrc'),
        ].find((path) => path !== undefined && path !== '' && existsSync(path));
  const names = { E: 'cert', k: 'insecure' } as const;
  const pattern = /^\s*-{0,2}([A-Za-z][\w.-]*)\s*(?:[=:\s]\s*(.*?))?\s*$/;
  return settledIn(
    [usual, ...given],
    (line) => {
      const [, name = '', value = ''] = pattern.exec(line) ?? [];
      return [name in names ? names[name as keyof typeof names] : name, value];
    },
    (values, by) =>
      settingsFrom(by, {
        authorities: values.get('cacert'),
        certificate: values.get('cert'),
        key: values.get('key'),
        isInsecure: values.has('insecure'),
      }),
  );
}

/** Its startup file; case, `-` and `_` in the names of commands do not count. */
export async function settingsOfWget(
  words: Words,
  { WGETRC, HOME }: NodeJS.ProcessEnv,
): Promise<Settings | undefined> {
  if (words.includes('--no-config')) return undefined;
  const usual = WGETRC || (HOME && join(HOME, '.wgetrc'));
  const given = optionOf(words, '--config');
  return settledIn(
    [given ?? usual],
    (line) => {
      const [, name = '', value = ''] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return [name.toLowerCase().replaceAll(/[-_]/g, ''), value];
    },
    (values, by) =>
      settingsFrom(by, {
        authorities: values.get('cacertificate'),
        certificate: values.get('certificate'),
        key: values.get('privatekey'),
        isInsecure: /^(?:off|no|0)$/i.test(values.get('checkcertificate') ?? ''),
      }),
  );
}

/** What libpq presents where nothing is said (documentation of PostgreSQL, "Client Certificates"). */
export async function settingsOfPostgres(
  _words: Words,
  { HOME }: NodeJS.ProcessEnv,
): Promise<Settings | undefined> {
  const at = (name: string): string | undefined => {
    const path = HOME && join(HOME, '.postgresql', name);
    return path !== undefined && path !== '' && existsSync(path) ? path : undefined;
  };
  return settingsFrom('~/.postgresql', { certificate: at('postgresql.crt'), key: at('postgresql.key') });
}

interface Values {
  readonly authorities?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly isInsecure?: boolean;
}

function settingsFrom(
  by: string,
  { authorities, certificate, key, isInsecure = false }: Values,
): Settings | undefined {
  if (authorities === undefined && certificate === undefined && !isInsecure) return undefined;
  return defined({ by, authorities, certificate, key, isInsecure: isInsecure ? (true as const) : undefined });
}

/** Of several files the later ones count. */
function settledIn(
  paths: readonly (string | undefined)[],
  read: (line: string) => readonly [name: string, value: string],
  make: (values: ReadonlyMap<string, string>, by: string) => Settings | undefined,
): Settings | undefined {
  const values = new Map<string, string>();
  let by: string | undefined;
  for (const path of paths) {
    if (path === undefined || path === '') continue;
    try {
      const text = Buffer.from(readBytes(path, largest)).toString('utf8');
      for (const line of text.split(/\r?\n/)) {
        if (/^\s*(?:#|$)/.test(line)) continue;
        const [name, value] = read(line);
        if (name !== '') values.set(name, value.replace(/^"(.*)"$/, '$1'));
      }
      by = path;
    } catch {
      // The program itself says that it cannot read it.
    }
  }
  return by === undefined ? undefined : make(values, by);
}

/** `~/client.crt` */
function expanded(path: string | undefined, { HOME }: NodeJS.ProcessEnv): string | undefined {
  if (path === undefined || path === '') return undefined;
  return path.startsWith('~/') && HOME !== undefined && isAbsolute(HOME) ? join(HOME, path.slice(2)) : path;
}
