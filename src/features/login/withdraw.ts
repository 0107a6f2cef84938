/**
 * Revokes a certificate during a run: every participant that checks its CA's list has the new list from then on. The code
 * that signs is loaded only for a plan that needs it.
 */
import { UserError } from '../../i18n/user-error.ts';
import { withdraw } from '../../pki/ca/withdraw.ts';
import type { World } from '../../pki/keystore/world.ts';
import { renewedCredentials } from '../../engine/credentials.ts';
import { perRun } from '../../engine/run-context.ts';
import type { RunContext, RunOptions } from '../../engine/run-context.ts';
import { revocableIn } from './withdraw-options.ts';

/** The lists now in force, by CA, where they are not the initial ones. */
const inForce = perRun(() => new Map<string, string>());

/** @throws UserError where a CA has no list. */
export async function prepareWithdrawals({ plan, world }: RunOptions): Promise<void> {
  for (const certificate of world ? revocableIn(plan) : []) if (world) issuerOf(certificate, world);
  await Promise.resolve();
}

/** Puts a new list in force that revokes this certificate. */
export async function revoke(certificate: string, options: RunOptions, context: RunContext): Promise<void> {
  const { plan, log, clock, world } = options;
  if (!world) throw new Error(`the plan does not revoke ${certificate}`);
  const authority = issuerOf(certificate, world);
  const lists = inForce(context);
  const listOf = (name: string): string | undefined => lists.get(name) ?? world.crl(name);
  const { pem, number } = withdraw(world, {
    authority,
    certificates: [certificate],
    before: listOf(authority),
    clock,
  });
  lists.set(authority, pem);
  const { subject, serial, issuer } = world.summary(certificate);
  for (const proxy of plan.proxies) {
    if (!proxy.revocations?.includes(authority)) continue;
    const clientRevocations = proxy.revocations.flatMap((name) => listOf(name) ?? []);
    const renewed = renewedCredentials(proxy, options);
    await context.proxies
      .get(proxy.name)
      ?.renew({ ...renewed, listener: { ...renewed.listener, clientRevocations } });
    log.append({
      type: 'observed',
      who: proxy.name,
      result: { kind: 'revocation', authority: issuer, number, certificates: [{ subject, serial }] },
    });
  }
}

/** The row of the CA that issued a certificate: by name and key, since two may have the same name. */
function issuerOf(certificate: string, world: World): string {
  const { issuer, authorityKeyId } = world.summary(certificate);
  const found = world.names.find((name) => {
    const { isCa, subject, keyId } = world.summary(name);
    return isCa && subject === issuer && keyId === authorityKeyId && world.crl(name) !== undefined;
  });
  if (found !== undefined) return found;
  throw new UserError({
    what: {
      en: 'the CA of a certificate to revoke has no revocation list',
      ko: '폐기할 인증서를 발급한 CA에 인증서 폐기 목록이 없습니다',
    },
    where: certificate,
    expected: { en: 'a row under revocations in the recipe', ko: '레시피의 revocations에 그 CA의 행' },
    received: issuer,
  });
}
