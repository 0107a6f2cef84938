/** Defines what tampers with one connection; the kinds are rows of `tamper.ts`. */

/** It answers what goes out in place of what each side sends. */
export interface Tamper {
  /** One NSS key log line of the client's. */
  keylog(line: string): void;
  /** Bytes from the server, as many as go on to the client; nothing where they are forwarded unchanged. */
  receive(bytes: Uint8Array): Uint8Array | void;
  /** What goes out for these bytes; a record that is not whole yet is kept until it is. */
  send(bytes: Uint8Array): Uint8Array;
}
