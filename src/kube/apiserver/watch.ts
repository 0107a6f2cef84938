/**
 * A watch, from what happens in the store to the lines that a client reads (Kubernetes API concepts, "Efficient detection
 * of changes"). Pure: whom they are sent to, and how fast, is `watch-stream.ts`.
 *
 * 1. What is selected may begin and cease to be so: a client hears of that as of an object that came and went.
 * 2. Bookmarks say how far a client has come, and never more than it was told of.
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
  /** After which it begins; undefined: what there is comes first. */
  readonly revision: number | undefined;
  readonly matches: (object: KubeObject) => boolean;
  readonly form: AnswerForm;
  readonly includeObject: IncludeObject;
  readonly bookmarks: boolean;
  /** The first bookmark says that what there was has been told (WatchList). */
  readonly marksBeginning: boolean;
  readonly timeoutSeconds: number | undefined;
}

/** The annotation of the bookmark behind the objects that there were. */
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

  /** Undefined for what the client does not want to know. */
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
