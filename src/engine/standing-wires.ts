/** Wires over which somebody comes to a server all the time, whatever the steps do; and those that a server has behind it. */
import type { ScenarioFile } from './scenario.ts';

export interface StandingWire {
  readonly wire: string;
  readonly from: string;
  readonly to: string;
  /** What is spoken on it, where no server of the file is at its end. A kubelet asks for a certificate, and insists on none: as an API server does. */
  readonly security?: 'tls';
}

export function standingWires({ servers }: ScenarioFile): StandingWire[] {
  return Object.entries(servers).flatMap(
    ([
      name,
      { controlPlane: { controllerManager, scheduler, kubelet, kubeProxy, etcd } = {} },
    ]): StandingWire[] => [
      ...(etcd ? [{ wire: etcd.wire, from: name, to: etcd.server }] : []),
      ...[controllerManager, scheduler, kubelet, kubeProxy].flatMap((component) =>
        component ? [{ wire: component.wire, from: component.client, to: name }] : [],
      ),
      ...(kubelet
        ? [{ wire: kubelet.reachedOver, from: name, to: kubelet.client, security: 'tls' as const }]
        : []),
    ],
  );
}
