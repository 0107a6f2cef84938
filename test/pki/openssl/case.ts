/** One question that is put to our verifier and to openssl. */
import type { Made } from './der-kit.ts';

export interface Case {
  /** What is special, as a sentence's fragment; it names the files too. */
  readonly id: string;
  readonly leaf: Made;
  /** What stands behind the leaf in the file. */
  readonly sent?: readonly Made[];
  readonly roots: readonly Made[];
  /** Default: server. */
  readonly as?: 'server' | 'client' | 'any';
  /** `--name`. */
  readonly name?: string;
  /** `--at`; default 2026-06-01. */
  readonly at?: string;
  /** Revocation lists in PEM. */
  readonly lists?: readonly string[];
  readonly strict?: true;
  /** Where we come to another verdict than openssl on purpose: ours, and why. */
  readonly meant?: { readonly ours: 'verified' | 'refused'; readonly why: string };
  /** Both refuse; why our reason is not the one behind openssl's number. */
  readonly otherReason?: string;
  /** Why the verifier of handshakes need not see it. */
  readonly seenByTls?: string;
  /** What openssl must say, where the case is about that: the number of its error, 0 for OK. */
  readonly error?: number;
}
