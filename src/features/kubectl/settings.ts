/** The settings of manifest files for kubectl in a scenario file. */
import type { Z } from '../../engine/extensions.ts';

export function manifestsSchema(zod: Z) {
  return zod
    .record(
      zod.string().regex(/^[a-z0-9][a-z0-9-]{0,60}\.yaml$/),
      zod.union([
        zod.strictObject({
          object: zod.record(zod.string(), zod.unknown()),
          webhookAuthority: zod
            .string()
            .optional()
            .describe(
              'For a configuration of webhooks: the CA of the recipe that becomes the caBundle of each.',
            ),
        }),
        zod.strictObject({
          request: zod.strictObject({
            name: zod.string(),
            client: zod.string().describe('The client whose key (key: ROW) the request is for.'),
            subject: zod.string().min(1).describe('O=…,CN=…'),
            names: zod.array(zod.string()).optional().describe('DNS:…, IP:…'),
            signerName: zod.string(),
            usages: zod.array(zod.string()).min(1),
            expirationSeconds: zod.int().optional(),
          }),
        }),
      ]),
    )
    .describe('Files for kubectl (-f NAME): an object, or a CertificateSigningRequest for a client’s key.');
}
