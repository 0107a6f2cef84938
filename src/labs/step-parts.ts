/** What labs ask of steps and reports of features that may be left out: each is absent then. */
import type { EventOf } from '../capture/event.ts';
import type { PlannedStep } from '../engine/plan.ts';
import type { DialedLogin } from '../peers/client/login-dial.ts';

/** A step in which a client logs in, or asks a resolver first. */
export type VisitingStep = PlannedStep & {
  readonly login?: DialedLogin;
  readonly lookUp?: {
    readonly account: string;
    readonly meant: string;
    readonly askedOver: string;
    readonly scheme: 'http' | 'https';
  };
};

/** What a fake site was sent. */
export function takenIn(
  result: EventOf<'observed'>['result'],
): readonly { readonly user: string; readonly password: string }[] {
  const report: { readonly kind: string; readonly logins?: unknown } = result;
  return report.kind === 'taken'
    ? (report.logins as readonly { readonly user: string; readonly password: string }[])
    : [];
}
