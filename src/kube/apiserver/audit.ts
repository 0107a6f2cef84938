/** What an API server answered, as a log of events tells it: who asked, for what, and what became of it. */
import type { ApiRequest } from '../../capture/event.ts';
import type { AnswerReport } from './server.ts';

/** What a client chose is cut to a length; it is made harmless where it is shown. */
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
