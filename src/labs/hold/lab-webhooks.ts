/**
 * Runs the admission webhooks of a lab's cluster, each with the certificate and the key in the learner's folder, behind a Service
 * of the cluster. `checks/webhook-claims.ts` judges them.
 *
 * 1. The files are looked at, not watched: a changed pair is presented from the next handshake on.
 * 2. With files that cannot be used nothing listens, as if the program had ended; it is tried again when they change.
 * 3. Each has the same port after a restart, if that is free.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Dictionary } from '../../core/dictionary.ts';
import type { Address } from '../../capture/event.ts';
import type { ServiceBackends } from '../../kube/admission/service-resolver.ts';
import { startWebhookServer } from '../../kube/admission/webhook-server.ts';
import type { WebhookServer } from '../../kube/admission/webhook-server.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import type { TasksFile } from '../lab.ts';
import { withOwnFiles } from '../own-files.ts';
import type { HoldOptions } from './holding.ts';

type Facts = NonNullable<NonNullable<TasksFile['cluster']>['webhooks']>;

/** Milliseconds between two looks at the files. */
const lookMs = 100;
const host = '127.0.0.1';

interface Running {
  readonly facts: Facts[string];
  /** Of its files, when they were read. */
  stamp: string | undefined;
  server: WebhookServer | undefined;
  /** 0 until it has listened. */
  port: number;
}

export class LabWebhooks {
  readonly #options: HoldOptions;
  readonly #running: ReadonlyMap<string, Running>;
  readonly #look: NodeJS.Timeout;
  #turn: Promise<void> = Promise.resolve();
  #isEnding = false;

  /** @param ports those of an earlier start. @param fail called with an error that is no user's. */
  static async start(
    options: HoldOptions,
    facts: Facts,
    ports: Dictionary<number>,
    fail: (error: unknown) => void,
  ): Promise<LabWebhooks> {
    const webhooks = new LabWebhooks(options, facts, ports, fail);
    await webhooks.#lookAtAll();
    return webhooks;
  }

  private constructor(
    options: HoldOptions,
    facts: Facts,
    ports: Dictionary<number>,
    fail: (error: unknown) => void,
  ) {
    this.#options = options;
    this.#running = new Map(
      Object.entries(facts).map(([name, one]) => [
        name,
        { facts: one, stamp: undefined, server: undefined, port: ports[name] ?? 0 },
      ]),
    );
    this.#look = setInterval(() => {
      this.#turn = this.#turn.then(async () => this.#lookAtAll()).catch(fail);
    }, lookMs);
  }

  /** Where each listens, or would listen. */
  get ports(): Dictionary<number> {
    return Object.fromEntries(Array.from(this.#running, ([name, { port }]) => [name, port]));
  }

  /** What stands behind the Services. */
  readonly backends: ServiceBackends = (namespace, service): Address | undefined => {
    const found = [...this.#running.values()].find((one) => one.facts.service === `${namespace}/${service}`);
    return found?.server?.address;
  };

  async end(): Promise<void> {
    this.#isEnding = true;
    clearInterval(this.#look);
    await this.#turn;
    for (const { server } of this.#running.values()) await server?.close();
  }

  async #lookAtAll(): Promise<void> {
    for (const [name, one] of this.#running) if (!this.#isEnding) await this.#lookAt(name, one);
  }

  async #lookAt(name: string, one: Running): Promise<void> {
    const { onEvent, clock } = this.#options;
    const stamp = this.#stampOf(name);
    if (stamp === one.stamp) return;
    one.stamp = stamp;
    try {
      const identity = this.#identityOf(name);
      if (one.server) one.server.renew(identity);
      else {
        one.server = await this.#listen(one, { identity, clock, requires: one.facts.requires });
        one.port = one.server.address.port;
      }
      onEvent({ kind: 'webhook-server', server: name, state: 'started' });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      await one.server?.close();
      one.server = undefined;
      onEvent({ kind: 'webhook-server', server: name, state: 'failed', mistake: error.facts });
    }
  }

  /** Another program may use the port by now. */
  async #listen(
    { port }: Running,
    options: Omit<Parameters<typeof startWebhookServer>[0], 'listen'>,
  ): Promise<WebhookServer> {
    const at = async (own: number): Promise<WebhookServer> =>
      startWebhookServer({ ...options, listen: { host, port: own } });
    return port === 0 ? at(0) : at(port).catch(async () => at(0));
  }

  /** @throws FileError */
  #identityOf(name: string): Identity {
    const { world, lab, folder } = this.#options;
    return withOwnFiles(world, { shown: new Set([name]), trusted: new Set() }, lab, folder).identity(name);
  }

  /** Changes whenever one of the files is written, replaced or removed. */
  #stampOf(name: string): string {
    const { lab, folder } = this.#options;
    const { certificate = `${name}.crt`, key = `${name}.key` } = lab.tasks.yours?.[name] ?? {};
    return [certificate, key]
      .map((file) => {
        try {
          const found = statSync(join(folder, file), { throwIfNoEntry: false });
          return found ? `${found.ino} ${found.size} ${found.ctimeMs}` : '-';
        } catch {
          return '-';
        }
      })
      .join(' ');
  }
}
