/**
 * Takes the revocation lists from the proxies of a run, and gives them back: a client that has connected in between did so
 * before its certificate was on a list. Its counterpart is `withdraw.ts`, which makes a new list.
 */
import { renewedCredentials } from '../../engine/credentials.ts';
import type { RunContext, RunOptions } from '../../engine/run-context.ts';

/** Resolves once no proxy checks a list. @returns what puts them all in force again. */
export async function withoutLists(options: RunOptions, context: RunContext): Promise<() => Promise<void>> {
  const renew = async (hasLists: boolean): Promise<void> => {
    for (const proxy of options.plan.proxies) {
      if (!proxy.revocations) continue;
      const renewed = renewedCredentials(proxy, options);
      const { clientRevocations: _lists, ...without } = renewed.listener;
      await context.proxies.get(proxy.name)?.renew(hasLists ? renewed : { ...renewed, listener: without });
    }
  };
  await renew(false);
  return async () => renew(true);
}
