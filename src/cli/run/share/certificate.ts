/** The certificate under which a run is shared over TLS: made for the hosts of its address, signed by the workshop's CA for servers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { issueUnder } from '../../../pki/ca/issue-under.ts';
import type { Recipe } from '../../../pki/ca/recipe.ts';
import type { Identity } from '../../../pki/keystore/world.ts';
import type { Places } from '../../places.ts';
import { alternativeNames } from '../web/address.ts';

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
  return {
    identity: issueUnder(world.identity(authorityName), {
      profile: 'server',
      subject: [['CN', name]],
      san: alternativeNames(hosts),
      days,
      at: systemClock.now(),
    }),
    authority: world.files(authorityName)?.certificate ?? authorityName,
  };
}
