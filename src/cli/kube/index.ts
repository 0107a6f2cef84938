/** Every action of `wirelab kube`, a row each, in the order in which a person comes to them. */
import type { CommandOfActions } from '../command.ts';

export const kubeActions: CommandOfActions['actions'] = {
  pki: async () => (await import('./pki.ts')).pki,
  up: async () => (await import('./up.ts')).up,
};
