/**
 * Implements `wirelab certs csr`: creates a certificate signing request, with a new key or an existing one. The private
 * key stays with the requester; the CA receives the request only.
 */
import type { KeyObject } from 'node:crypto';
import { UserError } from '../../i18n/user-error.ts';
import { requestFor } from '../../pki/ca/request.ts';
import { makeKey } from '../../pki/ca/sign.ts';
import { parseNames, parseSubject } from '../../pki/ca/subject.ts';
import type { Command, Parsed } from '../command.ts';
import { examplesOf, optionsOnly } from '../io/options-only.ts';
import { checkSigningKey } from './authority.ts';
import { checkNewFiles, readKind, warnOfOpenKey, writeNewFiles } from './files.ts';
import type { NewFile } from './files.ts';
import { keyKindOf, keyKindOption } from './key-kinds.ts';
import { needed } from './operands.ts';
import { printTo } from './print.ts';

export const csr: Command = {
  summary: {
    en: 'create a certificate signing request (CSR), with a new key or an existing one',
    ko: 'CA에 보낼 인증서 서명 요청(CSR)을 새 키나 기존 키로 만듭니다',
  },
  operands: '--new-key FILE|--key FILE --subject "CN=..."',
  options: {
    'new-key': {
      value: 'FILE',
      help: {
        en: 'create a private key and write it to this file, readable only by you (mode 0600)',
        ko: '새 키를 만들어 이 파일에 저장(본인만 읽을 수 있음, 0600)',
      },
    },
    key: {
      value: 'FILE',
      help: { en: 'or use the private key in this file', ko: '또는 이 파일의 키를 사용' },
    },
    'key-kind': keyKindOption,
    subject: {
      value: 'NAME',
      help: {
        en: 'the subject of the certificate: CN=alice,O=Workshop',
        ko: '인증서의 주체: CN=alice,O=Workshop',
      },
    },
    san: {
      value: 'NAMES',
      many: true,
      help: {
        en: 'subject alternative names: DNS:shop.localhost,IP:127.0.0.1,URI:...',
        ko: '이름(SAN): DNS:shop.localhost,IP:127.0.0.1,URI:...',
      },
    },
    out: {
      value: 'FILE',
      help: {
        en: 'write the request to this file (default: standard output)',
        ko: '요청을 저장할 파일(기본값: 표준 출력)',
      },
    },
    force: { help: { en: 'overwrite existing files', ko: '이미 있는 파일을 덮어쓰기' } },
  },
  examples: [
    {
      line: './wirelab certs csr --new-key bob.key --subject CN=bob --out bob.csr',
      does: { en: 'a key for bob, and a request for it', ko: 'bob의 키와 그 키에 대한 요청' },
    },
    {
      line: './wirelab certs csr --key shop.key --subject CN=shop --san DNS:shop.localhost',
      does: {
        en: 'a request for an existing key, on standard output',
        ko: '이미 있는 키에 대한 요청을 표준 출력으로',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 created; 2 error in the command or a file, and nothing was written.',
    ko: '종료 코드: 0은 만들었음, 2는 명령이나 파일에 잘못이 있음(아무것도 저장하지 않음).',
  },
  async run(parsed, environment) {
    optionsOnly(parsed, 'certs csr', {
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
    const key = ownKey === undefined ? makeKey(keyKindOf(parsed.text('key-kind'))) : ownKeyOf(ownKey);
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
        en: `${newKey}: the private key, readable only by you (mode 0600). Do not send it to anyone`,
        ko: `${newKey}: 본인만 읽을 수 있는 개인 키(0600). 누구에게도 보내지 않습니다`,
      });
    if (out !== undefined)
      print.mark('✓', { en: `${out}: the request. Send it to the CA`, ko: `${out}: CA에 보낼 요청` });
    warnOfOpenKey(ownKey, print);
    return 0;
  },
};

function oneKey(parsed: Parsed): UserError {
  return new UserError({
    what:
      parsed.text('key') === undefined
        ? { en: 'missing key: csr needs --new-key or --key', ko: 'csr에는 새 키나 기존 키가 필요합니다' }
        : {
            en: '--new-key and --key cannot be combined',
            ko: 'csr에는 새 키와 기존 키 가운데 하나만 지정합니다',
          },
    where: 'wirelab certs csr',
    expected: { en: '--new-key FILE or --key FILE', ko: '--new-key FILE 또는 --key FILE' },
    remedy: examplesOf('certs csr'),
  });
}

function kindOfOwnKey(): UserError {
  return new UserError({
    what: {
      en: '--key-kind is valid only with --new-key',
      ko: '--key-kind는 새 키를 만들 때만 씁니다',
    },
    where: 'wirelab certs csr',
    expected: { en: '--new-key FILE --key-kind KIND', ko: '--new-key FILE --key-kind KIND' },
  });
}

/** RFC 2986 section 3: a request is signed with the private key whose public key it contains. */
function ownKeyOf(file: string): KeyObject {
  const [content] = readKind(file, 'private-key');
  checkSigningKey(content, `--key ${file}`);
  return content.key;
}
