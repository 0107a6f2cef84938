/**
 * Runs a scenario on three hosts: starts them and the router's captures, and at the end compares these with what the taps recorded
 * and judges the claims from the router's bytes. `in-lines.ts` and `stage.ts` run the scenario itself.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { compare, matchConnections } from '../../capture/agreement/agreement.ts';
import { CapturedLink } from '../../capture/agreement/captured-link.ts';
import { eventsFromCapture } from '../../capture/agreement/from-capture.ts';
import { RunEvents } from '../../capture/agreement/run-events.ts';
import { formatAddress } from '../../capture/event.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import { packetBlock } from '../../capture/file/pcapng-blocks.ts';
import type { InterfaceFacts } from '../../capture/file/pcapng-blocks.ts';
import { features } from '../../features/registry.ts';
import type { Plan } from '../../engine/plan.ts';
import type { RunOptions } from '../../engine/run-context.ts';
import { createJudge } from '../../engine/verdict.ts';
import type { Verdict } from '../../engine/verdict.ts';
import type { World } from '../../pki/keystore/world.ts';
import type { RemoteHost } from '../../wire/hosts/remote-host.ts';
import { links, ThreeHosts } from '../../wire/hosts/three-hosts.ts';
import type { WireConditions } from '../../wire/hosts/three-hosts.ts';
import type { Environment } from '../command.ts';
import type { Files } from '../io/outlets.ts';
import { findProgram } from '../io/which.ts';
import { readVersion } from '../places.ts';
import { patientPlan } from './hosts-options.ts';
import type { AskedHosts } from './hosts-options.ts';
import { threeStacks, whoStandsWhere } from './stands.ts';

/** LINKTYPE_ETHERNET. */
const ethernet = 1;

/** The interfaces of a capture file with the router's packets. */
export const routerInterfaces: readonly InterfaceFacts[] = [
  { name: 'cafe', description: 'the router, towards the clients', linkType: ethernet },
  { name: 'data-centre', description: 'the router, towards the servers', linkType: ethernet },
];

export interface HostsOptions {
  readonly asked: AskedHosts;
  readonly plan: Plan;
  readonly environment: Pick<Environment, 'variables' | 'places'>;
  readonly files: Pick<Files, 'packets'>;
}

/** Where `ip` and `tcpdump` are on systems whose users do not have these in PATH. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** How often it is asked whether all has been captured, in milliseconds. */
const askEvery = 20;
/** How long nothing may come before a capture counts as complete, besides what the wires delay. */
const quiet = 60;

/** Hosts for one run. */
export class RunOnHosts {
  /** With the time that the wires need. */
  readonly plan: Plan;
  /** By participant. */
  readonly hosts: ReadonlyMap<string, RemoteHost>;
  readonly three: ThreeHosts;
  readonly #run = new RunEvents();
  readonly #links: readonly CapturedLink[];
  readonly #conditions: WireConditions;
  #stops: (() => Promise<void>)[] = [];
  #lastPacket = performance.now();

  private constructor({ asked, plan, environment, files }: HostsOptions, three: ThreeHosts) {
    const stands = asked.standsOf(plan);
    this.#conditions = asked.conditions;
    this.plan = patientPlan(plan, asked.conditions);
    this.three = three;
    this.hosts = new Map([...stands].map(([name, stand]) => [name, three[stand]]));
    const version = readVersion(environment.places.root);
    this.#links = links.map(
      (_, id) =>
        new CapturedLink({
          version,
          onPacket: ({ microseconds, bytes, start, end }) => {
            this.#lastPacket = performance.now();
            files.packets?.(packetBlock(id, microseconds, bytes.subarray(start, end)), 1);
          },
        }),
    );
  }

  /** @throws UserError where the plan cannot run so, a program is missing, or the system refuses namespaces */
  static async start(options: HostsOptions): Promise<RunOnHosts> {
    const { asked, plan, environment } = options;
    asked.standsOf(plan);
    const { PATH = '' } = environment.variables;
    const variables = { ...environment.variables, PATH: [PATH, ...systemFolders].join(':') };
    const three = await ThreeHosts.start({
      ...asked.conditions,
      variables,
      find: (program) => findProgram(program, variables),
      where: 'wirelab run --hosts',
    });
    const run = new RunOnHosts(options, three);
    try {
      await run.#capture();
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  /** For the run. */
  get options(): Pick<RunOptions, 'hosts' | 'alsoSaid'> {
    const { hosts, plan } = this;
    return {
      hosts,
      alsoSaid: { intro: whoStandsWhere(plan, hosts, this.#conditions), doesNotProve: threeStacks },
    };
  }

  /** Gets every event of the run. */
  readonly fold = (event: CaptureEvent): void => this.#run.fold(event);

  /**
   * The verdict of a run that is over and closed: judged from the router's capture, and failed where that does not agree with the
   * taps.
   */
  async conclude(world: World | undefined): Promise<Verdict> {
    await this.#drain();
    await this.#stop();
    for (const link of this.#links) link.end();
    const { connections } = this.#run;
    const matched = matchConnections(connections, this.#links);
    const packets = this.#links.reduce((sum, link) => sum + link.packets, 0);
    const router = compare(connections, matched, packets);
    const source = eventsFromCapture(this.#run, matched.matches);
    const judge = await createJudge(features, { plan: this.plan, source, ...(world ? { world } : {}) });
    for (const event of source.events) judge.fold(event);
    const verdict = judge.verdict();
    return { ...verdict, status: router.differences.length === 0 ? verdict.status : 'failed', router };
  }

  async close(): Promise<void> {
    await this.#stop().catch(() => {});
    await this.three.close();
  }

  async #capture(): Promise<void> {
    for (const [index, name] of links.entries()) {
      const link = this.#links[index];
      const stop = await this.three.capture(name, (bytes) => link?.read(bytes));
      this.#stops.push(async () => {
        const lost = await stop();
        if (link && lost > 0) link.isComplete = false;
      });
    }
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#stops.splice(0).map(async (stop) => stop()));
  }

  /** Until the end of every connection has been captured, or it takes too long: a wire may have been cut. */
  async #drain(): Promise<void> {
    const { delay = 0, loss = 0 } = this.#conditions;
    const started = performance.now();
    const most = 2000 + 20 * delay + (loss > 0 ? 8000 : 0);
    const isQuiet = (): boolean =>
      performance.now() - Math.max(started, this.#lastPacket) > quiet + 2 * delay;
    while (!(isQuiet() && this.#isComplete()) && performance.now() - started < most) await pause(askEvery);
  }

  #isComplete(): boolean {
    const counts = new Map<string, number>();
    return this.#run.connections.every(({ opened: { transport, from, to } }) => {
      if (transport !== 'tcp') return true;
      const key = `${formatAddress(from)} ${formatAddress(to)}`;
      const index = counts.get(key) ?? 0;
      counts.set(key, index + 1);
      return this.#links.some(({ endings }) => endings.isOver(from, to, index));
    });
  }
}
