/**
 * The form of the bytes explorer's data in a page: written by `explorer.ts`, read by the page's script (`client/`). Types
 * and numbers only, since the script imports them too.
 *
 * 1. An index says what there is. Everything else is in blobs, script elements that nothing runs: Base64 of bytes, as they
 *    are or compressed (gzip). Each is decoded when it is looked at.
 * 2. Items (messages of a connection) stand in pages, connection by connection. An item is read without keys, with them,
 *    or both; each of the two readings numbers its items from 0 through all connections.
 * 3. Bytes have one address space, cut into blobs of one size. A message has its bytes in parts, since what keys opened
 *    lies within what was sealed around it.
 * 4. Offsets of fields and secrets count from the first byte of the message.
 */

/** A text that is the same in each language, or the texts in English and Korean. */
export type Text = string | readonly [en: string, ko: string];

/** Bytes in a blob of bytes. */
export const blobSize = 128 * 1024;

/** `1`: without keys, `2`: with keys, `3`: the same in both. */
export type Readings = 1 | 2 | 3;

export interface ExplorerIndex {
  readonly version: 1;
  /** How many connections each page of them has. */
  readonly connections: readonly number[];
  /** Of each page of items: all, those read without keys, those read with keys. */
  readonly items: readonly (readonly [all: number, sealed: number, opened: number])[];
  /** In all blobs. */
  readonly bytes: number;
  /** Some connection could be opened by keys. */
  readonly hasKeys: boolean;
  /** Secrets were replaced, in texts and bytes. */
  readonly isMasked: boolean;
  readonly words: ExplorerWords;
}

/** What the presentation calls what numbers stand for. */
export interface ExplorerWords {
  /** Of `senders`: where their messages go. */
  readonly directions: readonly Text[];
  /** Of `itemStates`. */
  readonly states: readonly Text[];
  /** Of a message that no tap saw. */
  readonly reconstructed: Text;
}

export interface ConnectionEntry {
  readonly conn: number;
  readonly place: Text;
  readonly client: Text;
  readonly server: Text;
  /** Bytes of each direction on the wire. */
  readonly bytes: readonly [client: number, server: number];
  /** Of its items in each reading: the first, and how many. */
  readonly sealed: readonly [first: number, count: number];
  readonly opened: readonly [first: number, count: number];
  /** Keys opened something of it. */
  readonly hasKeys: boolean;
}

/** `none`: of both sides. */
export const senders = ['none', 'client', 'server'] as const;

export const itemStates = ['readable', 'leaked', 'sealed', 'opened', 'reconstructed'] as const;

/** A page of items. Texts are numbers of `texts`. */
export interface ItemPage {
  readonly texts: readonly Text[];
  readonly items: readonly Item[];
}

/** A row of numbers would be shorter; compressed it hardly is. */
export interface Item {
  readonly readings: Readings;
  /** Indices of `senders` and `itemStates`. */
  readonly from: number;
  readonly state: number;
  /** It is what an endpoint reads and writes, in the coordinates of the content. */
  readonly isInside?: 1;
  /** Microseconds since the run began. */
  readonly at: number;
  readonly title: number;
  readonly facts?: number;
  /** In its direction, in bytes. */
  readonly offset: number;
  readonly length: number;
  /** Addresses and lengths by turns; fewer bytes than `length` where the others were not kept. */
  readonly parts: readonly number[];
  /** `fieldNumbers` for each field, outer ones before their parts. */
  readonly fields: readonly number[];
  /** Start, length and label by turns. */
  readonly secrets?: readonly number[];
  /** What an eavesdropper concludes from it, a sentence each. */
  readonly conclusions?: readonly number[];
  /** Packet of the capture that completed it. */
  readonly frame?: number;
}

/**
 * Of a field: its words (a number of the explanations); where it starts behind the start of the field before; its length;
 * its depth; its value; its name, 0 for the one in its words; the list of its remarks, 0 for none. Texts count from 1 here.
 */
export const fieldNumbers = 7;

/** What is said of all fields of one kind. */
export interface Explanation {
  readonly id: string;
  readonly ownName: Text;
  readonly name: Text;
  readonly meaning: Text;
  readonly source?: string;
}

/** What the page has beside the items: explanations, and lists of remarks, from 1. */
export interface ExplorerTexts {
  readonly explanations: readonly Explanation[];
  readonly remarks: readonly (readonly Text[])[];
}

/** Ids of elements: `bytes-index`, and the blobs `bytes-texts`, `bytes-connections-0`, `bytes-items-0`, `bytes-raw-0`. */
export const elementId = (name: string, number?: number): string =>
  number === undefined ? `bytes-${name}` : `bytes-${name}-${number}`;
