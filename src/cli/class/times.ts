/** Times as the clock on the wall has them. */

const two = (number: number): string => String(number).padStart(2, '0');

/** `11-29 14:03` @param iso ISO 8601 */
export function localTime(iso: string): string {
  const time = new Date(iso);
  return `${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** `14:03:59` */
export const timeOfDay = (time: Date): string =>
  [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
