/** The environment of a command that is led through wirelab: what programs read of proxies, and where they write their keys. */
import { formatAddress } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { wrappedAt } from '../programs/programs.ts';

/** As programs spell them; libcurl reads `http_proxy` in small letters alone. */
const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

export interface Surroundings {
  readonly variables: NodeJS.ProcessEnv;
  /** The listener that is to be used as a proxy; absent where the command was given one in its arguments. */
  readonly proxy?: Address | undefined;
  /** Where programs write the keys of their connections. */
  readonly keylogFile: string;
  /** The program is run by Node: it writes its keys only on request. */
  readonly isNode: boolean;
}

/**
 * Names and addresses that are excluded from proxies are led too, this machine's own among them. Java reads no variables of
 * proxies, but its own options; Node reads them since version 22.21 and 24.5, where it is told to.
 */
export function variablesOf({ variables, proxy, keylogFile, isNode }: Surroundings): NodeJS.ProcessEnv {
  const given: NodeJS.ProcessEnv = { ...variables, SSLKEYLOGFILE: keylogFile };
  if (isNode) given['NODE_OPTIONS'] = joined(variables['NODE_OPTIONS'], `--tls-keylog=${quoted(keylogFile)}`);
  if (!proxy) return given;
  for (const name of ['NO_PROXY', 'no_proxy']) delete given[name];
  for (const name of proxyVariables) given[name] = `http://${formatAddress(proxy)}`;
  given['NODE_USE_ENV_PROXY'] = '1';
  const { host, port } = proxy;
  given['JAVA_TOOL_OPTIONS'] = joined(
    variables['JAVA_TOOL_OPTIONS'],
    `-Dhttps.proxyHost=${host} -Dhttps.proxyPort=${port} -Dhttp.proxyHost=${host} -Dhttp.proxyPort=${port} -Dhttp.nonProxyHosts=`,
  );
  return given;
}

/** `env HTTPS_PROXY=… curl`: what is assigned in the command itself would lead it past the listener. */
export const withProxy = (words: readonly string[], proxy: Address): readonly string[] =>
  words.map((word) => {
    const [, name = ''] = /^([A-Za-z_]+)=/.exec(word) ?? [];
    if (name.toUpperCase() === 'NO_PROXY') return `${name}=`;
    return proxyVariables.includes(name) ? `${name}=http://${formatAddress(proxy)}` : word;
  });

/** `env NAME=value curl …` */
export const assignedIn = (given: readonly string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(
    given.slice(0, wrappedAt(given)).flatMap((word) => {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/.exec(word) ?? [];
      return name === undefined ? [] : [[name, value]];
    }),
  );

const joined = (before: string | undefined, more: string): string =>
  before === undefined || before.trim() === '' ? more : `${before} ${more}`;

/** NODE_OPTIONS is split at spaces outside of double quotes. */
const quoted = (path: string): string => (/[\s"\\]/.test(path) ? JSON.stringify(path) : path);
