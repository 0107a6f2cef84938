/** What a scenario file says of the sites of a server of kind `login-sites`. */
import type { Z } from '../../engine/extensions.ts';

export function sitesSchema(zod: Z) {
  const tlsVersion = zod.enum(['1.0', '1.1', '1.2', '1.3']);
  const site = zod.strictObject({
    certificate: zod.string().optional().describe('A row of the recipe; that of the server when left out.'),
    chain: zod
      .array(zod.string())
      .optional()
      .describe(
        'The rows that are sent behind the certificate, in this order; its intermediate CAs when left out.',
      ),
    offers: zod
      .strictObject({
        oldest: tlsVersion.optional().describe('The oldest version of TLS that it speaks.'),
        newest: tlsVersion.optional().describe('The newest.'),
        ciphers: zod.string().optional().describe('An OpenSSL cipher list.'),
        securityLevel: zod
          .int()
          .min(0)
          .max(5)
          .optional()
          .describe('OpenSSL’s security level; 0 lets it use what is broken by now.'),
        dhGroup: zod
          .enum(['modp2', 'modp14'])
          .optional()
          .describe(
            'The Diffie-Hellman group of RFC 2409 (modp2, 1024 bits) or RFC 3526 (modp14, 2048 bits).',
          ),
      })
      .optional()
      .describe(
        'Then it has a port of its own. Left out: what every TLS server of ours offers, at the server’s port, by the name that is asked for.',
      ),
  });
  return zod
    .record(zod.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/), site)
    .describe('For login-sites: the sites by name; each is NAME.HOST.');
}
