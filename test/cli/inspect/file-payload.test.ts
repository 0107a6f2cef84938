/** Payload that the log does not keep is read from the file again, and what the file does not have stays in the log. */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Flows } from '../../../src/capture/flows.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { FilePayload } from '../../../src/cli/inspect/file-payload.ts';
import { openInput } from '../../../src/cli/inspect/input.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { bytes, closed, opened } from '../../presentation/support/captured.ts';
import { folderFor } from './view/support.ts';

test('bytes that the file contains leave the log when its folds have had them', (t) => {
  const path = join(folderFor(t), 'file');
  writeFileSync(path, 'abcdefghijklmnopqrstuvwxyz');
  const input = openInput(path);
  t.teardown(() => input.close());
  const log = new CaptureLog({ clock: systemClock });
  const payload = new FilePayload(log, input, true);
  const flows = new Flows(payload);
  const heard: string[] = [];
  log.subscribe((event) => {
    flows.fold(event);
    if (event.type === 'bytes') heard.push(Buffer.from(event.bytes).toString());
  });
  payload.append(opened(1), undefined);
  payload.append(bytes(1, 'client', 'abcde'), 0);
  payload.append(bytes(1, 'client', 'joined'), undefined);
  payload.append(bytes(1, 'client', 'xyz'), 23);
  payload.append(closed(1, 'client'), undefined);
  t.deepEqual(heard, ['abcde', 'joined', 'xyz']);
  t.is(log.held, 'joined'.length);
  const stream = flows.connection(1)?.stream('wire', 'client');
  const all = (): string | undefined => {
    const read = stream?.all();
    return read && Buffer.from(read).toString();
  };
  t.is(all(), 'abcdejoinedxyz');
  t.true(stream?.complete);
  t.deepEqual(stream?.head, Uint8Array.from(Buffer.from('abcdejoinedxyz')));
  t.is(stream?.headByte(5), 'j'.charCodeAt(0));
  t.is(stream?.headByte(14), undefined);
  // A file that was cut meanwhile is missing them, and nothing else is given instead.
  truncateSync(path, 10);
  const other = new FilePayload(new CaptureLog({ clock: systemClock }), input, true);
  other.append(bytes(1, 'client', 'abc'), 0);
  other.append(bytes(1, 'client', 'xyz'), 23);
  t.deepEqual(other.payloadOf({ seq: 0, length: 3 }), Uint8Array.from(Buffer.from('abc')));
  t.is(other.payloadOf({ seq: 1, length: 3 }), undefined);
});
