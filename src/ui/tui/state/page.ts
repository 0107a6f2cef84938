/**
 * Inserts messages that were read back from a recording before those in memory. Pure; `read-back.ts` decides when they are
 * requested and where the cursor is then.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/message.ts';
import { indexFrom } from '../../../capture/flow-stream.ts';
import type { Localized } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import type { Page } from '../message.ts';
import type { Row } from './rows.ts';
import { screenWords } from './words.ts';

/** The messages of a page, with the keys or without. */
export function messagesOf(page: Page, opened: boolean): readonly WireMessage[] {
  return opened ? page.opened : page.sealed;
}

/** A connection's messages: those of the page, then the later ones in memory. */
export function withPage(
  live: readonly WireMessage[],
  conn: number,
  page: Page | undefined,
  opened: boolean,
): readonly WireMessage[] {
  if (page?.conn !== conn) return live;
  const later = live.slice(indexFrom(live.length, (index) => live[index]?.at ?? 0, page.through + 1));
  const [first] = later;
  // The number in between is unknown: the count in memory includes those of the page.
  return [
    ...messagesOf(page, opened),
    ...(first?.notKept === undefined ? later : [{ ...first, notKept: 0 }, ...later.slice(1)]),
  ];
}

/** The title of a message; a placeholder for others says where those are. */
export function titleOf({ notKept, title }: WireMessage, recording: string | undefined): Localized {
  if (notKept === undefined || recording === undefined) return title;
  const count = notKept === 0 ? '' : grouped(notKept);
  return {
    en: screenWords.inRecording.en(count, recording),
    ko: screenWords.inRecording.ko(count, recording),
  };
}

/** Whether a row shows a message of the page. */
export function isFromPage(row: Row | undefined, page: Page | undefined, opened: boolean): boolean {
  return (
    row !== undefined && page?.conn === row.connection.conn && row.index < messagesOf(page, opened).length
  );
}
