/** Reads the key shares of a hello, and the parts of a hybrid key. */
import type { Cursor } from '../../../core/cursor.ts';
import type { TlsExtensionId } from '../ids.ts';

/** Bytes of what a client and a server of ML-KEM (and of Kyber before it) send. */
const kem768 = { isCurve: false, client: 1184, server: 1088 };

const kem1024 = { isCurve: false, client: 1568, server: 1568 };

const curve = (length: number) => ({ isCurve: true, client: length, server: length });

/** Two keys in one, in this order: both must be broken to learn the secret. */
const hybrids: Readonly<Record<number, readonly ReturnType<typeof curve>[]>> = {
  0x11eb: [curve(65), kem768],
  // The one with the newer key first.
  0x11ec: [kem768, curve(32)],
  0x11ed: [curve(97), kem1024],
  0x11ee: [curve(65), kem768],
  0x6399: [curve(32), kem768],
  0x639a: [curve(65), kem768],
};

/** A public key, or what a hybrid group puts one behind the other; of another length it is left whole. */
export function readPublicKey(
  key: Cursor,
  id: TlsExtensionId<'key_share'>,
  group: number,
  isClient: boolean,
): void {
  const parts = hybrids[group];
  const lengths = parts?.map((part) => (isClient ? part.client : part.server));
  if (!parts || !lengths || lengths.reduce((sum, length) => sum + length, 0) !== key.remaining) {
    if (key.remaining > 0) key.rest(`${id}.public`);
    return;
  }
  for (const [index, { isCurve }] of parts.entries())
    key.bytes(
      `${id}.${isCurve ? 'ecdh' : isClient ? 'encapsulation_key' : 'ciphertext'}`,
      lengths[index] ?? 0,
    );
}
