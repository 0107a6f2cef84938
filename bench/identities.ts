/** Certificates of a run, as files of one folder: two CAs, a server's and a client's identity (P-256). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/core/clock.ts';
import { issueWorld } from '../src/pki/ca/issue.ts';

export const serverName = 'bench.localhost';

/** Writes server-ca.crt, client-ca.crt, server.crt, server.key, server.pem (both), client.crt and client.key. */
export function writeIdentities(folder: string): void {
  const world = issueWorld(
    {
      certificates: {
        'server-ca': { profile: 'root', subject: { CN: 'Bench Server CA' } },
        'client-ca': { profile: 'root', subject: { CN: 'Bench Client CA' } },
        server: {
          profile: 'server',
          issuer: 'server-ca',
          subject: { CN: serverName },
          san: [`DNS:${serverName}`],
        },
        client: { profile: 'client', issuer: 'client-ca', subject: { CN: 'bench' } },
      },
    },
    { clock: systemClock },
  );
  const write = (name: string, text: string): void =>
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  for (const name of ['server', 'client']) {
    const { certificate, key } = world.identity(name);
    write(`${name}.crt`, certificate);
    write(`${name}.key`, key);
    write(`${name}.pem`, certificate + key);
  }
  for (const name of ['server-ca', 'client-ca']) write(`${name}.crt`, world.authority(name));
}
