/** `--max-memory`: how much of what passes by a long-running command keeps to be looked at. */
import { setFlagsFromString } from 'node:v8';
import { defaultPayload } from '../../capture/log.ts';
import { verbatim } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { OptionTable, Parsed } from '../command.ts';

export const memoryOptions: OptionTable = {
  'max-memory': {
    value: 'SIZE',
    help: {
      en: 'memory for captured traffic: bytes, 64M or 1G; the oldest is dropped first (default: 256M)',
      ko: '캡처한 내용에 쓸 메모리: 64M, 1G 또는 바이트 수. 넘으면 오래된 것부터 버립니다(기본값: 256M)',
    },
  },
};

/**
 * The collector comes earlier from now on. What waits in a queue of thousands outlives the collections of young objects, and of
 * old ones V8 lets several times what is in use pile up: a reader of a large file took three times the memory that it needed.
 */
export function collectEarlier(): void {
  setFlagsFromString('--heap-growing-percent=30');
}

const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const smallest = 1024 ** 2;
const largest = 1024 ** 4;

/** @throws UserError for what is no size, or none that anything can be kept in. */
export function maxPayloadOf(parsed: Pick<Parsed, 'text'>, command: string): { readonly maxPayload: number } {
  const text = parsed.text('max-memory');
  if (text === undefined) return { maxPayload: defaultPayload };
  const [, number, unit = ''] = /^(\d{1,13})([KMG])?(?:i?B)?$/i.exec(text) ?? [];
  const maxPayload = Number(number) * (units[unit.toUpperCase()] ?? Number.NaN);
  if (maxPayload >= smallest && maxPayload <= largest) return { maxPayload };
  throw new UserError({
    what: { en: 'invalid value for --max-memory', ko: '--max-memory 값이 올바르지 않습니다' },
    where: `wirelab ${command}`,
    expected: verbatim('1M … 1024G'),
    received: `--max-memory ${text}`,
    remedy: {
      en: 'Write a number of bytes, or a number with K, M or G: --max-memory 64M',
      ko: '바이트 수 또는 K, M, G를 붙인 수를 쓰세요. 예: --max-memory 64M',
    },
  });
}
