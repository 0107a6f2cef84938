/** Builds command lines for a person's shell. */
import { shellWord } from '../../i18n/shell-word.ts';
import type { World } from '../../pki/keystore/world.ts';
import type { PlannedClient, PlannedProxy, PlannedServer } from '../../engine/plan.ts';

/** Quoted for a POSIX shell where necessary. */
export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/**
 * Of several trusted CAs, the one above the target's certificate: curl and openssl take a single file. If none of them is,
 * the first, so that the commands fail as the client's own attempt did.
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
