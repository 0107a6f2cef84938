/** The largest time that a Date has, in milliseconds either way of the epoch. */
const furthest = 8.64e15;

/** A time as ISO 8601, in UTC. One beyond the range of dates, as damaged files have, becomes the last that there is. */
export const isoTime = (milliseconds: number): string =>
  new Date(Math.min(furthest, Math.max(-furthest, milliseconds || 0))).toISOString();
