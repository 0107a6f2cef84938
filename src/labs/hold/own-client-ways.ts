/**
 * The ways to try the learner's own program by hand while a lab is up: a command for each site, in the place of other programs,
 * and a relay for each pair of sites between which a check would switch. `checks/check-client.ts` judges the program.
 */
import type { Address } from '../../capture/event.ts';
import type { RandomBytes } from '../../core/clock.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import type { Plan } from '../../engine/plan.ts';
import { openSwitchingRelay } from '../checks/switching-relay.ts';
import type { SwitchingRelay } from '../checks/switching-relay.ts';
import type { CompiledLab, TaskFile } from '../lab.ts';

type Relayed = NonNullable<NonNullable<TaskFile['ownClient']>['relayed']>[number];

/** How long nobody may come to a relay, in milliseconds, until it takes the next connection for a first one. */
const startsOverMs = 1500;

const nameOf = ({ first, next }: Relayed): string => `${first}-then-${next}`;

export class OwnClientWays {
  readonly #lab: CompiledLab;
  readonly #relayed: readonly Relayed[];
  readonly #plan: Plan;
  readonly #ports: Map<string, number>;

  /**
   * @param tasks those that are up.
   * @param ports of the listeners, by wire; those of the relays are added, by their names.
   */
  constructor(lab: CompiledLab, tasks: readonly string[], plan: Plan, ports: Map<string, number>) {
    this.#lab = lab;
    this.#plan = plan;
    this.#ports = ports;
    const all = new Map(
      lab.tasks.tasks
        .filter(({ id }) => tasks.includes(id))
        .flatMap(({ ownClient }) => ownClient?.relayed ?? [])
        .map((one) => [nameOf(one), one] as const),
    );
    this.#relayed = [...all.values()];
  }

  /** Each passes on one, two or three connections to its first site. */
  async openRelays(random: RandomBytes): Promise<SwitchingRelay[]> {
    const relays: SwitchingRelay[] = [];
    for (const one of this.#relayed) {
      const [first, next] = [this.#addressOf(one.first), this.#addressOf(one.next)];
      if (!first || !next) continue;
      const relay = await openSwitchingRelay(first, next, {
        port: this.#ports.get(nameOf(one)),
        startsOverMs,
        passes: () => 1 + ((random(1)[0] ?? 0) % 3),
      });
      this.#ports.set(nameOf(one), relay.address.port);
      relays.push(relay);
    }
    return relays;
  }

  /** @param others the commands for other programs: what asks a resolver stays. */
  ways(others: readonly ManualCommand[]): ManualCommand[] {
    const own = others.flatMap((way): ManualCommand[] => {
      const port = this.#ports.get(way.hop);
      if (way.curl === undefined || port === undefined) return [way];
      const { hop, to, client } = way;
      return [{ hop, to, client, own: this.#commandAt(port) }];
    });
    const relays = this.#relayed.flatMap((one): ManualCommand[] => {
      const port = this.#ports.get(nameOf(one));
      const way = own.find(({ hop }) => hop === this.#wireOf(one.first));
      return port === undefined || !way
        ? []
        : [{ hop: way.hop, to: nameOf(one), client: way.client, own: this.#commandAt(port) }];
    });
    return [...own, ...relays];
  }

  #commandAt(port: number): string {
    const { file = '', practice } = this.#lab.tasks.ownClient ?? {};
    return `sh ${file} 127.0.0.1 ${port}${practice === undefined ? '' : ` < ${practice}`}`;
  }

  /** The last wire of a step. */
  #wireOf(id: string): string | undefined {
    return this.#plan.steps.find((step) => step.id === id)?.entryPoints.at(-1)?.wire;
  }

  #addressOf(id: string): Address | undefined {
    const port = this.#ports.get(this.#wireOf(id) ?? '');
    return port === undefined ? undefined : { host: '127.0.0.1', port };
  }
}
