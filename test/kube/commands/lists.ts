/** All of them, in the lists in which each sees what those before it did. */
import { certificates } from './certificates.ts';
import type { Command } from './command.ts';
import { identities } from './identities.ts';
import { kubeconfig } from './kubeconfig.ts';
import { nodes } from './nodes.ts';
import { objects } from './objects.ts';
import { rbac } from './rbac.ts';
import { secrets } from './secrets.ts';

export const lists: Readonly<Record<string, readonly Command[]>> = {
  objects,
  kubeconfig,
  certificates,
  rbac,
  secrets,
  identities,
  nodes,
};
