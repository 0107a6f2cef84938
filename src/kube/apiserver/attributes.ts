/** Who asks, and what for: the words that authentication hands to authorization, and both to admission. Types only. */

/** An authenticated user (k8s.io/apiserver, authentication/user.Info). */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
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
/** Of resources; `approve`, `sign` and `impersonate` are asked for by the server itself. Of paths: the HTTP method, in small letters. */
export type Verb = (typeof resourceVerbs)[number] | (string & {});

/** What a request wants (k8s.io/apiserver, request.RequestInfo and authorizer.Attributes). */
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
      /** Of a list or a watch: the fields and values that its objects must have. */
      readonly selected?: ReadonlyMap<string, string>;
      readonly path?: undefined;
    }
  | {
      readonly user: User;
      readonly verb: Verb;
      /** A path that is no resource: `/version`. */
      readonly path: string;
      readonly resource?: undefined;
    };

export interface Authorization {
  readonly allowed: boolean;
  /** Which rule said so, or why none did: for SubjectAccessReviews and the server's own log. */
  readonly reason?: string;
}

/** Whether a user may. */
export type Authorize = (attributes: Attributes) => Promise<Authorization>;
