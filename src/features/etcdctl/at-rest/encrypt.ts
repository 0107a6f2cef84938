/**
 * The step `encrypt`: an API server is restarted with an EncryptionConfiguration (--encryption-provider-config), and its
 * providers get keys that are drawn for the run. Schema and planning, and the expectation `encrypts`; `run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../../engine/feature.ts';
import type { Judgement } from '../../../engine/kinds.ts';
import type { PlannedStep } from '../../../engine/plan.ts';
import type { Problem, StepPlace } from '../../../engine/problems.ts';
import type { View } from '../../../engine/view.ts';
import { safeText } from '../../../i18n/safe.ts';
import type { ProviderName } from '../../../kube/encryption/providers.ts';

const providers = ['aescbc', 'aesgcm', 'secretbox', 'identity'] as const satisfies readonly (
  | ProviderName
  | 'identity'
)[];

export function encryptSchema(zod: Z) {
  const keyName = zod.string().regex(/^[a-z0-9][a-z0-9-]{0,20}$/);
  return zod.strictObject({
    client: zod.string().describe('The client that does it.'),
    server: zod.string().describe('A server of the kind kube-apiserver with an etcd.'),
    resources: zod
      .array(zod.string().min(1))
      .min(1)
      .optional()
      .describe('What is encrypted, as in an EncryptionConfiguration. Default: secrets.'),
    providers: zod
      .array(
        zod.strictObject({
          provider: zod.enum(providers),
          keys: zod.array(keyName).min(1).optional().describe('Their names, the one that writes first.'),
        }),
      )
      .min(1)
      .describe('The first writes; all read.'),
  });
}

export type PlannedEncrypt = z.infer<ReturnType<typeof encryptSchema>>;

export const encrypt = {
  reports: 'encryption',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedEncrypt): StepPart<PlannedEncrypt>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedEncrypt, PlannedEncrypt>;

export function encryptsSchema(zod: Z) {
  return zod.strictObject({
    writes: zod.string().describe('The provider that writes, with its key: aescbc (key1).'),
    reads: zod.array(zod.string()).min(1).describe('All that read, in their order.'),
  });
}

type Encrypts = z.infer<ReturnType<typeof encryptsSchema>>;

/** With which providers an API server has started. */
export const encrypts = {
  claims: (facts: Encrypts) => [{ facts }],
  judge({ writes, reads }: Encrypts, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('encrypts is about a step');
    const [report] = view.reports('encryption', step.client, step.id);
    if (!report)
      return {
        status: 'unobserved',
        evidence: [],
        says: { en: 'it was not restarted', ko: '다시 시작되지 않았습니다' },
      };
    const { providers } = report.result;
    const [first = ''] = providers;
    const isTrue = first === writes && providers.join() === reads.join();
    const list = safeText(providers.join(', '));
    return {
      status: isTrue ? 'met' : 'missed',
      evidence: [{ event: report.seq }],
      says: {
        en: `${report.result.server} writes with ${safeText(first)}, and reads with ${list}`,
        ko: `${report.result.server}: 저장할 때 ${safeText(first)}, 읽을 때 ${list}`,
      },
    };
  },
} as const;

export function encryptProblems(
  { server, providers: given }: PlannedEncrypt,
  { file, path }: StepPlace,
): Problem[] {
  const settings = file.servers[server]?.controlPlane;
  return [
    ...(settings?.etcd && settings.sharesWith === undefined
      ? []
      : [
          {
            path: [...path, 'server'],
            what: {
              en: `${server} stores nothing in an etcd of its own`,
              ko: `${server}: 직접 쓰는 etcd가 없습니다`,
            },
            received: server,
          },
        ]),
    ...given.flatMap(({ provider, keys }, index) =>
      (provider === 'identity') === (keys === undefined)
        ? []
        : [
            {
              path: [...path, 'providers', index],
              what:
                provider === 'identity'
                  ? { en: 'identity has no keys', ko: 'identity에는 키가 없습니다' }
                  : { en: `${provider} needs keys`, ko: `${provider}: 키가 있어야 합니다` },
            },
          ],
    ),
  ];
}
