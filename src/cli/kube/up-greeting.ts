/** Words the instructions that `kube up` prints once the server listens. */
import { formatAddress, hostPort } from '../../capture/event.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { HowTo } from '../../presentation/types/values.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import type { UpFolder } from './up-folder.ts';
import type { Listening, OptionalComponent, UpSettings } from './up-service.ts';
import { X509Certificate } from 'node:crypto';
import { resolve as resolvePath } from 'node:path';

/** Where the API server listens unless options say otherwise. */
export const defaults = { port: 6443, host: '127.0.0.1' } as const;

/** The instructions for connecting, printed once the server listens. */
export function greeting(
  { folder, token }: Pick<UpSettings, 'folder' | 'token'>,
  name: string,
  running: Listening,
): Localized {
  const url = `https://${formatAddress(running.address)}`;
  const shown = safeText(name);
  const { commands: lines, remark } = waysIn(folder, name, running);
  const commands = inEach((language) =>
    [...lines.map((line) => `  ${line}`), ...(remark ? [`  (${remark[language]})`] : [])].join('\n'),
  );
  const signs = whoSigns(folder, running);
  const [kept, others] = [
    whereKept(name, running),
    [
      unusedData(name, running),
      whoRuns(folder, running),
      whoCannot(running),
      ...whatIsWrong(folder, name),
      ...whatIsNotRead(folder),
    ].filter((words) => words !== undefined),
  ];
  const look = howToLook(name, running);
  return {
    en: [
      ...(folder.made
        ? [
            `Created in ${shown}: ${folder.made.made.length} certificates, kubeconfigs and manifests, as kubeadm creates them.`,
          ]
        : []),
      `API server of ${shown}: ${url}`,
      kept.en,
      ...others.map(({ en }) => en),
      signs.en,
      `Bootstrap token: ${token.id}.${token.secret}`,
      'In another terminal:',
      commands.en,
      ...(look === undefined ? [] : ['To see what is stored in etcd:', look]),
      running.etcd
        ? 'Ctrl-C ends it; the objects are available again at the next start.'
        : 'Ctrl-C ends it; the objects are then lost.',
    ].join('\n'),
    ko: [
      ...(folder.made
        ? [`${shown}에 새로 만듦: kubeadm과 같은 인증서, kubeconfig, 매니페스트 ${folder.made.made.length}개`]
        : []),
      `${shown} 클러스터의 API 서버: ${url}`,
      kept.ko,
      ...others.map(({ ko }) => ko),
      signs.ko,
      `부트스트랩 토큰: ${token.id}.${token.secret}`,
      '다른 터미널에서 실행하세요.',
      commands.ko,
      ...(look === undefined ? [] : ['etcd에 저장된 내용을 보려면:', look]),
      running.etcd
        ? 'Ctrl-C로 종료합니다. 저장된 객체는 다음에 시작할 때 그대로 있습니다.'
        : 'Ctrl-C로 종료합니다. 저장된 객체는 종료하면 사라집니다.',
    ].join('\n'),
  };
}

/** The same in short: what is typed in another terminal, and whether anything is wrong. */
export function usage({ folder }: Pick<UpSettings, 'folder'>, name: string, running: Listening): HowTo {
  const { commands } = waysIn(folder, name, running);
  const count = folder.faults.length;
  return count === 0
    ? { commands }
    : {
        commands,
        warning: {
          en: `${count} ${count === 1 ? 'problem' : 'problems'} with the files of ${safeText(name)}: v says which`,
          ko: `${safeText(name)} 폴더의 파일에 문제 ${count}건. v를 누르면 내용이 나옵니다`,
        },
      };
}

/**
 * What is typed in another terminal. Without a kubeconfig, kubectl uses ~/.kube/config, which belongs to another cluster: if
 * this cluster has none, a request that works without one, and why.
 */
function waysIn(
  { kubeconfig, server, apiserver }: Pick<UpFolder, 'kubeconfig' | 'server' | 'apiserver'>,
  name: string,
  running: Pick<Listening, 'address'>,
): { readonly commands: readonly string[]; readonly remark?: Localized } {
  const url = `https://${formatAddress(running.address)}`;
  // If the certificate is for another address, the name that every cluster certificate has is used.
  const isNamed = new X509Certificate(apiserver.certificate).checkIP(defaults.host) !== undefined;
  const named = isNamed ? '' : '--tls-server-name=kubernetes ';
  if (kubeconfig !== undefined)
    return {
      commands: [
        `export KUBECONFIG=${shellWord(resolvePath(name, kubeconfig))}`,
        `kubectl ${server === url ? '' : `--server=${url} ${named}`}auth whoami`,
      ],
    };
  const make = `./wirelab kube pki --out ${shellWord(name)}`;
  return {
    commands: [`curl --cacert ${shellWord(resolvePath(name, 'pki', 'ca.crt'))} ${url}/version`],
    remark: {
      en: `kubectl needs an admin.conf, and there is none here. To create one: ${make}. Without it, kubectl uses the cluster in ~/.kube/config.`,
      ko: `kubectl에 필요한 admin.conf가 없습니다. 만들려면: ${make}. 이 파일 없이 실행하면 kubectl은 ~/.kube/config의 클러스터에 접속합니다.`,
    },
  };
}

/** Number of problems on the first page. */
const mostFaults = 5;

/**
 * A real API server also starts with an expired certificate, and so does this one; the consequences and remedies are
 * printed.
 */
function whatIsWrong({ faults }: Pick<UpFolder, 'faults'>, name: string): Localized[] {
  const problems = faults.slice(0, mostFaults).map(
    ({ file, what, remedy }): Localized => ({
      en: `Problem: ${safeText(file)}: ${what.en}. ${remedy.en}`,
      ko: `잘못됨: ${safeText(file)}: ${what.ko}. ${remedy.ko}`,
    }),
  );
  if (problems.length === 0) return [];
  const command = `./wirelab kube pki check ${shellWord(name)}`;
  return [
    ...problems,
    {
      en: `The cluster runs anyway, but connections that rely on ${problems.length === 1 ? 'this file' : 'these files'} are refused. Full report: ${command}`,
      ko: `클러스터는 그래도 실행되지만, 이 파일을 쓰는 연결은 거부됩니다. 전체 점검: ${command}`,
    },
  ];
}

/** Its processes are given the files in kubeadm's places, whatever their manifests say. */
function whatIsNotRead({ unread }: Pick<UpFolder, 'unread'>): Localized[] {
  if (unread.length === 0) return [];
  const files = safeText(unread.join(', '));
  return [
    {
      en: `Not read here: ${files}. What runs takes the files that kubeadm names.`,
      ko: `여기서는 읽지 않음: ${files}. 실행되는 프로세스는 kubeadm이 정한 파일을 씁니다.`,
    },
  ];
}

function whereKept(name: string, { etcd }: Listening): Localized {
  if (!etcd)
    return {
      en: 'Objects are stored in memory: this folder has no certificates for an etcd (pki/etcd).',
      ko: '객체는 메모리에 저장됩니다. 이 폴더에 etcd용 인증서(pki/etcd)가 없습니다.',
    };
  if (etcd.external) {
    const { endpoints } = etcd.external;
    const urls = endpoints.map((one) => `https://${hostPort(one)}`).join(', ');
    return {
      en: `Objects are stored in an external etcd ${etcd.version}, over mutual TLS: ${urls}`,
      ko: `객체 저장: 외부 etcd ${etcd.version}, 상호 TLS: ${urls}`,
    };
  }
  const [url, folder] = [
    `https://${formatAddress(etcd.visitorAddress ?? etcd.address)}`,
    safeText(`${name}/${etcd.folder?.split('/').at(-1) ?? ''}`),
  ];
  return etcd.kind === 'real'
    ? {
        en: `Objects are stored in etcd ${etcd.version}, over mutual TLS: ${url} (data in ${folder})`,
        ko: `객체 저장: etcd ${etcd.version}, 상호 TLS: ${url}(데이터: ${folder})`,
      }
    : {
        en: `Objects are stored in the embedded etcd, over mutual TLS: ${url} (data in ${folder})`,
        ko: `객체 저장: 내장 etcd, 상호 TLS: ${url}(데이터: ${folder})`,
      };
}

/** Data of an etcd that does not run: a user who looks for it would not find it. */
function unusedData(name: string, { unused }: Listening): Localized | undefined {
  if (unused.length === 0) return undefined;
  const folders = unused.map((one) => `${safeText(name)}/${one.name}`).join(', ');
  const options = unused.map(({ kind }) => `--etcd ${kind}`).join(', ');
  return {
    en: `Not used: the data of another etcd in ${folders} (${options}).`,
    ko: `사용하지 않음: 다른 etcd의 데이터(${folders}, 옵션 ${options})`,
  };
}

const programOf = (component: OptionalComponent): string =>
  component === 'controller-manager' || component === 'scheduler' ? `kube-${component}` : component;

/** A missing signer is reported on a separate line. */
function whoCannot({ impossible }: Listening): Localized | undefined {
  const absent = [...impossible].filter(([component]) => component !== 'controller-manager');
  if (absent.length === 0) return undefined;
  const list = (gap: string): string =>
    absent.map(([component, files]) => `${programOf(component)}${gap}(${files.join(', ')})`).join(', ');
  return {
    en: `Not running: ${list(' ')}: these files are missing or unreadable.`,
    ko: `파일이 없거나 읽을 수 없어 실행하지 않음: ${list('')}`,
  };
}

function whoRuns({ kubelet }: UpFolder, { components }: Listening): Localized | undefined {
  const names = [...components].map(programOf).join(', ');
  if (names === '') return undefined;
  const node = components.has('kubelet') && kubelet ? safeText(kubelet.node) : undefined;
  return {
    en: `Also running: ${names}.${node === undefined ? '' : ` The node is ${node}; its kubelet runs no containers.`}`,
    ko: `함께 실행 중: ${names}.${node === undefined ? '' : ` 노드는 ${josa(node, '이며/며')}, 이 kubelet은 컨테이너를 실행하지 않습니다.`}`,
  };
}

/** With a certificate that may read everything: the contents of etcd, key by key. */
function howToLook(name: string, { etcd }: Listening): string | undefined {
  if (!etcd) return undefined;
  if (etcd.external) {
    const { endpoints, files } = etcd.external;
    const [ca, cert, key] = [files.authority, files.certificate, files.key].map((file) =>
      shellWord(resolvePath(file)),
    );
    return `  ETCDCTL_API=3 etcdctl --endpoints=${endpoints.map((one) => `https://${hostPort(one)}`).join(',')} --cacert ${ca} --cert ${cert} --key ${key} get /registry/ --prefix --keys-only`;
  }
  const folder = shellWord(resolvePath(name, 'pki', 'etcd'));
  const url = `https://${formatAddress(etcd.visitorAddress ?? etcd.address)}`;
  const proof = (option: string): string =>
    `--cacert "$E/ca.crt" ${option} "$E/healthcheck-client.crt" --key "$E/healthcheck-client.key"`;
  const [from, to] = ['/registry/', '/registry0'].map((key) => Buffer.from(key).toString('base64'));
  const asked =
    etcd.kind === 'real'
      ? `ETCDCTL_API=3 etcdctl --endpoints=${url} ${proof('--cert')} get /registry/ --prefix --keys-only`
      : `curl ${proof('--cert')} ${url}/v3/kv/range -d '{"key":"${from ?? ''}","range_end":"${to ?? ''}","keys_only":true}'`;
  return `  E=${folder}\n  ${asked}`;
}

function whoSigns({ signer, controllerManager }: UpFolder, { components }: Listening): Localized {
  if (signer && controllerManager && !components.has('controller-manager'))
    return {
      en: 'Certificate requests are not signed: the controller manager is not running.',
      ko: '인증서 요청에 서명하지 않습니다. 컨트롤러 매니저가 실행되고 있지 않습니다.',
    };
  if (!signer)
    return {
      en: 'Certificate requests are not signed: pki/ca.key is missing.',
      ko: '인증서 요청에 서명하지 않습니다. pki/ca.key가 이 폴더에 없습니다.',
    };
  if (!controllerManager)
    return {
      en: 'Certificate requests are not signed: controller-manager.conf is missing or unreadable.',
      ko: '인증서 요청에 서명하지 않습니다. controller-manager.conf가 없거나 읽을 수 없습니다.',
    };
  return {
    en: 'The controller manager signs approved requests; it connects over its own wire.',
    ko: '승인된 요청에는 컨트롤러 매니저가 서명합니다. 컨트롤러 매니저는 별도 구간으로 접속합니다.',
  };
}

/** Each line becomes a paragraph: the screen wraps paragraphs. */
export const asParagraphs = ({ en, ko }: Localized): Localized => ({
  en: en.replaceAll('\n', '\n\n'),
  ko: ko.replaceAll('\n', '\n\n'),
});
