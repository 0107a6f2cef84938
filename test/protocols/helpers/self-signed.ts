/**
 * A self-signed certificate made at run time, as little DER as a TLS stack accepts: these tests are about records and
 * messages, and the rooms below the PKI cannot ask it for one.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
  readonly der: Uint8Array;
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const utcTime = (at: Date): Buffer =>
  der(0x17, Buffer.from(at.toISOString().replace(/^..|[-:T]|\.\d+/g, '')));

const algorithms = {
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  Ed25519: () => generateKeyPairSync('ed25519'),
};
const signatureAlgorithms = {
  'P-256': sequence(oid('2a8648ce3d040302')),
  RSA: sequence(oid('2a864886f70d01010b'), der(0x05)),
  Ed25519: sequence(oid('2b6570')),
};

/** A certificate for `name` and DNS:name, valid for a day around now. */
export function selfSigned(name: string, algorithm: keyof typeof algorithms = 'P-256'): SelfSigned {
  const { privateKey, publicKey } = algorithms[algorithm]();
  const signatureAlgorithm = signatureAlgorithms[algorithm];
  const subject = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
  const names = sequence(der(0x82, Buffer.from(name)));
  const day = 86_400_000;
  const serial = createHash('sha256').update(name).digest().subarray(0, 8);
  serial[0] = 0x11;
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    signatureAlgorithm,
    subject,
    sequence(utcTime(new Date(Date.now() - day)), utcTime(new Date(Date.now() + day))),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(oid('551d11'), der(0x04, names)))),
  );
  const signature = sign(algorithm === 'Ed25519' ? null : 'sha256', toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, signatureAlgorithm, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    der: certificate,
  };
}
