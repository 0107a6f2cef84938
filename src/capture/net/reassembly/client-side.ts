/** Determines which end is the client, if no SYN was captured (rule 4 of `reassembly.ts`). */
import type { Side } from '../../event.ts';
import { otherEnd } from './stream-state.ts';
import type { End, Stream } from './stream-state.ts';

const latin1 = new TextDecoder('latin1');

/** Rule 4, by the first bytes of a side. */
export function clientBy(stream: Stream, from: End, payload: Uint8Array): End {
  const speaks = speakerOf(payload);
  if (speaks === 'client') return from;
  return speaks === 'server' ? otherEnd(from) : clientByPort(stream);
}

export function clientByPort({ addresses, firstHeard }: Stream): End {
  if (addresses.low.port === addresses.high.port) return firstHeard;
  return addresses.low.port > addresses.high.port ? 'low' : 'high';
}

/** Who begins like that: a ClientHello (1) or a ServerHello (2) in a handshake record, an HTTP request or an answer to one. */
function speakerOf(payload: Uint8Array): Side | undefined {
  if (payload[0] === 0x16 && payload[1] === 0x03)
    return payload[5] === 1 ? 'client' : payload[5] === 2 ? 'server' : undefined;
  const start = latin1.decode(payload.subarray(0, 16));
  if (/^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PRI) /.test(start)) return 'client';
  return start.startsWith('HTTP/') ? 'server' : undefined;
}
