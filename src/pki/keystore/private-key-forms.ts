/**
 * Every form of a private key that a search looks for: its file, its structure, its secret numbers. A key in PKCS #8 (RFC 5208,
 * RFC 5958) with a usual algorithm is read here, since a run reads all of its keys: OpenSSL's decoder takes ten times as long. It
 * reads all others.
 */

export interface PrivateKeyForms {
  readonly name: string;
  /** PKCS#8 DER. */
  readonly pkcs8: Uint8Array;
  readonly pem: string;
  /** The secret numbers: the scalar, or RSA's exponent and primes; big-endian. */
  readonly secrets: readonly { readonly label: string; readonly bytes: Uint8Array }[];
}

const tags = { integer: 0x02, octets: 0x04, sequence: 0x30 } as const;

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

function secretsIn(pkcs8: Uint8Array): PrivateKeyForms['secrets'] | undefined {
  const whole = elementOf(pkcs8);
  if (whole?.tag !== tags.sequence || whole.rest.length > 0) return undefined;
  const [, algorithm, key] = contentsOf(whole.content, [tags.integer, tags.sequence, tags.octets]) ?? [];
  if (!algorithm || !key) return undefined;
  const named = Buffer.from(algorithm).toString('hex');
  if (named.startsWith(algorithms.ec)) {
    // RFC 5915 section 3: as long as the order of the curve.
    const [, d] = contentsOf(elementOf(key)?.content ?? key, [tags.integer, tags.octets]) ?? [];
    return d && [{ label: 'd', bytes: d }];
  }
  if (named.startsWith(algorithms.rsa)) {
    const numbers = contentsOf(
      elementOf(key)?.content ?? key,
      Array.from({ length: 3 + rsaNumbers.length }, () => tags.integer),
    );
    return numbers && rsaNumbers.map((label, at) => ({ label, bytes: withoutZeros(numbers[3 + at]!) }));
  }
  if (named === algorithms.ed25519 || named === algorithms.x25519) {
    const [d] = contentsOf(key, [tags.octets]) ?? [];
    return d && [{ label: 'd', bytes: d }];
  }
  return undefined;
}

const plainPem = /^\s*-----BEGIN PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+?)-----END PRIVATE KEY-----\s*$/;

export function privateKeyForms(name: string, pem: string): PrivateKeyForms {
  const body = plainPem.exec(pem)?.[1];
  const pkcs8 = body === undefined ? undefined : new Uint8Array(Buffer.from(body, 'base64'));
  const secrets = pkcs8 && secretsIn(pkcs8);
  return pkcs8 && secrets ? { name, pkcs8, pem, secrets } : formsByOpenssl(name, pem);
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
  return { name, pkcs8: new Uint8Array(key.export({ type: 'pkcs8', format: 'der' })), pem, secrets };
}
