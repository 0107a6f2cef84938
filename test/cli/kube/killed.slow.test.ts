/**
 * `kube up` killed (SIGKILL) while clients write, again and again, on each store that lasts: a write that was acknowledged is
 * there after the next start, with the value that was acknowledged last.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { withPeer } from '../../helpers/peer.ts';
import { start } from '../../helpers/running.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const writes = 1_000;
const writers = 4;
/** Fewest kills until all of that has been acknowledged. */
const fewestKills = 10;
const configMaps = '/api/v1/namespaces/default/configmaps';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** An administrator, over one kept connection a writer. */
class Admin {
  readonly #agent: Agent;
  readonly #port: number;

  constructor(folder: string, port: number) {
    const config = readFileSync(join(folder, 'admin.conf'), 'utf8');
    const data = (name: string): Buffer =>
      Buffer.from(new RegExp(`${name}-data: "?([\\w+/=]+)`).exec(config)?.[1] ?? '', 'base64');
    this.#port = port;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: writers,
      ca: data('certificate-authority'),
      cert: data('client-certificate'),
      key: data('client-key'),
    });
  }

  /** Rejects when the server is gone: whether it has been done is unknown then. */
  async ask(method: string, path: string, body?: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          agent: this.#agent,
          method,
          path,
          headers: { 'content-type': 'application/json' },
        },
        (answer) => {
          let text = '';
          answer
            .setEncoding('utf8')
            .on('data', (part: string) => (text += part))
            .on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }))
            .on('error', reject)
            .on('aborted', () => reject(new Error('aborted')));
        },
      );
      asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Numbers that look random, the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let last = seed; ; ) {
    last = (Math.imul(last, 1_664_525) + 1_013_904_223) >>> 0;
    yield last / 2 ** 32;
  }
}

const objectOf = (name: string, value: number): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { value: String(value) },
});

/** By name, the value that was acknowledged last, and those that were sent later without an answer. */
interface Kept {
  acknowledged: number;
  readonly uncertain: Set<number>;
}

async function killedWhileWriting(t: ExecutionContext, etcd: 'embedded' | 'real'): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-killed-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const cluster = join(folder, 'cluster');
  t.is((await askWirelab(['kube', 'pki', '--out', cluster])).exitCode, 0);
  const random = numbers(etcd.length);
  const kept = new Map<string, Kept>();
  let acknowledged = 0;
  let kills = 0;
  let next = 0;
  const compare = async (admin: Admin): Promise<void> => {
    const { status, body } = await admin.ask('GET', configMaps);
    t.is(status, 200, body);
    const { items } = JSON.parse(body) as {
      readonly items: readonly {
        readonly metadata: { readonly name: string };
        readonly data?: { readonly value: string };
      }[];
    };
    const found = new Map(items.map(({ metadata, data }) => [metadata.name, Number(data?.value)]));
    const lost = [...kept].filter(
      ([name, { acknowledged: value, uncertain }]) =>
        (value > 0 || found.has(name)) &&
        found.get(name) !== value &&
        !uncertain.has(found.get(name) ?? Number.NaN),
    );
    t.deepEqual(lost, [], `after ${kills} kills, ${acknowledged} acknowledged`);
    // What is there now is certain from here on.
    for (const [name, value] of found)
      if (kept.has(name)) kept.set(name, { acknowledged: value, uncertain: new Set() });
  };
  const isEnough = (): boolean => acknowledged >= writes && kills >= fewestKills;
  while (!isEnough()) {
    const running = start(t, ['kube', 'up', '--out', cluster, '--port', '0', '--etcd', etcd, '--no-tui']);
    const printed = await running.until(/Ctrl-C/);
    const admin = new Admin(cluster, Number(/https:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1]));
    await compare(admin);
    const most = acknowledged + 40 + Math.floor(random.next().value * 120);
    let isKilled = false;
    const write = async (writer: number): Promise<void> => {
      for (let turn = 0; !isKilled; turn++) {
        // Each writer has names of its own; every third write changes an object that is there.
        const old = [...kept.keys()].filter((name) => name.startsWith(`w${writer}-`)).at(-1);
        const isUpdate = turn % 3 === 2 && old !== undefined && (kept.get(old)?.acknowledged ?? 0) > 0;
        const name = isUpdate ? old : `w${writer}-${next}`;
        const value = ++next;
        const one = kept.get(name) ?? { acknowledged: 0, uncertain: new Set() };
        kept.set(name, one);
        one.uncertain.add(value);
        const answer = await (isUpdate
          ? admin.ask('PUT', `${configMaps}/${name}`, objectOf(name, value))
          : admin.ask('POST', configMaps, objectOf(name, value))
        ).catch(() => undefined);
        if (!answer) return;
        t.true(answer.status === 200 || answer.status === 201, answer.body);
        one.uncertain.delete(value);
        one.acknowledged = value;
        acknowledged++;
        if (acknowledged < most || isKilled) continue;
        isKilled = true;
        // In the middle of what the others write, and of what this one begins now.
        void admin.ask('POST', configMaps, objectOf(`last-${next}`, 0)).catch(() => {});
        setTimeout(() => running.child.kill('SIGKILL'), random.next().value * 8);
      }
    };
    await Promise.all(Array.from({ length: writers }, async (_, writer) => write(writer)));
    t.deepEqual(await running.exit, [null, 'SIGKILL']);
    admin.close();
    kills++;
  }
  const running = start(t, ['kube', 'up', '--out', cluster, '--port', '0', '--etcd', etcd, '--no-tui']);
  const printed = await running.until(/Ctrl-C/);
  const admin = new Admin(cluster, Number(/https:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1]));
  await compare(admin);
  admin.close();
  t.log(`${acknowledged} acknowledged writes, ${kills} kills, 0 lost`);
  running.child.kill('SIGTERM');
  await running.exit;
}

test('on the embedded etcd, none of a thousand acknowledged writes is lost', async (t) => {
  t.timeout(600_000);
  await killedWhileWriting(t, 'embedded');
});

withPeer('etcd', 'on the real etcd, none of a thousand acknowledged writes is lost', async (t) => {
  t.timeout(600_000);
  await killedWhileWriting(t, 'real');
});
