/** The actions of `wirelab certs`, one row each, in the order in which help lists them. */
import type { CommandOfActions } from '../command.ts';

export const certificateActions: CommandOfActions['actions'] = {
  make: async () => (await import('./make.ts')).make,
  ca: async () => (await import('./ca.ts')).ca,
  issue: async () => (await import('./issue.ts')).issue,
  show: async () => (await import('./show.ts')).show,
  csr: async () => (await import('./csr.ts')).csr,
  sign: async () => (await import('./sign.ts')).sign,
  p12: async () => (await import('./p12.ts')).p12,
  revoke: async () => (await import('./revoke.ts')).revoke,
  verify: async () => (await import('./verify.ts')).verify,
};
