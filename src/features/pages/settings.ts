/** What a scenario file says of a server of kind `page-site`. */
import type { Z } from '../../engine/extensions.ts';

export function pageSiteSchema(zod: Z) {
  return zod
    .strictObject({
      padTo: zod.int().min(1024).max(65_536).optional().describe('Every page is filled up to so many bytes.'),
    })
    .describe('For page-site, which has one page for each article, each of its own size.');
}
