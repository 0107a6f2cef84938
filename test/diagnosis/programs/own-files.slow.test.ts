/** Git is asked for its own settings: which of its files count, and for which address. */
import test from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsOfGit } from '../../../src/diagnosis/programs/own-files.ts';
import { desk } from '../../cli/certs/support/files.ts';

test('git: what holds for the address that is called, with -c before it', async (t) => {
  const { folder: HOME } = desk(t);
  const variables = { PATH: process.env['PATH'], HOME, GIT_CONFIG_NOSYSTEM: '1' };
  writeFileSync(
    join(HOME, '.gitconfig'),
    '[http]\n sslCAInfo = /ca.crt\n[http "https://one.test/"]\n sslCert = ~/one.crt\n sslKey = /one.key\n',
  );
  const one = await settingsOfGit(['git', 'clone', 'https://one.test/a.git', 'a'], variables);
  t.like(one, { authorities: '/ca.crt', certificate: join(HOME, 'one.crt'), key: '/one.key' });
  const words = ['git', '-c', 'http.sslVerify=false', 'ls-remote', 'https://two.test/a.git'];
  const two = await settingsOfGit(words, variables);
  t.like(two, { authorities: '/ca.crt', isInsecure: true });
  t.is(two?.certificate, undefined);
  t.is(await settingsOfGit(['git', 'clone', 'ssh://one.test/a.git'], variables), undefined);
});
