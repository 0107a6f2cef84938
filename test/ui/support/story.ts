/**
 * Logs written by hand for the reports: a login in the clear, and a refusal in TLS 1.2 whose handshake is made of bytes,
 * with a text of the test's choice in every place that the other side, or an author, could fill.
 */
import type { CaptureDraft, CaptureEvent, Side, Topology } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { alertOf } from '../../../src/capture/vocabulary.ts';
import type { CertificateSummary } from '../../../src/capture/vocabulary.ts';
import { SecretHunt } from '../../../src/analysis/secrets/secret-hunt.ts';
import type { Language } from '../../../src/i18n/language.ts';
import { verbatim } from '../../../src/i18n/language.ts';
import { JsonReport } from '../../../src/ui/json/json.ts';
import { loadTlsReport } from '../../../src/presentation/report/load.ts';
import type { RunReport } from '../../../src/presentation/report/run-report.ts';
import type { Finding, Verdict } from '../../../src/engine/verdict.ts';
import { tickingClock } from '../../helpers/capture.ts';
import { selfSigned } from '../../protocols/helpers/self-signed.ts';
import { allShown } from '../../helpers/shown.ts';
import { textReport } from './text-report.ts';

await loadTlsReport();

export const password = 'tiger-lily';
export const secrets = [{ id: 'password', value: password }];

const body = `username=alice&password=${password}`;
export const loginRequest = (target = '/login', host = 'shop.localhost'): Buffer =>
  Buffer.from(
    `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );

const uint = (value: number, bytes: number): Buffer =>
  Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex');
const vector = (bytes: number, ...parts: readonly Uint8Array[]): Buffer => {
  const all = Buffer.concat(parts);
  return Buffer.concat([uint(all.length, bytes), all]);
};
export const record = (type: number, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([type, 3, 3]), vector(2, payload)]);
const handshake = (type: number, payload: Uint8Array): Buffer =>
  record(22, Buffer.concat([Buffer.from([type]), vector(3, payload)]));

/** RFC 5246 section 7.4.1.2, with server_name (RFC 6066 section 3). */
export function clientHello(serverName: string): Buffer {
  const name = vector(2, Buffer.concat([Buffer.from([0]), vector(2, Buffer.from(serverName))]));
  const extensions = vector(2, uint(0, 2), vector(2, name));
  return handshake(
    1,
    Buffer.concat([
      Buffer.from([3, 3]),
      Buffer.alloc(32, 7),
      vector(1),
      vector(2, uint(0xc02b, 2)),
      vector(1, Buffer.from([0])),
      extensions,
    ]),
  );
}

export const serverHello = handshake(
  2,
  Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32, 9), vector(1), uint(0xc02b, 2), Buffer.from([0])]),
);
export const certificate = (name: string): Buffer =>
  handshake(11, vector(3, vector(3, selfSigned(name).der)));
export const alertRecord = (code: number): Buffer => record(21, Buffer.from([2, code]));

export function summary(name: string): CertificateSummary {
  return {
    subject: `CN=${name}`,
    issuer: `CN=${name} CA`,
    serial: name,
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2027-01-01T00:00:00Z',
    san: [name],
    extendedKeyUsage: [name],
    isCa: false,
    publicKey: 'P-256',
    keyId: name,
    authorityKeyId: name,
    sha256: '00',
  };
}

export function topologyWith(name: string): Topology {
  return {
    participants: [
      { name: 'alice', role: 'client' },
      { name, role: 'client' },
      { name: 'front', role: 'proxy', kind: name },
      { name: 'shop', role: 'server' },
    ],
    wires: [
      { hop: 'A', from: 'alice', alsoFrom: [name], to: 'front', protocol: 'mtls', seat: verbatim(name) },
      { hop: 'B', from: 'front', to: 'shop', protocol: name },
    ],
  };
}

const address = (port: number) => ({ host: '127.0.0.1', port });
const opened = (conn: number, hop: string): CaptureDraft => ({
  type: 'opened',
  conn,
  hop,
  transport: 'tcp',
  from: address(50_000 + conn),
  to: address(8443),
});
const bytes = (conn: number, hop: string, from: Side, payload: Uint8Array): CaptureDraft => ({
  type: 'bytes',
  conn,
  hop,
  vantage: 'wire',
  from,
  bytes: payload,
});
const step = (id: string, state: 'asked' | 'started' | 'done'): CaptureDraft => ({ type: 'step', id, state });
const closed = (conn: number, hop: string, by: Side = 'client'): CaptureDraft => ({
  type: 'closed',
  conn,
  hop,
  by,
  how: 'end',
});

/** A login that leaks on wire B. */
export function leak(foreign = 'x', conn = 1, id = 'leak'): CaptureDraft[] {
  return [
    step(id, 'asked'),
    { type: 'note', part: 'step-title', step: id, text: verbatim(`Step ${foreign}`) },
    { type: 'note', part: 'before', text: verbatim(`Before\n\n${foreign}`) },
    { type: 'note', part: 'question', text: verbatim(foreign) },
    { type: 'note', part: 'speaker', text: verbatim(foreign) },
    step(id, 'started'),
    opened(conn, 'B'),
    bytes(
      conn,
      'B',
      'client',
      loginRequest(`/login?${foreign.replace(/[\s\u0000-\u001f]/g, '')}`, foreign.replace(/[\r\n]/g, ' ')),
    ),
    bytes(
      conn,
      'B',
      'server',
      Buffer.from(
        `HTTP/1.1 302 ${foreign.replace(/[\r\n]/g, ' ')}\r\nLocation: ${foreign.replace(/[\r\n]/g, ' ')}\r\nContent-Length: 0\r\n\r\n`,
      ),
    ),
    closed(conn, 'B'),
    step(id, 'done'),
    { type: 'note', part: 'after', text: verbatim(foreign) },
  ];
}

/** The proxy turns a client away for its certificate, in the clear. */
export function refusal(foreign = 'mallory', conn = 2, id = 'refusal', code = 48): CaptureDraft[] {
  const alert = alertOf(code);
  return [
    step(id, 'asked'),
    { type: 'note', part: 'step-title', step: id, text: verbatim('A refusal') },
    step(id, 'started'),
    opened(conn, 'A'),
    bytes(conn, 'A', 'client', clientHello(foreign)),
    bytes(conn, 'A', 'server', serverHello),
    bytes(conn, 'A', 'client', certificate(foreign)),
    bytes(conn, 'A', 'server', alertRecord(code)),
    {
      type: 'refused',
      conn,
      hop: 'A',
      by: 'server',
      reason: 'unknown_ca',
      alert,
      version: 'TLSv1.2',
      detail: {
        presented: summary(foreign),
        trusted: [{ subject: `CN=${foreign}`, keyId: foreign }, { subject: 'CN=Client CA' }],
        expected: foreign,
        discardedBytes: 0,
      },
    },
    {
      type: 'observed',
      who: foreign,
      result: {
        kind: 'login',
        outcome: 'refused',
        from: address(50_000 + conn),
        believedConnected: false,
        sentBytes: 0,
        error: {
          code: `ERR_${foreign}`,
          message: `1:error:2:SSL routines:f:sslv3 alert ${foreign}:file:1:SSL alert number ${code}\n`,
          alert,
        },
      },
    },
    closed(conn, 'A', 'server'),
    step(id, 'done'),
  ];
}

export const verdictOf = (findings: readonly Partial<Finding>[]): Verdict => ({
  scenario: 'by-hand',
  status: findings.every(({ status = 'met' }) => status === 'met') ? 'passed' : 'failed',
  findings: findings.map((finding, index) => ({
    expectation: `claim-${index}`,
    status: 'met',
    evidence: [],
    says: verbatim('it holds'),
    ...finding,
  })),
});

export interface ReportOptions {
  readonly language?: Language;
  readonly ascii?: boolean;
  readonly notes?: boolean;
  readonly topology?: Topology;
  readonly verdict?: Verdict;
  readonly secretValue?: string;
}

export function logOf(
  drafts: readonly CaptureDraft[],
  topology: Topology = topologyWith('mallory'),
): CaptureLog {
  const log = new CaptureLog({ clock: tickingClock() });
  log.append({
    type: 'began',
    version: '0',
    wallClock: '2026-01-01T00:00:00.000Z',
    topology,
    scenario: 'by-hand',
  });
  for (const draft of drafts) log.append(draft);
  return log;
}

/** What folds a log needs, and the log itself, folded into a report event by event. */
export function fold(
  events: readonly CaptureEvent[],
  secretValue: string,
  report: (folds: { flows: Flows; hunt: SecretHunt; secrets: ReadonlyMap<string, string> }) => {
    readonly fold: (event: CaptureEvent) => void;
  },
): void {
  const flows = new Flows({ events });
  const hunt = new SecretHunt(secrets);
  const { fold: print } = report({ flows, hunt, secrets: new Map([['password', secretValue]]) });
  for (const event of events) {
    flows.fold(event);
    hunt.fold(event);
    print(event);
  }
}

export function reportText(events: readonly CaptureEvent[], options: ReportOptions = {}): string[] {
  const {
    language = 'en',
    ascii = false,
    notes = true,
    verdict = verdictOf([{}]),
    secretValue = password,
  } = options;
  const lines: string[] = [];
  let report: RunReport | undefined;
  fold(
    events,
    secretValue,
    (folds) =>
      (report = textReport({
        ...folds,
        shown: allShown,
        language,
        ascii,
        notes,
        columns: 80,
        write: (line) => lines.push(line),
      })),
  );
  report?.finish(verdict);
  return lines;
}

/** The text report of a complete log, as for a capture file. */
export function captureText(
  events: readonly CaptureEvent[],
  options: Pick<ReportOptions, 'language'> = {},
): string[] {
  const { language = 'en' } = options;
  const lines: string[] = [];
  let report: RunReport | undefined;
  fold(
    events,
    password,
    (folds) =>
      (report = textReport({
        ...folds,
        shown: allShown,
        language,
        ascii: false,
        columns: 80,
        write: (line) => lines.push(line),
      })),
  );
  report?.reportAll();
  return lines;
}

/** The lines as they are printed. */
export function jsonText(
  events: readonly CaptureEvent[],
  withSecrets = false,
  verdict = verdictOf([{}]),
): string[] {
  const lines: string[] = [];
  let report: JsonReport | undefined;
  fold(
    events,
    password,
    (folds) => (report = new JsonReport({ ...folds, withSecrets, write: (line) => lines.push(line) })),
  );
  report?.finish(verdict);
  return lines;
}

export function jsonLines(
  ...print: Parameters<typeof jsonText>
): { readonly v: number; readonly kind: string; readonly [key: string]: unknown }[] {
  return jsonText(...print).map((line) => JSON.parse(line) as { v: number; kind: string });
}
