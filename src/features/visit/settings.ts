/** What a scenario file says of a server of kind `redirect-site`, and of a browser. */
import type { Z } from '../../engine/extensions.ts';

export function redirectSiteSchema(zod: Z) {
  return zod
    .strictObject({
      hsts: zod
        .strictObject({ maxAge: zod.int().min(0), includeSubDomains: zod.boolean().optional() })
        .optional()
        .describe('What its TLS door says in Strict-Transport-Security; nothing when left out.'),
      secureCookie: zod
        .boolean()
        .optional()
        .describe('false: the session’s cookie goes over plain HTTP as well.'),
    })
    .describe('For redirect-site, whose plain door (port 80) sends everybody to the TLS door (port 443).');
}

export function preloadedSchema(zod: Z) {
  return zod
    .array(zod.string().regex(/^(?:[a-z0-9-]+\.)*localhost$/))
    .min(1)
    .describe('For a browser: the hosts of the HSTS preload list that it came with.');
}
