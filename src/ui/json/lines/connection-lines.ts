/**
 * The shapes of the lines about the content of a connection: its messages, the secrets in it, and its outcome.
 */
import { z } from 'zod';
import { confidences } from '../../../analysis/outcome/cause-table.ts';
import { wireCauses } from '../../../analysis/outcome/cause-words.ts';
import { handshakeSteps } from '../../../analysis/outcome/handshake-progress.ts';
import { loginResults } from '../../../protocols/shared/login-result.ts';
import { outcomeKinds } from '../../../analysis/outcome/outcome-facts.ts';
import { signNames } from '../../../analysis/outcome/signs.ts';
import { refusalReasons } from '../../../capture/vocabulary.ts';
import {
  alertName,
  capturedFile,
  certificate,
  connection,
  count,
  digest,
  file,
  line,
  localized,
  number,
  refusalDetail,
  side,
  sighting,
  sightingDifference,
  tlsAlert,
  transport,
  vantage,
  wireRange,
} from './parts.ts';

export const chain = z
  .strictObject({
    links: z
      .array(
        z.strictObject({
          issuer: z
            .union([count, z.enum(['itself', 'not_sent', 'unreadable', 'unexamined'])])
            .describe('The place in the list of the certificate that issued it, from 0.'),
          keyIds: z.enum(['match', 'absent']).optional(),
          signature: z.enum(['holds', 'broken']).optional(),
        }),
      )
      .describe('One for each certificate, in the order of the message.'),
    ends: z
      .enum(['self_issued', 'issuer_not_sent', 'unreadable', 'circle'])
      .describe('Where the way up from the first certificate ends.'),
    order: z.enum(['leaf_first', 'mixed']),
    extra: z.array(count).describe('Places of certificates that are no part of that way.'),
  })
  .meta({
    id: 'chain',
    description:
      'How the certificates of a message hang together. Whom an endpoint trusts is not known from it.',
  });

export const ocsp = z
  .strictObject({
    status: z.string().describe('successful, or why there is no answer'),
    responder: z.string().optional(),
    producedAt: z.string().optional(),
    responses: z.array(
      z.strictObject({
        serial: z.string(),
        status: z.enum(['good', 'revoked', 'unknown']),
        thisUpdate: z.string(),
        nextUpdate: z.string().optional(),
        revokedAt: z.string().optional(),
        reason: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'ocsp', description: 'A stapled OCSP response, believed or not.' });

export const outcome = z
  .strictObject({
    kind: z.enum(outcomeKinds),
    source: z
      .enum(['endpoint', 'wire'])
      .describe('the source: a report of an endpoint of the run, or the bytes alone'),
    by: side.optional().describe('who ended it'),
    step: z.enum(handshakeSteps).optional().describe('how far it had come'),
    reason: z.enum(refusalReasons).optional().describe('as an endpoint reported it'),
    cause: z
      .enum([...refusalReasons, ...wireCauses])
      .optional()
      .describe('why it failed; absent if it did not fail, or the cause cannot be known'),
    inferred: z.boolean().describe('likely, but not proven'),
    alert: tlsAlert.optional(),
    detail: refusalDetail
      .extend({
        offered: z.array(z.string()).optional(),
        seenAt: z.string().optional(),
        said: z.string().optional(),
        lost: z
          .strictObject({ from: side, bytes: number, times: number.optional() })
          .optional()
          .describe(
            'bytes that did not arrive: whose, how many in the first segment or hole of them, and how often they were sent',
          ),
        silentFor: z
          .number()
          .min(0)
          .optional()
          .describe('how long nothing was sent before the end, in milliseconds'),
        protocol: z
          .string()
          .optional()
          .describe(
            'what was spoken in place of TLS, by its first bytes: http, dns, …; opaque where it is not known',
          ),
        suspect: z
          .enum(['certificate', 'hello'])
          .optional()
          .describe('what a close without an alert at this point is often about'),
        unnamed: z.literal(true).optional().describe('the ClientHello names no server (SNI)'),
        chainLength: count.optional().describe('how many certificates were presented'),
      })
      .describe('what the cause is about'),
    joinedLate: z.literal(true).optional().describe('its beginning is not in the capture'),
    evidence: z
      .array(
        z.union([
          z.strictObject({
            ...wireRange,
            event: count.describe('the event with its last byte'),
            message: z.string().optional().describe('the TLS message at that offset'),
            record: number.optional().describe('the number of its record in its direction'),
            sealed: z.literal(true).optional().describe('unreadable without the keys'),
            frame: number.optional().describe('the packet of a capture file that contains it'),
            file,
          }),
          z.strictObject({
            event: count,
            frame: number.optional().describe('the packet of a capture file that shows it'),
            file,
          }),
        ]),
      )
      .describe('the decisive evidence first, then its context'),
    sentence: localized,
    oneSided: z.literal(true).optional().describe('what the other side said is not in the capture'),
    incomplete: z
      .literal(true)
      .optional()
      .describe('bytes of it are missing: nothing is concluded from what is not there'),
    confidence: z
      .enum(confidences)
      .optional()
      .describe(
        'proven: the bytes, or the report of the endpoint, allow no other reading; likely: signs are evidence for it; unknown: the reason is not known, and signs are what was observed',
      ),
    signs: z
      .array(z.enum(signNames))
      .optional()
      .describe('the evidence; where the reason is unknown, what was observed'),
    decidedBy: localized.optional().describe('what would settle it; absent where it is proven'),
    certainty: localized.optional().describe('confidence, signs and what would settle it, as a sentence'),
    resumption: z
      .enum(['accepted', 'declined'])
      .optional()
      .describe('of a session that the client wanted to resume; declined is not a failure'),
    withoutCertificate: z
      .literal(true)
      .optional()
      .describe('the server requested a certificate and the client presented none'),
    inClear: z
      .string()
      .optional()
      .describe('with these words the server refused to turn to TLS, and the session went on in clear'),
    farewell: z
      .enum(['close_notify', 'sealed'])
      .optional()
      .describe(
        'of a side that closed during the handshake: the alert that it sent before, which names no error or is encrypted',
      ),
  })
  .meta({
    id: 'outcome',
    description: 'Who ended a connection, at which step, why, how that is known, and a sentence about it.',
  });

/** The position of a message. */
const placed = {
  stream: connection,
  transport,
  hop: z.string(),
  event: count.optional().describe('seq of the capture event that completed it'),
  frame: count.optional().describe('in a capture file, the number of the packet'),
  file,
  from: z.string().describe('ip:port'),
  to: z.string().describe('ip:port'),
};

export const handshake = z
  .strictObject({
    ...line('handshake'),
    ...placed,
    message: z.string().describe('RFC name in snake case'),
    length: count.describe('the handshake body, bytes'),
    encrypted: z.boolean(),
    coverage: z
      .strictObject({ bytes: count, named: count, opaque: count, unknown: count })
      .optional()
      .describe(
        'What the bytes of the message are, its header of four included: those of fields with a meaning of their own; those whose meaning is known and that cannot be taken apart (random, keys, signatures); those that nothing here reads.',
      ),
    sni: z.string().nullable().optional(),
    cipherSuites: z.array(z.string()).optional(),
    alpn: z.array(z.string()).optional(),
    supportedVersions: z.array(z.string()).optional(),
    ja3: z.string().optional().describe('Of a ClientHello: an MD5 in hex.'),
    ja4: z.string().optional().describe("Of a ClientHello: JA4's client fingerprint."),
    cipherSuite: z.string().optional(),
    version: z.string().optional(),
    helloRetryRequest: z.boolean().optional(),
    certificates: z
      .array(
        z.union([
          certificate.pick({
            sha256: true,
            subject: true,
            issuer: true,
            serial: true,
            notBefore: true,
            notAfter: true,
            san: true,
          }),
          z.strictObject({ sha256: z.string() }),
        ]),
      )
      .optional(),
    chain: chain.optional(),
    compression: z
      .string()
      .optional()
      .describe('Of a compressed certificate: zlib, brotli, zstd, or the number of another algorithm.'),
    unopened: z
      .enum(['too_long', 'wrong_length', 'unknown_algorithm', 'unsupported', 'damaged'])
      .optional()
      .describe(
        'Why a compressed certificate was not decompressed; unsupported: this Node lacks the algorithm.',
      ),
    ocsp: ocsp.optional(),
  })
  .meta({ id: 'handshake', description: 'A TLS handshake message.' });

export const alert = z
  .strictObject({
    ...line('alert'),
    ...placed,
    level: z.enum(['warning', 'fatal']).optional(),
    code: count.optional(),
    description: alertName.optional(),
    encrypted: z.boolean(),
  })
  .meta({ id: 'alert', description: 'A TLS alert record. One that cannot be read has no code.' });

const at = count.describe('microseconds since the beginning of the run or the capture');
const latency = count
  .optional()
  .describe('of a response: microseconds from the last byte of the request to its own first byte');

export const http = z
  .strictObject({
    ...line('http'),
    ...placed,
    vantage,
    at,
    title: z.string(),
    length: count,
    latency,
    begins: z
      .literal(true)
      .optional()
      .describe('the head alone, before the answer that came first; the message follows at its end'),
  })
  .meta({ id: 'http', description: 'An HTTP message.' });

/** What an HTTP message says in the frames of HTTP/2. */
const httpHead = z
  .strictObject({
    kind: z.enum(['request', 'response']),
    stream: count.describe('the stream of HTTP/2: a request and its response have the same'),
    method: z.string().optional(),
    scheme: z.string().optional(),
    authority: z.string().optional(),
    path: z.string().optional(),
    status: count.optional(),
    headers: z
      .array(z.tuple([z.string(), z.string()]))
      .describe('name and value, one character a byte; pseudo-headers are the fields above'),
    unknown: number
      .optional()
      .describe(
        'headers that cannot be known, because the beginning of the connection is not in the capture',
      ),
    isTrailer: z.literal(true).optional().describe('they follow the body'),
    endsStream: z.literal(true).optional().describe('no body follows'),
  })
  .meta({ id: 'httpHead' });

export const message = z
  .strictObject({
    ...line('message'),
    ...placed,
    vantage,
    at,
    protocol: z.string().describe('http2, grpc, smtp, dns, …'),
    title: z.string().describe('what it is, without secrets'),
    facts: z.string().optional().describe('what is worth knowing of it at a glance'),
    length: count.describe('in bytes'),
    http: httpHead.optional(),
    latency,
  })
  .meta({ id: 'message', description: 'A message of a protocol that has no line of its own.' });

export const stream = z
  .strictObject({
    ...line('stream'),
    stream: connection,
    hop: z.string(),
    client: z.string(),
    server: z.string(),
    transport,
    opened: z.string().describe('by the wall clock, ISO 8601, UTC'),
    duration: count.optional().describe('microseconds; absent while it is open'),
    frames: z
      .strictObject({ first: number, last: number })
      .optional()
      .describe('in a capture file, its first and its last packet that brought something'),
    file: file.describe('of several files, the one with its packets: `frames` and every `frame` are of it'),
    seen: z
      .array(sighting)
      .optional()
      .describe('where several files have it: each of them, the one of `file` first'),
    differences: z
      .array(sightingDifference)
      .optional()
      .describe('where these differ: something on the way changed, dropped or added it'),
    bytes: z.strictObject({ toServer: count, toClient: count }).describe('payload of each direction'),
    name: z
      .string()
      .optional()
      .describe(
        'what the client asked for: the server name (SNI), else the Host, else the name in its first query',
      ),
    protocols: z.array(z.string()).describe('in the order in which they were met'),
    tshark: z
      .string()
      .optional()
      .describe('with --tshark, of a connection that is not recognised: what tshark calls it'),
    tls: z
      .strictObject({
        version: z.string().optional(),
        suite: z.string().optional(),
        alpn: z.string().optional(),
      })
      .optional()
      .describe('what was agreed on'),
    http: z
      .strictObject({
        requests: number,
        slowest: count
          .optional()
          .describe(
            'microseconds from the last byte of a request to the first of its response, of the slowest',
          ),
      })
      .optional(),
    login: z.enum(loginResults).optional().describe('what the server answered to the last login'),
    failed: z.boolean().describe('something went wrong; outcome says what, or login'),
    applicationDataRecords: z.strictObject({ toServer: count, toClient: count }),
    plaintext: z
      .strictObject({ toServer: digest.optional(), toClient: digest.optional() })
      .meta({ minProperties: 1 })
      .optional()
      .describe(
        'What the endpoints read, where it was tapped or the keys opened it whole; a direction in which nothing was said, or that is not whole, is left out.',
      ),
    outcome,
  })
  .meta({ id: 'stream', description: 'The content of a connection, in total.' });

const counted = z.array(
  z.strictObject({
    name: z.string(),
    count: number,
    streams: z.array(z.string()).describe('the first ones: 3, of UDP udp:3'),
    bytes: count.describe('payload of all of them'),
  }),
);
const spread = z.strictObject({
  count: number,
  least: count,
  median: count,
  ninetieth: count.describe('nine of ten are not more'),
  most: count,
});

export const summary = z
  .strictObject({
    ...line('summary'),
    connections: count,
    open: count.describe('of these, not closed'),
    failed: count,
    packets: count.optional().describe('of a capture file'),
    files: z.array(capturedFile).optional().describe('several captures that were read together'),
    opened: z.string().optional().describe('the first of them, by the wall clock, ISO 8601, UTC'),
    ended: z.string().optional().describe('the last end'),
    bytes: z.strictObject({ toServer: count, toClient: count }),
    requests: count.describe('of HTTP'),
    protocols: counted,
    versions: counted.describe('of TLS'),
    suites: counted,
    alerts: counted,
    names: counted.describe('SNI, else Host'),
    causes: counted.describe('of failures: as outcome names them, or login_refused'),
    readable: counted.describe('what could be read on the wire, by its protocol'),
    secrets: counted.describe('that could be read, by their kind'),
    guessable: counted.describe('proofs of passwords, against which guesses can be tested, by their kind'),
    statuses: counted.describe('of HTTP'),
    sizes: spread.optional().describe('of connections, in bytes'),
    durations: spread.optional().describe('of connections, in microseconds'),
    latencies: spread.optional().describe('of requests, in microseconds'),
  })
  .meta({ id: 'summary', description: 'What all connections come to; the last line about a capture.' });

export const secret = z
  .strictObject({
    ...line('secret'),
    stream: connection,
    transport,
    hop: z.string(),
    vantage,
    from: side,
    protocol: z.string(),
    field: z.string(),
    value: z.string(),
    offset: count,
    encoding: z.string(),
    protection: z
      .enum(['readable', 'guessable', 'sealed'])
      .describe(
        'readable: the secret itself; guessable: a proof of it, against which guesses can be tested offline; sealed: neither.',
      ),
    event: count.optional(),
  })
  .meta({ id: 'secret', description: 'A secret, or what a login sent in its place, at a vantage.' });

export const problem = z
  .strictObject({
    ...line('problem'),
    stream: connection.optional(),
    transport,
    hop: z.string().optional(),
    frame: count.optional().describe('in a capture file, the number of the packet'),
    from: z.string().optional(),
    what: z.string(),
    offset: count.optional(),
    expected: z.string().optional(),
    found: z.string().optional(),
  })
  .meta({
    id: 'problem',
    description:
      'What was malformed, missing or cut, and where: on a connection, or, without one, in the file.',
  });
