/**
 * Numbers for people. Figures look alike in every language, and no locale data is loaded for them.
 */

/** 3412 as `3,412`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
