/**
 * Starts an API server as a scenario plans it, with a controller manager beside it where the scenario has one. What it did
 * with each request is told step by step, as its audit log would. Counterpart: `kube/control-plane.ts`.
 */
import type { Address, ApiRequest, Observation } from '../capture/event.ts';
import { auditOf } from '../kube/audit.ts';
import { startControlPlane } from '../kube/control-plane.ts';
import { EtcdClient } from '../kube/etcd/client.ts';
import { EtcdStore } from '../kube/etcd/etcd-store.ts';
import { MemoryStore } from '../kube/memory-store.ts';
import type { Store } from '../kube/store.ts';
import type { AcceptOptions } from '../wire/endpoint.ts';
import type { PlannedServer } from './plan.ts';
import type { RunningServer, RunOptions } from './surroundings.ts';

/** Requests that are kept of a step. */
const mostRequests = 200;
/** By the run: servers that share their objects find each other here. */
const stores = new WeakMap<object, Map<string, Store>>();

export async function startKube(server: PlannedServer, options: RunOptions, accept: AcceptOptions, addresses: ReadonlyMap<string, Address>): Promise<RunningServer> {
  const { plan, log, clock, random, world, kube } = options;
  const { name, clientAuthorities = [], controlPlane: { controllerManager, etcd, sharesWith } = {} } = server;
  if (!world || !accept.identity) throw new Error(`${name} has no certificate to show`);
  const ofRun = stores.get(options) ?? new Map<string, Store>();
  stores.set(options, ofRun);
  const store = kube?.store ?? ofRun.get(sharesWith ?? name) ?? (etcd ? storeIn(etcd, options, addresses) : new MemoryStore());
  ofRun.set(sharesWith ?? name, store);
  const manager = controllerManager && plan.clients.find((client) => client.name === controllerManager.client);
  let requests: ApiRequest[] = [];
  let total = 0;
  const controlPlane = await startControlPlane({
    listen: accept.listen,
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
    async close(graceMs) {
      await controlPlane.close(graceMs);
      // It is the run's own.
      if (etcd) await store.close();
    },
  };
}

/** Where its objects are kept, over a wire of its own. */
function storeIn({ server, wire, certificate, trust }: StoreFacts, { plan, log, clock, world }: RunOptions, addresses: ReadonlyMap<string, Address>): EtcdStore {
  const to = addresses.get(server);
  const { security } = plan.servers.find(({ name }) => name === server) ?? {};
  if (!to || !security || !world) throw new Error(`${server} was not started before what it keeps`);
  const client = new EtcdClient({
    to,
    clock,
    security,
    ...(security === 'plain' ? {} : { authorities: (trust ?? []).map((row) => world.authority(row)) }),
    ...(security === 'mtls' && certificate !== undefined ? { identity: world.identity(certificate) } : {}),
    tap: { log, hop: wire },
  });
  return new EtcdStore({ client });
}

type StoreFacts = NonNullable<NonNullable<PlannedServer['controlPlane']>['etcd']>;

const ownName = 'system:kube-controller-manager';
