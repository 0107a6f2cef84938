/**
 * Describes a validity period relative to a time: how long ago it ended, how long it lasts. Pure: the clock is an
 * argument.
 */
import type { Localized } from '../../i18n/language.ts';

export type ValidityState = 'valid' | 'expired' | 'not_yet_valid' | 'never';

interface Span {
  /** Milliseconds since the epoch; both ends are included. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The second of notAfter is included (RFC 5280 section 4.1.2.5). */
export function validityState({ notBefore, notAfter }: Span, now: number): ValidityState {
  if (notAfter < notBefore) return 'never';
  if (now < notBefore) return 'not_yet_valid';
  return now >= notAfter + 1000 ? 'expired' : 'valid';
}

/** `expired 3 days ago`, `valid for 364 more days`. */
export function validityWords(span: Span, now: number): Localized {
  switch (validityState(span, now)) {
    case 'never':
      return { en: 'never valid: it ends before it begins', ko: '끝이 시작보다 빨라 유효한 때가 없습니다' };
    case 'not_yet_valid':
      return phrase(span.notBefore - now, (time) => ({
        en: `not valid yet: begins in ${time.en}`,
        ko: `아직 유효하지 않음: ${time.ko} 뒤에 시작`,
      }));
    case 'expired':
      return phrase(now - span.notAfter, (time) => ({
        en: `expired ${time.en} ago`,
        ko: `${time.ko} 전에 만료됨`,
      }));
    case 'valid':
      return phrase(span.notAfter - now, (time) => ({
        en: `valid for another ${time.en}`,
        ko: `${time.ko} 더 유효함`,
      }));
  }
}

const phrase = (milliseconds: number, say: (time: Localized) => Localized): Localized =>
  say(durationWords(milliseconds));

const units = [
  { milliseconds: 365 * 86_400_000, least: 2, en: 'year', ko: '년' },
  { milliseconds: 86_400_000, least: 2, en: 'day', ko: '일' },
  { milliseconds: 3_600_000, least: 2, en: 'hour', ko: '시간' },
  { milliseconds: 60_000, least: 1, en: 'minute', ko: '분' },
  { milliseconds: 1000, least: 0, en: 'second', ko: '초' },
] as const;

/**
 * In the largest unit with a count of at least two: 47 hours, then 2 days; 729 days, then 2 years. Rounded; years to a
 * tenth.
 */
export function durationWords(milliseconds: number): Localized {
  const unit = units.find((one) => milliseconds >= one.least * one.milliseconds) ?? units[4];
  const exact = Math.max(0, milliseconds / unit.milliseconds);
  const count = unit.en === 'year' ? Math.floor(exact * 10) / 10 : Math.round(exact);
  return { en: `${count} ${unit.en}${count === 1 ? '' : 's'}`, ko: `${count}${unit.ko}` };
}

/** To the minute, which is exact enough for people: `2026-06-01 00:00 UTC`. */
export function minuteText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/^(.*)T(\d\d:\d\d).*$/, '$1 $2 UTC');
}
