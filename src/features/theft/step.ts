/**
 * The step `theft`: an eavesdropper who recorded an earlier step has stolen a private key, and tries it on the recording. No
 * byte crosses a wire. Schema and planning; `features/theft/run.ts` runs it.
 */
import type { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { fromHex } from '../../core/hex.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';
import type { Plan, PlannedStep } from '../../engine/plan.ts';
import type { ScenarioFile } from '../../engine/scenario.ts';

export function theftSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The thief.'),
    key: zod
      .string()
      .optional()
      .describe('The certificate whose private key was stolen. Either this or stolenFrom.'),
    stolenFrom: zod
      .string()
      .optional()
      .describe('A proxy or server: the private key of the certificate that it presents was stolen.'),
    ticketKeys: zod
      .boolean()
      .optional()
      .describe('With stolenFrom: its session ticket keys too, where its settings have them.'),
    recorded: zod.string().describe('An earlier step, whose first wire was recorded.'),
  });
}

export type TheftFacts = z.infer<ReturnType<typeof theftSchema>>;

export interface PlannedTheft {
  readonly client: string;
  /** The certificate whose private key was stolen; absent where the listener has none. */
  readonly key?: string;
  /** The listener that it was stolen from, where that is what the file names. */
  readonly stolenFrom?: string;
  /** The session ticket keys that were stolen, hex. */
  readonly ticketKeys?: string;
  readonly recorded: string;
}

export const theft = {
  reports: 'theft',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (
    id: string,
    { client, key, stolenFrom, ticketKeys, recorded }: TheftFacts,
    file: Pick<ScenarioFile, 'servers' | 'proxies'>,
  ): StepPart<PlannedTheft>[] => {
    const from =
      stolenFrom === undefined ? undefined : (file.proxies?.[stolenFrom] ?? file.servers[stolenFrom]);
    const act: PlannedTheft = defined({
      client,
      recorded,
      key: key ?? from?.certificate,
      stolenFrom,
      ticketKeys: ticketKeys === true ? from?.ticketKeys : undefined,
    });
    return [{ client, ids: [id], act }];
  },
} as const satisfies StepPlanning<TheftFacts, PlannedTheft>;

/** What was stolen, in words. */
export function lootOf({ key, stolenFrom, ticketKeys }: PlannedTheft): Localized {
  const of = stolenFrom ?? key ?? '';
  return ticketKeys === undefined
    ? { en: `the stolen key of ${of}`, ko: `훔친 ${of} 키` }
    : {
        en: `what was stolen from ${of} (private key and ticket keys)`,
        ko: `${of}에서 훔친 개인 키와 티켓 키`,
      };
}

export function stolenTicketKeys({ ticketKeys }: PlannedTheft): Uint8Array | undefined {
  return ticketKeys === undefined ? undefined : fromHex(ticketKeys);
}

/** The recorded steps of the plan: one for each TLS version. */
export function stepsRecorded({ recorded }: PlannedTheft, plan: Pick<Plan, 'steps'>): readonly PlannedStep[] {
  return plan.steps.filter(({ id, base }) => id === recorded || base === recorded);
}
