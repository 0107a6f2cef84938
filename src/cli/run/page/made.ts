/** By which version, and when: what pages and bundles say of their making. */
import type { Places } from '../../places.ts';
import { readVersion } from '../../places.ts';

/** `2026-11-29 17:16 UTC`. @param time ISO 8601, in UTC */
export const utcMinute = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`;

export const madeBy = (places: Places, now: Date): { readonly version: string; readonly when: string } => ({
  version: readVersion(places.root),
  when: utcMinute(now.toISOString()),
});
