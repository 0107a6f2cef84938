/**
 * A folder of CAs that holds the right one, where OpenSSL does not find it: it opens only files whose names are the hash of a subject
 * (SSL_CTX_load_verify_locations(3), openssl-rehash(1)).
 */
import { X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readBytes } from '../../i18n/read-file.ts';
import { safeText } from '../../i18n/safe.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import type { DiagnosedCause, Diagnosis, Finding } from '../diagnosis.ts';
import { foldersNamed } from '../programs/intent.ts';
import type { Heard } from '../programs/hear.ts';
import type { Program } from '../programs/program.ts';

export interface FolderFacts {
  readonly program: Program | undefined;
  readonly own: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
  readonly heard: Heard | undefined;
  readonly diagnosis: Pick<Diagnosis, 'attempts'>;
}

const open: ReadonlySet<DiagnosedCause> = new Set(['unknown_ca', 'self_signed', 'certificate_not_accepted']);

/** Python's requests goes by no variable of OpenSSL's. */
const isOfRequests = /\brequests\.|urllib3|\bHTTPSConnectionPool\(/;

export function withUnlinked(finding: Finding, facts: FolderFacts): Finding {
  const { program, own, variables, heard, diagnosis } = facts;
  if (finding.by !== 'client' || !open.has(finding.cause)) return finding;
  if (program?.runsCode && (!heard || isOfRequests.test(heard.line))) return finding;
  const chain = (diagnosis.attempts[0]?.chain ?? []).flatMap(certificateIn);
  for (const { by, path } of foldersNamed(program, own, variables)) {
    const name = unlinkedIn(path, chain);
    if (name === undefined) continue;
    const [folder, file] = [safeText(path), safeText(name)];
    return {
      ...finding,
      because: {
        en: `the folder with the CAs that the client was told to trust (${by} ${folder}) holds the CA of the server's certificate (${file}), and not under the name by which OpenSSL looks for it, which is a hash: the client does not find it`,
        ko: `클라이언트가 신뢰할 CA 폴더(${by} ${folder})에 서버 인증서의 CA가 있지만(${file}), OpenSSL이 찾는 해시 이름의 파일이나 링크가 없어 클라이언트가 찾지 못합니다.`,
      },
      remedy: {
        on: 'client',
        words: {
          en: 'make the links with the names that OpenSSL looks for, and make them again whenever a file is added; or name the file itself in the place of the folder',
          ko: 'OpenSSL이 찾는 이름의 링크를 만들고, 파일을 추가할 때마다 다시 만드세요. 폴더 대신 파일을 직접 지정해도 됩니다.',
        },
        command: `openssl rehash ${shellWord(path)}`,
      },
      evidence: [
        ...finding.evidence,
        {
          kind: 'words',
          said: join(path, name),
          words: { en: 'the CA, without a link named by its hash', ko: '해시 이름의 링크가 없는 CA' },
        },
      ],
    };
  }
  return finding;
}

/** More files are a folder of something else. */
const mostFiles = 2000;
const largest = 1 << 20;

/** The file that holds what has issued a certificate of the chain, where no file with the name of a hash does. */
function unlinkedIn(folder: string, chain: readonly X509Certificate[]): string | undefined {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return undefined;
  }
  if (names.length > mostFiles) return undefined;
  const isIssuer = (name: string): boolean =>
    certificatesIn(join(folder, name)).some(
      (authority) =>
        // With an intermediate CA alone it would have no end of a path.
        authority.checkIssued(authority) &&
        chain.some((one) => one.checkIssued(authority) && isSigned(one, authority)),
    );
  const isHash = (name: string): boolean => /^[0-9a-f]{8}\.\d+$/.test(name);
  return names.some((name) => isHash(name) && isIssuer(name))
    ? undefined
    : names.find((name) => !isHash(name) && isIssuer(name));
}

function isSigned(one: X509Certificate, authority: X509Certificate): boolean {
  try {
    return one.verify(authority.publicKey);
  } catch {
    return false;
  }
}

function certificatesIn(path: string): readonly X509Certificate[] {
  try {
    const text = Buffer.from(readBytes(path, largest)).toString('latin1');
    return (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).flatMap(
      certificateIn,
    );
  } catch {
    return [];
  }
}

function certificateIn(bytes: string | Uint8Array): X509Certificate[] {
  try {
    return [new X509Certificate(bytes)];
  } catch {
    return [];
  }
}
