/** Opens an HTTP message of a conversation on demand: it is read again from the log, or kept. */
import type { FlowStream } from '../../capture/flow-stream.ts';
import { defined } from '../../core/defined.ts';
import { fieldOfHttp } from '../../protocols/http/message-field.ts';
import { readHttpAgain } from '../../protocols/http/conversation.ts';
import type { HttpMessage } from '../../protocols/http/http-message.ts';
import { credentialsIn } from '../secrets/credential-shapes.ts';
import type { FoundCredential } from '../secrets/credential-shapes.ts';
import type { Message } from './message.ts';

export type OnDemand = Pick<Message, 'field' | 'bytes' | 'credentials'>;

export function kept(message: HttpMessage): OnDemand {
  return {
    field: () => fieldOfHttp(message),
    bytes: () => message.bytes,
    credentials: () => credentialsIn(message),
  };
}

/**
 * A separate function: its closures must not keep the message alive.
 * @param mayHold whether there is anything to look for credentials in.
 */
export function readAgain(
  stream: FlowStream,
  offset: number,
  length: number,
  framing: HttpMessage['framing'],
  answered: string | undefined,
  mayHold: boolean,
): OnDemand {
  const bytes = (): Uint8Array | undefined => stream.read(offset, length);
  const again = (): HttpMessage | undefined =>
    mapped(bytes(), (read) =>
      readHttpAgain(
        read,
        defined({
          from: stream.from,
          offset,
          framing,
          answers: answered === undefined ? undefined : { method: answered },
        }),
      ),
    );
  return {
    bytes,
    field: () => mapped(again(), fieldOfHttp),
    credentials: mayHold ? () => mapped(again(), credentialsIn) ?? noCredentials() : noCredentials,
  };
}

function mapped<T, R>(value: T | undefined, map: (value: T) => R): R | undefined {
  return value === undefined ? undefined : map(value);
}

export const noCredentials = (): readonly FoundCredential[] => [];
