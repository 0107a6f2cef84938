/**
 * Reads the root certificates that this machine trusts, as programs in Go do (crypto/x509, root_linux.go, root_unix.go): Node
 * trusts those that it brings along, and knows none that an administrator has added.
 */
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tls from 'node:tls';

/** The first that is there counts. */
const bundles = [
  // Debian; Fedora and RHEL 6; OpenSUSE; OpenELEC; CentOS and RHEL 7; Alpine and macOS
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const folders = ['/etc/ssl/certs', '/etc/pki/tls/certs'];

/** @returns PEM, without duplicates; undefined if the machine has none, and Node's own have to do. */
export function systemRoots(
  variables: Readonly<Record<string, string | undefined>>,
): readonly string[] | undefined {
  const { SSL_CERT_FILE: file, SSL_CERT_DIR: listed } = variables;
  const found = new Set<string>();
  for (const path of file ? [file] : bundles) {
    const text = textOf(path);
    if (text === undefined) continue;
    addCertificates(found, text);
    break;
  }
  for (const folder of listed ? listed.split(':') : folders)
    for (const name of namesIn(folder)) addCertificates(found, textOf(join(folder, name)) ?? '');
  if (process.platform === 'darwin' && !file && !listed) for (const one of keychain()) found.add(one);
  return found.size > 0 ? [...found] : undefined;
}

/** Node 22.15 and later read the operating system's own store. */
function keychain(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'system') => string[] };
  return getCACertificates?.('system') ?? [];
}

/** One that cannot be read is left out. Most come several times: in a bundle, as a file, and by links to it. */
function addCertificates(found: Set<string>, text: string): void {
  for (const [pem] of text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g))
    if (!found.has(pem) && isCertificate(pem)) found.add(pem);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
