/** A real etcd that ends by itself is started again, so often and no more, and never without its data. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { mostTries, startKeptEtcd } from '../../../src/kube/etcd/kept-running.ts';
import { etcdFilesIn, findEtcd, startRealEtcd } from '../../../src/kube/etcd/real.ts';
import type { RealEtcd, RealEtcdOptions } from '../../../src/kube/etcd/real.ts';
import { withPeer } from '../../helpers/peer.ts';
import { clientOf, etcdFolder } from '../support/etcd.ts';

const asking = { signal: new AbortController().signal };

/** What was said, until something of it matches. */
function listening() {
  const said: string[] = [];
  const waiting = new Set<() => void>();
  return {
    said,
    onReport: ({ text }: { readonly text: { readonly en: string } }): void => {
      said.push(text.en);
      for (const look of waiting) look();
    },
    until: async (pattern: RegExp) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (said.some((line) => pattern.test(line))) resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

const address = { host: '127.0.0.1', port: 1 };

/** One that is no program: it crashes when it is told to, and starts again where `starts` says so. */
function pretended(t: ExecutionContext, starts: () => boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-kept-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'member'));
  let report: RealEtcdOptions['onReport'] = () => {};
  let started = 0;
  const etcd: RealEtcd = {
    kind: 'real',
    version: '3.5.99',
    address,
    pid: 1,
    exited: Promise.resolve(),
    async startAgain() {
      started++;
      await Promise.resolve();
      if (!starts())
        throw new UserError({
          what: { en: 'etcd did not start', ko: 'etcd가 시작되지 않았습니다' },
          received: 'no',
        });
      report?.({ kind: 'ready', text: { en: 'ready', ko: 'ready' } });
    },
    close: async () => Promise.resolve(),
  };
  return {
    folder,
    started: () => started,
    crash: () => report?.({ kind: 'crashed', text: { en: 'etcd ended unexpectedly (SIGKILL)', ko: '' } }),
    start: async (options: RealEtcdOptions) => {
      report = options.onReport;
      return Promise.resolve(etcd);
    },
  };
}

const again = 'etcd ended unexpectedly (SIGKILL). It is being restarted with the same data';

test('one that does not start again is tried a few times, and given up with what to do', async (t) => {
  const { said, onReport, until } = listening();
  const { folder, start, crash, started } = pretended(t, () => false);
  const etcd = await startKeptEtcd(
    { etcd: { path: '', version: '' }, folder, onReport, clock: systemClock, wait: 0 },
    start,
  );
  crash();
  await until(/not restarted/);
  t.is(started(), mostTries);
  t.deepEqual(said.slice(0, 2), [again, 'etcd did not start: no. It is being restarted with the same data']);
  t.is(
    said.at(-1),
    `etcd did not start: no. It is not restarted (it was restarted ${mostTries} times), and nothing can be read or written: stop wirelab, check ${folder}, and start again`,
  );
  await etcd.close();
});

test('one that ends again and again is given up, and one that ran for a while in between is not', async (t) => {
  for (const [passed, ends] of [
    [0, /\(it was restarted 3 times\)/],
    [60_000, /^ready$/],
  ] as const) {
    const { said, onReport } = listening();
    const { folder, start, crash } = pretended(t, () => true);
    let now = 0;
    let settled = (): void => {};
    const etcd = await startKeptEtcd(
      {
        etcd: { path: '', version: '' },
        folder,
        clock: { ...systemClock, now: () => now },
        wait: 0,
        onReport(report) {
          onReport(report);
          if (report.kind === 'ready' || /not restarted/.test(report.text.en)) settled();
        },
      },
      start,
    );
    for (let time = 0; time <= mostTries; time++) {
      now += passed;
      const done = new Promise<void>((resolve) => (settled = resolve));
      crash();
      await done;
    }
    t.regex(said.at(-1) ?? '', ends);
    await etcd.close();
  }
});

test('without its data it is not started: it would be empty', async (t) => {
  const { said, onReport, until } = listening();
  const { folder, start, crash, started } = pretended(t, () => true);
  const etcd = await startKeptEtcd(
    { etcd: { path: '', version: '' }, folder, onReport, clock: systemClock, wait: 0 },
    start,
  );
  rmSync(join(folder, 'member'), { recursive: true });
  crash();
  await until(/its data is gone/);
  t.is(started(), 0);
  t.is(said.length, 1);
  await etcd.close();
});

withPeer('etcd', 'killed, it is there again by itself with what it had', async (t) => {
  const folder = etcdFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const installed = await findEtcd(process.env);
  const { said, onReport, until } = listening();
  let running: RealEtcd | undefined;
  const etcd = await startKeptEtcd(
    {
      etcd: installed ?? { path: '', version: '' },
      files: etcdFilesIn(join(folder, 'pki')),
      folder: join(folder, 'data'),
      clock: systemClock,
      onReport,
    },
    async (options) => (running = await startRealEtcd(options)),
  );
  t.teardown(async () => etcd.close());
  await clientOf(t, etcd.address).put('/a', 'b', asking);
  said.length = 0;
  process.kill(running?.pid ?? 0, 'SIGKILL');
  await until(/is ready/);
  // A signal is no last word.
  t.is(said[0], again);
  t.is((await clientOf(t, etcd.address).range({ key: '/a' }, asking)).items[0]?.value.toString(), 'b');
});
