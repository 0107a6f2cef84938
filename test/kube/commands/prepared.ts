/** The files that the commands name: keys, certificates, kubeconfigs and tokens, made with openssl in a cluster's CA. */
import { createHash, createPrivateKey, createPublicKey, createSign, generateKeyPairSync } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../helpers/peer.ts';
import type { ProgramResult } from '../../helpers/peer.ts';

export interface Prepared {
  /** In which kubectl runs, with its HOME. */
  readonly folder: string;
  readonly kubectl: (
    words: readonly string[],
    more?: { readonly input?: string; readonly env?: NodeJS.ProcessEnv; readonly timeout?: number },
  ) => Promise<ProgramResult>;
  readonly read: (file: string) => string;
}

/**
 * @param cluster the folder that `kube up` filled and serves.
 * @param server its URL; its kubeconfigs may name another port.
 */
export async function prepare(cluster: string, folder: string, server: string): Promise<Prepared> {
  const at = (name: string): string => join(folder, name);
  const run = async (program: string, words: readonly string[], more: object = {}): Promise<ProgramResult> =>
    runProgram(program, words, { cwd: folder, ...more });
  const done = async (program: string, ...words: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await run(program, words);
    if (exitCode !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr}`);
    return stdout;
  };
  const base = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: at('admin.conf') };
  const kubectl: Prepared['kubectl'] = async (words, { env = {}, ...more } = {}) =>
    run('kubectl', words, { input: '', ...more, env: { ...base, ...env } });
  const read = (file: string): string => readFileSync(at(file), 'utf8');

  const admin = readFileSync(join(cluster, 'admin.conf'), 'utf8').replace(/(?<=server: )\S+/, server);
  for (const copy of ['admin.conf', 'work.conf']) writeFileSync(at(copy), admin, { mode: 0o600 });
  writeFileSync(at('username.txt'), 'admin');
  writeFileSync(at('password.txt'), 'secret');
  writeFileSync(at('settings.env'), 'A=1\nB=2\n');
  writeFileSync(at('large.bin'), Buffer.alloc(1_048_576, 'x'));
  writeFileSync(at('big.bin'), Buffer.alloc(1_048_577, 'x'));

  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  const selfSigned = async (name: string, subject: string): Promise<string> =>
    done(
      'openssl',
      'req',
      '-x509',
      ...ec,
      '-days',
      '30',
      '-subj',
      subject,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
    );
  const request = async (name: string, subject: string): Promise<string> =>
    done('openssl', 'req', '-new', ...ec, '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`);
  await selfSigned('pair', '/CN=web.example.com');
  await selfSigned('other', '/CN=web.example.com');
  await selfSigned('stranger', '/CN=somebody');
  await request('alice', '/O=dev/CN=alice');
  await request('masters', '/O=system:masters/CN=alice');

  const shown = await kubectl(['config', 'view', '--raw', '-o', 'jsonpath={.clusters[0].cluster}']);
  const config = (user: object): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'kubernetes', cluster: JSON.parse(shown.stdout) as object }],
      users: [{ name: 'user', user }],
      contexts: [{ name: 'user', context: { cluster: 'kubernetes', user: 'user' } }],
      'current-context': 'user',
    });
  writeFileSync(at('no-user.conf'), config({}));
  const user = async (
    name: string,
    { usage = 'clientAuth', until = ['-days', '30'], ca = join(cluster, 'pki/ca') } = {},
  ): Promise<void> => {
    await request(name, '/O=dev/CN=bob');
    writeFileSync(at('extensions'), `extendedKeyUsage=${usage}\nkeyUsage=digitalSignature\n`);
    await done(
      'openssl',
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${ca}.crt`,
      '-CAkey',
      `${ca}.key`,
      ...until,
      '-extfile',
      'extensions',
      '-out',
      `${name}.crt`,
    );
    const base64 = (file: string): string => readFileSync(at(file)).toString('base64');
    writeFileSync(
      at(`${name}.conf`),
      config({ 'client-certificate-data': base64(`${name}.crt`), 'client-key-data': base64(`${name}.key`) }),
    );
  };
  await user('bob');
  await user('expired', { until: ['-not_before', '250101000000Z', '-not_after', '250102000000Z'] });
  await user('serving', { usage: 'serverAuth' });
  await user('stranger-user', { ca: at('stranger') });
  copyFileSync(at('stranger-user.conf'), at('stranger.conf'));

  const asked = async (...words: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await kubectl(words);
    if (exitCode !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr}`);
    return stdout;
  };
  await asked('create', 'serviceaccount', 'robot');
  const tokenFor = async (...words: readonly string[]): Promise<string> =>
    (await asked('create', 'token', 'robot', ...words)).trim();
  const good = await tokenFor();
  writeFileSync(at('robot.token'), good);
  writeFileSync(at('vault.token'), await tokenFor('--audience=vault'));
  const key = createPrivateKey(readFileSync(join(cluster, 'pki/sa.key')));
  const [, body = ''] = good.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Readonly<Record<string, unknown>>;
  const hourAgo = Math.floor(Date.now() / 1000) - 3600;
  const past = { ...claims, iat: hourAgo - 3600, nbf: hourAgo - 3600, exp: hourAgo };
  writeFileSync(at('expired.token'), signed(past, key, key));
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  writeFileSync(at('forged.token'), signed(claims, foreign, key));
  return { folder, kubectl, read };
}

type Key = ReturnType<typeof createPrivateKey>;

/** @param named whose key id the token carries. */
function signed(claims: object, key: Key, named: Key): string {
  const kid = createHash('sha256')
    .update(createPublicKey(named).export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const text = `${encode({ alg: 'RS256', kid })}.${encode(claims)}`;
  return `${text}.${createSign('SHA256').update(text).sign(key, 'base64url')}`;
}
