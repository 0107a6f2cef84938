/**
 * Checks the machine itself. `broken` means that a demonstration cannot run or would show wrong results; a mere oddity
 * is `limited`.
 */
import { defined } from '../../core/defined.ts';
import type { Clock } from '../../core/clock.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Check, Finding, Loopback, RunContext } from './check.ts';

/** As in package.json under engines; a test compares the two. */
export const neededNode = '20.19';

export function isAtLeast(version: string, needed: string): boolean {
  const [have, need] = [version, needed].map((text) =>
    text
      .replace(/^v/, '')
      .split('.')
      .map((part) => Number.parseInt(part, 10)),
  );
  for (const [index, least] of (need ?? []).entries()) {
    const part = have?.[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

function node({ nodeVersion }: RunContext): Finding {
  const found = {
    en: `${nodeVersion} (${neededNode} or newer is needed)`,
    ko: `${nodeVersion}(${neededNode} 이상 필요)`,
  };
  if (isAtLeast(nodeVersion, neededNode)) return { status: 'ok', found, value: nodeVersion };
  const remedy = {
    en: 'install a newer version from https://nodejs.org (macOS: brew install node)',
    ko: 'https://nodejs.org 에서 새 버전을 설치하세요(macOS: brew install node)',
  };
  return { status: 'broken', found, remedy, value: nodeVersion };
}

/** The lessons quote the messages and alerts of OpenSSL 3; Node built with another library has different ones. */
function openssl({ opensslVersion }: RunContext): Finding {
  if (opensslVersion !== undefined && isAtLeast(opensslVersion, '3.0')) {
    return {
      status: 'ok',
      found: { en: `${opensslVersion}, as built into Node.js`, ko: `${opensslVersion}(Node.js에 내장)` },
      value: opensslVersion,
    };
  }
  return defined({
    status: 'limited',
    found:
      opensslVersion === undefined
        ? { en: 'this Node.js was built without OpenSSL', ko: '이 Node.js에는 OpenSSL이 들어 있지 않습니다' }
        : verbatim(opensslVersion),
    means: {
      en: 'error messages and alerts may differ from those in the lessons',
      ko: '오류 메시지와 알림(Alert)이 설명과 다를 수 있습니다',
    },
    remedy: {
      en: 'use Node.js from https://nodejs.org, which includes OpenSSL 3',
      ko: 'OpenSSL 3이 내장된 Node.js를 https://nodejs.org 에서 설치하세요',
    },
    value: opensslVersion,
  });
}

const worked: Localized = {
  en: 'a port can be opened and connected to',
  ko: '포트를 열 수 있고 접속도 됩니다',
};

const failures: Readonly<
  Record<Exclude<Loopback['kind'], 'works'>, (host: string, code: string) => Localized>
> = {
  'no-port': (host, code) => ({
    en: `no port can be opened on ${host} (${code})`,
    ko: `${host}에서 포트를 열 수 없습니다(${code})`,
  }),
  'no-connection': (host, code) => ({
    en: `a port can be opened on ${host}, but connecting to it fails (${code})`,
    ko: `${host}에서 포트는 열리지만 접속할 수 없습니다(${code})`,
  }),
};

async function loopback({ openLoopback }: RunContext): Promise<Finding> {
  const tried = await openLoopback('127.0.0.1');
  if (tried.kind === 'works') return { status: 'ok', found: worked };
  return {
    status: 'broken',
    found: failures[tried.kind]('127.0.0.1', tried.code),
    remedy: {
      en: 'a sandbox, a container or a firewall blocks it: allow local connections there, or run wirelab outside it',
      ko: '샌드박스나 컨테이너, 방화벽이 막고 있습니다. 로컬 접속을 허용하거나 그 밖에서 wirelab을 실행하세요',
    },
    value: tried.code,
  };
}

async function loopback6({ openLoopback }: RunContext): Promise<Finding> {
  const tried = await openLoopback('::1');
  if (tried.kind === 'works') return { status: 'ok', found: worked };
  return {
    status: 'missing',
    found: failures[tried.kind]('::1', tried.code),
    means: {
      en: 'no effect: the demonstrations use 127.0.0.1',
      ko: '시연은 127.0.0.1을 쓰므로 문제없습니다',
    },
    value: tried.code,
  };
}

const day = 24 * 60 * 60 * 1000;
const setClock: Localized = {
  en: 'set the date and time; in a virtual machine, turn on time synchronisation',
  ko: '날짜와 시각을 맞추세요. 가상 머신이라면 시각 동기화를 켜세요',
};

/** Certificates are created for the current time, and OpenSSL verifies them against it. */
function clock({ clock, madeAt }: RunContext): Finding {
  const wall = new Date(clock.now());
  const year = wall.getUTCFullYear();
  const shown = Number.isNaN(year) ? '?' : wall.toISOString().slice(0, 16).replace('T', ' ');
  if (!(year >= 2024 && year < 2100)) {
    return {
      status: 'broken',
      found: {
        en: `it shows ${shown} UTC: certificates created now would have a wrong validity period`,
        ko: `현재 시각이 ${shown} UTC로 되어 있어, 지금 만드는 인증서의 유효 기간이 잘못됩니다`,
      },
      remedy: setClock,
      value: shown,
    };
  }
  if (!runsForward(clock)) {
    return {
      status: 'broken',
      found: {
        en: 'the monotonic clock runs backwards: the order of events is unknown',
        ko: '단조 시계(monotonic clock)가 거꾸로 흘러 사건의 순서를 알 수 없습니다',
      },
      remedy: {
        en: 'restart the machine, or the virtual machine',
        ko: '컴퓨터나 가상 머신을 다시 시작하세요',
      },
      value: shown,
    };
  }
  // One day of tolerance for time zones and file systems that store local time.
  if (wall.getTime() < madeAt - day) {
    const made = new Date(madeAt).toISOString().slice(0, 10);
    return {
      status: 'limited',
      found: {
        en: `it shows ${shown} UTC, but this copy of wirelab was built on ${made}`,
        ko: `현재 시각이 ${shown} UTC인데, 이 wirelab은 ${made}에 만들어졌습니다`,
      },
      means: {
        en: 'certificates created now may count as expired once the clock is corrected',
        ko: '지금 만든 인증서는 시계를 맞춘 뒤 만료된 것으로 처리될 수 있습니다',
      },
      remedy: setClock,
      value: shown,
    };
  }
  return {
    status: 'ok',
    found: {
      en: `${shown} UTC; the monotonic clock runs forward`,
      ko: `${shown} UTC, 단조 시계(monotonic clock)도 정상`,
    },
    value: shown,
  };
}

function runsForward(clock: Clock): boolean {
  let before = clock.microseconds();
  for (let reading = 0; reading < 100; reading++) {
    const next = clock.microseconds();
    if (!(next >= before)) return false;
    before = next;
  }
  return true;
}

const chooseFolder: Localized = {
  en: 'export WIRELAB_CERTS=$HOME/wirelab-certs, or another writable folder',
  ko: '쓸 수 있는 폴더 지정: export WIRELAB_CERTS=$HOME/wirelab-certs',
};

async function certificates({ certificates: folder, tryWriting }: RunContext): Promise<Finding> {
  const tried = await tryWriting(folder);
  const value = folder;
  if (tried.kind === 'fails') {
    return {
      status: 'broken',
      found: {
        en: `${folder} is not writable (${tried.code})`,
        ko: `${folder} 폴더에 쓸 수 없습니다(${tried.code})`,
      },
      remedy: chooseFolder,
      value,
    };
  }
  if (tried.kind === 'open-to-others') {
    return {
      status: 'limited',
      found: {
        en: `${folder} is writable, but its file system does not support permissions`,
        ko: `${folder} 폴더에 쓸 수 있지만, 파일 시스템이 권한을 지원하지 않습니다`,
      },
      means: {
        en: 'other users of this machine could read the private keys',
        ko: '이 컴퓨터의 다른 사용자가 개인 키를 읽을 수 있습니다',
      },
      remedy: chooseFolder,
      value,
    };
  }
  const found =
    tried.kind === 'works'
      ? { en: `${folder} is writable`, ko: `${folder} 폴더에 쓸 수 있습니다` }
      : {
          en: `${folder} does not exist yet and can be created`,
          ko: `${folder} 폴더는 아직 없으며, 필요할 때 만들 수 있습니다`,
        };
  return { status: 'ok', found, value };
}

export const machineChecks: readonly Check[] = [
  { name: 'node', group: 'machine', title: verbatim('Node.js'), essential: true, run: node },
  { name: 'openssl-library', group: 'machine', title: verbatim('OpenSSL'), run: openssl },
  { name: 'loopback', group: 'machine', title: verbatim('127.0.0.1'), essential: true, run: loopback },
  { name: 'loopback-ipv6', group: 'machine', title: verbatim('::1'), run: loopback6 },
  { name: 'clock', group: 'machine', title: { en: 'clock', ko: '시계' }, essential: true, run: clock },
  {
    name: 'certificates',
    group: 'machine',
    title: { en: 'certificates', ko: '인증서 폴더' },
    essential: true,
    run: certificates,
  },
];
