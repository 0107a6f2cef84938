/** The private keys of a run, in every form in which a key is written down, to be hunted beside its secrets. */
import type { Secret } from '../../analysis/secrets/secret-hunt.ts';
import { privateKeySecrets } from '../../analysis/secrets/private-key-secret.ts';
import type { World } from '../../pki/keystore/world.ts';
import { privateKeyPrefix } from './private-keys.ts';

export function privateKeysOf(world: World): Secret[] {
  return world.privateKeys().flatMap((forms) => privateKeySecrets(forms, privateKeyPrefix + forms.name));
}
