/**
 * Groups sealed records in a row: a line for each would add nothing. Their sizes are kept, since those are what a sniffer
 * knows. Messages are added one by one; `ladder.ts` words a group.
 */
import type { Message } from '../../analysis/conversation/message.ts';
import { grouped } from '../../i18n/number.ts';
import type { Sizes } from '../types/sizes.ts';

/** A message, or sealed records in a row. */
export interface MessageGroup {
  readonly first: Message;
  readonly sizes: Sizes;
}

/** Records of a group whose sizes are listed; more are only counted. */
const mostSizes = 1000;

export class MessageGroups {
  #open:
    | { first: Message; sizes: { records: Sizes['records'][number][]; count: number; total: number } }
    | undefined;
  readonly #onGroup: (group: MessageGroup) => void;

  /** @param onGroup called with each group when the next one begins, or at `finish`. */
  constructor(onGroup: (group: MessageGroup) => void) {
    this.#onGroup = onGroup;
  }

  /** @param isAlone whether the message keeps a line of its own, such as one that holds a secret. */
  add(message: Message, isAlone: (message: Message) => boolean): void {
    const { at, length } = message;
    const open = this.#open;
    if (open && belongsTo(open.first, message) && !isAlone(message)) {
      const { sizes } = open;
      if (sizes.count < mostSizes) sizes.records.push({ at, length });
      sizes.count++;
      sizes.total += length;
      return;
    }
    this.finish();
    const group = { first: message, sizes: { records: [{ at, length }], count: 1, total: length } };
    if (message.sealed && !isAlone(message)) this.#open = group;
    else this.#onGroup(group);
  }

  finish(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open) this.#onGroup(open);
  }
}

/** Both sealed, of one type and direction. */
function belongsTo(first: Message, message: Message): boolean {
  return (
    first.sealed && message.sealed && first.from === message.from && first.contentType === message.contentType
  );
}

/** So many sizes are read at a glance; the plot of the page has more of them. */
const mostListed = 24;
/** As many equal ones in a row are counted. */
const leastRepeated = 4;

/** `1204+24×40+… (1,500)`: the first ones, equal ones in a row counted, and how many there are. */
export function sizesText({ records, count }: Sizes): string {
  const listed: string[] = [];
  let at = 0;
  while (at < records.length && listed.length < mostListed) {
    const length = records[at]?.length ?? 0;
    let end = at + 1;
    while (records[end]?.length === length) end++;
    const isRepeated = end - at >= leastRepeated;
    listed.push(isRepeated ? `${length}×${grouped(end - at)}` : `${length}`);
    at = isRepeated ? end : at + 1;
  }
  return `${listed.join('+')}${count > at ? `+… (${grouped(count)})` : ''}`;
}
