/**
 * Defines the shapes that an API server handles: objects with metadata, lists of them, and the Status for errors. Types
 * and constructors only. (Kubernetes API conventions, "Types (Kinds)" and "Response Status Kind".)
 */

export interface ObjectMeta {
  readonly name: string;
  /** Asks for a name that begins so; the server completes it. */
  readonly generateName?: string;
  /** Absent for what belongs to no namespace. */
  readonly namespace?: string;
  readonly uid?: string;
  /** Opaque to clients: the store's revision at which this version was written. */
  readonly resourceVersion?: string;
  readonly generation?: number;
  /** RFC 3339, in seconds. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  /** Of a pod that is to be deleted: how long it has until then. */
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Dictionary<string>;
  readonly annotations?: Dictionary<string>;
  readonly finalizers?: readonly string[];
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** metav1.StatusReason, as far as it is used here, with the HTTP status that goes with it. */
export const statusReasons = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  /** What no reason says: it is left out of the Status. */
  Unknown: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const;

export type StatusReason = keyof typeof statusReasons;

export interface StatusCause {
  /** FieldValueRequired, FieldValueInvalid, FieldValueForbidden, FieldValueNotSupported, …; none for a fault of the server. */
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The resource (plural), not the kind, where there is one. */
  readonly kind?: string;
  readonly causes?: readonly StatusCause[];
}

/** metav1.Status: the answer to what failed. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Dictionary<never>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: StatusReason;
  readonly details?: StatusDetails;
  readonly code: number;
}

export function failure(reason: StatusReason, message: string, details?: StatusDetails): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === 'Unknown' ? {} : { reason }),
    ...defined({ details }),
    code: statusReasons[reason],
  };
}

/** Thrown by what answers a request, and turned into the answer. What a client did wrong; never a fault of ours. */
export class ApiFailure extends Error {
  readonly status: Status;

  /** With a Status that another server has written. */
  static with(status: Status): ApiFailure {
    return Object.assign(new ApiFailure('Unknown', status.message ?? ''), { status });
  }

  constructor(reason: StatusReason, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'ApiFailure';
    this.status = failure(reason, message, details);
  }
}
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
