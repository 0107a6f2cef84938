/** At which ports a lab's listeners are: the same ones each time, or free ones beside these. */
import type { Dictionary } from '../../core/dictionary.ts';
import type { Plan } from '../../engine/plan.ts';

/** The plan with the previous ports, unless the file fixes them. */
export function atPorts(plan: Plan, ports: Dictionary<number>): Plan {
  const at = <Participant extends { readonly name: string; readonly port?: number | undefined }>(
    participant: Participant,
  ): Participant => {
    const port = participant.port ?? ports[participant.name];
    return port === undefined ? participant : { ...participant, port };
  };
  return { ...plan, servers: plan.servers.map(at), proxies: plan.proxies.map(at) };
}

/** The plan at free ports, whatever the file says: a running lab listens on those. */
export function atFreePorts(plan: Plan): Plan {
  return {
    ...plan,
    servers: plan.servers.map((server) => ({ ...server, port: undefined })),
    proxies: plan.proxies.map((proxy) => ({ ...proxy, port: undefined })),
  };
}
