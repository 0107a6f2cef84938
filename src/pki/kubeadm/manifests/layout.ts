/**
 * Decides which of kubeadm's files beside the certificates a cluster's folder lacks: the manifests of the static pods,
 * and the configuration of its node's kubelet and kube-proxy. Pure; `folder.ts` decides on certificates first.
 *
 * 1. Files that are there are kept, whatever is in them.
 * 2. The kubelet's certificate is in a dated file that a link leads to. A kubelet.conf that was made now names the link;
 *    an older one, with the certificate inside, stays as it is, and the dated file holds the same certificate.
 */
import type { Cluster } from '../certificates.ts';
import { certificateFile, keyFile } from '../certificates.ts';
import type { Completion, PlannedFile } from '../folder.ts';
import { certificatePem, keyPem } from '../issue.ts';
import { readKubeconfig } from '../kubeconfig.ts';
import type { Yaml } from '../kubeconfig.ts';
import { gotOf } from '../reading.ts';
import type { ClusterReading } from '../reading.ts';
import { finalized, kubeletConfig, kubeProxyConfig, kubeProxyKubeconfig } from './node-files.ts';
import { datedPair, kubeletFiles, kubeProxyFiles, manifestOf, staticPodNames } from './processes.ts';
import { manifestText } from './static-pods.ts';

/** A symbolic link. */
export interface PlannedLink {
  /** In the cluster's folder. */
  readonly path: string;
  /** From the link's own folder. */
  readonly target: string;
}

export interface Layout extends Completion {
  readonly links: readonly PlannedLink[];
}

export interface LayoutFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Makes the certificate of the kubelet's own server, which nobody verifies. */
  readonly serving: (node: string) => { readonly certificate: string; readonly key: string };
  readonly yaml: Yaml;
}

const secret = 0o600;
const open = 0o644;

/** The completion of a cluster, with the files of its processes. */
export function completeLayout(
  reading: ClusterReading,
  cluster: Cluster,
  completion: Completion,
  { now, serving, yaml }: LayoutFacts,
): Layout {
  const files = new Map(completion.files.map((file) => [file.path, file]));
  const made = [...completion.made];
  const kept = [...completion.kept];
  const willHave = (path: string): boolean => reading.has(path) || files.has(path);
  const add = (name: string, planned: readonly PlannedFile[]): void => {
    const absent = planned.filter(({ path }) => !reading.has(path));
    for (const file of absent) files.set(file.path, file);
    (absent.length > 0 ? made : kept).push(name);
  };
  const facts = { cluster, signs: willHave(keyFile({ file: 'ca' })) };
  for (const name of staticPodNames) {
    // With an external etcd, its process is elsewhere.
    if (name === 'etcd' && !willHave(certificateFile({ file: 'etcd/server' }))) continue;
    const path = manifestOf(name);
    add(path, [{ path, text: manifestText(name, facts), mode: secret }]);
  }
  const { certificate, key } = kubeletFiles.serving;
  const isServing = reading.has(certificate) || reading.has(key);
  const own = isServing ? undefined : serving(cluster.node);
  add('kubelet', [
    { path: kubeletFiles.config, text: kubeletConfig(cluster), mode: open },
    ...(own
      ? [
          { path: certificate, text: own.certificate, mode: open },
          { path: key, text: own.key, mode: secret },
        ]
      : []),
  ]);
  const links: PlannedLink[] = [];
  const pair = reading.has(kubeletFiles.current) ? undefined : kubeletPair(reading, files, yaml);
  if (pair) {
    const target = datedPair(now);
    const path = `kubelet/pki/${target}`;
    files.set(path, { path, text: pair, mode: secret });
    links.push({ path: kubeletFiles.current, target });
    const conf = files.get('kubelet.conf');
    if (conf) files.set(conf.path, { ...conf, text: finalized(conf.text) });
  }
  add('kube-proxy', [
    { path: kubeProxyFiles.config, text: kubeProxyConfig(), mode: open },
    { path: kubeProxyFiles.kubeconfig, text: kubeProxyKubeconfig(cluster), mode: open },
  ]);
  return { files: [...files.values()], links, made, kept };
}

/** Certificate and key in one text, from the kubelet.conf that is planned, or has them inside. */
function kubeletPair(
  reading: ClusterReading,
  files: ReadonlyMap<string, PlannedFile>,
  yaml: Yaml,
): string | undefined {
  const planned = files.get('kubelet.conf');
  if (planned) {
    const { certificate, key } = readKubeconfig(Buffer.from(planned.text), planned.path, yaml);
    const texts = [certificate, key].flatMap((one) =>
      one && 'data' in one ? [Buffer.from(one.data).toString()] : [],
    );
    return texts.length === 2 ? texts.join('') : undefined;
  }
  const found = gotOf(reading.kubeconfig('kubelet.conf'));
  const [certificate, key] = [gotOf(found?.certificate), gotOf(found?.key)];
  return certificate && key && found?.keyFile === undefined
    ? certificatePem(certificate) + keyPem(key)
    : undefined;
}
