/** A header field of HTTP as node's `rawHeaders` has it. */
export type Header = readonly [name: string, value: string];
