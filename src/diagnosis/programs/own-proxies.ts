/**
 * The proxy that a command names in its own arguments, which come before the variables: where it is read from, and the words
 * without it, so that wirelab's listener stands in its place and goes on through it.
 */
import { defined } from '../../core/defined.ts';
import { optionOf } from './intent.ts';
import type { OwnProxy, Words } from './program.ts';

/** The same proxy for every scheme. */
const forAll = (url: string): Record<string, string> => ({ https_proxy: url, http_proxy: url });

/** What an option means: it names a proxy (with this scheme where it has none of its own), or says something of one. */
type Meaning =
  | { readonly proxy: string }
  | { readonly of: 'via' | 'login' | 'authorities' | 'certificate' | 'key' | 'exceptions' }
  /** Without a value. */
  | { readonly flag: 'insecure' | 'tunnel' };

/** curl(1). Its proxies listen on port 1080 unless one is named, those over TLS on 443. */
const curlOptions: Readonly<Record<string, Meaning>> = {
  '-x': { proxy: 'http' },
  '--proxy': { proxy: 'http' },
  '--proxy1.0': { proxy: 'http' },
  '--socks5': { proxy: 'socks5' },
  '--socks5-hostname': { proxy: 'socks5h' },
  '--preproxy': { of: 'via' },
  '-U': { of: 'login' },
  '--proxy-user': { of: 'login' },
  '--proxy-cacert': { of: 'authorities' },
  '--proxy-cert': { of: 'certificate' },
  '--proxy-key': { of: 'key' },
  '--noproxy': { of: 'exceptions' },
  '--proxy-insecure': { flag: 'insecure' },
  '-p': { flag: 'tunnel' },
  '--proxytunnel': { flag: 'tunnel' },
};
/** Its short options that have a value; they may stand at the end of several: `-sSx`. */
const curlValues = /[AbcCdDeEFhHKmoPQrtTuUwxXyYz]/;

/** Undefined where curl's arguments name no proxy and no exception from one. */
export function proxyOfCurl([program = '', ...words]: Words): OwnProxy | undefined {
  const kept: string[] = [program];
  const said = new Map<string, string>();
  let named: { readonly option: string; readonly url: string } | undefined;
  let isInsecure = false;
  const take = (option: string, meaning: Meaning, value: string): void => {
    if ('proxy' in meaning) named = { option, url: curlUrl(value, meaning.proxy) };
    else if ('of' in meaning) said.set(meaning.of, value);
    else if (meaning.flag === 'insecure') isInsecure = true;
  };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [, long = word, joined] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    const meaning = curlOptions[long];
    if (meaning && long.startsWith('--')) {
      if ('flag' in meaning) take(long, meaning, '');
      else take(long, meaning, joined ?? words[++index] ?? '');
      continue;
    }
    if (!/^-[A-Za-z]/.test(word)) {
      kept.push(word);
      continue;
    }
    const cluster = clusterOf(word.slice(1));
    const ofProxy = cluster.option === undefined ? undefined : curlOptions[`-${cluster.option}`];
    const flags = cluster.flags.replaceAll('p', '');
    if (!ofProxy) {
      const value = cluster.option === undefined ? '' : cluster.option + cluster.value;
      if (flags + value !== '') kept.push(`-${flags}${value}`);
      // Its value is no option, whatever it looks like.
      if (cluster.option !== undefined && cluster.value === '' && index + 1 < words.length)
        kept.push(words[++index] ?? '');
      continue;
    }
    if (flags !== '') kept.push(`-${flags}`);
    take(`-${cluster.option ?? ''}`, ofProxy, cluster.value === '' ? (words[++index] ?? '') : cluster.value);
  }
  const exceptions = said.get('exceptions');
  if (!named && exceptions === undefined) return undefined;
  const { option, url } = named ?? { option: '--noproxy', url: undefined };
  const via = said.get('via');
  return defined({
    words: kept,
    option,
    variables: {
      ...(url === undefined ? {} : forAll(url === '' ? '' : withLogin(url, said.get('login')))),
      ...(exceptions === undefined ? {} : { no_proxy: exceptions, NO_PROXY: exceptions }),
    },
    via: via === undefined ? undefined : curlUrl(via, 'http'),
    authorities: said.get('authorities'),
    certificate: said.get('certificate'),
    key: said.get('key'),
    isInsecure: isInsecure ? (true as const) : undefined,
  });
}

/** `sSxhttp://…`: the flags, and the option with a value that ends them. */
function clusterOf(letters: string): {
  readonly flags: string;
  readonly option?: string;
  readonly value: string;
} {
  const at = letters.search(curlValues);
  const option = letters[at];
  return option === undefined
    ? { flags: letters, value: '' }
    : { flags: letters.slice(0, at), option, value: letters.slice(at + 1) };
}

function curlUrl(value: string, scheme: string): string {
  if (value === '') return '';
  const url = value.includes('://') ? value : `${scheme}://${value}`;
  // Only curl has this port for all of them.
  return /^https:/i.test(url) || /:\d+\/?$/.test(url) ? url : `${url.replace(/\/$/, '')}:1080`;
}

function withLogin(url: string, login: string | undefined): string {
  if (login === undefined || !URL.canParse(url)) return url;
  const [user = '', ...password] = login.split(':');
  const read = new URL(url);
  read.username = encodeURIComponent(user);
  read.password = encodeURIComponent(password.join(':'));
  return read.href;
}

/** wget(1): its settings by `-e`, and that it uses none. */
export function proxyOfWget([program = '', ...words]: Words): OwnProxy | undefined {
  const kept: string[] = [program];
  const variables: Record<string, string> = {};
  const said = new Map<string, string>();
  let option = '';
  const none = (by: string): void => {
    option = by;
    Object.assign(variables, forAll(''));
  };
  const set = (by: string, setting: string): boolean => {
    const [, name = '', value = ''] = /^\s*([a-z_]+)\s*=\s*(.*)$/is.exec(setting) ?? [];
    const key = name.toLowerCase().replaceAll('_', '');
    if (key === 'httpsproxy' || key === 'httpproxy' || key === 'noproxy') {
      const variable = key.replace(/proxy$/, '_proxy');
      variables[variable] = value;
      if (key === 'noproxy') variables['NO_PROXY'] = value;
      option = `${by} ${variable}=`;
      return true;
    }
    if (key !== 'useproxy') return false;
    if (/^(?:off|no|0)$/i.test(value.trim())) none(`${by} use_proxy=off`);
    return true;
  };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const next = words[index + 1];
    const [, joined] = /^(?:-e|--execute=)(.+)$/s.exec(word) ?? [];
    const [, name, value] = /^--proxy-(user|password)=(.*)$/s.exec(word) ?? [];
    if ((word === '-e' || word === '--execute') && next !== undefined && set('-e', next)) index += 1;
    else if (joined !== undefined && set('-e', joined)) continue;
    else if (word === '--no-proxy' || word === '--proxy=off' || word === '--proxy=no') none(word);
    else if (name !== undefined) said.set(name, value ?? '');
    else kept.push(word);
  }
  if (option === '') return undefined;
  const login = said.has('user') ? `${said.get('user') ?? ''}:${said.get('password') ?? ''}` : undefined;
  for (const name of ['https_proxy', 'http_proxy']) {
    const url = variables[name];
    if (url) variables[name] = withLogin(url.includes('://') ? url : `http://${url}`, login);
  }
  return { words: kept, variables, option };
}

/** git-config(1): `-c http.proxy=…`. */
export function proxyOfGit(words: Words): OwnProxy | undefined {
  const settings = new Map<string, string>();
  const kept = words.filter((word, index) => {
    const setting = words[index - 1] === '-c' ? /^http\.(proxy\w*)=(.*)$/is.exec(word) : undefined;
    if (setting) settings.set((setting[1] ?? '').toLowerCase(), setting[2] ?? '');
    const next = words[index + 1] ?? '';
    return !setting && !(word === '-c' && /^http\.proxy\w*=/i.test(next));
  });
  const url = settings.get('proxy');
  if (url === undefined) return undefined;
  return defined({
    words: kept,
    variables: forAll(url === '' ? '' : curlUrl(url, 'http')),
    option: 'http.proxy',
    authorities: settings.get('proxysslcainfo'),
    certificate: settings.get('proxysslcert'),
    key: settings.get('proxysslkey'),
  });
}

/** openssl-s_client(1): `-proxy HOST:PORT`; pip: `--proxy URL`. */
export const proxyByOption =
  (option: string, login?: { readonly user: string; readonly password: string }) =>
  (words: Words): OwnProxy | undefined => {
    const at = words.findIndex((word) => word === option || word.startsWith(`${option}=`));
    const word = words[at];
    if (at < 1 || word === undefined) return undefined;
    const isApart = word === option;
    const value = isApart ? words[at + 1] : word.slice(option.length + 1);
    if (value === undefined) return undefined;
    const user = login && optionOf(words, login.user);
    const password = (login && optionOf(words, login.password)) ?? '';
    const url = value.includes('://') ? value : `http://${value}`;
    return {
      words: words.filter((_word, index) => index !== at && !(isApart && index === at + 1)),
      variables: forAll(withLogin(url, user === undefined ? undefined : `${user}:${password}`)),
      option,
    };
  };

/** What Java reaches without a proxy unless it is told otherwise. */
const exceptionsOfJava = 'localhost|127.*|[::1]';

/** The system properties of Java's networking: `-Dhttps.proxyHost=`, `-DsocksProxyHost=`. */
export function proxyOfJava(words: Words): OwnProxy | undefined {
  const properties = new Map<string, string>();
  const isOfProxy = /^-D((?:https?\.proxy(?:Host|Port)|socksProxy(?:Host|Port)|http\.nonProxyHosts))=(.*)$/s;
  const kept = words.filter((word, index) => {
    const found = index === 0 ? undefined : isOfProxy.exec(word);
    if (found) properties.set(found[1] ?? '', found[2] ?? '');
    return !found;
  });
  const url = (scheme: string, host: string, port: string, usual: string): string | undefined => {
    const named = properties.get(host);
    return named === undefined || named === ''
      ? undefined
      : `${scheme}://${named}:${properties.get(port) ?? usual}`;
  };
  const socks = url('socks5', 'socksProxyHost', 'socksProxyPort', '1080');
  const https = url('http', 'https.proxyHost', 'https.proxyPort', '443') ?? socks;
  const http = url('http', 'http.proxyHost', 'http.proxyPort', '80') ?? socks;
  if (https === undefined && http === undefined) return undefined;
  const exceptions = (properties.get('http.nonProxyHosts') ?? exceptionsOfJava)
    .split('|')
    .map((one) => (one === '127.*' ? '127.0.0.0/8' : one))
    .join(',');
  return {
    words: kept,
    variables: {
      https_proxy: https ?? '',
      http_proxy: http ?? '',
      no_proxy: exceptions,
      NO_PROXY: exceptions,
    },
    option: https === undefined || https === socks ? '-DsocksProxyHost' : '-Dhttps.proxyHost',
  };
}
