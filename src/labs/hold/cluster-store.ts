/**
 * Stores the objects of a lab's cluster: in memory while the lab runs, and in a file for restarts. The API server interprets
 * them.
 *
 * 1. The file is written as a whole to a temporary file, and renamed: there is always a complete one.
 * 2. A missing file was removed by a reset, and is not written again.
 * 3. The fingerprints of issued certificates are kept longer than the requests, which are deleted after an hour. Only the
 *    lab's own signer reports what was issued: an administrator may write anything into the status of a request.
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

/** The most bytes of all objects; a new lab has some fifty thousand. */
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

  /** Records the certificate in the request of this name, which the signer has just signed. */
  async noteIssued(name: string): Promise<void> {
    const [der] = issuedIn((await this.store.get(`${requests}${name}`))?.object);
    if (der) this.#issued.add(fingerprint(der));
    this.#writeSoon();
  }

  /** The fingerprints of all certificates that were issued in the cluster since it began. */
  get issued(): readonly string[] {
    return [...this.#issued];
  }

  /** Writes every change from now on. @param onFault called when that fails. @throws the error of the first write. */
  async keep(onFault: (fault: unknown) => void): Promise<void> {
    const { revision } = await this.store.list(root);
    await this.#write(true);
    this.#onFault = onFault;
    this.#unwatch = await this.store.watch(root, revision, () => this.#writeSoon(), onFault);
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

/** The certificates, DER, of a CertificateSigningRequest: one if it was issued. */
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

function isOne(one: { readonly key: string; readonly object: unknown }): one is Kept['objects'][number] {
  const names = [
    textAt(one.object, 'kind'),
    textAt(one.object, 'apiVersion'),
    textAt(one.object, 'metadata', 'name'),
  ];
  return one.key.startsWith(root) && isJsonObject(one.object) && names.every((name) => name !== '');
}
