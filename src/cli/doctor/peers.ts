/**
 * Programs that wirelab does not need and likes to meet: which one is installed, what it calls its version, what it is
 * good for here. A program that hangs, fails or prints rubbish is named as such and changes nothing else.
 */
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { cellWidth, cutToCells } from '../../i18n/width.ts';
import type { Answer } from './ask.ts';
import type { Check, Finding, RunContext } from './check.ts';
import { multiplexerOf } from './terminal.ts';

interface PeerRow {
  readonly name: string;
  readonly title: Localized;
  /** Under these names or paths; the first that is there counts. */
  readonly programs: readonly string[];
  /** How it is asked for its version. */
  readonly words: readonly string[];
  /** What else in its answer names the build: the words of a program depend on it. */
  readonly build?: RegExp;
  readonly unlocks: Localized;
  readonly remedy: Localized;
  /** A word for those who have it. */
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
    // One in brackets is built in as well, and not in use.
    build:
      /(?<!\()\b(?:OpenSSL|LibreSSL|BoringSSL|GnuTLS|mbedTLS|wolfSSL|SecureTransport|Schannel|rustls-ffi)(?:\/[\w.]+)?/,
    unlocks: {
      en: 'sending the same login by hand, with the commands that --hold prints',
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
      en: 'looking into a handshake or a certificate by hand',
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
      en: 'asking with another TLS library, and hearing its words for the same alert',
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
      en: 'opening files written with -w, and decrypting them with their keys',
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
      en: 'logging in by hand, and seeing what the padlock says',
      ko: '직접 로그인하며 자물쇠 표시 확인하기',
    },
    remedy: install('chromium', '--cask firefox'),
  },
  {
    name: 'kubectl',
    title: verbatim('kubectl'),
    programs: ['kubectl'],
    // Without --client it would look for a cluster.
    words: ['version', '--client'],
    unlocks: {
      en: 'driving the Kubernetes demonstrations with the real client',
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
      en: 'running the Kubernetes demonstrations on the real store',
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
      en: 'asking that store in its own client’s words',
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
      en: 'having the demonstration and a shell of your own side by side',
      ko: '시연과 내 셸을 한 화면에 나란히 띄우기',
    },
    remedy: install('tmux', 'tmux'),
    advice: ({ variables }) =>
      multiplexerOf(variables) === 'tmux'
        ? {
            en: 'you are inside it; for copying it needs: tmux set -g set-clipboard on',
            ko: '지금 tmux 안입니다. 복사하려면: tmux set -g set-clipboard on',
          }
        : undefined,
  },
];

/** A number with at least one point in it, and what hangs on it (3.5a, 1.31.0-rc.1). Nothing in it can act on a terminal. */
const versionPattern = /(?<![\d.])\d+(?:\.\d+)+(?:[\w+~-]|\.(?=\w))*/;
const longestVersion = 40;

/** The version that a program's words hold. */
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

/** The first line with something in it, harmless and short. */
function quote(text: string): string {
  const line = safeText(text.split(/[\r\n]+/).find((candidate) => candidate.trim() !== '') ?? '').trim();
  return cellWidth(line) > longestQuote ? `${cutToCells(line, longestQuote)}…` : line;
}

type Understood = { readonly version: string; readonly stdout: string } | { readonly trouble: Localized };

function understand(answer: Answer): Understood {
  if (answer.kind === 'silent')
    return {
      trouble: { en: 'it did not say its version in time', ko: '제한 시간 안에 버전을 알려 주지 않았습니다' },
    };
  if (answer.kind === 'failed')
    return {
      trouble: { en: `it could not be started (${answer.code})`, ko: `실행할 수 없었습니다(${answer.code})` },
    };
  const said = quote(answer.stdout) || quote(answer.stderr);
  const quoted = said === '' ? '' : `: “${said}”`;
  // Null stands for one that was cut short, having said more than enough.
  if (answer.exitCode !== 0 && answer.exitCode !== null) {
    return {
      trouble: {
        en: `asked for its version, it ended with ${answer.exitCode}${quoted}`,
        ko: `버전 확인이 종료 코드 ${answer.exitCode}로 끝났습니다${quoted}`,
      },
    };
  }
  const version = versionIn(answer);
  if (version === undefined)
    return { trouble: { en: `it did not say a version${quoted}`, ko: `버전을 알아볼 수 없습니다${quoted}` } };
  return { version, stdout: answer.stdout };
}

async function meet(row: PeerRow, surroundings: RunContext): Promise<Finding> {
  const path = row.programs.map(surroundings.which).find((found) => found !== undefined);
  if (path === undefined)
    return {
      status: 'missing',
      found: {
        en: `not in PATH; it is for ${row.unlocks.en}`,
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
      remedy: { en: `see what it says: ${command}`, ko: `직접 실행해 확인하세요: ${command}` },
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
  return {
    status: 'ok',
    found: { en: `${named}, for ${row.unlocks.en}`, ko: `${named}. 용도: ${row.unlocks.ko}` },
    ...(advice ? { means: advice } : {}),
    value: version,
  };
}

export const peerChecks: readonly Check[] = rows.map((row) => ({
  name: row.name,
  group: 'peers',
  title: row.title,
  run: async (surroundings: RunContext) => meet(row, surroundings),
}));
