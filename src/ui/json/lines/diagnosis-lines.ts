/**
 * The shapes of the lines that `wirelab why` writes: one for each experiment, and the diagnosis last; and of those of
 * `wirelab prove`: one for each client, and the proof last.
 */
import { z } from 'zod';
import { confidences } from '../../../analysis/outcome/cause-table.ts';
import { verdicts } from '../../../diagnosis/admission/proof.ts';
import { resultKinds } from '../../../diagnosis/attempt/attempt.ts';
import { blamedSides, diagnosedCauses } from '../../../diagnosis/diagnosis.ts';
import { address, certificate, count, line, localized, number, tlsAlert, side } from './parts.ts';

export const experiment = z
  .strictObject({
    ...line('experiment'),
    number,
    id: z.string().describe('what was changed, as a stable name; `as-called`: nothing'),
    changed: localized,
    address,
    at: z.string().describe('ISO 8601'),
    milliseconds: count,
    result: z.enum(resultKinds),
    cameBack: localized,
    version: z.string().optional().describe('TLS 1.3: what the ServerHello chose'),
    cipher: z.string().optional(),
    group: z.string().optional(),
    certificates: count.describe('how many the server presented'),
    acceptableCas: z
      .array(z.string())
      .optional()
      .describe('names in the CertificateRequest; absent where no certificate was requested'),
    alert: tlsAlert.extend({ from: side }).optional(),
    stream: count.optional().describe('the number of its connection in the capture that -w writes'),
  })
  .meta({
    id: 'experiment',
    description: 'One connection of a diagnosis: what was changed, and what came back.',
  });

export const ran = z
  .strictObject({
    ...line('ran'),
    command: z
      .array(z.string())
      .describe('as it was started: with the options that wirelab has added, and with what stands for `{}`'),
    program: z.string().optional().describe('whose words and options are known; absent for all others'),
    exitCode: count.optional(),
    killedBy: z.string().optional().describe('a signal'),
    late: z.boolean().describe('its time was over, and it was ended'),
    said: z.string().optional().describe('the line of its output that says why its connection failed'),
    connections: count.describe('that came through'),
    failed: count.describe('of these'),
    milliseconds: count,
  })
  .meta({ id: 'ran', description: 'The command that was diagnosed, once it has ended.' });

const evidence = z
  .strictObject({
    kind: z.enum(['bytes', 'difference', 'certificate', 'words']),
    words: localized,
    experiment: number.optional().describe('the number of the experiment that shows it'),
    other: number.optional().describe('the one that it differs from'),
    from: side.optional(),
    offset: count.optional().describe('in the stream of that side, in bytes'),
    length: count.optional(),
    frame: count.optional(),
    said: z.string().optional(),
    certificate: certificate.optional(),
  })
  .meta({ id: 'diagnosisEvidence' });

const remedy = z.strictObject({
  on: z.enum(['client', 'server', 'between']).describe('on which machine it is done'),
  words: localized,
  command: z.string().optional(),
});

const finding = {
  connection: z
    .strictObject({
      stream: count.describe('as tshark counts it'),
      from: z.string().describe('ip:port'),
      to: z.string().describe('ip:port'),
      name: z.string().optional().describe('that the client asked for'),
    })
    .optional()
    .describe('which connection it is about, where several were observed'),
  cause: z.enum(diagnosedCauses),
  by: z.enum(blamedSides).describe('who refused; `nobody`: nobody was there, or nothing is wrong'),
  confidence: z.enum(confidences),
  at: z
    .strictObject({
      message: z.string(),
      evidence: count.optional().describe('its place in `evidence`, from 0'),
    })
    .optional()
    .describe('the message at which it failed'),
  name: localized,
  because: localized,
  remedy: remedy.optional(),
  evidence: z.array(evidence),
};

export const diagnosis = z
  .strictObject({
    ...line('diagnosis'),
    target: z.string(),
    ...finding,
    others: z.array(z.strictObject(finding)).describe('what else may be wrong'),
    experiments: count,
    connections: count.optional().describe('that were observed'),
    milliseconds: count,
  })
  .meta({ id: 'diagnosis', description: 'Why a connection fails: always the last line.' });

export const client = z
  .strictObject({
    ...line('client'),
    number,
    id: z.string().describe('a stable name: `none`, `expired`'),
    client: localized,
    expected: z
      .enum(['admitted', 'refused', 'either'])
      .describe('what a server does that enforces mutual TLS; `either`: both are in order'),
    outcome: z.enum(['refused_by_tls', 'refused_by_application', 'admitted', 'not_tested']),
    mark: z
      .enum(['ok', 'hole', 'noted', 'unknown', 'omitted'])
      .describe('`unknown`: neither admitted nor refused; `omitted`: nothing was tried'),
    words: localized.describe('what the server did, or why it was not tested'),
    reason: z.enum(['omitted', 'inconclusive']).optional().describe('why it was not tested'),
    alert: z.string().optional(),
    said: z.string().optional().describe('the first line of the answer'),
    answer: z
      .enum(['same', 'other', 'none'])
      .optional()
      .describe('of an admitted client, compared to the valid one’s; `none`: neither is answered'),
    serial: z.string().optional().describe('of the certificate that was issued for it, hexadecimal'),
    times: z
      .object({ admitted: z.number(), played: z.number() })
      .optional()
      .describe('of a client that got in and was refused: the servers behind the address are not alike'),
    version: z.string().optional(),
    cipher: z.string().optional(),
    resumed: z.boolean().optional().describe('where a session was offered'),
    renegotiation: z.enum(['completed', 'refused', 'ignored']).optional(),
    address: address.optional(),
    at: z.string().optional().describe('ISO 8601'),
    milliseconds: count.optional(),
    stream: count.optional().describe('the number of its connection in the capture that -w writes'),
  })
  .meta({ id: 'client', description: 'A client that `prove` played, and whether it was admitted.' });

const hole = z
  .strictObject({ id: z.string(), client: localized, because: localized, remedy: localized })
  .meta({ id: 'hole' });

export const proof = z
  .strictObject({
    ...line('proof'),
    target: z.string(),
    verdict: z.enum(verdicts),
    because: localized.optional().describe('why the verdict is unknown'),
    holes: z.array(hole).describe('clients that were admitted and must not be'),
    notes: z.array(hole).describe('in order, and worth knowing'),
    notProven: z.array(localized).describe('what the verdict does not say'),
    clients: count,
    connections: count,
    milliseconds: count,
  })
  .meta({ id: 'proof', description: 'Whether a server enforces mutual TLS: always the last line.' });
