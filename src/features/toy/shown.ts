/**
 * Shows the toy protocol as readable plaintext: its wire is not parsed as a login, but what was typed and the server's
 * response are known.
 */
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
  // With a public key only the password is encrypted and sent.
  typed: ({ toyLogin }, entries) =>
    toyLogin &&
    entries(toyLogin.account).filter(({ name }) => toyLogin.lock === 'shared-key' || name !== 'rrn'),
};
