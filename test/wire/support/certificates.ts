/** Certificates for these tests, made by the openssl command in a temporary folder; gone with the process. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestWorld {
  readonly serverCa: string;
  readonly clientCa: string;
  readonly server: { certificate: string; key: string };
  readonly alice: { certificate: string; key: string };
  readonly mallory: { certificate: string; key: string };
}

export function makeWorld(): TestWorld {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-wire-'));
  const run = (...parameters: string[]): void => {
    execFileSync('openssl', parameters, { cwd: folder, stdio: 'pipe' });
  };
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  try {
    const ca = (name: string, subject: string): void =>
      run('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', subject,
        '-keyout', `${name}.key`, '-out', `${name}.pem`);
    const leaf = (name: string, subject: string, issuer: string, extensions: string): void => {
      run('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`);
      writeFileSync(join(folder, `${name}.ext`), extensions);
      run('x509', '-req', '-in', `${name}.csr`, '-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-days', '30', '-extfile', `${name}.ext`, '-out', `${name}.pem`);
    };
    ca('server-ca', '/CN=Server CA');
    ca('client-ca', '/CN=Client CA');
    ca('rogue-ca', '/CN=Rogue CA');
    leaf('server', '/CN=shop.localhost', 'server-ca', 'subjectAltName=DNS:shop.localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
    leaf('alice', '/O=Workshop/CN=alice', 'client-ca', 'extendedKeyUsage=clientAuth\n');
    leaf('mallory', '/CN=mallory', 'rogue-ca', 'extendedKeyUsage=clientAuth\n');
    const identity = (name: string): { certificate: string; key: string } => ({ certificate: read(`${name}.pem`), key: read(`${name}.key`) });
    return {
      serverCa: read('server-ca.pem'),
      clientCa: read('client-ca.pem'),
      server: identity('server'),
      alice: identity('alice'),
      mallory: identity('mallory'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
