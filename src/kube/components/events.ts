/**
 * Creates Events: a component's messages to people about an object (`kubectl get events`, `kubectl describe`). A failed
 * write is ignored.
 */
import { defined } from '../../core/defined.ts';
import type { RandomBytes } from '../../core/clock.ts';
import { isoTime } from '../../protocols/x509/certificate.ts';
import type { ApiClient } from './api-client.ts';
import type { KubeObject } from '../objects/objects.ts';
import { disconnected } from './informer.ts';

export interface EventContent {
  readonly about: KubeObject;
  readonly type: 'Normal' | 'Warning';
  /** One word: `Scheduled`. */
  readonly reason: string;
  readonly message: string;
}

export interface Teller {
  /** `default-scheduler`. */
  readonly component: string;
  readonly host?: string;
}

/** What is longer is cut, as the API allows no more. */
const messageLimit = 1024;

/** Pure. @param at milliseconds since the epoch. */
export function eventOf(
  { about, type, reason, message }: EventContent,
  { component, host }: Teller,
  at: number,
  random: RandomBytes,
): KubeObject {
  const { name, namespace, uid, resourceVersion } = about.metadata;
  const time = isoTime(at);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${name}.${Buffer.from(random(8)).toString('hex')}`,
      namespace: namespace ?? 'default',
    },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name,
      ...defined({ namespace, uid, resourceVersion }),
    },
    reason,
    message: message.slice(0, messageLimit),
    source: { component, ...defined({ host }) },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    type,
    reportingComponent: component,
    reportingInstance: host ?? '',
  };
}

/** Never rejects but for a fault of ours. */
export async function writeEvent(
  client: ApiClient,
  content: EventContent,
  reporter: Teller,
  { clock, random }: { readonly clock: { now(): number }; readonly random: RandomBytes },
  signal: AbortSignal,
): Promise<void> {
  const event = eventOf(content, reporter, clock.now(), random);
  try {
    await client.call(
      'POST',
      `/api/v1/namespaces/${event.metadata.namespace ?? 'default'}/events`,
      signal,
      event,
    );
  } catch (error) {
    if (!signal.aborted) disconnected(error);
  }
}
