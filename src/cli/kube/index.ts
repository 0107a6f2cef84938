/** The actions of `wirelab kube`, one row each, in the order in which help lists them. */
import type { CommandOfActions } from '../command.ts';

export const kubeActions: CommandOfActions['actions'] = {
  pki: async () => (await import('./pki.ts')).pki,
  user: async () => (await import('./user/user.ts')).user,
  up: async () => (await import('./up.ts')).up,
  tap: async () => (await import('./tap/tap.ts')).tap,
};
