/** What a lab and its class agree on: where reports go, and how long one may be. */

/** The address of a class where none is named. */
export const usualClassAddress = '127.0.0.1:8450';

export const entryPath = '/entry';

/** Bytes; a report has about one thousand. */
export const largestEntry = 16 * 1024;
