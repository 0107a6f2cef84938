/** Reads the call that is diagnosed from the operand and the options, and finds the addresses of its host. */
import { lookup } from 'node:dns/promises';
import { DEFAULT_CIPHERS, rootCertificates } from 'node:tls';
import { ipVersion, withoutBrackets } from '../../core/ip-version.ts';
import { defined } from '../../core/defined.ts';
import { kindsOf } from '../../diagnosis/attempt/call.ts';
import type { Call, Limits } from '../../diagnosis/attempt/call.ts';
import { readText } from '../../i18n/read-file.ts';
import { UserError } from '../../i18n/user-error.ts';
import { loadIdentity } from '../../pki/keystore/identity.ts';
import { systemRoots } from '../../pki/keystore/system-roots.ts';
import { pemCertificates, pemRevocationLists } from '../../pki/keystore/pem.ts';
import type { ProxyOnTheWay } from '../../wire/endpoint.ts';
import { starttlsNames } from '../../wire/starttls/protocols.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import { checkChoices } from '../../wire/tls/context.ts';
import { hostNameOf } from '../certs/operands.ts';
import { certificatesBeside } from './at-hand.ts';
import type { Environment, OptionTable, Parsed } from '../command.ts';
import { tlsLimits, tlsVersions } from '../proxy/setting-values.ts';

export const callOptions: OptionTable = {
  cacert: {
    value: 'FILE',
    many: true,
    help: {
      en: 'the CAs that the client trusts (default: this machine’s roots)',
      ko: '클라이언트가 신뢰하는 CA(기본값: 이 컴퓨터의 루트)',
    },
  },
  cert: {
    value: 'FILE',
    help: { en: 'the client certificate, with its chain', ko: '클라이언트 인증서(체인 포함)' },
  },
  key: { value: 'FILE', help: { en: 'the private key of --cert', ko: '--cert의 개인 키' } },
  crl: {
    value: 'FILE',
    many: true,
    help: { en: 'check revocation with these lists', ko: '이 CRL로 폐기 여부도 확인' },
  },
  servername: {
    value: 'NAME',
    help: {
      en: 'the server name to request and to verify (default: HOST)',
      ko: '요청하고 검증할 서버 이름(기본값: HOST)',
    },
  },
  alpn: {
    value: 'NAMES',
    help: { en: 'ALPN protocols to offer: h2,http/1.1', ko: '제안할 ALPN 프로토콜: h2,http/1.1' },
  },
  starttls: {
    value: starttlsNames.join('|'),
    choices: starttlsNames,
    help: { en: 'request TLS in this protocol first', ko: '이 프로토콜로 TLS를 먼저 요청' },
  },
  user: {
    value: 'NAME',
    help: {
      en: 'log in to PostgreSQL as (default: the CN of --cert, or postgres)',
      ko: 'PostgreSQL 로그인 사용자(기본값: --cert의 CN 또는 postgres)',
    },
  },
};

/** The limits of the client in question, in the words of `wirelab proxy`. */
export const limitOptions: OptionTable = {
  'min-tls': {
    value: tlsVersions.join('|'),
    choices: tlsVersions,
    help: {
      en: 'the lowest TLS version that the client offers',
      ko: '클라이언트가 제안하는 가장 낮은 TLS 버전',
    },
  },
  'max-tls': {
    value: tlsVersions.join('|'),
    choices: tlsVersions,
    help: { en: 'the highest one', ko: '가장 높은 TLS 버전' },
  },
  ciphers: {
    value: 'LIST',
    help: {
      en: 'its cipher suites, in OpenSSL’s list format',
      ko: '클라이언트의 암호 스위트(OpenSSL 목록 형식)',
    },
  },
  groups: {
    value: 'LIST',
    help: { en: 'its key exchange groups: X25519:P-256', ko: '클라이언트의 키 교환 그룹: X25519:P-256' },
  },
};

/** A list that names no suites of TLS 1.3 says nothing of them, as with curl and openssl: Node would offer TLS 1.2 at most. */
const withSuitesOf13 = (list: string): string =>
  /\bTLS_/.test(list)
    ? list
    : `${DEFAULT_CIPHERS.split(':')
        .filter((name) => name.startsWith('TLS_'))
        .join(':')}:${list}`;

/** Undefined without any. An old version is offered as old clients do it: with suites and keys that are too weak today. */
function limitsIn(parsed: Parsed): Limits | undefined {
  const groups = parsed.text('groups');
  const { ciphers, ...versions } = tlsLimits(parsed, 'wirelab why');
  const limits = defined({ ...versions, ciphers: ciphers && withSuitesOf13(ciphers), groups });
  if (kindsOf(limits).length === 0) return undefined;
  const isOld = [limits.minVersion, limits.maxVersion].some((one) => one === 'TLSv1' || one === 'TLSv1.1');
  const whole: Limits = isOld ? { minVersion: 'TLSv1', ...limits, securityLevel: 0 } : limits;
  checkChoices(whole);
  return whole;
}

/** `HOST:PORT`, `[::1]:PORT`; undefined for anything else. */
export function hostAndPort(operand: string): { readonly host: string; readonly port: number } | undefined {
  const [, host = '', port = ''] = /^(\[[^\]]+\]|[^/:\s]+):(\d{1,5})$/.exec(operand) ?? [];
  return host === '' ? undefined : { host: withoutBrackets(host), port: Number(port) };
}

export const starttlsOf = (parsed: Parsed): StarttlsName | undefined =>
  parsed.text('starttls') as StarttlsName | undefined;

/** In bytes: every CA bundle is smaller. */
const largestPem = 16 * 1024 * 1024;

/**
 * Milliseconds for a connection with its handshake: a client waits longer, a person does not. A load balancer without a server
 * ends a connection after three attempts, a second apart (haproxy): that is still heard.
 */
const attemptTime = 3500;

/** @throws UserError for unusable files, and for a port that there is none of */
export async function callOf(
  operand: {
    readonly host: string;
    readonly port: number;
    readonly starttls?: StarttlsName;
    readonly path?: string;
    readonly asks?: Call['asks'];
  },
  parsed: Parsed,
  { variables }: Pick<Environment, 'variables'>,
  {
    through,
    at,
    command = 'why',
  }: {
    readonly through?: ProxyOnTheWay | undefined;
    /** Where the host is reached, if not where the resolver says. */
    readonly at?: string | undefined;
    readonly command?: string;
  } = {},
): Promise<Call> {
  const { host, port } = operand;
  if (port < 1 || port > 65_535)
    throw new UserError({
      what: { en: 'invalid port', ko: '그런 포트는 없습니다' },
      where: `wirelab ${command}`,
      expected: { en: 'a port from 1 to 65535', ko: '1부터 65535까지의 포트' },
      received: String(port),
    });
  const cert = parsed.text('cert');
  const key = parsed.text('key');
  if ((cert === undefined) !== (key === undefined))
    throw new UserError({
      what: {
        en: `missing --${cert === undefined ? 'cert' : 'key'}: a client certificate needs its private key`,
        ko: `--${cert === undefined ? 'cert' : 'key'} 옵션이 필요합니다. 클라이언트 인증서에는 개인 키도 있어야 합니다`,
      },
      where: `wirelab ${command}`,
      expected: { en: '--cert FILE --key FILE', ko: '--cert FILE --key FILE' },
    });
  const given = parsed.all('cacert').map((path) => pemFile(path, '--cacert', pemCertificates));
  const lists = parsed.all('crl').map((path) => pemFile(path, '--crl', pemRevocationLists));
  const name = parsed.text('servername');
  const alpn = parsed
    .text('alpn')
    ?.split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const system = given.length > 0 ? undefined : systemRoots(variables);
  return {
    host: hostNameOf(host, 'HOST'),
    port,
    addresses: through ? [host] : await addressesOf(at ?? host),
    through,
    serverName: name === undefined ? undefined : hostNameOf(name, '--servername'),
    alpn: alpn && alpn.length > 0 ? alpn : undefined,
    user: parsed.text('user'),
    starttls: starttlsOf(parsed) ?? operand.starttls,
    path: operand.path,
    asks: operand.asks,
    authorities: given.length > 0 ? given : (system ?? rootCertificates),
    authoritiesFrom: given.length > 0 ? 'given' : system ? 'system' : 'node',
    revocations: lists.length > 0 ? lists : undefined,
    identity:
      cert !== undefined && key !== undefined ? loadIdentity({ certFile: cert, keyFile: key }) : undefined,
    limits: limitsIn(parsed),
    atHand: cert === undefined ? undefined : () => certificatesBeside(cert),
    timeout: attemptTime,
  };
}

export function pemFile(
  path: string,
  option: string,
  blocks: (pem: string) => readonly Uint8Array[],
): string {
  const text = readText(path, largestPem);
  if (blocks(text).length > 0) return text;
  throw new UserError({
    what: {
      en: `no PEM block of the kind that ${option} needs`,
      ko: `${option}에 필요한 PEM 블록이 없습니다`,
    },
    where: path,
    expected:
      option === '--crl'
        ? { en: 'BEGIN X509 CRL', ko: 'BEGIN X509 CRL' }
        : { en: 'BEGIN CERTIFICATE', ko: 'BEGIN CERTIFICATE' },
  });
}

/** In the order of the resolver; none where it knows none. `localhost` and its subdomains are this machine (RFC 6761 section 6.3). */
async function addressesOf(host: string): Promise<readonly string[]> {
  if (ipVersion(host)) return [host];
  if (/(?:^|\.)localhost\.?$/i.test(host)) return ['127.0.0.1', '::1'];
  try {
    const all = await lookup(host, { all: true, verbatim: true });
    return [...new Set(all.map(({ address }) => address))];
  } catch {
    return [];
  }
}
