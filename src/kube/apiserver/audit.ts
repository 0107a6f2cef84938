/** Records an API server's response for the event log: the user, the request, and the result. */
import { defined } from '../../core/defined.ts';
import type { Localized } from '../../i18n/language.ts';
import type { AnswerReport } from './server.ts';

/** One request as an API server dealt with it. */
export interface ApiRequest {
  /** The connection over which it came. */
  readonly conn: number;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly status: number;
  /** Whom the server took the caller for; absent where it could not tell. */
  readonly user?: string;
  readonly groups?: readonly string[];
  /** Who acts as that user. */
  readonly impersonator?: string;
  /** Why it could not tell: written into its own log, and never told to the caller. `reason` is a name for programs. */
  readonly unauthorized?: { readonly reason: string; readonly words: Localized };
  /** What it said to the caller where it did not do what was asked. */
  readonly message?: string;
}

/** Text chosen by a client is truncated here; it is made safe where it is shown. */
export function auditOf({
  conn,
  method,
  target,
  code,
  user,
  impersonator,
  rejected,
  message,
}: AnswerReport): ApiRequest {
  const mark = target.indexOf('?');
  return {
    conn,
    method: method.slice(0, 32),
    path: (mark < 0 ? target : target.slice(0, mark)).slice(0, 300),
    status: code,
    ...(user ? { user: user.name.slice(0, 300), groups: user.groups.slice(0, 20) } : {}),
    ...defined({
      impersonator: impersonator?.name.slice(0, 300),
      unauthorized: rejected,
      message: message?.slice(0, 500),
    }),
  };
}
