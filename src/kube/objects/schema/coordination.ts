/** Messages of coordination.k8s.io/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const coordination = `
LeaseSpec
  1 holderIdentity string
  2 leaseDurationSeconds int32
  3 acquireTime microTime
  4 renewTime microTime
  5 leaseTransitions int32
  6 strategy v1.CoordinatedLeaseStrategy
  7 preferredHolder string

Lease
  1 metadata ObjectMeta
  2 spec LeaseSpec
`;
