/**
 * Implements the TLS half of accepting: one TLS server per listener, fed with tapped wires. It decides when a
 * connection is secure, when it is passed on, and when a refused client receives its alert; `admission.ts` decides on
 * admission, `alerts.ts` on the alert. Its counterpart is `dialer.ts`. Loaded only for listeners with TLS.
 *
 * 1. A TLS socket over a Duplex does not know its Duplex. Node processes a wire's data before that call returns (and
 *    reports an error in the next tick), so the first report of a TLS socket belongs to the wire being processed.
 *    Values chosen by a client cannot link the two: two clients may send the same random.
 * 2. Up to TLS 1.2 a refused client learns it unencrypted, before its handshake ends: from the master secret on (logged
 *    as the server's Finished is created), the output is held until the client is admitted.
 * 3. Under TLS 1.3 the alert is the first record under SERVER_TRAFFIC_SECRET_0, written in the turn of
 *    `secureConnection`, before any ticket. Then this side ends, and the client's remaining data is read and counted.
 * 4. `refused` precedes `closed`; a refused client is never passed on. A client that has said nothing was not refused. It is appended when the client has disconnected
 *    (or at the limit), since only then is the amount of its data known.
 */
import { sameBytes } from '../../core/bytes.ts';
import { defined } from '../../core/defined.ts';
import { constants, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, createServer } from 'node:tls';
import type { SecureContext, TLSSocket, TlsOptions } from 'node:tls';
import type { CertificateSummary } from '../../capture/vocabulary.ts';
import type { RefusalDetail, Side } from '../../capture/event.ts';
import type { Alert, RefusalReason, TlsVersion } from '../../capture/vocabulary.ts';
import { nameOnly } from '../../pki/x509/name-only.ts';
import { refusalDetail } from '../../pki/x509/verify.ts';
import { admit, checkPolicy } from './admission.ts';
import { alertFor, clearAlertRecord, sealedAlertRecord } from './alerts.ts';
import { readBeginning } from '../tcp/first-bytes.ts';
import type { Beginning } from '../tcp/first-bytes.ts';
import type { ConnectionRecord } from '../tap/connection-record.ts';
import type { Accepted, AcceptOptions, Ends, Identity, ListenerCredentials } from '../endpoint.ts';
import { isNamed } from './named.ts';
import { alertIn, reasonOfAlert, reasonOfServerError } from './failures.ts';
import { readsOf } from '../tap/own-read-buffers.ts';
import { HandshakeTranscript } from './handshake-transcript.ts';
import { patience } from '../tcp/patience.ts';
import type { Wait } from '../tcp/patience.ts';
import { isAlone, presentedChain, summaryOf } from './peer-certificate.ts';
import { httpHead, looksLikeHttp, plainHttpAnswers } from './plain-http.ts';
import { tlsContextOptions } from './context.ts';
import { TappedStream } from '../tap/tapped.ts';
import { TlsWire } from '../tap/tls-wire.ts';
import type { WireEvent } from './states.ts';
import { prepareVerification } from './verification.ts';

const DEFAULT_HANDSHAKE_TIMEOUT = 10_000;
/** So much longer may a client take that was asked for a certificate: its user may be choosing one, or typing a PIN. */
const CHOOSING_TIME = 110_000;
/** How long a refused client may take to disconnect, in milliseconds. */
const REFUSED_LINGER = 1000;
/** Longer than any of our timeouts: Node's own must never fire first. */
const NEVER = 2 ** 31 - 1;

/** Reasons that might not apply if a certificate is missing from what the runtime returned. */
const pathless: ReadonlySet<RefusalReason> = new Set(['unknown_ca', 'intermediate_missing']);

/** A connection in its handshake. */
interface Handshake {
  readonly socket: Socket;
  readonly record: ConnectionRecord;
  readonly ends: Ends;
  readonly wire: TlsWire;
  /** For the whole handshake. Time in which this process was busy does not count. */
  wait: Wait;
  mayChoose: boolean;
  /** Whether the client has said anything: one that has not is a probe, or was opened ahead of its use. */
  hasSpoken: boolean;
  /** The first bytes, until they are classified. */
  head: Buffer;
  beginning: Beginning;
  /** SERVER_TRAFFIC_SECRET_0, under TLS 1.3. */
  serverSecret: Uint8Array | undefined;
  /** Until the handshake has a result. */
  transcript: HandshakeTranscript;
}

interface Refusal {
  readonly version: TlsVersion;
  /** IANA's name. */
  readonly cipher: string;
  readonly reason: RefusalReason;
  readonly detail: RefusalDetail;
  /** Absent if TLS has failed: then the client's data is unknown. */
  readonly tlsSocket?: TLSSocket;
}

export interface TlsAcceptor {
  /** Takes a raw connection through its handshake. Returns a function that ends it as timed out. */
  take(socket: Socket, record: ConnectionRecord, ends: Ends): () => void;
  /**
   * Checks new credentials; the returned function applies them from the next handshake on.
   * @throws UserError if they cannot be used.
   */
  prepare(credentials: ListenerCredentials): () => void;
}

/** Throws a `UserError` if the identity or the policy cannot be used. */
export function createTlsAcceptor(
  options: AcceptOptions,
  handUp: (socket: Socket, accepted: Accepted) => void,
): TlsAcceptor {
  const mutual = options.security === 'mtls';
  const asks = mutual || options.requestCertificate === true;
  if (mutual) checkPolicy(options.policy);
  let verify = verificationOf(options);
  /** The sessions of clients outlive a renewal of the credentials. */
  const ownTicketKeys = mutual ? randomBytes(48) : undefined;
  const settingsFor = (credentials: ListenerCredentials): TlsOptions =>
    serverOptions(options, {
      ...credentials,
      ...(credentials.resumesClients && ownTicketKeys
        ? { ticketKeys: credentials.ticketKeys ?? ownTicketKeys }
        : {}),
    });
  let misnamed = new Misnamed();
  let resumes = options.resumesClients === true;
  const joined = new WeakMap<TLSSocket, Handshake>();
  /** The wire being processed, or processed one tick ago: an error is reported one tick after it happens. */
  let turn: Handshake | undefined;
  const takeTurn = (handshake: Handshake | undefined): void => {
    if (handshake ? handshake.wire.isSettled : turn === undefined) return;
    turn = handshake;
    process.nextTick(() => (turn = handshake));
  };
  const handshakeOf = (tlsSocket: TLSSocket): Handshake | undefined => {
    const handshake = joined.get(tlsSocket) ?? turn;
    if (handshake) joined.set(tlsSocket, handshake);
    return handshake;
  };

  let contextFor = contextsOf(options, options);
  const server = createServer({
    ...settingsFor(options),
    ...(options.identities?.size
      ? { SNICallback: ((name, done) => done(null, contextFor(name))) satisfies TlsOptions['SNICallback'] }
      : {}),
    handshakeTimeout: NEVER,
  });
  server.on('keylog', (line: Buffer, tlsSocket: TLSSocket) => {
    const text = line.toString('latin1').trimEnd();
    const handshake = handshakeOf(tlsSocket);
    if (!handshake) return;
    if (options.tap) handshake.record.keylog(text);
    else options.keysTo?.append({ type: 'keylog', line: text });
    if (handshake.wire.isSettled) return;
    handshake.transcript.addKeylog(text);
    if (!asks) return;
    const [label, , secret = ''] = text.split(' ');
    if (label === 'SERVER_TRAFFIC_SECRET_0') handshake.serverSecret = Buffer.from(secret, 'hex');
    else if (!mutual) return;
    // In a resumed handshake the server finishes first: the client would wait for what is held.
    else if (label === 'CLIENT_RANDOM' && options.reject !== 'http' && !tlsSocket.isSessionReused())
      handshake.wire.dispatch('hold');
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, tlsSocket: TLSSocket) => {
    const handshake = handshakeOf(tlsSocket);
    // At any other time there is nothing to report but the closed wire, which the socket below reports.
    if (!handshake || (asks && isRefusedBehind(handshake, error))) return;
    fail(handshake, error);
  });
  server.on('secureConnection', (tlsSocket: TLSSocket) => {
    // The stream's reader receives errors; this only keeps them from ending the process.
    tlsSocket.on('error', () => {});
    const handshake = joined.get(tlsSocket);
    // Delayed: data from the same turn must not find it destroyed.
    if (!handshake || handshake.wire.isSettled) process.nextTick(() => tlsSocket.destroy());
    else if (mutual) judge(handshake, tlsSocket);
    else
      complete(
        handshake,
        tlsSocket,
        options.requestCertificate ? presentedBy(tlsSocket, handshake.transcript) : {},
      );
  });

  /** Something that decides what becomes of the handshake: nothing more is decided after it. */
  function settle(handshake: Handshake, event: WireEvent, instead?: Uint8Array): void {
    handshake.wait.stop();
    handshake.transcript = new HandshakeTranscript();
    handshake.wire.dispatch(event, instead);
  }

  /** Whether the client was sent a request for a certificate. */
  const isAsked = ({ transcript }: Handshake): boolean =>
    asks && transcript.negotiated().version !== undefined;

  /** The handshake failed, on either side. */
  function fail(handshake: Handshake, error: NodeJS.ErrnoException): void {
    if (handshake.wire.isSettled) return;
    const { by, reason, alert, heard } = blame(handshake, error);
    // The runtime returns no certificate of a failed handshake; a certificate without proof of its key is still
    // reported.
    const presented =
      reason === 'key_proof_failed' ? summaryOf(handshake.transcript.clientChain()[0]) : undefined;
    const asked = isAsked(handshake) && reason === 'closed_during_handshake' ? true : undefined;
    if (options.plainHttp && reason === 'plaintext_on_tls_port' && looksLikeHttp(handshake.head))
      answerInClear(handshake, plainHttpAnswers[options.plainHttp]);
    else settle(handshake, 'fail');
    if (!handshake.hasSpoken) return;
    const detail: RefusalDetail = defined({ presented, code: error.code ?? 'UNKNOWN', asked });
    handshake.record.refused(defined({ by, reason, alert, detail, heard }));
  }

  /** The client reads it before the connection closes. */
  function answerInClear(handshake: Handshake, answer: Uint8Array): void {
    const { socket } = handshake;
    settle(handshake, 'fail_and_refuse', answer);
    const linger = setTimeout(() => socket.destroy(), REFUSED_LINGER);
    socket.once('end', () => socket.destroy()).once('close', () => clearTimeout(linger));
  }

  /**
   * OpenSSL leaves signature errors in its error queue. If the client's flight arrives in two parts, Node takes such an
   * error for the end of the handshake, before our verification: the certificate is verified all the same. If no
   * certificate is required, the client cannot be admitted any more and receives the reason.
   */
  function isRefusedBehind(handshake: Handshake, error: NodeJS.ErrnoException): boolean {
    if (handshake.wire.isSettled || alertIn(error)) return false;
    const chain = handshake.transcript.clientChain();
    const { version, cipherName } = handshake.transcript.negotiated();
    if (chain.length === 0 || version === undefined || cipherName === undefined) return false;
    const at = options.clock.now();
    const verification = verify({ chain, at });
    // A valid chain did not cause the failure.
    if (verification.admitted) return false;
    if (!mutual) {
      if (handshake.transcript.alertOf('server')) return false;
      const presented = summaryOf(chain[0]);
      refuse(handshake, {
        version,
        cipher: cipherName,
        reason: 'bad_signature',
        detail: defined({ presented, code: error.code ?? 'UNKNOWN' }),
      });
      return true;
    }
    const detail = {
      ...refusalDetail(verification, { at, purpose: 'client' }),
      code: error.code ?? 'UNKNOWN',
    };
    refuse(handshake, { version, cipher: cipherName, reason: verification.reason, detail });
    return true;
  }

  function judge(handshake: Handshake, tlsSocket: TLSSocket): void {
    const chain = presentedChain(tlsSocket, handshake.transcript.clientFlight);
    const peer = summaryOf(chain[0]);
    const opensslVerdict = tlsSocket.authorized ? null : String(tlsSocket.authorizationError);
    const at = options.clock.now();
    // It was verified when the session began; OpenSSL keeps that verdict with the session.
    const isResumed = resumes && tlsSocket.isSessionReused() && peer !== undefined;
    let verification = isResumed ? ({ admitted: true, path: [] } as const) : verify({ chain, at });
    if (!verification.admitted && chain.length > 0 && pathless.has(verification.reason)) {
      // The client's messages show whether the path ends there, or only the runtime's report of it.
      const presented = handshake.transcript.clientChain();
      if (presented.length > chain.length && sameBytes(chain[0]!, presented[0]!))
        verification = verify({ chain: presented, at });
    }
    const isOfAnotherDay =
      options.datesByClock === true && opensslVerdict === 'CERT_HAS_EXPIRED' && verification.admitted;
    const admission = admit({
      opensslVerdict: isOfAnotherDay ? null : opensslVerdict,
      verification,
      policy: options.policy ?? {},
      peer,
    });
    if (admission.admitted) return complete(handshake, tlsSocket, defined({ presented: chain, peer }));
    const { reason, expected, fault } = admission;
    const detail: RefusalDetail = defined({
      presented: peer,
      ...(verification.admitted
        ? { expected, fault }
        : refusalDetail(verification, { at, purpose: 'client' })),
      code: opensslVerdict === null || chain.length === 0 ? undefined : opensslVerdict,
    });
    if (options.reject !== 'http') {
      return refuse(handshake, {
        version: versionOf(tlsSocket),
        cipher: tlsSocket.getCipher().standardName,
        reason,
        detail,
        tlsSocket,
      });
    }
    complete(handshake, tlsSocket, defined({ peer, refusal: defined({ reason, presented: peer }) }), () =>
      handshake.record.refused({ by: 'server', reason, version: versionOf(tlsSocket), detail }),
    );
  }

  function complete(
    handshake: Handshake,
    tlsSocket: TLSSocket,
    facts: Pick<Accepted, 'peer' | 'presented' | 'refusal'>,
    beforeHandUp?: () => void,
  ): void {
    const { record, socket, wire } = handshake;
    settle(handshake, 'admit');
    const alpn = tlsSocket.alpnProtocol ? { alpn: tlsSocket.alpnProtocol } : {};
    record.secured(
      defined({
        side: 'server',
        version: versionOf(tlsSocket),
        cipher: tlsSocket.getCipher().standardName,
        ...alpn,
        serverName: tlsSocket.servername || undefined,
        resumed: tlsSocket.isSessionReused() || undefined,
        misnamed: record.tap && misnamed.of(tlsSocket),
        peer: facts.peer,
      }),
    );
    beforeHandUp?.();
    // Its close_notify is read before the FIN after it, and may be answered before the end is emitted.
    tlsSocket.once('end', () => record.ended('client'));
    const stream = new TappedStream({
      lower: tlsSocket,
      raw: socket,
      farSide: 'client',
      destroyResets: true,
      reads: options.tap ? readsOf(tlsSocket) : undefined,
      record: (from, bytes) => record.bytes('plaintext', from, bytes),
      // Its close_notify is on the way before its FIN, and may be answered before that.
      onEnd: () => record.ended('server'),
      reset: (cause) => wire.breakOffFor(cause),
    });
    handUp(socket, {
      conn: record.conn,
      end: record.end,
      stream,
      ...handshake.ends,
      security: options.security,
      ...alpn,
      ...(tlsSocket.servername ? { serverName: tlsSocket.servername } : {}),
      refuse: (reason, detail = {}) => record.refused({ by: 'server', reason, detail }),
      ...facts,
    });
  }

  function refuse(handshake: Handshake, { version, cipher, reason, detail, tlsSocket }: Refusal): void {
    const { record, socket } = handshake;
    const alert = alertFor(reason, version, options.alerts);
    const sealed = alert && alertRecord(alert, version, cipher, handshake.serverSecret);
    settle(handshake, tlsSocket ? 'refuse' : 'fail_and_refuse', sealed);

    // Without a tap there is no `closed` to precede: whoever listens learns it before the client can.
    if (!record.tap)
      record.refused(defined({ by: 'server', reason, alert: sealed && alert, version, detail }));

    let discardedBytes = 0;
    tlsSocket?.on('data', (chunk: Buffer) => (discardedBytes += chunk.length));
    const gone = (): void => {
      clearTimeout(linger);
      socket.off('end', gone).off('close', gone);
      record.refused(
        defined({
          by: 'server',
          reason,
          alert: sealed && alert,
          version,
          detail: defined({ ...detail, discardedBytes: tlsSocket && discardedBytes }),
        }),
      );
      socket.destroy();
    };
    const linger = setTimeout(gone, REFUSED_LINGER);
    // Before the listener that appends `closed`.
    socket.prependOnceListener('end', gone).prependOnceListener('close', gone);
  }

  return {
    prepare(credentials) {
      const verifyAnew = verificationOf(credentials);
      const renewed = settingsFor(credentials);
      createSecureContext(renewed);
      const contextsAnew = contextsOf(options, credentials);
      return () => {
        server.setSecureContext(renewed);
        contextFor = contextsAnew;
        misnamed = new Misnamed();
        // Handshakes in progress must satisfy both: OpenSSL trusts the old credentials, we the new ones.
        verify = verifyAnew;
        resumes = credentials.resumesClients === true;
      };
    },
    take(socket, record, ends) {
      const expire = (): void => {
        if (handshake.wire.isSettled) return;
        if (handshake.mayChoose && isAsked(handshake)) {
          handshake.mayChoose = false;
          handshake.wait = patience.wait(CHOOSING_TIME, expire);
          return;
        }
        fail(
          handshake,
          Object.assign(new Error('the handshake was not completed in time'), {
            code: 'ERR_TLS_HANDSHAKE_TIMEOUT',
          }),
        );
        record.aborted('server', 'timeout');
        socket.destroy();
      };
      const handshake: Handshake = {
        socket,
        record,
        ends,
        wire: new TlsWire({
          lower: socket,
          farSide: 'client',
          reads: options.tap ? readsOf(socket) : undefined,
          record: (from, bytes) => {
            record.bytes('wire', from, bytes);
            if (!handshake.wire.isSettled) handshake.transcript.add(from, bytes);
          },
          beforeRead: (bytes) => {
            handshake.hasSpoken = true;
            if (!handshake.wire.isSettled) readOn(handshake, bytes);
            takeTurn(handshake);
          },
          afterRead: () => takeTurn(undefined),
          onEnd: () => record.ended('server'),
          onReset: () => record.aborted('server', 'reset'),
        }),
        wait: patience.wait(options.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT, () => expire()),
        mayChoose: options.handshakeTimeout === undefined,
        hasSpoken: false,
        head: Buffer.alloc(0),
        beginning: { kind: 'needs_more' },
        serverSecret: undefined,
        transcript: new HandshakeTranscript(),
      };
      // Runs before the listener that appends `closed`: a client that disconnects during the handshake was not refused
      // by TLS.
      socket.prependOnceListener('close', () => {
        if (!handshake.wire.isSettled) fail(handshake, left('the connection closed during the handshake'));
      });
      // A half-closed handshake cannot complete: the client has disconnected. All its data has been read by then.
      handshake.wire.once('end', () => {
        if (handshake.wire.isSettled) return;
        fail(handshake, left('the client ended the connection during the handshake'));
        socket.destroy();
      });
      server.emit('connection', handshake.wire);
      return expire;
    },
  };
}

function left(message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

function readOn(handshake: Handshake, bytes: Uint8Array): void {
  const { kind } = handshake.beginning;
  // Data that is not TLS may be HTTP.
  if (kind !== 'needs_more' && !(kind === 'not_tls' && handshake.head.length < httpHead)) return;
  handshake.head = handshake.head.length === 0 ? Buffer.from(bytes) : Buffer.concat([handshake.head, bytes]);
  handshake.beginning = readBeginning(handshake.head);
  if (handshake.beginning.kind === 'not_tls') handshake.head = handshake.head.subarray(0, httpHead);
  else if (handshake.beginning.kind !== 'needs_more') handshake.head = Buffer.alloc(0);
}

/** Who ended a handshake, why, and with which alert. */
function blame(
  { beginning, transcript }: Handshake,
  error: NodeJS.ErrnoException,
): { by: Side; reason: RefusalReason; alert?: Alert; heard?: true } {
  const heard = alertIn(error) ?? (beginning.kind === 'alert' ? beginning.alert : undefined);
  if (heard) return { by: 'client', reason: reasonOfAlert(heard), alert: heard, heard: true };
  const alert = transcript.alertOf('server');
  const named = reasonOfServerError(error, { spokeTls: beginning.kind !== 'not_tls', sent: alert });
  // Before the hellos have been exchanged, an oversized message is the ClientHello.
  const reason =
    named === 'certificate_too_large' && transcript.negotiated().version === undefined ? 'bad_record' : named;
  if (reason === 'closed_during_handshake') return { by: 'client', reason };
  return defined({ by: 'server', reason, alert });
}

/**
 * The certificates of a client that was asked for one but need not be trusted.
 * @param sent as on the wire: OpenSSL omits unused certificates and adds its own.
 */
function presentedBy(
  tlsSocket: TLSSocket,
  transcript: HandshakeTranscript,
): Pick<Accepted, 'peer' | 'presented'> {
  const { clientFlight } = transcript;
  const known = presentedChain(tlsSocket, clientFlight);
  const sent = known[0] === undefined || isAlone(known[0], clientFlight) ? known : transcript.clientChain();
  // The leaf is the certificate whose key was proven.
  const isSame = known[0] !== undefined && sent[0] !== undefined && sameBytes(known[0], sent[0]);
  const presented = isSame ? sent : known;
  const peer = summaryOf(presented[0]);
  return defined({ presented, peer });
}

/** How many names that clients asked for are kept: they may ask for any. */
const mostNames = 256;

/** The certificate with which a listener answers to a name that is not in it; the same each time, by the name. */
class Misnamed {
  readonly #known = new Map<string, CertificateSummary | undefined>();

  of(tlsSocket: TLSSocket): CertificateSummary | undefined {
    const name = tlsSocket.servername;
    if (!name) return undefined;
    if (this.#known.has(name)) return this.#known.get(name);
    const own = tlsSocket.getX509Certificate();
    const found = own && own.checkHost(name) === undefined ? summaryOf(own.raw) : undefined;
    if (this.#known.size < mostNames) this.#known.set(name, found);
    return found;
  }
}

function versionOf(tlsSocket: TLSSocket): TlsVersion {
  return tlsSocket.getProtocol() as TlsVersion;
}

function alertRecord(
  alert: Alert,
  version: TlsVersion,
  cipher: string,
  serverSecret: Uint8Array | undefined,
): Uint8Array | undefined {
  if (version !== 'TLSv1.3') return clearAlertRecord(alert, version);
  return serverSecret && sealedAlertRecord(alert, cipher, serverSecret);
}

function verificationOf({
  clientAuthorities = [],
  clientRevocations = [],
}: ListenerCredentials): ReturnType<typeof prepareVerification> {
  return prepareVerification('client', clientAuthorities, clientRevocations);
}

/** Of each name that has an identity of its own; undefined for any other. */
function contextsOf(
  options: AcceptOptions,
  credentials: ListenerCredentials,
): (name: string) => SecureContext | undefined {
  const made = new Map<Identity, SecureContext>();
  const contexts = [...(credentials.identities ?? [])].map(([pattern, identity]) => {
    const context =
      made.get(identity) ?? createSecureContext(serverOptions(options, { ...credentials, identity }));
    made.set(identity, context);
    return [pattern, context] as const;
  });
  return (name) => contexts.find(([pattern]) => isNamed(pattern, name))?.[1];
}

function serverOptions(
  { security, tls, requestCertificate }: AcceptOptions,
  {
    identity,
    clientAuthorities = [],
    clientRevocations = [],
    ticketKeys,
    resumesClients = false,
  }: ListenerCredentials,
): TlsOptions {
  const asks = security === 'mtls' || requestCertificate === true;
  return {
    ...tlsContextOptions(identity, tls),
    ...(ticketKeys ? { ticketKeys: Buffer.from(ticketKeys) } : {}),
    ...(asks
      ? {
          requestCert: true,
          rejectUnauthorized: false,
          // For clients that OpenSSL does not verify, only the names are sent.
          ca: security === 'mtls' ? [...clientAuthorities] : clientAuthorities.map(nameOnly),
          ...(security === 'mtls' && clientRevocations.length > 0 ? { crl: [...clientRevocations] } : {}),
        }
      : {}),
    // A resumed session would keep an old verdict, and a renegotiation could replace the admitted certificate.
    secureOptions:
      constants.SSL_OP_NO_RENEGOTIATION | (asks && !resumesClients ? constants.SSL_OP_NO_TICKET : 0),
  };
}
