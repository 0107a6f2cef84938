/**
 * Sealed records that follow each other as one group: of noise nobody reads one line a record. The sizes stay in the
 * group, since they add up and are what a sniffer knows.
 */
import type { Message } from '../analysis/conversation/conversation.ts';

export type Group = readonly [Message, ...Message[]];

/** Whether a message belongs with the one before it: both sealed, of one kind and direction. */
export function isMoreOf(before: Message, message: Message): boolean {
  return (
    before.sealed &&
    message.sealed &&
    before.from === message.from &&
    before.contentType === message.contentType
  );
}

/** @param stands whether a message keeps a line of its own, such as one that holds a secret. */
export function groupSealed(
  messages: readonly Message[],
  stands: (message: Message) => boolean = () => false,
): Group[] {
  const groups: [Message, ...Message[]][] = [];
  for (const message of messages) {
    const open = groups.at(-1);
    const first = open?.[0];
    if (open && first && isMoreOf(first, message) && !stands(message) && !stands(first)) open.push(message);
    else groups.push([message]);
  }
  return groups;
}
