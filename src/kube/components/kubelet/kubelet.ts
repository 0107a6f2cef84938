/**
 * Implements a kubelet: obtains its certificate, registers its node, and reports the pods bound to it as running. It
 * runs no containers, and notes this in every such report. `kubelet-node.ts` and `kubelet-pods.ts` build the objects;
 * `kubelet-server.ts` is its server.
 *
 * 1. With a token it requests a certificate and uses that from then on. Before it expires, the kubelet requests another
 *    one with a new key, closes connections with the old one, and opens new ones with the new one. After the
 *    certificate has expired, it uses the token again if it has one.
 * 2. It watches the pods of its node; the API server contacts it only for logs.
 * 3. Its Lease shows that it is alive; its Node's status is written when it has changed, and every five minutes.
 * 4. Its static pods run without the API server; there they have mirrors, which it makes anew where they are deleted.
 * 5. It deletes terminated pods itself, without a grace period, and only the very pod that it terminated (uid).
 */

import { formatAddress } from '../../../capture/event.ts';
import { defined } from '../../../core/defined.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from '../../../capture/event.ts';
import { checkDialer } from '../../../wire/dial.ts';
import type { Identity } from '../../../wire/endpoint.ts';
import { apiClient } from '../api-client.ts';
import type { ApiClient, ClientProof } from '../api-client.ts';
import { signers } from '../../certificates/signer-names.ts';
import { ApiFailure } from '../../objects/objects.ts';
import { ask, failureOf } from '../asking.ts';
import { leafOf, obtainCertificate, rotationTime } from '../certificate-request.ts';
import type { Asked } from '../certificate-request.ts';
import { disconnected, firstPause, keepTrying, keptConnections } from '../informer.ts';
import { KubeletAccess } from './kubelet-access.ts';
import { readPair, writeKubeletConf, writePair, writeServing } from './kubelet-folder.ts';
import type { PairName } from './kubelet-folder.ts';
import { isOutdated, nodeObject, nodeStatus, thisMachine } from './kubelet-node.ts';
import type { NodeFacts } from './kubelet-node.ts';
import { startKubeletServer } from './kubelet-server.ts';
import type { KubeletServer } from './kubelet-server.ts';
import { microTime } from '../leader.ts';
import { metricsText } from './kubelet-metrics.ts';
import { selfSigned } from '../self-signed.ts';
import type { KubeletOptions, KubeletReport } from './kubelet-options.ts';
import { RunningPods } from './running-pods.ts';

const everySeconds = 10_000;
const statusAnyway = 5 * 60_000;
const localhost: Address = { host: '127.0.0.1', port: 0 };

/**
 * Runs until the signal; resolves then.
 * @throws UserError for an identity or a CA that cannot be used, or an address that cannot be listened on; else for a fault of ours alone.
 */
export async function startKubelet(options: KubeletOptions, signal: AbortSignal): Promise<void> {
  const { identity, ...others } = options;
  await checkDialer({ ...options, security: identity ? 'mtls' : 'tls' });
  const kept =
    identity ?? (options.folder === undefined ? undefined : readPair(options.folder, 'kubelet-client'));
  await new Kubelet(others, kept, signal).run();
}

type Given = Omit<KubeletOptions, 'identity'>;

/** A certificate and when it is to be replaced. */
interface Held {
  readonly identity: Identity;
  readonly notAfter: number;
  readonly rotates: number;
}

class Kubelet {
  readonly #options: Given;
  readonly #signal: AbortSignal;
  readonly #client: ApiClient;
  /** For certificates alone. */
  readonly #asking: ApiClient;
  readonly #access: KubeletAccess;
  readonly #pods: RunningPods;
  #held: Held | undefined;
  #heldServing: Held | undefined;
  /** Ends what goes on under one certificate. */
  #round = new AbortController();
  #saidExpired = false;
  #registered = false;
  #statusAt = 0;
  #renewals = 0;

  /** @throws UserError when a CA cannot be read. */
  constructor(options: Given, identity: Identity | undefined, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    const { clock, clientAuthorities, node } = options;
    this.#client = apiClient({
      ...options,
      connections: keptConnections,
      userAgent: 'kubelet',
      proof: async () => Promise.resolve(this.#proof()),
    });
    this.#asking = apiClient({
      ...options,
      userAgent: 'kubelet',
      proof: async () => Promise.resolve(this.#askingProof()),
    });
    this.#access = new KubeletAccess({ clientAuthorities, client: this.#client, node, clock, signal });
    this.#pods = new RunningPods({
      ...options,
      client: this.#client,
      retrying: this.#retrying,
      onReport: (report) => this.#report(report),
    });
    this.#held = identity && this.#hold(identity);
  }

  async run(): Promise<void> {
    const server = await this.#serve();
    try {
      this.#options.onListening?.(server.address);
      await Promise.all([
        this.#live(server.address),
        this.#options.serving === 'requested' ? this.#keepServing(server) : undefined,
      ]);
    } finally {
      this.#pods.end();
      this.#client.close();
      this.#asking.close();
      await server.close();
    }
  }

  #report(report: KubeletReport): void {
    this.#options.onReport?.(report);
  }

  get #retrying(): Pick<Given, 'clock' | 'relist' | 'retry'> & {
    readonly onReport: (report: KubeletReport) => void;
  } {
    const { clock, relist, retry } = this.#options;
    return {
      clock,
      ...defined({ relist, retry }),
      onReport: (report) => this.#report(report),
    };
  }

  // ---- who it is

  #hold(identity: Identity): Held | undefined {
    const leaf = leafOf(identity);
    if (!leaf) return undefined;
    return {
      identity,
      notAfter: leaf.notAfter,
      rotates: rotationTime(leaf, (this.#options.random(1)[0] ?? 0) / 255),
    };
  }

  #isOver(held: Held): boolean {
    return this.#options.clock.now() > held.notAfter;
  }

  /** With its certificate, valid or not: the server decides. Before it has one it sends nothing. */
  #proof(): ClientProof {
    return this.#held ? { identity: this.#held.identity } : {};
  }

  /** Whether it requests its certificate with the token: it has no valid one. */
  get #asksByToken(): boolean {
    return this.#options.bootstrapToken !== undefined && (!this.#held || this.#isOver(this.#held));
  }

  #askingProof(): ClientProof {
    const { bootstrapToken } = this.#options;
    return this.#asksByToken && bootstrapToken !== undefined ? { token: bootstrapToken } : this.#proof();
  }

  /** Whether it should request a certificate now. */
  #isDue(held: Held | undefined): boolean {
    return held === undefined || this.#options.clock.now() >= held.rotates;
  }

  async #renewClient(): Promise<void> {
    const held = this.#held;
    if (held && this.#isOver(held) && this.#options.bootstrapToken === undefined) {
      if (!this.#saidExpired) this.#report({ what: 'expired', notAfter: held.notAfter });
      this.#saidExpired = true;
      return;
    }
    const { node } = this.#options;
    const asked: Asked = {
      signerName: signers.kubeletClient,
      organization: 'system:nodes',
      commonName: `system:node:${node}`,
      usages: ['digital signature', 'client auth'],
    };
    await this.#obtain('client', asked, (renewed) => {
      this.#held = renewed;
      this.#saidExpired = false;
      if (held) this.#renewals++;
      this.#writeConf();
      this.#round.abort();
    });
  }

  /** @param use activates the certificate; reported only then. */
  async #obtain(
    purpose: 'client' | 'serving',
    asked: Asked,
    use: (held: Held) => Promise<void> | void,
  ): Promise<void> {
    const { folder, clock } = this.#options;
    const identity = await obtainCertificate(this.#asking, asked, this.#retrying, this.#signal);
    const held = this.#hold(identity);
    const leaf = leafOf(identity);
    if (!held || !leaf)
      throw new ApiFailure('InternalError', 'the certificate that was issued cannot be read');
    if (folder !== undefined) writePair(folder, pairs[purpose], identity, clock.now());
    await use(held);
    this.#report({
      what: 'certificate',
      purpose,
      subject: leaf.subject.text,
      notAfter: held.notAfter,
      rotates: held.rotates,
    });
  }

  #writeConf(): void {
    const { folder, to, authorities = [], server = `https://${formatAddress(to)}` } = this.#options;
    if (folder !== undefined) writeKubeletConf(folder, server, authorities.join(''));
  }

  // ---- its own server

  async #serve(): Promise<KubeletServer> {
    const {
      serving = 'self-signed',
      node,
      clock,
      random,
      listen = localhost,
      clientAuthorities,
      servingTap,
      folder,
    } = this.#options;
    const given =
      typeof serving === 'object'
        ? serving
        : serving === 'self-signed'
          ? selfSigned(node, clock.now(), random)
          : undefined;
    if (serving === 'self-signed' && given && folder !== undefined) writeServing(folder, given);
    const kept =
      serving === 'requested' && folder !== undefined ? readPair(folder, 'kubelet-server') : undefined;
    this.#heldServing = kept && this.#hold(kept);
    const usable =
      this.#heldServing && !this.#isOver(this.#heldServing) ? this.#heldServing.identity : undefined;
    const identity = given ?? usable;
    const server = await startKubeletServer({
      listen,
      ...defined({ identity }),
      clientAuthorities,
      access: () => this.#access,
      shown: {
        pods: () => this.#pods.list(),
        metrics: () =>
          metricsText({
            node,
            running: this.#pods.count,
            lifetime: (this.#held?.notAfter ?? clock.now()) - clock.now(),
            renewals: this.#renewals,
          }),
        log: (...asked) => this.#pods.log(...asked),
      },
      clock,
      ...defined({ tap: servingTap }),
      onReport: (report) => this.#report(report),
    });
    this.#report({
      what: 'listening',
      address: server.address,
      shows: identity ? (serving === 'self-signed' ? 'self-signed' : 'given') : 'nothing',
    });
    return server;
  }

  async #keepServing(server: KubeletServer): Promise<void> {
    const { node, every = everySeconds } = this.#options;
    const asked: Asked = {
      signerName: signers.kubeletServing,
      organization: 'system:nodes',
      commonName: `system:node:${node}`,
      san: [`DNS:${node}`, `IP:${server.address.host}`],
      usages: ['digital signature', 'server auth'],
    };
    await keepTrying(
      async () => {
        for (;;) {
          // Its client certificate comes first.
          if (this.#held && !this.#isOver(this.#held) && this.#isDue(this.#heldServing)) {
            await this.#obtain('serving', asked, async (held) => {
              await server.show(held.identity);
              this.#heldServing = held;
            });
          }
          await pause(this.#held ? every : Math.min(every, firstPause), undefined, { signal: this.#signal });
        }
      },
      this.#retrying,
      this.#signal,
    );
  }

  // ---- its node

  async #live(serving: Address): Promise<void> {
    const { every = everySeconds, node, labels = {}, machine = thisMachine() } = this.#options;
    const facts: NodeFacts = { name: node, machine, serving, labels };
    const signal = this.#signal;
    // A client certificate comes first: with a bootstrap token, only requesting one is allowed.
    await keepTrying(
      async () => {
        if (!this.#held || this.#asksByToken) await this.#renewClient();
        while (!signal.aborted) await this.#rounds(facts, every);
      },
      this.#retrying,
      signal,
    );
  }

  /** What goes on under one certificate. */
  async #rounds(facts: NodeFacts, every: number): Promise<void> {
    this.#round = new AbortController();
    const until = AbortSignal.any([this.#signal, this.#round.signal]);
    const beats = async (step: () => Promise<void>): Promise<void> => {
      while (!until.aborted) {
        await this.#tried(facts.name, step);
        await pause(every, undefined, { signal: until }).catch(() => {});
      }
    };
    const renew = async (): Promise<void> => (this.#isDue(this.#held) ? this.#renewClient() : undefined);
    // Each by itself: a certificate may be waited for as long as it likes, and the node is alive all the while.
    await Promise.all([
      this.#pods.follow(facts, until),
      beats(async () => this.#tellNode(facts, until)),
      beats(renew),
    ]);
  }

  /** Failures are reported; the next interval retries. */
  async #tried(name: string, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (this.#signal.aborted || this.#round.signal.aborted) return;
      if (error instanceof ApiFailure && [403, 404, 422].includes(error.status.code))
        this.#report({ what: 'refused', name, message: error.message });
      else this.#report(disconnected(error));
    }
  }

  async #tellNode(facts: NodeFacts, until: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const path = `/api/v1/nodes/${facts.name}`;
    if (!this.#registered) {
      const answer = await this.#client.call('POST', '/api/v1/nodes', until, nodeObject(facts, clock.now()));
      if (answer.status !== 201 && answer.status !== 409) throw failureOf(answer);
      this.#statusAt = 0;
    }
    await this.#renewLease(facts.name, until);
    const node = await ask(this.#client, 'GET', path, until);
    this.#pods.mirror(node);
    if (!node) throw new ApiFailure('NotFound', `nodes ${JSON.stringify(facts.name)} not found`);
    const now = clock.now();
    if (isOutdated(node, facts) || now - this.#statusAt >= statusAnyway || now < this.#statusAt) {
      await ask(this.#client, 'PATCH', `${path}/status`, until, { status: nodeStatus(facts, node, now) });
      this.#statusAt = now;
    }
    if (!this.#registered) this.#report({ what: 'registered', node: facts.name });
    this.#registered = true;
  }

  async #renewLease(name: string, until: AbortSignal): Promise<void> {
    const collection = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
    const spec = {
      holderIdentity: name,
      leaseDurationSeconds: 40,
      renewTime: microTime(this.#options.clock.now()),
    };
    const written = await ask(this.#client, 'PATCH', `${collection}/${name}`, until, { spec });
    if (!written)
      await ask(this.#client, 'POST', collection, until, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace: 'kube-node-lease' },
        spec,
      });
  }
}

const pairs: Readonly<Record<'client' | 'serving', PairName>> = {
  client: 'kubelet-client',
  serving: 'kubelet-server',
};
