/** The private keys of a run, in every common encoding, to be searched for besides its secrets. */
import type { Secret } from '../../analysis/secrets/secret-hunt.ts';
import { privateKeySecrets } from '../../analysis/secrets/private-key-secret.ts';
import type { World } from '../../pki/keystore/world.ts';
import { privateKeyPrefix } from './private-keys.ts';

export function privateKeysOf(world: World): Secret[] {
  return world.privateKeys().flatMap((forms) => privateKeySecrets(forms, privateKeyPrefix + forms.name));
}
