/**
 * The objects of a lab's cluster: in memory while the lab is up, and in a file of the learner's folder over restarts. What
 * they mean is the API server's.
 *
 * 1. The file is written whole, to the side, and renamed: there is always one that can be read.
 * 2. A file that is gone was taken away by who begins anew, and is not written again.
 * 3. Which certificates were issued is remembered longer than the requests, which are cleared away after an hour. Issued is
 *    what the lab's own signer says that it has signed: an administrator may write anything into the status of a request.
 */
import { createHash } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { toHex } from '../../core/hex.ts';
import { UserError } from '../../i18n/user-error.ts';
import { readText } from '../../i18n/read-file.ts';
import { isJsonObject, listAt, parseJson, textAt, valueAt } from '../../kube/objects/json.ts';
import { MemoryStore } from '../../kube/store/memory-store.ts';
import type { KubeObject } from '../../kube/objects/objects.ts';
import type { Store } from '../../kube/store/store.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';

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
  #onFault: ((fault: unknown) => void) | undefined;

  private constructor(path: string, kept: Kept | undefined) {
    this.#path = path;
    this.isNew = kept === undefined;
    this.#issued = new Set(kept?.issued);
  }

  /** @throws UserError for a damaged file. */
  static async open(path: string): Promise<ClusterStore> {
    const kept = keptIn(path);
    const opened = new ClusterStore(path, kept);
    for (const { key, object } of kept?.objects ?? []) await opened.store.create(key, object);
    return opened;
  }

  /** Remembers the certificate that a request of this name has now; the signer says that it has just signed it. */
  async noteIssued(name: string): Promise<void> {
    const [der] = issuedIn((await this.store.get(`${requests}${name}`))?.object);
    if (der) this.#issued.add(fingerprint(der));
    this.#writeSoon();
  }

  /** The fingerprints of all certificates that were issued in the cluster since it began. */
  get issued(): readonly string[] {
    return [...this.#issued];
  }

  /** From now on every change is written. @param onFault called when that fails. @throws the fault of the first time. */
  async keep(onFault: (fault: unknown) => void): Promise<void> {
    const { revision } = await this.store.list(root);
    await this.#write(true);
    this.#onFault = onFault;
    this.#unwatch = await this.store.watch(root, revision, () => this.#writeSoon(), onFault);
  }

  /** A beginning that is not over is not kept. */
  #writeSoon(): void {
    const onFault = this.#onFault;
    if (!onFault) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#write().catch(onFault);
    }, togetherMs);
  }

  /** What has not been written yet is. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#onFault = undefined;
    const isLate = this.#timer !== undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (isLate) await this.#write();
  }

  /** @param isFirst else a file that is gone stays gone, also one that went while the objects were being listed. */
  async #write(isFirst = false): Promise<void> {
    const { items } = await this.store.list(root);
    const kept: Kept = {
      objects: items.map(({ key, object }) => ({ key, object })),
      issued: [...this.#issued],
    };
    const written = `${this.#path}.${process.pid}.new`;
    if (!isFirst && !existsSync(this.#path)) return;
    writeFileSync(written, JSON.stringify(kept), { mode: 0o600 });
    renameSync(written, this.#path);
  }
}

/** The certificates, DER, that a CertificateSigningRequest holds: one, when it was issued. */
export function issuedIn(request: unknown): readonly Uint8Array[] {
  return pemCertificates(Buffer.from(textAt(request, 'status', 'certificate'), 'base64').toString('latin1'));
}

/** SHA-256, hex. */
export function fingerprint(der: Uint8Array): string {
  return toHex(createHash('sha256').update(der).digest());
}

/** Bytes. */
const largest = 256 * 1024 * 1024;

function keptIn(path: string): Kept | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const read = parseJson(readText(path, largest));
    const objects = listAt(read, 'objects').map((one) => ({
      key: textAt(one, 'key'),
      object: valueAt(one, 'object'),
    }));
    if (objects.length > 0 && objects.every(isOne))
      return { objects, issued: listAt(read, 'issued').map(String) };
  } catch {
    // Reported below.
  }
  throw new UserError({
    what: { en: 'what was kept of the cluster cannot be read', ko: '저장해 둔 클러스터를 읽을 수 없습니다' },
    where: path,
    remedy: {
      en: 'wirelab lab reset, in the lab’s folder, begins the cluster anew.',
      ko: '실습 폴더에서 wirelab lab reset을 실행하면 클러스터를 처음부터 다시 시작합니다.',
    },
  });
}

function isOne(one: { readonly key: string; readonly object: unknown }): one is Kept['objects'][number] {
  const names = [
    textAt(one.object, 'kind'),
    textAt(one.object, 'apiVersion'),
    textAt(one.object, 'metadata', 'name'),
  ];
  return one.key.startsWith(root) && isJsonObject(one.object) && names.every((name) => name !== '');
}
