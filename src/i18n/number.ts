/**
 * Formats numbers for people. Digits are the same in every language, and no locale data is loaded.
 */

/** 3412 as `3,412`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Microseconds as seconds: `12.345`. */
export const inSeconds = (microseconds: number): string => (microseconds / 1e6).toFixed(3);
