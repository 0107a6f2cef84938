/** Reads where `wirelab login` goes: a URL or HOST:PORT, the name that is expected there, and the addresses to try. */
import { lookup } from 'node:dns/promises';
import type { Address } from '../../capture/event.ts';
import { ipVersion, withoutBrackets } from '../../core/ip-version.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Parsed } from '../command.ts';
import { isLoopback } from '../io/loopback.ts';
import { addressIn } from '../proxy/setting-values.ts';
import { beyond, wrongCall } from './mistakes.ts';

export interface LoginTarget {
  readonly security: 'plain' | 'tls';
  /** As it was called: a name, or an address. */
  readonly host: string;
  readonly port: number;
  /** `--resolve`: the address that the name is taken for, whatever a resolver says. */
  readonly resolved?: string;
}

const wrong = wrongCall.bind(undefined, 'login');

const expectedTarget: Localized = {
  en: 'https://HOST:PORT, http://HOST:PORT, or HOST:PORT (with TLS)',
  ko: 'https://HOST:PORT, http://HOST:PORT, 또는 HOST:PORT(TLS 사용)',
};

/** @throws UserError for anything else */
export function readTarget(parsed: Parsed): LoginTarget {
  const [given, ...more] = parsed.operands;
  if (given === undefined || more.length > 0)
    throw wrong(
      given === undefined
        ? { en: 'missing address of the site', ko: '사이트의 주소를 지정해야 합니다' }
        : { en: 'too many operands for login', ko: 'login에는 주소를 하나만 지정합니다' },
      { expected: expectedTarget, ...(given === undefined ? {} : { received: parsed.operands.join(' ') }) },
    );
  const target = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? inUrl(given) : hostAndPort(given);
  const { host, port } = target;
  if (port === 0)
    throw wrong(
      { en: 'cannot connect to port 0', ko: '0번 포트에는 연결할 수 없습니다' },
      { received: given, expected: verbatim('1 … 65535') },
    );
  const rows = parsed.all('resolve').map(readRow);
  const row = rows.find((one) => one.host === host.toLowerCase() && one.port === port);
  if (rows.length > 0 && !row)
    throw wrong(
      {
        en: '--resolve is about another address than the site’s',
        ko: '--resolve가 접속할 사이트가 아닌 다른 주소를 가리킵니다',
      },
      { received: parsed.all('resolve').join(' '), expected: verbatim(`--resolve ${host}:${port}:ADDRESS`) },
    );
  return row ? { ...target, resolved: row.address } : target;
}

function hostAndPort(given: string): LoginTarget {
  const { host, port } = addressIn(given, 'the address of the site', 'wirelab login');
  return { security: 'tls', host, port };
}

function inUrl(given: string): LoginTarget {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const security = { 'http:': 'plain', 'https:': 'tls' }[url?.protocol ?? ''] as 'plain' | 'tls' | undefined;
  if (!url || security === undefined || url.username !== '' || url.password !== '')
    throw wrong(
      url && security !== undefined
        ? {
            en: 'a user name or a password does not belong in an address',
            ko: '주소에 사용자 이름이나 비밀번호를 쓰지 마세요',
          }
        : { en: 'this is not the address of a site', ko: '사이트의 주소가 아닙니다' },
      {
        // A password is not repeated.
        ...(url && url.password !== '' ? {} : { received: given }),
        expected: expectedTarget,
      },
    );
  if (!['/', '/login'].includes(url.pathname) || url.search !== '')
    throw wrong(
      {
        en: 'the form is sent to /login: the address ends with the port',
        ko: '폼은 /login으로 보냅니다. 주소는 포트까지만 씁니다',
      },
      { received: given, expected: verbatim(url.origin) },
    );
  const usual = security === 'plain' ? 80 : 443;
  return {
    security,
    host: withoutBrackets(url.hostname),
    port: url.port === '' ? usual : Number(url.port),
  };
}

/** As curl's: HOST:PORT:ADDRESS. */
function readRow(text: string): { readonly host: string; readonly port: number; readonly address: string } {
  const [, host = '', port = '', rest = ''] = /^([^:]+):(\d{1,5}):(.+)$/.exec(text) ?? [];
  const address = withoutBrackets(rest);
  if (ipVersion(address) === 0)
    throw wrong(
      { en: 'invalid value for --resolve', ko: '--resolve 값이 올바르지 않습니다' },
      { received: text, expected: verbatim('HOST:PORT:ADDRESS, shop.example:8443:127.0.0.1') },
    );
  return { host: host.toLowerCase(), port: Number(port), address };
}

/** The addresses to try, in turn. @throws UserError for a name that nobody knows, and for what is not this machine */
export async function addressesOf(
  { host, port, resolved }: LoginTarget,
  anywhere: boolean,
): Promise<readonly Address[]> {
  const found = resolved === undefined ? await resolve(host) : [resolved];
  const away = found.find((address) => !isLoopback(address));
  if (away !== undefined && !anywhere) throw beyond('login', away);
  return found.map((address) => ({ host: address, port }));
}

async function resolve(host: string): Promise<readonly string[]> {
  if (ipVersion(host)) return [host];
  // `localhost` and its subdomains are this machine, whatever a name server answers (RFC 6761 section 6.3).
  if (/(?:^|\.)localhost\.?$/i.test(host)) return ['127.0.0.1', '::1'];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw wrong(
      { en: 'unknown host name', ko: '호스트 이름을 찾을 수 없습니다' },
      {
        received: `${host} (${(error as NodeJS.ErrnoException).code ?? ''})`,
        remedy: {
          en: `Check the name, or say where it is: --resolve ${host}:PORT:ADDRESS.`,
          ko: `이름을 확인하거나 주소를 지정하세요: --resolve ${host}:PORT:ADDRESS.`,
        },
      },
    );
  }
}
