/** The actions of `wirelab class`, one row each, in the order in which help lists them. */
import type { CommandOfActions } from '../command.ts';

export const classActions: CommandOfActions['actions'] = {
  manifests: async () => (await import('./manifests.ts')).manifests,
  gather: async () => (await import('./gather.ts')).gather,
  invite: async () => (await import('./invite.ts')).invite,
  withdraw: async () => (await import('./withdraw.ts')).withdraw,
  serve: async () => (await import('./serve.ts')).serve,
  certificates: async () => (await import('./certificates.ts')).certificates,
};
