/**
 * Provides a world of certificates to the rest of the program, by the names of the recipe's rows, whether it was just
 * created (`issue.ts`) or read from a folder (`store.ts`). Loading this file is cheap: keys are read only for a search for
 * keys.
 */
import type { CertificateSummary } from '../../capture/vocabulary.ts';
import { UserError } from '../../i18n/user-error.ts';
import { privateKeyForms } from './private-key-forms.ts';
import type { PrivateKeyForms } from './private-key-forms.ts';

/** A certificate chain (leaf first) and its private key, both PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** The files of a row, for commands that the user may copy; only a world in a folder has them. */
export interface RowFiles {
  readonly certificate: string;
  readonly chain: string;
  readonly key: string;
  readonly crl?: string;
}

export interface WorldRow {
  readonly name: string;
  /** Names of the rows in the chain file: the certificate, then its intermediates. */
  readonly chain: readonly string[];
  readonly hasCrl: boolean;
  /** A file of the user's: a side that trusts it trusts everything in it, and its parts are where the user keeps them. */
  readonly own?: RowFiles;
  readonly summary: CertificateSummary;
}

export type WorldPart = 'crt' | 'chain.crt' | 'key' | 'crl';

/** The name of the file that holds a part of a row. */
export function fileName(name: string, part: WorldPart): string {
  return `${name}.${part}`;
}

export class World {
  readonly #rows: ReadonlyMap<string, WorldRow>;
  readonly #texts: Readonly<Record<string, string>>;
  readonly #folder: string | undefined;

  /**
   * @param texts PEM by file name.
   * @param folder the folder that contains the same texts as files.
   */
  constructor(rows: readonly WorldRow[], texts: Readonly<Record<string, string>>, folder?: string) {
    this.#rows = new Map(rows.map((row) => [row.name, row]));
    this.#texts = texts;
    this.#folder = folder;
  }

  /** This world with additional or replaced rows. @param texts PEM by file name. */
  with(rows: readonly WorldRow[], texts: Readonly<Record<string, string>>): World {
    const replaced = new Set(rows.map(({ name }) => name));
    return new World(
      [...[...this.#rows.values()].filter(({ name }) => !replaced.has(name)), ...rows],
      { ...this.#texts, ...texts },
      this.#folder,
    );
  }

  /** This world with another revocation list of a CA, PEM. */
  withList(name: string, list: string): World {
    const row: WorldRow = { ...this.#row(name), hasCrl: true };
    return this.with([row], { [fileName(name, 'crl')]: list });
  }

  /** This world with the files of some rows in other places. */
  relocated(files: ReadonlyMap<string, RowFiles>): World {
    const rows = [...this.#rows.values()].map(
      (row) => ({ ...row, ...(files.has(row.name) ? { own: files.get(row.name) } : {}) }) as WorldRow,
    );
    return new World(rows, this.#texts, this.#folder);
  }

  get names(): readonly string[] {
    return [...this.#rows.keys()];
  }

  /** Only the certificate, PEM. */
  certificate(name: string): string {
    return this.#text(name, 'crt');
  }

  /** The certificate and its intermediates, leaf first, without the root; PEM. */
  chain(name: string): string {
    return this.#text(name, this.#chainPart(name));
  }

  identity(name: string): Identity {
    return { certificate: this.chain(name), key: this.#text(name, 'key') };
  }

  /** A CA's certificate, PEM, for a side that trusts it. */
  authority(name: string): string {
    return this.#row(name).own ? this.chain(name) : this.certificate(name);
  }

  /** The CA's revocation list, PEM; undefined if it has none. */
  crl(name: string): string | undefined {
    return this.#row(name).hasCrl ? this.#text(name, 'crl') : undefined;
  }

  /** The paths of a row's files; undefined for a world that was never written. */
  files(name: string): RowFiles | undefined {
    const row = this.#row(name);
    if (row.own) return row.own;
    if (this.#folder === undefined) return undefined;
    const path = (part: WorldPart): string => `${this.#folder}/${fileName(name, part)}`;
    return {
      certificate: path('crt'),
      chain: path(this.#chainPart(name)),
      key: path('key'),
      ...(row.hasCrl ? { crl: path('crl') } : {}),
    };
  }

  /** Of the given rows, or of all. */
  privateKeys(names: readonly string[] = this.names): PrivateKeyForms[] {
    return names.map((name) => privateKeyForms(name, this.#text(name, 'key')));
  }

  /** SHA-256 of its public key (SubjectPublicKeyInfo), in base64: what a client pins (RFC 7469 section 2.4). */
  publicKeyPin(name: string): string {
    const { createHash, X509Certificate } = process.getBuiltinModule('node:crypto');
    return createHash('sha256')
      .update(new X509Certificate(this.certificate(name)).publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64');
  }

  summary(name: string): CertificateSummary {
    return this.#row(name).summary;
  }

  #chainPart(name: string): WorldPart {
    return this.#row(name).chain.length > 1 ? 'chain.crt' : 'crt';
  }

  #text(name: string, part: WorldPart): string {
    const text = this.#texts[fileName(this.#row(name).name, part)];
    if (text === undefined) throw new Error(`the world has no ${fileName(name, part)}`);
    return text;
  }

  #row(name: string): WorldRow {
    const row = this.#rows.get(name);
    if (row) return row;
    throw new UserError({
      what: {
        en: 'the recipe has no certificate with this name',
        ko: '레시피에 그런 이름의 인증서가 없습니다',
      },
      expected: { en: `one of ${this.names.join(', ')}`, ko: `다음 가운데 하나: ${this.names.join(', ')}` },
      received: name,
    });
  }
}
