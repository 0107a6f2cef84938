/**
 * Where objects are in etcd: under the keys of kube-apiserver 1.32 (k8s.io/kubernetes, default_storage_factory_builder.go,
 * and pkg/registry), so that `etcdctl get /registry/secrets/default/db` finds its object. A resource's prefix is its plural
 * without the group; `special` lists the exceptions. Within the API server a key names the group as well (`StoreKey`).
 */
import type { Dictionary } from '../../../core/dictionary.ts';
import { isVirtual, qualifiedName, resources, storePrefix } from '../../apiserver/resources.ts';
import type { ResourceType } from '../../apiserver/resources.ts';
import type { StoreKey } from '../../store/store.ts';

/** SpecialDefaultResourcePrefixes: names from before version 1 of the API. */
const special: Dictionary<string> = {
  nodes: 'minions',
  services: 'services/specs',
  endpoints: 'services/endpoints',
};

/** The prefix of every key in an API server, and of its keys in etcd by default (--etcd-prefix). */
const registry = '/registry/';

type Row = Pick<ResourceType, 'group' | 'plural' | 'kind'>;

export interface StoragePrefix {
  readonly row: Row;
  /** `/registry/core/services/` */
  readonly inServer: string;
  /** `services/specs/`, behind the root. */
  readonly inEtcd: string;
}

/** `services/specs` for services. */
export function storageName(row: Pick<Row, 'group' | 'plural'>): string {
  return (Object.hasOwn(special, qualifiedName(row)) ? special[qualifiedName(row)] : undefined) ?? row.plural;
}

/** One for each resource that is stored. */
export const storagePrefixes: readonly StoragePrefix[] = resources
  .filter((row) => !isVirtual(row))
  .map((row) => ({ row, inServer: storePrefix(row), inEtcd: `${storageName(row)}/` }));

/** The keys of one API server in its etcd. */
export class StorageKeys {
  /** `/registry/` */
  readonly root: string;

  /** @param prefix without a slash at its end. */
  constructor(prefix = '/registry') {
    this.root = `${prefix}/`;
  }

  /** The key in etcd of an object, or of all that begin with a prefix of one resource. */
  place(key: StoreKey): string {
    if (!key.startsWith(registry)) throw new Error(`${key} lies outside of ${registry}`);
    const found = prefixOf(key);
    return this.root + (found ? found.inEtcd + key.slice(found.inServer.length) : key.slice(registry.length));
  }

  /** The prefixes in etcd of everything under a prefix: those of a whole group are several. */
  places(prefix: string): readonly string[] {
    const within =
      prefix === registry ? [] : storagePrefixes.filter((one) => one.inServer.startsWith(prefix));
    return within.length > 0 ? within.map(({ inEtcd }) => this.root + inEtcd) : [this.place(prefix)];
  }

  /** The key of what is at a place; undefined where the API server does not look. */
  keyAt(place: Uint8Array): StoreKey | undefined {
    const rest = Buffer.from(place.buffer, place.byteOffset, place.byteLength)
      .toString()
      .slice(this.root.length);
    const found = storagePrefixes.find(({ inEtcd }) => rest.startsWith(inEtcd));
    if (found) return found.inServer + rest.slice(found.inEtcd.length);
    const key = registry + rest;
    return prefixOf(key) ? undefined : key;
  }
}

/** The resource that a key belongs to; undefined for one that no resource has. */
export function prefixOf(key: StoreKey): StoragePrefix | undefined {
  return storagePrefixes.find(({ inServer }) => key.startsWith(inServer));
}
