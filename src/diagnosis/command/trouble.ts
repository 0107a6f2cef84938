/** What is wrong with a file or an option of the command, by the words of its program: which one, and the line that shows it. */
import { safeText } from '../../i18n/safe.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Finding } from '../diagnosis.ts';
import type { NamedFile } from '../programs/program.ts';
import type { Trouble } from '../programs/saying.ts';
import { isEncrypted } from './files.ts';
import type { Context } from './context.ts';
import type { Heard } from '../programs/hear.ts';

interface Words {
  readonly because: Localized;
  readonly remedy: Localized;
}

const words: Readonly<Record<Trouble, Words>> = {
  missing: {
    because: {
      en: 'a file that the client was given is not there',
      ko: '클라이언트에 지정된 파일이 없습니다',
    },
    remedy: {
      en: 'correct the path, or put the file there; a relative path counts from the folder in which the command is started',
      ko: '경로를 고치거나 그 자리에 파일을 두세요. 상대 경로는 명령을 시작한 폴더를 기준으로 합니다.',
    },
  },
  forbidden: {
    because: {
      en: 'the client may not read a file that it was given',
      ko: '클라이언트에 지정된 파일을 읽을 권한이 없습니다',
    },
    remedy: {
      en: 'let the user that runs the command read the file (its owner, its mode and those of the folders above it)',
      ko: '명령을 실행하는 사용자가 파일을 읽을 수 있게 하세요(소유자, 권한, 위쪽 폴더의 권한).',
    },
  },
  open_to_all: {
    because: {
      en: 'the private key may be read by others than its owner, and the client does not use such a key',
      ko: '개인 키를 소유자가 아닌 사용자도 읽을 수 있어서 클라이언트가 쓰지 않습니다',
    },
    remedy: {
      en: 'take the rights of others away, and let the file belong to the user that runs the command',
      ko: '다른 사용자의 권한을 없애고, 명령을 실행하는 사용자를 파일의 소유자로 하세요.',
    },
  },
  content: {
    because: {
      en: 'a file that the client was given does not hold what it should: a certificate or a private key in PEM',
      ko: '클라이언트에 지정된 파일에 있어야 할 것(PEM 형식의 인증서나 개인 키)이 없습니다',
    },
    remedy: {
      en: 'put the right file there: certificates and keys in PEM (-----BEGIN …), each in the file of its option; a key that is encrypted needs its pass phrase',
      ko: '맞는 파일을 두세요. 인증서와 키는 PEM(-----BEGIN …) 형식으로 각 옵션의 파일에 있어야 하고, 암호화된 키에는 암호문이 필요합니다.',
    },
  },
  mismatch: {
    because: {
      en: "the private key is not that of the client's certificate",
      ko: '개인 키가 클라이언트 인증서의 것이 아닙니다',
    },
    remedy: {
      en: 'name the key with which the certificate was requested; if it is lost, have a new certificate issued. Both lines must print the same',
      ko: '인증서를 요청할 때 쓴 키를 지정하세요. 키를 잃어버렸다면 인증서를 새로 발급받으세요. 두 명령의 출력이 같아야 합니다.',
    },
  },
  alone: {
    because: {
      en: 'a certificate and its private key belong together, and only one of the two was given',
      ko: '인증서와 개인 키는 함께 지정해야 하는데 하나만 지정되었습니다',
    },
    remedy: {
      en: 'name both: the certificate (with its chain) and its private key',
      ko: '인증서(체인 포함)와 그 개인 키를 모두 지정하세요.',
    },
  },
  pass_phrase: {
    because: {
      en: 'the private key does not open: the pass phrase is wrong, or none was given',
      ko: '개인 키가 열리지 않습니다. 암호문이 틀렸거나 지정되지 않았습니다',
    },
    remedy: {
      en: 'give the pass phrase of that file; the line asks for it, and opens the file only with the right one',
      ko: '그 파일의 암호문을 지정하세요. 아래 명령은 암호문을 물어보고, 맞을 때만 파일을 엽니다.',
    },
  },
};

/** Which kinds of files each is about, the likeliest first. */
const kindsOf: Readonly<Record<Trouble, readonly NamedFile['kind'][]>> = {
  missing: ['authorities', 'certificate', 'key', 'other'],
  forbidden: ['key', 'certificate', 'authorities', 'other'],
  open_to_all: ['key'],
  content: ['authorities', 'certificate', 'key', 'other'],
  mismatch: ['key', 'certificate'],
  pass_phrase: ['key', 'certificate', 'other'],
  alone: ['certificate', 'key'],
};

/** A file that its words name, or the only one that they can be about. */
export function withTrouble(finding: Finding, context: Context): Finding {
  if (finding.cause === 'unusable_option') return withOption(finding, context);
  const { heard, files, lines, faulty } = context;
  if (finding.cause !== 'unusable_file' || faulty.some(({ fault }) => fault !== 'mismatch')) return finding;
  const trouble = heard?.saying.cause === 'unusable_file' ? troubleOf(heard, context) : undefined;
  if (trouble === undefined) return finding;
  const fitting = kindsOf[trouble]
    .flatMap((kind) => files.filter((one) => one.kind === kind))
    .filter((one) => one.kind !== 'other' || trouble !== 'pass_phrase' || mayHoldKey.test(one.path));
  const encrypted = trouble === 'pass_phrase' ? fitting.filter(isEncrypted) : [];
  const told = fitting.filter(({ path }) => lines.some((line) => line.includes(path)));
  const named = told.length > 0 ? told : encrypted.length === 1 ? encrypted : [];
  const isPair = trouble === 'mismatch';
  const meant = named.length > 0 && !isPair ? named : fitting;
  const shown = isPair ? meant : meant.slice(0, 1);
  const path = pathIn(lines);
  const isSure =
    named.length > 0 || fitting.length === 1 || isPair || (fitting.length === 0 && path !== undefined);
  const names =
    isSure && shown.length > 0
      ? shown.map(({ by, path: one }) => `${by} ${one}`).join(', ')
      : (path ?? fitting.map(({ by, path: one }) => `${by} ${one}`).join(', '));
  const command = lineFor(trouble, isSure ? shown : [], path);
  return {
    ...finding,
    because: inEach(
      (language) => `${words[trouble].because[language]}${names === '' ? '' : ` (${safeText(names)})`}`,
    ),
    remedy: { on: 'client', words: remedyOf(trouble, lines), ...(command === undefined ? {} : { command }) },
    // That a file is missing may be said of one that has nothing to do with TLS.
    confidence: heard?.saying.isEarly && names === '' ? 'likely' : finding.confidence,
  };
}

/** apt fetches as a user of its own, and not as the one that runs it (apt.conf(5), APT::Sandbox::User). */
const remedyOf = (trouble: Trouble, lines: readonly string[]): Localized =>
  trouble === 'forbidden' && lines.some((line) => /\((?:CaInfo|SslCert|SslKey|CrlFile) option\)/.test(line))
    ? {
        en: 'let the user _apt read the file, and enter the folders above it: apt fetches as that user, also where root runs it (APT::Sandbox::User); for certificates mode 0644 will do',
        ko: '_apt 사용자가 파일을 읽고 위쪽 폴더에 들어갈 수 있게 하세요. root가 실행해도 apt는 그 사용자로 내려받습니다(APT::Sandbox::User). 인증서 파일은 권한 0644면 됩니다.',
      }
    : words[trouble].remedy;

const mayHoldKey = /\.(?:key|pem|p12|pfx|jks)$/i;

/** Some words leave open which of its troubles it is: the files show that. */
function troubleOf({ saying: { trouble } }: Heard, { files, faulty }: Context): Trouble | undefined {
  if (trouble !== undefined && trouble !== 'content') return trouble;
  if (faulty.some(({ fault }) => fault === 'mismatch')) return 'mismatch';
  return files.some((one) => one.kind !== 'authorities' && isEncrypted(one)) ? 'pass_phrase' : trouble;
}

/** For a program that presents nothing, and does not say why. */
export const mismatchRemedy = (files: readonly NamedFile[]): Finding['remedy'] => {
  const command = lineFor('mismatch', files, undefined);
  return { on: 'client', words: words.mismatch.remedy, ...(command === undefined ? {} : { command }) };
};

const pathIn = (lines: readonly string[]): string | undefined =>
  lines
    .map((line) =>
      /(?:\bopen '([^']+)'|\b(?:open|stat) (\S+): |file "([^"]+)"|fopen\(([^,]+),|from (\S+):|Could not load [\w ]+? (\S+) \(\w+ option\)|Exception: (\S+) \()/.exec(
        line,
      ),
    )
    .flatMap((match) => match?.slice(1).filter((one) => one !== undefined) ?? [])
    .at(0);

/** What shows it. */
function lineFor(
  trouble: Trouble,
  files: readonly NamedFile[],
  path: string | undefined,
): string | undefined {
  const [first] = files;
  const at = first?.path ?? path;
  if (trouble === 'mismatch') {
    const of = (kind: NamedFile['kind'], usual: string): string =>
      shellWord(files.find((one) => one.kind === kind)?.path ?? usual);
    return `openssl x509 -noout -pubkey -in ${of('certificate', 'client.crt')}; openssl pkey -pubout -in ${of('key', 'client.key')}`;
  }
  if (at === undefined) return undefined;
  const word = shellWord(at);
  const store = first?.store !== undefined || /\.(?:p12|pfx|jks)$/i.test(at);
  const isJks = first?.store !== undefined;
  switch (trouble) {
    case 'missing':
    case 'forbidden':
      return `ls -l ${word}`;
    case 'open_to_all':
      return `chmod 600 ${word}`;
    case 'pass_phrase':
      return isJks
        ? `keytool -list -keystore ${word}`
        : store
          ? `openssl pkcs12 -noout -in ${word}`
          : `openssl pkey -noout -in ${word}`;
    case 'content':
      return first?.kind === 'key'
        ? `openssl pkey -noout -in ${word}`
        : `openssl x509 -noout -subject -in ${word}`;
    case 'alone':
      return undefined;
  }
}

/** The option that its words name, by its own name or by its value. */
function withOption(finding: Finding, { heard, own, lines, policy }: Context): Finding {
  const option = optionIn(own, lines) ?? ofPolicy(policy, lines);
  // An error has many lines: the one that names the option, or else the first.
  const line =
    lines.find((one) => option !== undefined && one.includes(option.name)) ?? lines[0] ?? heard?.line ?? '';
  const shown = option === undefined ? '' : ` (${safeText(option.words)})`;
  const command = option && lineForOption(own, option.name);
  return {
    ...finding,
    because: inEach(
      (language) =>
        `${finding.because[language].replace(/\.$/, '')}${shown}${line === '' ? '' : `: ${safeText(line.trim().slice(0, 300))}`}`,
    ),
    remedy: { ...finding.remedy, ...(command === undefined ? {} : { command }) },
  };
}

/** Words that name none, of what only one option says. */
function ofPolicy(policy: string | undefined, lines: readonly string[]): Named | undefined {
  const [name = ''] = policy?.split(' ') ?? [];
  return policy !== undefined && lines.some((line) => /cipher|priority|request is invalid/i.test(line))
    ? { name, words: policy }
    : undefined;
}

interface Named {
  readonly name: string;
  readonly words: string;
}

function optionIn(own: readonly string[], lines: readonly string[]): Named | undefined {
  const given = own.flatMap((word, index) => {
    if (index === 0 || !word.startsWith('-')) return [];
    const [, name = word, joined] = /^(--?[\w.-]+)=(.*)$/.exec(word) ?? [];
    const next = own[index + 1] ?? '';
    const value = joined ?? (next.startsWith('-') ? '' : next);
    const shown = value.includes('://') || value === '' ? '' : `${joined === undefined ? ' ' : '='}${value}`;
    return [{ name, value, words: `${name}${shown}` }];
  });
  const isTold = (name: string): boolean =>
    lines.some((line) => new RegExp(`(?<![\\w-])${escaped(name)}(?![\\w-])`).test(line));
  return (
    given.find(({ name }) => name.length > 2 && isTold(name)) ??
    given.find(
      ({ value }) => value.length > 2 && !value.includes('://') && lines.some((line) => line.includes(value)),
    ) ??
    // "Syntax error at: -VERS-FOO": a part of its value.
    given.find(({ value }) =>
      lines.some((line) => {
        const last =
          line
            .trim()
            .split(/[\s'"]+/)
            .at(-1) ?? '';
        return last.length > 2 && !value.includes('://') && value.includes(last);
      }),
    )
  );
}

const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');

/** What lists the names that it knows. */
function lineForOption(own: readonly string[], name: string): string | undefined {
  const [first = ''] = own;
  const program = first.split('/').at(-1) ?? '';
  if (program === 'gnutls-cli') return 'gnutls-cli --list';
  // The same library.
  if (/cipher/i.test(name) && ofOpenssl.test(program)) return 'openssl ciphers -v ALL';
  if (program === 'openssl') return `openssl ${own[1] ?? 's_client'} -help`;
  return program === 'curl' ? 'curl --help tls' : undefined;
}

const ofOpenssl = /^(?:curl|openssl|(?:redis|valkey)-cli|mosquitto_\w+)$/;
