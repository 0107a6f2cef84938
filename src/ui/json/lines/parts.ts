/**
 * The shapes that several lines of the JSON output share; whole lines are in `*-lines.ts`. Only the build and the tests load
 * these files; code that writes lines imports their types.
 */
import { z } from 'zod';
import { knownAlertNames } from '../../../capture/vocabulary.ts';

export const count = z.int().min(0);
export const number = z.int().min(1);
export const connection = count.describe(
  'one connection, from 0; in a capture file as tshark counts it (tcp.stream, and udp.stream with transport udp): unique for each transport',
);
export const transport = z.enum(['udp', 'eapol']).optional().describe('Absent for TCP.');
export const side = z.enum(['client', 'server']);
export const vantage = z.enum(['wire', 'plaintext']);

/** The first fields of every line. */
export const line = <Kind extends string>(
  kind: Kind,
): { readonly v: z.ZodLiteral<2>; readonly kind: z.ZodLiteral<Kind> } => ({
  v: z.literal(2),
  kind: z.literal(kind),
});

export const namesIn = <Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] =>
  Object.keys(table) as Name[];

export const localized = z.strictObject({ en: z.string(), ko: z.string() }).meta({ id: 'localized' });

export const address = z.strictObject({ host: z.string(), port: count }).meta({ id: 'address' });

const fileIndex = count.describe('index of the file, from 0, as the line `summary` lists them');
/** Beside a `frame`, where several captures are read together. */
export const file = fileIndex.optional();

export const capturedFile = z
  .strictObject({
    name: z.string(),
    connections: count.describe('and flows'),
    joined: count.describe('of these, in another file too'),
    clock: z
      .strictObject({
        ahead: z.int().describe('of the first file, in microseconds'),
        uncertainty: count
          .optional()
          .describe(
            'microseconds, either way; absent where packets of one direction alone were found, whose delay is in `ahead`',
          ),
        packets: count.describe('compared'),
      })
      .optional()
      .describe('absent where it has no packet in common with the first; times are by its own clock then'),
  })
  .meta({ id: 'capturedFile' });

export const sighting = z
  .strictObject({
    file: fileIndex,
    client: address,
    server: address,
    frame: count.describe('its first packet'),
  })
  .meta({ id: 'sighting' });

export const sightingDifference = z
  .strictObject({
    kind: z
      .enum(['changed', 'only', 'rest', 'reset'])
      .describe(
        'changed: other bytes in the same place; only: bytes that only one file has; rest: only one goes on; reset: not the same reset in both',
      ),
    from: side,
    offset: count.describe('in the stream of that direction'),
    length: count.describe('bytes'),
    files: z.tuple([fileIndex, fileIndex]).describe('the one that is shown, and the other'),
    frames: z
      .tuple([count.nullable(), count.nullable()])
      .describe('the packet in each; null where it has none of it'),
  })
  .meta({ id: 'sightingDifference' });

/** The standard's name, or `unknown_N` for a code that no standard names. */
export const alertName = z.union([z.enum(knownAlertNames), z.templateLiteral(['unknown_', z.int()])]);

export const tlsAlert = z
  .strictObject({ level: z.enum(['warning', 'fatal']), code: count, description: alertName })
  .meta({ id: 'tlsAlert' });

/** What was presented and what was expected. */
export const certificateFault = z.strictObject({ part: z.string(), expected: z.string(), found: z.string() });

export const digest = z.strictObject({ bytes: count, sha256: z.string() }).meta({ id: 'digest' });

export const certificate = z
  .strictObject({
    subject: z.string(),
    issuer: z.string(),
    serial: z.string(),
    notBefore: z.string(),
    notAfter: z.string(),
    san: z.array(z.string()),
    extendedKeyUsage: z.array(z.string()).optional(),
    isCa: z.boolean(),
    publicKey: z.string(),
    keyId: z.string().optional(),
    authorityKeyId: z.string().optional(),
    sha256: z.string(),
  })
  .meta({ id: 'certificate' });

/** Bytes of one direction of a connection. */
export const wireRange = {
  run: count,
  conn: connection,
  hop: z.string(),
  vantage,
  from: side,
  offset: count,
  length: count,
};

export const evidence = z
  .union([z.strictObject(wireRange), z.strictObject({ event: count })])
  .meta({ id: 'evidence' });

export const extension = z
  .strictObject({ oid: z.string(), name: z.string().optional(), critical: z.boolean() })
  .meta({ id: 'extension' });

export const peculiarities = z
  .array(z.strictObject({ id: z.string(), words: localized }))
  .meta({ id: 'peculiarities' });

/** What a side that refused knows of the reason. */
export const refusalDetail = z.strictObject({
  presented: certificate.optional(),
  blamed: certificate
    .optional()
    .describe('the certificate of the chain that is to blame, where it is not the one presented'),
  trusted: z
    .array(z.strictObject({ subject: z.string(), keyId: z.string().optional() }))
    .optional()
    .describe('the authorities that the refusing side trusts for this'),
  now: z.string().optional().describe('the clock of the refusing side, ISO 8601, where time was the reason'),
  expected: z.string().optional(),
  fault: certificateFault.optional().describe('which part of a certificate is wrong'),
  picked: z.string().optional(),
  asked: z.literal(true).optional().describe('the client that left had been asked for a certificate'),
  discardedBytes: count.optional().describe('what the refused client had already sent, and was thrown away'),
  code: z.string().optional().describe("the runtime's or the TLS library's own"),
});

/** The JSON Schema of one line of a format. */
export function jsonSchemaOf(line: z.ZodType, title: string, description: string): object {
  const { $schema, ...schema } = z.toJSONSchema(line, {
    override: ({ jsonSchema }) => {
      // The bounds of exact integers in JavaScript are no rule of the format.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return { $schema, title, description, ...schema };
}
