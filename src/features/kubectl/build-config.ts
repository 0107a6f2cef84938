/**
 * The step `kubeconfig`: a client's kubeconfig is built with kubectl's own commands, from its key, its certificate and the
 * cluster's CA, and used in its later requests over the same wire. Schema, planning and its claim; `run-config.ts` runs it.
 */
import type { z } from 'zod';
import { safeText } from '../../i18n/safe.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Z } from '../../engine/extensions.ts';
import type { StepPart, StepPlanning } from '../../engine/feature.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { View } from '../../engine/view.ts';

export interface KubeconfigReport {
  /** Arguments of kubectl, one command each. */
  readonly lines: readonly string[];
  readonly program: 'kubectl' | 'wirelab';
  /** As the kubeconfig is read again. */
  readonly context: string;
  readonly user: string;
  readonly server: string;
  /** Of the certificate inside; absent if there is none. */
  readonly subject?: string;
}

declare module '../../capture/event.ts' {
  interface Observations {
    kubeconfig: KubeconfigReport;
  }
}

export function kubeconfigSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The client whose kubeconfig is built: it has a key and a certificate.'),
    to: zod.string().describe('A server of the kind kube-apiserver.'),
    wire: zod.string().regex(/^[A-Za-z0-9]{1,8}$/),
  });
}

export function builtSchema(zod: Z) {
  return zod.strictObject({
    context: zod.string(),
    user: zod.string(),
    subject: zod.string().describe('Of the certificate inside, as openssl writes it: O=dev,CN=alice'),
  });
}

export type PlannedKubeconfig = z.infer<ReturnType<typeof kubeconfigSchema>>;
type Built = z.infer<ReturnType<typeof builtSchema>>;

export const kubeconfigStep = {
  reports: 'kubeconfig',
  entryPoints: ({ to, wire }: PlannedKubeconfig) => [{ to, wire }],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedKubeconfig): StepPart<PlannedKubeconfig>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedKubeconfig, PlannedKubeconfig>;

export const built = {
  claims: (facts: Built) => [{ facts }],
  judge({ context, user, subject }: Built, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('built is about a step');
    const [report] = view.reports('kubeconfig', step.client, step.id);
    if (!report)
      return {
        status: 'unobserved',
        evidence: [],
        says: { en: 'no kubeconfig was built', ko: '만든 kubeconfig가 없습니다' },
      };
    const { result } = report;
    const isTrue = result.context === context && result.user === user && result.subject === subject;
    return { status: isTrue ? 'met' : 'missed', evidence: [{ event: report.seq }], says: builtWords(result) };
  },
} as const;

export function builtWords({ context, user, server, subject }: KubeconfigReport): Localized {
  const [where, who, whose] = [safeText(context), safeText(user), safeText(subject ?? '-')];
  return {
    en: `context ${where}: user ${who} with the certificate ${whose}, server ${safeText(server)}`,
    ko: `컨텍스트 ${where}: 사용자 ${who}, 인증서 ${whose}, 서버 ${safeText(server)}`,
  };
}
