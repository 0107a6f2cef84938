/**
 * Fake kubelet: returns a fixed log and records requests. It fools only clients that do not verify its certificate.
 * Counterpart: `kube/components/kubelet-client.ts`.
 */
import type { Address, Observation } from '../../capture/event.ts';
import { accept } from '../../wire/accept.ts';
import type { AcceptOptions, Tap } from '../../wire/endpoint.ts';
import { HttpFront } from '../../wire/http/front.ts';

export interface ImpostorKubeletOptions {
  readonly accept: AcceptOptions;
  /** The log that it returns for any pod. */
  readonly log: string;
}

export interface ImpostorKubelet {
  readonly address: Address;
  openListener(tap: Tap): Promise<Address>;
  /** Connections since the last report, and how many of them sent a request. */
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
  // As a kubelet does: clients present a certificate, and their keys never leave them.
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
