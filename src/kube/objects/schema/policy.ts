/** Messages of policy/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const policy = `
Eviction
  1 metadata ObjectMeta
  2 deleteOptions DeleteOptions
`;
