/**
 * Messages that were read back from a recording, in their place before those that are in memory. Pure; when they are asked for
 * and where one is then, `read-back.ts` decides.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/conversation.ts';
import { indexFrom } from '../../../capture/flows.ts';
import type { Localized } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import type { Page } from '../message.ts';
import type { Row } from './rows.ts';
import { screenWords } from './words.ts';

/** The messages of a page as they are read now. */
export function messagesOf(page: Page, opened: boolean): readonly WireMessage[] {
  return opened ? page.opened : page.sealed;
}

/** A connection's messages: those of the page, and of those in memory what came later. */
export function withPage(
  live: readonly WireMessage[],
  conn: number,
  page: Page | undefined,
  opened: boolean,
): readonly WireMessage[] {
  if (page?.conn !== conn) return live;
  const later = live.slice(indexFrom(live.length, (index) => live[index]?.at ?? 0, page.through + 1));
  const [first] = later;
  // How many there are in between, what is in memory does not know: it counts those of the page too.
  return [
    ...messagesOf(page, opened),
    ...(first?.notKept === undefined ? later : [{ ...first, notKept: 0 }, ...later.slice(1)]),
  ];
}

/** What a message is called; of one that stands for others, where those are. */
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
