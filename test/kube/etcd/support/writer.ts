/**
 * A process that writes to a log as fast as it lasts, and says what does: to be killed. Each write n puts `n` at the key
 * n modulo 20; a line is the revision up to which everything lasts.
 */
import { KeySpace } from '../../../../src/kube/etcd/embedded/mvcc.ts';
import { openWriteAheadLog } from '../../../../src/kube/etcd/embedded/write-ahead-log.ts';
import { putOf } from './requests.ts';

const folder = process.argv[2] ?? '';
const keys = new KeySpace();
// Little slack, so that files are begun anew all the time.
const { log } = await openWriteAheadLog({ folder, keys, slackBytes: 2000 });

const writer = async (): Promise<void> => {
  for (;;) {
    const number = keys.revision + 1;
    const { commit } = keys.put(putOf(`k${number % 20}`, String(number)));
    if (commit) log.append({ kind: 'commit', commit });
    if (number % 50 === 0) {
      keys.compact(number - 25);
      log.append({ kind: 'compaction', revision: number - 25 });
    }
    await log.settled();
    process.stdout.write(`${number}\n`);
  }
};
await Promise.all(Array.from({ length: 4 }, writer));
