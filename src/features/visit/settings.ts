/** The settings of a `redirect-site` server, and of a browser, in a scenario file. */
import type { Z } from '../../engine/extensions.ts';

export function redirectSiteSchema(zod: Z) {
  return zod
    .strictObject({
      hsts: zod
        .strictObject({ maxAge: zod.int().min(0), includeSubDomains: zod.boolean().optional() })
        .optional()
        .describe('The Strict-Transport-Security value sent over TLS. Default: none.'),
      secureCookie: zod
        .boolean()
        .optional()
        .describe('false: the session’s cookie is sent over plain HTTP as well.'),
    })
    .describe('For redirect-site, which redirects plain HTTP (port 80) to TLS (port 443).');
}

export function preloadedSchema(zod: Z) {
  return zod
    .array(zod.string().regex(/^(?:[a-z0-9-]+\.)*localhost$/))
    .min(1)
    .describe('For a browser: the hosts of its HSTS preload list.');
}
