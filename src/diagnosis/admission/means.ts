/** Makes ready what the clients are made of: the valid client, given or issued, and what the others have in common with it. */
import { createPrivateKey } from 'node:crypto';
import type { Identity } from '../../wire/endpoint.ts';
import { readLeaf } from '../chain.ts';
import type { Means } from './clients.ts';
import { issueClient, likenessOf, signerOf } from './identities.ts';
import type { ClientAuthority } from './identities.ts';

/** What no connection changes. */
export type FirstMeans = Omit<Means, 'version' | 'session' | 'tls'>;

/** @param given the valid client, if there is one: else the authority must have its key @param now milliseconds since the epoch */
export function meansOf(given: Identity | undefined, authority: ClientAuthority, now: number): FirstMeans {
  const own = given && readLeaf(given.certificate);
  const likeness = likenessOf(own);
  const common = { now, authority, likeness };
  if (given && own) return { ...common, valid: given, leaf: own, leafKey: createPrivateKey(given.key) };
  if (!authority.key) throw new Error('neither a valid client nor a CA to issue one');
  const valid = issueClient({ signer: signerOf(authority, authority.key), likeness, now });
  const leaf = readLeaf(valid.certificate);
  if (!leaf) throw new Error('the issued certificate cannot be parsed');
  return { ...common, valid, leaf, leafKey: valid.privateKey };
}
