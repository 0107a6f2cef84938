/** The forms of a private key are those that OpenSSL reads from it, whatever its kind and however its file is written. */
import test from 'ava';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { privateKeyForms } from '../../../src/pki/keystore/private-key-forms.ts';

const kinds: Readonly<Record<string, () => KeyObject>> = {
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  'P-521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  'RSA-1024': () => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
  'RSA-2048': () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  Ed25519: () => generateKeyPairSync('ed25519').privateKey,
  X25519: () => generateKeyPairSync('x25519').privateKey,
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
      const key = make();
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
        t.is(forms.pem, pem);
      }
    }
  });
}

test('what is cut or spoiled is read as OpenSSL reads it, or refused as it refuses it', (t) => {
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
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
