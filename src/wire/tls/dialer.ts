/**
 * Implements the TLS half of dialing: the handshake over a raw socket, its verification by OpenSSL, and the result as a
 * value. Its counterpart is `acceptor.ts`; `failures.ts` has the reasons of a failure.
 */
import { defined } from '../../core/defined.ts';
import { createHash, X509Certificate } from 'node:crypto';
import { checkServerIdentity, connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { ipVersion } from '../../core/ip-version.ts';
import type { Socket } from 'node:net';
import type { CertificateFault } from '../../capture/event.ts';
import type { CertificateSummary, TlsVersion } from '../../capture/vocabulary.ts';
import { hasRule, isNameAdmitted, wordsOfPolicy } from './admission.ts';
import type { ConnectionRecord } from '../tap/connection-record.ts';
import { localOf } from '../tap/connection-record.ts';
import type { Dialed, DialOptions, Failure, Renegotiation, Secured } from '../endpoint.ts';
import { failureOf } from './failures.ts';
import { readsOf } from '../tap/own-read-buffers.ts';
import { patience } from '../tcp/patience.ts';
import { presentedChain, presentedLeaf, summaryOf } from './peer-certificate.ts';
import type { Duplex } from 'node:stream';
import type { Tamper } from '../tamper/tampering.ts';
import type { TamperName } from '../tamper/tamper.ts';
import { TappedStream } from '../tap/tapped.ts';
import type { Reads } from '../tap/tapped.ts';
import { clientContext } from './context.ts';
import { TlsWire } from '../tap/tls-wire.ts';
import { prepareVerification } from './verification.ts';

export async function secure(
  options: DialOptions,
  socket: Socket,
  record: ConnectionRecord,
  reads: Reads | undefined,
  milliseconds: number,
): Promise<Dialed> {
  const local = localOf(socket);
  const tapped = options.tap !== undefined;
  const wire = tapped
    ? new TlsWire({
        lower: socket,
        farSide: 'server',
        reads,
        record: (from, bytes) => record.bytes('wire', from, bytes),
        onEnd: () => record.ended('client'),
        onReset: () => record.aborted('client', 'reset'),
      })
    : undefined;
  const tampering =
    options.tamper === undefined ? undefined : await tamperedBy(options.tamper, wire ?? socket);
  const name = options.serverName ?? options.to.host;
  let nameError: Error | undefined;
  /** What our own verification finds for a certificate that OpenSSL rejects. */
  let fault: CertificateFault | undefined;
  const tlsSocket = connect({
    socket: tampering?.stream ?? wire ?? socket,
    // SNI contains host names, never addresses (RFC 6066 section 3); an address is still verified.
    ...(ipVersion(name) ? {} : { servername: name }),
    host: name,
    // OpenSSL's verdict is read below: a TLS socket that Node has destroyed no longer returns the presented
    // certificates.
    rejectUnauthorized: false,
    checkServerIdentity: (host, certificate) =>
      (nameError = checkServerIdentity(
        host,
        options.ignoresCommonName
          ? { ...certificate, subject: { ...certificate.subject, CN: '' } }
          : certificate,
      )),
    ...(options.session ? { session: options.session } : {}),
    ...(options.requestsStatus ? { requestOCSP: true } : {}),
    ...clientContext(
      options.identity,
      options.tls,
      defined({
        ca: options.authorities && [...options.authorities],
        crl: options.revocations && [...options.revocations],
      }),
    ),
  });
  const known = (): { conn: number; hop: string } | undefined => options.reportTo?.connectionFrom(local);
  tlsSocket.on('keylog', (line: Buffer) => {
    const text = line.toString('latin1').trimEnd();
    tampering?.tamper.keylog(text);
    if (tapped) record.keylog(text);
    else
      options.reportTo?.append(
        defined({ type: 'keylog', conn: known() ? known()!.conn : undefined, line: text }),
      );
  });

  tlsSocket.once('error', () => wire?.dispatch('fail'));
  tlsSocket.once('secureConnect', () => wire?.dispatch('admit'));
  let status: Uint8Array | undefined;
  if (options.requestsStatus)
    tlsSocket.on('OCSPResponse', (response: Buffer | null) => (status = response ?? new Uint8Array(0)));
  const { onSession } = options;
  if (onSession) tlsSocket.on('session', (session: Buffer) => onSession(session));

  const failure = (await handshake(tlsSocket, socket, milliseconds)) ?? verdict() ?? unmeant() ?? unpinned();
  const leaf = presentedLeaf(tlsSocket);
  const presented = summaryOf(leaf);
  // The rest of it costs the runtime more than the handshake, and is needed to explain a failure, or by who asks for it.
  const chain = failure || options.onPresented ? presentedChain(tlsSocket) : [];
  if (leaf) options.onPresented?.(chain);
  if (failure) {
    const failed = namedReason(failureOf(failure, { presented }));
    report(failed);
    if (failed.reason === 'handshake_timeout') record.aborted('client', 'timeout');
    (wire ?? socket).destroy();
    return { outcome: 'failed', local, failure: failed };
  }
  const secured: Secured = defined({
    version: tlsSocket.getProtocol() as TlsVersion,
    cipher: tlsSocket.getCipher().standardName,
    alpn: tlsSocket.alpnProtocol || undefined,
    peer: presented,
  });
  const facts = defined({
    side: 'client' as const,
    ...secured,
    serverName: ipVersion(name) ? undefined : name,
    unverified: options.verify === false ? (true as const) : undefined,
  });
  if (tapped) record.secured(facts);
  else {
    const connection = known();
    if (connection) options.reportTo?.append({ type: 'secured', ...connection, ...facts });
  }
  // Its close_notify is read before the FIN after it, and may be answered before the end is emitted.
  if (tlsSocket.readableEnded) record.ended('server');
  else tlsSocket.once('end', () => record.ended('server'));
  const stream = wire
    ? new TappedStream({
        lower: tlsSocket,
        raw: socket,
        farSide: 'server',
        reads: readsOf(tlsSocket),
        record: (from, bytes) => record.bytes('plaintext', from, bytes),
        onEnd: () => record.ended('client'),
        reset: (cause) => wire.breakOffFor(cause),
      })
    : tlsSocket;
  return defined({
    outcome: 'connected' as const,
    conn: record.conn,
    stream,
    local,
    secured,
    status,
    resumed: tlsSocket.isSessionReused() ? (true as const) : undefined,
    renegotiate:
      secured.version === 'TLSv1.3'
        ? undefined
        : async (limit: number) => renegotiation(tlsSocket, stream, limit),
  });

  function verdict(): Error | undefined {
    if (options.verify === false || tlsSocket.authorized) return undefined;
    const code = String(tlsSocket.authorizationError);
    if (options.datesByClock && code === 'CERT_HAS_EXPIRED' && ownVerdict(presentedChain(tlsSocket)).admitted)
      return undefined;
    return nameError ?? Object.assign(new Error(wordsOfVerdict(code)), { code });
  }

  /** A trusted server whose names match none of the required ones. */
  function unmeant(): Error | undefined {
    const { serverPolicy } = options;
    if (!serverPolicy || !hasRule(serverPolicy)) return undefined;
    const peer = summaryOf(presentedLeaf(tlsSocket));
    if (peer && isNameAdmitted(serverPolicy, peer)) return undefined;
    return Object.assign(new Error(`none of its names is ${wordsOfPolicy(serverPolicy)}`), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  }

  /** A trusted server whose public key is not one of the pinned keys. */
  function unpinned(): Error | undefined {
    const { pins } = options;
    if (!pins) return undefined;
    const shown = presentedLeaf(tlsSocket);
    if (shown && pins.includes(publicKeyPin(shown))) return undefined;
    return Object.assign(new Error('the public key is none of those that are pinned'), {
      code: 'PUBLIC_KEY_NOT_PINNED',
    });
  }

  function ownVerdict(shown: readonly Uint8Array[]): ReturnType<ReturnType<typeof prepareVerification>> {
    return prepareVerification(
      'server',
      options.authorities ?? [],
      options.revocations,
    )({ chain: shown, at: options.clock.now(), hostname: name });
  }

  /** OpenSSL reports an unknown CA and a missing intermediate with the same code; we distinguish them. */
  function namedReason(failed: Failure): Failure {
    if (failed.by !== 'client' || !looseVerdicts.has(failed.code) || !options.authorities) return failed;
    const verification = ownVerdict(chain);
    if (verification.admitted) return failed;
    fault = verification.fault;
    return { ...failed, reason: verification.reason };
  }

  /** OpenSSL does not report which certificate of the chain is outside its validity; it need not be the server's own. */
  function outOfDateAbove(reason: Failure['reason']): CertificateSummary | undefined {
    if (reason !== 'certificate_expired' && reason !== 'certificate_not_yet_valid') return undefined;
    const now = options.clock.now();
    const isValid = ({ notBefore, notAfter }: CertificateSummary): boolean =>
      Date.parse(notBefore) <= now && now < Date.parse(notAfter) + 1000;
    if (!presented || !isValid(presented)) return undefined;
    return chain
      .slice(1)
      .map(summaryOf)
      .find((summary) => summary && !isValid(summary));
  }

  function report(failed: Failure): void {
    if (failed.by !== 'client') return;
    const blamed = outOfDateAbove(failed.reason);
    const facts = {
      by: 'client' as const,
      reason: failed.reason,
      detail: defined({
        code: failed.code,
        expected: failed.reason === 'name_mismatch' ? name : undefined,
        presented,
        blamed,
        fault,
      }),
    };
    if (tapped) record.refused(facts);
    else {
      const connection = known();
      if (connection) options.reportTo?.append({ type: 'refused', ...connection, ...facts });
    }
  }
}

/** @param stream where the end is read: it must flow */
async function renegotiation(
  tlsSocket: TLSSocket,
  stream: Duplex,
  milliseconds: number,
): Promise<Renegotiation> {
  return new Promise((resolve) => {
    const wait = patience.wait(milliseconds, () => finish('ignored'));
    const refused = (): void => finish('refused');
    const finish = (result: Renegotiation): void => {
      wait.stop();
      stream.off('end', refused).off('close', refused).off('error', refused);
      resolve(result);
    };
    stream.once('end', refused).once('close', refused).once('error', refused);
    tlsSocket.renegotiate({}, (error) => finish(error ? 'refused' : 'completed'));
  });
}

/** SHA-256 of the SubjectPublicKeyInfo, in base64 (RFC 7469 section 2.4). */
function publicKeyPin(certificate: Uint8Array): string {
  return createHash('sha256')
    .update(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

/** Loaded only if a demonstration needs it. */
async function tamperedBy(
  name: TamperName,
  lower: Duplex,
): Promise<{ readonly tamper: Tamper; readonly stream: Duplex }> {
  const [{ tampers }, { TamperedStream }] = await Promise.all([
    import('../tamper/tamper.ts'),
    import('../tamper/tampered.ts'),
  ]);
  const tamper = tampers[name]();
  return { tamper, stream: new TamperedStream(lower, tamper) };
}

/** Verdicts of OpenSSL that leave the cause open. */
const looseVerdicts: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'INVALID_PURPOSE',
  'UNSPECIFIED',
]);

/** Node's code hides OpenSSL's own text, but is equivalent: `CERT_HAS_EXPIRED`, cert has expired. */
function wordsOfVerdict(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ');
}

/** Resolves with the error, or with undefined once the connection is secure and verified. */
async function handshake(
  tlsSocket: TLSSocket,
  socket: Socket,
  milliseconds: number,
): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const wait = patience.wait(milliseconds, () =>
      finish(Object.assign(new Error('the handshake was not completed in time'), { code: 'ETIMEDOUT' })),
    );
    const finish = (error?: Error): void => {
      wait.stop();
      resolve(error);
    };
    tlsSocket.once('secureConnect', () => finish());
    // Kept for errors after the handshake: the stream's reader receives them too.
    tlsSocket.on('error', finish);
    const hungUp = (): void =>
      finish(
        Object.assign(new Error('the other side closed the connection during the handshake'), {
          code: 'ECONNRESET',
        }),
      );
    tlsSocket.once('end', hungUp);
    tlsSocket.once('close', hungUp);
    // An end that arrived together with the connection was emitted by the socket before TLS took over its reading.
    socket.once('end', hungUp);
    if (!socket.readable) hungUp();
  });
}
