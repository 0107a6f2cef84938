/**
 * Somebody who sits where a kubelet should: he answers whatever he is asked with a log of his own making, and keeps what he
 * was asked. Whom he can fool is decided by who calls: whether they look at his certificate. Counterpart: `kube/components/kubelet-client.ts`.
 */
import type { Address, Observation } from '../../capture/event.ts';
import { accept } from '../../wire/accept.ts';
import type { AcceptOptions, Tap } from '../../wire/endpoint.ts';
import { HttpFront } from '../../wire/http/front.ts';

export interface ImpostorKubeletOptions {
  readonly accept: AcceptOptions;
  /** What he says is the log of any pod. */
  readonly log: string;
}

export interface ImpostorKubelet {
  readonly address: Address;
  openListener(tap: Tap): Promise<Address>;
  /** How many came since the last report, and how many of them asked for something. */
  report(): Extract<Observation, { kind: 'served' }>;
  close(graceMs?: number): Promise<void>;
}

/** Milliseconds. */
const defaultGrace = 500;

export async function startImpostorKubelet({
  accept: given,
  log,
}: ImpostorKubeletOptions): Promise<ImpostorKubelet> {
  let [connections, requests] = [0, 0];
  const front = new HttpFront({
    onRequest(request, response) {
      requests++;
      request.resume();
      response.writeHead(200, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Length': Buffer.byteLength(log),
      });
      response.end(log);
    },
  });
  // As a kubelet does: whoever calls shows who he is, and keeps his key.
  const listenAt = async (options: AcceptOptions) =>
    accept({ ...options, requestCertificate: true }, (accepted) => {
      connections++;
      front.serve(accepted);
    });
  const listeners = [await listenAt(given)];
  const [{ address }] = listeners as [(typeof listeners)[number]];
  return {
    address,
    async openListener(tap) {
      const listener = await listenAt({ ...given, listen: { ...given.listen, port: 0 }, tap });
      listeners.push(listener);
      return listener.address;
    },
    report() {
      const observation = { kind: 'served', connections, requests, logins: [] } as const;
      [connections, requests] = [0, 0];
      return observation;
    },
    async close(graceMs = defaultGrace) {
      for (const listener of listeners) listener.stop();
      await front.close(graceMs);
      await Promise.all(listeners.map(async (listener) => listener.close(graceMs)));
    },
  };
}
