import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import test from 'ava';
import { privateKeySecrets } from '../../../src/analysis/secrets/private-key-secret.ts';
import { SecretHunt } from '../../../src/analysis/secrets/secret-hunt.ts';
import { privateKeyForms } from '../../../src/pki/keystore/private-key-forms.ts';
import { ScriptedLog } from '../../helpers/capture.ts';

const makers = {
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  Ed25519: () => generateKeyPairSync('ed25519'),
  'RSA-2048': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
} as const;

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function hunted(key: KeyObject, stream: string | Uint8Array): readonly { secret: string }[] {
  const scripted = new ScriptedLog();
  const hunt = new SecretHunt(privateKeySecrets(privateKeyForms('shop', pemOf(key))));
  scripted.log.subscribe(hunt.fold);
  const bytes = Buffer.concat([Buffer.from('before'), Buffer.from(stream), Buffer.from('after')]);
  // In pieces that fall differently on every form.
  for (let at = 0; at < bytes.length; at += 7) scripted.bytes('server', bytes.subarray(at, at + 7));
  return hunt.hits;
}

/** Every way in which a private key is written down. */
function formsOf(key: KeyObject): Record<string, string | Uint8Array> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  const forms: Record<string, string | Uint8Array> = {
    'PKCS#8 DER': pkcs8,
    'PKCS#8 PEM': pemOf(key),
    'PKCS#8 PEM with CRLF': pemOf(key).replaceAll('\n', '\r\n'),
    'PKCS#8 PEM in JSON': JSON.stringify(pemOf(key)),
    'PKCS#8 PEM in a form': new URLSearchParams({ key: pemOf(key) }).toString(),
    'PKCS#8 in Base64 without lines': pkcs8.toString('base64'),
    'PKCS#8 in hex': pkcs8.toString('hex'),
    JWK: JSON.stringify(key.export({ format: 'jwk' })),
  };
  if (key.asymmetricKeyType === 'ec' || key.asymmetricKeyType === 'rsa') {
    const type = key.asymmetricKeyType === 'ec' ? ('sec1' as const) : ('pkcs1' as const);
    const der = key.export({ type, format: 'der' } as { type: 'sec1'; format: 'der' });
    forms[`${type} DER`] = der;
    forms[`${type} PEM`] = key.export({ type, format: 'pem' } as { type: 'sec1'; format: 'pem' });
    forms[`${type} DER in Base64`] = der.toString('base64');
  }
  return forms;
}

for (const [kind, make] of Object.entries(makers)) {
  test(`${kind}: the private key is found in every form, another key in none`, (t) => {
    const { privateKey, publicKey } = make();
    const other = make();
    for (const [form, stream] of Object.entries(formsOf(privateKey))) {
      t.true(
        hunted(privateKey, stream).some(({ secret }) => secret === 'private-key:shop'),
        form,
      );
      t.deepEqual(hunted(other.privateKey, stream), [], `${form}, hunted with another key`);
    }
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    for (const stream of [
      spki,
      publicKey.export({ type: 'spki', format: 'pem' }),
      spki.toString('hex'),
      JSON.stringify(publicKey.export({ format: 'jwk' })),
    ]) {
      t.deepEqual(hunted(privateKey, stream), [], 'the public half is no secret');
    }
  });
}
