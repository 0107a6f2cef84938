/** The wires of control plane components to the API server, and those behind it. */
import type { ScenarioFile } from '../../engine/scenario.ts';
import type { StandingWire } from '../../engine/standing-wires.ts';

export function componentWires({ servers }: ScenarioFile): StandingWire[] {
  return Object.entries(servers).flatMap(
    ([
      name,
      { controlPlane: { controllerManager, scheduler, kubelet, kubeProxy, etcd } = {} },
    ]): StandingWire[] => [
      ...(etcd ? [{ wire: etcd.wire, from: name, to: etcd.server }] : []),
      ...[controllerManager, scheduler, kubelet, kubeProxy].flatMap((component) =>
        component ? [{ wire: component.wire, from: component.client, to: name }] : [],
      ),
      // A kubelet requests a client certificate without requiring one, as an API server does.
      ...(kubelet
        ? [{ wire: kubelet.reachedOver, from: name, to: kubelet.client, security: 'tls' as const }]
        : []),
    ],
  );
}
