/** A control plane that runs on a cluster's folder, tapped: what it is made of, its wires, and how they are told. */
import { randomBytes } from 'node:crypto';
import type { Address, Topology } from '../../capture/event.ts';
import type { RunLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import { startControlPlane } from '../../kube/control-plane.ts';
import type { ControlPlane } from '../../kube/control-plane.ts';
import type { ControllerReport } from '../../kube/controller-manager.ts';
import { MemoryStore } from '../../kube/memory-store.ts';
import type { AnswerReport } from '../../kube/server.ts';
import type { UpFolder } from './up-folder.ts';

export const participants = {
  callers: 'kubectl',
  server: 'kube-apiserver',
  store: 'etcd',
  controllerManager: 'kube-controller-manager',
  scheduler: 'kube-scheduler',
  kubelet: 'kubelet',
  kubeProxy: 'kube-proxy',
} as const;

/** Every wire that a control plane may have, a row each, in the order in which the picture has them: whoever comes is the first. */
const wireRows = [
  { name: 'callers', hop: 'A', from: participants.callers, to: participants.server },
  { name: 'store', hop: 'B', from: participants.server, to: participants.store },
  { name: 'controllerManager', hop: 'C', from: participants.controllerManager, to: participants.server },
  { name: 'scheduler', hop: 'D', from: participants.scheduler, to: participants.server },
  { name: 'kubelet', hop: 'E', from: participants.kubelet, to: participants.server },
  { name: 'kubeProxy', hop: 'F', from: participants.kubeProxy, to: participants.server },
  { name: 'kubeletServer', hop: 'G', from: participants.server, to: participants.kubelet },
] as const;

export type WireName = (typeof wireRows)[number]['name'];

/** The letter of each. */
export const wires = Object.fromEntries(wireRows.map(({ name, hop }) => [name, hop])) as Readonly<Record<WireName, string>>;

export interface UpSettings {
  readonly listen: Address;
  readonly folder: UpFolder;
  readonly token: { readonly id: string; readonly secret: string };
  readonly version: string;
  /** Absent where nothing of the wires is kept or shown. */
  readonly log?: RunLog;
  readonly onAnswered?: (report: AnswerReport) => void;
  readonly onController?: (report: ControllerReport) => void;
  readonly onListening?: (address: Address) => void;
}

/** @throws Mistake when the address cannot be listened on, or a certificate cannot be used. */
export async function startUp({ listen, folder, token, version, log, onAnswered, onController, onListening }: UpSettings): Promise<ControlPlane> {
  const { apiserver, authority, signer, controllerManager, frontProxyAuthority } = folder;
  const running: readonly WireName[] = ['callers', ...(signer && controllerManager ? (['controllerManager'] as const) : [])];
  return startControlPlane({
    listen,
    identity: apiserver,
    clientAuthorities: [authority],
    ...(frontProxyAuthority === undefined ? {} : { frontProxyAuthority }),
    store: new MemoryStore(),
    clock: systemClock,
    random: randomBytes,
    bootstrapTokens: [token],
    ...(log ? { tap: { log, hop: wires.callers } } : {}),
    ...(signer && controllerManager
      ? {
          controllerManager: {
            identity: controllerManager,
            authority: signer,
            trust: authority,
            ...(log ? { tap: { log, hop: wires.controllerManager } } : {}),
            ...(onController ? { onReport: onController } : {}),
          },
        }
      : {}),
    ...(onAnswered ? { onAnswered } : {}),
    onListening(address) {
      log?.append({ type: 'began', version, wallClock: new Date(systemClock.now()).toISOString(), topology: topologyOf(running, { [participants.server]: address }) });
      onListening?.(address);
    },
  });
}

/** The wires that run. Whoever serves has the address that is known of him. */
export function topologyOf(running: readonly WireName[], addresses: Readonly<Partial<Record<string, Address>>>): Topology {
  const rows = wireRows.filter(({ name }) => running.includes(name));
  const names = new Set(rows.flatMap(({ from, to }) => [from, to]));
  return {
    participants: [...names].map((name) => {
      const address = addresses[name];
      return rows.some(({ to }) => to === name) ? { name, role: 'server', kind: name, ...(address ? { address } : {}) } : { name, role: 'client' };
    }),
    wires: rows.map(({ hop, from, to }) => ({ hop, from, to, protocol: 'https' })),
  };
}
