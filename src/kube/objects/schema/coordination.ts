/** Messages of coordination.k8s.io/v1 (k8s.io/api, 1.32). */
import { message, text } from './message.ts';
import { kind } from './meta.ts';

const leaseSpec = message('LeaseSpec', {
  holderIdentity: [1, 'string'],
  leaseDurationSeconds: [2, 'int32'],
  acquireTime: [3, 'time'],
  renewTime: [4, 'time'],
  leaseTransitions: [5, 'int32'],
  strategy: [6, text('v1.CoordinatedLeaseStrategy')],
  preferredHolder: [7, 'string'],
});

export const lease = kind('Lease', { spec: [2, leaseSpec] });
