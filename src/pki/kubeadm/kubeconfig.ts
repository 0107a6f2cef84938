/**
 * Reads and writes kubeconfigs (client-go, tools/clientcmd/api/v1): which API server to use, with which CA and
 * credentials. Writes them as kubectl does, with keys in alphabetical order; reads foreign ones within bounds.
 * `pki/kubeadm/check.ts` judges the contents.
 *
 * 1. A foreign file may have any size and shape: one that is too large, nests aliases, or nests without end is a user
 *    error that names the file, never an internal error. Self-references are read only as deep as needed.
 * 2. Only the current context is read, and only the first of several YAML documents, as by kubectl; everything else is
 *    left unchanged.
 */
import { bufferOf } from '../../core/bytes.ts';
import { defined } from '../../core/defined.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { refuseEndless } from '../endless-yaml.ts';
import { isPaddedBase64 } from '../keystore/go-pem.ts';

export interface NewKubeconfig {
  readonly cluster: string;
  readonly server: string;
  readonly user: string;
  /** PEM, of one CA or several. */
  readonly authority: string;
  /** URL of an HTTP proxy to tunnel through to the server. */
  readonly proxy?: string;
  /** PEM; or a bearer token instead. */
  readonly proof: { readonly certificate: string; readonly key: string } | { readonly token: string };
}

/** The text of a kubeconfig with embedded data. */
export function kubeconfigText({ cluster, server, user, authority, proxy, proof }: NewKubeconfig): string {
  const context = scalar(`${user}@${cluster}`);
  return [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${base64(authority)}`,
    ...(proxy === undefined ? [] : [`    proxy-url: ${scalar(proxy)}`]),
    `    server: ${scalar(server)}`,
    `  name: ${scalar(cluster)}`,
    'contexts:',
    '- context:',
    `    cluster: ${scalar(cluster)}`,
    `    user: ${scalar(user)}`,
    `  name: ${context}`,
    `current-context: ${context}`,
    'kind: Config',
    'preferences: {}',
    'users:',
    `- name: ${scalar(user)}`,
    '  user:',
    ...('token' in proof
      ? [`    token: ${scalar(proof.token)}`]
      : [
          `    client-certificate-data: ${base64(proof.certificate)}`,
          `    client-key-data: ${base64(proof.key)}`,
        ]),
    '',
  ].join('\n');
}

const base64 = (pem: string): string => Buffer.from(pem).toString('base64');

/** Unquoted if YAML reads it as the same text (a colon only within a word), else quoted: a JSON string is a YAML string. */
const scalar = (text: string): string =>
  /^[a-z](?:[\w./@[\]-]|:(?=\S))*$/i.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);

/** A certificate or a key: in the file itself, or by path. */
export type Material = { readonly data: Uint8Array } | { readonly file: string };

/** The contents of the current context. */
export interface Kubeconfig {
  readonly context: string;
  readonly server: string;
  readonly authority?: Material;
  readonly insecure: boolean;
  /** The name to verify the server by, instead of the one in its URL. */
  readonly serverName?: string;
  readonly user: string;
  readonly certificate?: Material;
  readonly key?: Material;
  /** A token, password or program authenticates the client, beside or instead of a certificate. */
  readonly otherProof: boolean;
  /** The bearer token; a file of one takes precedence, as in client-go. */
  readonly token?: string;
  readonly tokenFile?: string;
}

/** Bytes; one cluster and user take about six thousand. */
export const largestKubeconfig = 1024 * 1024;

export type Yaml = typeof import('yaml');

/**
 * Parses a kubeconfig.
 * @param yaml imported by the caller: only parsing needs it.
 * @param where the file's name, for errors.
 * @throws UserError if it is not a kubeconfig, or has no complete current context.
 */
export function readKubeconfig(bytes: Uint8Array, where: string, yaml: Yaml): Kubeconfig {
  const { entries, ...config } = kubeconfigIn(kubeconfigMap(bytes, where, yaml), where);
  refuseProxy(entries.cluster, where);
  refuseProof(entries.user, where);
  return config;
}

/**
 * The contents of a context, and its entries as they stand in the file.
 * @param wanted the context to use instead of the current one.
 * @throws UserError as above.
 */
export function kubeconfigIn(
  config: YamlMap,
  where: string,
  wanted?: string,
): Kubeconfig & { readonly entries: Readonly<Record<'context' | 'cluster' | 'user', YamlMap>> } {
  const context = wanted ?? text(config['current-context']);
  if (context === undefined) {
    const there = names(config['contexts']);
    if (there === undefined)
      throw mistake(where, {
        what: {
          en: 'the kubeconfig is incomplete: it has no current-context and no contexts',
          ko: 'kubeconfig가 온전하지 않습니다. current-context도, 고를 수 있는 컨텍스트도 없습니다',
        },
        remedy: again,
      });
    throw mistake(where, {
      what: {
        en: 'the kubeconfig has no current-context: kubectl would connect to localhost:8080',
        ko: 'kubeconfig에 current-context가 없습니다. 이대로면 kubectl은 localhost:8080에 접속합니다',
      },
      expected: { en: `one of ${there}`, ko: `다음 중 하나: ${there}` },
      remedy: {
        en: `kubectl --kubeconfig ${where} config use-context NAME`,
        ko: `kubectl --kubeconfig ${where} config use-context 이름`,
      },
    });
  }
  const chosen = entry(config, 'contexts', 'context', context, where);
  const cluster = entry(config, 'clusters', 'cluster', text(chosen['cluster']) ?? '', where);
  const user = text(chosen['user']) ?? '';
  // As in client-go, a context without a user calls without credentials.
  const proof = user === '' ? {} : entry(config, 'users', 'user', user, where);
  const authority = material(cluster, 'certificate-authority', where);
  const certificate = material(proof, 'client-certificate', where);
  const key = material(proof, 'client-key', where);
  const serverName = text(cluster['tls-server-name']);
  return defined({
    context,
    server: text(cluster['server']) ?? '',
    serverName,
    authority,
    insecure: cluster['insecure-skip-tls-verify'] === true,
    user,
    certificate,
    key,
    otherProof: methodsOf(proof).length > 0,
    token: text(proof['token']),
    tokenFile: text(proof['tokenFile']),
    entries: { context: chosen, cluster, user: proof },
  });
}

/**
 * The same kubeconfig with another certificate and key for its current user; everything else stays, including comments.
 * @throws UserError as above.
 */
export function withCredentials(
  bytes: Uint8Array,
  { certificate, key }: { readonly certificate: string; readonly key: string },
  where: string,
  yaml: Yaml,
): string {
  const { user } = readKubeconfig(bytes, where, yaml);
  const document = yaml.parseDocument(decoded(bytes));
  // Further documents, which are not read, would be lost.
  if (document.errors.length > 0)
    throw mistake(where, {
      what: {
        en: 'the file contains more than one YAML document',
        ko: '파일에 YAML 문서가 둘 이상 있습니다',
      },
      remedy: { en: 'Put each into a separate file.', ko: '문서마다 파일을 나누세요.' },
    });
  const users = (kubeconfigMap(bytes, where, yaml)['users'] ?? []) as unknown[];
  const at = users.findIndex((one) => isMap(one) && one['name'] === user);
  try {
    for (const name of ['client-certificate', 'client-key']) document.deleteIn(['users', at, 'user', name]);
    document.setIn(['users', at, 'user', 'client-certificate-data'], base64(certificate));
    document.setIn(['users', at, 'user', 'client-key-data'], base64(key));
    return document.toString({ lineWidth: 0, indentSeq: false });
  } catch (error) {
    // A value behind an alias cannot be changed in a single place.
    throw mistake(
      where,
      {
        what: {
          en: 'a kubeconfig with aliases (*NAME) cannot be changed',
          ko: '별칭(*이름)을 쓴 kubeconfig는 고칠 수 없습니다',
        },
        remedy: { en: 'Replace the aliases with their values.', ko: '별칭 대신 내용을 직접 쓰세요.' },
      },
      error,
    );
  }
}

/** How a user is authenticated beside a certificate, in client-go's words. */
function methodsOf(user: YamlMap): string[] {
  const has = (...names: readonly string[]): boolean => names.some((name) => (user[name] ?? '') !== '');
  return [
    ...(has('token', 'tokenFile') ? ['token'] : []),
    ...(has('username', 'password') ? ['basicAuth'] : []),
    ...(has('auth-provider') ? ['auth-provider'] : []),
    ...(has('exec') ? ['exec'] : []),
  ];
}

/** What client-go refuses in a user (validateAuthInfo). */
function refuseProof(user: YamlMap, where: string): void {
  const methods = methodsOf(user);
  const program = user['exec'];
  const isTwo =
    methods.length > 1 &&
    (methods.includes('exec') ? methods.includes('auth-provider') : !methods.includes('auth-provider'));
  if (isTwo)
    throw mistake(where, {
      what: {
        en: 'its user has more than one authentication method: kubectl refuses the file',
        ko: '사용자에게 인증 방법이 둘 이상 있어 kubectl이 이 파일을 거부합니다',
      },
      expected: { en: 'only one', ko: '하나만' },
      received: methods.join(', '),
      remedy: {
        en: 'Remove all but one from the user.',
        ko: '사용자 항목에서 하나만 남기고 지우세요.',
      },
    });
  if (!isMap(program)) return;
  const absent =
    text(program['command']) === undefined
      ? 'command'
      : text(program['apiVersion']) === undefined
        ? 'apiVersion'
        : program['apiVersion'] === 'client.authentication.k8s.io/v1' &&
            text(program['interactiveMode']) === undefined
          ? 'interactiveMode'
          : undefined;
  if (absent !== undefined)
    throw mistake(where, {
      what: {
        en: `the program that authenticates its user has no ${absent}: kubectl refuses the file`,
        ko: `사용자를 인증하는 프로그램(exec)에 ${absent} 항목이 없어 kubectl이 이 파일을 거부합니다`,
      },
      expected: verbatim('exec: command, apiVersion, interactiveMode'),
      remedy: again,
    });
}

/** What client-go refuses as the proxy of a cluster. */
function refuseProxy(cluster: YamlMap, where: string): void {
  const proxy = text(cluster['proxy-url']);
  if (proxy === undefined) return;
  if (URL.canParse(proxy) && /^(?:https?|socks5):$/.test(new URL(proxy).protocol)) return;
  throw mistake(where, {
    what: {
      en: 'proxy-url is not the URL of a proxy: kubectl refuses the file',
      ko: 'proxy-url이 프록시의 URL이 아니어서 kubectl이 이 파일을 거부합니다',
    },
    expected: verbatim('http://HOST:PORT, https://HOST:PORT, socks5://HOST:PORT'),
    received: proxy,
    remedy: again,
  });
}

/** What client-go refuses in the whole file: another version or kind, and two entries with one name. */
function refuseForm(config: YamlMap, where: string): void {
  for (const [name, value] of [
    ['apiVersion', 'v1'],
    ['kind', 'Config'],
  ] as const) {
    const found = config[name] ?? '';
    if (found === '' || found === value) continue;
    throw mistake(where, {
      what: {
        en: `its ${name} is not that of a kubeconfig: kubectl refuses the file`,
        ko: `${name} 값이 kubeconfig의 것이 아니어서 kubectl이 이 파일을 거부합니다`,
      },
      expected: verbatim(`${name}: ${value}`),
      received: typeof found === 'string' ? found : JSON.stringify(found).slice(0, 40),
      remedy: again,
    });
  }
  for (const list of ['clusters', 'contexts', 'users']) {
    const there = (Array.isArray(config[list]) ? (config[list] as unknown[]) : []).flatMap((one) =>
      isMap(one) && typeof one['name'] === 'string' ? [one['name']] : [],
    );
    const twice = there.find((name, at) => there.indexOf(name) < at);
    if (twice === undefined) continue;
    throw mistake(where, {
      what: {
        en: `two of its ${list} have the same name: kubectl refuses the whole file`,
        ko: `${list} 목록에 같은 이름이 두 번 있어 kubectl이 파일 전체를 거부합니다`,
      },
      expected: { en: 'each name once', ko: '이름마다 한 번' },
      received: twice,
      remedy: { en: 'Remove one of the two.', ko: '둘 가운데 하나를 지우세요.' },
    });
  }
}

export type YamlMap = Readonly<Record<string, unknown>>;
export const isMap = (value: unknown): value is YamlMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const decoded = (bytes: Uint8Array): string => bufferOf(bytes).toString('utf8');

const mistake = (where: string, facts: Omit<UserErrorFacts, 'where'>, cause?: unknown): UserError =>
  new UserError({ where, ...facts }, cause === undefined ? undefined : { cause });
const again: Localized = {
  en: 'Copy the complete file again from its source.',
  ko: '파일을 만든 곳에서 전체를 다시 복사하세요.',
};

/**
 * The first document of a kubeconfig (rule 2).
 * @param isOneOfSeveral it may be empty.
 * @throws UserError if it is none.
 */
export function kubeconfigMap(bytes: Uint8Array, where: string, yaml: Yaml, isOneOfSeveral = false): YamlMap {
  if (bytes.length > largestKubeconfig) {
    throw mistake(where, {
      what: { en: 'the file is too large for a kubeconfig', ko: 'kubeconfig로 보기에는 파일이 너무 큽니다' },
      expected: { en: 'at most 1 MB', ko: '최대 1 MB' },
    });
  }
  const content = readBoundedYaml(bytes, where, yaml, again);
  if (
    isMap(content) &&
    (content['kind'] === 'Config' ||
      ['clusters', 'contexts', 'users'].some((list) => content[list] !== undefined))
  ) {
    refuseForm(content, where);
    return content;
  }
  if (content === null && isOneOfSeveral) return {};
  throw mistake(where, {
    what: { en: 'the file is not a kubeconfig', ko: 'kubeconfig 파일이 아닙니다' },
    expected: {
      en: 'a map with kind: Config, clusters, contexts and users',
      ko: 'kind: Config, clusters, contexts, users가 있는 맵',
    },
    received: isMap(content)
      ? Object.keys(content).slice(0, 8).join(', ')
      : content === null
        ? 'an empty file'
        : Array.isArray(content)
          ? 'a list'
          : typeof content,
  });
}

/**
 * The first document of foreign YAML (rule 1), also for other kinds of files.
 * @param bytes at most a megabyte.
 * @throws UserError
 */
export function readBoundedYaml(bytes: Uint8Array, where: string, yaml: Yaml, remedy: Localized): unknown {
  try {
    refuseEndless(decoded(bytes), yaml);
    const document = yaml.parseDocument(decoded(bytes), { prettyErrors: false, logLevel: 'silent' });
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // YAML errors, aliases of aliases, and endless nesting.
    throw mistake(
      where,
      {
        what: { en: 'the file cannot be read as YAML', ko: '파일을 YAML로 읽을 수 없습니다' },
        received: (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '',
        remedy,
      },
      error,
    );
  }
}

/** Undefined if there is none. */
const names = (list: unknown): string | undefined =>
  (Array.isArray(list) ? list : [])
    .slice(0, 8)
    .flatMap((one: unknown) => (isMap(one) && typeof one['name'] === 'string' ? [one['name']] : []))
    .join(', ') || undefined;

/** The entry with that name in one of the three lists. */
function entry(config: YamlMap, list: string, field: string, name: string, where: string): YamlMap {
  const all = Array.isArray(config[list]) ? (config[list] as unknown[]) : [];
  const found = all.find((one) => isMap(one) && one['name'] === name);
  if (isMap(found) && isMap(found[field])) return found[field];
  // An entry that says nothing: `user:` alone on its line.
  if (isMap(found) && (found[field] ?? null) === null) return {};
  throw mistake(where, {
    what: {
      en: `the kubeconfig names a ${field} that it does not have`,
      ko: `kubeconfig가 가리키는 ${field} 항목이 없습니다`,
    },
    expected: {
      en: `an entry with this name in ${list}; existing: ${names(all) ?? '-'}`,
      ko: `${list} 안의 같은 이름의 항목. 지금 있는 것: ${names(all) ?? '-'}`,
    },
    received: name,
    remedy: {
      en: 'kubectl config view shows what refers to what.',
      ko: 'kubectl config view 명령으로 무엇이 무엇을 가리키는지 확인하세요.',
    },
  });
}

/** As in client-go, embedded data takes precedence over a file. */
function material(from: YamlMap, name: string, where: string): Material | undefined {
  const data = text(from[`${name}-data`]);
  const file = text(from[name]);
  if (data === undefined) return file === undefined ? undefined : { file };
  // Go skips only line breaks; a multi-line YAML value contains blanks instead.
  const packed = data.replace(/[\r\n]/g, '');
  if (isPaddedBase64(packed)) return { data: new Uint8Array(Buffer.from(packed, 'base64')) };
  throw mistake(where, {
    what: { en: `${name}-data is not base64`, ko: `${name}-data가 Base64가 아닙니다` },
    expected: {
      en: 'PEM in base64, on one line: base64 -w0 < FILE',
      ko: 'PEM을 한 줄로 Base64 인코딩한 값: base64 -w0 < FILE',
    },
    received: data.slice(0, 40),
    remedy: {
      en: `Use kubectl config set-cluster or set-credentials with --embed-certs.`,
      ko: 'kubectl config set-cluster나 set-credentials에 --embed-certs를 주면 올바르게 써 줍니다.',
    },
  });
}
