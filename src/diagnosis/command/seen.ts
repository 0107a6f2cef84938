/** What the connections of a command were, and which of them failed, by their bytes. */
import { formatAddress } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Flows } from '../../capture/flows.ts';
import { readTls } from '../../analysis/conversation/tls-reading.ts';
import { outcomeOf } from '../../analysis/outcome/outcome.ts';
import type { Outcome } from '../../analysis/outcome/outcome-facts.ts';
import { defined } from '../../core/defined.ts';
import type { Led } from '../../proxy/lead.ts';
import type { CertificateSummary } from '../../capture/vocabulary.ts';
import { certificateSummary } from '../../protocols/x509/certificate.ts';
import { presentedCertificate } from '../../protocols/x509/known-certificates.ts';
import { mayBeginRecord } from '../../protocols/tls/record.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import type { Failure } from '../../wire/endpoint.ts';
import type { Limits } from '../attempt/call.ts';
import type { ObservedConnection } from '../diagnosis.ts';
import { offeredIn } from './own-hello.ts';
import type { Offered } from './own-hello.ts';

export interface Seen {
  readonly led: Led;
  /** Where no connection was established. */
  readonly failure?: Failure;
  readonly connection?: Connection;
  readonly outcome?: Outcome;
  /** For people: which one it was. */
  readonly shown?: ObservedConnection;
  /** Of its ClientHello; `isTls` where there was one. */
  readonly isTls: boolean;
  /** Both sides have sent something: what certificates are about has been reached. */
  readonly isAnswered: boolean;
  /** Bytes of each side; whether the client's begin like TLS. Absent where no connection was established. */
  readonly said?: { readonly client: number; readonly server: number; readonly isTls: boolean };
  readonly serverName?: string;
  readonly alpn?: readonly string[];
  readonly starttls?: StarttlsName;
  /** What it presented of itself, as far as that could be read. */
  readonly presented?: CertificateSummary;
  /** What its ClientHello shows of the client's limits: those of versions that current servers have. */
  readonly limits?: Limits;
  /** Versions and cipher suites that it offers. */
  readonly offered?: Offered;
  readonly failed: boolean;
}

const failures: ReadonlySet<Outcome['kind']> = new Set([
  'refused_by_client',
  'refused_by_server',
  'closed_without_alert',
  'reset',
  'timed_out',
  'no_answer',
  'not_accepted',
]);

/** @param commandFailed without that, an end whose cause is not known is no failure: the command knows better */
export function seenOf(led: Led, flows: Flows, commandFailed: boolean): Seen {
  const connection = led.conn === undefined ? undefined : flows.connection(led.conn);
  if (!connection)
    // Without a failure the client left before it was connected any further.
    return defined({
      led,
      failure: led.failure,
      isTls: false,
      isAnswered: false,
      failed: led.failure !== undefined,
    });
  const { messages, negotiated } = readTls(connection);
  const outcome = outcomeOf(connection, { keys: flows.keylogOf(negotiated.clientRandom) });
  const hello = messages.map(({ content }) => content).find((content) => content.type === 'client_hello');
  const { serverName, alpn } = hello?.extensions ?? {};
  const offered = hello && offeredIn(hello);
  const { opened } = connection;
  return defined({
    led,
    connection,
    outcome,
    shown:
      opened &&
      defined({
        stream: connection.conn,
        from: formatAddress(opened.from),
        to: formatAddress(opened.to),
        name: serverName ?? (led.to.host === opened.to.host ? undefined : led.to.host),
      }),
    isTls: hello !== undefined || connection.carriesTls,
    said: {
      client: connection.lengthOf('wire', 'client'),
      server: connection.lengthOf('wire', 'server'),
      isTls: mayBeginRecord(connection.stream('wire', 'client').head),
    },
    isAnswered: connection.lengthOf('wire', 'client') > 0 && connection.lengthOf('wire', 'server') > 0,
    serverName,
    alpn: alpn && alpn.length > 0 ? alpn : undefined,
    starttls: requestedIn(connection),
    presented: presentedIn(messages),
    limits: offered && limitsOf(offered),
    offered,
    failed: commandFailed
      ? outcome.cause !== undefined || (failures.has(outcome.kind) && outcome.step !== 'application_data')
      : outcome.cause !== undefined && outcome.confidence !== 'unknown',
  });
}

function presentedIn(messages: ReturnType<typeof readTls>['messages']): CertificateSummary | undefined {
  const sent = messages.find(({ from, content }) => from === 'client' && content.type === 'certificate');
  const [first] = sent?.content.type === 'certificate' ? sent.content.certificates : [];
  const certificate = first && presentedCertificate(first);
  return certificate && certificateSummary(certificate);
}

/** Undefined for a client that offers both versions that servers have. */
function limitsOf({ versions }: Offered): Limits | undefined {
  const [has12, has13] = [versions.includes(0x0303), versions.includes(0x0304)];
  if (has12 === has13) return undefined;
  return has12 ? { maxVersion: 'TLSv1.2' } : { minVersion: 'TLSv1.3' };
}

/** The protocol in which TLS was requested, by what was said before it. */
function requestedIn(connection: Connection): StarttlsName | undefined {
  const client = connection.stream('wire', 'client').head;
  // PostgreSQL's SSLRequest (its documentation, "Message Formats").
  if (client.length >= 8 && Buffer.from(client.subarray(0, 8)).toString('hex') === '0000000804d2162f')
    return 'postgres';
  const asked = Buffer.from(client.subarray(0, 64)).toString('latin1');
  const server = Buffer.from(connection.stream('wire', 'server').head.subarray(0, 64)).toString('latin1');
  // MySQL's "Initial Handshake Packet" of protocol 10: a length, the number 0, then 10.
  if (server.startsWith('\0\n', 3)) return 'mysql';
  // The name of StartTLS (RFC 4511 section 4.14.1).
  if (asked.startsWith('0') && asked.includes('1.3.6.1.4.1.1466.20037')) return 'ldap';
  if (connection.readableBefore === 0) return undefined;
  if (server.startsWith('220')) return 'smtp';
  if (server.startsWith('* ')) return 'imap';
  if (server.startsWith('+OK')) return 'pop3';
  return undefined;
}

/** The one that the answer is about: the last that failed; where none did, the last. */
export function decisiveOf(seen: readonly Seen[]): Seen | undefined {
  return seen.findLast(({ failed }) => failed) ?? seen.at(-1);
}
