/** What files of settings say of whom a program trusts and what it presents. */
import test from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  settingsOfCurl,
  settingsOfPostgres,
  settingsOfWget,
} from '../../../src/diagnosis/programs/own-files.ts';
import { intentOf } from '../../../src/diagnosis/programs/intent.ts';
import { programOf } from '../../../src/diagnosis/programs/programs.ts';
import { makeFolder } from '../../../src/capture/file/output-folder.ts';
import { desk } from '../../cli/certs/support/files.ts';

test('.curlrc: with and without dashes, equals signs and quotes; -q leaves it aside, -K adds to it', async (t) => {
  const { folder: HOME } = desk(t);
  const rc = join(HOME, '.curlrc');
  writeFileSync(
    rc,
    '# own\nsilent\ncacert = /ca.crt\n--cert "/my client.crt"\nkey:/client.key\ntls-max = 1.2\n',
  );
  const expected = { by: rc, authorities: '/ca.crt', certificate: '/my client.crt', key: '/client.key' };
  t.deepEqual(await settingsOfCurl(['curl', 'https://a/'], { HOME }), expected);
  t.is(await settingsOfCurl(['curl', '-q', 'https://a/'], { HOME }), undefined);
  const more = join(HOME, 'more');
  writeFileSync(more, '-k\ncacert /other.crt\n');
  const both = await settingsOfCurl(['curl', '-K', more], { HOME });
  t.like(both, { by: more, authorities: '/other.crt', certificate: '/my client.crt', isInsecure: true });
  t.is(await settingsOfCurl(['curl'], { HOME: join(HOME, 'nobody') }), undefined);
});

test('what arguments say counts more than a file of settings', async (t) => {
  const { folder: HOME } = desk(t);
  writeFileSync(join(HOME, '.curlrc'), 'cacert = /ca.crt\ncert = /client.crt\n');
  const words = ['curl', '--cacert', 'given.crt', 'https://a/'];
  const settings = await settingsOfCurl(words, { HOME });
  t.like(intentOf(programOf('curl'), words, {}, settings), {
    authorities: 'given.crt',
    certificate: '/client.crt',
  });
});

test('.wgetrc: names in any spelling', async (t) => {
  const { folder: HOME } = desk(t);
  const rc = join(HOME, '.wgetrc');
  writeFileSync(rc, 'Ca-Certificate = /ca.crt\ncertificate=/client.crt\nprivate_key = /client.key\n');
  const expected = { by: rc, authorities: '/ca.crt', certificate: '/client.crt', key: '/client.key' };
  t.deepEqual(await settingsOfWget(['wget'], { HOME }), expected);
  t.is(await settingsOfWget(['wget', '--no-config'], { HOME }), undefined);
});

test('libpq presents what lies in its folder', async (t) => {
  const { folder: HOME } = desk(t);
  t.is(await settingsOfPostgres(['psql'], { HOME }), undefined);
  const folder = join(HOME, '.postgresql');
  makeFolder(folder);
  writeFileSync(join(folder, 'postgresql.crt'), '');
  writeFileSync(join(folder, 'postgresql.key'), '');
  t.like(await settingsOfPostgres(['psql'], { HOME }), {
    certificate: join(folder, 'postgresql.crt'),
    key: join(folder, 'postgresql.key'),
  });
});
