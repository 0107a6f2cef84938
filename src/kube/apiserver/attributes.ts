/** Describes a user and a request, as passed from authentication to authorization and admission. Types only. */
import type { Dictionary } from '../../core/dictionary.ts';

/** An authenticated user (k8s.io/apiserver, authentication/user.Info). */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Dictionary<readonly string[]>;
}

export const resourceVerbs = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
] as const;
/**
 * Of resources; `approve`, `sign` and `impersonate` are checked by the server itself. Of paths: the HTTP method, in
 * lower case.
 */
export type Verb = (typeof resourceVerbs)[number] | (string & {});

/** The attributes of a request (k8s.io/apiserver, request.RequestInfo and authorizer.Attributes). */
export type Attributes =
  | {
      readonly user: User;
      readonly verb: Verb;
      /** Empty for the core group. */
      readonly group: string;
      readonly version: string;
      /** The plural: `pods`. */
      readonly resource: string;
      readonly subresource?: string;
      readonly namespace?: string;
      readonly name?: string;
      /** For a list or a watch: the fields and values that its objects must have. */
      readonly selected?: ReadonlyMap<string, string>;
      readonly path?: undefined;
    }
  | {
      readonly user: User;
      readonly verb: Verb;
      /** A path that is not a resource: `/version`. */
      readonly path: string;
      readonly resource?: undefined;
    };

export interface Authorization {
  readonly allowed: boolean;
  /** The rule that decided, or why none did: for SubjectAccessReviews and the server's own log. */
  readonly reason?: string;
}

/** Whether a user is authorized. */
export type Authorize = (attributes: Attributes) => Promise<Authorization>;
