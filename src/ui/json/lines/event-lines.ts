/**
 * The shapes of the lines that are capture events, one for each type of `capture/event.ts`. What an endpoint reported of itself
 * (`observed`) is open: its kinds are the features'.
 */
import { z } from 'zod';
import { refusalReasons } from '../../../capture/vocabulary.ts';
import { features } from '../../../features/registry.ts';
import {
  address,
  capturedFile,
  certificate,
  connection,
  count,
  file,
  line,
  localized,
  number,
  refusalDetail,
  side,
  sighting,
  sightingDifference,
  tlsAlert,
  vantage,
} from './parts.ts';

const hop = z.string().describe("the wire's name");
const tlsVersion = z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);
const frame = number.optional().describe('in a capture file, the number of the packet');

/** What every event carries. */
const event = <Kind extends string>(
  kind: Kind,
): ReturnType<typeof line<Kind>> & Record<'seq' | 'run' | 'at', typeof count> => ({
  ...line(kind),
  seq: count.describe("the event's number: it rises with time, and numbers may be missing"),
  run: count,
  at: count.describe('microseconds since the run began'),
});

export const topology = z
  .strictObject({
    participants: z.array(
      z.strictObject({
        name: z.string(),
        role: z.enum(['client', 'server', 'proxy']),
        kind: z.string().optional(),
        owner: z.string().optional(),
        address: address.optional(),
        host: z
          .string()
          .optional()
          .describe('The address of its host, where each has a network stack of its own.'),
      }),
    ),
    wires: z.array(
      z.strictObject({
        hop: z.string(),
        from: z.string(),
        to: z.string(),
        protocol: z.string(),
        alsoFrom: z.array(z.string()).optional(),
        mutualFor: z
          .array(z.string())
          .optional()
          .describe(
            'The clients that have a certificate, where the server asks for one and admits others without.',
          ),
        standing: z.literal(true).optional(),
        seat: localized.optional(),
      }),
    ),
  })
  .meta({ id: 'topology' });

export const began = z
  .strictObject({
    ...event('began'),
    version: z.string(),
    wallClock: z.string().meta({ format: 'date-time' }),
    topology,
    scenario: z.string().optional(),
    files: z.array(capturedFile).optional().describe('several captures that are read together'),
  })
  .meta({ id: 'began', description: 'A run begins.' });

export const step = z
  .strictObject({ ...event('step'), id: z.string(), state: z.enum(['asked', 'started', 'done']) })
  .meta({ id: 'step', description: 'A step of the scenario.' });

export const opened = z
  .strictObject({
    ...event('opened'),
    conn: connection,
    hop,
    transport: z.enum(['tcp', 'udp', 'eapol']),
    from: address,
    to: address,
    relays: connection.optional().describe('the connection of a client whose bytes it carries on, unchanged'),
    onBehalfOf: connection
      .optional()
      .describe(
        'the connection of a client for which a proxy opened it, if it does not relay that unchanged',
      ),
    reconstructed: z
      .literal(true)
      .optional()
      .describe('in a capture that wirelab wrote: made from what a socket reported'),
    late: z.literal(true).optional().describe('a capture began after the connection did'),
    frame,
    file,
    seen: z.array(sighting).optional(),
    differences: z.array(sightingDifference).optional(),
  })
  .meta({ id: 'opened', description: 'A connection was opened.' });

export const bytes = z
  .strictObject({
    ...event('bytes'),
    conn: connection,
    hop,
    vantage,
    from: side,
    bytes: z.string().meta({ contentEncoding: 'base64' }),
    dropped: count.optional(),
    frame,
  })
  .meta({ id: 'bytes', description: 'Bytes crossed a tap.' });

export const keylog = z
  .strictObject({ ...event('keylog'), conn: connection.optional(), line: z.string() })
  .meta({ id: 'keylog', description: 'One NSS key log line; printed only with --with-secrets.' });

export const secured = z
  .strictObject({
    ...event('secured'),
    conn: connection,
    hop,
    side,
    version: tlsVersion,
    cipher: z.string(),
    alpn: z.string().optional(),
    serverName: z.string().optional(),
    resumed: z.boolean().optional(),
    misnamed: certificate
      .optional()
      .describe('its own certificate, if the client asked for a name that is not in it'),
    peer: certificate.optional(),
    unverified: z.literal(true).optional(),
  })
  .meta({ id: 'secured', description: 'An endpoint reports that TLS is established.' });

export const refused = z
  .strictObject({
    ...event('refused'),
    conn: connection,
    hop,
    by: side,
    reason: z.enum(refusalReasons),
    alert: tlsAlert.optional(),
    version: tlsVersion.optional(),
    detail: refusalDetail,
    heard: z
      .literal(true)
      .optional()
      .describe('the other side reports it: it received the alert, and knows no more than that'),
    relays: connection.optional().describe('as in opened, where the connection was never established'),
    onBehalfOf: connection.optional().describe('as in opened, where the connection was never established'),
  })
  .meta({ id: 'refused', description: 'An endpoint refused the other.' });

export const closed = z
  .strictObject({
    ...event('closed'),
    conn: connection,
    hop,
    by: z.enum(['client', 'server', 'unknown']),
    how: z.enum(['end', 'reset', 'timeout']),
    reconstructed: z.literal(true).optional().describe('as in opened'),
    unaccepted: z
      .literal(true)
      .optional()
      .describe("the client's SYN was answered by a reset, or not at all"),
    frame,
  })
  .meta({ id: 'closed', description: 'A connection ended.' });

const sideSegments = z
  .strictObject({
    packets: count,
    repeated: count.describe('segments of which every byte had been sent before'),
    unacknowledged: count.describe('bytes that the other side never acknowledged'),
    oldest: z
      .strictObject({ length: count, times: count })
      .optional()
      .describe('the first of them, where it was sent more than once'),
    missing: count.describe('bytes that the other side still waited for at the end'),
    full: z.literal(true).optional().describe('it took no more: its newest window is zero'),
  })
  .meta({ id: 'sideSegments' });

export const segments = z
  .strictObject({
    ...event('segments'),
    conn: connection,
    hop,
    segments: z.strictObject({
      client: sideSegments,
      server: sideSegments,
      quiet: count.describe('microseconds between the last new bytes and the first end'),
      afterEnd: z
        .strictObject({ from: side, bytes: count })
        .optional()
        .describe('what a side sent after the other one had ended'),
      reset: z
        .strictObject({
          by: side,
          ttl: count,
          usual: z.tuple([count, count]).optional().describe("least and most of that side's other packets"),
          continued: count.describe('new bytes that the same side sent after it'),
          followed: z
            .literal(true)
            .optional()
            .describe('that side sent packets after it, if only acknowledgements'),
        })
        .optional(),
    }),
  })
  .meta({ id: 'segments', description: 'What the packets of a connection show besides its bytes.' });

export const observed = z
  .strictObject({
    ...event('observed'),
    who: z.string(),
    result: z.object({ kind: z.enum(features.observations) }).catchall(z.any()),
  })
  .meta({ id: 'observed', description: 'What an endpoint or a peer program reported of itself.' });

export const note = z
  .strictObject({
    ...event('note'),
    text: localized,
    part: z
      .enum([
        'title',
        'intro',
        'step-title',
        'before',
        'question',
        'choices',
        'headline',
        'answer',
        'after',
        'speaker',
        'takeaway',
        'does-not-prove',
        'often-told',
        'programs',
      ])
      .optional(),
    step: z.string().optional(),
  })
  .meta({ id: 'note', description: 'Narration.' });
