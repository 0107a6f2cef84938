/** Command lines for a person's shell. */
import type { World } from '../../pki/keystore/world.ts';
import type { PlannedClient, PlannedProxy, PlannedServer } from '../../engine/plan.ts';

/** Quoted for a POSIX shell where it needs to be. */
export function shellWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ');
}

/**
 * Of several CAs that a client trusts, the one that the door's certificate leads up to: curl and openssl are given a single
 * file. The first where none of them does, so that the commands end as the client's own try did.
 */
export function authorityFor(
  { trust = [] }: PlannedClient,
  target: PlannedServer | PlannedProxy,
  world: World | undefined,
): string | undefined {
  const [first] = trust;
  if (!world || trust.length < 2 || target.certificate === undefined) return first;
  const all = world.names.map((name) => ({ name, ...world.summary(name) }));
  const seen = new Set<string>();
  for (let at = all.find(({ name }) => name === target.certificate); at && !seen.has(at.name); ) {
    seen.add(at.name);
    const { issuer, authorityKeyId } = at;
    const above = all.filter(({ subject, keyId }) => subject === issuer && keyId === authorityKeyId);
    const trusted = above.find(({ name }) => trust.includes(name));
    if (trusted) return trusted.name;
    [at] = above;
  }
  return first;
}
