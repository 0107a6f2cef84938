/** The settings of an `etcd` in a scenario file, and the server's extra operations. */
import type { FactsOf, Z } from '../../engine/extensions.ts';

declare module '../../engine/extensions.ts' {
  interface ServerKinds {
    etcd: true;
  }
  interface ServerSettings {
    etcd: FactsOf<typeof etcdSchema>;
  }
}

declare module '../../engine/extensions.ts' {
  interface PlanAdditions {
    /** The etcds whose files a step reads: they keep their data there. */
    readonly searched?: readonly string[];
  }
}

declare module '../../engine/run-context.ts' {
  interface RunningServer {
    /** Resolves when it has reported a rejected client in this step. */
    rejection?(): Promise<void>;
    /** etcdctl can connect to it. */
    readonly speaksGrpc?: boolean;
    /** The folder of its data; absent for an etcd that keeps it in memory. */
    readonly dataFolder?: string;
  }
}

export function etcdSchema(zod: Z) {
  return zod
    .strictObject({
      real: zod
        .boolean()
        .optional()
        .describe('true: the real etcd if it is installed, otherwise wirelab’s own.'),
    })
    .describe('For etcd.');
}
