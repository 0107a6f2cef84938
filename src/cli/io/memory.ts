/** Reads `--max-memory`: how much captured traffic a long-running command keeps in memory. */
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
 * Makes the garbage collector run earlier from now on. A queue of thousands of objects outlives the young generation,
 * and V8 lets the old generation grow to several times what is in use: reading a large file took three times the memory
 * it needed.
 */
export function collectEarlier(): void {
  setFlagsFromString('--heap-growing-percent=30');
}

const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const smallest = 1024 ** 2;
const largest = 1024 ** 4;

/** @throws UserError for an invalid size, or one too small to be useful. */
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
      en: 'Give a number of bytes, or a number with K, M or G: --max-memory 64M',
      ko: '바이트 수 또는 K, M, G를 붙인 수를 쓰세요. 예: --max-memory 64M',
    },
  });
}
