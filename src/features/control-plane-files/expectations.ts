/**
 * Judges certificates of a control plane: `holds` (of a file: its subject, signer and permitted use), `lasts` (of one signed
 * by hand or stored: its validity period). Read from the certificates themselves, never inferred from file names.
 */
import type { z } from 'zod';
import { safeText } from '../../i18n/safe.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { View } from '../../engine/view.ts';
import { certificateFileWords } from '../../analysis/certificate-sentence.ts';

export function holdsSchema(zod: Z) {
  return zod.strictObject({
    file: zod.string().describe('pki/apiserver.crt, admin.conf'),
    commonName: zod.string().describe('CN: for a client, the user name.'),
    organizations: zod.array(zod.string()).optional().describe('O: for a client, the groups. Default: none.'),
    signer: zod.string().describe('The file of the CA; the same file if self-signed.'),
    uses: zod.array(zod.enum(['ca', 'server', 'client'])).min(1),
    days: zod.int().optional().describe('The validity period in days.'),
    ended: zod.boolean().optional().describe('Whether it has expired. Default: either.'),
    names: zod
      .array(zod.string())
      .optional()
      .describe('DNS names and addresses that its names must include.'),
  });
}

export function lastsSchema(zod: Z) {
  return zod.strictObject({
    minutes: zod
      .number()
      .min(1)
      .describe(
        'From the time of signing, plus or minus a tenth: signers backdate a certificate by five minutes.',
      ),
  });
}

type Holds = z.infer<ReturnType<typeof holdsSchema>>;

export const holds = {
  claims: (facts: Holds) => [{ suffix: facts.file.replaceAll('/', '.'), facts }],
  judge(
    { file, commonName, organizations = [], signer, uses, days, ended, names = [] }: Holds,
    view: View,
    step: PlannedStep | undefined,
  ): Judgement {
    if (!step) throw new Error('holds is about a step');
    const [report] = view.reports('papers', step.client, step.id);
    const found = report?.result.papers.find((one) => one.file === file);
    if (!report || !found)
      return {
        status: 'unobserved',
        evidence: [],
        says: { en: `${file} was not read`, ko: `${file}: 읽지 않았습니다` },
      };
    const isTrue =
      found.commonName === commonName &&
      same(found.organizations, organizations) &&
      found.signer === signer &&
      same(found.uses, uses) &&
      (days === undefined || found.days === days) &&
      (ended === undefined || ended === found.ended) &&
      names.every((name) => found.names.includes(name));
    return {
      status: isTrue ? 'met' : 'missed',
      evidence: [{ event: report.seq }],
      says: certificateFileWords(found),
    };
  },
} as const;

const same = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((one) => right.includes(one));

/** How long before signing a certificate's validity begins, in milliseconds: kube-controller-manager and by hand. */
const backdate = 300_000;

interface Lasts {
  readonly minutes: number;
}

export const lasts = {
  claims: (facts: Lasts) => [{ facts }],
  judge({ minutes }: Lasts, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('lasts is about a step');
    const [report] = view.reports('certificate', step.client, step.id);
    if (!report)
      return {
        status: 'unobserved',
        evidence: [],
        says: { en: 'no certificate was issued', ko: '발급된 인증서가 없습니다' },
      };
    // By its own dates: it may be reported long after it was signed, if the presenter pauses.
    const { subject, notBefore, notAfter } = report.result;
    const whole = (Date.parse(notAfter) - Date.parse(notBefore) - backdate) / 60_000;
    return {
      status: Math.abs(whole - minutes) <= minutes / 10 ? 'met' : 'missed',
      evidence: [{ event: report.seq }],
      says: {
        en: `the certificate of ${safeText(subject)} ends at ${notAfter}, and nothing revokes it earlier`,
        ko: `${safeText(subject)} 인증서는 ${notAfter}에 끝나고, 그 전에는 무효로 만들 수 없습니다`,
      },
    };
  },
} as const;
