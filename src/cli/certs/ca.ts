/** Implements `wirelab certs ca`: creates a root CA, its certificate and its key, for `certs issue` and `certs sign`. */
import { systemClock } from '../../core/clock.ts';
import { issueTexts } from '../../pki/ca/issue.ts';
import type { Subject } from '../../pki/ca/recipe.ts';
import { parseSubject } from '../../pki/ca/subject.ts';
import type { Command } from '../command.ts';
import { optionsOnly } from '../io/options-only.ts';
import { whileWorking } from '../io/progress.ts';
import { daysOf } from './authority.ts';
import { checkNewFiles, writeNewFiles } from './files.ts';
import { keyKindOf, keyKindOption } from './key-kinds.ts';
import { printTo } from './print.ts';

export const ca: Command = {
  summary: {
    en: 'create a root CA: its certificate and its private key',
    ko: '루트 CA의 인증서와 개인 키를 만듭니다',
  },
  operands: '[--name NAME] [--out PREFIX]',
  options: {
    name: {
      value: 'NAME',
      help: {
        en: 'the subject: a name, or CN=My CA,O=Workshop (default: Local CA)',
        ko: '주체: 이름, 또는 CN=My CA,O=Workshop (기본값: Local CA)',
      },
    },
    out: {
      value: 'PREFIX',
      help: {
        en: 'write PREFIX.crt, and PREFIX.key, readable only by you (default: ca)',
        ko: 'PREFIX.crt와 PREFIX.key(본인만 읽을 수 있음)에 저장(기본값: ca)',
      },
    },
    days: { value: 'N', help: { en: 'validity in days (default: 3650)', ko: '유효 일수(기본값: 3650)' } },
    'key-kind': keyKindOption,
    force: { help: { en: 'overwrite existing files', ko: '이미 있는 파일을 덮어쓰기' } },
  },
  examples: [
    {
      line: './wirelab certs ca --name "Workshop CA" --out ca',
      does: {
        en: 'create ca.crt, to give to whoever is to trust it, and ca.key',
        ko: '신뢰할 쪽에 줄 ca.crt와 개인 키 ca.key를 만듭니다',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 created; 2 error in the command or a file, and nothing was written.',
    ko: '종료 코드: 0은 만들었음, 2는 명령이나 파일에 잘못이 있음(아무것도 저장하지 않음).',
  },
  async run(parsed, environment) {
    optionsOnly(parsed, 'certs ca', { en: '--name NAME', ko: '--name NAME' });
    const subject = parseSubject(parsed.text('name') ?? 'Local CA', '--name');
    const prefix = parsed.text('out') ?? 'ca';
    const days = daysOf(parsed) ?? 3_650;
    const force = parsed.flag('force');
    const files = [
      { path: `${prefix}.crt`, flag: '--out' },
      { path: `${prefix}.key`, flag: '--out' },
    ] as const;
    checkNewFiles(files, force);
    const key = keyKindOf(parsed.text('key-kind'));
    const row = {
      profile: 'root',
      subject: attributesOf(subject),
      key,
      validity: { from: '-1d', to: `${days}d` },
    } as const;
    const { texts } = await whileWorking(
      environment,
      { en: `making a key (${key})`, ko: `키를 만드는 중(${key})` },
      () => issueTexts({ certificates: { ca: row } }, { clock: systemClock }),
    );
    writeNewFiles(
      [
        { ...files[0], text: texts['ca.crt'] ?? '', mode: 0o644 },
        { ...files[1], text: texts['ca.key'] ?? '', mode: 0o600 },
      ],
      force,
    );
    const print = printTo(environment);
    print.mark('✓', {
      en: `${prefix}.crt: the certificate of the CA. Whoever has to trust it needs only this file`,
      ko: `${prefix}.crt: CA의 인증서. 이 CA를 신뢰해야 하는 쪽에는 이 파일만 줍니다`,
    });
    print.mark('✓', {
      en: `${prefix}.key: its private key, readable only by you (mode 0600). Whoever has it can issue any certificate`,
      ko: `${prefix}.key: 본인만 읽을 수 있는 CA의 개인 키(0600). 이 키를 가진 사람은 어떤 인증서든 발급할 수 있습니다`,
    });
    return 0;
  },
};

function attributesOf(pairs: ReturnType<typeof parseSubject>): Subject {
  const subject: Record<string, string | string[]> = {};
  for (const [type, value] of pairs) {
    const before = subject[type];
    subject[type] = before === undefined ? value : [before, value].flat();
  }
  return subject;
}
