/** Wires over which somebody comes to a server all the time, whatever the steps do. */
import type { ScenarioFile } from './scenario.ts';

export interface StandingWire {
  readonly wire: string;
  readonly from: string;
  readonly to: string;
}

export function standingWires({ servers }: ScenarioFile): StandingWire[] {
  return Object.entries(servers).flatMap(([to, { controlPlane }]) => (controlPlane?.controllerManager ? [{ wire: controlPlane.controllerManager.wire, from: controlPlane.controllerManager.client, to }] : []));
}
