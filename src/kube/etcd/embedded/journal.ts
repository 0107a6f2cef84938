/** Defines the durability of an etcd's writes: `write-ahead-log.ts`, or none. */
import type { KeySpace } from './mvcc.ts';
import type { JournalEntry } from './service.ts';

export interface Journal {
  /** The newest revision that lasts. */
  readonly lasting: number;
  append(entry: JournalEntry): void;
  /** Resolves when all that was appended lasts; undefined when it does already. Rejects when it cannot be kept any more. */
  settled(): Promise<void> | undefined;
  close(): Promise<void>;
}

/** Of an etcd that lasts as long as its process. */
export function fleetingJournal(keys: KeySpace): Journal {
  return {
    get lasting() {
      return keys.revision;
    },
    append: () => {},
    settled: () => undefined,
    close: async () => Promise.resolve(),
  };
}
