/**
 * Implements `wirelab kube pki`: creates the missing certificates of a control plane in a folder, checks them (`check`)
 * and renews them (`renew`). `pki/kubeadm/folder.ts` and `pki/kubeadm/check.ts` decide.
 */
import { defined } from '../../core/defined.ts';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { systemClock } from '../../core/clock.ts';
import { isoTime } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { problems } from '../../pki/kubeadm/check/finding.ts';
import type { Checkup, Expiration } from '../../pki/kubeadm/check.ts';
import type { Finding } from '../../pki/kubeadm/check/finding.ts';
import { clusterIn, renewable, renewCluster } from '../../pki/kubeadm/folder.ts';
import type { Renewal } from '../../pki/kubeadm/folder.ts';
import type { Layout } from '../../pki/kubeadm/manifests/layout.ts';
import type { KubeadmKeyKind } from '../../pki/kubeadm/certificates.ts';
import type { ClusterReading } from '../../pki/kubeadm/reading.ts';
import { printJson, printTo } from '../certs/print.ts';
import { byItsPath } from '../places.ts';
import { outputLine } from '../../ui/json/line.ts';
import type { LineOf } from '../../ui/json/line.ts';
import type { Command, Environment, Parsed } from '../command.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { examplesOf } from '../io/options-only.ts';
import { clusterAsked, clusterOptions, keyKindOption } from './cluster.ts';
import { expirationLines } from './expirations.ts';
import {
  checkFolder,
  defaultFolder,
  inTurn,
  isNoFolder,
  layoutFor,
  readCluster,
  writeCluster,
} from './folder.ts';

export const pki: Command = {
  summary: {
    en: 'create, check and renew the certificates of a Kubernetes control plane, as kubeadm does',
    ko: 'kubeadm처럼 쿠버네티스 컨트롤 플레인의 인증서를 만들고, 점검하고, 갱신합니다',
  },
  operands: '[check [DIR] [KUBECONFIG ...] | renew [NAME|all]]',
  options: {
    out: {
      value: 'DIR',
      help: {
        en: `the folder of the cluster (default: ${defaultFolder})`,
        ko: `클러스터 폴더(기본값: ${defaultFolder})`,
      },
    },
    'key-kind': keyKindOption,
    json: { help: { en: 'one JSON object', ko: 'JSON 객체 하나로 출력' } },
    ...clusterOptions,
    'external-etcd': {
      help: {
        en: 'etcd runs elsewhere: nothing of its CA is created, and what is in pki/etcd is kept',
        ko: '외부 etcd를 쓸 때. etcd CA와 그 인증서는 만들지 않고, pki/etcd에 있는 것은 그대로 둠',
      },
    },
  },
  examples: [
    {
      line: './wirelab kube pki',
      does: {
        en: 'creates what is missing in kubernetes/: pki/, kubeconfigs, manifests/',
        ko: 'kubernetes/ 폴더에 없는 것(pki/, kubeconfig, manifests/)을 만듭니다',
      },
    },
    {
      line: './wirelab kube pki --out lab --node cp1 --ip 192.0.2.10 --san lab.example',
      does: { en: 'with your own node settings', ko: '직접 정한 노드용으로 만듭니다' },
    },
    {
      line: './wirelab kube pki check lab ~/.kube/config',
      does: {
        en: 'expiry dates, and problems in the folder and in your kubeconfig',
        ko: '만료 시점을 보여 주고, 폴더와 내 kubeconfig에 잘못된 점이 없는지 점검합니다',
      },
    },
    {
      line: './wirelab kube pki renew apiserver --out lab',
      does: {
        en: 'renews for a year, with a new key; all renews everything but CAs and kubelet.conf',
        ko: '새 키로 1년 갱신합니다. all이면 CA와 kubelet.conf만 빼고 모두 갱신합니다',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 created, renewed, or no problem found; 1 check found a problem; 2 error in the command or a file, and nothing was written.',
    ko: '종료 코드: 0은 생성·갱신 완료 또는 이상 없음, 1은 점검에서 잘못된 점을 찾음, 2는 명령이나 파일에 잘못이 있음(아무것도 쓰지 않음).',
  },
  async run(parsed, environment) {
    const [word, ...operands] = parsed.operands;
    if (word === undefined) return make(parsed, environment);
    const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
    if (!verb) throw tooMany(parsed, verbatim('check, renew'));
    refuseClusterOptions(parsed, word);
    try {
      return await verb(operands, parsed, environment);
    } catch (error) {
      throw error instanceof UserError ? byItsPath(error, environment) : error;
    }
  },
};

type Verb = (operands: readonly string[], parsed: Parsed, environment: Environment) => Promise<number>;
const verbs: Readonly<Record<string, Verb>> = { check, renew };

const folderOf = (parsed: Parsed): string => parsed.text('out') ?? defaultFolder;

function tooMany({ operands }: Parsed, expected: Localized): UserError {
  return new UserError({
    what: { en: 'unknown action for kube pki', ko: 'kube pki로 할 수 없는 작업입니다' },
    where: 'wirelab kube pki',
    expected,
    received: operands.join(' '),
    remedy: examplesOf('kube pki'),
  });
}

/** The cluster's settings are in its certificates: check and renew take them from there. */
function refuseClusterOptions(parsed: Parsed, verb: string): void {
  for (const option of [
    ...Object.keys(clusterOptions),
    'external-etcd',
    ...(verb === 'check' ? ['key-kind'] : []),
  ]) {
    if (parsed.all(option).length === 0 && !(option === 'external-etcd' && parsed.flag(option))) continue;
    throw new UserError({
      what: {
        en: `${verb} does not accept --${option}`,
        ko: `${verb}에는 --${option} 옵션을 쓸 수 없습니다`,
      },
      where: `wirelab kube pki ${verb}`,
      received: `--${option}`,
      remedy: {
        en: 'Remove it: the value is taken from the certificates.',
        ko: '빼고 실행하세요. 인증서에 적힌 내용을 그대로 씁니다.',
      },
    });
  }
}

// Creation.

async function make(parsed: Parsed, environment: Environment): Promise<number> {
  const folder = folderOf(parsed);
  const asked = clusterAsked(parsed);
  const issuing = {
    now: systemClock.now(),
    random: randomBytes,
    keyKind: (parsed.text('key-kind') ?? 'P-256') as KubeadmKeyKind,
  };
  const [reading, completion] = await inTurn(folder, async () => {
    const found = await readCluster(folder);
    const planned = await layoutFor(found, clusterIn(found, asked), issuing, {
      externalEtcd: parsed.flag('external-etcd'),
    });
    writeCluster(found, planned.files, false, planned.links);
    return [found, planned] as const;
  });
  if (parsed.flag('json')) printJson(environment, madeJson(folder, reading, completion));
  else printMade(folder, reading, completion, environment);
  return 0;
}

function madeJson(
  folder: string,
  reading: ClusterReading,
  { files, links, made, kept }: Layout,
): LineOf<'kube-pki'> {
  return outputLine({
    v: 2,
    kind: 'kube-pki',
    folder,
    made,
    kept,
    files: files.map(({ path, mode }) => ({ path: reading.where(path), mode: octal(mode) })),
    links: links.map(({ path, target }) => ({ path: reading.where(path), target })),
  });
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

function printMade(
  folder: string,
  reading: ClusterReading,
  { files, links, made, kept }: Layout,
  environment: Environment,
): void {
  const print = printTo(environment);
  for (const { path, mode } of files)
    print.page.behind(` ${print.page.plain('✓')} `, `${reading.where(path)} (${octal(mode)})`);
  for (const { path, target } of links)
    print.page.behind(` ${print.page.plain('✓')} `, `${reading.where(path)} -> ${target}`);
  if (kept.length > 0)
    print.mark('-', { en: `unchanged: ${kept.join(', ')}`, ko: `그대로 둠: ${kept.join(', ')}` });
  print.page.blank();
  print.mark(
    '✓',
    {
      en: `${made.length} created, ${kept.length} unchanged in ${folder}`,
      ko: `${folder}: 새로 만듦 ${made.length}개, 그대로 둠 ${kept.length}개`,
    },
    0,
  );
  print.page.verbatim(`  export KUBECONFIG=${shellWord(reading.where('admin.conf'))}`);
  print.page.verbatim(`  ./wirelab kube pki check ${shellWord(folder)}`);
}

// Checking.

async function check(operands: readonly string[], parsed: Parsed, environment: Environment): Promise<number> {
  const { folder, kubeconfigs, looked } = lookedAt(operands, parsed);
  const reading = await readCluster(folder, kubeconfigs);
  if (reading.paths.length === 0) throw nothingHere(folder);
  const now = systemClock.now();
  const checkup = checkFolder(reading, folder, now);
  const sound = checkup.findings.every(({ problem }) => problems[problem] === 'warning');
  if (parsed.flag('json')) printJson(environment, checkJson(folder, checkup, now, sound));
  else printCheck(looked, checkup, now, sound, environment);
  return sound ? 0 : 1;
}

interface LookedAt {
  readonly folder: string;
  readonly kubeconfigs: readonly string[];
  /** The operand as the verdict names it. */
  readonly looked: string;
}

/**
 * The first operand is the folder; if it is a file, it is a kubeconfig for the cluster in the default folder, if there
 * is one.
 */
function lookedAt(operands: readonly string[], parsed: Parsed): LookedAt {
  const [first, ...others] = operands;
  const out = parsed.text('out');
  const isFile = first !== undefined && isNoFolder(first);
  const folder = out ?? (isFile ? undefined : first) ?? defaultFolder;
  const kubeconfigs = out === undefined && !isFile ? others : operands;
  return {
    folder,
    kubeconfigs,
    looked: [...(existsSync(folder) ? [folder] : []), ...kubeconfigs].join(', '),
  };
}

function nothingHere(folder: string): UserError {
  return new UserError({
    what: existsSync(folder)
      ? {
          en: 'the folder contains no certificate, key or kubeconfig',
          ko: '폴더에 인증서도 키도 kubeconfig도 없습니다',
        }
      : { en: 'the folder does not exist', ko: '그런 폴더가 없습니다' },
    where: folder,
    expected: {
      en: 'a folder with pki/ca.crt and admin.conf, or with ca.crt in it',
      ko: 'pki/ca.crt와 admin.conf가 있거나 ca.crt가 있는 폴더',
    },
    remedy: {
      en: `Run ./wirelab kube pki --out ${folder} to create them.`,
      ko: `만들려면: ./wirelab kube pki --out ${folder}`,
    },
  });
}

function checkJson(
  folder: string,
  { certificates, authorities, findings }: Checkup,
  now: number,
  sound: boolean,
): LineOf<'kube-pki-check'> {
  const row = ({
    name,
    file,
    notAfter,
    authority,
    externallyManaged,
  }: Expiration): LineOf<'kube-pki-check'>['certificates'][number] =>
    defined({
      name,
      file,
      ...(notAfter === undefined
        ? {}
        : { expires: isoTime(notAfter), residualSeconds: Math.floor((notAfter - now) / 1000) }),
      authority,
      externallyManaged,
    });
  return outputLine({
    v: 2,
    kind: 'kube-pki-check',
    folder,
    sound,
    at: isoTime(now),
    certificates: certificates.map(row),
    authorities: authorities.map(row),
    findings: findings.map((finding) => ({ ...finding, severity: problems[finding.problem] })),
  });
}

const labels = {
  expected: { en: 'expected', ko: '요구' },
  received: { en: 'found', ko: '현재 값' },
  remedy: { en: 'what to do', ko: '해결 방법' },
} as const;

function printCheck(
  looked: string,
  { certificates, authorities, findings }: Checkup,
  now: number,
  sound: boolean,
  environment: Environment,
): void {
  const print = printTo(environment);
  for (const line of expirationLines(certificates, authorities, now)) print.page.verbatim(line);
  for (const finding of findings) {
    print.page.blank();
    printFinding(finding, print, environment);
  }
  print.page.blank();
  const wrong = findings.filter(({ problem }) => problems[problem] === 'wrong').length;
  const warnings = findings.length - wrong;
  if (sound && warnings > 0)
    print.mark(
      '!',
      {
        en: `NOTHING BROKEN, WARNINGS: ${warnings} in ${looked}`,
        ko: `잘못된 점 없음, 주의 ${warnings}건: ${looked}`,
      },
      0,
    );
  else if (sound) print.mark('✓', { en: `NO PROBLEMS FOUND in ${looked}`, ko: `이상 없음: ${looked}` }, 0);
  else
    print.mark(
      '✗',
      { en: `PROBLEMS FOUND: ${wrong} in ${looked}`, ko: `잘못된 점 ${wrong}건: ${looked}` },
      0,
    );
}

function printFinding(
  { file, problem, what, expected, received, remedy }: Finding,
  print: ReturnType<typeof printTo>,
  { language }: Environment,
): void {
  print.mark(problems[problem] === 'wrong' ? '✗' : '!', {
    en: `${file}: ${what.en}`,
    ko: `${file}: ${what.ko}`,
  });
  const under = ' '.repeat(5);
  const line = (label: keyof typeof labels, text: string): void =>
    print.page.behind(under, `${labels[label][language]}: ${text}`);
  if (expected) line('expected', expected[language]);
  if (received !== undefined) line('received', received === '' ? '-' : received);
  line('remedy', remedy[language]);
}

// Renewal.

async function renew(operands: readonly string[], parsed: Parsed, environment: Environment): Promise<number> {
  const [name = 'all', ...more] = operands;
  if (more.length > 0)
    throw tooMany(parsed, {
      en: `one of all, ${renewable.join(', ')}`,
      ko: `다음 중 하나: all, ${renewable.join(', ')}`,
    });
  const folder = folderOf(parsed);
  if (!existsSync(folder)) throw nothingHere(folder);
  const renewing = {
    now: systemClock.now(),
    random: randomBytes,
    keyKind: parsed.text('key-kind') as KubeadmKeyKind | undefined,
  };
  const renewal = await inTurn(folder, async () => {
    const reading = await readCluster(folder);
    if (reading.paths.length === 0) throw nothingHere(folder);
    const planned = renewCluster(reading, name, renewing);
    writeCluster(reading, planned.files, true);
    return planned;
  });
  if (parsed.flag('json')) printJson(environment, renewalJson(folder, renewal));
  else printRenewal(renewal, environment);
  return 0;
}

function renewalJson(folder: string, { renewed, left }: Renewal): LineOf<'kube-pki-renewal'> {
  return outputLine({
    v: 2,
    kind: 'kube-pki-renewal',
    folder,
    renewed: renewed.map(({ name, from, to, endsWithAuthority }) =>
      defined({
        name,
        from: isoTime(from),
        to: isoTime(to),
        endsWithAuthority: endsWithAuthority || undefined,
      }),
    ),
    left,
  });
}

function printRenewal({ renewed, left }: Renewal, environment: Environment): void {
  const print = printTo(environment);
  for (const { name, from, to, endsWithAuthority } of renewed) {
    const [en, ko] = endsWithAuthority ? [', when its CA expires', '(CA 만료 시점)'] : ['', ''];
    print.mark('✓', {
      en: `${name}: renewed with a new key: ${isoTime(from)} → ${isoTime(to)}${en}`,
      ko: `${name}: 새 키로 갱신함: ${isoTime(from)} → ${isoTime(to)}${ko}`,
    });
  }
  for (const { name, why } of left)
    print.mark('-', { en: `${name}: not renewed: ${why.en}`, ko: `${name}: 그대로 둠. ${why.ko}` });
  if (renewed.length === 0) return;
  print.page.blank();
  const [cut] = renewed.filter(({ endsWithAuthority }) => endsWithAuthority);
  if (cut) {
    print.mark('!', {
      en: 'A CA expires within a year, and every certificate that it signs expires with it: renewing them does not help. Plan a new CA, and distribute it to everything that trusts the old one.',
      ko: '1년 안에 만료되는 CA가 있고, 그 CA가 서명한 인증서도 함께 만료됩니다. 갱신으로는 해결되지 않으니, 새 CA를 만들어 옛 CA를 신뢰하던 모든 곳에 배포할 준비를 하세요.',
    });
  }
  print.say({
    en: 'Running components use the old certificates until they are restarted: kube-apiserver, kube-controller-manager, kube-scheduler and etcd. Copies of admin.conf (~/.kube/config) are not renewed.',
    ko: '실행 중인 kube-apiserver, kube-controller-manager, kube-scheduler, etcd는 다시 시작해야 새 인증서를 씁니다. 복사해 둔 admin.conf(~/.kube/config)는 함께 갱신되지 않습니다.',
  });
}
