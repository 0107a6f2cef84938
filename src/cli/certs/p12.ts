/** Implements `wirelab certs p12`: a certificate, its chain and its key as one PKCS #12 file, which browsers import. */
import { UserError } from '../../i18n/user-error.ts';
import type { Localized } from '../../i18n/language.ts';
import { isKeyOf } from '../../pki/ca/signing-policy.ts';
import { writePkcs12 } from '../../pki/keystore/pkcs12.ts';
import type { Command, OptionRow, Parsed } from '../command.ts';
import { checkNewFiles, readCertificates, readKind, writeNewFiles } from './files.ts';
import { needed, onlyOperand } from './operands.ts';
import { printTo } from './print.ts';

/** Importers ask for one; it protects the file as it is carried about. */
export const usualPassword = 'wirelab';

export const passwordOption: OptionRow = {
  value: 'TEXT',
  help: {
    en: `the password that the importer asks for (default: ${usualPassword})`,
    ko: `가져올 때 입력할 비밀번호(기본값: ${usualPassword})`,
  },
};

/** @throws UserError for a password that importers cannot agree on. */
export function passwordOf(parsed: Parsed, option: string, action: string): string {
  const given = parsed.text(option) ?? usualPassword;
  if (/^[\x20-\x7e]{1,128}$/.test(given)) return given;
  throw new UserError({
    what: {
      en: `invalid value for --${option}: importers disagree on such characters`,
      ko: `--${option} 값을 쓸 수 없습니다. 프로그램마다 다르게 읽는 문자입니다`,
    },
    where: `wirelab certs ${action}`,
    expected: { en: '1 to 128 ASCII characters', ko: 'ASCII 문자 1~128개' },
  });
}

/** How a browser imports one. */
export const howToImport: Localized = {
  en: 'Firefox: Settings > Privacy & Security > View Certificates > Your Certificates > Import. Chromium on Linux: pk12util -d sql:$HOME/.pki/nssdb -i FILE. macOS and Windows: open the file',
  ko: 'Firefox: 설정 > 개인 정보 및 보안 > 인증서 보기 > 개인 인증서 > 가져오기. Linux의 Chromium: pk12util -d sql:$HOME/.pki/nssdb -i FILE. macOS와 Windows: 파일을 엽니다',
};

export const p12: Command = {
  summary: {
    en: 'pack a certificate and its key into a .p12 file for a browser',
    ko: '인증서와 키를 브라우저가 가져올 .p12 파일로 묶습니다',
  },
  operands: 'CERT|CHAIN --key KEY [--out FILE]',
  options: {
    key: { value: 'KEY', help: { en: 'the private key of the certificate', ko: '인증서의 개인 키' } },
    password: passwordOption,
    out: {
      value: 'FILE',
      help: {
        en: 'write this file, readable only by you (default: CERT with .p12 in place of its ending)',
        ko: '저장할 파일. 본인만 읽을 수 있습니다(기본값: 인증서 파일의 끝을 .p12로 바꾼 이름)',
      },
    },
    force: { help: { en: 'overwrite an existing file', ko: '이미 있는 파일을 덮어쓰기' } },
  },
  examples: [
    {
      line: './wirelab certs p12 bob.crt --key bob.key',
      does: { en: 'bob.p12, which a browser imports', ko: '브라우저가 가져올 수 있는 bob.p12' },
    },
  ],
  exits: {
    en: 'Exit codes: 0 created; 2 error in the command or a file, and nothing was written.',
    ko: '종료 코드: 0은 만들었음, 2는 명령이나 파일에 잘못이 있음(아무것도 저장하지 않음).',
  },
  async run(parsed, environment) {
    const file = onlyOperand(parsed, 'p12', {
      en: 'a certificate or a chain, leaf first (FILE)',
      ko: '인증서 또는 체인 FILE',
    });
    const keyFile = needed(parsed, 'p12', 'key', 'KEY');
    const chain = readCertificates(file);
    const [{ key }] = readKind(keyFile, 'private-key');
    if (!isKeyOf(key, chain[0]))
      throw new UserError({
        what: {
          en: 'the private key does not match the certificate',
          ko: '개인 키가 인증서와 맞지 않습니다',
        },
        where: `${file}, --key ${keyFile}`,
        remedy: {
          en: 'Compare the key SHA-256 of both with ./wirelab certs show FILE: they must be equal.',
          ko: './wirelab certs show FILE 명령으로 나오는 키 SHA-256 값이 서로 같아야 합니다.',
        },
      });
    const password = passwordOf(parsed, 'password', 'p12');
    const path = parsed.text('out') ?? `${file.replace(/\.(?:chain\.crt|crt|pem|cer)$/, '')}.p12`;
    const force = parsed.flag('force');
    const target = { path, flag: '--out' };
    checkNewFiles([target], force);
    const name = /(?:^|,)CN=((?:\\.|[^,\\])+)/.exec(chain[0].subject.text)?.[1] ?? 'wirelab';
    const bytes = writePkcs12({ chain: chain.map(({ der }) => der), key, password, name });
    writeNewFiles([{ ...target, text: bytes, mode: 0o600 }], force);
    const print = printTo(environment);
    print.mark('✓', {
      en: `${path}: certificate and key, readable only by you (mode 0600); password: ${password}`,
      ko: `${path}: 본인만 읽을 수 있는 인증서와 키(0600). 비밀번호: ${password}`,
    });
    print.mark('-', howToImport);
    return Promise.resolve(0);
  },
};
