/**
 * Forwards the bytes of any protocol between an admitted client and the target, unchanged unless a demonstration
 * tampers with them. The target is dialed after admission, never before. `wire/tap/relay.ts` copies the bytes and
 * forwards half-closes. Its counterpart is `http-pump.ts`.
 */
import type { Duplex } from 'node:stream';
import type { Accepted, Dialed, Introduced, Introduction } from '../wire/endpoint.ts';
import type { TlsRequest } from '../wire/starttls/dialogue.ts';
import { breakOff, relay } from '../wire/tap/relay.ts';
import type { Between } from '../wire/tap/relay.ts';
import type { TamperName } from '../wire/tamper/tamper.ts';
import type { ProxyTimeouts, Pump, StarttlsHops } from './pump.ts';
import type { Connected, SecondHop } from './second-hop.ts';

/** For a target's greeting, in milliseconds. */
const defaultGreetingTimeout = 10_000;

/**
 * @param options.tamper how it changes the client's bytes, for demonstrations of an attacker in the middle; by default
 * not at all
 * @param options.between what takes the place of forwarding them
 */
export function createBytesPump(
  target: SecondHop,
  {
    close: closeTimeout,
    connect = defaultGreetingTimeout,
    tamper,
    between = relay,
    starttls,
  }: Pick<ProxyTimeouts, 'close' | 'connect'> & {
    readonly tamper?: TamperName | undefined;
    readonly between?: Between | undefined;
    readonly starttls?: StarttlsHops | undefined;
  } = {},
): Pump {
  const carry = async (accepted: Accepted): Promise<void> => {
    const { stream, refusal, security, alpn } = accepted;
    // A byte stream has no page to put a reason on.
    if (refusal) {
      breakOff(stream);
      return;
    }
    const isUnchanged = security === 'plain' && tamper === undefined && between === relay;
    const dialed = await (accepted.introduction?.proceed() ??
      target.connect(accepted, { agreed: alpn, isUnchanged }));
    if (dialed.outcome === 'failed') breakOff(stream);
    else if (stream.destroyed) breakOff(dialed.stream);
    else {
      if (!accepted.introduction && starttls && !(await meet(stream, dialed, target, starttls, connect)))
        return;
      if (closeTimeout !== undefined) boundClosing(stream, dialed.stream, closeTimeout);
      const translated = await translating(dialed.stream, starttls);
      await between(stream, tamper === undefined ? translated : await tampered(translated, tamper));
    }
  };
  const introduce = (served: Introduced): Introduction =>
    introduction(served, target, starttls ?? {}, connect);
  return { ...carrying(carry), introduce };
}

/** Connects to the target, and waits behind its greeting until the client is admitted. */
function introduction(
  served: Introduced,
  target: SecondHop,
  { client: before, target: behind }: StarttlsHops,
  milliseconds: number,
): Introduction {
  const admitted = promised<TlsRequest | 'cancelled' | undefined>();
  const greeted = promised<Awaited<Introduction['greeting']>>();
  const meet = async (said: Uint8Array): Promise<TlsRequest | 'cancelled' | undefined> => {
    greeted.resolve({ said });
    return admitted.promise;
  };
  const connecting = async (): Promise<Dialed> => {
    if (behind !== undefined || before === undefined) return target.connect(served, { meet });
    const dialed = await target.connect(served);
    if (dialed.outcome === 'failed') return dialed;
    const { takeGreeting } = await import('../wire/starttls/request.ts');
    try {
      if ((await meet(await takeGreeting(before, dialed.stream, milliseconds))) === 'cancelled')
        dialed.stream.on('error', () => {}).destroy();
      return dialed;
    } catch (error) {
      const failure = target.unexpectedGreeting(dialed.stream, error);
      breakOff(dialed.stream);
      return { outcome: 'failed', failure };
    }
  };
  const dialed = connecting();
  const hear = async (): Promise<void> => {
    const made = await dialed;
    if (made.outcome === 'failed') greeted.resolve({ why: made.failure.code });
  };
  void hear();
  return {
    greeting: greeted.promise,
    async proceed(request) {
      admitted.resolve(request);
      return dialed;
    },
    cancel: () => admitted.resolve('cancelled'),
  };
}

/** A promise, and what resolves it; further calls do nothing. */
function promised<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Where one side requested TLS in the protocol and the other did not, some count that as a message. */
async function translating(stream: Duplex, hops: StarttlsHops = {}): Promise<Duplex> {
  const { client: before, target: behind } = hops;
  const name = before ?? behind;
  if (name === undefined || (before !== undefined && behind !== undefined)) return stream;
  const { starttlsProtocol } = await import('../wire/starttls/protocols.ts');
  const { translation } = await starttlsProtocol(name);
  if (!translation) return stream;
  const { TranslatedStream } = await import('../wire/tap/translated.ts');
  return new TranslatedStream(stream, translation(before === undefined ? 'target' : 'client'));
}

/**
 * Where a protocol turns to TLS on request, a server speaks first, once: what the proxy's own side has said for it, or heard of it,
 * is left out or made up for.
 * @returns false if the target did not speak as its protocol does: then both sides are aborted
 */
async function meet(
  client: Duplex,
  { stream, greeting }: Connected,
  target: SecondHop,
  { client: before, target: behind }: StarttlsHops,
  milliseconds: number,
): Promise<boolean> {
  if (before === undefined) {
    if (greeting && greeting.length > 0) client.write(greeting);
    return true;
  }
  if (behind !== undefined) return true;
  const { takeGreeting } = await import('../wire/starttls/request.ts');
  try {
    await takeGreeting(before, stream, milliseconds);
    return true;
  } catch (error) {
    target.unexpectedGreeting(stream, error);
    breakOff(stream);
    breakOff(client);
    return false;
  }
}

/** A pump that forwards each connection on its own, whatever its protocol. */
export function carrying(carry: (accepted: Accepted) => Promise<void>): Pump {
  const clients = new Set<Duplex>();
  return {
    get open() {
      return clients.size;
    },
    serve(accepted) {
      const { stream } = accepted;
      clients.add(stream);
      stream.on('error', () => {});
      stream.once('close', () => clients.delete(stream));
      void carry(accepted);
    },
    drain: async () => {},
    // A byte stream has no message boundaries: both sides receive a half-close.
    async close() {
      for (const stream of clients) stream.end();
    },
  };
}

async function tampered(lower: Duplex, name: TamperName): Promise<Duplex> {
  const [{ tampers }, { TamperedStream }] = await Promise.all([
    import('../wire/tamper/tamper.ts'),
    import('../wire/tamper/tampered.ts'),
  ]);
  return new TamperedStream(lower, tampers[name]());
}

/** Time limit for one side after the other has closed, in milliseconds. */
export function boundClosing(client: Duplex, upstream: Duplex, milliseconds: number): void {
  let timer: NodeJS.Timeout | undefined;
  const onEnd = (): void => {
    timer ??= setTimeout(() => {
      breakOff(client);
      breakOff(upstream);
    }, milliseconds);
  };
  for (const stream of [client, upstream]) stream.once('end', onEnd).once('close', () => clearTimeout(timer));
}
