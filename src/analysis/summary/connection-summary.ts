/**
 * Sums up one connection while it is read: addresses, sizes, names, what was agreed on, its requests and what became of it. The
 * lists, filters and statistics are made from this; the messages themselves are not kept, and what is kept is bounded.
 */
import type { Address, Transport, Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import { latin1Text } from '../../core/bytes.ts';
import { safeText } from '../../i18n/safe.ts';
import type { HttpMessage } from '../../protocols/http/http-message.ts';
import type { Negotiated } from '../../protocols/tls/agreement.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';
import type { MessageTimes } from '../conversation/conversation.ts';
import type { Message } from '../conversation/message.ts';
import { protectionOf } from '../../protocols/shared/credential.ts';
import type { LoginResult } from '../../protocols/shared/login-result.ts';
import type { FoundCredential } from '../secrets/credential-shapes.ts';
import type { Outcome, OutcomeKind } from '../outcome/outcome-facts.ts';
import { Exchanges } from './exchanges.ts';
import { loginOver } from './http-logins.ts';
import type { Exchange } from './exchanges.ts';

/** Times in microseconds since the run began. */
export interface ConnectionSummary {
  /** Its number, from 0. */
  readonly stream: number;
  /** The wire. */
  readonly hop: string;
  readonly transport: Transport;
  /** The wire of the client's connection for which a proxy opened it; undefined for a client's own. */
  readonly behind: string | undefined;
  readonly client: Address | undefined;
  readonly server: Address | undefined;
  readonly openedAt: number;
  /** Not before it was opened, where a capture's clock was set back in between. */
  readonly closedAt: number | undefined;
  /** Of its last message or its end, as far as it was read. */
  readonly lastAt: number;
  /** The first and the newest packet of a capture file that belongs to it. */
  readonly frames: readonly [first: number, last: number] | undefined;
  /** Payload that each side sent, in bytes. */
  readonly bytes: Readonly<Record<Side, number>>;
  /** In the order in which they were met; `tls` among them. */
  readonly protocols: readonly string[];
  /** What tshark calls it, where it was asked and nothing here is recognised. */
  readonly tshark?: string;
  /** What the client asked for in its ClientHello. */
  readonly sni: string | undefined;
  /** From the requests: without a port. */
  readonly hosts: readonly string[];
  /** From what else asks for a name: queries of DNS, the hello of Google's QUIC. */
  readonly asked: readonly string[];
  readonly version: string | undefined;
  readonly suite: string | undefined;
  readonly alpn: string | undefined;
  readonly alerts: readonly string[];
  readonly requests: number;
  readonly methods: readonly string[];
  readonly statuses: readonly number[];
  readonly paths: readonly string[];
  /** Of its requests. */
  readonly latency: { readonly least: number; readonly most: number; readonly last: number } | undefined;
  /** Secrets that could be read on the wire, each by its kind. */
  readonly secrets: readonly string[];
  /** Proofs of secrets that could be read, against which guesses can be tested: each kind once. */
  readonly guessable: readonly string[];
  /** What the server answered to logins, each result once, the last one last. */
  readonly logins: readonly LoginResult[];
  /** Whether what it carried could be read on the wire. */
  readonly isReadable: boolean;
  /** The texts that were looked for and found in its messages. */
  readonly texts: ReadonlySet<string>;
  /** Undefined until it has ended. */
  readonly outcome: Outcome | undefined;
  readonly isOver: boolean;
}

/** It was a probe, or a browser that opened it ahead of its use: nobody was refused. */
const isNoFailure = (kind: OutcomeKind): boolean =>
  kind === 'nothing_said' || kind === 'empty' || kind === 'left_on_request';

/** Something went wrong: it was refused, broken off, or never came about. */
export function hasFailed({ kind, cause, step }: Pick<Outcome, 'kind' | 'cause' | 'step'>): boolean {
  if (isNoFailure(kind) || kind === 'open') return false;
  // Many programs end with a reset what they are done with.
  const isDone = step === 'application_data' || step === 'plaintext';
  return cause !== undefined || (kind !== 'completed' && !(kind === 'reset' && isDone));
}

/** One side turned the other away. */
export function isRefused({ kind }: Pick<Outcome, 'kind'>): boolean {
  return kind === 'refused_by_client' || kind === 'refused_by_server' || kind === 'not_accepted';
}

/** Whether the server refused the last login on it: the connection itself may have been completed. */
export const isLoginRefused = ({ logins }: Pick<ConnectionSummary, 'logins'>): boolean =>
  logins.at(-1) === 'refused';

/** Something went wrong with the connection, or with the login over it; undefined while it is open. */
export function isFailed(summary: Pick<ConnectionSummary, 'outcome' | 'logins'>): boolean | undefined {
  const { outcome } = summary;
  return outcome && (hasFailed(outcome) || isLoginRefused(summary));
}

/** The name that the client asked for, in its ClientHello, in a request or in a query. */
export const nameIn = ({
  sni,
  hosts,
  asked,
}: Pick<ConnectionSummary, 'sni' | 'hosts' | 'asked'>): string | undefined => sni ?? hosts[0] ?? asked[0];

/** The name of what went wrong where the connection itself went well. */
export const loginRefused = 'login_refused';

/** What went wrong, in the vocabulary of the JSON output: the cause, a refused login, else the kind of end; undefined while it is open. */
export function causeIn(summary: Pick<ConnectionSummary, 'outcome' | 'logins'>): string | undefined {
  const { outcome } = summary;
  if (!outcome) return undefined;
  return !hasFailed(outcome) && isLoginRefused(summary) ? loginRefused : (outcome.cause ?? outcome.kind);
}

/** By the wall clock of the run, in milliseconds since the epoch; `at` in microseconds since it began. */
export function wallClockOf({ began }: Pick<Connection, 'began'>, at: number): number {
  return Date.parse(began?.wallClock ?? '1970-01-01T00:00:00Z') + at / 1000;
}

/** How many different names, paths and the like are kept of a connection. */
const mostKept = 64;

/** What is sealed by its nature, though its name is readable. */
const sealedProtocols: ReadonlySet<string> = new Set([
  'tls',
  'tcp',
  'data',
  'ssh',
  'quic',
  'gquic',
  'dtls',
  'wireguard',
  'tinc',
]);

export interface SummaryOptions {
  /** Looked for in the messages, letters of either case alike. */
  readonly texts?: readonly string[];
  readonly onExchange?: (exchange: Exchange) => void;
  /** Of each response as it comes, in microseconds from the last byte of the request to its first. */
  readonly onLatency?: (latency: number, connection: Connection) => void;
  /** Another program's name for a connection, by the number of its first packet. */
  readonly tsharkName?: ((firstFrame: number) => string | undefined) | undefined;
  /** Bytes of each body that are kept for `onExchange`; none by default. */
  readonly mostBody?: number;
}

/** Hand its methods to a `ConversationReader` of the connection; several readers of one connection may share it. */
export class SummaryReader {
  readonly #connection: Connection;
  readonly #exchanges: Exchanges;
  readonly #tsharkName: SummaryOptions['tsharkName'];
  readonly #texts: readonly string[];
  readonly #found = new Set<string>();
  readonly #protocols = new Set<string>();
  readonly #hosts = new Set<string>();
  readonly #asked = new Set<string>();
  readonly #methods = new Set<string>();
  readonly #statuses = new Set<number>();
  readonly #paths = new Set<string>();
  readonly #alerts = new Set<string>();
  readonly #secrets: string[] = [];
  readonly #guessable = new Set<string>();
  readonly #logins = new Set<LoginResult>();
  /** The request at hand carries a form with a secret. */
  #hasForm = false;
  #sni: string | undefined;
  #requests = 0;
  #latency: ConnectionSummary['latency'];
  #isReadable = false;
  #lastFrame = 0;
  #lastAt = 0;

  constructor(
    connection: Connection,
    { texts = [], onExchange, onLatency, mostBody, tsharkName }: SummaryOptions = {},
  ) {
    this.#connection = connection;
    this.#tsharkName = tsharkName;
    this.#texts = texts.map((text) => text.toLowerCase());
    this.#exchanges = new Exchanges({
      onLatency: (latency) => {
        this.#answered(latency);
        onLatency?.(latency, connection);
      },
      onExchange: (exchange) => {
        const login = loginOver(exchange, this.#hasForm);
        if (login) this.#login(login);
        this.#hasForm = false;
        onExchange?.(exchange);
      },
      ...(mostBody === undefined ? {} : { mostBody }),
    });
  }

  readonly onHttp = (message: HttpMessage, times: MessageTimes): void => {
    const { content } = message;
    if (content.type === 'request') this.#request(content.method, content.target, hostIn(content.headers));
    else if (content.type === 'response') this.#status(content.status);
    this.#exchanges.http1(message, times);
  };

  readonly onTls = ({ content }: TlsMessage): void => {
    if (content.type === 'client_hello') this.#sni ??= mapped(content.extensions.serverName, safeText);
  };

  /** @param found its credentials, where they are known already */
  readonly onMessage = (message: Message, found?: readonly FoundCredential[]): void => {
    const { at, protocol, from, vantage, frame, alert, http, httpBody } = message;
    this.#lastAt = Math.max(this.#lastAt, at);
    if (frame !== undefined) this.#lastFrame = Math.max(this.#lastFrame, frame);
    if (from === null) return;
    if (protocol !== 'tcp' && protocol !== 'data') add(this.#protocols, protocol);
    if (alert) add(this.#alerts, alert.description);
    if (message.login) this.#login(message.login);
    if (message.asksFor) add(this.#asked, safeText(message.asksFor));
    if (http) {
      const { method, path = '', status, authority } = http;
      if (http.kind === 'request' && !http.isTrailer) this.#request(method ?? '', path, authority);
      else if (status !== undefined) this.#status(status);
    }
    if (http || httpBody) this.#exchanges.framed(message);
    if (vantage === 'wire') {
      if (!sealedProtocols.has(protocol) && !message.sealed) this.#isReadable = true;
      for (const { kind } of this.#secrets.length < mostKept ? (found ?? message.credentials()) : []) {
        if (isForm(kind)) this.#hasForm = true;
        const protection = protectionOf(kind);
        if (protection === 'readable' && this.#secrets.length < mostKept) this.#secrets.push(kind);
        if (protection === 'guessable') this.#guessable.add(kind);
      }
    } else if (
      protocol === 'http' &&
      from === 'client' &&
      (found ?? message.credentials()).some((one) => isForm(one.kind))
    )
      this.#hasForm = true;
    if (this.#found.size < this.#texts.length) this.#look(message);
  };

  /** Nothing more comes. */
  end(): void {
    this.#exchanges.end();
  }

  /** As far as it was read. @param negotiated what TLS agreed on, by the bytes; @param outcome once it has ended */
  summary(negotiated: Negotiated | undefined, outcome: Outcome | undefined): ConnectionSummary {
    const connection = this.#connection;
    const { opened, closed, secured } = connection;
    const reported = secured.server ?? secured.client;
    const suite = negotiated?.cipherName ?? reported?.cipher;
    const first = opened?.frame;
    const last = Math.max(this.#lastFrame, closed?.frame ?? 0, first ?? 0);
    const version = negotiated?.version ?? reported?.version;
    const isRecognised = connection.carriesTls || this.#protocols.size > 0;
    const tshark = isRecognised || first === undefined ? undefined : this.#tsharkName?.(first);
    return {
      ...(tshark === undefined ? {} : { tshark: safeText(tshark) }),
      stream: connection.conn,
      hop: connection.hop,
      transport: opened?.transport ?? 'tcp',
      behind: connection.behind,
      client: opened?.from,
      server: opened?.to,
      openedAt: opened?.at ?? 0,
      closedAt: closed && Math.max(closed.at, opened?.at ?? 0),
      lastAt: Math.max(this.#lastAt, closed?.at ?? 0, opened?.at ?? 0),
      frames: first === undefined && last === 0 ? undefined : [first ?? last, last],
      bytes: { client: connection.lengthOf('wire', 'client'), server: connection.lengthOf('wire', 'server') },
      protocols: [
        ...(connection.carriesTls && !this.#protocols.has('tls') ? ['tls'] : []),
        ...this.#protocols,
      ],
      sni: this.#sni ?? mapped(negotiated?.serverName ?? reported?.serverName, safeText),
      hosts: [...this.#hosts],
      asked: [...this.#asked],
      version: version?.replace(/^(TLS|SSL|DTLS)v/, '$1 ').replace(/^(\w+) (\d)$/, '$1 $2.0'),
      suite,
      alpn: mapped(negotiated?.alpn ?? reported?.alpn, safeText),
      alerts: [...this.#alerts],
      requests: this.#requests,
      methods: [...this.#methods],
      statuses: [...this.#statuses],
      paths: [...this.#paths],
      latency: this.#latency,
      secrets: this.#secrets,
      guessable: [...this.#guessable],
      logins: [...this.#logins],
      isReadable: this.#isReadable && (!connection.carriesTls || this.#secrets.length > 0),
      texts: this.#found,
      outcome,
      isOver: outcome !== undefined,
    };
  }

  #request(method: string, path: string, host: string | undefined): void {
    this.#requests++;
    add(this.#methods, safeText(method));
    add(this.#paths, safeText(path));
    if (host !== undefined && host !== '') add(this.#hosts, safeText(host.replace(/:\d+$/, '')));
  }

  #login(result: LoginResult): void {
    this.#logins.delete(result);
    this.#logins.add(result);
  }

  #status(status: number): void {
    add(this.#statuses, status);
  }

  #answered(latency: number): void {
    const { least = latency, most = latency } = this.#latency ?? {};
    this.#latency = { least: Math.min(least, latency), most: Math.max(most, latency), last: latency };
  }

  #look(message: Message): void {
    const said = [message.title.en, message.facts.en, message.title.ko, message.facts.ko]
      .join('\n')
      .toLowerCase();
    let body: string | undefined;
    for (const text of this.#texts) {
      if (this.#found.has(text)) continue;
      if (said.includes(text)) this.#found.add(text);
      else {
        body ??= textIn(message.bytes());
        if (body.includes(text) || body.includes(Buffer.from(text, 'utf8').toString('latin1')))
          this.#found.add(text);
      }
    }
  }
}

const isForm = (kind: FoundCredential['kind']): boolean => kind === 'form_field' || kind === 'json_member';

const textIn = (bytes: Uint8Array | undefined): string => (bytes ? latin1Text(bytes).toLowerCase() : '');

function hostIn(headers: readonly { readonly name: string; readonly value: string }[]): string | undefined {
  return headers.find(({ name }) => name.toLowerCase() === 'host')?.value;
}

function add<T>(set: Set<T>, value: T): void {
  if (set.size < mostKept) set.add(value);
}

const mapped = <T, R>(value: T | undefined, map: (value: T) => R): R | undefined =>
  value === undefined ? undefined : map(value);
