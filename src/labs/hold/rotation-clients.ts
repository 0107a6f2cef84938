/**
 * The clients that use a lab's API server all the time while its CA is replaced: programs with a kubeconfig of the learner's
 * folder, and one in a pod, which trusts what the controller manager has published and shows a token. What becomes of them is
 * reported where it changes; a check asks for their state (`checks/rotation-claims.ts`).
 *
 * 1. Each works with a copy, and takes over what it finds changed only after it was served, or turned away, with the copy that it
 *    has: whoever changes both sides at once is seen, as in a cluster, where files reach many machines one after the other.
 * 2. Copies outlive the lab's end: nothing is hidden by changing files while it is down. A cluster that begins anew begins with
 *    the first day's copies.
 * 3. To be turned away is a matter of certificates: the client does not believe the server, or the server does not know the client
 *    (401). A server that is being restarted turns nobody away.
 * 4. Each request has a connection of its own: no connection outlives what it was made with.
 */
import { X509Certificate } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { defined } from '../../core/defined.ts';
import type { Clock } from '../../core/clock.ts';
import { listAt, parseJson, textAt } from '../../kube/objects/json.ts';
import { apiClient } from '../../kube/components/api-client.ts';
import { storePrefix } from '../../kube/apiserver/resources.ts';
import { defaultIssuer, prepareSigner } from '../../kube/authn/service-account-tokens.ts';
import type { Store } from '../../kube/store/store.ts';
import type { Identity, World } from '../../pki/keystore/world.ts';
import { UserError } from '../../i18n/user-error.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { BrokenAnswer, Unreachable } from '../../wire/http/client.ts';
import { serviceAccountFiles } from '../../pki/kubeadm/certificates.ts';
import type { TasksFile } from '../lab.ts';
import { FileError } from '../own-files.ts';
import { kubeconfigIn, textIn } from './control-plane-files.ts';

type Facts = NonNullable<NonNullable<TasksFile['controlPlane']>['rotation']>;

/** What a client works with. */
interface Copy {
  /** PEM: whom it believes. */
  readonly authority: string;
  /** What it shows; a pod has a token instead. */
  readonly identity?: Identity;
}

/** The client did not believe the server, or the server did not know it. */
export interface TurnedAway {
  /** ISO 8601. */
  readonly at: string;
  readonly by: 'client' | 'server';
  /** Why the client refused the server, as in `RefusalReason`. */
  readonly reason?: string;
}

export interface ClientState {
  readonly client: string;
  /** PEM. */
  readonly authority: string;
  readonly certificate?: string;
  /** Whether its last request was answered; false until there was one. */
  readonly served: boolean;
  /** The first time. */
  readonly turnedAway?: TurnedAway;
}

export type ClientNews = { readonly client: string } & (
  | { readonly state: 'served' }
  /** It works with other files now. */
  | { readonly state: 'took_over'; readonly trusts: number; readonly shows: 'old' | 'new' | 'token' }
  | ({ readonly state: 'turned_away' } & Omit<TurnedAway, 'at'>)
);

/** Milliseconds between two requests of a client, and for one of them. */
const betweenMs = 250;
const answerMs = 8000;
/** The User-Agent of their requests. */
export const clientsAgent = 'wirelab-lab-client';
const host = '127.0.0.1';
const namespace = 'default';

export interface RotationOptions {
  readonly folder: string;
  readonly world: World;
  readonly clock: Clock;
  readonly store: Store;
  readonly port: () => number;
  /** What was kept of them when the lab ran before. */
  readonly kept: string | undefined;
  readonly onKeep: (kept: string) => void;
  readonly onNews: (news: ClientNews) => void;
}

export class RotationClients {
  readonly #clients: readonly RotationClient[];
  readonly #ending = new AbortController();
  readonly #running: Promise<unknown>;

  /** @param fail called with an error that no file explains. */
  static begin(facts: Facts, options: RotationOptions, fail: (error: unknown) => void): RotationClients {
    return new RotationClients(facts, options, fail);
  }

  private constructor({ clients, pod }: Facts, options: RotationOptions, fail: (error: unknown) => void) {
    const { world, folder, kept, onKeep } = options;
    const before = keptIn(kept);
    const keep = (): void => onKeep(JSON.stringify(this.#clients.map((one) => one.kept)));
    const first = world.authority('ca');
    this.#clients = [
      ...Object.entries(clients).map(
        ([name, { file, row }]) =>
          new RotationClient(
            name,
            before.get(name) ?? { copy: { authority: first, identity: world.identity(row) } },
            options,
            { present: async () => Promise.resolve(copyIn(folder, file)), keep },
          ),
      ),
      new RotationClient(pod, before.get(pod) ?? { copy: { authority: first } }, options, {
        present: async () => publishedIn(options.store),
        token: async () => tokenFor(options),
        keep,
      }),
    ];
    this.#running = Promise.all(this.#clients.map(async (one) => one.run(this.#ending.signal))).catch(fail);
  }

  get states(): readonly ClientState[] {
    return this.#clients.map(({ state }) => state);
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }
}

interface Kept {
  readonly copy: Copy;
  readonly turnedAway?: TurnedAway;
}

interface Sources {
  /** What it would work with if it looked now; undefined while that cannot be used. */
  readonly present: () => Promise<Copy | undefined>;
  readonly token?: () => Promise<string | undefined>;
  readonly keep: () => void;
}

class RotationClient {
  readonly #name: string;
  readonly #options: RotationOptions;
  readonly #sources: Sources;
  #copy: Copy;
  #turnedAway: TurnedAway | undefined;
  #isServed = false;
  #lastNews = '';

  constructor(name: string, { copy, turnedAway }: Kept, options: RotationOptions, sources: Sources) {
    this.#name = name;
    this.#copy = copy;
    this.#turnedAway = turnedAway;
    this.#options = options;
    this.#sources = sources;
  }

  get state(): ClientState {
    const { authority, identity } = this.#copy;
    return defined({
      client: this.#name,
      authority,
      certificate: identity?.certificate,
      served: this.#isServed,
      turnedAway: this.#turnedAway,
    });
  }

  get kept(): { readonly client: string } & Kept {
    return defined({ client: this.#name, copy: this.#copy, turnedAway: this.#turnedAway });
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const noted = await this.#sources.present();
      const came = await this.#visit(signal);
      if (signal.aborted) return;
      if (came !== 'unreachable') {
        this.#account(came);
        if (noted && !isSame(noted, this.#copy)) this.#takeOver(noted);
      }
      await pause(betweenMs, undefined, { signal }).catch(() => {});
    }
  }

  async #visit(signal: AbortSignal): Promise<'unreachable' | 'served' | Omit<TurnedAway, 'at'>> {
    const { clock, port } = this.#options;
    const { authority, identity } = this.#copy;
    const token = await this.#sources.token?.();
    if (port() === 0 || (this.#sources.token && token === undefined)) return 'unreachable';
    const client = apiClient({
      to: { host, port: port() },
      authorities: [authority],
      ...defined({ identity, token }),
      clock,
      timeout: answerMs,
      userAgent: clientsAgent,
    });
    try {
      const { status } = await client.call('GET', '/version', signal);
      return status === 401 ? { by: 'server' } : 'served';
    } catch (error) {
      if (error instanceof Unreachable)
        return error.failure.by === 'client' &&
          error.failure.presented !== undefined &&
          error.failure.reason !== 'bad_record'
          ? { by: 'client', reason: error.failure.reason }
          : 'unreachable';
      if (
        signal.aborted ||
        error instanceof BrokenAnswer ||
        typeof (error as NodeJS.ErrnoException).code === 'string'
      )
        return 'unreachable';
      throw error;
    } finally {
      client.close();
    }
  }

  #account(came: 'served' | Omit<TurnedAway, 'at'>): void {
    const { clock } = this.#options;
    this.#isServed = came === 'served';
    if (came === 'served') return this.#tell({ client: this.#name, state: 'served' });
    if (!this.#turnedAway) {
      this.#turnedAway = { at: new Date(clock.now()).toISOString(), ...came };
      this.#sources.keep();
    }
    this.#tell({ client: this.#name, state: 'turned_away', ...came });
  }

  #takeOver(noted: Copy): void {
    this.#copy = noted;
    this.#sources.keep();
    this.#tell({
      client: this.#name,
      state: 'took_over',
      trusts: pemCertificates(noted.authority).length,
      shows: this.#shows(noted),
    });
  }

  #shows({ identity }: Copy): 'old' | 'new' | 'token' {
    if (!identity) return 'token';
    return isOf(identity.certificate, this.#options.world.authority('ca')) ? 'old' : 'new';
  }

  /** Only what is new; to be served is news after having been turned away. */
  #tell(news: ClientNews): void {
    const now = JSON.stringify(news);
    const isNews =
      now !== this.#lastNews && (news.state !== 'served' || this.#lastNews.includes('turned_away'));
    this.#lastNews = now;
    if (isNews) this.#options.onNews(news);
  }
}

/** Whether the first of some certificates was signed by the first of others; both PEM. */
export function isOf(certificate: string, authority: string): boolean {
  const [[der], [issuer]] = [pemCertificates(certificate), pemCertificates(authority)];
  if (!der || !issuer) return false;
  try {
    return new X509Certificate(der).verify(new X509Certificate(issuer).publicKey);
  } catch {
    return false;
  }
}

const isSame = (one: Copy, other: Copy): boolean =>
  one.authority === other.authority &&
  one.identity?.certificate === other.identity?.certificate &&
  one.identity?.key === other.identity?.key;

/** What a kubeconfig says now; undefined while kubectl could not verify or prove anything with it. */
function copyIn(folder: string, file: string): Copy | undefined {
  try {
    const { authority, identity, insecure } = kubeconfigIn(folder, file);
    if (insecure || authority === undefined || !identity || pemCertificates(authority).length === 0)
      return undefined;
    return { authority, identity };
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

const keyOf = (plural: string, name: string): string =>
  `${storePrefix({ group: '', plural }, namespace)}${name}`;

/** In the store, what its kubelet mounts into a pod. */
export const publishedKey = keyOf('configmaps', 'kube-root-ca.crt');

async function publishedIn(store: Store): Promise<Copy | undefined> {
  const stored = await store.get(publishedKey);
  const authority = textAt(stored?.object, 'data', 'ca.crt');
  return pemCertificates(authority).length === 0 ? undefined : { authority };
}

/** A fresh token of the pod's account, as its kubelet asks for one. */
async function tokenFor({ folder, store, clock }: RotationOptions): Promise<string | undefined> {
  const account = (await store.get(keyOf('serviceaccounts', 'default')))?.object;
  if (!account) return undefined;
  const now = Math.floor(clock.now() / 1000);
  try {
    return prepareSigner(
      textIn(folder, serviceAccountFiles.key),
      defaultIssuer,
    )({
      namespace,
      account: { name: 'default', uid: account.metadata.uid ?? '' },
      audiences: [defaultIssuer],
      issuedAt: now,
      expiresAt: now + tokenSeconds,
      id: `wirelab-lab-${now}`,
    });
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

const tokenSeconds = 3600;

/** By client; what cannot be read is as on the first day. */
function keptIn(kept: string | undefined): ReadonlyMap<string, Kept> {
  const found = new Map<string, Kept>();
  if (kept === undefined) return found;
  try {
    for (const one of listAt({ kept: parseJson(kept) }, 'kept')) {
      const [certificate, key] = ['certificate', 'key'].map((part) => textAt(one, 'copy', 'identity', part));
      const by = textAt(one, 'turnedAway', 'by');
      const reason = textAt(one, 'turnedAway', 'reason');
      found.set(textAt(one, 'client'), {
        copy: {
          authority: textAt(one, 'copy', 'authority'),
          ...(certificate && key ? { identity: { certificate, key } } : {}),
        },
        ...(by === 'client' || by === 'server'
          ? {
              turnedAway: {
                at: textAt(one, 'turnedAway', 'at'),
                by,
                ...(reason === '' ? {} : { reason }),
              },
            }
          : {}),
      });
    }
  } catch {
    found.clear();
  }
  return found;
}
