/** Whether a program of this machine listens on a loopback port, by the kernel's own list (Linux: proc_net_tcp(5)). */
import { readFileSync } from 'node:fs';

const listening = '0A';
/** Addresses as the list has them, in the kernel's byte order: any, and loopback. */
const places = {
  4: { file: '/proc/net/tcp', addresses: ['00000000', '0100007F'] },
  6: {
    file: '/proc/net/tcp6',
    addresses: ['00000000000000000000000000000000', '00000000000000000000000001000000'],
  },
} as const;

/** Undefined where the address is not one of loopback, or the list cannot be read. */
export function isListenedTo(host: string, port: number): boolean | undefined {
  const place = host === '127.0.0.1' ? places[4] : host === '::1' ? places[6] : undefined;
  if (!place) return undefined;
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  try {
    return readFileSync(place.file, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .some(
        ([, local = '', , state]) =>
          state === listening && place.addresses.some((address) => local === `${address}${suffix}`),
      );
  } catch {
    return undefined;
  }
}
