/**
 * Every form of a private key that a search looks for: its file, its structure, its secret numbers. A key in PKCS #8 (RFC 5208,
 * RFC 5958) with a usual algorithm is read here, since a run reads all of its keys: OpenSSL's decoder takes ten times as long. It
 * reads all others.
 */
import { scanPem } from './pem.ts';

export interface PrivateKeyForms {
  readonly name: string;
  /** PKCS#8 DER. */
  readonly pkcs8: Uint8Array;
  /** DER of the older structure of its algorithm: SEC 1 (RFC 5915) on curves, PKCS #1 (RFC 8017) for RSA; absent where there is none. */
  readonly traditional?: Uint8Array;
  readonly pem: string;
  /** The secret numbers: the scalar, or RSA's exponent and primes; big-endian. */
  readonly secrets: readonly { readonly label: string; readonly bytes: Uint8Array }[];
}

const tags = { integer: 0x02, octets: 0x04, sequence: 0x30, parameters: 0xa0 } as const;

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly rest: Uint8Array;
}

/** One element of DER; undefined where its length is not the shortest or goes beyond the end. */
function elementOf(der: Uint8Array): Element | undefined {
  const [tag, first] = der;
  if (tag === undefined || first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first - 0x80;
  if (first === 0x80 || more > 3) return undefined;
  let length = more === 0 ? first : 0;
  for (const byte of der.subarray(2, 2 + more)) length = length * 256 + byte;
  const start = 2 + more;
  if (start + length > der.length) return undefined;
  return { tag, content: der.subarray(start, start + length), rest: der.subarray(start + length) };
}

/** The contents of these elements in turn; undefined where others stand there. */
function contentsOf(der: Uint8Array, expected: readonly number[]): readonly Uint8Array[] | undefined {
  const contents: Uint8Array[] = [];
  let rest = der;
  for (const tag of expected) {
    const element = elementOf(rest);
    if (element?.tag !== tag) return undefined;
    contents.push(element.content);
    rest = element.rest;
  }
  return contents;
}

/** The DER of an object identifier, by the algorithm. */
const algorithms = {
  ec: '06072a8648ce3d0201',
  rsa: '06092a864886f70d010101',
  ed25519: '06032b6570',
  x25519: '06032b656e',
} as const;

/** RFC 8017 appendix A.1.2: version, modulus, public exponent, then these. */
const rsaNumbers = ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const;

const withoutZeros = (number: Uint8Array): Uint8Array => {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? number.subarray(number.length) : number.subarray(first);
};

type Read = Pick<PrivateKeyForms, 'secrets' | 'traditional'>;

function readKey(pkcs8: Uint8Array): Read | undefined {
  const whole = elementOf(pkcs8);
  if (whole?.tag !== tags.sequence || whole.rest.length > 0) return undefined;
  const [, algorithm, key] = contentsOf(whole.content, [tags.integer, tags.sequence, tags.octets]) ?? [];
  if (!algorithm || !key) return undefined;
  const named = Buffer.from(algorithm).toString('hex');
  if (named.startsWith(algorithms.ec)) {
    // RFC 5915 section 3: as long as the order of the curve.
    const content = elementOf(key)?.content ?? key;
    const [, d] = contentsOf(content, [tags.integer, tags.octets]) ?? [];
    const curve = algorithm.subarray(algorithms.ec.length / 2);
    return d && { secrets: [{ label: 'd', bytes: d }], traditional: sec1(content, curve) };
  }
  if (named.startsWith(algorithms.rsa)) {
    const numbers = contentsOf(
      elementOf(key)?.content ?? key,
      Array.from({ length: 3 + rsaNumbers.length }, () => tags.integer),
    );
    const secrets =
      numbers && rsaNumbers.map((label, at) => ({ label, bytes: withoutZeros(numbers[3 + at]!) }));
    return secrets && { secrets, traditional: key };
  }
  if (named === algorithms.ed25519 || named === algorithms.x25519) {
    const [d] = contentsOf(key, [tags.octets]) ?? [];
    return d && { secrets: [{ label: 'd', bytes: d }] };
  }
  return undefined;
}

/** With its curve, which PKCS #8 names outside. */
function sec1(content: Uint8Array, curve: Uint8Array): Uint8Array {
  const first = elementOf(content);
  const scalar = first && elementOf(first.rest);
  const behind = scalar?.rest ?? new Uint8Array(0);
  const before = content.subarray(0, content.length - behind.length);
  const isNamed = behind[0] === tags.parameters;
  return encoded(tags.sequence, before, ...(isNamed ? [] : [encoded(tags.parameters, curve)]), behind);
}

/** One element of DER. */
function encoded(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

export function privateKeyForms(name: string, pem: string): PrivateKeyForms {
  const { blocks, faults } = scanPem(pem);
  const [block, ...more] = blocks;
  const isPlain = block?.label === 'PRIVATE KEY' && more.length === 0 && faults.length === 0;
  const pkcs8 = isPlain ? block.der : undefined;
  const read = pkcs8 && readKey(pkcs8);
  return pkcs8 && read ? { name, pkcs8, pem, ...read } : formsByOpenssl(name, pem);
}

function formsByOpenssl(name: string, pem: string): PrivateKeyForms {
  const key = process.getBuiltinModule('node:crypto').createPrivateKey(pem);
  const jwk = key.export({ format: 'jwk' });
  const secrets = rsaNumbers.flatMap((label) => {
    const value = jwk[label];
    return typeof value === 'string'
      ? [{ label, bytes: new Uint8Array(Buffer.from(value, 'base64url')) }]
      : [];
  });
  const type = ({ ec: 'sec1', rsa: 'pkcs1' } as const)[key.asymmetricKeyType as 'ec' | 'rsa'] as
    | 'sec1'
    | 'pkcs1'
    | undefined;
  return {
    name,
    pkcs8: new Uint8Array(key.export({ type: 'pkcs8', format: 'der' })),
    ...(type ? { traditional: new Uint8Array(key.export({ type: type as 'sec1', format: 'der' })) } : {}),
    pem,
    secrets,
  };
}
