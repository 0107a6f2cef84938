/** What is kept of the connections of one capture among several, and that it is bounded. */
import test from 'ava';
import { CaptureReader } from '../../../src/capture/file/capture-file.ts';
import { clockOffsets } from '../../../src/capture/joining/clocks.ts';
import { commonConnections } from '../../../src/capture/joining/match.ts';
import { blockBytes, SeenStream, Surveyor } from '../../../src/capture/joining/survey.ts';
import { ipv4, pcap, tcp } from '../support/packets.ts';
import { pourInto } from '../support/read.ts';

/** As many openings, each with a first request. @param ahead of the clock, in microseconds */
function openings(count: number, ahead = 0): Uint8Array {
  return pcap(
    Array.from({ length: count }, (_, index) => {
      const ports = { sourcePort: 1024 + index, destinationPort: 80 };
      const sequence = 1000 * (index + 1);
      const at = 1_700_000_000_000_000 + 1000 * index + ahead;
      return [
        { bytes: ipv4(tcp({ ...ports, sequence, flags: 'S' })), microseconds: at },
        {
          bytes: ipv4(
            tcp({ ...ports, sequence: sequence + 1, acknowledged: 1, payload: `request ${index}` }),
          ),
          microseconds: at + 10,
        },
      ];
    }).flat(),
  );
}

function surveyed(bytes: Uint8Array, most?: number): Surveyor {
  const surveyor = new Surveyor(() => undefined, most);
  const reader = new CaptureReader(surveyor);
  pourInto(reader, bytes);
  reader.end();
  surveyor.end();
  return surveyor;
}

test('the connections behind the bound are counted and not compared', (t) => {
  const survey = surveyed(openings(5), 3);
  t.is(survey.count, 5);
  t.deepEqual([...survey.connections.keys()], [0, 1, 2]);
  const groups = commonConnections([survey, surveyed(openings(5))]);
  t.is(groups.length, 3);
  survey.release();
  t.is(survey.connections.size, 0);
});

test('packets of the client alone give the clocks as far as the delay lets them', (t) => {
  const surveys = [surveyed(openings(4)), surveyed(openings(4, 5000))];
  t.deepEqual(clockOffsets(2, commonConnections(surveys))[1], { ahead: 5000, packets: 8 });
  t.is(clockOffsets(2, [])[1], undefined);
});

test('a stream is the same in whatever pieces it comes, and another one with one other byte', (t) => {
  const bytes = Buffer.from(Array.from({ length: 3 * blockBytes + 100 }, (_, index) => (index * 7) % 251));
  const read = (content: Uint8Array, piece: number): SeenStream => {
    const stream = new SeenStream();
    for (let at = 0; at < content.length; at += piece) stream.add(content.subarray(at, at + piece));
    return stream;
  };
  const whole = read(bytes, bytes.length);
  t.is(whole.blocks.length, 3);
  for (const piece of [1, 100, blockBytes, blockBytes + 1]) {
    const other = read(bytes, piece);
    t.deepEqual(
      [other.length, other.head, other.blocks, other.tail],
      [whole.length, whole.head, whole.blocks, whole.tail],
    );
  }
  for (const place of [0, blockBytes, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[place] = (changed[place] ?? 0) ^ 1;
    const other = read(changed, 1000);
    t.notDeepEqual([other.blocks, other.tail], [whole.blocks, whole.tail]);
  }
});

test('nothing is said of a block in which something is missing', (t) => {
  const stream = new SeenStream();
  stream.add(new Uint8Array(10));
  stream.skip(20);
  stream.add(new Uint8Array(2 * blockBytes - 30));
  t.deepEqual(
    stream.blocks.map((hash) => Number.isNaN(hash)),
    [true, false],
  );
  t.is(stream.lost, 20);
  stream.seal(true);
  stream.add(new Uint8Array(5));
  t.is(stream.length, 2 * blockBytes + 5);
});
