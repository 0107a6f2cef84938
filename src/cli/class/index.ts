/** The actions of `wirelab class`, one row each, in the order in which help lists them. */
import type { CommandOfActions } from '../command.ts';

export const classActions: CommandOfActions['actions'] = {
  manifests: async () => (await import('./manifests.ts')).manifests,
  certificates: async () => (await import('./certificates.ts')).certificates,
};
