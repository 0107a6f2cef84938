/**
 * Reads the server that is meant: `HOST:PORT`, a host alone, or a URL as people paste it. What the URL implies is known then: the
 * port, TLS on request, or no TLS at all.
 */
import { existsSync } from 'node:fs';
import { hostPort } from '../../capture/event.ts';
import { ipVersion, withoutBrackets } from '../../core/ip-version.ts';
import { josa } from '../../i18n/josa.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import { hostAndPort } from './call.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
  /** TLS is requested in this protocol. */
  readonly starttls?: StarttlsName;
  /** Of HTTP, without what follows a question mark: that may be a secret, and may do something. */
  readonly path?: string;
  /** It asks for no TLS. */
  readonly isPlain?: true;
  /** What is asked in the place of a page. */
  readonly asks?: 'websocket' | 'mqtt' | 'ping';
  /** As it may be printed: without a user name and a password. */
  readonly title: string;
}

type Scheme = Pick<Target, 'port' | 'starttls' | 'isPlain' | 'asks'>;
/** By the names of schemes; the port is the registered one. */
const schemes: Readonly<Record<string, Scheme>> = {
  https: { port: 443 },
  wss: { port: 443, asks: 'websocket' },
  http: { port: 80, isPlain: true },
  ws: { port: 80, isPlain: true, asks: 'websocket' },
  ldaps: { port: 636 },
  ldap: { port: 389, starttls: 'ldap' },
  smtps: { port: 465 },
  smtp: { port: 25, starttls: 'smtp' },
  submission: { port: 587, starttls: 'smtp' },
  imaps: { port: 993 },
  imap: { port: 143, starttls: 'imap' },
  pop3s: { port: 995 },
  pop3: { port: 110, starttls: 'pop3' },
  postgres: { port: 5432, starttls: 'postgres' },
  postgresql: { port: 5432, starttls: 'postgres' },
  mysql: { port: 3306, starttls: 'mysql' },
  mariadb: { port: 3306, starttls: 'mysql' },
  rediss: { port: 6379 },
  redis: { port: 6379, isPlain: true, asks: 'ping' },
  mqtts: { port: 8883 },
  mqtt: { port: 1883, isPlain: true, asks: 'mqtt' },
  amqps: { port: 5671 },
  ftps: { port: 990 },
  tls: { port: 443 },
};

/** Without TLS a server can be asked why it fails, and proves nothing. */
const schemesFor = (command: string): Readonly<Record<string, Scheme>> =>
  command === 'why'
    ? schemes
    : Object.fromEntries(
        Object.entries(schemes).filter(([, { asks }]) => asks === undefined || asks === 'websocket'),
      );

/** Where a host is given without a port. */
const usualPort = 443;
const starttlsPorts: Readonly<Record<StarttlsName, number>> = {
  smtp: 25,
  imap: 143,
  pop3: 110,
  postgres: 5432,
  mysql: 3306,
  ldap: 389,
};

/**
 * @param asked its `--starttls`
 * @param others what may stand in its place
 * @throws UserError for anything else
 */
export function targetOf(
  operand: string,
  {
    command,
    asked,
    others,
  }: {
    readonly command: string;
    readonly asked: StarttlsName | undefined;
    readonly others: Localized;
  },
): Target {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(operand) ?? [];
  if (scheme !== undefined) return inUrl(scheme.toLowerCase(), rest, command);
  // As curl takes it: a path behind the port.
  if (/^(?:\[[^\]]+\]|[^/:\s]+):\d{1,5}\//.test(operand))
    return { ...inUrl('https', operand, command), title: operand };
  const both = hostAndPort(operand);
  if (both) return { ...both, title: operand };
  const alone = withoutBrackets(operand);
  const isHost = ipVersion(alone) !== 0 || /^(?:localhost|[^/\\:\s.]+(?:\.[^/\\:\s.]+)+\.?)$/i.test(operand);
  if (isHost && !looksLikeFile(operand)) {
    const port = asked === undefined ? usualPort : starttlsPorts[asked];
    return { host: alone, port, title: hostPort({ host: alone, port }) };
  }
  throw notATarget(operand, command, others);
}

const looksLikeFile = (operand: string): boolean =>
  /[/\\]|\.(?:pcap|pcapng|cap|gz|zst|xz|bz2|json|txt|log)$/i.test(operand);

function inUrl(scheme: string, rest: string, command: string): Target {
  const known = schemesFor(command);
  const row = Object.hasOwn(known, scheme) ? known[scheme] : undefined;
  // The names of WHATWG's special schemes parse alike; others would be opaque.
  const text = `http://${rest}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const where = `wirelab ${command}`;
  const shown = `${scheme}://${rest.replace(/^[^/?#]*@/, '').replace(/[?#].*$/s, '')}`;
  if (!row)
    throw new UserError({
      what: { en: `unsupported URL scheme: ${scheme}://`, ko: `지원하지 않는 URL 형식입니다: ${scheme}://` },
      where,
      expected: {
        en: `HOST:PORT, or a URL of ${Object.keys(known).join(', ')}`,
        ko: `HOST:PORT, 또는 ${Object.keys(known).join(', ')} URL`,
      },
      received: shown,
    });
  const [, port] =
    /^[^/?#]*?:(\d{1,5})(?:[/?#]|$)/.exec(rest.replace(/^[^/?#]*@/, '').replace(/^\[[^\]]*\]/, 'x')) ?? [];
  if (!url || url.hostname === '')
    throw new UserError({
      what: { en: 'no host and port in this URL', ko: 'URL에 호스트와 포트가 없습니다' },
      where,
      expected: { en: `${scheme}://HOST:PORT`, ko: `${scheme}://HOST:PORT` },
      received: shown,
    });
  const isHttp = scheme.startsWith('http') || row.asks === 'websocket';
  return {
    ...row,
    host: withoutBrackets(url.hostname),
    port: port === undefined ? row.port : Number(port),
    ...(isHttp && url.pathname !== '/' ? { path: url.pathname } : {}),
    title: shown,
  };
}

function notATarget(operand: string, command: string, others: Localized): UserError {
  const isWord = /^[\w-]+$/.test(operand);
  const isFile = others.en !== '' && (isWord || looksLikeFile(operand)) && !existsSync(operand);
  return new UserError({
    what: isFile
      ? { en: `no such file: ${operand}`, ko: `${operand} 파일이 없습니다` }
      : { en: `not a host and port: ${operand}`, ko: `호스트와 포트가 아닙니다: ${operand}` },
    where: `wirelab ${command}`,
    expected: {
      en: `HOST:PORT, such as shop.localhost:443, a URL${others.en}`,
      ko: `shop.localhost:443과 같은 HOST:PORT, URL${others.ko}`,
    },
    received: operand,
    remedy: isWord
      ? {
          en: `If ${operand} is a host, add its port: ${operand}:443.`,
          ko: `${josa(operand, '이/가')} 호스트라면 포트를 붙이세요: ${operand}:443.`,
        }
      : {
          en: `Run ./wirelab ${command} --help for examples.`,
          ko: `예시 보기: ./wirelab ${command} --help`,
        },
  });
}
