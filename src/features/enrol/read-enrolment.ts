/**
 * Parses the request and the certificate of an enrolment from the bytes of a connection.
 * `features/enrol/expectations.ts` judges what they prove.
 */
import type { Connection } from '../../capture/connection.ts';
import { toHex } from '../../core/hex.ts';
import { certificateSummary, readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { readSigningRequest } from '../../protocols/x509/request.ts';
import type { SigningRequest } from '../../protocols/x509/request.ts';
import { generalNameText } from '../../protocols/x509/structures.ts';
import { safeText } from '../../i18n/safe.ts';
import { thumbprintOf } from '../../pki/ca/key-authorization.ts';
import { publicKeyOf } from '../../pki/x509/signature.ts';
import { plaintextOf } from './enrolment-plaintext.ts';
import type { EnrolmentReading, RequestFacts, Right } from './enrolment-plaintext.ts';

export function readEnrolment(connection: Connection): EnrolmentReading {
  const { text: asked, vantage } = plaintextOf(connection, 'client');
  const request = inPem(asked, 'CERTIFICATE REQUEST', (der) => readSigningRequest(der));
  const certificate = inPem(plaintextOf(connection, 'server').text, 'CERTIFICATE', (der) =>
    readCertificate(der),
  );
  return {
    vantage,
    ...(request ? { request: requestFacts(request) } : {}),
    ...(certificate
      ? { certificate: { ...common(certificate), summary: certificateSummary(certificate.got) } }
      : {}),
  };
}

interface Found<T> {
  readonly got: T;
  readonly offset: number;
  readonly length: number;
}

/** The first that can be parsed. */
function inPem<T>(
  text: string,
  label: string,
  read: (der: Uint8Array) => { readonly got: T } | object,
): Found<T> | undefined {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const offset = text.indexOf(begin);
  const until = offset < 0 ? -1 : text.indexOf(end, offset);
  if (until < 0) return undefined;
  const step = read(new Uint8Array(Buffer.from(text.slice(offset + begin.length, until), 'base64')));
  return 'got' in step ? { got: step.got, offset, length: until + end.length - offset } : undefined;
}

function requestFacts(found: Found<SigningRequest>): RequestFacts {
  const key = publicKeyOf(found.got.publicKey);
  return { ...common(found), thumbprint: key && thumbprintOf(key) };
}

function common({
  got,
  offset,
  length,
}: Found<SigningRequest | Certificate>): Omit<RequestFacts, 'thumbprint'> {
  return {
    offset,
    length,
    publicKey: toHex(got.publicKey.der),
    rights: {
      ca: held.ca(got),
      wildcard: held.wildcard(got),
      subject: held.subject(got),
      keyUsage: held.keyUsage(got),
      extendedKeyUsage: held.extendedKeyUsage(got),
    },
  };
}

/** Each right, item by item. */
const held: Readonly<Record<Right, (of: SigningRequest | Certificate) => string[]>> = {
  ca: ({ basicConstraints }) => (basicConstraints?.isCa ? ['CA:TRUE'] : []),
  wildcard: ({ subjectAlternativeNames = [] }) =>
    subjectAlternativeNames
      .filter(({ value }) => value.includes('*'))
      .map((name) => safeText(generalNameText(name))),
  subject: ({ subject }) =>
    subject.attributes
      .filter(({ type }) => type !== 'CN')
      .map(({ type, value }) => safeText(`${type}=${value}`)),
  keyUsage: ({ keyUsage = [] }) => keyUsage.filter((usage) => usage === 'keyCertSign' || usage === 'cRLSign'),
  extendedKeyUsage: ({ extendedKeyUsage = [] }) => extendedKeyUsage.filter((usage) => usage !== 'serverAuth'),
};
