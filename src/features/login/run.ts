/**
 * Runs the `login` step: one login of one client, whose report goes to the log. Its counterpart is step.ts.
 */
import { logIn } from '../../peers/client/log-in.ts';
import { loginDial } from '../../peers/client/login-dial.ts';
import type { DialOptions } from '../../wire/endpoint.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { trusting } from '../../engine/credentials.ts';
import { perRun } from '../../engine/run-context.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';
import { loginOf } from './step.ts';
import type { PlannedLogin } from './step.ts';

/** TLS sessions of clients, by client, entry point and version. */
const sessionsOf = perRun(() => new Map<string, Buffer>());

/** Resolves when the login is over, however it ended. */
export async function runLogin(
  step: PlannedStep,
  options: RunOptions,
  context: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { plan, log, clock, world } = options;
  const sessions = sessionsOf(context);
  const login = loginOf(step);
  const { client, account, host, to, dial: plain } = loginDial(step, login, options, context.addresses);
  const key = [login.client, login.to, login.site, step.tls].join(' ');
  const offered = login.resume ? sessions.get(key) : undefined;
  const { certificate } = client;
  const reportChain = login.chain
    ? (await import('../../peers/client/chain-report.ts')).reporting({
        who: client.name,
        log,
        clock,
        host,
        ...trusting(client, world),
      })
    : undefined;
  const dial: DialOptions = {
    ...plain,
    ...(offered ? { session: offered } : {}),
    onSession: (session) => sessions.set(key, session),
    ...(reportChain ? { onPresented: reportChain } : {}),
  };
  const { user, password, rrn } = account;
  const meanwhile = await betweenRequests(login, certificate, options, context);
  await logIn({
    who: client.name,
    dial,
    host: `${host}:${to.port}`,
    user,
    password,
    rrn,
    log,
    ...(meanwhile ? { betweenRequests: meanwhile } : {}),
    signal,
    timeout: plan.stepTimeoutMs,
  });
}

/** What happens between the client's login and its next request. */
async function betweenRequests(
  { revokedMeanwhile, listedMeanwhile }: PlannedLogin,
  certificate: string | undefined,
  options: RunOptions,
  context: RunContext,
): Promise<(() => Promise<void>) | undefined> {
  if (listedMeanwhile) return (await import('./late-lists.ts')).withoutLists(options, context);
  if (!revokedMeanwhile || certificate === undefined) return undefined;
  return async () => (await import('./withdraw.ts')).revoke(certificate, options, context);
}
