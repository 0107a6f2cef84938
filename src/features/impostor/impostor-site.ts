/**
 * The impostor: a clone of the login site under its owner's key. It accepts every login, so that no user becomes
 * suspicious, and stores what was typed. Its counterpart is a client that was directed to it.
 */
import type { Observation } from '../../capture/event.ts';
import type { RandomBytes } from '../../core/clock.ts';
import type { AcceptOptions } from '../../wire/endpoint.ts';
import { startSite } from '../../peers/site/server.ts';
import type { RunningSite } from '../../peers/site/server.ts';

export type Taken = Extract<Observation, { kind: 'taken' }>;

export interface ImpostorOptions {
  readonly accept: AcceptOptions;
  /** For session ids. */
  readonly random: RandomBytes;
}

export interface Impostor extends Pick<RunningSite, 'address' | 'openListener' | 'close'> {
  /** The logins collected since the last report. */
  readonly report: () => Taken;
}

/** Maximum kept for one report. */
const mostKept = 100;

export async function startImpostor({ accept, random }: ImpostorOptions): Promise<Impostor> {
  let logins: Taken['logins'][number][] = [];
  const { address, count, openListener, close } = await startSite({
    accept,
    random,
    verify(user, password, rrn) {
      if (logins.length < mostKept) logins.push({ user, password, rrn });
      return true;
    },
  });
  return {
    address,
    openListener,
    close,
    report() {
      const taken: Taken = { kind: 'taken', ...count(), logins };
      logins = [];
      return taken;
    },
  };
}
