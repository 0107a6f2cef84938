/**
 * Implements `wirelab certs issue`: a new key, its request and the signature of a local CA in one step, for servers and clients of
 * one's own. The CA decides by the same rules as in `certs sign`.
 */
import { defined } from '../../core/defined.ts';
import { ipVersion } from '../../core/ip-version.ts';
import { systemClock } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { readContents } from '../../pki/x509/contents.ts';
import { considerRequest, issueGranted } from '../../pki/ca/signing-policy.ts';
import type { SigningProfile, SigningQuestion } from '../../pki/ca/signing-policy.ts';
import { requestFor } from '../../pki/ca/request.ts';
import { makeKey } from '../../pki/ca/sign.ts';
import { parseNames } from '../../pki/ca/subject.ts';
import { toPem } from '../../pki/keystore/pem.ts';
import { writePkcs12 } from '../../pki/keystore/pkcs12.ts';
import type { Command, Parsed } from '../command.ts';
import { whileWorking } from '../io/progress.ts';
import { authorityOptions, daysOf, readAuthority } from './authority.ts';
import { checkNewFiles, warnOfOpenKey, writeNewFiles } from './files.ts';
import { keyKindOf, keyKindOption } from './key-kinds.ts';
import { hostNameOf, onlyOperand } from './operands.ts';
import { howToImport, passwordOf, passwordOption } from './p12.ts';
import { printTo } from './print.ts';

export const issue: Command = {
  summary: {
    en: 'issue a key and a certificate by your own CA, for a server or a client',
    ko: '내 CA로 서버나 클라이언트의 키와 인증서를 한 번에 발급합니다',
  },
  operands: 'NAME --ca CERT --ca-key KEY [--client]',
  options: {
    ...authorityOptions,
    client: {
      help: {
        en: 'for a client: also as .p12 for a browser (default: for a server)',
        ko: '클라이언트용. 브라우저용 .p12도 만듭니다(기본값: 서버용)',
      },
    },
    san: {
      value: 'NAMES',
      many: true,
      help: {
        en: 'further names of a server: DNS:www.shop.localhost,IP:127.0.0.1',
        ko: '서버의 다른 이름: DNS:www.shop.localhost,IP:127.0.0.1',
      },
    },
    days: { value: 'N', help: { en: 'validity in days (default: 365)', ko: '유효 일수(기본값: 365)' } },
    'key-kind': keyKindOption,
    password: passwordOption,
    out: {
      value: 'PREFIX',
      help: {
        en: 'write PREFIX.crt and PREFIX.key (default: NAME)',
        ko: 'PREFIX.crt와 PREFIX.key에 저장(기본값: NAME)',
      },
    },
    force: { help: { en: 'overwrite existing files', ko: '이미 있는 파일을 덮어쓰기' } },
  },
  examples: [
    {
      line: './wirelab certs issue localhost --ca ca.crt --ca-key ca.key',
      does: {
        en: 'localhost.crt and localhost.key, for proxy --cert and --key',
        ko: 'proxy의 --cert와 --key에 쓸 localhost.crt와 localhost.key',
      },
    },
    {
      line: './wirelab certs issue alice --client --ca ca.crt --ca-key ca.key',
      does: {
        en: 'for a client, and alice.p12 for its browser',
        ko: '클라이언트용 인증서와, 브라우저용 alice.p12',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 issued; 1 the CA refused; 2 error in the command or a file. Unless it is 0, nothing was written.',
    ko: '종료 코드: 0은 발급함, 1은 CA가 거부함, 2는 명령이나 파일에 잘못이 있음. 0이 아니면 아무것도 저장하지 않습니다.',
  },
  async run(parsed, environment) {
    const name = onlyOperand(parsed, 'issue', {
      en: 'the name of the server or the client',
      ko: '서버나 클라이언트의 이름',
    });
    const profile: SigningProfile = parsed.flag('client') ? 'client' : 'server';
    const authority = readAuthority(parsed, 'issue');
    const prefix = parsed.text('out') ?? prefixOf(name);
    const force = parsed.flag('force');
    const password = passwordOf(parsed, 'password', 'issue');
    const paths = ['crt', 'key', ...(profile === 'client' ? ['p12'] : [])].map((end) => ({
      path: `${prefix}.${end}`,
      flag: '--out',
    }));
    checkNewFiles(paths, force);
    const san = namesOf(name, profile, parsed);
    const kind = keyKindOf(parsed.text('key-kind'));
    const key = await whileWorking(
      environment,
      { en: `making a key (${kind})`, ko: `키를 만드는 중(${kind})` },
      () => makeKey(kind),
    );
    const [content] = readContents(Buffer.from(requestFor(key, { subject: [['CN', name]], san })), name);
    if (content?.kind !== 'request') throw new Error('the request cannot be parsed');
    const question: SigningQuestion = defined({
      request: content.request,
      authority: authority.certificate,
      profile,
      days: daysOf(parsed),
      at: systemClock.now(),
    });
    const print = printTo(environment);
    warnOfOpenKey(parsed.text('ca-key'), print);
    const { decisions, grant } = considerRequest(question);
    if (!grant) {
      for (const { kind: decision, words } of decisions) if (decision === 'refused') print.mark('✗', words);
      return 1;
    }
    const der = issueGranted(question, grant, authority.key);
    // A root is not sent; an intermediate CA is, behind the certificate that it signed.
    const isRoot = authority.certificate.issuer.text === authority.certificate.subject.text;
    const chain = [der, ...(isRoot ? [] : [authority.certificate.der])];
    const [certificateFile, keyFile, browserFile] = paths;
    if (!certificateFile || !keyFile) throw new Error('two files at least');
    writeNewFiles(
      [
        { ...certificateFile, text: chain.map((one) => toPem('CERTIFICATE', one)).join(''), mode: 0o644 },
        { ...keyFile, text: key.export({ type: 'pkcs8', format: 'pem' }), mode: 0o600 },
        ...(browserFile
          ? [{ ...browserFile, text: writePkcs12({ chain, key, password, name }), mode: 0o600 }]
          : []),
      ],
      force,
    );
    print.mark('✓', {
      en: `${certificateFile.path}: the certificate${san.length > 0 ? ` for ${san.join(', ')}` : ''}`,
      ko: `${certificateFile.path}: 인증서${san.length > 0 ? `(${san.join(', ')})` : ''}`,
    });
    print.mark('✓', {
      en: `${keyFile.path}: its private key, readable only by you (mode 0600)`,
      ko: `${keyFile.path}: 본인만 읽을 수 있는 개인 키(0600)`,
    });
    if (browserFile) {
      print.mark('✓', {
        en: `${browserFile.path}: both, for a browser; password: ${password}`,
        ko: `${browserFile.path}: 브라우저용. 비밀번호: ${password}`,
      });
      print.mark('-', howToImport);
    }
    return 0;
  },
};

/** A server is found by its name, which must be in the certificate (RFC 9525). */
function namesOf(name: string, profile: SigningProfile, parsed: Parsed): string[] {
  const more = parseNames(parsed.all('san'), '--san');
  if (profile === 'client') return more;
  const host = hostNameOf(name, 'NAME');
  const own = ipVersion(host) ? `IP:${host}` : `DNS:${host}`;
  const loopback = host === 'localhost' ? ['IP:127.0.0.1', 'IP:::1'] : [];
  return [...new Set([own, ...loopback, ...more])];
}

/** The name as that of a file. @throws UserError */
function prefixOf(name: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}._@-]*$/u.test(name)) return name;
  throw new UserError({
    what: { en: 'this name makes no file name', ko: '파일 이름으로 쓸 수 없는 이름입니다' },
    where: 'wirelab certs issue',
    expected: { en: '--out PREFIX as well', ko: '--out PREFIX도 함께' },
    received: name,
  });
}
