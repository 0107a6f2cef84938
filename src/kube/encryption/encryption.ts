/**
 * Encryption at rest, as kube-apiserver does it (k8s.io/apiserver, storage/value): which resources' values are encrypted
 * before they go to etcd, by which providers. The first provider writes; every one whose prefix a value has may read it,
 * and what another than the first has read is stale. `configuration.ts` reads an EncryptionConfiguration into one.
 */
import type { ResourceType } from '../apiserver/resources.ts';

/** What a provider makes of a stored value, or in upstream's words why it cannot. */
export type Opened = { readonly value: Uint8Array; readonly stale: boolean } | { readonly failure: string };

/** @param bound the key in etcd: a value of an authenticating provider opens under its own key only. */
export interface Transformer {
  fromStorage(value: Uint8Array, bound: Uint8Array): Opened;
  toStorage(value: Uint8Array, bound: Uint8Array): Uint8Array;
}

export interface PrefixedTransformer {
  /** `k8s:enc:aescbc:v1:`; empty for what is not encrypted. */
  readonly prefix: string;
  readonly transformer: Transformer;
}

export type Resource = Pick<ResourceType, 'group' | 'plural'>;

/** Every encrypted value begins so. */
export const encryptedPrefix = 'k8s:enc:';

/** Values as they are; encrypted ones are not taken for objects. */
export const identity: Transformer = {
  fromStorage: (value) =>
    startsWith(value, encryptedPrefix)
      ? { failure: 'identity transformer tried to read encrypted data' }
      : { value, stale: false },
  toStorage: (value) => value,
};

/** @param unmatched what is said of a value that has none of the prefixes. */
export function prefixTransformer(
  transformers: readonly [PrefixedTransformer, ...PrefixedTransformer[]],
  unmatched: string,
): Transformer {
  return {
    fromStorage(value, bound) {
      const failures: string[] = [];
      for (const [index, { prefix, transformer }] of transformers.entries()) {
        if (!startsWith(value, prefix)) continue;
        const opened = transformer.fromStorage(value.subarray(prefix.length), bound);
        if ('value' in opened) return { value: opened.value, stale: opened.stale || index > 0 };
        // Several providers may have the same prefix, with other keys. An identity that meets an encrypted value says nothing.
        if (prefix !== '') failures.push(opened.failure);
      }
      return { failure: aggregated(failures) ?? unmatched };
    },
    toStorage(value, bound) {
      const [{ prefix, transformer }] = transformers;
      return Buffer.concat([Buffer.from(prefix), transformer.toStorage(value, bound)]);
    },
  };
}

/** Several errors, as Go's errors.Aggregate says them: each once. */
export function aggregated(failures: readonly string[]): string | undefined {
  const distinct = [...new Set(failures)];
  return distinct.length > 1 ? `[${distinct.join(', ')}]` : distinct[0];
}

function startsWith(value: Uint8Array, prefix: string): boolean {
  return Buffer.from(prefix).equals(value.subarray(0, prefix.length));
}

/** By `secrets`, `deployments.apps`, `*.apps` (`*.` is the core group) or `*.*`; the narrowest rule applies. */
export class Encryption {
  readonly #rules: ReadonlyMap<string, Transformer>;

  constructor(rules: ReadonlyMap<string, Transformer>) {
    this.#rules = rules;
  }

  /** @param row undefined for a key of no resource. */
  transformerOf(row: Resource | undefined): Transformer {
    if (!row) return identity;
    const { group, plural } = row;
    return (
      this.#rules.get(`${plural}.${group}`) ??
      this.#rules.get(`*.${group}`) ??
      this.#rules.get('*.*') ??
      identity
    );
  }
}
