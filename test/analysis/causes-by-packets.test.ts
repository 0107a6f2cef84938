/**
 * Failures whose evidence lies in packets, in silence, or in what was said in clear, each with a healthy counterpart: what
 * fails has the right side and the right cause, or is unknown; what is healthy says so. A confident wrong cause fails.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { readFileSync } from 'node:fs';
import { loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { outcomeOf } from '../../src/analysis/outcome/outcome.ts';
import type { Outcome } from '../../src/analysis/outcome/outcome-facts.ts';
import { Flows } from '../../src/capture/flows.ts';
import type { Connection } from '../../src/capture/connection.ts';
import { outputValidator } from '../helpers/output-schema.ts';
import { present, ScriptedLog } from '../helpers/capture.ts';
import { withPeer } from '../helpers/peer.ts';
import { CapturedWire } from './support/captured-wire.ts';
import type { Said } from './support/captured-wire.ts';
import { file, opensslFails } from './support/failing-peers.ts';
import { sealed, talk, text, turns } from './support/said.ts';
import type { Conversation } from './support/said.ts';

await loadReadings();

const tls12 = turns((await talk({ version: 'TLSv1.2' })).said);
const tls13 = turns((await talk({ version: 'TLSv1.3' })).said);
const whole = { 'TLS 1.2': tls12, 'TLS 1.3': tls13 } as const;

/** The turns of a conversation: hello, the server's flight, the client's, and so on. */
const turn = (said: readonly Said[], index: number): Said => {
  const found = said[index];
  if (!found) throw new Error('the conversation has no such turn');
  return found;
};
const hello12 = turn(tls12, 0);
const hello13 = turn(tls13, 0);
const flight12 = turn(tls12, 1);
const flight13 = turn(tls13, 1);
/** More than a packet holds: what offers a key of ML-KEM is as long. */
const bigHello: Said = { from: 'client', bytes: longHello(hello13.bytes) };

/** With an extension of padding (RFC 7685). */
function longHello(record: Uint8Array): Uint8Array {
  const zeros = 1500;
  const hello = Buffer.from(record);
  const pad = Buffer.concat([Buffer.from([0, 21, zeros >> 8, zeros & 0xff]), Buffer.alloc(zeros)]);
  const sessionEnd = 44 + (hello[43] ?? 0);
  const suitesEnd = sessionEnd + 2 + hello.readUInt16BE(sessionEnd);
  const extensionsAt = suitesEnd + 1 + (hello[suitesEnd] ?? 0);
  hello.writeUInt16BE(hello.readUInt16BE(3) + pad.length, 3);
  hello.writeUInt16BE(hello.readUInt16BE(7) + pad.length, 7);
  hello.writeUInt16BE(hello.readUInt16BE(extensionsAt) + pad.length, extensionsAt);
  return Buffer.concat([hello, pad]);
}

/** The ServerHello of TLS 1.2, alone, of a server that knows nothing of RFC 5746. */
function legacyServerHello(flight: Uint8Array): Said {
  const bytes = Buffer.from(flight);
  const body = bytes.subarray(9, 9 + bytes.readUIntBE(6, 3));
  const extensionsAt = 38 + (body[34] ?? 0);
  const kept: Buffer[] = [];
  for (let at = extensionsAt + 2; at < body.length; at += 4 + body.readUInt16BE(at + 2)) {
    if (body.readUInt16BE(at) !== 0xff01) kept.push(body.subarray(at, at + 4 + body.readUInt16BE(at + 2)));
  }
  const extensions = Buffer.concat(kept);
  const length = Buffer.from([extensions.length >> 8, extensions.length & 0xff]);
  const hello = Buffer.concat([body.subarray(0, extensionsAt), length, extensions]);
  return {
    from: 'server',
    bytes: Buffer.concat([
      Buffer.from([
        22,
        3,
        3,
        (hello.length + 4) >> 8,
        (hello.length + 4) & 0xff,
        2,
        0,
        hello.length >> 8,
        hello.length & 0xff,
      ]),
      hello,
    ]),
  };
}

const fits = outputValidator();

interface Expected {
  /** Undefined: none is named. */
  readonly cause?: Outcome['cause'];
  readonly confidence?: Outcome['confidence'];
  readonly kind?: Outcome['kind'];
  readonly by?: Outcome['by'];
}

function isJudged(
  t: ExecutionContext,
  connection: Connection,
  expected: Expected,
  keys: readonly string[] = [],
): Outcome {
  const outcome = outcomeOf(connection, { keys });
  const words = `${outcome.kind}: ${outcome.sentence.en} [${outcome.certainty.en}]`;
  t.log(words);
  t.is(outcome.cause, expected.cause, words);
  if (expected.confidence) t.is(outcome.confidence, expected.confidence, words);
  if (expected.kind) t.is(outcome.kind, expected.kind, words);
  if (expected.by) t.is(outcome.by, expected.by, words);
  t.is(outcome.inferred && outcome.confidence === 'proven', false, words);
  for (const language of ['en', 'ko'] as const)
    t.notRegex(outcome.sentence[language] + outcome.certainty[language], /undefined|NaN|\p{Cc}/u, words);
  t.regex(outcome.certainty.ko, /[가-힣]/);
  return outcome;
}

const healthy: Expected = { confidence: 'proven', kind: 'completed' };
const unknown: Expected = { cause: 'closed_during_handshake', confidence: 'unknown' };
const begun = (options?: ConstructorParameters<typeof CapturedWire>[0]): CapturedWire =>
  new CapturedWire(options).open();

/** Each failure with the same connection in health. */
/** PostgreSQL's StartupMessage, and AuthenticationSASL with these mechanisms. */
const postgresStartup = '\0\0\0\x15\0\x03\0\0user\0alice\0\0';
const saslOffer = (mechanisms: string): string =>
  `R\0\0\0${String.fromCharCode(mechanisms.length + 9)}\0\0\0\n${mechanisms}\0`;

const cases: Readonly<
  Record<
    string,
    readonly [failure: () => CapturedWire, expected: Expected, healthy: () => CapturedWire, well?: Expected]
  >
> = {
  "full packets of the server's are lost before a capture at the client, which acknowledges selectively": [
    () => begun().say(hello13).sayBeyondHole(flight13).wait(20).close('client'),
    { cause: 'large_packets_lost', confidence: 'likely' },
    () =>
      begun()
        .say(hello13)
        .sayBeyondHole(flight13)
        .heal(flight13)
        .say(...tls13.slice(2))
        .close('server'),
  ],
  'the same without selective acknowledgements': [
    () => begun().say(hello12).sayBeyondHole(flight12, { selective: false }).wait(20).close('client'),
    { cause: 'large_packets_lost', confidence: 'likely' },
    () =>
      begun()
        .say(hello12)
        .sayBeyondHole(flight12, { selective: false })
        .heal(flight12)
        .say(...tls12.slice(2))
        .close('server'),
  ],
  "full packets of the server's are lost behind a capture at the server, which sends them six times": [
    () => begun().say(hello13).sayInVain(flight13, 6).wait(5).close('client'),
    { cause: 'large_packets_lost', confidence: 'likely' },
    () =>
      begun()
        .say(hello13)
        .sayInVain(flight13, 2)
        .heal(flight13)
        .say(...tls13.slice(2))
        .close('server'),
  ],
  'a ClientHello of two packets does not arrive': [
    () => begun().sayInVain(bigHello, 6).wait(5).close('client'),
    { cause: 'large_packets_lost', confidence: 'likely' },
    () =>
      begun()
        .say(bigHello, ...tls13.slice(1))
        .close('server'),
  ],
  'a short ClientHello does not arrive: no matter of size': [
    () => begun().sayInVain(hello13, 5).wait(5).close('client'),
    { cause: 'packets_lost', confidence: 'proven' },
    () =>
      begun()
        .sayInVain(hello13, 2)
        .heal(hello13)
        .say(...tls13.slice(1))
        .close('server'),
  ],
  'a long answer does not arrive, once the handshake is over': [
    () =>
      begun()
        .say(...tls12.slice(0, 5))
        .sayInVain(sealed('server', 4000), 6)
        .wait(10)
        .reset('client'),
    { cause: 'large_packets_lost', confidence: 'likely', kind: 'reset' },
    () =>
      begun()
        .say(...tls12.slice(0, 5), sealed('server', 4000))
        .close('server'),
  ],
  'a black hole that the client leaves by a reset': [
    () => begun().say(hello12).sayBeyondHole(flight12).wait(30).reset('client'),
    { cause: 'large_packets_lost', confidence: 'likely', kind: 'reset', by: 'client' },
    () =>
      begun()
        .say(...tls12)
        .close('client'),
  ],
  'a black hole while the capture ends': [
    () => begun().say(hello13).sayInVain(flight13, 7),
    { cause: 'large_packets_lost', confidence: 'likely', kind: 'open' },
    () => begun().say(...tls13),
    { kind: 'open' },
  ],
  'a server that says nothing for four seconds, until the client leaves': [
    () => begun().say(hello13).wait(4).close('client'),
    { cause: 'server_silent', confidence: 'likely', kind: 'no_answer', by: 'client' },
    () =>
      begun()
        .say(hello13)
        .wait(4)
        .say(...tls13.slice(1))
        .close('server'),
  ],
  'a server that says nothing, until the client resets': [
    () => begun().say(hello12).wait(10).reset('client'),
    { cause: 'server_silent', confidence: 'likely', kind: 'reset', by: 'client' },
    () =>
      begun()
        .say(...tls12)
        .wait(10)
        .close('client'),
  ],
  "a server that does not go on behind the client's part": [
    () =>
      begun()
        .say(...tls12.slice(0, 3))
        .wait(30)
        .close('client'),
    { cause: 'server_silent', confidence: 'likely' },
    () =>
      begun()
        .say(...tls12.slice(0, 3))
        .wait(30)
        .say(...tls12.slice(3))
        .close('client'),
  ],
  'a client that does not go on, until the server leaves (TLS 1.2)': [
    () =>
      begun()
        .say(...tls12.slice(0, 2))
        .wait(10)
        .close('server'),
    { cause: 'client_silent', confidence: 'likely', by: 'server' },
    () =>
      begun()
        .say(...tls12.slice(0, 2))
        .wait(10)
        .say(...tls12.slice(2))
        .close('server'),
  ],
  'a client that does not go on, until the server leaves (TLS 1.3)': [
    () =>
      begun()
        .say(...tls13.slice(0, 2))
        .wait(60)
        .reset('server'),
    { cause: 'client_silent', confidence: 'likely', kind: 'reset' },
    () =>
      begun()
        .say(...tls13.slice(0, 2))
        .wait(60)
        .say(...tls13.slice(2))
        .close('server'),
  ],
  'a reset with the hop count of somebody nearer': [
    () => begun().say(hello13).reset('server', 61),
    { cause: 'reset_on_the_way', confidence: 'likely', kind: 'reset' },
    () =>
      begun()
        .say(...tls13)
        .close('server')
        .reset('client'),
  ],
  "a reset in the server's name, after which the server goes on": [
    () =>
      begun()
        .say(hello13)
        .reset('server')
        .segment('server', { payload: flight13.bytes.subarray(0, 1448) }),
    { cause: 'reset_on_the_way', confidence: 'likely', kind: 'reset' },
    () =>
      begun()
        .say(hello13)
        .reset('server')
        .say(...tls13.slice(1))
        .close('server'),
  ],
  'a reset of somebody else in the middle of data': [
    () =>
      begun()
        .say(...tls12.slice(0, 5))
        .reset('server', 120),
    { cause: 'reset_on_the_way', confidence: 'likely' },
    () =>
      begun()
        .say(...tls12)
        .close('client'),
  ],
  'a reset of the server itself right after the ClientHello': [
    () => begun().say(hello13).reset('server'),
    { ...unknown, kind: 'reset', by: 'server' },
    () =>
      begun()
        .say(...tls13)
        .close('client'),
  ],
  'a reset by a route that is one hop longer proves nothing': [
    () => begun().say(hello12).reset('server', 51),
    { ...unknown, kind: 'reset' },
    () =>
      begun()
        .say(...tls12)
        .close('client'),
  ],
  'only the client was captured, and a reset': [
    () =>
      begun({ only: 'client' })
        .say(...tls13.slice(0, 3))
        .reset('client'),
    { confidence: 'unknown', kind: 'reset' },
    () =>
      begun({ only: 'client' })
        .say(...tls13)
        .close('client'),
    { confidence: 'unknown', kind: 'completed' },
  ],
  'only the server was captured, and a reset': [
    () =>
      begun({ only: 'server' })
        .say(...tls12.slice(0, 2))
        .reset('server'),
    { confidence: 'unknown', kind: 'reset' },
    () =>
      begun({ only: 'server' })
        .say(...tls12)
        .close('server'),
    { confidence: 'unknown', kind: 'completed' },
  ],
  'only the client was captured, and a reset in the middle of the handshake': [
    () => begun({ only: 'client' }).say(hello12, flight12).reset('client'),
    { confidence: 'unknown', kind: 'reset' },
    () =>
      begun({ only: 'client' })
        .say(...tls12)
        .close('server'),
    { confidence: 'unknown', kind: 'completed' },
  ],
  'a client that closes at once after the certificate': [
    () => begun().say(hello12, flight12).close('client'),
    { ...unknown, kind: 'closed_without_alert', by: 'client' },
    () =>
      begun()
        .say(...tls12)
        .close('client'),
  ],
  'the same with a segment sent again': [
    () =>
      begun()
        .say(hello12, flight12)
        .segment('server', { payload: flight12.bytes.subarray(0, 1448), position: 0 })
        .close('client'),
    unknown,
    () =>
      begun()
        .say(hello12, flight12)
        .segment('server', { payload: flight12.bytes.subarray(0, 1448), position: 0 })
        .say(...tls12.slice(2))
        .close('client'),
  ],
  'the same where the capture lost the certificate': [
    () =>
      begun()
        .say(hello12)
        .miss({ from: 'server', bytes: flight12.bytes.subarray(0, 1448) })
        .say({ from: 'server', bytes: flight12.bytes.subarray(1448) })
        .close('client'),
    { confidence: 'unknown', kind: 'completed' },
    () =>
      begun()
        .say(...tls12)
        .close('client'),
  ],
  'a server that closes right after the ClientHello, as one does that expects a PROXY header or an older version':
    [
      () => begun().say(hello13).close('server'),
      { ...unknown, kind: 'closed_without_alert', by: 'server' },
      () =>
        begun()
          .say(...tls13)
          .close('server'),
    ],
  'an alert in a record of SSL 3.0 answers a sound ClientHello': [
    () =>
      begun()
        .say(hello13, { from: 'server', bytes: Uint8Array.of(21, 3, 0, 0, 2, 2, 47) })
        .close('server'),
    { cause: 'version_intolerance', confidence: 'likely', kind: 'refused_by_server' },
    () =>
      begun()
        .say(...tls13)
        .close('server'),
  ],
  'a server that does not know secure renegotiation, and a client that asks for it': [
    () =>
      begun()
        .say(hello12, legacyServerHello(flight12.bytes), {
          from: 'client',
          bytes: Uint8Array.of(21, 3, 3, 0, 2, 2, 40),
        })
        .close('client'),
    { cause: 'legacy_renegotiation', confidence: 'likely', kind: 'refused_by_client', by: 'client' },
    () =>
      begun()
        .say(...tls12)
        .close('client'),
  ],
  'the same alert upon a ServerHello that knows it': [
    () =>
      begun()
        .say(hello12, flight12, { from: 'client', bytes: Uint8Array.of(21, 3, 3, 0, 2, 2, 40) })
        .close('client'),
    { cause: 'certificate_not_accepted', confidence: 'likely', kind: 'refused_by_client', by: 'client' },
    () =>
      begun()
        .say(...tls12)
        .close('client'),
  ],
  'LDAP: the operation that turns to TLS fails': [
    () =>
      begun()
        .say(
          {
            from: 'client',
            bytes: Buffer.concat([
              Buffer.from('301d02010177188016', 'hex'),
              Buffer.from('1.3.6.1.4.1.1466.20037'),
            ]),
          },
          { from: 'server', bytes: Buffer.from('300c02010178070a013404000400', 'hex') },
        )
        .close('client'),
    { cause: 'starttls_refused', confidence: 'proven' },
    () =>
      begun()
        .say(
          {
            from: 'client',
            bytes: Buffer.concat([
              Buffer.from('301d02010177188016', 'hex'),
              Buffer.from('1.3.6.1.4.1.1466.20037'),
            ]),
          },
          { from: 'server', bytes: Buffer.from('300c02010178070a010004000400', 'hex') },
          ...tls12,
        )
        .close('client'),
  ],
  "a client's sealed alert that Java has padded": [
    () => begun().say(hello13, flight13, sealed('client', 35)).close('client'),
    { cause: 'certificate_not_accepted', confidence: 'likely', kind: 'refused_by_client', by: 'client' },
    () =>
      begun()
        .say(hello13, flight13, sealed('client', 85), sealed('client', 100), sealed('server', 300))
        .close('server'),
  ],
  "a client's sealed alert as everybody else has it": [
    () => begun().say(hello13, flight13, sealed('client', 19)).close('client'),
    { cause: 'certificate_not_accepted', confidence: 'likely', kind: 'refused_by_client', by: 'client' },
    () =>
      begun()
        .say(hello13, flight13, sealed('client', 69), sealed('client', 100), sealed('server', 300))
        .close('server'),
  ],
  "a server's sealed alert right after an empty Certificate": [
    () =>
      begun()
        .say(hello13, flight13, sealed('client', 25), sealed('client', 69), sealed('server', 19))
        .close('server'),
    { cause: 'certificate_missing', confidence: 'likely', kind: 'refused_by_server', by: 'server' },
    () =>
      begun()
        .say(
          hello13,
          flight13,
          sealed('client', 25),
          sealed('client', 69),
          sealed('client', 100),
          sealed('server', 300),
        )
        .close('server'),
  ],
  "a server's sealed alert right after a Certificate": [
    () =>
      begun()
        .say(
          hello13,
          flight13,
          sealed('client', 700),
          sealed('client', 120),
          sealed('client', 69),
          sealed('server', 19),
        )
        .close('server'),
    { cause: 'certificate_not_accepted', confidence: 'likely', kind: 'refused_by_server', by: 'server' },
    () =>
      begun()
        .say(
          hello13,
          flight13,
          sealed('client', 700),
          sealed('client', 120),
          sealed('client', 69),
          sealed('client', 100),
          sealed('server', 300),
        )
        .close('server'),
  ],
  'another handshake on an open connection is answered with an alert': [
    () =>
      begun()
        .say(...tls12, sealed('server', 24, 22), sealed('client', 26, 21))
        .close('client'),
    { cause: 'renegotiation_refused', confidence: 'likely', kind: 'refused_by_client', by: 'client' },
    () =>
      begun()
        .say(
          ...tls12,
          sealed('server', 24, 22),
          sealed('client', 400, 22),
          sealed('server', 1400, 22),
          sealed('client', 60, 22),
          sealed('client', 30, 20),
          sealed('server', 30, 20),
          sealed('server', 300),
        )
        .close('client'),
  ],
  'a login may be bound to a certificate, and the client has no TLS': [
    () =>
      begun()
        .say(
          text('client', postgresStartup),
          text('server', saslOffer('SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0')),
        )
        .close('client'),
    { cause: 'channel_binding_refused', confidence: 'proven', kind: 'refused_by_client', by: 'client' },
    () =>
      begun()
        .say(text('client', postgresStartup), text('server', saslOffer('SCRAM-SHA-256\0')))
        .close('client'),
  ],
  'a proxy opens no tunnel: 403': [
    () =>
      begun()
        .say(
          text('client', 'CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example\r\n\r\n'),
          text('server', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
        )
        .close('server'),
    { cause: 'tunnel_refused', confidence: 'proven', kind: 'refused_by_server', by: 'server' },
    () =>
      begun()
        .say(
          text('client', 'CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example\r\n\r\n'),
          text('server', 'HTTP/1.1 200 OK\r\n\r\n'),
          ...tls13,
        )
        .close('server'),
  ],
  'a proxy wants a password first: 407': [
    () =>
      begun()
        .say(
          text('client', 'CONNECT shop.example:443 HTTP/1.1\r\n\r\n'),
          text('server', 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'),
        )
        .close('client'),
    { cause: 'tunnel_refused', confidence: 'proven' },
    () =>
      begun()
        .say(
          text('client', 'CONNECT shop.example:443 HTTP/1.1\r\n\r\n'),
          text('server', 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'),
          text('client', 'CONNECT shop.example:443 HTTP/1.1\r\nProxy-Authorization: Basic eA==\r\n\r\n'),
          text('server', 'HTTP/1.1 200 OK\r\n\r\n'),
          ...tls12,
        )
        .close('server'),
  ],
  'a proxy does not reach the host: 502': [
    () =>
      begun()
        .say(
          text('client', 'CONNECT shop.example:443 HTTP/1.1\r\n\r\n'),
          text('server', 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'),
        )
        .close('server'),
    { cause: 'tunnel_refused', confidence: 'proven' },
    () =>
      begun()
        .say(
          text('client', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
          text('server', 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'),
        )
        .close('server'),
  ],
  'SMTP: STARTTLS is refused': [
    () =>
      begun()
        .say(
          text('server', '220 mail ESMTP\r\n'),
          text('client', 'EHLO me\r\n'),
          text('server', '250-mail\r\n250 STARTTLS\r\n'),
          text('client', 'STARTTLS\r\n'),
          text('server', '454 4.7.0 TLS not available\r\n'),
          text('client', 'QUIT\r\n'),
          text('server', '221 bye\r\n'),
        )
        .close('server'),
    { cause: 'starttls_refused', confidence: 'proven', kind: 'refused_by_server', by: 'server' },
    () =>
      begun()
        .say(
          text('server', '220 mail ESMTP\r\n'),
          text('client', 'EHLO me\r\n'),
          text('server', '250-mail\r\n250 STARTTLS\r\n'),
          text('client', 'STARTTLS\r\n'),
          text('server', '220 ready\r\n'),
          ...tls12,
        )
        .close('client'),
  ],
  'IMAP: STARTTLS is refused': [
    () =>
      begun()
        .say(
          text('server', '* OK IMAP4rev1 ready\r\n'),
          text('client', 'a1 STARTTLS\r\n'),
          text('server', 'a1 NO TLS is not configured\r\n'),
        )
        .close('client'),
    { cause: 'starttls_refused', confidence: 'proven' },
    () =>
      begun()
        .say(
          text('server', '* OK IMAP4rev1 ready\r\n'),
          text('client', 'a1 STARTTLS\r\n'),
          text('server', 'a1 OK begin\r\n'),
          ...tls12,
        )
        .close('client'),
  ],
  'POP3: STLS is refused': [
    () =>
      begun()
        .say(
          text('server', '+OK ready\r\n'),
          text('client', 'STLS\r\n'),
          text('server', '-ERR command not enabled\r\n'),
        )
        .close('client'),
    { cause: 'starttls_refused', confidence: 'proven' },
    () =>
      begun()
        .say(
          text('server', '+OK ready\r\n'),
          text('client', 'STLS\r\n'),
          text('server', '+OK begin\r\n'),
          ...tls12,
        )
        .close('client'),
  ],
  'FTP: AUTH TLS is refused': [
    () =>
      begun()
        .say(
          text('server', '220 FTP ready\r\n'),
          text('client', 'AUTH TLS\r\n'),
          text('server', '534 Policy requires no TLS\r\n'),
        )
        .close('client'),
    { cause: 'starttls_refused', confidence: 'proven' },
    () =>
      begun()
        .say(
          text('server', '220 FTP ready\r\n'),
          text('client', 'AUTH TLS\r\n'),
          text('server', '234 go on\r\n'),
          ...tls12,
        )
        .close('client'),
  ],
  'PostgreSQL answers N': [
    () =>
      begun()
        .say(
          { from: 'client', bytes: Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47) },
          text('server', 'N'),
          text('client', '\0\0\0\u0010\0\u0003\0\0user\0a\0\0'),
        )
        .close('client'),
    { cause: 'starttls_refused', confidence: 'proven' },
    () =>
      begun()
        .say(
          { from: 'client', bytes: Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47) },
          text('server', 'S'),
          ...tls13,
        )
        .close('client'),
  ],
  'XMPP: a failure answers starttls': [
    () =>
      begun()
        .say(
          text('client', "<stream:stream><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
          text('server', "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"),
        )
        .close('server'),
    { cause: 'starttls_refused', confidence: 'proven' },
    () =>
      begun()
        .say(
          text('client', "<stream:stream><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
          text('server', "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
          ...tls12,
        )
        .close('client'),
  ],
  'a PROXY header that the server answers with an alert': [
    () =>
      begun()
        .say(text('client', 'PROXY TCP4 192.0.2.1 192.0.2.2 5000 443\r\n'), hello13, {
          from: 'server',
          bytes: Uint8Array.of(21, 3, 1, 0, 2, 2, 70),
        })
        .close('server'),
    { cause: 'proxy_header_refused', confidence: 'proven', kind: 'refused_by_server', by: 'server' },
    () =>
      begun()
        .say(text('client', 'PROXY TCP4 192.0.2.1 192.0.2.2 5000 443\r\n'), ...tls13)
        .close('server'),
  ],
  'a PROXY header of version 2 upon which the server closes': [
    () =>
      begun()
        .say({
          from: 'client',
          bytes: Buffer.concat([
            Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex'),
            Buffer.alloc(12, 1),
            hello12.bytes,
          ]),
        })
        .close('server'),
    { cause: 'proxy_header_refused', confidence: 'likely', by: 'server' },
    () =>
      begun()
        .say(
          {
            from: 'client',
            bytes: Buffer.concat([
              Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex'),
              Buffer.alloc(12, 1),
            ]),
          },
          ...tls12,
        )
        .close('server'),
  ],
  'a database client asks a TLS port to turn to TLS': [
    () =>
      begun()
        .say(
          { from: 'client', bytes: Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47) },
          { from: 'server', bytes: Uint8Array.of(21, 3, 1, 0, 2, 2, 70) },
        )
        .close('server'),
    { cause: 'upgrade_on_tls_port', confidence: 'proven' },
    () =>
      begun()
        .say(
          { from: 'client', bytes: Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47) },
          text('server', 'S'),
          ...tls12,
        )
        .close('client'),
  ],
  'a heartbeat in clear is answered with memory (Heartbleed)': [
    () =>
      begun()
        .say(
          hello12,
          flight12,
          { from: 'client', bytes: Uint8Array.of(24, 3, 2, 0, 3, 1, 0x40, 0) },
          {
            from: 'server',
            bytes: Buffer.concat([Buffer.from([24, 3, 2, 0x40, 0, 2, 0x40, 0]), Buffer.alloc(16_381, 65)]),
          },
        )
        .close('client'),
    { cause: 'heartbeat_leak', confidence: 'proven', by: 'server' },
    () =>
      begun()
        .say(...tls12)
        .close('client'),
  ],
  'a sealed heartbeat is answered with far more': [
    () =>
      begun()
        .say(...tls12, sealed('client', 27, 24), sealed('server', 16_000, 24))
        .close('client'),
    { cause: 'heartbeat_leak', confidence: 'likely', by: 'server' },
    () =>
      begun()
        .say(...tls12, sealed('client', 60, 24), sealed('server', 60, 24))
        .close('client'),
  ],
};

for (const [title, [failure, expected, well, health = healthy]] of Object.entries(cases)) {
  test(title, (t) => {
    const wire = failure();
    const { kind, by, cause, confidence, sentence } = isJudged(t, wire.connection(), expected);
    const line = wire.jsonLine();
    t.like(
      line?.outcome,
      { kind, by, cause, confidence, sentence },
      'as JSON, which lets go what it has read',
    );
    t.true(fits(line), JSON.stringify(fits.errors));
  });
  test(`${title}: its healthy counterpart`, (t) => void isJudged(t, well().connection(), health));
}

test('an alert before any hello says that its sender refused, and no more', (t) => {
  const alert: Said = { from: 'client', bytes: Uint8Array.of(21, 3, 1, 0, 2, 2, 70) };
  const outcome = isJudged(t, begun().say(alert).close('server').connection(), {
    cause: 'other_alert',
    confidence: 'unknown',
    kind: 'refused_by_client',
    by: 'client',
  });
  t.is(outcome.step, undefined);
});

test('there are at least forty of them', (t) => {
  t.true(Object.keys(cases).length >= 40, String(Object.keys(cases).length));
});

for (const [version, said] of Object.entries(whole)) {
  const sane: Readonly<Record<string, () => CapturedWire>> = {
    'as it is': () =>
      begun()
        .say(...said)
        .close('server'),
    'with a segment sent again that had arrived': () =>
      begun()
        .say(...said.slice(0, 2))
        .segment('client', { payload: turn(said, 0).bytes, position: 0 })
        .say(...said.slice(2))
        .close('server'),
    'with a question whether the other side is there': () =>
      begun()
        .say(...said)
        .wait(60)
        .segment('client', { payload: Buffer.alloc(1), position: turn(said, 0).bytes.length - 1 })
        .wait(60)
        .close('client'),
    'ended by a reset that answers an end': () =>
      begun()
        .say(...said)
        .close('server')
        .reset('client'),
  };
  for (const [how, make] of Object.entries(sane))
    test(`${version} ${how} is completed`, (t) => void isJudged(t, make().connection(), healthy));
}

test('the sentence that a certificate may have been refused stands only where nothing else can be', (t) => {
  const hint = /A certificate refused without a reason looks like this/;
  const say = (wire: CapturedWire): string => outcomeOf(wire.connection()).sentence.en;
  t.regex(say(begun().say(hello12, flight12).close('client')), hint);
  t.notRegex(say(begun().say(hello12).close('server')), hint, 'no certificate is on the wire');
  t.notRegex(
    say(
      begun()
        .say(hello12, flight12)
        .segment('server', { payload: flight12.bytes.subarray(0, 1448), position: 0 })
        .close('client'),
    ),
    hint,
    'a segment was sent again',
  );
  t.notRegex(
    say(begun({ only: 'server' }).say(hello12, flight12).close('client')),
    hint,
    'one direction only',
  );
  t.notRegex(say(begun().say(hello12, flight12).wait(10).close('client')), hint, 'a long time later');
});

test('a server that says goodbye to an idle client refuses nothing', (t) => {
  isJudged(
    t,
    begun()
      .say(hello13, flight13, sealed('client', 69))
      .wait(30)
      .say(sealed('server', 19))
      .close('server')
      .connection(),
    unknown,
  );
});

const answers: Readonly<Record<string, readonly [answer: string, Expected]>> = {
  "nginx's page about a missing certificate": [
    'HTTP/1.1 400 Bad Request\r\nContent-Length: 60\r\n\r\n<center>No required SSL certificate was sent</center>',
    { cause: 'refused_over_http', confidence: 'proven', kind: 'refused_by_server', by: 'server' },
  ],
  'a request for another host': [
    'HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n',
    { cause: 'refused_over_http', confidence: 'proven', kind: 'refused_by_server' },
  ],
  'a bad request that has nothing to do with TLS': [
    'HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nno.',
    healthy,
  ],
  'a page that is not there': ['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', healthy],
};
for (const [title, [answer, expected]] of Object.entries(answers)) {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`${version}: ${title} is read with the keys; without them the connection is completed`, async (t) => {
      const { said, keys }: Conversation = await talk({ version, answer });
      const connection = begun()
        .say(...said)
        .close('server')
        .connection();
      isJudged(t, connection, expected, keys);
      isJudged(t, connection, healthy);
    });
  }
}

const key = '000102030405060708090a0b0c0d0e0f';
for (const version of ['-tls1_2', '-tls1_3'] as const) {
  withPeer(
    'openssl',
    `another pre-shared key (openssl ${version}), and its twin with the same`,
    async (t) => {
      const server = [
        '-nocert',
        '-psk',
        key,
        '-psk_identity',
        'me',
        ...(version === '-tls1_2' ? ['-cipher', 'PSK-AES128-GCM-SHA256'] : []),
      ];
      const client = (own: string): string[] => [
        version,
        '-psk',
        own,
        '-psk_identity',
        'me',
        ...(version === '-tls1_2' ? ['-cipher', 'PSK-AES128-GCM-SHA256'] : []),
      ];
      const wrong = await opensslFails(server, client(key.replace('0f', 'ff')));
      isJudged(t, wrong.connection, { cause: 'psk_wrong', confidence: 'likely' });
      isJudged(t, (await opensslFails(server, client(key))).connection, healthy);
    },
  );
}

test('a session that is not taken up is no failure, and is told; one that is, too', async (t) => {
  const ticketKeys = Buffer.alloc(48, 3);
  const { session } = await talk({ version: 'TLSv1.3', server: { ticketKeys } });
  const judged = async (server: { readonly ticketKeys: Buffer }): Promise<Outcome> => {
    const { said } = await talk({ version: 'TLSv1.3', server, client: session ? { session } : {} });
    return isJudged(
      t,
      begun()
        .say(...said)
        .close('server')
        .connection(),
      healthy,
    );
  };
  t.is((await judged({ ticketKeys })).resumption, 'accepted');
  const declined = await judged({ ticketKeys: Buffer.alloc(48, 4) });
  t.is(declined.resumption, 'declined');
  t.regex(
    declined.sentence.en,
    /did not resume the session that the client offered, .* which is not a failure/,
  );
});

test('that a client had no certificate where one was asked for is told, where it can be read', async (t) => {
  const { said } = await talk({
    version: 'TLSv1.2',
    server: { requestCert: true, rejectUnauthorized: false },
  });
  const outcome = isJudged(
    t,
    begun()
      .say(...said)
      .close('server')
      .connection(),
    healthy,
  );
  t.true(outcome.withoutCertificate);
  t.regex(outcome.sentence.en, /requested a certificate and the client presented none/);
});

const decodeError = (from: Said['from']): Said => ({ from, bytes: Uint8Array.of(21, 3, 3, 0, 2, 2, 50) });

for (const [version, hello] of [
  ['TLS 1.2', hello12],
  ['TLS 1.3', hello13],
] as const) {
  test(`${version}: an alert that only answers the other side's end is no refusal, and one that comes before it is`, (t) => {
    const part: Said = { from: 'client', bytes: hello.bytes.subarray(0, 60) };
    isJudged(t, begun().say(part).end('client').say(decodeError('server')).end('server').connection(), {
      ...unknown,
      kind: 'closed_without_alert',
      by: 'client',
    });
    isJudged(t, begun().say(hello, decodeError('server')).close('server').connection(), {
      cause: 'protocol_error',
      kind: 'refused_by_server',
      by: 'server',
    });
  });

  test(`${version}: a server that dies in the middle of its flight is not refused by the client's complaint about it`, (t) => {
    const flight = version === 'TLS 1.2' ? flight12 : flight13;
    const cut: Said = { from: 'server', bytes: flight.bytes.subarray(0, 200) };
    isJudged(t, begun().say(hello, cut).end('server').say(decodeError('client')).end('client').connection(), {
      ...unknown,
      kind: 'closed_without_alert',
      by: 'server',
    });
    isJudged(t, begun().say(hello, cut, decodeError('client')).close('client').connection(), {
      cause: 'protocol_error',
      kind: 'refused_by_client',
      by: 'client',
    });
  });

  test(`${version}: who ended at once did not wait for the other side, however long that one takes to end`, (t) => {
    const flight = version === 'TLS 1.2' ? flight12 : flight13;
    isJudged(t, begun().say(hello, flight).end('server').wait(4).end('client').connection(), {
      ...unknown,
      by: 'server',
    });
    isJudged(t, begun().say(hello, flight).wait(4).close('server').connection(), {
      cause: 'client_silent',
      confidence: 'likely',
      by: 'server',
    });
  });
}

test('a session that goes on in clear behind a refused upgrade was not refused, and is told; a goodbye goes on with nothing', (t) => {
  const sslRequest = { from: 'client', bytes: Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47) } as const;
  const startup = text('client', '\0\0\0\u0010\0\u0003\0\0user\0a\0\0');
  const mail = [
    text('server', '220 mail ESMTP\r\n'),
    text('client', 'STARTTLS\r\n'),
    text('server', '454 4.7.0 TLS not available\r\n'),
  ] as const;
  const refusals = {
    PostgreSQL: begun().say(sslRequest, text('server', 'N'), startup),
    'PostgreSQL, Terminate': begun().say(sslRequest, text('server', 'N'), text('client', 'X\0\0\0\u0004')),
    SMTP: begun().say(...mail, text('client', 'QUIT\r\n'), text('server', '221 bye\r\n')),
  };
  for (const [name, packets] of Object.entries(refusals)) {
    const outcome = outcomeOf(packets.close('client').connection());
    t.is(outcome.cause, 'starttls_refused', name);
  }
  const sessions = {
    N: begun().say(sslRequest, text('server', 'N'), startup, text('server', 'R\0\0\0\u0008\0\0\0\0')),
    '454 4.7.0 TLS not available': begun().say(
      ...mail,
      text('client', 'MAIL FROM:<a@b>\r\n'),
      text('server', '250 ok\r\n'),
    ),
  };
  for (const [said, packets] of Object.entries(sessions)) {
    const outcome = outcomeOf(packets.close('client').connection());
    t.deepEqual([outcome.kind, outcome.cause, outcome.inClear], ['completed', undefined, said]);
    t.regex(outcome.sentence.en, /the session went on in clear/);
    t.regex(outcome.sentence.ko, /평문으로 계속되었습니다/);
  }
});

test('a health check that opens and closes the connection is not refused by the alert that answers it', (t) => {
  isJudged(t, begun().end('client').say(decodeError('server')).end('server').connection(), {
    kind: 'empty',
    by: 'client',
    confidence: 'proven',
  });
  isJudged(
    t,
    begun()
      .say({ from: 'server', bytes: Uint8Array.of(21, 3, 3, 0, 2, 2, 80) })
      .close('server')
      .connection(),
    { cause: 'other_alert', kind: 'refused_by_server' },
  );
});

test('a client that says goodbye and then breaks off, once both have talked, failed nowhere', (t) => {
  const talked = begun().say(
    hello13,
    flight13,
    sealed('client', 69),
    sealed('client', 120),
    sealed('server', 250),
  );
  const ends = { kind: 'completed', by: 'client' } as const;
  isJudged(t, talked.say(sealed('client', 19)).reset('client').connection(), {
    ...ends,
    confidence: 'likely',
  });
  const cut = begun().say(
    hello13,
    flight13,
    sealed('client', 69),
    sealed('client', 120),
    sealed('server', 250),
  );
  isJudged(t, cut.reset('client').connection(), { kind: 'reset', by: 'client' });
  const refused = begun().say(
    hello13,
    flight13,
    sealed('client', 69),
    sealed('client', 120),
    sealed('server', 19),
  );
  const outcome = outcomeOf(refused.reset('server').connection());
  t.not(outcome.kind, 'completed', 'a server may have refused with an alert of that size');
});

test('a server that answers a goodbye with its own and then breaks off, once both have talked, failed nowhere', (t) => {
  const talked = () =>
    begun().say(hello13, flight13, sealed('client', 69), sealed('client', 120), sealed('server', 250));
  const goodbyes = [sealed('client', 19), sealed('server', 19)] as const;
  isJudged(
    t,
    talked()
      .say(...goodbyes)
      .reset('server')
      .connection(),
    { kind: 'completed', by: 'server', confidence: 'likely' },
  );
  const late = talked().say(sealed('server', 19), sealed('client', 19)).reset('server').connection();
  t.is(outcomeOf(late).kind, 'reset', 'what the server said first may be a refusal');
  const silent = talked().say(sealed('client', 19)).reset('server').connection();
  t.is(outcomeOf(silent).kind, 'reset', 'the server said no goodbye');
});

test('a health check that resets once the handshake is over failed nowhere; one that a server resets is broken off', (t) => {
  const finished = sealed('client', 69);
  const nothingSaid: Expected = { kind: 'nothing_said', by: 'client', confidence: 'proven' };
  isJudged(t, begun().say(hello13, flight13, finished).reset('client').connection(), nothingSaid);
  isJudged(
    t,
    begun().say(hello13, flight13, finished, sealed('server', 250)).reset('client').connection(),
    nothingSaid,
  );
  isJudged(
    t,
    begun()
      .say(...tls12.slice(0, 3), turn(tls12, 3))
      .reset('client')
      .connection(),
    nothingSaid,
  );
  isJudged(t, begun().say(hello13, flight13, finished, sealed('server', 250)).reset('server').connection(), {
    kind: 'reset',
    by: 'server',
    confidence: 'unknown',
  });
  isJudged(
    t,
    begun()
      .say(hello13, flight13, finished, sealed('server', 250), sealed('client', 90))
      .reset('client')
      .connection(),
    { kind: 'reset', by: 'client', confidence: 'unknown' },
  );
});

test('a server that speaks to an idle client has said something; one that gives it a ticket has not', (t) => {
  const begin = [hello13, flight13, sealed('client', 69), sealed('server', 250)];
  isJudged(
    t,
    begun()
      .say(...begin)
      .wait(3)
      .say(sealed('server', 180))
      .close('server')
      .connection(),
    healthy,
  );
  isJudged(
    t,
    begun()
      .say(...begin)
      .wait(3)
      .close('server')
      .connection(),
    { kind: 'nothing_said', by: 'server' },
  );
});

test('a client that only speaks, and says goodbye, was not left without an answer; one that is cut off was', (t) => {
  const opening = tls12.slice(0, 4);
  const said = [sealed('client', 200), sealed('client', 24, 21)];
  isJudged(
    t,
    begun()
      .say(...opening, ...said, sealed('server', 24, 21))
      .close('server')
      .connection(),
    healthy,
  );
  isJudged(
    t,
    begun()
      .say(...opening, sealed('client', 200), sealed('server', 24, 21), sealed('client', 24, 21))
      .close('server')
      .connection(),
    { cause: 'no_reply', kind: 'no_answer', by: 'server' },
  );
});

test('behind a PROXY header the goodbye that keys open is no refusal', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { said, keys } = await talk({ version });
    const connection = begun()
      .say(text('client', 'PROXY TCP4 192.0.2.1 192.0.2.2 5000 443\r\n'), ...said)
      .close('server')
      .connection();
    isJudged(t, connection, healthy, keys);
    isJudged(t, connection, healthy);
  }
});

test('an alert of a client in the handshake that names no error is not passed over in silence', (t) => {
  const goodbye: Said = { from: 'client', bytes: Uint8Array.of(21, 3, 3, 0, 2, 1, 0) };
  const outcome = isJudged(t, begun().say(hello12, flight12, goodbye).close('client').connection(), {
    ...unknown,
    by: 'client',
  });
  t.is(outcome.farewell, 'close_notify');
  t.regex(outcome.sentence.en, /ended the connection with the alert close_notify \(0\)/);
  t.notRegex(outcome.sentence.en, /closed the connection without an alert/);
  t.regex(
    outcomeOf(begun().say(hello12, flight12).close('client').connection()).sentence.en,
    /without an alert/,
  );
});

test('what to do about plain text on a TLS port depends on what was spoken there', (t) => {
  const refuses: Said = { from: 'server', bytes: Uint8Array.of(21, 3, 1, 0, 2, 2, 70) };
  const judged = (words: string): string =>
    isJudged(t, begun().say(text('client', words), refuses).close('server').connection(), {
      cause: 'plaintext_on_tls_port',
      confidence: 'proven',
    }).sentence.en;
  t.regex(judged('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /use https:\/\//);
  const ssh = judged('SSH-2.0-OpenSSH_9.2\r\n');
  t.regex(ssh, /use the port that expects what it speaks/);
  t.notRegex(ssh, /use https:\/\//);
});

test('access_denied does not prove that the certificate was found valid: where none of the CAs that were asked for issued it, that is the likelier cause', async (t) => {
  const pem = (name: string): string => readFileSync(file(name), 'utf8');
  const denied: Said = { from: 'server', bytes: Uint8Array.of(21, 3, 3, 0, 2, 2, 49) };
  const server = { requestCert: true, rejectUnauthorized: false, ca: pem('good-ca.crt') };
  const refusing = async (name: string): Promise<Connection> => {
    const said = turns(
      (
        await talk({
          version: 'TLSv1.2',
          server,
          client: { cert: pem(`${name}.crt`), key: pem(`${name}.key`) },
        })
      ).said,
    );
    return begun()
      .say(...said.slice(0, 3), denied)
      .close('server')
      .connection();
  };
  isJudged(t, await refusing('client-other'), { cause: 'unknown_ca', confidence: 'likely', by: 'server' });
  isJudged(t, await refusing('client'), { cause: 'access_denied', confidence: 'likely', by: 'server' });
});

test('decode_error upon an empty certificate list is about the missing certificate', async (t) => {
  const said = turns(
    (await talk({ version: 'TLSv1.2', server: { requestCert: true, rejectUnauthorized: false } })).said,
  );
  isJudged(
    t,
    begun()
      .say(...said.slice(0, 3), decodeError('server'))
      .close('server')
      .connection(),
    { cause: 'certificate_missing', confidence: 'likely', by: 'server' },
  );
  isJudged(
    t,
    begun()
      .say(...tls12.slice(0, 3), decodeError('server'))
      .close('server')
      .connection(),
    { cause: 'protocol_error', by: 'server' },
  );
});

/** As a tap of our own sees it, which knows no packets. */
function tapped(by: Said['from'], ...said: readonly Said[]): Connection {
  const scripted = new ScriptedLog();
  const flows = new Flows(scripted.log);
  scripted.log.subscribe(flows.fold);
  scripted.began();
  scripted.opened();
  for (const { from, bytes } of said) scripted.bytes(from, bytes);
  scripted.closed(by);
  return present(flows.connections[0]);
}

test('where no packets are known, an alert about a record that breaks off answers the end; about a whole one it refuses', (t) => {
  const part: Said = { from: 'client', bytes: hello12.bytes.subarray(0, 60) };
  isJudged(t, tapped('client', part, decodeError('server')), { ...unknown, by: 'client' });
  isJudged(t, tapped('client', hello12, decodeError('server')), {
    cause: 'protocol_error',
    kind: 'refused_by_server',
    by: 'server',
  });
  isJudged(
    t,
    tapped(
      'server',
      hello12,
      { from: 'server', bytes: flight12.bytes.subarray(0, 200) },
      decodeError('client'),
    ),
    { ...unknown, by: 'server' },
  );
});
