/**
 * Inserts a tamperer below a client's TLS and above the tap, so that the recorded bytes are the sent ones. `tamper.ts`
 * changes the bytes.
 */
import type { Duplex } from 'node:stream';
import { TranslatedStream } from '../tap/translated.ts';
import type { Tamper } from './tampering.ts';

export class TamperedStream extends TranslatedStream {
  constructor(lower: Duplex, tamper: Tamper) {
    super(lower, {
      send: (bytes) => tamper.send(bytes),
      receive: (bytes) => tamper.receive(bytes) ?? bytes,
    });
  }
}
