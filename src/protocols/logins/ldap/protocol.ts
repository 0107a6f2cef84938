/** LDAP: binds with what they give away, searches, results in words. */
import type { Protocol } from '../../protocol.ts';
import { looksLikeLdap } from './recognise.ts';

export const ldap: Protocol = {
  name: 'ldap',
  looksLike: looksLikeLdap,
  load: async () => {
    const { ldapReader } = await import('./reader.ts');
    return { reader: ldapReader };
  },
  texts: async () => (await import('./texts.ts')).ldapTexts,
};
