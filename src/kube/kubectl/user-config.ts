/**
 * Reads the user's kubectl configuration as kubectl does (client-go, tools/clientcmd): several files merged, the first that
 * names something wins; relative paths count from the file that has them. Writes a configuration for the same user and another
 * address. The files themselves are never changed.
 */
import { dirname, isAbsolute, resolve as resolvePath } from 'node:path';
import { defined } from '../../core/defined.ts';
import { readBytes } from '../../i18n/read-file.ts';
import { UserError } from '../../i18n/user-error.ts';
import { isMap, kubeconfigIn, kubeconfigMap, largestKubeconfig } from '../../pki/kubeadm/kubeconfig.ts';
import type { Kubeconfig, Yaml, YamlMap } from '../../pki/kubeadm/kubeconfig.ts';

/** A program that gives out credentials (client.authentication.k8s.io). */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
  readonly provideClusterInfo: boolean;
  readonly installHint?: string;
}

export interface UserConfig extends Omit<Kubeconfig, 'certificate' | 'key' | 'authority'> {
  /** The files that it was read from, as the user named them. */
  readonly where: string;
  /** Those files, and the files of certificates and keys that they name. */
  readonly files: readonly string[];
  /** PEM. */
  readonly authority?: string;
  readonly identity?: { readonly certificate: string; readonly key: string };
  readonly plugin?: ExecPlugin;
  /** URL of a proxy on the way to the server. */
  readonly proxy?: string;
  /** The entries themselves: what is not read here is for kubectl. */
  readonly entries: Readonly<Record<'context' | 'cluster' | 'user', YamlMap>>;
}

/** The largest certificate or key file, in bytes. */
const largestMaterial = 1024 * 1024;

/**
 * The files that kubectl would read: the given one, else those of KUBECONFIG, else that of the home folder.
 * @param exists files of a list that are missing are left out
 */
export function configFiles(
  given: string | undefined,
  variables: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean,
): readonly string[] {
  if (given !== undefined) return [given];
  const listed = (variables['KUBECONFIG'] ?? '').split(':').filter((path) => path !== '');
  if (listed.length === 0) return [resolvePath(variables['HOME'] ?? '/', '.kube', 'config')];
  const there = listed.filter(exists);
  return there.length > 0 ? there : listed.slice(0, 1);
}

/**
 * @param context the one to use, instead of the current one
 * @throws UserError for a file, an entry or a certificate that cannot be used
 */
export function readUserConfig(
  files: readonly string[],
  context: string | undefined,
  yaml: Yaml,
): UserConfig {
  const where = files.join(':');
  const merged = mergedMaps(
    files.map((path) =>
      withWholePaths(kubeconfigMap(readBytes(path, largestKubeconfig), path, yaml, files.length > 1), path),
    ),
  );
  const { entries, ...config } = kubeconfigIn(merged, where, context);
  const { certificate, key, authority, ...rest } = config;
  const textOf = (part: typeof certificate): string | undefined =>
    part && Buffer.from('data' in part ? part.data : readBytes(part.file, largestMaterial)).toString('utf8');
  const [own, ownKey] = [textOf(certificate), textOf(key)];
  if ((own === undefined) !== (ownKey === undefined))
    throw new UserError({
      what: {
        en: `user ${config.user} has ${own === undefined ? 'a key without a certificate' : 'a certificate without a key'}`,
        ko: `${config.user} 사용자에게 ${own === undefined ? '키만 있고 인증서가 없습니다' : '인증서만 있고 키가 없습니다'}`,
      },
      where,
      expected: {
        en: 'client-certificate and client-key, or their -data',
        ko: 'client-certificate와 client-key, 또는 각각의 -data',
      },
    });
  return defined({
    ...rest,
    where,
    files: [
      ...files,
      ...[authority, certificate, key].flatMap((part) => (part && 'file' in part ? [part.file] : [])),
    ],
    authority: textOf(authority),
    identity: own !== undefined && ownKey !== undefined ? { certificate: own, key: ownKey } : undefined,
    // As client-go: no plugin is run for a user who has anything else.
    plugin:
      own === undefined && !hasOther(entries.user)
        ? pluginIn(entries.user['exec'], config.user, where)
        : undefined,
    proxy: textIn(entries.cluster['proxy-url']),
    entries,
  });
}

export interface OtherAddress {
  /** URL. */
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  readonly identity: { readonly certificate: string; readonly key: string };
  /** Instead of the user's plugin; the certificate stands beside the user then, since one with a certificate has no plugin. */
  readonly exec?: YamlMap;
}

/**
 * The text of a configuration with which kubectl reaches the same user's cluster at another address: under the same names, with
 * the token or the program that the user has beside a certificate for that address.
 */
export function configFor(
  { context, entries }: Pick<UserConfig, 'context' | 'entries'>,
  { server, authority, identity, exec }: OtherAddress,
  heading: string,
  yaml: Yaml,
): string {
  const cluster = textIn(entries.context['cluster']) ?? '';
  // A context may have no user.
  const user = textIn(entries.context['user']) ?? aside;
  const shown = {
    'client-certificate-data': base64(identity.certificate),
    'client-key-data': base64(identity.key),
  };
  const own = without(entries.user, ofTheCertificate);
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: [{ name: context, context: { ...entries.context, user } }],
    clusters: [
      {
        name: cluster,
        cluster: {
          ...without(entries.cluster, ofTheServer),
          server,
          'certificate-authority-data': base64(authority),
        },
      },
    ],
    users: exec
      ? [
          { name: user, user: { ...own, exec } },
          { name: aside, user: shown },
        ]
      : [{ name: user, user: { ...own, ...shown } }],
  };
  return `${heading}${yaml.stringify(content, { lineWidth: 0 })}`;
}

/** The name of a user who only has the certificate. */
const aside = 'wirelab kube tap';

/** How the server is reached and verified. */
const ofTheServer = [
  'server',
  'certificate-authority',
  'certificate-authority-data',
  'insecure-skip-tls-verify',
  'tls-server-name',
  'proxy-url',
];
const ofTheCertificate = ['client-certificate', 'client-certificate-data', 'client-key', 'client-key-data'];

const base64 = (pem: string): string => Buffer.from(pem).toString('base64');

const without = (map: YamlMap, names: readonly string[]): YamlMap =>
  Object.fromEntries(Object.entries(map).filter(([name]) => !names.includes(name)));

const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const hasOther = (user: YamlMap): boolean =>
  ['token', 'tokenFile', 'username'].some((name) => textIn(user[name]) !== undefined);

const listNames = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;

/** As clientcmd merges: of two entries of the same name the first is kept, whole. */
function mergedMaps(maps: readonly YamlMap[]): YamlMap {
  const merged: Record<string, unknown> = {};
  for (const map of maps)
    for (const [name, value] of Object.entries(map)) {
      if (!(name in listNames)) {
        if (merged[name] === undefined || merged[name] === '') merged[name] = value;
        continue;
      }
      const known = (merged[name] as unknown[] | undefined) ?? [];
      const names = new Set(known.map((one) => isMap(one) && one['name']));
      const added = Array.isArray(value) ? (value as unknown[]) : [];
      merged[name] = [...known, ...added.filter((one) => isMap(one) && !names.has(one['name']))];
    }
  return merged;
}

/** Paths of files, by the list that they stand in. */
const pathNames: Readonly<Record<keyof typeof listNames, readonly string[]>> = {
  clusters: ['certificate-authority'],
  contexts: [],
  users: ['client-certificate', 'client-key', 'tokenFile'],
};

function withWholePaths(map: YamlMap, file: string): YamlMap {
  const from = dirname(resolvePath(file));
  const whole = (path: unknown): unknown =>
    typeof path === 'string' && path !== '' && !isAbsolute(path) ? resolvePath(from, path) : path;
  const changed: Record<string, unknown> = { ...map };
  for (const [list, field] of Object.entries(listNames) as [keyof typeof listNames, string][]) {
    if (!Array.isArray(map[list])) continue;
    changed[list] = (map[list] as unknown[]).map((one) => {
      const entry = isMap(one) ? one[field] : undefined;
      if (!isMap(one) || !isMap(entry)) return one;
      const paths = pathNames[list].filter((name) => entry[name] !== undefined);
      const exec = entry['exec'];
      return {
        ...one,
        [field]: {
          ...entry,
          ...Object.fromEntries(paths.map((name) => [name, whole(entry[name])])),
          // A command without a slash is looked up in PATH.
          ...(isMap(exec) && textIn(exec['command'])?.includes('/')
            ? { exec: { ...exec, command: whole(exec['command']) } }
            : {}),
        },
      };
    });
  }
  return changed;
}

function pluginIn(exec: unknown, user: string, where: string): ExecPlugin | undefined {
  if (exec === undefined || exec === null) return undefined;
  const command = isMap(exec) ? textIn(exec['command']) : undefined;
  const apiVersion = isMap(exec) ? textIn(exec['apiVersion']) : undefined;
  if (!isMap(exec) || command === undefined || apiVersion === undefined)
    throw new UserError({
      what: {
        en: `the exec entry of user ${user} is incomplete`,
        ko: `${user} 사용자의 exec 항목이 온전하지 않습니다`,
      },
      where,
      expected: { en: 'apiVersion and command', ko: 'apiVersion과 command' },
    });
  const mode = textIn(exec['interactiveMode']);
  return defined({
    apiVersion,
    command,
    args: (Array.isArray(exec['args']) ? (exec['args'] as unknown[]) : []).map(String),
    env: (Array.isArray(exec['env']) ? (exec['env'] as unknown[]) : []).flatMap((one) =>
      isMap(one) ? [{ name: String(one['name']), value: String(one['value']) }] : [],
    ),
    interactiveMode: mode === 'Never' || mode === 'Always' ? mode : 'IfAvailable',
    provideClusterInfo: exec['provideClusterInfo'] === true,
    installHint: textIn(exec['installHint']),
  });
}
