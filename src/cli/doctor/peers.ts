/**
 * Checks the optional external programs: whether each is installed, its version, and what it is used for here. A
 * program that hangs, fails or prints garbage is reported as such and affects nothing else.
 */
import { defined } from '../../core/defined.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { cellWidth, cutToCells } from '../../i18n/width.ts';
import { josa } from '../../i18n/josa.ts';
import type { Answer } from './ask.ts';
import type { Check, Finding, RunContext } from './check.ts';
import { multiplexerOf } from './terminal.ts';

interface PeerRow {
  readonly name: string;
  readonly title: Localized;
  /** Names or paths; the first one that exists is used. */
  readonly programs: readonly string[];
  /** The arguments that print its version. */
  readonly words: readonly string[];
  /** The part of its version output that names the build: its messages depend on it. */
  readonly build?: RegExp;
  readonly unlocks: Localized;
  readonly remedy: Localized;
  /** A remark if it is installed. */
  readonly advice?: (surroundings: RunContext) => Localized | undefined;
}

const install = (apt: string, brew: string): Localized => ({
  en: `apt install ${apt}, or brew install ${brew}`,
  ko: `apt install ${apt} 또는 brew install ${brew}`,
});

const applications = '/Applications';

const rows: readonly PeerRow[] = [
  {
    name: 'curl',
    title: verbatim('curl'),
    programs: ['curl'],
    words: ['--version'],
    // A backend in brackets is built in but not in use.
    build:
      /(?<!\()\b(?:OpenSSL|LibreSSL|BoringSSL|GnuTLS|mbedTLS|wolfSSL|SecureTransport|Schannel|rustls-ffi)(?:\/[\w.]+)?/,
    unlocks: {
      en: 'sending the same login manually, with the commands that --hold prints',
      ko: '--hold가 출력하는 명령으로 로그인을 직접 보내 보기',
    },
    remedy: install('curl', 'curl'),
  },
  {
    name: 'openssl',
    title: verbatim('openssl'),
    programs: ['openssl'],
    words: ['version'],
    build: /^(?:OpenSSL|LibreSSL|BoringSSL)\b/,
    unlocks: {
      en: 'inspecting a handshake or a certificate manually',
      ko: '핸드셰이크와 인증서를 직접 확인하기',
    },
    remedy: install('openssl', 'openssl'),
  },
  {
    name: 'gnutls-cli',
    title: verbatim('gnutls-cli'),
    programs: ['gnutls-cli'],
    words: ['--version'],
    unlocks: {
      en: 'connecting with another TLS library, and comparing its message for the same alert',
      ko: '다른 TLS 라이브러리는 같은 알림(Alert)을 어떻게 표시하는지 비교하기',
    },
    remedy: install('gnutls-bin', 'gnutls'),
  },
  {
    name: 'tshark',
    title: verbatim('tshark'),
    programs: ['tshark', `${applications}/Wireshark.app/Contents/MacOS/tshark`],
    words: ['--version'],
    unlocks: { en: 'reading files written with -w as lines', ko: '-w로 저장한 캡처 파일을 줄 단위로 읽기' },
    remedy: install('tshark', 'wireshark'),
  },
  {
    name: 'wireshark',
    title: verbatim('Wireshark'),
    programs: ['wireshark', `${applications}/Wireshark.app/Contents/MacOS/Wireshark`],
    words: ['--version'],
    unlocks: {
      en: 'opening and decrypting files written with -w',
      ko: '-w로 저장한 캡처 파일을 열고 키로 복호화하기',
    },
    remedy: install('wireshark', '--cask wireshark'),
  },
  {
    name: 'browser',
    title: { en: 'a browser', ko: '브라우저' },
    programs: [
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
      'firefox',
      `${applications}/Google Chrome.app/Contents/MacOS/Google Chrome`,
      `${applications}/Chromium.app/Contents/MacOS/Chromium`,
      `${applications}/Firefox.app/Contents/MacOS/firefox`,
    ],
    words: ['--version'],
    build: /(?:Chromium|Google Chrome|Mozilla Firefox)/,
    unlocks: {
      en: 'logging in manually, and seeing what the padlock shows',
      ko: '직접 로그인하며 자물쇠 표시 확인하기',
    },
    remedy: install('chromium', '--cask firefox'),
  },
  {
    name: 'kubectl',
    title: verbatim('kubectl'),
    programs: ['kubectl'],
    // Without --client it would contact a cluster.
    words: ['version', '--client'],
    unlocks: {
      en: 'using the Kubernetes demonstrations with the real client',
      ko: '쿠버네티스 시연을 실제 클라이언트로 다루기',
    },
    remedy: {
      en: 'snap install kubectl --classic, or brew install kubectl',
      ko: 'snap install kubectl --classic 또는 brew install kubectl',
    },
  },
  {
    name: 'etcd',
    title: verbatim('etcd'),
    programs: ['etcd'],
    words: ['--version'],
    unlocks: {
      en: 'running the Kubernetes demonstrations with the real store',
      ko: '쿠버네티스 시연을 실제 저장소와 함께 실행하기',
    },
    remedy: install('etcd-server', 'etcd'),
  },
  {
    name: 'etcdctl',
    title: verbatim('etcdctl'),
    programs: ['etcdctl'],
    words: ['version'],
    unlocks: {
      en: 'querying that store with its own client',
      ko: '그 저장소에 전용 클라이언트로 요청하기',
    },
    remedy: install('etcd-client', 'etcd'),
  },
  {
    name: 'tmux',
    title: verbatim('tmux'),
    programs: ['tmux'],
    words: ['-V'],
    unlocks: {
      en: 'showing the demonstration and a shell side by side',
      ko: '시연과 내 셸을 한 화면에 나란히 띄우기',
    },
    remedy: install('tmux', 'tmux'),
    advice: ({ variables }) =>
      multiplexerOf(variables) === 'tmux'
        ? {
            en: 'running inside tmux; to copy, it needs: tmux set -g set-clipboard on',
            ko: '지금 tmux 안입니다. 복사하려면: tmux set -g set-clipboard on',
          }
        : undefined,
  },
];

/** A number with at least one dot, and its suffix (3.5a, 1.31.0-rc.1). It cannot contain terminal control characters. */
const versionPattern = /(?<![\d.])\d+(?:\.\d+)+(?:[\w+~-]|\.(?=\w))*/;
const longestVersion = 40;

/** The version in a program's output. */
export function versionIn({
  stdout,
  stderr,
}: {
  readonly stdout: string;
  readonly stderr: string;
}): string | undefined {
  return (versionPattern.exec(stdout) ?? versionPattern.exec(stderr))?.[0].slice(0, longestVersion);
}

const longestQuote = 40;

/** The first non-empty line, made safe to print and shortened. */
function quote(text: string): string {
  const line = safeText(text.split(/[\r\n]+/).find((candidate) => candidate.trim() !== '') ?? '').trim();
  return cellWidth(line) > longestQuote ? `${cutToCells(line, longestQuote)}…` : line;
}

type Understood = { readonly version: string; readonly stdout: string } | { readonly trouble: Localized };

function understand(answer: Answer): Understood {
  if (answer.kind === 'silent')
    return {
      trouble: {
        en: 'it did not print its version in time',
        ko: '제한 시간 안에 버전을 알려 주지 않았습니다',
      },
    };
  if (answer.kind === 'failed')
    return {
      trouble: { en: `it could not be started (${answer.code})`, ko: `실행할 수 없었습니다(${answer.code})` },
    };
  const said = quote(answer.stdout) || quote(answer.stderr);
  const quoted = said === '' ? '' : `: “${said}”`;
  // Null is the exit code of a program that was killed because it exceeded the output limit.
  if (answer.exitCode !== 0 && answer.exitCode !== null) {
    return {
      trouble: {
        en: `its version query exited with ${answer.exitCode}${quoted}`,
        ko: `버전 확인이 종료 코드 ${josa(answer.exitCode, '으로/로')} 끝났습니다${quoted}`,
      },
    };
  }
  const version = versionIn(answer);
  if (version === undefined)
    return {
      trouble: { en: `its version was not recognized${quoted}`, ko: `버전을 알아볼 수 없습니다${quoted}` },
    };
  return { version, stdout: answer.stdout };
}

async function meet(row: PeerRow, surroundings: RunContext): Promise<Finding> {
  const path = row.programs.map(surroundings.which).find((found) => found !== undefined);
  if (path === undefined)
    return {
      status: 'missing',
      found: {
        en: `not in PATH; used for ${row.unlocks.en}`,
        ko: `PATH에 없습니다. 용도: ${row.unlocks.ko}`,
      },
      remedy: row.remedy,
    };
  const answer = understand(await surroundings.ask(path, row.words));
  if ('trouble' in answer) {
    const command = [path, ...row.words].join(' ');
    return {
      status: 'limited',
      found: { en: `${path}: ${answer.trouble.en}`, ko: `${path}: ${answer.trouble.ko}` },
      remedy: { en: `run it to see its output: ${command}`, ko: `직접 실행해 확인하세요: ${command}` },
      value: path,
    };
  }
  const { version } = answer;
  const build = row.build?.exec(answer.stdout)?.[0];
  const named =
    build === undefined
      ? version
      : answer.stdout.startsWith(build)
        ? `${build} ${version}`
        : `${version} (${build})`;
  const advice = row.advice?.(surroundings);
  return defined({
    status: 'ok',
    found: { en: `${named}; used for ${row.unlocks.en}`, ko: `${named}. 용도: ${row.unlocks.ko}` },
    means: advice,
    value: version,
  });
}

export const peerChecks: readonly Check[] = rows.map((row) => ({
  name: row.name,
  group: 'peers',
  title: row.title,
  run: async (surroundings: RunContext) => meet(row, surroundings),
}));
