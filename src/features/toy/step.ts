/**
 * The step `toyLogin`: a login in the toy protocol, directly at its server, and then the eavesdropper's attempts on what was
 * captured. Schema and planning; `features/toy/run.ts` runs it.
 */
import type { z } from 'zod';
import type { ToyLock } from './client.ts';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';
import type { ScenarioFile } from '../../engine/scenario.ts';

const locks = ['shared-key', 'rsa-unpadded', 'rsa-oaep'] as const satisfies readonly ToyLock[];

export function toyLoginSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string(),
    to: zod.string().describe('A server of kind toy-login-server.'),
    wire: zod
      .string()
      .regex(/^[A-Za-z0-9]{1,8}$/)
      .describe('The name of the wire, which is tapped at the client’s end.'),
    lock: zod
      .enum(locks)
      .describe(
        'shared-key: one AES key, sent first. rsa-unpadded, rsa-oaep: the password encrypted with the server’s public key, without or with padding.',
      ),
    eavesdropper: zod.string().describe('The client that tries to read the capture, with nothing else.'),
    guesses: zod
      .array(zod.string().min(1))
      .max(64)
      .optional()
      .describe('Passwords that the eavesdropper encrypts with the public key and compares.'),
  });
}

export type ToyLoginFacts = z.infer<ReturnType<typeof toyLoginSchema>>;

export interface PlannedToyLogin extends ToyLoginFacts {
  /** The account whose login is sent. */
  readonly account: string;
}

export const toyLogin = {
  reports: 'login',
  entryPoints: ({ to, wire }: ToyLoginFacts) => [{ to, wire }],
  hasGroups: () => false,
  parts(
    id: string,
    facts: ToyLoginFacts,
    file: Pick<ScenarioFile, 'clients' | 'accounts'>,
  ): StepPart<PlannedToyLogin>[] {
    const account = file.clients[facts.client]?.account ?? Object.keys(file.accounts)[0] ?? '';
    return [{ client: facts.client, ids: [id], act: { ...facts, account } }];
  },
} as const satisfies StepPlanning<ToyLoginFacts, PlannedToyLogin>;
