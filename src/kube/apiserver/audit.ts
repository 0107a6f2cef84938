/** Records an API server's response for the event log: the user, the request, and the result. */
import type { ApiRequest } from '../../capture/event.ts';
import type { AnswerReport } from './server.ts';

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
    ...(impersonator ? { impersonator: impersonator.name.slice(0, 300) } : {}),
    ...(rejected ? { unauthorized: rejected } : {}),
    ...(message === undefined ? {} : { message: message.slice(0, 500) }),
  };
}
