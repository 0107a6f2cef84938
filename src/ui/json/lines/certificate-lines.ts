/**
 * The shapes of the lines that `wirelab certs` writes.
 */
import { z } from 'zod';
import { refusalReasons } from '../../../capture/vocabulary.ts';
import { checkIds } from '../../../pki/x509/examination/check.ts';
import { certificate, count, extension, line, localized, number, peculiarities } from './parts.ts';

export const shownCertificate = z
  .strictObject({
    kind: z.literal('certificate'),
    ...certificate.shape,
    version: z.int().min(1).max(3),
    validity: z
      .enum(['valid', 'expired', 'not_yet_valid', 'never'])
      .describe('against the clock of this machine'),
    keyUsage: z.array(z.string()).optional(),
    pathLength: count.optional(),
    nameConstraints: z
      .strictObject({ permitted: z.array(z.string()), excluded: z.array(z.string()) })
      .optional()
      .describe('the names for which this CA may issue, as DNS:good.test'),
    netscapeCertType: z.array(z.string()).optional(),
    policies: z.array(z.string()).optional(),
    signatureAlgorithm: z.string(),
    spkiSha256: z
      .string()
      .describe('of the public key: the same for a key, a request and a certificate that belong together'),
    extensions: z.array(extension),
    peculiarities,
  })
  .meta({ id: 'shownCertificate', description: 'A certificate of a file or a server.' });

export const shownRequest = z
  .strictObject({
    kind: z.literal('request'),
    subject: z.string(),
    san: z.array(z.string()),
    publicKey: z.string(),
    signatureAlgorithm: z.string(),
    proven: z.boolean().describe('it is signed with the private key of the requested public key'),
    isCa: z.boolean().optional(),
    keyUsage: z.array(z.string()).optional(),
    extendedKeyUsage: z.array(z.string()).optional(),
    spkiSha256: z.string(),
    extensions: z.array(extension),
    peculiarities,
  })
  .meta({ id: 'shownRequest', description: 'A certificate signing request.' });

export const shownRevocationList = z
  .strictObject({
    kind: z.literal('revocation-list'),
    issuer: z.string(),
    thisUpdate: z.string(),
    nextUpdate: z.string().optional(),
    number: z.string().optional().describe('decimal; up to 20 bytes long'),
    authorityKeyId: z.string().optional(),
    signatureAlgorithm: z.string(),
    sha256: z.string(),
    revoked: z.array(z.strictObject({ serial: z.string(), at: z.string(), reason: z.string() })),
    peculiarities,
  })
  .meta({ id: 'shownRevocationList', description: 'A certificate revocation list.' });

export const shownKey = z
  .strictObject({
    kind: z.enum(['private-key', 'public-key']),
    publicKey: z.string(),
    spkiSha256: z.string(),
    belongsTo: number.optional().describe('the number of the certificate beside it that it is the key of'),
    openToOthers: z.literal(true).optional().describe('others may read its file'),
    mode: z.string().optional(),
    peculiarities,
  })
  .meta({ id: 'shownKey', description: 'A key; of a private one nothing but its public half.' });

export const issued = z
  .strictObject({
    item: number.describe('the number of the item'),
    top: z.enum(['self_issued', 'issuer_absent']).optional(),
    keyIds: z.enum(['match', 'absent']).optional(),
    signature: z.enum(['holds', 'broken']).optional(),
    get issued() {
      return z.array(issued);
    },
  })
  .meta({
    id: 'issued',
    description: 'A certificate and what it issued, by name, key identifier and signature.',
  });

export const certificates = z
  .strictObject({
    ...line('certificates'),
    source: z.string().describe('the file, or HOST:PORT'),
    live: z
      .strictObject({
        address: z.string(),
        version: z.string(),
        cipher: z.string(),
        alpn: z.string().optional(),
        clientCertificate: z
          .strictObject({
            requested: z.boolean(),
            authorities: z.array(z.string()).optional().describe('acceptable CAs; empty: any'),
          })
          .describe('whether the server asks for a client certificate'),
      })
      .optional(),
    verified: z.literal(false).optional().describe('of a server: its certificate was not verified'),
    items: z.array(z.union([shownCertificate, shownRequest, shownRevocationList, shownKey])).min(1),
    chain: z.array(issued),
  })
  .meta({ id: 'certificates', description: 'What certs show says of a file or a server.' });

export const trustedRoots = z
  .strictObject({
    ...line('trusted-roots'),
    node: z.string(),
    count,
    expired: count,
    expireWithinAYear: count,
    groups: z.array(
      z.strictObject({
        organization: z.string(),
        roots: z.array(
          z.strictObject({
            subject: z.string(),
            notAfter: z.string(),
            publicKey: z.string(),
            sha256: z.string(),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'trusted-roots', description: 'What certs show --trusted says.' });

export const verification = z
  .strictObject({
    ...line('verification'),
    source: z.string(),
    verified: z.boolean(),
    reason: z
      .enum([...refusalReasons, 'not_conforming'])
      .optional()
      .describe(
        'of several failures, the one that OpenSSL meets first; not_conforming: a rule of RFC 5280 that only --strict enforces',
      ),
    at: z.string(),
    purpose: z.enum(['server', 'client']).optional(),
    name: z.string().optional(),
    complete: z.boolean().describe('the path leads to a trusted certificate'),
    openssl: z
      .string()
      .optional()
      .describe('the same question as a command for openssl; absent where the roots are those of Node'),
    path: z.array(certificate).describe('leaf first'),
    checks: z.array(
      z.strictObject({
        id: z.enum(checkIds),
        title: localized,
        status: z
          .enum(['passed', 'failed', 'warned', 'not_asked'])
          .describe('warned: OpenSSL admits it and stricter verifiers do not'),
        found: localized,
        expected: localized.optional(),
        remedy: localized.optional(),
        reason: z.enum([...refusalReasons, 'not_conforming']).optional(),
        depth: count.optional().describe('which certificate of the path: 0 is the leaf'),
      }),
    ),
  })
  .meta({
    id: 'verification',
    description: 'What certs verify says: the exit code is 0 when verified, and else 1.',
  });
