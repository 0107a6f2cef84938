/** Shows a script's protocol as readable text, and what its client typed. */
import type { Shown } from '../../engine/shown.ts';

const waiting = { state: 'waiting' } as const;

export const shown: Shown = {
  endpoints({ step, typed, account, hasAdmitted }) {
    if (!step.script) return undefined;
    if (!account) return { sent: waiting, got: waiting };
    const bytes = account.sentBytes;
    const seen = { state: 'seen', title: 'login', form: typed, bytes } as const;
    return { sent: seen, got: hasAdmitted ? { ...seen, answer: 'OK' } : { state: 'bytes', bytes } };
  },
  typed: ({ script }, entries) =>
    script && entries(script.account).filter(({ name }) => name === 'username' || name === 'password'),
  byHand: ({ script, client }, ways) => {
    const way = script && ways.find((one) => one.client === client && one.to === script.to);
    return way?.curl ?? way?.openssl;
  },
};
