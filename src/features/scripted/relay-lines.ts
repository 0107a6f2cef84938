/**
 * The lines of a scripted relay: a proxy on the path that changes what passes, as a scenario file has them. Each entry is about a
 * line from one side; what fits none is passed on. `relay.ts` carries them out.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';

export const sides = ['client', 'server'] as const;
export type Side = (typeof sides)[number];

export const relayKeywords = ['send', 'answer', 'pass', 'wait', 'close', 'reset'] as const;

/** Exactly one of its fields is there. */
export interface RelayLine {
  /** To the other side, in the place of the line that came. */
  readonly send?: string | undefined;
  /** To the side from which the line came. */
  readonly answer?: string | undefined;
  readonly pass?: true | undefined;
  /** Milliseconds. */
  readonly wait?: number | undefined;
  readonly close?: true | undefined;
  readonly reset?: true | undefined;
}

export interface RelayEntry {
  readonly from: Side;
  readonly expect: string;
  readonly lines?: readonly RelayLine[] | undefined;
}

export function relaySchema(zod: Z): z.ZodType<readonly RelayEntry[]> {
  const text = zod.string().max(2000).optional();
  const line = zod
    .strictObject({
      send: text.describe(
        'One line of text to the other side, in the place of the one that came; CR LF is added.',
      ),
      answer: text.describe('One line of text to the side from which the line came.'),
      pass: zod.literal(true).optional().describe('The line that came, as it is, to the other side.'),
      wait: zod.int().min(1).max(10_000).optional().describe('Milliseconds; what this side sends waits.'),
      close: zod.literal(true).optional().describe('Ends the connections to both sides.'),
      reset: zod.literal(true).optional().describe('Breaks both connections off (RST).'),
    })
    .superRefine((value, context) => {
      const present = Object.keys(value).filter((key) => relayKeywords.some((keyword) => keyword === key));
      if (present.length !== 1)
        context.addIssue({ code: 'custom', params: { exactlyOneOf: [...relayKeywords], present } });
    })
    .meta({ exactlyOne: [...relayKeywords] });
  return zod
    .array(
      zod.strictObject({
        from: zod.enum(sides).describe('The side whose lines it is about.'),
        expect: zod
          .string()
          .min(3)
          .max(504)
          .describe('The line must contain this pattern, as in a peer’s script.'),
        lines: zod
          .array(line)
          .max(16)
          .optional()
          .describe('What is done with such a line. Default: it is dropped.'),
      }),
    )
    .min(1)
    .max(64)
    .describe(
      'For a proxy that forwards bytes: an attacker on the path who changes lines. The first entry that fits a line decides; every other line, and all of TLS, is passed on.',
    );
}
