/**
 * Manages the files of a kubelet (kubernetes/pkg/kubelet/certificate, client-go/util/certificate/certificate_store.go):
 * each client certificate with its key in one timestamped file, a symbolic link to the newest, and kubelet.conf, which
 * refers to the link. So certificates are rotated without changing kubelet.conf.
 */
import { chmodSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../../capture/file/output-folder.ts';
import { scanPem, toPem } from '../../../pki/keystore/pem.ts';
import type { Identity } from '../../../wire/endpoint.ts';

export type PairName = 'kubelet-client' | 'kubelet-server';

/** The certificate that the link points to; undefined where there is none that could be used. */
export function readPair(folder: string, name: PairName): Identity | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, 'pki', `${name}-current.pem`), 'latin1');
  } catch {
    return undefined;
  }
  const { blocks } = scanPem(text);
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE');
  const key = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (certificates.length === 0 || !key) return undefined;
  return {
    certificate: certificates.map(({ label, der }) => toPem(label, der)).join(''),
    key: toPem(key.label, key.der),
  };
}

/** @param at milliseconds since the epoch: it names the file. @throws the error of the file system. */
export function writePair(folder: string, name: PairName, { certificate, key }: Identity, at: number): void {
  const place = join(folder, 'pki');
  makeFolder(place, 0o700);
  const stamp = new Date(at).toISOString().slice(0, 19).replaceAll(/[T:]/g, '-');
  const file = `${name}-${stamp}.pem`;
  const [link, next] = [join(place, `${name}-current.pem`), join(place, `${name}-updated.pem`)];
  writeSecret(join(place, file), certificate + key);
  rmSync(next, { force: true });
  symlinkSync(file, next);
  renameSync(next, link);
}

/** The self-signed one, in two files. */
export function writeServing(folder: string, { certificate, key }: Identity): void {
  const place = join(folder, 'pki');
  makeFolder(place, 0o700);
  writeFileSync(join(place, 'kubelet.crt'), certificate, { mode: 0o644 });
  writeSecret(join(place, 'kubelet.key'), key);
}

/** kubelet.conf as the kubelet writes it after joining. @param authority PEM of the trusted CAs. */
export function writeKubeletConf(folder: string, server: string, authority: string): void {
  const link = JSON.stringify(resolve(folder, 'pki', 'kubelet-client-current.pem'));
  const lines = [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${Buffer.from(authority).toString('base64')}`,
    `    server: ${server}`,
    '  name: default-cluster',
    'contexts:',
    '- context:',
    '    cluster: default-cluster',
    '    namespace: default',
    '    user: default-auth',
    '  name: default-context',
    'current-context: default-context',
    'kind: Config',
    'preferences: {}',
    'users:',
    '- name: default-auth',
    '  user:',
    `    client-certificate: ${link}`,
    `    client-key: ${link}`,
    '',
  ];
  makeFolder(folder, 0o700);
  writeSecret(join(folder, 'kubelet.conf'), lines.join('\n'));
}

/** For its owner alone, whatever it was before. */
function writeSecret(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600);
}
