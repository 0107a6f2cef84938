/**
 * Implements the operations on stored objects, each from the client's object to the stored one: defaults, the rules of
 * the kind, validation, admission, the write. `api.ts` selects the operation.
 *
 * 1. A write is conditional on the version that was read. If the client gave no version it is retried on the newer one;
 *    otherwise the client receives 409: no update is ever lost between two writers.
 * 2. Server-owned fields (uid, times, versions) are never taken from a client.
 * 3. A deleted object with finalizers stays, marked, until the last one is removed; so does a namespace with contents,
 *    and a pod on a node until its kubelet has terminated it (`pod-deletion.ts`).
 */
import {
  freshObject,
  generatedName,
  hasFinalizers,
  markedObject,
  mergedObject,
  namespaces,
  services,
  timestamp,
} from './stored-form.ts';
import { defined } from '../../../core/defined.ts';
import { isDeepStrictEqual } from 'node:util';
import type { Clock, RandomBytes } from '../../../core/clock.ts';
import type { Attributes } from '../attributes.ts';
import type { DeleteOptions } from '../../objects/codec.ts';
import type { ApiHooks, Change, Operation } from '../hooks.ts';
import { withKeys } from '../../objects/json.ts';
import { ApiFailure } from '../../objects/objects.ts';
import type { KubeObject } from '../../objects/objects.ts';
import { apiVersionOf, qualifiedName, resources, storeKey, storePrefix, isVirtual } from '../resources.ts';
import type { ResourceType } from '../resources.ts';
import { emptiedNamespace, isReleased } from '../../objects/namespace-deletion.ts';
import type { Remaining } from '../../objects/namespace-deletion.ts';
import { deletionGrace, isEnding } from '../../objects/pod-deletion.ts';
import { notFound } from '../routes.ts';
import { addressFaults, withClusterAddress } from '../../objects/service-address.ts';
import { StoreConflict } from '../../store/store.ts';
import type { Store, Stored, StoreKey } from '../../store/store.ts';
import { validateCreate, validateUpdate } from '../../objects/validation.ts';
import {
  refuseFaults,
  checkNamespace,
  checkVersion,
  checkPreconditions,
  modified,
  alreadyExists,
} from './conflicts.ts';

export interface RegistryOptions {
  readonly store: Store;
  readonly hooks: ApiHooks;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomBytes;
  /** The CA's certificate (PEM): every namespace receives it, for its workloads. */
  readonly rootCertificate?: string;
}

/** The target of a write, and the user. */
export interface Target {
  readonly type: ResourceType;
  readonly attributes: Extract<Attributes, { resource: string }>;
  readonly namespace: string | undefined;
  /** Everything but the write itself. */
  readonly dryRun: boolean;
  /** Called with a warning for the client. */
  readonly warn?: (text: string) => void;
}

export interface NamedTarget extends Target {
  readonly name: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

/** The number of attempts if others write at the same time. */
const attempts = 20;

/**
 * Namespaces that always exist. The last one, which cannot be deleted, is created after everything else: its presence
 * marks an initialized cluster.
 */
export const systemNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;
const undeletable: readonly string[] = ['default', 'kube-public', 'kube-system'];

export class Registry {
  readonly #options: RegistryOptions;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  get store(): Store {
    return this.#options.store;
  }

  /**
   * Creates the initial objects that are missing; another server on the same store may do so at the same time.
   * @param objects in addition to its namespaces; no admission applies.
   * @param firstObjects the same, but created only in a new store: if deleted later, they stay deleted.
   */
  async begin(objects: readonly KubeObject[] = [], firstObjects: readonly KubeObject[] = []): Promise<void> {
    const [last = ''] = systemNamespaces.slice(-1);
    const marker = storeKey(namespaces, undefined, last);
    const hasBegun = !(await this.store.missing([marker])).has(marker);
    await this.#createMissing([
      ...objects,
      ...(hasBegun ? [] : firstObjects),
      ...systemNamespaces.flatMap((name) => [
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
        ...this.#furniture(name),
      ]),
    ]);
  }

  /** What is there is found out at once. Another user of the store may be faster. */
  async #createMissing(objects: readonly KubeObject[]): Promise<void> {
    const rows = objects.map((object) => {
      const type = resources.find(
        (row) => row.kind === object.kind && apiVersionOf(row) === object.apiVersion,
      );
      if (!type) throw new Error(`no resource ${object.apiVersion} ${object.kind}`);
      return { type, object, key: storeKey(type, object.metadata.namespace, object.metadata.name) };
    });
    const missing = await this.store.missing(rows.map(({ key }) => key));
    for (const { type, object, key } of rows)
      if (missing.has(key))
        await this.store.create(key, freshObject(type, object, this.#options)).catch(ignoreConflict);
  }

  async get({ type, namespace, name }: Pick<NamedTarget, 'type' | 'namespace' | 'name'>): Promise<Stored> {
    const stored = await this.store.get(storeKey(type, namespace, name));
    if (!stored) throw notFound(type, name);
    return stored;
  }

  async has({ type, namespace, name }: Pick<NamedTarget, 'type' | 'namespace' | 'name'>): Promise<boolean> {
    return (await this.store.get(storeKey(type, namespace, name))) !== undefined;
  }

  async create(target: Target, given: KubeObject): Promise<KubeObject> {
    const { type, namespace, dryRun } = target;
    checkNamespace(given, namespace);
    if (given.metadata.resourceVersion)
      throw new ApiFailure('BadRequest', 'resourceVersion should not be set on objects to be created');
    const { name, generateName } = given.metadata;
    for (let attempt = 0; ; attempt++) {
      const generated =
        name === '' && generateName ? generatedName(generateName, this.#options.random) : name;
      const begun = freshObject(
        type,
        withKeys(given, {
          metadata: withKeys(given.metadata, {
            name: generated,
            namespace: type.namespaced ? namespace : given.metadata.namespace,
          }),
        }),
        this.#options,
      );
      const others =
        type === services
          ? (await this.store.list(storePrefix(services))).items.map(({ object }) => object)
          : [];
      const fresh = type === services ? withClusterAddress(begun, others, this.#options.random) : begun;
      const behaviour = this.#options.hooks.behaviours[qualifiedName(type)];
      const completed = (await behaviour?.create?.(this.#change('CREATE', target, fresh))) ?? fresh;
      validateCreate(type, completed);
      if (type === services) refuseFaults(type, generated, addressFaults(completed, others));
      if (type.namespaced) await this.#checkLife(type, generated, namespace ?? '');
      const object = await this.#admitted(this.#change('CREATE', target, completed), target);
      if (dryRun) {
        if (await this.store.get(storeKey(type, namespace, generated))) throw alreadyExists(type, generated);
        return object;
      }
      try {
        const stored = await this.store.create(storeKey(type, namespace, generated), object);
        if (type === namespaces) await this.#createMissing(this.#furniture(generated));
        return stored.object;
      } catch (error) {
        if (!(error instanceof StoreConflict)) throw error;
        if (name === '' && attempt < attempts) continue;
        throw alreadyExists(type, generated);
      }
    }
  }

  /**
   * @param change computes the client's change from the current object; repeated if another writer was faster. An
   * object with a version is written only over that version.
   */
  async update(target: NamedTarget, change: (current: KubeObject) => KubeObject): Promise<KubeObject> {
    const { type, namespace, name, subresource, dryRun } = target;
    const key = storeKey(type, namespace, name);
    for (let attempt = 1; ; attempt++) {
      const current = await this.get(target);
      const given = change(current.object);
      if (given.metadata.name !== '' && given.metadata.name !== name) {
        throw new ApiFailure(
          'BadRequest',
          `the name of the object (${given.metadata.name}) does not match the name on the URL (${name})`,
        );
      }
      checkNamespace(given, namespace);
      checkVersion(type, name, given.metadata, current.object.metadata);
      const begun = mergedObject(type, subresource, given, current.object);
      const others =
        type === services && subresource === ''
          ? (await this.store.list(storePrefix(services))).items
              .filter((one) => one.key !== key)
              .map(({ object }) => object)
          : [];
      const merged =
        type === services && subresource === ''
          ? withClusterAddress(begun, others, this.#options.random)
          : begun;
      const updating = { ...this.#change('UPDATE', target, merged), old: current.object };
      const behaviour = this.#options.hooks.behaviours[qualifiedName(type)]?.update;
      const completed =
        (await (behaviour && Object.hasOwn(behaviour, subresource)
          ? behaviour[subresource]?.(updating)
          : undefined)) ?? merged;
      validateUpdate(type, completed, current.object, subresource);
      if (type === services && subresource === '') refuseFaults(type, name, addressFaults(completed, others));
      const object = await this.#admitted({ ...updating, object: completed }, target);
      // An update without changes is not written, as watches would have nothing to report, unless its stored form is stale.
      if (dryRun || (isDeepStrictEqual(object, current.object) && !current.stale)) return object;
      try {
        const isLast =
          object.metadata.deletionTimestamp !== undefined &&
          !isEnding(object) &&
          !hasFinalizers(type, object);
        const stored = await (isLast
          ? this.store.remove(key, current.revision)
          : this.store.update(key, object, current.revision));
        if (isLast) await this.#afterRemoval(namespace);
        return stored.object;
      } catch (error) {
        if (!(error instanceof StoreConflict)) throw error;
        if (error.kind === 'changed' && attempt < attempts) continue;
        throw error.kind === 'missing' ? notFound(type, name) : modified(type, name);
      }
    }
  }

  /** @returns the last state of the object, or its current state if it stays for now. */
  async remove(
    target: NamedTarget,
    options: DeleteOptions,
  ): Promise<{ readonly object: KubeObject; readonly gone: boolean }> {
    const { type, namespace, name } = target;
    const key = storeKey(type, namespace, name);
    for (let attempt = 1; ; attempt++) {
      const current = await this.get(target);
      checkPreconditions(type, name, options, current.object.metadata);
      if (type === namespaces && undeletable.includes(name)) {
        throw new ApiFailure(
          'Forbidden',
          `namespaces ${JSON.stringify(name)} is forbidden: this namespace may not be deleted`,
          { name, kind: 'namespaces' },
        );
      }
      const dryRun = target.dryRun || options.dryRun;
      await this.#admitted(
        { ...this.#change('DELETE', target, current.object), old: current.object },
        { ...target, dryRun },
      );
      if (dryRun) return { object: current.object, gone: true };
      const grace = deletionGrace(current.object, options.gracePeriod);
      try {
        // The contents of a namespace are deleted first.
        if (type !== namespaces && grace === 0 && !hasFinalizers(type, current.object)) {
          const removed = await this.store.remove(key, current.revision);
          await this.#afterRemoval(namespace);
          return { object: removed.object, gone: true };
        }
        // It is already being deleted, at least as soon.
        if (
          current.object.metadata.deletionTimestamp !== undefined &&
          (current.object.metadata.deletionGracePeriodSeconds ?? 0) <= grace
        )
          return { object: current.object, gone: false };
        const marked = await this.store.update(
          key,
          markedObject(type, current.object, this.#options.clock, grace),
          current.revision,
        );
        if (type === namespaces) await this.#empty(name);
        return { object: marked.object, gone: false };
      } catch (error) {
        if (!(error instanceof StoreConflict)) throw error;
        if (error.kind === 'missing' || attempt >= attempts)
          throw error.kind === 'missing' ? notFound(type, name) : modified(type, name);
      }
    }
  }

  /** What is built in comes first, then the webhooks; these change nothing. */
  async #admitted(change: Change, { type, dryRun, warn = () => {} }: Target): Promise<KubeObject> {
    const { hooks } = this.#options;
    const object = await hooks.admit(change);
    await hooks.askWebhooks?.({ ...change, object }, type, dryRun, warn);
    return object;
  }

  #change(operation: Operation, { attributes }: Target, object: KubeObject): Change {
    return { operation, attributes, object, at: this.#options.clock.now() };
  }

  /** @throws ApiFailure if the namespace does not exist or is being deleted. */
  async #checkLife(type: ResourceType, name: string, namespace: string): Promise<void> {
    const stored = await this.store.get(storeKey(namespaces, undefined, namespace));
    if (!stored) throw notFound(namespaces, namespace);
    if (stored.object.metadata.deletionTimestamp === undefined) return;
    throw new ApiFailure(
      'Forbidden',
      `${qualifiedName(type)} ${JSON.stringify(name)} is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
      {
        name,
        ...defined({ group: type.group || undefined }),
        kind: type.plural,
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      },
    );
  }

  /** Every namespace has a service account for its workloads, and the server's CA certificate. */
  #furniture(namespace: string): KubeObject[] {
    const { rootCertificate } = this.#options;
    const furniture: KubeObject[] = [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } },
    ];
    if (rootCertificate !== undefined)
      furniture.push({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'kube-root-ca.crt', namespace },
        data: { 'ca.crt': rootCertificate },
      });
    return furniture;
  }

  async #afterRemoval(namespace: string | undefined): Promise<void> {
    if (namespace === undefined) return;
    const stored = await this.store.get(storeKey(namespaces, undefined, namespace));
    if (stored?.object.metadata.deletionTimestamp !== undefined) await this.#empty(namespace);
  }

  /** Deletes the contents of a namespace that is being deleted, and then the namespace; objects with finalizers keep both. */
  async #empty(namespace: string): Promise<void> {
    const remaining: Remaining[] = [];
    for (const type of resources.filter((row) => row.namespaced && !isVirtual(row))) {
      const { items } = await this.store.list(storePrefix(type, namespace));
      for (const { key, object, revision } of items) {
        if (!hasFinalizers(type, object)) await this.store.remove(key).catch(ignoreConflict);
        else {
          remaining.push({ type, finalizers: object.metadata.finalizers ?? [] });
          if (object.metadata.deletionTimestamp === undefined)
            await this.store
              .update(key, markedObject(type, object, this.#options.clock), revision)
              .catch(ignoreConflict);
        }
      }
    }
    await this.#release(storeKey(namespaces, undefined, namespace), remaining);
  }

  /** Removes the kubernetes finalizer of a namespace, and the namespace if there is no other finalizer. */
  async #release(key: StoreKey, remaining: readonly Remaining[]): Promise<void> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const current = await this.store.get(key);
      if (!current) return;
      const emptied = emptiedNamespace(current.object, remaining, timestamp(this.#options.clock));
      try {
        if (isReleased(emptied)) await this.store.remove(key, current.revision);
        else if (!isDeepStrictEqual(emptied, current.object))
          await this.store.update(key, emptied, current.revision);
        return;
      } catch (error) {
        // Another writer has changed it, or it is gone.
        ignoreConflict(error);
      }
    }
  }
}

function ignoreConflict(error: unknown): void {
  if (!(error instanceof StoreConflict)) throw error;
}
