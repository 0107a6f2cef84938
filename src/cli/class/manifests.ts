/**
 * Implements `wirelab class manifests`: reads the list of learners and writes the folder of a class. The folder is put together
 * beside its place and then moved there, whole or not at all.
 */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeFolder } from '../../capture/file/output-folder.ts';
import { systemClock } from '../../core/clock.ts';
import { codeOf, readText } from '../../i18n/read-file.ts';
import { UserError } from '../../i18n/user-error.ts';
import { printTo } from '../certs/print.ts';
import type { Print } from '../certs/print.ts';
import type { Command, Parsed } from '../command.ts';
import { examplesOf, optionsOnly } from '../io/options-only.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { readVersion } from '../places.ts';
import { namespacePrefix, readLearners } from './learners.ts';
import type { Files } from './rendering.ts';

const largest = 1024 * 1024;

export const manifests: Command = {
  summary: {
    en: 'write what a class needs: for each learner a client, a proxy and a server',
    ko: '수업에 필요한 매니페스트를 만듭니다: 수강생마다 클라이언트, 프록시, 서버',
  },
  operands: '--learners FILE',
  options: {
    learners: {
      value: 'FILE',
      help: {
        en: 'the list: a name on each line (small letters, digits, hyphens), # begins a comment',
        ko: '수강생 목록: 한 줄에 이름 하나(영문 소문자, 숫자, 하이픈), #부터는 주석',
      },
    },
    for: {
      value: 'cluster|podman',
      choices: ['cluster', 'podman'],
      help: {
        en: 'cluster: a namespace each, for kubectl apply -k (default); podman: a file each, with certificates and their keys',
        ko: 'cluster: kubectl apply -k로 만드는 네임스페이스 하나씩(기본값). podman: 인증서와 개인 키까지 든 파일 하나씩',
      },
    },
    image: {
      value: 'NAME',
      help: {
        en: 'the image (default: localhost/wirelab with this version, as make image builds it)',
        ko: '이미지(기본값: make image로 만든 이 버전의 localhost/wirelab)',
      },
    },
    out: { value: 'DIR', help: { en: 'the folder to write (default: class)', ko: '쓸 폴더(기본값: class)' } },
    force: {
      help: { en: 'replace the folder of an earlier class', ko: '앞서 만든 수업 폴더를 바꿔 쓰기' },
    },
  },
  examples: [
    {
      line: './wirelab class manifests --learners learners.txt',
      does: { en: 'then kubectl apply -k class', ko: '그다음 kubectl apply -k class' },
    },
    {
      line: './wirelab class manifests --learners learners.txt --for podman --out five',
      does: {
        en: 'then sh five/up.sh, and sh five/down.sh',
        ko: '그다음 sh five/up.sh, 끝나면 sh five/down.sh',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 written; 2 error in the command or a file, and nothing was written.',
    ko: '종료 코드: 0은 저장함, 2는 명령이나 파일에 잘못이 있음(아무것도 저장하지 않음).',
  },
  async run(parsed, environment) {
    optionsOnly(parsed, 'class manifests');
    const file = parsed.text('learners');
    if (file === undefined) throw noList();
    const learners = readLearners(readText(file, largest), file);
    const { root } = environment.places;
    const image = imageOf(parsed) ?? `localhost/wirelab:${readVersion(root)}`;
    const out = parsed.text('out') ?? 'class';
    checkPlace(out, parsed.flag('force'));
    const base = baseFiles(join(root, 'deploy', 'base'));
    const isForPodman = parsed.text('for') === 'podman';
    const { clusterFiles, podmanFiles } = await import('./rendering.ts');
    const source = { base, learners, image };
    const files = isForPodman ? podmanFiles(source, systemClock) : clusterFiles(source);
    // With private keys in them they are nobody else's.
    writeWhole(out, files, isForPodman ? 0o600 : 0o644);
    say(printTo(environment), { out, image, learners, isForPodman });
    return 0;
  },
};

interface Written {
  readonly out: string;
  readonly image: string;
  readonly learners: readonly string[];
  readonly isForPodman: boolean;
}

function say(print: Print, { out, image, learners, isForPodman }: Written): void {
  const count = learners.length;
  const folder = shellWord(out);
  print.mark('✓', {
    en: `${out}: ${count} ${count === 1 ? 'learner' : 'learners'}, image ${image}`,
    ko: `${out}: 수강생 ${count}명, 이미지 ${image}`,
  });
  const [first = ''] = learners;
  const own = `${namespacePrefix}${first}`;
  const commands = isForPodman
    ? [`sh ${folder}/up.sh`, `podman exec -it ${first}-client-pod-client sh`, `sh ${folder}/down.sh`]
    : [
        `kubectl apply -k ${folder}`,
        `kubectl -n ${own} exec -it deploy/client -- sh`,
        `kubectl delete namespace -l app.kubernetes.io/part-of=wirelab-class`,
      ];
  for (const command of commands) print.page.behind('     ', command);
}

function imageOf(parsed: Parsed): string | undefined {
  const image = parsed.text('image');
  if (image === undefined || /^[a-z0-9][\w.:/@-]*$/i.test(image)) return image;
  throw new UserError({
    what: { en: 'this is not the name of an image', ko: '이미지 이름이 아닙니다' },
    where: '--image',
    expected: { en: 'NAME:TAG or NAME@sha256:DIGEST', ko: '이름:태그 또는 이름@sha256:다이제스트' },
    received: image,
  });
}

function baseFiles(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return new Map(names.toSorted().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** Whether a folder was written by this command: nothing else is replaced. */
const marker = '.wirelab-class';

/** @throws UserError where something is in its place that may not be replaced. */
function checkPlace(out: string, force: boolean): void {
  let found: Stats | undefined;
  let isEmpty = false;
  try {
    found = lstatSync(out, { throwIfNoEntry: false });
    isEmpty = found?.isDirectory() === true && readdirSync(out).length === 0;
  } catch (error) {
    throw unwritable(out, error);
  }
  if (!found || isEmpty) return;
  const isClass = found.isDirectory() && existsSync(join(out, marker));
  if (isClass && force) return;
  throw new UserError({
    what: isClass
      ? { en: 'there is a class in this folder', ko: '이미 수업이 들어 있는 폴더입니다' }
      : { en: 'there is something else in this place', ko: '다른 것이 이미 있는 자리입니다' },
    where: `--out ${out}`,
    expected: { en: 'a folder that is empty or not there yet', ko: '비어 있거나 아직 없는 폴더' },
    remedy: isClass
      ? { en: '--force replaces it, also its certificates.', ko: '--force를 쓰면 인증서까지 바꿉니다.' }
      : { en: 'Name another one with --out.', ko: '--out으로 다른 폴더를 지정하세요.' },
  });
}

function writeWhole(out: string, files: Files, mode: number): void {
  try {
    writeFolder(resolve(out), [...files, [marker, '']], {
      mode,
      folderMode: 0o700,
      replaces: true,
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unwritable(out, error);
  }
}

function noList(): UserError {
  return new UserError({
    what: { en: 'missing --learners', ko: '--learners 옵션이 필요합니다' },
    where: 'wirelab class manifests',
    expected: { en: '--learners FILE, a name on each line', ko: '--learners 파일(한 줄에 이름 하나)' },
    remedy: examplesOf('class manifests'),
  });
}

function unwritable(out: string, error: unknown): UserError {
  return new UserError(
    {
      what: { en: 'the folder cannot be written', ko: '폴더를 쓸 수 없습니다' },
      where: `--out ${out}`,
      received: codeOf(error),
      remedy: { en: 'Name another one with --out.', ko: '--out으로 다른 폴더를 지정하세요.' },
    },
    { cause: error },
  );
}
