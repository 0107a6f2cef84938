/** The toy protocol is made to be read: nobody reads its wire as a login, but what was typed is known, and what the server made of it. */
import type { Shown } from '../../engine/shown.ts';

const waiting = { state: 'waiting' } as const;

export const shown: Shown = {
  readable: ['toy'],
  endpoints({ step, typed, account, hasAdmitted }) {
    if (!step.toyLogin) return undefined;
    if (!account) return { sent: waiting, got: waiting };
    const bytes = account.sentBytes;
    const seen = { state: 'seen', title: 'login', form: typed, bytes } as const;
    return { sent: seen, got: hasAdmitted ? { ...seen, answer: 'WELCOME' } : { state: 'bytes', bytes } };
  },
  // With a public key the password is encrypted, and nothing else is sent.
  typed: ({ toyLogin }, entries) =>
    toyLogin &&
    entries(toyLogin.account).filter(({ name }) => toyLogin.lock === 'shared-key' || name !== 'rrn'),
};
