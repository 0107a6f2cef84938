/**
 * The shapes of the lines that `wirelab kube pki` writes.
 */
import { z } from 'zod';
import { problems } from '../../../pki/kubeadm/check/finding.ts';
import { line, localized, namesIn } from './parts.ts';

export const kubePki = z
  .strictObject({
    ...line('kube-pki'),
    folder: z.string(),
    made: z.array(z.string()).describe("What was missing, by kubeadm's names."),
    kept: z.array(z.string()).describe('What was there and fits.'),
    files: z.array(z.strictObject({ path: z.string(), mode: z.string().regex(/^0[0-7]{3}$/) })),
    links: z.array(z.strictObject({ path: z.string(), target: z.string() })).describe('Symbolic links.'),
  })
  .meta({
    id: 'kube-pki',
    description: 'The certificates of a Kubernetes control plane, as `wirelab kube pki` made them.',
  });

const expiration = z.strictObject({
  name: z.string(),
  file: z.string(),
  expires: z.string().optional().describe('ISO 8601; absent for what is missing or cannot be read.'),
  residualSeconds: z.int().optional(),
  authority: z
    .enum(['ca', 'front-proxy-ca', 'etcd-ca'])
    .optional()
    .describe('The CA that signs it; absent for a CA.'),
  externallyManaged: z.boolean().describe("The CA's key is not here."),
});

export const kubePkiCheck = z
  .strictObject({
    ...line('kube-pki-check'),
    folder: z.string(),
    sound: z.boolean().describe('Nothing is wrong; there may be warnings.'),
    at: z.string(),
    certificates: z.array(expiration),
    authorities: z.array(expiration),
    findings: z.array(
      z.strictObject({
        file: z.string(),
        problem: z.enum(namesIn(problems)),
        severity: z.enum(['wrong', 'warning']),
        what: localized,
        expected: localized.optional(),
        received: z.string().optional(),
        remedy: localized,
      }),
    ),
  })
  .meta({
    id: 'kube-pki-check',
    description:
      'When the certificates of a control plane expire, and what is wrong with them, as `wirelab kube pki check` prints it.',
  });

export const kubePkiRenewal = z
  .strictObject({
    ...line('kube-pki-renewal'),
    folder: z.string(),
    renewed: z.array(
      z.strictObject({
        name: z.string(),
        from: z.string().describe('When the old one expires.'),
        to: z.string().describe('When the new one does.'),
        endsWithAuthority: z
          .literal(true)
          .optional()
          .describe('It expires in less than a year, together with its CA.'),
      }),
    ),
    left: z.array(z.strictObject({ name: z.string(), why: localized })),
  })
  .meta({ id: 'kube-pki-renewal', description: 'What `wirelab kube pki renew` renewed, and what it left.' });

export const kubeUser = z
  .strictObject({
    ...line('kube-user'),
    user: z.string(),
    groups: z.array(z.string()),
    server: z.string().describe('The URL in the kubeconfig.'),
    signedBy: z
      .enum(['api', 'key'])
      .describe("api: the running cluster, through its Certificates API; key: the CA's key in the folder."),
    request: z.string().optional().describe('The name of the CertificateSigningRequest.'),
    expires: z.string().describe('ISO 8601.'),
    files: z.array(z.strictObject({ path: z.string(), mode: z.string().regex(/^0[0-7]{3}$/) })),
  })
  .meta({
    id: 'kube-user',
    description: 'A user of a cluster, as `wirelab kube user` made it.',
  });
