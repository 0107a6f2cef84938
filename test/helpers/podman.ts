/**
 * Podman with a storage, networks and a runtime of the test's own: what a test makes is gone with its folder. Runs as root,
 * as CI does, without systemd.
 */
import type { ExecutionContext } from 'ava';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runProgram } from './peer.ts';
import type { ProgramResult } from './peer.ts';

const root = resolve(import.meta.dirname, '../../..');

/** What it needs beside itself. */
export const podmanPeers = ['podman', 'runc', 'conmon', 'nft', 'busybox'] as const;

export interface Podman {
  readonly folder: string;
  /** The value of ENGINE. */
  readonly engine: string;
  readonly env: NodeJS.ProcessEnv;
  run(words: readonly string[], input?: string): Promise<ProgramResult>;
  /** Its standard output. Any other exit code than 0 fails the test. */
  said(words: readonly string[], input?: string): Promise<string>;
  /** Makes the image from this machine's node. @returns its name. */
  image(): Promise<string>;
  /** Ends all containers and removes everything. */
  end(): Promise<void>;
}

export function podmanOf(): Podman {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-podman-'));
  for (const name of ['root', 'run', 'net', 'tmp']) mkdirSync(join(folder, name));
  const configuration = join(folder, 'containers.conf');
  writeFileSync(
    configuration,
    `[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n[network]\nnetwork_config_dir = "${folder}/net"\n`,
  );
  const options = [
    '--root',
    join(folder, 'root'),
    '--runroot',
    join(folder, 'run'),
    '--tmpdir',
    join(folder, 'tmp'),
  ];
  const env = {
    ...process.env,
    CONTAINERS_CONF: configuration,
    PODMAN_IGNORE_CGROUPSV1_WARNING: '1',
    LC_ALL: 'C',
  };
  const engine = ['podman', ...options].join(' ');
  const run: Podman['run'] = async (words, input) =>
    runProgram('podman', [...options, ...words], {
      env,
      cwd: folder,
      timeout: 240_000,
      ...(input === undefined ? {} : { input }),
    });
  const said: Podman['said'] = async (words, input) => {
    const { exitCode, stdout, stderr } = await run(words, input);
    if (exitCode !== 0) throw new Error(`podman ${words.join(' ')}: ${exitCode}\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    folder,
    engine,
    env,
    run,
    said,
    async image() {
      const script = join(root, 'dist', 'src', 'cli', 'build', 'image.js');
      const { exitCode, stdout, stderr } = await runProgram(process.execPath, [script, '--from-node'], {
        env: { ...env, ENGINE: engine },
        timeout: 600_000,
      });
      if (exitCode !== 0) throw new Error(`make image-from-node: ${exitCode}\n${stderr}`);
      return stdout.trim();
    },
    async end() {
      await run(['pod', 'rm', '--all', '--force', '--time', '0']);
      await run(['rm', '--all', '--force', '--time', '0']);
      const networks = await run(['network', 'ls', '--quiet', '--filter', 'driver=bridge']);
      for (const network of networks.stdout.split('\n').filter((name) => name !== '' && name !== 'podman'))
        await run(['network', 'rm', '--force', network]);
      await run(['system', 'reset', '--force']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Nothing of these names is there any more: no pod, container, secret, volume or network. */
export async function traces(t: ExecutionContext, podman: Podman, names: RegExp): Promise<void> {
  const lists = {
    pods: ['pod', 'ls', '--format', '{{.Name}}'],
    containers: ['ps', '--all', '--format', '{{.Names}}'],
    secrets: ['secret', 'ls', '--format', '{{.Name}}'],
    volumes: ['volume', 'ls', '--format', '{{.Name}}'],
    networks: ['network', 'ls', '--format', '{{.Name}}'],
  } as const;
  for (const [what, words] of Object.entries(lists))
    t.deepEqual(
      (await podman.said(words)).split('\n').filter((name) => names.test(name)),
      [],
      what,
    );
}
