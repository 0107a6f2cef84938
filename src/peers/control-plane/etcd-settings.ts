/** What a scenario file says of a server of kind `etcd`, and what such a server can do. */
import type { FactsOf, Z } from '../../engine/extensions.ts';

declare module '../../engine/extensions.ts' {
  interface ServerKinds {
    etcd: true;
  }
  interface ServerSettings {
    etcd: FactsOf<typeof etcdSchema>;
  }
}

declare module '../../engine/run-context.ts' {
  interface RunningServer {
    /** Resolves when it has told of somebody whom it turned away, in this step. */
    rejection?(): Promise<void>;
    /** etcdctl can talk to it. */
    readonly speaksGrpc?: boolean;
  }
}

export function etcdSchema(zod: Z) {
  return zod
    .strictObject({
      real: zod
        .boolean()
        .optional()
        .describe('The real etcd, where it is installed; wirelab’s own otherwise.'),
    })
    .describe('For etcd.');
}
