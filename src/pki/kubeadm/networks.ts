/** The addresses that Kubernetes takes from a network, by their number. */
import { addressBytes } from '../../protocols/x509/oids.ts';

/** Undefined if the value is not a network (10.96.0.0/12) with more than one address. */
export function addressInNetwork(network: string, at: number): string | undefined {
  const [address = '', length = '', ...rest] = network.split('/');
  const bytes = addressBytes(address);
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (!bytes || rest.length > 0 || bits < 0 || bits > bytes.length * 8 - 1) return undefined;
  const masked = bytes.map(
    (byte, index) => byte & (0xff << Math.min(8, Math.max(0, (index + 1) * 8 - bits))),
  );
  masked[masked.length - 1] = (masked.at(-1) ?? 0) + at;
  if (masked.length === 4) return masked.join('.');
  const words = Array.from({ length: 8 }, (_, index) =>
    (((masked[2 * index] ?? 0) << 8) | (masked[2 * index + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1);
}
