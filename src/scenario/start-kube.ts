/**
 * Starts an API server as a scenario plans it, with a controller manager beside it where the scenario has one. What it did
 * with each request is told step by step, as its audit log would. Counterpart: `kube/control-plane.ts`.
 */
import type { ApiRequest, Observation } from '../capture/event.ts';
import { auditOf } from '../kube/audit.ts';
import { startControlPlane } from '../kube/control-plane.ts';
import { MemoryStore } from '../kube/memory-store.ts';
import type { Store } from '../kube/store.ts';
import type { AcceptOptions } from '../wire/endpoint.ts';
import type { PlannedServer } from './plan.ts';
import type { RunningServer, RunOptions } from './surroundings.ts';

/** Requests that are kept of a step. */
const mostRequests = 200;
/** By the run: servers that share their objects find each other here. */
const stores = new WeakMap<object, Map<string, Store>>();

export async function startKube(server: PlannedServer, options: RunOptions, accept: AcceptOptions): Promise<RunningServer> {
  const { plan, log, clock, random, world, kube } = options;
  const { name, clientAuthorities = [], controlPlane: { controllerManager, sharesWith } = {} } = server;
  if (!world || !accept.identity) throw new Error(`${name} has no certificate to show`);
  const ofRun = stores.get(options) ?? new Map<string, Store>();
  stores.set(options, ofRun);
  const store = kube?.store ?? ofRun.get(sharesWith ?? name) ?? new MemoryStore();
  ofRun.set(sharesWith ?? name, store);
  const manager = controllerManager && plan.clients.find((client) => client.name === controllerManager.client);
  let requests: ApiRequest[] = [];
  let total = 0;
  const controlPlane = await startControlPlane({
    listen: accept.listen,
    // Behind a proxy that carries TLS through, nobody else has them.
    keysTo: log,
    identity: accept.identity,
    clientAuthorities: clientAuthorities.map((row) => world.authority(row)),
    ...(world.names.includes('front-proxy-ca') ? { frontProxyAuthority: world.authority('front-proxy-ca') } : {}),
    store,
    clock,
    random,
    ...(controllerManager && manager?.certificate !== undefined
      ? {
          controllerManager: {
            identity: world.identity(manager.certificate),
            authority: world.identity(controllerManager.issuer),
            trust: (manager.trust ?? []).map((row) => world.authority(row)).join(''),
            tap: { log, hop: controllerManager.wire },
            ...(kube?.onController ? { onReport: kube.onController } : {}),
          },
        }
      : {}),
    onAnswered(report) {
      // What the controller manager says all the time belongs to no step.
      if (report.user?.name === ownName) return;
      total++;
      const asked = auditOf(report);
      requests.push(asked);
      kube?.onAsked?.(asked);
      if (requests.length > mostRequests) requests.shift();
    },
  });
  return {
    address: controlPlane.address,
    openDoor: async (tap, port) => controlPlane.openDoor(tap, port),
    dealtWith: async (request, signal) => controlPlane.dealtWith(request, signal),
    report(): Observation {
      const told: Observation = { kind: 'api', requests, total };
      requests = [];
      total = 0;
      return told;
    },
    close: async (graceMs) => controlPlane.close(graceMs),
  };
}

const ownName = 'system:kube-controller-manager';
