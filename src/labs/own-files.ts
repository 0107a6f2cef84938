/**
 * Reads the certificates and keys in a learner's folder as rows of a world. An error about a missing or unusable file names it,
 * before anything is started with it.
 *
 * 1. NAME.crt contains the certificate and, if needed, its intermediates after it, as for a server.
 * 2. Only files that are used are read, and a key only if possession of it must be proved.
 * 3. A revocation list is read as it is: whether it is that of its CA, and in force, is judged in a handshake.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { certificateSummary } from '../protocols/x509/certificate.ts';
import type { UserErrorFacts } from '../i18n/user-error.ts';
import { UserError } from '../i18n/user-error.ts';
import { josa } from '../i18n/josa.ts';
import { contentNames, readContents } from '../pki/x509/contents.ts';
import type { Content } from '../pki/x509/contents.ts';
import { toPem } from '../pki/keystore/pem.ts';
import type { Identity, RowFiles, World, WorldRow } from '../pki/keystore/world.ts';
import { tlsContextOptions } from '../wire/tls/context.ts';
import type { CompiledLab, OpenReason } from './lab.ts';
import { usualSecurityLevel } from './learner.ts';
import type { UsedNames } from './learner.ts';

/** Bytes; a certificate has two thousand. */
const largest = 1024 * 1024;

/** An error in a learner's file, with the reason for which a task is not done. */
export class FileError extends UserError {
  readonly reason: OpenReason;
  /** The file is what it should be, and says something that rules its use out. */
  readonly isRead: boolean;

  constructor(reason: OpenReason, facts: UserErrorFacts, isRead = false) {
    super(facts);
    this.reason = reason;
    this.isRead = isRead;
  }
}

/**
 * The lab's world with the learner's rows in it.
 * @param base the lab's own certificates; a lab that makes none has a world without rows.
 * @throws FileError
 */
export function withOwnFiles(base: World, used: UsedNames, { tasks }: CompiledLab, folder: string): World {
  const { yours = {} } = tasks;
  const made = new Set(base.names);
  const isTheirs = (name: string): boolean => Object.hasOwn(yours, name) || !made.has(name);
  const rows: WorldRow[] = [];
  const texts: Record<string, string> = {};
  for (const name of new Set([...used.shown, ...used.trusted])) {
    if (!isTheirs(name)) {
      if (used.shown.has(name))
        demandUsable(
          parse(Buffer.from(base.certificate(name)), `${name}.crt`, 'certificate')[0],
          base.identity(name),
          `${name}.crt`,
        );
      continue;
    }
    const { certificate = `${name}.crt`, key = `${name}.key`, keyOf } = yours[name] ?? {};
    const certificates = used.listed?.has(name)
      ? ofListsCa(name, certificate, () => read(folder, certificate, 'certificate'))
      : read(folder, certificate, 'certificate');
    const [first] = certificates;
    const pems = certificates.map((one) => toPem('CERTIFICATE', one.certificate.der));
    texts[`${name}.crt`] = pems[0] ?? '';
    texts[`${name}.chain.crt`] = pems.join('');
    if (used.shown.has(name)) {
      const proof =
        keyOf === undefined
          ? read(folder, key, 'private-key')[0].key
          : createPrivateKey(base.identity(keyOf).key);
      const place = certificates.findIndex((one) =>
        new X509Certificate(one.certificate.der).checkPrivateKey(proof),
      );
      if (place !== 0)
        throw place < 0
          ? keyMismatch(certificate, keyOf === undefined ? key : undefined)
          : wrongOrder(certificate, place);
      texts[`${name}.key`] = proof.export({ type: 'pkcs8', format: 'pem' }).toString();
      demandUsable(
        first,
        { certificate: pems.join(''), key: texts[`${name}.key`] ?? '' },
        certificate,
        used.byClients?.has(name) ? usualSecurityLevel : undefined,
      );
    }
    // The lab's list is that of the CA as it was given; for another one there is none.
    const crl =
      made.has(name) && sameCertificate(base.certificate(name), pems[0] ?? '') ? base.crl(name) : undefined;
    if (crl !== undefined) texts[`${name}.crl`] = crl;
    rows.push({
      name,
      chain: pems.map(() => name),
      hasCrl: crl !== undefined,
      own: { certificate, chain: certificate, key: keyOf === undefined ? key : '' },
      summary: certificateSummary(first.certificate),
    });
  }
  const world = base.relocated(givenFiles(tasks)).with(rows, texts);
  const lists = [...(used.listed ?? [])].flatMap((name) => {
    const file = tasks.lists?.[name] ?? (world.crl(name) === undefined ? `${name}.crl` : undefined);
    return file === undefined ? [] : [[name, file] as const];
  });
  return lists.reduce((whole, [name, file]) => whole.withList(name, listIn(folder, file)), world);
}

/** A list is asked for by the name of its CA: where there is no such CA, that is said. @throws FileError */
function ofListsCa<T>(name: string, certificate: string, reading: () => T): T {
  try {
    return reading();
  } catch (error) {
    if (!(error instanceof FileError) || error.reason !== 'missing_file') throw error;
    throw new FileError('missing_file', {
      ...error.facts,
      what: {
        en: `${error.facts.what.en}: revocations names a CA, and ${certificate} would be its certificate`,
        ko: `${error.facts.what.ko}. revocations에는 CA의 이름을 적습니다. 그 CA의 인증서가 있어야 하는 파일: ${certificate}`,
      },
      expected: {
        en: `the name of a CA whose certificate is in the lab’s folder; its list is ${name}.crl`,
        ko: `실습 폴더에 인증서가 있는 CA의 이름(목록은 ${name}.crl)`,
      },
    });
  }
}

/** All lists of a file, PEM. @throws FileError */
function listIn(folder: string, file: string): string {
  return read(folder, file, 'revocation-list')
    .map(({ list }) => toPem('X509 CRL', list.der))
    .join('');
}

function sameCertificate(one: string, other: string): boolean {
  return new X509Certificate(one).fingerprint256 === new X509Certificate(other).fingerprint256;
}

/** @param key the file of the key; undefined where the lab has it. */
function keyMismatch(certificate: string, key: string | undefined): FileError {
  const shows = `openssl x509 -in ${certificate} -noout -pubkey`;
  return new FileError('key_mismatch', {
    what: {
      en: `the certificate in ${certificate} is for another public key`,
      ko: `${certificate} 인증서에 들어 있는 공개 키가 다른 키의 것입니다`,
    },
    where: certificate,
    expected:
      key === undefined
        ? { en: 'a certificate made from the signing request', ko: '서명 요청(CSR)으로 만든 인증서' }
        : { en: `a certificate for the key in ${key}`, ko: `${key} 파일의 키에 대한 인증서` },
    remedy:
      key === undefined
        ? {
            en: `${shows} shows the key that it is for.`,
            ko: `${shows} 명령으로 인증서의 공개 키를 볼 수 있습니다.`,
          }
        : {
            en: `These two must print the same: ${shows} and openssl pkey -in ${key} -pubout`,
            ko: `다음 두 명령의 출력이 같아야 합니다: ${shows}, openssl pkey -in ${key} -pubout`,
          },
  });
}

/** A server sends the certificates in the order of the file, and signs with the key of the first. @param place from 0 */
function wrongOrder(certificate: string, place: number): FileError {
  return new FileError('key_mismatch', {
    what: {
      en: `the first certificate in ${certificate} is for another public key; number ${place + 1} is the one for this key`,
      ko: `${certificate} 파일의 첫 인증서에 다른 공개 키가 들어 있습니다. 이 키에 대한 인증서는 ${place + 1}번째에 있습니다`,
    },
    where: certificate,
    expected: {
      en: 'the certificate for the key first, its intermediates after it',
      ko: '키에 대한 인증서가 맨 앞, 중간 인증서는 그 뒤',
    },
  });
}

/** Checks that a certificate and its key can be used in a handshake. @param securityLevel OpenSSL’s, of who presents it. @throws FileError */
function demandUsable(
  { certificate }: ContentOf<'certificate'>,
  identity: Identity,
  file: string,
  securityLevel?: number,
): void {
  const { keyUsage } = certificate;
  const { isCa } = certificateSummary(certificate);
  // RFC 8446 section 4.4.2.2: its holder signs the handshake.
  if (keyUsage && !keyUsage.includes('digitalSignature')) {
    throw new FileError(
      'unreadable_file',
      {
        what: isCa
          ? {
              en: 'this is a certificate of a CA, whose key signs certificates and not handshakes',
              ko: 'CA의 인증서입니다. 이 키로는 인증서에 서명할 수 있지만 핸드셰이크에는 서명할 수 없습니다',
            }
          : {
              en: 'the key of this certificate may not sign a handshake',
              ko: '이 인증서의 키로는 핸드셰이크에 서명할 수 없습니다',
            },
        where: file,
        expected: isCa
          ? { en: 'a certificate of its own, which the CA has signed', ko: 'CA가 서명해 준 별도의 인증서' }
          : {
              en: 'the key usage digitalSignature, or no such extension',
              ko: '키 사용(keyUsage)에 digitalSignature가 있거나, 그 확장이 없을 것',
            },
        received: `keyUsage: ${keyUsage.join(', ')}`,
      },
      true,
    );
  }
  try {
    tlsContextOptions(identity, securityLevel === undefined ? undefined : { securityLevel });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new FileError('unreadable_file', { ...error.facts, where: file }, true);
  }
}

/** The path of an initial file in commands that are run in the folder. */
function givenFiles({ gives = {} }: CompiledLab['tasks']): ReadonlyMap<string, RowFiles> {
  const fileOf = new Map(Object.entries(gives).map(([file, given]) => [given, file]));
  const rows = [...fileOf.keys()].flatMap((given) =>
    given.endsWith('.crt') && !given.endsWith('.chain.crt') ? [given.slice(0, -'.crt'.length)] : [],
  );
  return new Map(
    rows.map((row) => {
      const certificate = fileOf.get(`${row}.crt`) ?? '';
      return [
        row,
        {
          certificate,
          chain: fileOf.get(`${row}.chain.crt`) ?? certificate,
          key: fileOf.get(`${row}.key`) ?? '',
        },
      ] as const;
    }),
  );
}

/** How many other files are read for certificates. */
const mostOthers = 64;

/** All certificates in the learner's folder, DER; unreadable files are skipped. */
export function certificatesThere({ tasks }: CompiledLab, folder: string): readonly Uint8Array[] {
  const own = Object.entries(tasks.yours ?? {}).map(([name, { certificate = `${name}.crt` }]) => certificate);
  const others = reading(folder, () => readdirSync(folder))
    .filter((name) => name.endsWith('.crt'))
    .slice(0, mostOthers);
  return [...new Set([...own, ...others])].flatMap((file) => {
    try {
      return read(folder, file, 'certificate').map((one) => one.certificate.der);
    } catch (error) {
      if (error instanceof FileError) return [];
      throw error;
    }
  });
}

type ContentOf<Kind extends Content['kind']> = Extract<Content, { kind: Kind }>;

/** All contents of one kind in a file; at least one. */
function read<Kind extends Content['kind']>(
  folder: string,
  file: string,
  kind: Kind,
): [ContentOf<Kind>, ...ContentOf<Kind>[]] {
  return parse(bytesOf(folder, file), file, kind);
}

function parse<Kind extends Content['kind']>(
  bytes: Uint8Array,
  file: string,
  kind: Kind,
): [ContentOf<Kind>, ...ContentOf<Kind>[]] {
  let contents: Content[];
  try {
    contents = readContents(bytes, file);
  } catch (error) {
    if (error instanceof FileError || !(error instanceof UserError)) throw error;
    throw new FileError('unreadable_file', error.facts);
  }
  const [first, ...more] = contents.filter((one): one is ContentOf<Kind> => one.kind === kind);
  if (first) return [first, ...more];
  const found = [...new Set(contents.map((one) => one.kind))];
  throw new FileError('unreadable_file', {
    what: {
      en: `there is no ${contentNames[kind].en} in the file, but: ${found.map((one) => contentNames[one].en).join(', ')}`,
      ko: `파일에 ${josa(contentNames[kind].ko, '이/가')} 없습니다. 들어 있는 것: ${found.map((one) => contentNames[one].ko).join(', ')}`,
    },
    where: file,
    ...(kind === 'certificate' && found.includes('request')
      ? {
          remedy: {
            en: 'A signing request becomes a certificate when a CA signs it: openssl x509 -req',
            ko: '서명 요청(CSR)은 CA가 서명해야 인증서가 됩니다: openssl x509 -req',
          },
        }
      : {}),
  });
}

/** The bytes of a file in the learner's folder. @throws FileError */
export function bytesOf(folder: string, file: string): Uint8Array {
  const path = join(folder, file);
  const found = reading(file, () => statSync(path, { throwIfNoEntry: false }));
  if (!found) {
    throw new FileError('missing_file', {
      what: { en: `there is no ${file} yet`, ko: `아직 ${file} 파일이 없습니다` },
      where: file,
      expected: { en: 'a file of that name in the lab’s folder', ko: '실습 폴더 안에 그 이름의 파일' },
    });
  }
  // Checked before it is opened: opening a named pipe would wait for a writer.
  if (!found.isFile() || found.size > largest) {
    throw new FileError('unreadable_file', {
      what: found.isFile()
        ? { en: `${file} is too large`, ko: `${file} 파일이 너무 큽니다` }
        : { en: `${file} is not a file`, ko: `${file}: 파일이 아닙니다` },
      where: file,
      expected: { en: 'a text file of at most 1 MB', ko: '1 MB 이하의 텍스트 파일' },
    });
  }
  return reading(file, () => readFileSync(path));
}

/** The metadata of a file; an existing one may have none, such as a symbolic link to itself. @throws FileError */
function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new FileError('unreadable_file', {
      what: { en: `${file} cannot be read`, ko: `${file} 파일을 읽을 수 없습니다` },
      where: file,
      received: (error as NodeJS.ErrnoException).code ?? String(error),
    });
  }
}
