/** The forms of a private key are those that OpenSSL reads from it, whatever its kind and however its file is written. */
import test from 'ava';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { privateKeyForms } from '../../../src/pki/keystore/private-key-forms.ts';

// Read back: in Node 20 a key that was generated may wait for itself when it is exported.
const encodings = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
} as const;
const pemOf = ({ privateKey }: { readonly privateKey: unknown }): string => String(privateKey);
const kinds: Readonly<Record<string, () => string>> = {
  'P-256': () => pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256', ...encodings })),
  'P-384': () => pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384', ...encodings })),
  'P-521': () => pemOf(generateKeyPairSync('ec', { namedCurve: 'P-521', ...encodings })),
  'RSA-1024': () => pemOf(generateKeyPairSync('rsa', { modulusLength: 1024, ...encodings })),
  'RSA-2048': () => pemOf(generateKeyPairSync('rsa', { modulusLength: 2048, ...encodings })),
  Ed25519: () => pemOf(generateKeyPairSync('ed25519', encodings)),
  X25519: () => pemOf(generateKeyPairSync('x25519', encodings)),
};
const labels = ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const;

/** As OpenSSL tells them. */
function numbersOf(key: KeyObject): readonly (readonly [string, string])[] {
  const jwk = key.export({ format: 'jwk' });
  return labels.flatMap((label) => {
    const value = jwk[label];
    return typeof value === 'string'
      ? [[label, Buffer.from(value, 'base64url').toString('hex')] as const]
      : [];
  });
}

for (const [kind, make] of Object.entries(kinds)) {
  test(`${kind}: the numbers and the structure, from every form of its file`, (t) => {
    // Numbers that begin with zeros are met too.
    for (let count = 0; count < (kind.startsWith('RSA') ? 4 : 300); count++) {
      const key = createPrivateKey(make());
      const files = [key.export({ type: 'pkcs8', format: 'pem' }).toString()];
      if (kind.startsWith('P-')) files.push(key.export({ type: 'sec1', format: 'pem' }).toString());
      if (kind.startsWith('RSA')) files.push(key.export({ type: 'pkcs1', format: 'pem' }).toString());
      files.push(`${files[0]?.replaceAll('\n', '\r\n')}\n`);
      for (const pem of files) {
        const forms = privateKeyForms('k', pem);
        t.deepEqual(
          forms.secrets.map(({ label, bytes }) => [label, Buffer.from(bytes).toString('hex')] as const),
          numbersOf(key),
        );
        t.deepEqual(Buffer.from(forms.pkcs8), key.export({ type: 'pkcs8', format: 'der' }));
        const older = kind.startsWith('P-') ? 'sec1' : kind.startsWith('RSA') ? 'pkcs1' : undefined;
        t.deepEqual(
          forms.traditional && Buffer.from(forms.traditional),
          older && key.export({ type: older as 'sec1', format: 'der' }),
        );
        t.is(forms.pem, pem);
      }
    }
  });
}

test('what is cut or spoiled is read as OpenSSL reads it, or refused as it refuses it', (t) => {
  const pem = kinds['P-256']?.() ?? '';
  const [head = '', ...lines] = pem.trim().split('\n');
  const der = Buffer.from(lines.slice(0, -1).join(''), 'base64');
  const wrap = (bytes: Buffer): string => `${head}\n${bytes.toString('base64')}\n${lines.at(-1) ?? ''}\n`;
  const isRead = (text: string): boolean => {
    try {
      createPrivateKey(text);
      return true;
    } catch {
      return false;
    }
  };
  for (let length = 0; length < 40; length++) {
    const text = wrap(der.subarray(0, length));
    t.false(isRead(text));
    t.throws(() => privateKeyForms('k', text));
  }
});
