/**
 * The shapes of the lines about a run, a lab and this machine: what can be run, how to reach it, and the verdicts.
 */
import { z } from 'zod';
import { openReasons } from '../../../labs/lab.ts';
import { attemptKinds } from '../../../labs/proof/outcome.ts';
import { address, count, evidence, line, localized, namesIn, number } from './parts.ts';

export const reach = z
  .strictObject({
    ...line('reach'),
    hop: z.string(),
    curl: z.string().optional(),
    openssl: z.string().optional(),
    dig: z.string().optional(),
    kubectl: z.string().optional(),
    own: z.string().optional(),
    to: z.string(),
    client: z.string(),
    typed: z
      .record(z.string(), z.string())
      .optional()
      .describe('The short command for each of those programs, to be typed in the folder.'),
    folder: z.string().optional().describe('The folder of the short commands, quoted for a shell.'),
  })
  .meta({ id: 'reach', description: 'With --hold: how to reach a hop.' });

export const scenario = z
  .strictObject({ ...line('scenario'), name: z.string(), title: localized, summary: localized })
  .meta({ id: 'scenario', description: 'A scenario, as list prints it.' });

export const stop = z
  .strictObject({
    ...line('stop'),
    scenario: z.string(),
    number: number.describe('As --step accepts it, from 1.'),
    of: number,
    stop: z.enum(['intro', 'question', 'reveal', 'verdict']),
    step: z.string().optional().describe('The id of its step, as --step accepts it too.'),
    title: localized,
  })
  .meta({ id: 'stop', description: 'A stop of a scenario, as `wirelab list NAME` prints it.' });

export const lab = z
  .strictObject({ ...line('lab'), name: z.string(), title: localized, summary: localized })
  .meta({ id: 'lab', description: 'A lab that comes with wirelab, as `wirelab list` prints it.' });

export const labCheck = z
  .strictObject({
    ...line('lab-check'),
    lab: z.string(),
    learner: z.string().optional().describe('The user, or the name given with --learner.'),
    at: z.string().optional().describe('When it was checked, ISO 8601.'),
    done: count,
    of: number,
    tasks: z.array(
      z.strictObject({
        id: z.string(),
        status: z.enum(['done', 'open']),
        hints: count.optional().describe('How many hints were given for it.'),
        doneAt: z.string().optional().describe('When a check first found it done, ISO 8601.'),
        reason: z.enum(namesIn(openReasons)).optional().describe('Why it is open.'),
        refusal: z.string().optional().describe('Of a refusal: the reason for it.'),
        step: z.string().optional().describe("The step of the lab's scenario with an unexpected outcome."),
        says: localized,
        remedy: localized.optional().describe('What to do first, if that is not the task itself.'),
        command: z.string().optional().describe('The command that does it.'),
        where: z
          .string()
          .optional()
          .describe("The learner's file, with line and column where there are any."),
        findings: z.array(
          z
            .strictObject({
              expectation: z.string(),
              status: z.enum(['met', 'missed', 'unobserved']),
              says: localized,
            })
            .describe('A claim about the wire or an endpoint, and whether it holds.'),
        ),
      }),
    ),
  })
  .meta({
    id: 'lab-check',
    description: '`wirelab lab check --json`: which tasks of a lab are done, and why the others are not.',
  });

export const labProof = z
  .strictObject({
    ...line('lab-proof'),
    lab: z.string(),
    proven: z.boolean(),
    attempts: z.array(
      z.strictObject({
        attempt: z
          .enum(attemptKinds)
          .describe('start is the folder as it begins: every task must be open. wrong must leave one open.'),
        folder: z.string().optional(),
        holds: z.boolean().describe('Whether it came out as it must.'),
        provesNothing: z
          .literal(true)
          .optional()
          .describe(
            'A wrong attempt that is open only because something in it could not be read: no check has judged it.',
          ),
        tasks: z.array(
          z.strictObject({
            id: z.string(),
            status: z.enum(['done', 'open']),
            reason: z.enum(namesIn(openReasons)).optional().describe('Why it is open.'),
            says: localized,
            where: z.string().optional().describe('The file, with line and column, that keeps it open.'),
          }),
        ),
      }),
    ),
  })
  .meta({
    id: 'lab-proof',
    description:
      '`wirelab lab verify --json`: whether a lab can be solved, and whether wrong attempts are found out.',
  });

export const labEntry = z
  .strictObject({
    ...line('lab-entry'),
    name: z.string(),
    title: localized,
    minutes: count.optional(),
    afterwards: localized.optional().describe('What one can do afterwards.'),
    done: count.describe('Tasks that are done.'),
    of: number,
    finished: z.string().optional().describe('When all of them were done for the first time, ISO 8601.'),
    folder: z.string().optional().describe('Where it was worked on last.'),
    source: z.string().optional().describe('For a lab that is not wirelab’s: its folder.'),
  })
  .meta({
    id: 'lab-entry',
    description:
      'A lab, as `wirelab lab list` prints it: those of the course in its order, and then those of one’s own that were begun.',
  });

export const classEntry = z
  .strictObject({
    ...line('class-entry'),
    learner: z.string(),
    lab: z.string(),
    task: z.string().optional().describe('The first open task; absent if all are done.'),
    number: number.optional().describe('Its number, from 1.'),
    done: count,
    of: number,
    hints: count,
    at: z.string().optional().describe('When it was checked, ISO 8601.'),
    finding: localized.optional().describe('What keeps the task open.'),
  })
  .meta({
    id: 'class-entry',
    description: 'What a learner handed in, or a lab reported, as `wirelab class gather` prints it.',
  });

export const check = z
  .strictObject({
    ...line('check'),
    name: z.string(),
    group: z.enum(['machine', 'terminal', 'peers', 'labs']),
    status: z
      .enum(['ok', 'limited', 'missing', 'unknown', 'broken'])
      .describe(
        'missing is something optional that is not there; unknown cannot be measured; broken is said by essential checks alone',
      ),
    essential: z.boolean().describe('broken, it keeps the demonstrations from running'),
    title: localized,
    found: localized,
    means: localized.optional(),
    remedy: localized.optional(),
    value: z.string().optional().describe('the bare fact: a version, a path, a size, an error code'),
  })
  .meta({ id: 'check', description: 'One check of doctor.' });

export const checkup = z
  .strictObject({
    ...line('checkup'),
    version: z.string(),
    ready: z.boolean().describe('whether the demonstrations can run: the exit code is 0 then, and else 1'),
    broken: z.array(z.string()).describe('names of essential checks that are broken'),
    counts: z.strictObject({ ok: count, limited: count, missing: count, unknown: count, broken: count }),
  })
  .meta({ id: 'checkup', description: 'The last line of doctor.' });

const chart = z
  .strictObject({
    hop: z.string(),
    bars: z.array(
      z.strictObject({
        length: z.number().optional().describe('Bytes of the sealed answer, where they could be measured.'),
        name: localized.optional().describe('What it is by its size, if only one fits.'),
        fitting: z.number().describe('How many would fit.'),
        pause: z.number().optional().describe('Microseconds until the next request.'),
      }),
    ),
  })
  .describe('What sizes and times on a wire gave away: an entry for each sealed answer.');

const compared = z.strictObject({
  bytes: count,
  sha256: z.string().describe('of these bytes, hexadecimal: the same in the log and in the capture'),
});

const router = z
  .strictObject({
    connections: z
      .array(z.strictObject({ conn: count, hop: z.string(), client: compared, server: compared }))
      .describe('those that agree, with what each side sent'),
    differences: z
      .array(
        z.strictObject({
          kind: z.enum([
            'not_captured',
            'not_tapped',
            'bytes_differ',
            'never_crossed',
            'never_recorded',
            'lost_by_capture',
          ]),
          hop: z.string().optional(),
          conn: count.optional(),
          client: address,
          server: address,
          from: z.enum(['client', 'server']).optional(),
          offset: count.optional(),
          length: count.optional(),
        }),
      )
      .describe('any of them fails the verdict'),
    unsent: count.describe('bytes that were written and never sent: the other end reset the connection'),
    unread: count.describe('bytes that were sent to an end that had closed, and never read'),
    packets: count,
  })
  .describe("with --hosts: the router's capture, compared with the taps; the findings are about its bytes");

export const verdict = z
  .strictObject({
    ...line('verdict'),
    scenario: z.string(),
    status: z.enum(['passed', 'failed']),
    findings: z.array(
      z.strictObject({
        expectation: z.string(),
        status: z.enum(['met', 'missed', 'unobserved']),
        says: localized,
        evidence: z.array(evidence),
        step: z.string().optional(),
        chart: chart.optional(),
      }),
    ),
    leftOut: z
      .strictObject({ steps: count, claims: count })
      .optional()
      .describe('with --short: what did not run, and was not judged'),
    router: router.optional(),
  })
  .meta({ id: 'verdict', description: 'The last line of a run.' });
