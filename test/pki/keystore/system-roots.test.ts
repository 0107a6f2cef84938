/** The roots of the machine are found where programs in Go find them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { systemRoots } from '../../../src/pki/keystore/system-roots.ts';
import { makeWorld } from '../../wire/support/world.ts';

const world = makeWorld();
const [one, two] = [world.authority('server-ca').trim(), world.authority('client-ca').trim()];

test('SSL_CERT_FILE and SSL_CERT_DIR say where; duplicates, keys and what cannot be read are left out', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-roots-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'more/nested'), { recursive: true });
  writeFileSync(join(folder, 'file.pem'), `# A company's own\n${one}\n${one}\n`);
  writeFileSync(join(folder, 'more/a.crt'), one);
  writeFileSync(join(folder, 'more/b.crt'), `${two}\n${two.replace(/[A-Za-z]{40}/, 'x'.repeat(40))}`);
  writeFileSync(join(folder, 'more/c.txt'), 'no certificate');
  const variables = {
    SSL_CERT_FILE: join(folder, 'file.pem'),
    SSL_CERT_DIR: `${folder}/none:${folder}/more`,
  };
  t.deepEqual(systemRoots(variables), [one, two]);
  t.is(systemRoots({ SSL_CERT_FILE: join(folder, 'none'), SSL_CERT_DIR: join(folder, 'none') }), undefined);
});

test('without variables they are those of the system', (t) => {
  for (const pem of systemRoots({}) ?? [])
    t.regex(pem, /^-----BEGIN CERTIFICATE-----[^]+END CERTIFICATE-----$/);
  t.pass();
});
