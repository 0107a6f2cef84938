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

/** The wire of whoever comes, and that of the controller manager. */
export const wires = { callers: 'A', controllerManager: 'B' } as const;

export const participants = { callers: 'kubectl', server: 'kube-apiserver', controllerManager: 'kube-controller-manager' } as const;

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
      log?.append({ type: 'began', version, wallClock: new Date(systemClock.now()).toISOString(), topology: topologyOf(folder, address) });
      onListening?.(address);
    },
  });
}

function topologyOf({ signer, controllerManager }: UpFolder, address: Address): Topology {
  const manages = signer !== undefined && controllerManager !== undefined;
  return {
    participants: [
      { name: participants.callers, role: 'client' },
      ...(manages ? [{ name: participants.controllerManager, role: 'client' } as const] : []),
      { name: participants.server, role: 'server', kind: 'kube-apiserver', address },
    ],
    wires: [
      { hop: wires.callers, from: participants.callers, to: participants.server, protocol: 'https' },
      ...(manages ? [{ hop: wires.controllerManager, from: participants.controllerManager, to: participants.server, protocol: 'https' }] : []),
    ],
  };
}
