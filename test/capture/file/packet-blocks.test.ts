/** Packets that another process has made are the ones that the file's own writer would have made. */
import test from 'ava';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaptureDraft, CaptureEvent } from '../../../src/capture/event.ts';
import { PacketBlocks } from '../../../src/capture/file/packet-blocks.ts';
import { PcapngSpool } from '../../../src/capture/file/pcapng-writer.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { tickingClock, topology } from '../../helpers/capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-blocks-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const wallClock = '2026-01-01T00:00:00.000Z';
const hops = topology.wires.map(({ hop }) => hop);
const [hop = ''] = hops;
const from = { host: '127.0.0.1', port: 4711 };
const to = { host: '127.0.0.1', port: 8080 };

const drafts: readonly CaptureDraft[] = [
  { type: 'began', version: '0', wallClock, topology },
  { type: 'opened', conn: 1, hop, transport: 'tcp', from, to },
  { type: 'bytes', conn: 1, hop, vantage: 'wire', from: 'client', bytes: new Uint8Array(200_000).fill(1) },
  { type: 'bytes', conn: 1, hop, vantage: 'plaintext', from: 'client', bytes: new Uint8Array(10) },
  { type: 'bytes', conn: 1, hop, vantage: 'wire', from: 'server', bytes: new Uint8Array(3).fill(2) },
  { type: 'note', text: { en: 'nothing for the file', ko: '' } },
  { type: 'closed', conn: 1, hop, by: 'client', how: 'end' },
];

test('the same file, whether its packets are made here or elsewhere', (t) => {
  const log = new CaptureLog({ clock: tickingClock() });
  const events: CaptureEvent[] = drafts.map((draft) => log.append(draft));
  const [here, elsewhere] = ['here', 'elsewhere'].map(
    (name) => new PcapngSpool(join(folder, `${name}.pcapng`)),
  );
  let made = 0;
  const blocks = new PacketBlocks({
    wires: hops,
    began: Date.parse(wallClock) * 1000,
    onBlocks: (all) => {
      made++;
      elsewhere?.blocks(Buffer.concat(all), all.length);
    },
  });
  for (const event of events) {
    here?.fold(event);
    if (event.type === 'began') elsewhere?.fold(event);
    else blocks.fold(event);
  }
  const [one, other] = [here?.close(), elsewhere?.close()];
  t.is(made, 4, 'once for each event that has packets');
  t.is(other?.packets, one?.packets);
  t.deepEqual(readFileSync(other?.path ?? ''), readFileSync(one?.path ?? ''));
});
