/**
 * The files of a control plane in a learner's folder: their kubeadm paths, their initial contents, and reading them when a
 * process starts (`static-pod.ts` says which). The learner may have changed them arbitrarily; reading is bounded.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { generateKeyPairSync, X509Certificate, createPrivateKey } from 'node:crypto';
import * as yaml from 'yaml';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import {
  certificateFile,
  clusterOf,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  keyFile,
  serviceAccountFiles,
} from '../../pki/kubeadm/certificates.ts';
import { readKubeconfig, kubeconfigText } from '../../pki/kubeadm/kubeconfig.ts';
import type { Kubeconfig, Material } from '../../pki/kubeadm/kubeconfig.ts';
import type { Identity, World } from '../../pki/keystore/world.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { bytesOf, FileError } from '../own-files.ts';

/** The port in kubeadm's kubeconfigs until an API server of the lab has listened. */
export const firstPort = 6443;

/** The name prefix of the requests that a check creates. */
export const examinersRequest = 'wirelab-lab-check-';

/** @param kubeconfigs more of them, by file: the row of the recipe with its certificate. */
export function controlPlaneFiles(
  world: World,
  kubeconfigs: Dictionary<string>,
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const row of kubeadmCertificates) {
    files.set(certificateFile(row), world.certificate(row.name));
    files.set(keyFile(row), world.identity(row.name).key);
  }
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  files.set(serviceAccountFiles.key, privateKey);
  files.set(serviceAccountFiles.publicKey, publicKey);
  const { name: cluster } = clusterOf();
  const own = kubeadmKubeconfigs.map(({ name }) => [name, name] as const);
  for (const [file, row] of [...own, ...Object.entries(kubeconfigs)]) {
    const user = /CN=([^,]*)/.exec(world.summary(row).subject)?.[1] ?? row;
    files.set(
      file,
      kubeconfigText({
        cluster,
        server: `https://127.0.0.1:${firstPort}`,
        user,
        authority: world.certificate('ca'),
        proof: world.identity(row),
      }),
    );
  }
  return files;
}

/** A certificate and its key. @throws FileError */
export function pairIn(folder: string, certificate: string, key: string): Identity {
  return fitting({ certificate: textIn(folder, certificate), key: textIn(folder, key) }, certificate, key);
}

/** A CA that signs, and its key: one certificate, as kube-controller-manager has it. @throws FileError */
export function signerIn(folder: string, certificate: string, key: string): Identity {
  const count = pemCertificates(textIn(folder, certificate)).length;
  if (count <= 1) return pairIn(folder, certificate, key);
  throw new FileError('unreadable_file', {
    what: {
      en: `error reading CA cert file "csr-controller::${certificate}::${key}": expected 1 certificate, found ${count}`,
      ko: `error reading CA cert file "csr-controller::${certificate}::${key}": expected 1 certificate, found ${count}`,
    },
    where: certificate,
    expected: { en: 'the one CA that signs', ko: '서명하는 CA 하나' },
    received: `${count} CERTIFICATE`,
  });
}

/** The contents of a kubeconfig, with the files it names; missing parts are left out. */
export interface WholeKubeconfig extends Pick<Kubeconfig, 'server' | 'insecure'> {
  /** PEM. */
  readonly authority?: string;
  readonly identity?: Identity;
}

/** @throws FileError */
export function kubeconfigIn(folder: string, file: string): WholeKubeconfig {
  const read = kubeconfigOf(bytesOf(folder, file), file);
  const text = (material: Material): string =>
    'data' in material ? Buffer.from(material.data).toString('latin1') : textIn(folder, material.file);
  const { server, insecure, authority, certificate, key } = read;
  return {
    server,
    insecure,
    ...defined({
      authority: authority ? text(authority) : undefined,
      identity:
        certificate && key
          ? fitting({ certificate: text(certificate), key: text(key) }, file, file)
          : undefined,
    }),
  };
}

function kubeconfigOf(bytes: Uint8Array, file: string): Kubeconfig {
  try {
    return readKubeconfig(bytes, file, yaml);
  } catch (error) {
    if (error instanceof FileError || !(error instanceof UserError)) throw error;
    throw new FileError('unreadable_file', error.facts);
  }
}

/** PEM of a file of the folder. @throws FileError */
export function textIn(folder: string, file: string): string {
  return Buffer.from(bytesOf(folder, file)).toString('latin1');
}

/** @throws FileError where the key is not the certificate's, or one of them cannot be read. */
function fitting(identity: Identity, certificateName: string, keyName: string): Identity {
  const certificate = readable(
    () => new X509Certificate(identity.certificate),
    unreadable.certificate(certificateName),
  );
  const key = readable(() => createPrivateKey(identity.key), unreadable.key(keyName));
  if (certificate.checkPrivateKey(key)) return identity;
  throw new FileError('key_mismatch', {
    what: {
      en: 'the certificate is for another public key',
      ko: '인증서의 공개 키가 이 개인 키와 짝이 아닙니다',
    },
    where: certificateName,
    expected:
      keyName === certificateName
        ? { en: 'a certificate and the key that belongs to it', ko: '인증서와 그 인증서의 개인 키' }
        : { en: `a certificate for the key in ${keyName}`, ko: `${keyName} 파일의 키에 대한 인증서` },
  });
}

/** The errors for a part that cannot be read; a kubeconfig has both in it. */
const unreadable = {
  certificate: (where: string): UserErrorFacts => ({
    what: { en: 'the certificate in this file cannot be read', ko: '이 파일의 인증서를 읽을 수 없습니다' },
    where,
    expected: { en: 'a complete certificate in PEM', ko: '온전한 PEM 형식의 인증서' },
    remedy: {
      en: 'Restore it from an intact copy, or create a new one: wirelab kube pki renew',
      ko: '온전한 파일을 다시 복사하거나 새로 만드세요: wirelab kube pki renew',
    },
  }),
  key: (where: string): UserErrorFacts => ({
    what: { en: 'the private key in this file cannot be read', ko: '이 파일의 개인 키를 읽을 수 없습니다' },
    where,
    expected: {
      en: 'a complete private key in PEM, without a passphrase',
      ko: '온전한 PEM 형식의 개인 키, 암호 없음',
    },
    remedy: {
      en: 'Restore it from an intact copy, or create a new key and have a certificate signed for it.',
      ko: '온전한 파일을 다시 복사하거나, 새 키를 만들고 그 키에 대한 인증서를 발급하세요.',
    },
  }),
};

function readable<T>(read: () => T, facts: UserErrorFacts): T {
  try {
    return read();
  } catch {
    // OpenSSL's error message does not help a person.
    throw new FileError('unreadable_file', facts);
  }
}
