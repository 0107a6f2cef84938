/** What the kubeconfig of a command says of its API server: its CA, its name, and what kubectl presents to it. */
import { isAbsolute, join, dirname } from 'node:path';
import { defined } from '../../core/defined.ts';
import { readBytes } from '../../i18n/read-file.ts';
import { kubeconfigIn, kubeconfigMap, largestKubeconfig } from '../../pki/kubeadm/kubeconfig.ts';
import type { Material, Yaml } from '../../pki/kubeadm/kubeconfig.ts';
import { optionOf } from './intent.ts';
import type { Settings, Words } from './program.ts';

/**
 * Undefined where there is none that can be read, or where several are merged: kubectl says so itself.
 * @param loadYaml its parser is loaded for a kubeconfig alone
 */
export async function settingsOfKubectl(
  words: Words,
  variables: NodeJS.ProcessEnv,
  loadYaml: () => Promise<Yaml>,
): Promise<Settings | undefined> {
  const path = pathOf(words, variables);
  if (path === undefined) return undefined;
  try {
    const yaml = await loadYaml();
    const map = kubeconfigMap(readBytes(path, largestKubeconfig), path, yaml);
    const { authority, serverName, certificate, key, insecure } = kubeconfigIn(
      map,
      path,
      optionOf(words, '--context'),
    );
    const fileOf = (material: Material | undefined): string | undefined =>
      material && 'file' in material
        ? isAbsolute(material.file)
          ? material.file
          : join(dirname(path), material.file)
        : undefined;
    return defined({
      by: path,
      authorities: fileOf(authority),
      authoritiesText:
        authority && 'data' in authority ? Buffer.from(authority.data).toString('latin1') : undefined,
      certificate: fileOf(certificate),
      key: fileOf(key),
      serverName,
      serverNameBy: serverName === undefined ? undefined : `tls-server-name (${path})`,
      isInsecure: insecure ? (true as const) : undefined,
    });
  } catch {
    return undefined;
  }
}

function pathOf(words: Words, { KUBECONFIG = '', HOME }: NodeJS.ProcessEnv): string | undefined {
  const given = optionOf(words, '--kubeconfig');
  if (given !== undefined) return given;
  const named = KUBECONFIG.split(':').filter((path) => path !== '');
  if (named.length > 0) return named.length === 1 ? named[0] : undefined;
  return HOME === undefined ? undefined : join(HOME, '.kube', 'config');
}
