/**
 * Certificates by an API server on each of its stores: 2,000 requests created, approved and issued by eight clients, beside
 * what the etcd below does alone in the same run. Each store in a process of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../src/core/clock.ts';
import { apiClient } from '../../src/kube/components/api-client.ts';
import type { ApiClient } from '../../src/kube/components/api-client.ts';
import { textAt, valueAt, withKeys } from '../../src/kube/objects/json.ts';
import { makeRequest } from '../../src/pki/ca/request.ts';
import type { Identity } from '../../src/wire/endpoint.ts';
import { clients, measure } from './etcd-figures.ts';
import type { Figures } from './etcd-figures.ts';
import { markdownTable } from '../figures.ts';
import { isInstalled } from '../processes.ts';
import type { Section } from '../section.ts';

const requests = 2_000;
/** Creation, approval, signature. */
const writesEach = 3;
const collection = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const forever = new AbortController().signal;

interface Subject {
  readonly port: number;
  readonly authority: string;
  readonly admin: Identity;
  readonly alone?: Figures;
}

interface Measured extends Figures {
  readonly alone?: Figures;
  /** Bytes: of the API server's process, and of a real etcd's. */
  readonly memory: number;
  readonly etcd: number;
}

const stores = { memory: 'memory', embedded: 'the embedded etcd', real: 'the real etcd' } as const;

export async function benchEtcd(): Promise<Section> {
  const rows: string[][] = [];
  const data: Record<string, Measured> = {};
  for (const kind of ['memory', 'embedded', 'real'] as const) {
    if (kind === 'real' && !isInstalled('etcd')) {
      rows.push([stores[kind], 'not there', '', '', '', '', '']);
      continue;
    }
    const measured = await run(kind);
    const { perSecond, p50, p99, alone, memory, etcd } = measured;
    data[kind] = measured;
    rows.push([
      stores[kind],
      perSecond.toFixed(0),
      p50.toFixed(0),
      p99.toFixed(0),
      alone
        ? `${alone.perSecond.toFixed(0)} (p50 ${alone.p50.toFixed(1)} ms, p99 ${alone.p99.toFixed(1)} ms)`
        : '',
      alone ? ((perSecond * writesEach) / alone.perSecond).toFixed(2) : '',
      `${mebibytes(memory)}${etcd > 0 ? ` and ${mebibytes(etcd)}` : ''}`,
    ]);
  }
  return {
    lines: [
      '## Certificates on each store',
      '',
      `${requests} certificate signing requests created, approved and issued (${writesEach} writes each) by ${clients} clients through an API server with its controller manager; latency from the creation to the certificate. Beside it the etcd alone: transactions of one put by ${clients} at a time over its JSON gateway, before the API server starts. Both wait for the disk.`,
      '',
      ...markdownTable([
        [
          'store',
          'certificates a second',
          'p50 ms',
          'p99 ms',
          'etcd alone, transactions a second',
          'writes by those',
          'memory MiB, API server and etcd',
        ],
        ...rows,
      ]),
    ],
    data,
  };
}

const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);

async function run(kind: keyof typeof stores): Promise<Measured> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'etcd-subject.js'), kind], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const subject = JSON.parse(String((await lines.next()).value)) as Subject;
    const figures = await certificates(subject);
    child.stdin.end();
    const taken = JSON.parse(String((await lines.next()).value)) as Pick<Measured, 'memory' | 'etcd'>;
    await once(child, 'close');
    return { ...figures, ...taken, ...(subject.alone ? { alone: subject.alone } : {}) };
  } finally {
    child.kill('SIGKILL');
  }
}

async function certificates({ port, authority, admin }: Subject): Promise<Figures> {
  const client = apiClient({
    to: { host: '127.0.0.1', port },
    authorities: [authority],
    identity: admin,
    clock: systemClock,
    userAgent: 'bench',
    connections: clients,
  });
  const request = Buffer.from(makeRequest({ subject: [['CN', 'bench']] }).request).toString('base64');
  const issued = new Map<string, () => void>();
  const ending = new AbortController();
  const watching = client.watch(`${collection}?watch=true`, ending.signal, ({ object }) => {
    if (textAt(object, 'status', 'certificate') !== '') issued.get(textAt(object, 'metadata', 'name'))?.();
    return 'more';
  });
  const figures = measure(requests, async (n) => {
    const name = `bench-${n}`;
    const done = new Promise<void>((resolve) => issued.set(name, resolve));
    const body = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
    };
    const created = await asked(client, 'POST', collection, body);
    const condition = { type: 'Approved', status: 'True', reason: 'Bench', message: 'by the bench' };
    await asked(
      client,
      'PUT',
      `${collection}/${name}/approval`,
      withKeys(created, { status: { conditions: [condition] } }),
    );
    await done;
    issued.delete(name);
  });
  const first = await Promise.race([figures, watching.then(() => undefined)]);
  if (!first) throw new Error('the watch has ended');
  ending.abort();
  await watching.catch(() => {});
  client.close();
  return first;
}

async function asked(client: ApiClient, method: string, path: string, body: object): Promise<object> {
  const answer = await client.call(method, path, forever, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${String(valueAt(answer.body, 'message'))}`);
  return answer.body;
}
