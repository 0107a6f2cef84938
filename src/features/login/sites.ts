/** The settings of the sites of a `login-sites` server in a scenario file. */
import type { Z } from '../../engine/extensions.ts';

export function sitesSchema(zod: Z) {
  const tlsVersion = zod.enum(['1.0', '1.1', '1.2', '1.3']);
  const site = zod.strictObject({
    certificate: zod.string().optional().describe('A recipe row. Default: the server’s.'),
    chain: zod
      .array(zod.string())
      .optional()
      .describe('The rows sent after the certificate, in this order. Default: its intermediate CAs.'),
    offers: zod
      .strictObject({
        oldest: tlsVersion.optional().describe('The oldest TLS version that it supports.'),
        newest: tlsVersion.optional().describe('The newest TLS version that it supports.'),
        ciphers: zod.string().optional().describe('An OpenSSL cipher list.'),
        securityLevel: zod
          .int()
          .min(0)
          .max(5)
          .optional()
          .describe('OpenSSL’s security level; 0 allows broken algorithms.'),
        dhGroup: zod
          .enum(['modp2', 'modp14'])
          .optional()
          .describe(
            'The Diffie-Hellman group of RFC 2409 (modp2, 1024 bits) or RFC 3526 (modp14, 2048 bits).',
          ),
      })
      .optional()
      .describe(
        'Its own TLS settings, on its own port. Default: the settings of wirelab’s TLS servers, on the server’s port, selected by the requested name.',
      ),
  });
  return zod
    .record(zod.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/), site)
    .describe('For login-sites: the sites by name; each is NAME.HOST.');
}
