/**
 * The objects of a lab's cluster: in memory while the lab is up, and in a file of the learner's folder over restarts. What
 * they mean is the API server's.
 *
 * 1. The file is written whole, to the side, and renamed: there is always one that can be read.
 * 2. A file that is gone was taken away by who begins anew, and is not written again.
 * 3. Which certificates were issued is remembered longer than the requests, which are cleared away after an hour.
 */
import { createHash } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { toHex } from '../core/hex.ts';
import { Mistake } from '../i18n/mistake.ts';
import { readText } from '../i18n/read-file.ts';
import { isJsonObject, listAt, parseJson, textAt, valueAt } from '../kube/json.ts';
import { MemoryStore } from '../kube/memory-store.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Store, StoreEvent } from '../kube/store.ts';
import { pemCertificates } from '../pki/pem.ts';

/** Bytes of all objects; what a lab begins with has some fifty thousand. */
const quotaBytes = 8 * 1024 * 1024;
const root = '/registry/';
const requests = `${root}certificates.k8s.io/certificatesigningrequests/`;
/** Milliseconds in which several changes are written as one. */
const togetherMs = 50;

interface Kept {
  readonly objects: readonly { readonly key: string; readonly object: KubeObject }[];
  /** SHA-256 of certificates, hex. */
  readonly issued: readonly string[];
}

export class ClusterStore {
  readonly store: Store = new MemoryStore({ quotaBytes, historyBytes: quotaBytes });
  readonly isNew: boolean;
  readonly #path: string;
  readonly #issued: Set<string>;
  #timer: NodeJS.Timeout | undefined;
  #unwatch: () => void = () => {};

  private constructor(path: string, kept: Kept | undefined) {
    this.#path = path;
    this.isNew = kept === undefined;
    this.#issued = new Set(kept?.issued);
  }

  /** @throws Mistake for a file that somebody has spoilt. */
  static async open(path: string): Promise<ClusterStore> {
    const kept = keptIn(path);
    const opened = new ClusterStore(path, kept);
    for (const { key, object } of kept?.objects ?? []) await opened.store.create(key, object);
    return opened;
  }

  /** From now on every change is written. @param onFault told when that fails. @throws the fault of the first time. */
  async keep(onFault: (fault: unknown) => void): Promise<void> {
    const { items, revision } = await this.store.list(root);
    for (const { key, object } of items) this.#note(key, object);
    await this.#write();
    const note = ({ key, object }: StoreEvent): void => {
      this.#note(key, object);
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        if (existsSync(this.#path)) this.#write().catch(onFault);
      }, togetherMs);
    };
    this.#unwatch = await this.store.watch(root, revision, note, onFault);
  }

  /** What has not been written yet is. */
  async close(): Promise<void> {
    this.#unwatch();
    const isLate = this.#timer !== undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (isLate && existsSync(this.#path)) await this.#write();
  }

  #note(key: string, object: KubeObject): void {
    const [der] = key.startsWith(requests) ? issuedIn(object) : [];
    if (der) this.#issued.add(fingerprint(der));
  }

  async #write(): Promise<void> {
    const { items } = await this.store.list(root);
    const kept: Kept = { objects: items.map(({ key, object }) => ({ key, object })), issued: [...this.#issued] };
    const written = `${this.#path}.${process.pid}.new`;
    writeFileSync(written, JSON.stringify(kept), { mode: 0o600 });
    renameSync(written, this.#path);
  }
}

/** The certificates, DER, that a CertificateSigningRequest holds: one, when it was issued. */
export function issuedIn(request: unknown): readonly Uint8Array[] {
  return pemCertificates(Buffer.from(textAt(request, 'status', 'certificate'), 'base64').toString('latin1'));
}

/** Whether this certificate was issued in the cluster that is kept there, since it began. */
export function wasIssued(path: string, der: Uint8Array): boolean {
  return keptIn(path)?.issued.includes(fingerprint(der)) ?? false;
}

function fingerprint(der: Uint8Array): string {
  return toHex(createHash('sha256').update(der).digest());
}

/** Bytes. */
const largest = 256 * 1024 * 1024;

function keptIn(path: string): Kept | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const read = parseJson(readText(path, largest));
    const objects = listAt(read, 'objects').map((one) => ({ key: textAt(one, 'key'), object: valueAt(one, 'object') }));
    if (objects.length > 0 && objects.every(isOne)) return { objects, issued: listAt(read, 'issued').map(String) };
  } catch {
    // Told below.
  }
  throw new Mistake({
    what: { en: 'what was kept of the cluster cannot be read', ko: '저장해 둔 클러스터를 읽을 수 없습니다' },
    where: path,
    remedy: { en: 'wirelab lab reset, in the lab’s folder, begins the cluster anew.', ko: '실습 폴더에서 wirelab lab reset을 실행하면 클러스터를 처음부터 다시 시작합니다.' },
  });
}

function isOne(one: { readonly key: string; readonly object: unknown }): one is Kept['objects'][number] {
  const names = [textAt(one.object, 'kind'), textAt(one.object, 'apiVersion'), textAt(one.object, 'metadata', 'name')];
  return one.key.startsWith(root) && isJsonObject(one.object) && names.every((name) => name !== '');
}
