/** Reads the values of proxy options: addresses, durations, protocols and versions. */
import type { Address } from '../../capture/event.ts';
import type { TlsVersion } from '../../capture/vocabulary.ts';
import { defined } from '../../core/defined.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { ProxyTimeouts } from '../../proxy/pump.ts';
import type { TlsChoices } from '../../wire/endpoint.ts';
import type { Parsed } from '../command.ts';
import { ipVersion } from '../../core/ip-version.ts';

/** `HOST:PORT`, `[::1]:PORT`; a port alone is one on 127.0.0.1. */
export function addressOf(parsed: Parsed, option: string): Address | undefined {
  const text = parsed.text(option);
  return text === undefined ? undefined : addressIn(text, `--${option}`);
}

/** @param named how errors name the value, and the command */
export function addressIn(text: string, named: string, command: string = where): Address {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):)?(\d{1,5})$/.exec(text);
  const [, six, name, port] = match ?? [];
  if (!match || Number(port) > 65_535 || (six !== undefined && ipVersion(six) !== 6)) {
    throw new UserError({
      what: { en: `invalid value for ${named}`, ko: `${named} 값이 주소가 아닙니다` },
      where: command,
      received: text,
      expected: {
        en: 'HOST:PORT, for example 127.0.0.1:8443 or [::1]:8443',
        ko: 'HOST:PORT 형식, 예: 127.0.0.1:8443, [::1]:8443',
      },
    });
  }
  return { host: six ?? name ?? '127.0.0.1', port: Number(port) };
}

const versions: Readonly<Record<string, TlsVersion>> = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};

/** Of `--min-tls` and `--max-tls`. */
export const tlsVersions = ['1.0', '1.1', '1.2', '1.3'] as const;

/** @throws UserError for limits that leave no version */
export function tlsLimits(
  parsed: Parsed,
  command = where,
): Pick<TlsChoices, 'minVersion' | 'maxVersion' | 'ciphers'> {
  const minVersion = versions[parsed.text('min-tls') ?? ''];
  const maxVersion = versions[parsed.text('max-tls') ?? ''];
  if (minVersion && maxVersion && minVersion > maxVersion) {
    throw new UserError({
      what: {
        en: '--min-tls is higher than --max-tls',
        ko: '--min-tls와 --max-tls 사이에 남는 TLS 버전이 없습니다',
      },
      where: command,
      received: `--min-tls ${parsed.text('min-tls') ?? ''} --max-tls ${parsed.text('max-tls') ?? ''}`,
    });
  }
  return defined({ minVersion, maxVersion, ciphers: parsed.text('ciphers') });
}

export const tlsChoices = (parsed: Parsed): TlsChoices =>
  defined({ ...tlsLimits(parsed), alpn: protocolsOf(parsed, 'alpn') });

/** Protocol names, comma-separated. */
export function protocolsOf(parsed: Parsed, option: string): readonly string[] | undefined {
  const text = parsed.text(option);
  if (text === undefined) return undefined;
  const protocols = text.split(',').map((one) => one.trim());
  if (protocols.some((one) => one === '' || Buffer.byteLength(one) > 255))
    throw wrong(
      { en: `--${option} contains no protocol name`, ko: `--${option}에 프로토콜 이름이 없습니다` },
      text,
      verbatim('h2,http/1.1'),
    );
  return protocols;
}

const timeoutNames = {
  'handshake-timeout': 'handshake',
  'connect-timeout': 'connect',
  'request-timeout': 'request',
  'response-timeout': 'response',
  'idle-timeout': 'idle',
  'close-timeout': 'close',
} as const satisfies Readonly<Record<string, keyof ProxyTimeouts>>;

export function timeoutsOf(parsed: Parsed): ProxyTimeouts {
  return Object.fromEntries(
    Object.entries(timeoutNames).flatMap(([option, name]) => {
      const milliseconds = durationOf(parsed, option);
      return milliseconds === undefined ? [] : [[name, milliseconds]];
    }),
  );
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, '': 1000 };

const longestDuration = 24 * 3_600_000;

/** `500ms`, `10s`, `2m`, `1h`; a number alone is seconds. */
export function durationOf(parsed: Parsed, option: string): number | undefined {
  const text = parsed.text(option);
  if (text === undefined) return undefined;
  const [, number, unit = ''] = /^(\d{1,9})(ms|s|m|h)?$/.exec(text) ?? [];
  const milliseconds = Number(number) * (units[unit] ?? Number.NaN);
  if (!(milliseconds > 0 && milliseconds <= longestDuration)) {
    throw wrong({ en: `invalid value for --${option}`, ko: `--${option} 값이 시간이 아닙니다` }, text, {
      en: 'a duration such as 500ms, 10s, 2m or 1h; more than 0, at most 24h',
      ko: '500ms, 10s, 2m, 1h 형식. 0보다 크고 24시간 이하',
    });
  }
  return milliseconds;
}

export function numberOf<Name extends string>(
  parsed: Parsed,
  option: string,
  name: Name,
): Partial<Record<Name, number>> {
  const text = parsed.text(option);
  if (text === undefined) return {};
  if (!/^\d{1,6}$/.test(text) || Number(text) === 0)
    throw wrong(
      { en: `invalid value for --${option}`, ko: `--${option} 값이 연결 수가 아닙니다` },
      text,
      verbatim('1 … 999999'),
    );
  return { [name]: Number(text) } as Partial<Record<Name, number>>;
}

export function wrong(
  what: Localized,
  received: string,
  expected?: Localized,
  remedy?: Localized,
): UserError {
  return new UserError(defined({ what, where, received, expected, remedy }));
}

export const where = 'wirelab proxy';
