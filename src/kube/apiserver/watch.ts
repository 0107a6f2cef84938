/**
 * Converts store events into the lines of a watch (Kubernetes API concepts, "Efficient detection of changes"). Pure:
 * `watch-stream.ts` sends them.
 *
 * 1. An object may start or cease to match the selectors: the client receives ADDED or DELETED for that.
 * 2. Bookmarks never exceed what the client has received.
 */
import type { AnswerForm } from './negotiation.ts';
import type { KubeObject, Status } from '../objects/objects.ts';
import { apiVersionOf } from './resources.ts';
import type { ResourceType } from './resources.ts';
import type { StoreEvent } from '../store/store.ts';
import { partialObject, tableOf } from './tables.ts';
import type { IncludeObject } from './tables.ts';

export interface WatchRequest {
  readonly type: ResourceType;
  /** Of the store's keys. */
  readonly prefix: string;
  /** The start revision; undefined: the existing objects are sent first. */
  readonly revision: number | undefined;
  readonly matches: (object: KubeObject) => boolean;
  readonly form: AnswerForm;
  readonly includeObject: IncludeObject;
  readonly bookmarks: boolean;
  /** Whether a first bookmark marks the end of the existing objects (WatchList). */
  readonly marksBeginning: boolean;
  readonly timeoutSeconds: number | undefined;
}

/** The annotation of the bookmark after the existing objects. */
const beginningEnds = 'k8s.io/initial-events-end';

type WatchEventType = StoreEvent['type'] | 'BOOKMARK' | 'ERROR';

export class WatchLines {
  readonly #request: WatchRequest;
  readonly #now: () => number;
  #saidColumns = false;

  /** @param now in milliseconds since the epoch. */
  constructor(request: WatchRequest, now: () => number) {
    this.#request = request;
    this.#now = now;
  }

  /** Undefined for events that the client did not select. */
  event({ type, object, previous }: StoreEvent): string | undefined {
    const { matches } = this.#request;
    const is = matches(object);
    if (type !== 'MODIFIED') return is ? this.#line(type, object) : undefined;
    const was = previous === undefined || matches(previous);
    if (is) return this.#line(was ? 'MODIFIED' : 'ADDED', object);
    if (!was) return undefined;
    const last = previous ?? object;
    return this.#line('DELETED', {
      ...last,
      metadata: { ...last.metadata, resourceVersion: object.metadata.resourceVersion ?? '' },
    });
  }

  bookmark(revision: number, endsBeginning = false): string {
    const { kind } = this.#request.type;
    const metadata = {
      name: '',
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(endsBeginning ? { annotations: { [beginningEnds]: 'true' } } : {}),
    };
    return this.#line('BOOKMARK', {
      kind,
      apiVersion: apiVersionOf(this.#request.type),
      metadata,
    } as unknown as KubeObject);
  }

  error(status: Status): string {
    return lineOf('ERROR', status);
  }

  #line(type: WatchEventType, object: KubeObject): string {
    return lineOf(type, this.#shown(object));
  }

  #shown(object: KubeObject): object {
    const { type, form, includeObject } = this.#request;
    if (form === 'PartialObjectMetadata') return partialObject(object);
    if (form !== 'Table') return object;
    const withoutColumns = this.#saidColumns;
    this.#saidColumns = true;
    return tableOf(type, [object], {
      includeObject,
      at: this.#now(),
      metadata: { resourceVersion: object.metadata.resourceVersion },
      withoutColumns,
    });
  }
}

function lineOf(type: WatchEventType, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}
