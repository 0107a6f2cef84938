/**
 * `make bench`: measures side by side and writes bench/README.md. Ratios of interleaved rounds within one run are what
 * counts; absolute figures belong to the machine that printed them.
 */
import { writeFileSync } from 'node:fs';
import { cpus, release, type } from 'node:os';
import { benchEtcd } from './etcd.ts';
import { benchHttp } from './http.ts';
import { benchKube } from './kube.ts';
import { benchRelay } from './relay.ts';
import { benchScreen } from './screen.ts';
import { benchSteps } from './steps.ts';
import { benchStartup } from './startup.ts';

const sections = [
  benchStartup(),
  await benchRelay(),
  await benchHttp(),

  await benchScreen(),
  await benchSteps(),
  await benchKube(),
  await benchEtcd(),
];
const lines = [
  '# Benchmarks',
  '',
  'Written by `make bench`.',
  '',
  `- machine: ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${type()} ${release()}`,
  `- versions: Node ${process.version}, OpenSSL ${process.versions.openssl}`,
  `- date: ${new Date().toISOString().slice(0, 10)}`,
  '',
  ...sections.flatMap((section) => [...section, '']),
];
writeFileSync('bench/README.md', `${lines.join('\n').trimEnd()}\n`);
console.log(lines.join('\n'));
