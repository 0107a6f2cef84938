/** The lines of one TLS message: a handshake message with its facts, an alert, a problem. */
import { chainOf } from '../../analysis/eavesdropper/chain.ts';
import { presentedCertificate, summaryOf } from '../../protocols/x509/known-certificates.ts';
import { coverageOf } from '../../analysis/conversation/tls-reading.ts';
import { formatAddress } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import { streamOf } from '../../capture/stream-number.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Malformed } from '../../core/field.ts';
import { toCode } from '../../core/hex.ts';
import { sha256Hex } from '../../core/sha256.ts';
import { openCompressedCertificate } from '../../protocols/tls/certificate-compression.ts';
import { compressionName, handshakeTypeName, nameOrCode } from '../../protocols/tls/codes.ts';
import { contentTypes } from '../../protocols/tls/framing.ts';
import { ja3Of, ja4Of } from '../../protocols/tls/fingerprint.ts';
import type { CertificateList } from '../../protocols/tls/handshake.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';
import { ocspSummary } from '../../protocols/x509/ocsp.ts';
import type { LineOf } from './line.ts';

export type EndpointViews = Readonly<Record<Side, string>>;

export function endsOf(connection: Connection): EndpointViews {
  const { opened } = connection;
  return { client: opened ? formatAddress(opened.from) : '', server: opened ? formatAddress(opened.to) : '' };
}

export function directed(ends: EndpointViews, from: Side): { readonly from: string; readonly to: string } {
  return from === 'client' ? { from: ends.client, to: ends.server } : { from: ends.server, to: ends.client };
}

type TlsLine = LineOf<'handshake'> | LineOf<'alert'> | LineOf<'problem'>;

export function tlsLines(connection: Connection, message: TlsMessage, ends: EndpointViews): TlsLine[] {
  const { content } = message;
  const placed = {
    ...streamOf(connection.conn),
    hop: connection.hop,
    event: message.lastTag,
    ...directed(ends, message.from),
  };
  switch (content.type) {
    case 'alert':
      return [{ v: 2, kind: 'alert', ...placed, ...content.alert, encrypted: message.encrypted }];
    case 'sealed':
      // Up to TLS 1.2 the outer type still marks an alert; its code is sealed.
      return message.contentType === 21 ? [{ v: 2, kind: 'alert', ...placed, encrypted: true }] : [];
    case 'malformed': {
      const problem = problemLine(connection, placed.from, content.malformed);
      const type = wholeHandshakeType(message);
      if (type === undefined) return [problem];
      return [
        {
          v: 2,
          kind: 'handshake',
          ...placed,
          message: handshakeTypeName(type) ?? 'other_handshake',
          length: bodyLength(message),
          encrypted: message.encrypted,
        },
        problem,
      ];
    }
    case 'change_cipher_spec':
    case 'application_data':
    case 'heartbeat':
      return [];
    // Every other content is a handshake message, named by its type.
    default: {
      const line: LineOf<'handshake'> = {
        v: 2,
        kind: 'handshake',
        ...placed,
        message: content.type,
        length: bodyLength(message),
        encrypted: message.encrypted,
        ...coverageFacts(message),
        ...handshakeFacts(message),
      };
      const fault = 'fault' in content ? content.fault : undefined;
      return fault ? [line, problemLine(connection, placed.from, fault)] : [line];
    }
  }
}

function problemLine(
  { conn, hop }: Connection,
  from: string,
  { id, offset, expected, found }: Malformed,
): LineOf<'problem'> {
  return { v: 2, kind: 'problem', ...streamOf(conn), hop, from, what: id, offset, expected, found };
}

/** The type of a malformed handshake message that is as long as it claims, so that it is known as a message all the same. */
function wholeHandshakeType({ contentType, bytes }: TlsMessage): number | undefined {
  if (contentType !== contentTypes.handshake || !bytes || bytes.length < 4) return undefined;
  const [type = 0, high = 0, middle = 0, low = 0] = bytes;
  return bytes.length === 4 + high * 65_536 + middle * 256 + low ? type : undefined;
}

/** The handshake body without its header of four bytes. */
function bodyLength({ bytes, length }: TlsMessage): number {
  return Math.max(0, (bytes?.length ?? length) - 4);
}

/** The facts of a handshake message, apart from the common ones. */
type HandshakeFacts = Partial<Omit<LineOf<'handshake'>, 'v' | 'kind'>>;

function coverageFacts(message: TlsMessage): HandshakeFacts {
  const covered = coverageOf(message);
  if (!covered) return {};
  const { bytes, named, opaque, unknown } = covered;
  return { coverage: { bytes, named, opaque, unknown } };
}

function handshakeFacts({ content }: TlsMessage): HandshakeFacts {
  if (content.type === 'client_hello') {
    const { serverName, alpn, supportedVersions } = content.extensions;
    return {
      sni: serverName ?? null,
      cipherSuites: content.cipherSuites.map((code) => toCode(code)),
      alpn: alpn ?? [],
      supportedVersions: (supportedVersions ?? []).map((code) => toCode(code)),
      ja3: ja3Of(content),
      ja4: ja4Of(content),
    };
  }
  if (content.type === 'server_hello') {
    return {
      cipherSuite: toCode(content.cipherSuite),
      version: toCode(content.version),
      helloRetryRequest: content.helloRetryRequest,
    };
  }
  if (content.type === 'certificate') return listFacts(content);
  if (content.type === 'compressed_certificate') {
    const opened = openCompressedCertificate(content);
    return {
      compression: nameOrCode(compressionName, content.algorithm),
      ...('list' in opened ? listFacts(opened.list) : { unopened: opened.unopened }),
    };
  }
  if (content.type === 'certificate_status' && content.response)
    return { ocsp: ocspSummary(content.response) };
  return {};
}

function listFacts({ certificates, stapled }: CertificateList): HandshakeFacts {
  const chain = chainOf(certificates);
  return {
    certificates: certificates.map(certificateFacts),
    ...(chain && { chain }),
    ...(stapled && { ocsp: ocspSummary(stapled) }),
  };
}

function certificateFacts(der: Uint8Array): NonNullable<HandshakeFacts['certificates']>[number] {
  const certificate = presentedCertificate(der);
  if (!certificate) return { sha256: sha256Hex(der) };
  const { sha256, subject, issuer, serial, notBefore, notAfter, san } = summaryOf(certificate);
  return { sha256, subject, issuer, serial, notBefore, notAfter, san };
}
