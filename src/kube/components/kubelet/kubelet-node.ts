/**
 * Builds the Node object of a kubelet. Pure. It reports the real machine, and that no containers run on it.
 */
import type { Dictionary } from '../../../core/dictionary.ts';
import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import type { Address } from '../../../capture/event.ts';
import { isoTime } from '../../../protocols/x509/certificate.ts';
import { listAt, textAt } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/objects.ts';

/** The Kubernetes version whose kubelet this one is like, and whose it is. */
export const kubeletVersion = 'v1.32.3+wirelab';

export const noContainers = 'wirelab runs no containers: what this kubelet says of them is only said';

export interface Machine {
  readonly hostname: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly kernel: string;
  /** As Go names them: `linux`, `amd64`. */
  readonly system: string;
  readonly architecture: string;
}

const architectures: Dictionary<string> = { x64: 'amd64', ia32: '386' };
const systems: Dictionary<string> = { win32: 'windows' };

export function thisMachine(): Machine {
  return {
    hostname: hostname(),
    cpus: cpus().length,
    memory: totalmem(),
    kernel: release(),
    system: systems[platform()] ?? platform(),
    architecture: architectures[arch()] ?? arch(),
  };
}

export interface NodeFacts {
  readonly name: string;
  readonly machine: Machine;
  /** Where its own server listens. */
  readonly serving: Address;
  readonly labels: Dictionary<string>;
}

/** @param at milliseconds since the epoch. */
export function nodeObject(facts: NodeFacts, at: number): KubeObject {
  const { name, machine, labels } = facts;
  const own = {
    'beta.kubernetes.io/arch': machine.architecture,
    'beta.kubernetes.io/os': machine.system,
    'kubernetes.io/arch': machine.architecture,
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': machine.system,
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { ...own, ...labels } },
    spec: {},
    status: nodeStatus(facts, undefined, at),
  };
}

const conditions = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', `kubelet is posting ready status (${noContainers})`],
] as const;

/** @param before the node as it is: a condition keeps the time since which it has been so. */
export function nodeStatus(
  { name, machine, serving }: NodeFacts,
  before: KubeObject | undefined,
  at: number,
): Dictionary<unknown> {
  const { system, architecture, kernel, memory } = machine;
  const capacity = { cpu: String(machine.cpus), memory: `${Math.floor(memory / 1024)}Ki`, pods: '110' };
  const time = isoTime(at);
  const old = listAt(before, 'status', 'conditions');
  return {
    addresses: [
      { type: 'InternalIP', address: serving.host },
      { type: 'Hostname', address: name },
    ],
    capacity,
    allocatable: capacity,
    conditions: conditions.map(([type, status, reason, message]) => {
      const same = old.find((one) => textAt(one, 'type') === type && textAt(one, 'status') === status);
      return {
        type,
        status,
        reason,
        message,
        lastHeartbeatTime: time,
        lastTransitionTime: textAt(same, 'lastTransitionTime') || time,
      };
    }),
    daemonEndpoints: { kubeletEndpoint: { Port: serving.port } },
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kernelVersion: kernel,
      osImage: 'wirelab (runs no containers)',
      containerRuntimeVersion: 'none://',
      kubeletVersion,
      kubeProxyVersion: '',
      operatingSystem: system,
      architecture,
    },
  };
}

/** Whether the node says something else than it should: its status is written then, and else only from time to time. */
export function isOutdated(node: KubeObject, facts: NodeFacts): boolean {
  const wrong = conditions.some(
    ([type, status]) =>
      textAt(
        listAt(node, 'status', 'conditions').find((one) => textAt(one, 'type') === type),
        'status',
      ) !== status,
  );
  const port = Number(
    (node['status'] as { daemonEndpoints?: { kubeletEndpoint?: { Port?: unknown } } } | undefined)
      ?.daemonEndpoints?.kubeletEndpoint?.Port,
  );
  const address = listAt(node, 'status', 'addresses').find((one) => textAt(one, 'type') === 'InternalIP');
  return wrong || port !== facts.serving.port || textAt(address, 'address') !== facts.serving.host;
}
