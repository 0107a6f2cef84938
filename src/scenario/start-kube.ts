/**
 * Starts an API server as a scenario plans it, with a controller manager beside it where the scenario has one. What it did
 * with each request is told step by step, as its audit log would. Counterpart: `kube/control-plane.ts`.
 */
import type { ApiRequest, Observation } from '../capture/event.ts';
import { auditOf } from '../kube/audit.ts';
import { startControlPlane } from '../kube/control-plane.ts';
import type { ControlPlane } from '../kube/control-plane.ts';
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
  const { name, certificate, clientAuthorities = [], controlPlane: { controllerManager, sharesWith } = {} } = server;
  if (!world || !accept.identity || certificate === undefined) throw new Error(`${name} has no certificate to show`);
  const ofRun = stores.get(options) ?? new Map<string, Store>();
  stores.set(options, ofRun);
  const store = kube?.store ?? ofRun.get(sharesWith ?? name) ?? new MemoryStore();
  ofRun.set(sharesWith ?? name, store);
  const manager = controllerManager && plan.clients.find((client) => client.name === controllerManager.client);
  let requests: ApiRequest[] = [];
  let total = 0;
  /** What each process has read of its files. */
  const read = { 'kube-apiserver': accept.identity, 'kube-controller-manager': manager?.certificate === undefined ? undefined : world.identity(manager.certificate) };
  const start = async (): Promise<ControlPlane> =>
    startControlPlane({
      listen: accept.listen,
      // Behind a proxy that carries TLS through, nobody else has them.
      keysTo: log,
      identity: read['kube-apiserver'],
      clientAuthorities: clientAuthorities.map((row) => world.authority(row)),
      ...(world.names.includes('front-proxy-ca') ? { frontProxyAuthority: world.authority('front-proxy-ca') } : {}),
      store,
      clock,
      random,
      ...(controllerManager && read['kube-controller-manager']
        ? {
            controllerManager: {
              identity: read['kube-controller-manager'],
              authority: world.identity(controllerManager.issuer),
              trust: (manager?.trust ?? []).map((row) => world.authority(row)).join(''),
              tap: { log, hop: controllerManager.wire },
              // Somebody looks on: one try in sight is enough.
              retry: 1000,
              ...(kube?.onController ? { onReport: kube.onController } : {}),
            },
          }
        : {}),
      onAnswered(report) {
        // What the controller manager says all the time belongs to no step; one that is not known says it over its own wire.
        if (report.user?.name === ownName || log.connectionFrom(report.remote)?.hop === controllerManager?.wire) return;
        total++;
        const asked = auditOf(report);
        requests.push(asked);
        kube?.onAsked?.(asked);
        if (requests.length > mostRequests) requests.shift();
      },
    });
  let controlPlane = await start();
  return {
    get address() {
      return controlPlane.address;
    },
    openDoor: async (tap, port) => controlPlane.openDoor(tap, port),
    dealtWith: async (request, signal) => controlPlane.dealtWith(request, signal),
    async restart(process, files) {
      const row = process === 'kube-apiserver' ? certificate : manager?.certificate;
      if (row !== undefined) read[process] = world.identity(files.get(row) ?? row);
      // The other starts anew too, and with what it had in memory: nobody at the wire can tell it from one that went on.
      await controlPlane.close(graceMs);
      controlPlane = await start();
    },
    report(): Observation {
      const told: Observation = { kind: 'api', requests, total };
      requests = [];
      total = 0;
      return told;
    },
    close: async (grace) => controlPlane.close(grace),
  };
}

/** How long answers in flight may take when a process is restarted, in milliseconds. */
const graceMs = 250;
const ownName = 'system:kube-controller-manager';
