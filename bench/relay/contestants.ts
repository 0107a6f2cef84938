/**
 * Who is measured: wirelab as a user starts it, with each of its outputs, the bare relay of Node as the baseline, and peers
 * (`peers.ts`). What is not installed, or does not know an option, is listed as not there.
 */
import { join } from 'node:path';
import type { Configuration, Contestant, Place } from './contestant.ts';
import { peers } from './peers.ts';

const modes = { tcp: 'plaintext', tls: 'tls', mtls: 'mtls', split: 'tls', http: 'plaintext' } as const;

/** The command of `./wirelab proxy`, as its help shows it. */
function wirelab({ configuration, listen, target, pki }: Place, more: readonly string[]): readonly string[] {
  const words = ['./wirelab', 'proxy', '--mode', modes[configuration]];
  words.push('--listen', `127.0.0.1:${listen}`, '--target', `127.0.0.1:${target}`);
  if (configuration === 'http') words.push('--http');
  if (configuration === 'tls' || configuration === 'mtls' || configuration === 'split')
    words.push('--cert', `${pki}/server.crt`, '--key', `${pki}/server.key`);
  if (configuration === 'mtls') words.push('--cacert', `${pki}/client-ca.crt`, '--allow-all');
  if (configuration === 'split')
    words.push(
      '--target-tls',
      'tls',
      '--target-cacert',
      `${pki}/server-ca.crt`,
      '--override-server-name',
      'bench.localhost',
    );
  return [...words, ...more];
}

const everything: readonly Configuration[] = ['tcp', 'tls', 'mtls', 'split', 'http'];

export const baseline = 'bare Node relay';
export const ours = './wirelab proxy, to a file';
export const throughPipe = './wirelab proxy, to a pipe';

export const contestants: readonly Contestant[] = [
  {
    name: baseline,
    role: 'baseline',
    configurations: ['tcp', 'tls', 'mtls', 'split'],
    command: ({ listen, target, configuration, pki }) => [
      process.execPath,
      join(import.meta.dirname, 'bare-relay.js'),
      String(listen),
      String(target),
      configuration,
      pki,
    ],
  },
  {
    name: ours,
    role: 'ours',
    configurations: everything,
    output: 'file',
    counted: 'text',
    command: (place) => wirelab(place, []),
  },
  {
    name: throughPipe,
    role: 'ours',
    configurations: everything,
    output: 'pipe',
    counted: 'text',
    command: (place) => wirelab(place, []),
  },
  {
    name: './wirelab proxy --json, to a file',
    role: 'ours',
    configurations: everything,
    output: 'file',
    counted: 'json',
    command: (place) => wirelab(place, ['--json']),
  },
  {
    name: './wirelab proxy -w',
    role: 'ours',
    configurations: everything,
    output: 'file',
    counted: 'text',
    command: (place) => wirelab(place, ['-w', join(place.folder, 'seen.pcapng')]),
  },
  {
    name: './wirelab proxy, on the screen',
    role: 'ours',
    configurations: everything,
    program: 'script',
    output: 'terminal',
    counted: 'status',
    command: (place) => wirelab(place, ['--status', `127.0.0.1:${place.status}`]),
  },
  ...peers,
];
