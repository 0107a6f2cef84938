/**
 * The step `encrypt`: an API server is restarted with an EncryptionConfiguration (--encryption-provider-config), and its
 * providers get keys that are drawn for the run. Schema and planning; `run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../../engine/feature.ts';
import type { Problem, StepPlace } from '../../../engine/problems.ts';
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
