/**
 * The step `enrol`: a client requests a certificate from a certificate authority, proves its names where it can, and
 * installs the result.
 * Schema and planning; `features/enrol/run.ts` runs it and is loaded only by a run.
 */
import type { z } from 'zod';
import type { ExtendedKeyUsage, KeyUsage } from '../../pki/ca/plan.ts';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

const keyUsages = [
  'digitalSignature',
  'keyEncipherment',
  'keyCertSign',
  'cRLSign',
] as const satisfies readonly KeyUsage[];
const extendedKeyUsages = [
  'serverAuth',
  'clientAuth',
  'codeSigning',
] as const satisfies readonly ExtendedKeyUsage[];

export function enrolSchema(zod: Z) {
  const wire = zod.string().regex(/^[A-Za-z0-9]{1,8}$/);
  return zod.strictObject({
    client: zod.string(),
    to: zod.string().describe('A server of the kind certificate-authority.'),
    wire: wire.describe('The name of the wire to it, which is tapped at the client’s end.'),
    validation: zod
      .array(zod.strictObject({ to: zod.string(), wire }))
      .describe(
        'The sites where the CA looks for challenge responses, and the wires to them. Other names do not resolve.',
      ),
    brought: zod
      .boolean()
      .optional()
      .describe('true: the request is supplied with --csr; without the option, the step is skipped.'),
    key: zod
      .string()
      .optional()
      .describe(
        'The recipe row whose private key signs the request. Required unless the request is supplied.',
      ),
    publicKeyOf: zod
      .string()
      .optional()
      .describe('The row whose public key is requested, if it is another: such a request proves nothing.'),
    asks: zod
      .strictObject({
        names: zod.array(zod.string().min(1)).describe('DNS:…, IP:…'),
        subject: zod.string().min(1).optional().describe('CN=…,O=…. Default: the first name.'),
        ca: zod.boolean().optional().describe('CA:TRUE'),
        keyUsage: zod.array(zod.enum(keyUsages)).min(1).optional(),
        extendedKeyUsage: zod.array(zod.enum(extendedKeyUsages)).min(1).optional(),
      })
      .optional()
      .describe('The content of the request. Required unless the request is supplied.'),
    publishesAt: zod
      .array(zod.string())
      .describe('The sites where this client can put files, whatever their names are.'),
    install: zod.string().optional().describe('The server that presents the certificate afterwards.'),
  });
}

type EnrolFacts = z.infer<ReturnType<typeof enrolSchema>>;

export type PlannedEnrolment = EnrolFacts;

export const enrol = {
  reports: 'enrolment',
  entryPoints: ({ to, wire, validation }: EnrolFacts) => [
    { to, wire },
    ...validation.map((site) => ({ ...site, from: to })),
  ],
  hasGroups: () => false,
  parts: (id: string, facts: EnrolFacts): StepPart<PlannedEnrolment>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<EnrolFacts, PlannedEnrolment>;
