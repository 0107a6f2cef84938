/** Defines what tampers with one connection; the kinds are rows of `tamper.ts`. */

/** It is shown what the server sends, and answers what goes out in place of what the client sends. */
export interface Tamper {
  /** One NSS key log line of the client's. */
  keylog(line: string): void;
  /** Bytes from the server, which are forwarded unchanged. */
  receive(bytes: Uint8Array): void;
  /** What goes out for these bytes; a record that is not whole yet is kept until it is. */
  send(bytes: Uint8Array): Uint8Array;
}
