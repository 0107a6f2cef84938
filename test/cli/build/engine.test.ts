/** Which program builds an image, with which options; and which libraries a program needs. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOptions, findEngine, importsFiles } from '../../../src/cli/build/engine.ts';
import { layNodeRoot, librariesIn } from '../../../src/cli/build/node-root.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { withPeer } from '../../helpers/peer.ts';

const only =
  (...programs: readonly string[]) =>
  ([program]: readonly string[]): boolean =>
    programs.includes(program ?? '');

test('the first engine that answers is taken', (t) => {
  t.deepEqual(findEngine(undefined, only('podman', 'docker')), ['podman']);
  t.deepEqual(findEngine('', only('buildah', 'docker')), ['buildah']);
  t.deepEqual(findEngine(undefined, only('docker')), ['docker']);
});

test('Docker’s client alone, and no engine at all, are an error that names all three', (t) => {
  const error = t.throws(() => findEngine(undefined, () => false), { instanceOf: UserError });
  for (const name of ['podman', 'buildah', 'docker']) t.true(error.facts.what.en.includes(name));
});

test('the engine that is asked for is used with its options, and no other', (t) => {
  const asked: (readonly string[])[] = [];
  const engine = findEngine('/opt/bin/podman  --runtime runc', (command) => {
    asked.push(command);
    return true;
  });
  t.deepEqual(engine, ['/opt/bin/podman', '--runtime', 'runc']);
  t.deepEqual(asked, [['/opt/bin/podman', '--runtime', 'runc', 'images', '--quiet']]);
  t.throws(() => findEngine('docker', only('podman')), { instanceOf: UserError });
  t.throws(() => findEngine('make', () => true), { instanceOf: UserError });
});

test('podman and buildah build with this machine’s own limits, where it has any', (t) => {
  const limits = `Limit                     Soft Limit           Hard Limit           Units     
Max processes             95000                96000                processes 
Max open files            1024                 20000                files     
`;
  const given = ['--ulimit', 'nofile=20000:20000', '--ulimit', 'nproc=96000:96000'];
  t.deepEqual(buildOptions(['podman'], limits), given);
  t.deepEqual(buildOptions(['buildah'], limits), given);
  t.deepEqual(buildOptions(['docker'], limits), []);
  t.deepEqual(buildOptions(['podman'], limits.replaceAll(/\d{4,}/g, 'unlimited')), []);
  t.deepEqual(buildOptions(['podman'], ''), []);
  t.true(importsFiles(['podman']));
  t.false(importsFiles(['buildah']));
});

test('the libraries of a program are the paths that ldd names, its loader among them', (t) => {
  const said = `\tlinux-vdso.so.1 (0x00007fb7e8cfd000)
\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007fb7e8910000)
\tlibnone.so => not found
\t/lib64/ld-linux-x86-64.so.2 (0x00007fb7e8cff000)
`;
  t.deepEqual(librariesIn(said), ['/lib/x86_64-linux-gnu/libm.so.6', '/lib64/ld-linux-x86-64.so.2']);
});

function programs(
  t: ExecutionContext,
  ...names: readonly string[]
): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-root-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'bin');
  mkdirSync(path);
  for (const name of names)
    writeFileSync(join(path, name), '#!/bin/sh\nprintf "[\\nls\\nsh\\nnode\\n"\n', { mode: 0o755 });
  return { folder, path };
}

withPeer(
  ['ldd', 'sh'],
  'the root file system has the programs with their libraries, and no file of this machine’s beside',
  (t) => {
    const { folder, path } = programs(t, 'busybox', 'node', 'openssl');
    const root = join(folder, 'root');
    mkdirSync(root);
    const variables = { PATH: path };
    t.deepEqual(layNodeRoot(root, '/bin/sh', variables), { missing: ['curl'] });
    t.deepEqual(readdirSync(join(root, 'usr/bin')).toSorted(), [
      '[',
      'busybox',
      'ls',
      'node',
      'openssl',
      'sh',
    ]);
    t.is(readlinkSync(join(root, 'usr/bin/ls')), 'busybox');
    // What stands as node is this machine's shell here, so that nothing large is copied: its libraries are there.
    t.deepEqual(readFileSync(join(root, 'usr/bin/node')), readFileSync('/bin/sh'));
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    t.true(files.some((file) => /(?:^|\/)ld-[\w.-]+$/.test(file)));
    t.deepEqual(
      readdirSync(join(root, 'etc'))
        .filter((name) => name !== 'ssl')
        .toSorted(),
      ['group', 'nsswitch.conf', 'os-release', 'passwd'],
    );
    t.regex(readFileSync(join(root, 'etc/passwd'), 'utf8'), /^learner:x:10001:10001:/m);
    t.deepEqual(
      files.filter((file) => /certs|shadow|hosts$/.test(file)),
      [],
    );
  },
);

withPeer(['ldd', 'sh'], 'without a shell there is no image', (t) => {
  const { folder, path } = programs(t, 'openssl', 'curl');
  const root = join(folder, 'root');
  mkdirSync(root);
  const { facts } = t.throws(() => layNodeRoot(root, '/bin/sh', { PATH: path }), { instanceOf: UserError });
  t.regex(facts.remedy?.en ?? '', /busybox-static/);
});
