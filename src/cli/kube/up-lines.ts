/** Prints the requests of a control plane as lines. */
import type { Language } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { AnswerReport } from '../../kube/apiserver/server.ts';
import type { TappedCall, UnansweredCall } from '../../kube/tapped-calls.ts';

/** `kubernetes-admin GET /api/v1/pods 200`. Text chosen by a client is made safe to print and shortened. */
export function lineOf(
  { user, impersonator, rejected, fault, method, target, code, message }: AnswerReport,
  language: Language,
): string {
  const who = [impersonator, user].flatMap((one) => (one ? [one.name.slice(0, 64)] : [])).join(' as ') || '-';
  const why =
    rejected?.words[language] ?? (fault instanceof Error ? (fault.stack ?? fault.message) : message);
  return safeText(
    [
      who,
      method.slice(0, 16),
      target.slice(0, 200),
      code,
      ...(why === undefined ? [] : [why.slice(0, 300)]),
    ].join(' '),
  );
}

/** The same of a call that was read on its way. */
export function callLine(
  { user, impersonator, unauthorized, method, target, status, message }: TappedCall,
  language: Language,
): string {
  const who = callerText(user, impersonator);
  const why = message ?? (status === 401 ? undefined : unauthorized?.words[language]);
  return safeText(
    [who, method, target.slice(0, 200), status, ...(why === undefined ? [] : [why.slice(0, 300)])].join(' '),
  );
}

/** One whose connection closed before any answer. */
export function unansweredLine(
  { user, impersonator, method, target }: UnansweredCall,
  language: Language,
): string {
  const why = { en: 'closed without an answer', ko: '응답 없이 연결이 닫힘' }[language];
  return safeText([callerText(user, impersonator), method, target.slice(0, 200), '-', why].join(' '));
}

const callerText = (user: string | undefined, impersonator: string | undefined): string =>
  [impersonator, user].flatMap((name) => name?.slice(0, 64) ?? []).join(' as ') || '-';

/** Requests that components repeat all the time, successfully; "not found" and "already exists" are normal for them. */
export function isRoutine({ user, code }: AnswerReport): boolean {
  return (code < 400 || code === 404 || code === 409) && user !== undefined && ownNames.test(user.name);
}

/** A component must succeed for this many milliseconds before the same error is reported again. */
export const quiet = 60_000;

/** While the store fails, every component repeats all its requests. */
export function isComplaint({ user, code }: AnswerReport): boolean {
  return code >= 500 && user !== undefined && ownNames.test(user.name);
}

export const complaintOf = ({ user, code, message = '' }: AnswerReport): string =>
  `${user?.name ?? ''} ${code} ${message}`;

const ownNames =
  /^system:(?:kube-controller-manager|kube-scheduler|node:.+|serviceaccount:kube-system:kube-proxy)$/;
