/**
 * Stores the objects of a lab's cluster: in memory while the lab runs, and in a file for restarts. The API server interprets
 * them.
 *
 * 1. The file is written as a whole to a temporary file, and renamed: there is always a complete one.
 * 2. A missing file was removed by a reset, and is not written again.
 * 3. A copy of the objects that the cluster began with is kept with them: from it those of one task are put back.
 * 4. The fingerprints of issued certificates are kept longer than the requests, which are deleted after an hour. Only the
 *    lab's own signer reports what was issued: an administrator may write anything into the status of a request.
 */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { sha256Hex } from '../../core/sha256.ts';
import { UserError } from '../../i18n/user-error.ts';
import { readText } from '../../i18n/read-file.ts';
import { isJsonObject, listAt, parseJson, textAt, valueAt } from '../../kube/objects/json.ts';
import { MemoryStore } from '../../kube/store/memory-store.ts';
import { StoreConflict } from '../../kube/store/store.ts';
import type { Store } from '../../kube/store/store.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import type { ObjectReset, StoredObject } from '../task-objects.ts';

/** The most bytes of all objects; a new lab has some fifty thousand. */
const quotaBytes = 8 * 1024 * 1024;
const root = '/registry/';
const requests = `${root}certificates.k8s.io/certificatesigningrequests/`;
/** Milliseconds in which several changes are written as one. */
const togetherMs = 50;

interface Kept {
  readonly objects: readonly StoredObject[];
  /** Those that the cluster began with; undefined where an older wirelab began it. */
  readonly first?: readonly StoredObject[];
  /** SHA-256 of certificates, hex. */
  readonly issued: readonly string[];
  /** Of the clients that use it all the time, as `rotation-clients.ts` has it. */
  readonly clients?: string;
}

export class ClusterStore {
  readonly store: Store = new MemoryStore({ quotaBytes, historyBytes: quotaBytes });
  readonly isNew: boolean;
  readonly #path: string;
  readonly #issued: Set<string>;
  #timer: NodeJS.Timeout | undefined;
  #unwatch: () => void = () => {};
  #onFault: ((fault: unknown) => void) | undefined;
  #first: readonly StoredObject[] | undefined;
  #clients: string | undefined;

  private constructor(path: string, kept: Kept | undefined) {
    this.#path = path;
    this.isNew = kept === undefined;
    this.#issued = new Set(kept?.issued);
    this.#first = kept?.first;
    this.#clients = kept?.clients;
  }

  /** @throws UserError for a damaged file. */
  static async open(path: string): Promise<ClusterStore> {
    const kept = keptIn(path);
    const opened = new ClusterStore(path, kept);
    for (const { key, object } of kept?.objects ?? []) await opened.store.create(key, object);
    return opened;
  }

  /** Records the certificate in the request of this name, which the signer has just signed. */
  async noteIssued(name: string): Promise<void> {
    const [der] = issuedIn((await this.store.get(`${requests}${name}`))?.object);
    if (der) this.#issued.add(fingerprint(der));
    this.#writeSoon();
  }

  /** What is kept of the clients that use the cluster all the time. */
  get clients(): string | undefined {
    return this.#clients;
  }

  noteClients(clients: string | undefined): void {
    this.#clients = clients;
    this.#writeSoon();
  }

  /** The fingerprints of all certificates that were issued in the cluster since it began. */
  get issued(): readonly string[] {
    return [...this.#issued];
  }

  /** The objects that the cluster began with; undefined where they are not known. */
  get first(): readonly StoredObject[] | undefined {
    return this.#first;
  }

  async present(): Promise<readonly StoredObject[]> {
    return (await this.store.list(root)).items.map(({ key, object }) => ({ key, object }));
  }

  /** Puts objects back, and removes others, whoever may do so in the cluster. */
  async reset({ put, removed }: ObjectReset): Promise<void> {
    for (const key of removed) await unlessChanged(async () => this.store.remove(key));
    for (const { key, object } of put)
      await unlessChanged(async () => {
        const is = await this.store.get(key);
        return is ? this.store.update(key, object, is.revision) : this.store.create(key, object);
      });
  }

  /**
   * Writes every change from now on.
   * @param onFault called when that fails.
   * @param onChange called with the key of each object that is written or removed.
   * @throws the error of the first write.
   */
  async keep(onFault: (fault: unknown) => void, onChange: (key: string) => void = () => {}): Promise<void> {
    const { revision } = await this.store.list(root);
    if (this.isNew) this.#first = await this.present();
    await this.#write(true);
    this.#onFault = onFault;
    this.#unwatch = await this.store.watch(
      root,
      revision,
      ({ key }) => {
        this.#writeSoon();
        onChange(key);
      },
      onFault,
    );
  }

  /** The objects of an unfinished start are not kept. */
  #writeSoon(): void {
    const onFault = this.#onFault;
    if (!onFault) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#write().catch(onFault);
    }, togetherMs);
  }

  /** Writes pending changes. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#onFault = undefined;
    const isLate = this.#timer !== undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (isLate) await this.#write();
  }

  /** @param isFirst false: a missing file is not created again, even if it was removed while the objects were being listed. */
  async #write(isFirst = false): Promise<void> {
    const kept: Kept = {
      objects: await this.present(),
      ...(this.#first ? { first: this.#first } : {}),
      issued: [...this.#issued],
      ...(this.#clients === undefined ? {} : { clients: this.#clients }),
    };
    const written = `${this.#path}.${process.pid}.new`;
    if (!isFirst && !existsSync(this.#path)) return;
    writeFileSync(written, JSON.stringify(kept), { mode: 0o600 });
    renameSync(written, this.#path);
  }
}

/** Somebody else may write the same object meanwhile: that is left as it is. */
async function unlessChanged(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
  }
}

/** Whether a task's objects can be put back in the cluster that is kept there: none is kept yet, or its beginning is known. */
export function knowsBeginning(path: string): boolean {
  const kept = keptIn(path);
  return kept === undefined || kept.first !== undefined;
}

/** The certificates, DER, of a CertificateSigningRequest: one if it was issued. */
export function issuedIn(request: unknown): readonly Uint8Array[] {
  return pemCertificates(Buffer.from(textAt(request, 'status', 'certificate'), 'base64').toString('latin1'));
}

/** SHA-256, hex. */
export function fingerprint(der: Uint8Array): string {
  return sha256Hex(der);
}

/** Bytes. */
const largest = 256 * 1024 * 1024;

function keptIn(path: string): Kept | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const read = parseJson(readText(path, largest));
    const listOf = (name: string): { readonly key: string; readonly object: unknown }[] =>
      listAt(read, name).map((one) => ({ key: textAt(one, 'key'), object: valueAt(one, 'object') }));
    const [objects, first] = [listOf('objects'), listOf('first')];
    const clients = textAt(read, 'clients');
    if (objects.length > 0 && objects.every(isOne))
      return {
        objects,
        ...(first.length > 0 && first.every(isOne) ? { first } : {}),
        issued: listAt(read, 'issued').map(String),
        ...(clients === '' ? {} : { clients }),
      };
  } catch {
    // Reported below.
  }
  throw new UserError({
    what: {
      en: 'the saved state of the cluster cannot be read',
      ko: '저장해 둔 클러스터를 읽을 수 없습니다',
    },
    where: path,
    remedy: {
      en: 'wirelab lab reset, in the lab’s folder, starts with a new cluster.',
      ko: '실습 폴더에서 wirelab lab reset을 실행하면 클러스터를 처음부터 다시 시작합니다.',
    },
  });
}

function isOne(one: { readonly key: string; readonly object: unknown }): one is StoredObject {
  const names = [
    textAt(one.object, 'kind'),
    textAt(one.object, 'apiVersion'),
    textAt(one.object, 'metadata', 'name'),
  ];
  return one.key.startsWith(root) && isJsonObject(one.object) && names.every((name) => name !== '');
}
