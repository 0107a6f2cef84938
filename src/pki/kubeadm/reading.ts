/**
 * Reads the files of a cluster's folder: certificates, keys and kubeconfigs by their paths, each once. It reports what
 * exists, what is missing, and what Kubernetes cannot read (`go-pem.ts`); `pki/kubeadm/check.ts` and
 * `pki/kubeadm/folder.ts` interpret it. The caller provides the bytes.
 */
import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import { contentNames, readContents } from '../x509/contents.ts';
import type { Content, ContentKind } from '../x509/contents.ts';
import { goDer, whyGoReadsNothing } from '../keystore/go-pem.ts';
import type { PemKind } from '../keystore/go-pem.ts';
import { readBoundedYaml, readKubeconfig, withCredentials } from './kubeconfig.ts';
import type { Kubeconfig, Material } from './kubeconfig.ts';

/** The bytes at a path, or why there are none. */
export type Found =
  | {
      readonly bytes: Uint8Array;
      /** Permission bits; absent if the system has none. */
      readonly mode?: number;
    }
  | { readonly trouble: UserErrorFacts };

/** A folder of the cluster. */
export interface FoundFolder {
  readonly path: string;
  /** Permission bits, including the sticky bit. */
  readonly mode: number;
}

export interface ClusterFiles {
  /** By path: `pki/ca.crt`, `admin.conf`; other paths for additional or referenced files. */
  readonly files: ReadonlyMap<string, Found>;
  /** Paths of kubeconfigs outside the tree that are to be checked as well. */
  readonly kubeconfigs: readonly string[];
  /** The cluster's own folders; absent if the system has no permission bits. */
  readonly folders?: readonly FoundFolder[];
  /** Only the folder `pki` was given: kubeconfigs are elsewhere. */
  readonly isPkiAlone?: boolean;
  /** It is the node's own folder, not a copy: files that only a node has are expected. */
  readonly isOnNode?: boolean;
  /** The path as shown to the user. */
  where(path: string): string;
  /** The path of a file that a kubeconfig names. */
  reference(kubeconfig: string, file: string): string;
}

/** Undefined if it does not exist. */
export type Part<T> = { readonly got: T } | { readonly trouble: UserErrorFacts } | undefined;

export const gotOf = <T>(part: Part<T>): T | undefined => (part && 'got' in part ? part.got : undefined);

/** A kubeconfig, with the contents of its files. */
export interface ReadKubeconfig extends Omit<Kubeconfig, 'authority' | 'certificate' | 'key'> {
  readonly authorities: Part<readonly Certificate[]>;
  readonly certificate: Part<Certificate>;
  /** The same with the certificates that follow it. */
  readonly chain: Part<readonly Certificate[]>;
  readonly key: Part<KeyObject>;
  /** The path of the key, if the kubeconfig names a file. */
  readonly keyFile?: string;
  /** Files that it names but that do not exist, by their written paths; not that of its token. */
  readonly absent: readonly string[];
  /** The bytes of the file of its token, if it names one. */
  readonly tokenBytes: Part<Uint8Array>;
}

type Yaml = typeof import('yaml');

export class ClusterReading {
  readonly #folder: ClusterFiles;
  readonly #givenYaml: Yaml | undefined;
  readonly #contents = new Map<string, Part<readonly Content[]>>();
  /** Parsed kubeconfigs. */
  readonly #inside = new Map<string, Uint8Array>();
  readonly #kubeconfigs = new Map<string, Part<ReadKubeconfig>>();

  /** @param yaml imported by the caller, and only if there is a kubeconfig: loading it takes longer than using it. */
  constructor(folder: ClusterFiles, yaml: Yaml | undefined) {
    this.#folder = folder;
    this.#givenYaml = yaml;
  }

  get #yaml(): Yaml {
    if (!this.#givenYaml) throw new Error('kubeconfigs require a YAML parser');
    return this.#givenYaml;
  }

  get paths(): readonly string[] {
    return [...this.#folder.files.keys()];
  }

  get otherKubeconfigs(): readonly string[] {
    return this.#folder.kubeconfigs;
  }

  where(path: string): string {
    return this.#folder.where(path);
  }

  has(path: string): boolean {
    return this.#folder.files.has(path);
  }

  /** The text of a valid kubeconfig with other credentials for its user. @throws UserError */
  withCredentials(path: string, proof: { readonly certificate: string; readonly key: string }): string {
    const found = this.#folder.files.get(path);
    if (!found || 'trouble' in found) throw new Error(`${path} was read but is missing`);
    return withCredentials(found.bytes, proof, this.where(path), this.#yaml);
  }

  get folders(): ClusterFiles['folders'] {
    return this.#folder.folders;
  }

  get isPkiAlone(): boolean {
    return this.#folder.isPkiAlone ?? false;
  }

  get isOnNode(): boolean {
    return this.#folder.isOnNode ?? false;
  }

  /** Undefined if it is missing or unreadable. */
  bytes(path: string): Uint8Array | undefined {
    const found = this.#folder.files.get(path);
    return found && 'bytes' in found ? found.bytes : undefined;
  }

  /** All readable contents of a file. */
  contents(path: string): Part<readonly Content[]> {
    return once(this.#contents, path, () => this.#read(path, readContents));
  }

  mode(path: string): number | undefined {
    const found = this.#folder.files.get(path);
    return found && 'bytes' in found ? found.mode : undefined;
  }

  /** The first certificate of a file: a server's own precedes its issuers'. */
  certificate(path: string): Part<Certificate> {
    return first(this.certificates(path));
  }

  certificates(path: string): Part<readonly [Certificate, ...Certificate[]]> {
    return mapped(this.#ofKind(path, 'certificate'), ([one, ...more]) => [
      one.certificate,
      ...more.map(({ certificate }) => certificate),
    ]);
  }

  key(path: string): Part<KeyObject> {
    return mapped(this.#ofKind(path, 'private-key'), ([content]) => content.key);
  }

  /** The public keys of a file, each as DER of its SubjectPublicKeyInfo. */
  publicKeys(path: string): Part<readonly Uint8Array[]> {
    return mapped(this.#ofKind(path, 'public-key'), (contents) =>
      contents.map(({ publicKey }) => publicKey.der),
    );
  }

  /** The contents of a manifest or a configuration file. */
  yaml(path: string): Part<unknown> {
    return this.#read(path, (bytes, where) =>
      readBoundedYaml(bytes, where, this.#yaml, {
        en: 'Move it aside, then run ./wirelab kube pki --out DIR to create it again.',
        ko: '다른 곳으로 옮기고 ./wirelab kube pki --out DIR 명령으로 다시 만드세요.',
      }),
    );
  }

  kubeconfig(path: string): Part<ReadKubeconfig> {
    return once(this.#kubeconfigs, path, () => this.#readKubeconfig(path));
  }

  #readKubeconfig(path: string): Part<ReadKubeconfig> {
    return this.#read(path, (bytes, where) => {
      const { authority, certificate, key, ...rest } = readKubeconfig(bytes, where, this.#yaml);
      const chain = this.#material(path, certificate, (at) => this.certificates(at));
      const named = [authority, certificate, key].flatMap((one) => (one && 'file' in one ? [one.file] : []));
      return {
        ...rest,
        authorities: this.#material(path, authority, (at) => this.certificates(at)),
        certificate: first(chain),
        chain,
        key: this.#material(path, key, (at) => this.key(at)),
        ...(key && 'file' in key ? { keyFile: this.#folder.reference(path, key.file) } : {}),
        tokenBytes: this.#tokenBytes(path, rest.tokenFile),
        absent: named.filter((file) => !this.has(this.#folder.reference(path, file))),
      };
    });
  }

  #tokenBytes(path: string, file: string | undefined): Part<Uint8Array> {
    if (file === undefined) return undefined;
    const found = this.#folder.files.get(this.#folder.reference(path, file));
    if (!found) return absentFile(this.where(path), file);
    return 'bytes' in found ? { got: found.bytes } : found;
  }

  /** The contents of the kubeconfig are cached under a path that no file has. */
  #material<T>(path: string, material: Material | undefined, read: (path: string) => Part<T>): Part<T> {
    if (!material) return undefined;
    if ('file' in material) {
      const at = this.#folder.reference(path, material.file);
      return read(at) ?? absentFile(this.where(path), material.file);
    }
    const inside = `${path}\0${Buffer.from(material.data).toString('base64')}`;
    this.#contents.set(
      inside,
      attempt(() => readContents(material.data, this.where(path))),
    );
    this.#inside.set(inside, material.data);
    return read(inside);
  }

  #ofKind<Kind extends PemKind>(
    path: string,
    kind: Kind,
  ): Part<readonly [ContentOf<Kind>, ...ContentOf<Kind>[]]> {
    const contents = this.contents(path);
    if (!contents || 'trouble' in contents) return contents;
    const [one, ...more] = contents.got.filter(
      (content): content is ContentOf<Kind> => content.kind === kind,
    );
    const bytes = this.#inside.get(path) ?? this.bytes(path) ?? new Uint8Array(0);
    // A block that only wirelab can read would be taken for another one.
    if (one && goDer(bytes, kind).length === 1 + more.length) return { got: [one, ...more] };
    if (one)
      return {
        trouble: { where: this.where(path.split('\0', 1)[0] ?? path), ...whyGoReadsNothing(bytes, kind) },
      };
    const { en, ko } = contentNames[kind];
    return {
      trouble: {
        where: this.where(path.split('\0', 1)[0] ?? path),
        what: { en: `the file contains no ${en}`, ko: `파일에 다음 항목이 없습니다: ${ko}` },
        expected: contentNames[kind],
        received: [...new Set(contents.got.map((content) => contentNames[content.kind].en))].join(', '),
      },
    };
  }

  #read<T>(path: string, read: (bytes: Uint8Array, where: string) => T): Part<T> {
    const found = this.#folder.files.get(path);
    if (!found || 'trouble' in found) return found;
    return attempt(() => read(found.bytes, this.where(path)));
  }
}

const absentFile = (where: string, file: string): { readonly trouble: UserErrorFacts } => ({
  trouble: {
    where,
    what: { en: `it refers to a missing file: ${file}`, ko: `가리키는 파일이 없습니다: ${file}` },
  },
});

type ContentOf<Kind extends ContentKind> = Extract<Content, { kind: Kind }>;

function once<T>(known: Map<string, Part<T>>, path: string, read: () => Part<T>): Part<T> {
  if (!known.has(path)) known.set(path, read());
  return known.get(path);
}

function mapped<T, U>(part: Part<T>, to: (value: T) => U): Part<U> {
  return part && 'got' in part ? { got: to(part.got) } : part;
}

function first<T>(part: Part<readonly T[]>): Part<T> {
  return mapped(part, (all) => all[0] as T);
}

function attempt<T>(read: () => T): Part<T> {
  try {
    return { got: read() };
  } catch (error) {
    if (error instanceof UserError) return { trouble: error.facts };
    throw error;
  }
}
