/** A capture that wirelab wrote of a cluster, on the screen: its interfaces are the wires of the picture. */
import test from 'ava';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PcapngSpool } from '../../../src/capture/file/pcapng-writer.ts';
import { Cluster } from '../../ui/tui/support/cluster.ts';
import { inspectWords } from '../../ui/tui/support/performed.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-inspect-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test('a capture of many wires that meet in one is the picture that was watched', async (t) => {
  const path = join(folder, 'cluster.pcapng');
  const cluster = new Cluster();
  cluster.run(cluster.settle());
  const spool = new PcapngSpool(path);
  for (const event of cluster.log.events) spool.fold(event);
  spool.close();
  const screen = await inspectWords(t, [path], { columns: 120, rows: 40 });
  await screen.until((text) => /\[B\]|\[A\]/.test(text) && !/reading/.test(text));
  await screen.press('D');
  const text = await screen.until(/order at 5\.0 s: A → B → D → B → E → B/);
  t.regex(text, / kube-scheduler .\[D\].TLS.*>│ +kube-apiserver +│/);
  t.regex(text, /│.\[B\].*> etcd/);
  t.regex(text, /│·\[G\]·+> kubelet/);
  await screen.press('L');
  await screen.until(/순서\(5\.0초\): A → B → D → B → E → B/);
  await screen.press('Q');
  t.is(await screen.ended, 0);
});
