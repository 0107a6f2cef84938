/**
 * Finds the proxy by which a command would have gone without wirelab: in its arguments, else in the variables that it was started
 * with; and how the command would have judged that proxy's own TLS.
 */
import { hostPort } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { defined } from '../../core/defined.ts';
import { intentOf } from '../../diagnosis/programs/intent.ts';
import type { OwnProxy, Program } from '../../diagnosis/programs/program.ts';
import { proxyFor, proxyOnTheWay } from '../../kube/kubectl/proxy-variables.ts';
import { loadIdentity } from '../../pki/keystore/identity.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { systemRoots } from '../../pki/keystore/system-roots.ts';
import type { Led } from '../../proxy/lead.ts';
import type { ProxyOnTheWay, ProxyTls } from '../../wire/endpoint.ts';
import { pemFile } from './call.ts';

export interface ProxyOfCommand {
  /** The program's words without it. */
  readonly words: readonly string[];
  /** The option that names it; absent where it comes from variables, or there is none. */
  readonly option?: string;
  /** Undefined where the command reaches that address without a proxy. */
  readonly through: (to: Address, way: Led['way']) => ProxyOnTheWay | undefined;
  /** It is known which CAs the program trusts for a proxy. */
  readonly trustIsKnown: boolean;
}

export function proxyOfCommand({
  program,
  own,
  variables,
  authorities,
}: {
  readonly program: Program | undefined;
  readonly own: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
  /** PEM: those of `--cacert`, which are trusted for a proxy too. */
  readonly authorities: readonly string[];
}): ProxyOfCommand {
  const read = program?.proxyOf?.(own);
  const given = read && isSupported(read) ? read : undefined;
  const all = given ? { ...variables, ...inBothSpellings(given.variables) } : variables;
  const tls = trustOf({ program, own, variables, given, authorities });
  return defined({
    words: given?.words ?? own,
    option: given?.option,
    trustIsKnown: authorities.length > 0 || program?.libraries.includes('curl') === true,
    through: (to: Address, way: Led['way']) => {
      const found = throughFor(to, way, { variables: all, program, isGiven: given !== undefined });
      const via = given?.via === undefined ? undefined : proxyOnTheWay(given.via);
      return found && withTls(via ? { ...found, via } : found, tls);
    },
  });
}

const isSupported = ({ variables, via }: OwnProxy): boolean =>
  [variables['https_proxy'], variables['http_proxy'], via].every(
    (url) => url === undefined || url === '' || proxyOnTheWay(url) !== undefined,
  );

/** What names a proxy for neither scheme leaves none. */
function inBothSpellings(variables: Readonly<Record<string, string>>): Record<string, string> {
  const one: Record<string, string> = { ...variables };
  if ('https_proxy' in one && 'http_proxy' in one) one['all_proxy'] = '';
  return {
    ...one,
    ...Object.fromEntries(Object.entries(one).map(([name, value]) => [name.toUpperCase(), value])),
  };
}

/** @returns the TLS of a proxy that is spoken to over TLS: read when there is one */
function trustOf({
  program,
  own,
  variables,
  given,
  authorities,
}: {
  readonly program: Program | undefined;
  readonly own: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
  readonly given: OwnProxy | undefined;
  readonly authorities: readonly string[];
}): () => ProxyTls {
  return () => {
    const intent = intentOf(program, own, variables);
    // libcurl has options of its own for it; with others, what counts for the target counts for the proxy.
    const isOfCurl = program?.libraries.includes('curl') === true;
    // curl's variables count for its proxy too, its --cacert does not; git has another setting for it.
    const ofVariables =
      program?.name === 'curl' ? intentOf(program, own.slice(0, 1), variables).authorities : undefined;
    const file = given?.authorities ?? (isOfCurl ? ofVariables : intent.authorities);
    const listed = file === undefined ? undefined : unless(() => pemFile(file, '--cacert', pemCertificates));
    const certificate = given?.certificate;
    return defined({
      authorities: [...authorities, ...(listed === undefined ? (systemRoots(variables) ?? []) : [listed])],
      verify: (isOfCurl ? given?.isInsecure : intent.isInsecure) ? false : undefined,
      identity:
        certificate === undefined
          ? undefined
          : unless(() => loadIdentity({ certFile: certificate, keyFile: given?.key ?? certificate })),
    });
  };
}

/** The program says itself what it cannot read. */
function unless<Read>(read: () => Read): Read | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const withTls = (proxy: ProxyOnTheWay, tls: () => ProxyTls): ProxyOnTheWay => ({
  ...proxy,
  ...(proxy.tls ? { tls: tls() } : {}),
  ...(proxy.via ? { via: withTls(proxy.via, tls) } : {}),
});

/**
 * The proxy by which the command would have gone there: by the variables that it was started with. A program that reaches this
 * machine without a proxy, as Go's do, asks none for it: where one is asked, there is no such exception.
 */
function throughFor(
  to: Address,
  way: Led['way'],
  {
    variables,
    program,
    isGiven,
  }: {
    readonly variables: NodeJS.ProcessEnv;
    readonly program: Program | undefined;
    /** Its arguments name it. */
    readonly isGiven: boolean;
  },
): ProxyOnTheWay | undefined {
  // Java reads no such variables, and Node only on request; wirelab leads both with what it sets itself.
  if (way === 'given' || (program?.name === 'java' && !isGiven)) return undefined;
  const scheme = way === 'request' ? 'http' : 'https';
  const address = `${scheme}://${hostPort(to)}`;
  if (!URL.canParse(address)) return undefined;
  const read = { ...variables };
  // libcurl reads this one in small letters alone (CVE-2016-5385).
  if (program?.libraries.includes('curl')) delete read['HTTP_PROXY'];
  const own = `${scheme}_proxy`;
  if (!read[own] && !read[own.toUpperCase()] && !program?.libraries.includes('go'))
    read[own] = read['all_proxy'] || read['ALL_PROXY'];
  const exceptions = program?.name === 'node' && !read['NODE_USE_ENV_PROXY'] ? 'own' : 'named';
  const named = proxyFor(new URL(address), read, exceptions);
  return named && proxyOnTheWay(named.value);
}
