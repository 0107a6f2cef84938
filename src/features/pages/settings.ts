/** The settings of a `page-site` server in a scenario file. */
import type { Z } from '../../engine/extensions.ts';

export function pageSiteSchema(zod: Z) {
  return zod
    .strictObject({
      padTo: zod.int().min(1024).max(65_536).optional().describe('Every page is padded to this many bytes.'),
    })
    .describe('For page-site, which has one page for each article, each of a different size.');
}
