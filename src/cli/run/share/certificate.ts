/** The certificate under which a run is shared over TLS: made for the hosts of its address, signed by the workshop's CA for servers. */
import { readFile } from 'node:fs/promises';
import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { ipVersion } from '../../../core/ip-version.ts';
import type { Recipe } from '../../../pki/ca/recipe.ts';
import { requestFor } from '../../../pki/ca/request.ts';
import { makeKey } from '../../../pki/ca/sign.ts';
import { considerRequest, issueGranted } from '../../../pki/ca/signing-policy.ts';
import { toPem } from '../../../pki/keystore/pem.ts';
import type { Identity } from '../../../pki/keystore/world.ts';
import { readContents } from '../../../pki/x509/contents.ts';
import type { Places } from '../../places.ts';

const recipeName = 'workshop';
const authorityName = 'workshop-server-ca';

/** As long as a day of teaching. */
const days = 2;

export interface ShareCertificate {
  readonly identity: Identity;
  /** The file of the CA's certificate, which viewers' browsers must trust. */
  readonly authority: string;
}

export async function shareCertificate(hosts: readonly string[], places: Places): Promise<ShareCertificate> {
  const { openWorld } = await import('../../../pki/keystore/store.ts');
  const recipe = JSON.parse(
    await readFile(join(places.data, 'recipes', `${recipeName}.json`), 'utf8'),
  ) as Recipe;
  const world = await openWorld({ recipe, recipeName, folder: places.certificates, clock: systemClock });
  const [name = 'localhost'] = hosts;
  const key = makeKey('P-256');
  const san = hosts.map((host) => `${ipVersion(host) ? 'IP' : 'DNS'}:${host}`);
  const [request] = readContents(Buffer.from(requestFor(key, { subject: [['CN', name]], san })), name);
  const [authority] = readContents(Buffer.from(world.certificate(authorityName)), authorityName);
  if (request?.kind !== 'request' || authority?.kind !== 'certificate')
    throw new Error('a request and a certificate of ours cannot be read');
  const question = {
    request: request.request,
    authority: authority.certificate,
    profile: 'server',
    days,
    at: systemClock.now(),
  } as const;
  const { grant, decisions } = considerRequest(question);
  if (!grant) throw new Error(`the CA refused: ${decisions.map(({ about }) => about).join(', ')}`);
  const der = issueGranted(question, grant, createPrivateKey(world.identity(authorityName).key));
  return {
    identity: {
      certificate: toPem('CERTIFICATE', der),
      key: String(key.export({ type: 'pkcs8', format: 'pem' })),
    },
    authority: world.files(authorityName)?.certificate ?? authorityName,
  };
}
