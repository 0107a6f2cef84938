/**
 * `wirelab certs csr`: a signing request, with a new key or with one that is there. The key stays with who asks; the CA
 * gets the request alone.
 */
import type { KeyObject } from 'node:crypto';
import { UserError } from '../../i18n/user-error.ts';
import type { KeyKind } from '../../pki/ca/recipe.ts';
import { requestFor } from '../../pki/ca/request.ts';
import { makeKey } from '../../pki/ca/sign.ts';
import { parseNames, parseSubject } from '../../pki/ca/subject.ts';
import type { Command, Parsed } from '../command.ts';
import { checkSigningKey } from './authority.ts';
import { checkNewFiles, readKind, tellOpenKey, writeNewFiles } from './files.ts';
import type { NewFile } from './files.ts';
import { needed, noOperands } from './operands.ts';
import { printTo } from './print.ts';

const keyKinds: Readonly<Record<string, KeyKind>> = {
  p256: 'P-256',
  p384: 'P-384',
  rsa2048: 'RSA-2048',
  rsa3072: 'RSA-3072',
  ed25519: 'Ed25519',
};

export const csr: Command = {
  summary: {
    en: 'ask a CA for a certificate: a signing request, with a new key or your own',
    ko: 'CA에 보낼 인증서 서명 요청(CSR)을 새 키나 기존 키로 만듭니다',
  },
  operands: '--new-key FILE|--key FILE --subject "CN=..."',
  options: {
    'new-key': {
      value: 'FILE',
      help: {
        en: 'make a key and write it here, for you alone to read (mode 0600)',
        ko: '새 키를 만들어 이 파일에 저장(본인만 읽을 수 있음, 0600)',
      },
    },
    key: { value: 'FILE', help: { en: 'or use the key in this file', ko: '또는 이 파일의 키를 사용' } },
    'key-kind': {
      value: 'p256|rsa2048|ed25519',
      choices: Object.keys(keyKinds),
      help: {
        en: 'with --new-key (default: p256; also p384, rsa3072)',
        ko: '--new-key의 키 종류(기본값: p256. p384, rsa3072도 가능)',
      },
    },
    subject: {
      value: 'NAME',
      help: {
        en: 'whose certificate it is to be: CN=alice,O=Workshop',
        ko: '인증서의 주체: CN=alice,O=Workshop',
      },
    },
    san: {
      value: 'NAMES',
      many: true,
      help: {
        en: 'its names: DNS:shop.localhost,IP:127.0.0.1,URI:...',
        ko: '이름(SAN): DNS:shop.localhost,IP:127.0.0.1,URI:...',
      },
    },
    out: {
      value: 'FILE',
      help: {
        en: 'write the request here (default: standard output)',
        ko: '요청을 저장할 파일(기본값: 표준 출력)',
      },
    },
    force: { help: { en: 'replace files that are there already', ko: '이미 있는 파일을 덮어쓰기' } },
  },
  examples: [
    {
      line: './wirelab certs csr --new-key bob.key --subject CN=bob --out bob.csr',
      does: { en: 'a key for bob, and a request for it', ko: 'bob의 키와 그 키에 대한 요청' },
    },
    {
      line: './wirelab certs csr --key shop.key --subject CN=shop --san DNS:shop.localhost',
      does: {
        en: 'a request for a key that is there already, on standard output',
        ko: '이미 있는 키에 대한 요청을 표준 출력으로',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 made, 2 a mistake in the command or a file; then nothing was written.',
    ko: '종료 코드: 0은 만들었음, 2는 명령이나 파일에 잘못이 있음(아무것도 저장하지 않음).',
  },
  async run(parsed, environment) {
    noOperands(parsed, 'csr', {
      en: '--new-key FILE or --key FILE, and --subject',
      ko: '--new-key FILE 또는 --key FILE, 그리고 --subject',
    });
    const newKey = parsed.text('new-key');
    const ownKey = parsed.text('key');
    if ((newKey === undefined) === (ownKey === undefined)) throw oneKey(parsed);
    if (ownKey !== undefined && parsed.text('key-kind') !== undefined) throw kindOfOwnKey();
    const subject = parseSubject(needed(parsed, 'csr', 'subject', 'CN=alice,O=Workshop'), '--subject');
    const san = parseNames(parsed.all('san'), '--san');
    const out = parsed.text('out');
    const force = parsed.flag('force');
    const targets = [
      ...(newKey === undefined ? [] : [{ path: newKey, flag: '--new-key' }]),
      ...(out === undefined ? [] : [{ path: out, flag: '--out' }]),
    ];
    checkNewFiles(targets, force);
    const key =
      ownKey === undefined
        ? makeKey(keyKinds[parsed.text('key-kind') ?? 'p256'] ?? 'P-256')
        : ownKeyOf(ownKey);
    const request = requestFor(key, { subject, san });
    const files: NewFile[] = [];
    if (newKey !== undefined)
      files.push({
        path: newKey,
        flag: '--new-key',
        text: key.export({ type: 'pkcs8', format: 'pem' }),
        mode: 0o600,
      });
    if (out !== undefined) files.push({ path: out, flag: '--out', text: request, mode: 0o644 });
    writeNewFiles(files, force);
    if (out === undefined) environment.stdout.write(request);
    const print = printTo(environment, out === undefined ? environment.stderr : environment.stdout);
    if (newKey !== undefined)
      print.mark('✓', {
        en: `${newKey}: the private key, for you alone (mode 0600). It never leaves you`,
        ko: `${newKey}: 본인만 읽을 수 있는 개인 키(0600). 누구에게도 보내지 않습니다`,
      });
    if (out !== undefined)
      print.mark('✓', { en: `${out}: the request, to be sent to the CA`, ko: `${out}: CA에 보낼 요청` });
    tellOpenKey(ownKey, print);
    return 0;
  },
};

function oneKey(parsed: Parsed): UserError {
  return new UserError({
    what:
      parsed.text('key') === undefined
        ? { en: 'csr needs a key: a new one, or yours', ko: 'csr에는 새 키나 기존 키가 필요합니다' }
        : {
            en: 'csr takes a new key or yours, not both',
            ko: 'csr에는 새 키와 기존 키 가운데 하나만 지정합니다',
          },
    where: 'wirelab certs csr',
    expected: { en: '--new-key FILE or --key FILE', ko: '--new-key FILE 또는 --key FILE' },
    remedy: { en: './wirelab certs csr --help shows examples.', ko: '예시 보기: ./wirelab certs csr --help' },
  });
}

function kindOfOwnKey(): UserError {
  return new UserError({
    what: {
      en: '--key-kind belongs to a new key; yours is of its own kind',
      ko: '--key-kind는 새 키를 만들 때만 씁니다',
    },
    where: 'wirelab certs csr',
    expected: { en: '--new-key FILE --key-kind KIND', ko: '--new-key FILE --key-kind KIND' },
  });
}

/** RFC 2986 section 3: a request is signed with the key that it asks for. */
function ownKeyOf(file: string): KeyObject {
  const [content] = readKind(file, 'private-key');
  checkSigningKey(content, `--key ${file}`);
  return content.key;
}
