/**
 * The step `toyLogin`: a login in the toy protocol, straight at its server, and then the eavesdropper's try at what was
 * captured of it. Here are its words and what planning makes of it; `features/toy/run.ts` does it.
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
        'shared-key: one AES key, sent ahead. rsa-unpadded, rsa-oaep: the password locked with the server’s public key, without padding and with it.',
      ),
    eavesdropper: zod
      .string()
      .describe('The client that tries to read what was captured, with nothing else in hand.'),
    guesses: zod
      .array(zod.string().min(1))
      .max(64)
      .optional()
      .describe('Passwords that the eavesdropper locks with the public key and compares.'),
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
