/** What renderers of blocks know of the page around them. */
import type { BytePlace } from '../../../presentation/types/bytes.ts';
import type { MessageBlock } from '../../../presentation/types/report.ts';

export interface PageContext {
  /** The fragment that leads to the bytes of a place; undefined where the explorer does not have them. */
  readonly toBytes: (place: BytePlace) => string | undefined;
  /** The fragment that leads to a step. */
  readonly toStep: (id: string) => string | undefined;
  /** The fragment that leads to the report of a connection; undefined where there is none. */
  readonly toConnection: (conn: number) => string | undefined;
  /** Its messages in the report, in their order. */
  readonly messagesOf: (conn: number) => readonly MessageBlock[];
}
