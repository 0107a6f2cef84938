/**
 * The invitation of a learner, one file: who it is for, where the class listens, the client certificate with its key, and the CA
 * that vouches for the class. It is PEM behind lines of text (RFC 7468 section 2 allows them), so that `openssl` and
 * `curl --cert FILE --cacert FILE` read it as it is: a learner can look at what mutual TLS is made of.
 *
 * Whoever has the file is that learner to the class. It is read strictly: a file with anything else in it is refused.
 */
import { hostPort } from '../../../capture/event.ts';
import type { Address } from '../../../capture/event.ts';
import { readBytes } from '../../../i18n/read-file.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { subjectValues } from '../../../wire/tls/admission.ts';
import { toPem } from '../../../pki/keystore/pem.ts';
import type { Identity } from '../../../pki/keystore/world.ts';
import { readContents } from '../../../pki/x509/contents.ts';
import type { Content } from '../../../pki/x509/contents.ts';
import { isKeyOf } from '../../../pki/ca/signing-policy.ts';
import { addressIn } from '../../proxy/setting-values.ts';

export interface Invitation {
  /** The common name of its certificate. */
  readonly learner: string;
  readonly server: Address;
  readonly identity: Identity;
  /** The CA of the class's server, PEM. */
  readonly authority: string;
}

/** Bytes; one has two thousand. */
const largest = 64 * 1024;

const firstLine = '# An invitation to a class of wirelab. It has a private key: keep it to yourself.';

export function invitationText({ learner, server, identity, authority }: Invitation): string {
  return [
    firstLine,
    `# ./wirelab lab NAME --class FILE reports to the class; openssl and curl read this file as it is.`,
    `learner: ${learner}`,
    `server: ${hostPort(server)}`,
    `${identity.certificate}${identity.key}${authority}`,
  ].join('\n');
}

/** @throws UserError that names the file, for one that cannot be read and for anything that is no invitation */
export function readInvitation(path: string): Invitation {
  const bytes = readBytes(path, largest);
  const text = Buffer.from(bytes).toString('latin1').replaceAll('\r\n', '\n');
  const [head = ''] = text.split('-----BEGIN ', 1);
  const lines = head.split('\n').filter((line) => line !== '');
  const [learner, server] = ['learner', 'server'].map((key) =>
    lines.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2),
  );
  if (!text.startsWith(firstLine.slice(0, 2)) || learner === undefined || server === undefined)
    throw notOne(path, lines[0]?.slice(0, 60) ?? '');
  const [certificate, key, authority, ...more] = readContents(bytes, path);
  if (
    certificate?.kind !== 'certificate' ||
    key?.kind !== 'private-key' ||
    authority?.kind !== 'certificate' ||
    more.length > 0
  )
    throw notOne(path, kindsOf(certificate, key, authority, ...more));
  if (!isKeyOf(key.key, certificate.certificate))
    throw altered(path, {
      en: 'its private key does not belong to its certificate',
      ko: '개인 키가 인증서와 맞지 않습니다',
    });
  const names = subjectValues(certificate.certificate.subject.text, 'CN');
  if (names.length !== 1 || names[0] !== learner)
    throw altered(path, {
      en: 'its certificate is that of another learner',
      ko: '인증서가 다른 수강생의 것입니다',
    });
  const [leaf, root] = [certificate, authority].map(({ certificate: { der } }) => toPem('CERTIFICATE', der));
  return {
    learner,
    server: addressOf(server, path),
    identity: { certificate: leaf ?? '', key: String(key.key.export({ type: 'pkcs8', format: 'pem' })) },
    authority: root ?? '',
  };
}

function addressOf(text: string, path: string): Address {
  const server = addressIn(text, 'server', path);
  if (server.port > 0) return server;
  throw altered(path, { en: 'its server has no port', ko: '서버의 포트가 없습니다' });
}

const kindsOf = (...contents: readonly (Content | undefined)[]): string =>
  contents.map((content) => content?.kind ?? '-').join(', ');

function notOne(path: string, received: string): UserError {
  return new UserError({
    what: { en: 'this is not an invitation to a class', ko: '수업 초대장이 아닙니다' },
    where: path,
    expected: {
      en: 'the file that ./wirelab class invite NICK has made, unchanged',
      ko: './wirelab class invite 이름 명령으로 만든 파일 그대로',
    },
    received,
  });
}

function altered(path: string, why: { readonly en: string; readonly ko: string }): UserError {
  return new UserError({
    what: {
      en: `this invitation was altered: ${why.en}`,
      ko: `내용이 바뀐 초대장입니다. ${why.ko}`,
    },
    where: path,
    remedy: {
      en: 'Ask the instructor for a new one: ./wirelab class invite NICK --force.',
      ko: '강사에게 새로 받으세요: ./wirelab class invite 이름 --force',
    },
  });
}
