/**
 * Finds the program that builds images: the one that was asked for, else the first that is installed and answers. Docker's
 * client alone builds nothing, so each is asked once.
 */
import { spawnSync } from 'node:child_process';
import { UserError } from '../../i18n/user-error.ts';

/** A program with its own options: `['podman', '--runtime', 'runc']`. */
export type Engine = readonly [program: string, ...options: string[]];

/**
 * By name: words that succeed only where images can be built; whether `import` makes an image of a file system; whether a
 * build has this machine's own limits, where it would raise them else, which not everybody may.
 */
const known = {
  podman: { asks: ['images', '--quiet'], imports: true, limits: true },
  buildah: { asks: ['images', '--quiet'], imports: false, limits: true },
  docker: { asks: ['version', '--format', '{{.Server.Version}}'], imports: true, limits: false },
} as const;

type Name = keyof typeof known;

const names = Object.keys(known) as readonly Name[];

/** Whether the command succeeds. */
export type Asks = (command: readonly [string, ...string[]]) => boolean;

const succeeds: Asks = ([program, ...words]) =>
  spawnSync(program, words, { stdio: 'ignore', timeout: 60_000 }).status === 0;

const nameOf = ([program]: Engine): Name | undefined =>
  names.find((name) => program === name || program.endsWith(`/${name}`));

/**
 * @param asked the value of ENGINE: a program and its options, with spaces between them.
 * @throws UserError where there is none, or the one that was asked for does not answer.
 */
export function findEngine(asked: string | undefined, asks: Asks = succeeds): Engine {
  const [program, ...options] = (asked ?? '').split(' ').filter((word) => word !== '');
  if (program === undefined) {
    const found = names.find((name) => asks([name, ...known[name].asks]));
    if (found) return [found];
    throw new UserError({
      what: {
        en: 'an image is built by podman, buildah or docker, and none of them answers here',
        ko: '이미지는 podman, buildah, docker 가운데 하나로 만드는데, 여기에서는 아무것도 응답하지 않습니다',
      },
      remedy: {
        en: 'Install podman (apt-get install podman), or start Docker’s engine.',
        ko: 'podman을 설치하거나(apt-get install podman) Docker 엔진을 켜세요.',
      },
    });
  }
  const engine: Engine = [program, ...options];
  const name = nameOf(engine);
  if (name === undefined || !asks([program, ...options, ...known[name].asks]))
    throw new UserError({
      what: { en: 'this engine builds no image here', ko: '이 엔진으로는 이미지를 만들 수 없습니다' },
      where: 'ENGINE',
      expected: {
        en: 'podman, buildah or docker, with its own options: "podman --runtime runc"',
        ko: 'podman, buildah, docker 가운데 하나와 그 옵션: "podman --runtime runc"',
      },
      received: engine.join(' '),
    });
  return engine;
}

/** Whether it has `import`, which makes an image of a file system. */
export function importsFiles(engine: Engine): boolean {
  const name = nameOf(engine);
  return name !== undefined && known[name].imports;
}

/** Options of its `build`. @param limits the text of /proc/self/limits; empty where there is none. */
export function buildOptions(engine: Engine, limits: string): readonly string[] {
  const name = nameOf(engine);
  if (name === undefined || !known[name].limits) return [];
  const hard = { nofile: /^Max open files +\S+ +(\d+)/m, nproc: /^Max processes +\S+ +(\d+)/m };
  return Object.entries(hard).flatMap(([limit, line]) => {
    const most = line.exec(limits)?.[1];
    return most === undefined ? [] : ['--ulimit', `${limit}=${most}:${most}`];
  });
}
