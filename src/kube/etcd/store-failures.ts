/**
 * Decides what a failed request to etcd means to the store: whether it is tried again, and in which words it is reported.
 */
import { defined } from '../../core/defined.ts';
import { explainRefusal } from '../../analysis/outcome/refusal.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { Unreachable } from '../../wire/http/client.ts';
import { StoreUnavailable } from '../store/store.ts';
import { EtcdRefusal } from './client.ts';

const grpc = { deadlineExceeded: 4, unavailable: 14 } as const;

/** Whether etcd answered that it cannot answer now. */
export function isTrouble({ code, message }: EtcdRefusal): boolean {
  return (
    code === grpc.unavailable || code === grpc.deadlineExceeded || message === 'etcdserver: too many requests'
  );
}

/** By etcd's own words: it refused before it did anything. */
const refusals: ReadonlySet<string> = new Set([
  'etcdserver: too many requests',
  'etcdserver: no leader',
  'etcdserver: not leader',
]);

export function wasNotDone(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof EtcdRefusal && refusals.has(error.message));
}

/** kube-apiserver hands on what its etcd client says; where etcd said nothing, etcd's own word for that. */
export function unavailable(error: unknown): StoreUnavailable {
  const outcome = wasNotDone(error) ? 'not-done' : 'unknown';
  if (error instanceof EtcdRefusal) return new StoreUnavailable(error.message, outcome, { cause: error });
  if (outcome === 'not-done')
    return new StoreUnavailable(`etcd cannot be reached: ${wordsOf(error)}`, outcome, { cause: error });
  return new StoreUnavailable('etcdserver: request timed out', outcome, { cause: error });
}

function wordsOf(error: unknown): string {
  const words =
    error instanceof Unreachable && error.failure.alert
      ? `remote error: tls: ${error.failure.alert.description}`
      : error instanceof Error
        ? error.message
        : String(error);
  return safeText(words.trim().slice(0, 512));
}

/** In words for people; what a program said stays as it is. */
export function whyOf(error: unknown): Localized {
  if (error instanceof Unreachable) {
    const { reason, by, alert, code } = error.failure;
    return explainRefusal({
      by: by === 'client' ? by : 'server',
      reason,
      ...defined({ alert }),
      detail: { code },
    }).because;
  }
  const words = wordsOf(error);
  return { en: words, ko: words };
}
