/** What a scenario file says of a server of kind `etcd`. */
import type { Z } from '../../engine/extensions.ts';

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
