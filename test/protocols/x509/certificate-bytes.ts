/** Certificates put together from bytes, for what no program writes. The signature is none. */
import { generateKeyPairSync } from 'node:crypto';

export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...others].flatMap((arc) => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift(128 + (left % 128));
    return digits;
  });
  return der(0x06, Buffer.from(bytes));
}

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const algorithm = sequence(oid('1.2.840.10045.4.3.2'));

/** @param extensions each a whole Extension. */
export function certificateOf(
  extensions: readonly Uint8Array[],
  subject = 'by hand',
  issuer = subject,
): Uint8Array {
  const name = (text: string): Buffer =>
    sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(text)))));
  const day = (text: string): Buffer => der(0x17, Buffer.from(text));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name(issuer),
    sequence(day('260101000000Z'), day('270101000000Z')),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  );
  return new Uint8Array(sequence(body, algorithm, der(0x03, Buffer.from([0, 0x30, 0]))));
}
