/** A conversation as a ladder: messages between a client and a server, over time. */
import type { Localized } from '../../i18n/language.ts';
import type { Sizes } from './sizes.ts';

/** Whose conversation it is. */
export interface LadderHead {
  /** The wire and the connection. */
  readonly place: Localized;
  readonly client: Localized;
  readonly server: Localized;
}

/** `leaked`: readable without keys, with a secret in it; `reconstructed`: seen by no tap, drawn from what the sockets reported. */
export type MessageState = 'readable' | 'leaked' | 'sealed' | 'opened' | 'reconstructed';

export interface LadderMessage {
  /** Microseconds since the run began. */
  readonly at: number;
  readonly hop: string;
  /** Null for an act of both sides. */
  readonly from: 'client' | 'server' | null;
  /** `ClientHello`; a reconstructed message is marked with an asterisk. */
  readonly title: Localized;
  /** In bytes. */
  readonly length: number;
  readonly state: MessageState;
  /** The state in a word, and in a sentence; empty where there is nothing to say of it. */
  readonly stateName: Localized;
  readonly stateText: Localized;
  readonly facts: Localized;
  /** Present if the line represents several sealed records in a row. */
  readonly sizes?: Sizes;
}

/** A secret in a message. */
export interface Exposure {
  /** Says that it can be read without keys; empty if keys decrypted the message. */
  readonly label: Localized;
  readonly name: string;
  readonly value: string | undefined;
  /** Its offset and its encoding or kind. */
  readonly where: Localized;
  /** In the direction of its message, in bytes as they are encoded there. */
  readonly offset: number;
  readonly length: number;
}

/** One message of a handshake, or several sealed records in a row. */
export interface Rung {
  /** Null for an act of both sides: TCP opened, closed. */
  readonly from: 'client' | 'server' | null;
  readonly title: Localized;
  /** In bytes, of all its records. */
  readonly length: number;
  /** How many records it stands for. */
  readonly count: number;
  readonly state: MessageState;
  readonly facts: Localized;
  /** The round trip that it begins, counted from 1: the client speaks again after an answer. */
  readonly trip?: number;
}
