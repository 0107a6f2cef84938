/**
 * The protocols that turn to TLS on request, one row each: all that options, checks and texts need to know of them. The dialogue
 * itself is loaded with `load`; `prelude.ts` and `request.ts` carry it out.
 */
import type { StarttlsProtocol } from './dialogue.ts';

interface StarttlsRow {
  /** As people write it. */
  readonly title: string;
  /**
   * Who speaks first: the client (`none`); a server, with words on which nothing depends (`own`); or a server with words on which
   * the login depends (`target`): then the client must hear those of the target, before it requests TLS.
   */
  readonly greeting: 'none' | 'own' | 'target';
  load(): Promise<StarttlsProtocol>;
}

export const starttlsRows = {
  smtp: { title: 'SMTP', greeting: 'own', load: async () => (await import('./mail.ts')).smtp },
  imap: { title: 'IMAP', greeting: 'own', load: async () => (await import('./mail.ts')).imap },
  pop3: { title: 'POP3', greeting: 'own', load: async () => (await import('./mail.ts')).pop3 },
  postgres: {
    title: 'PostgreSQL',
    greeting: 'none',
    load: async () => (await import('./directory.ts')).postgres,
  },
  mysql: { title: 'MySQL', greeting: 'target', load: async () => (await import('./mysql.ts')).mysql },
  ldap: { title: 'LDAP', greeting: 'none', load: async () => (await import('./directory.ts')).ldap },
} as const satisfies Readonly<Record<string, StarttlsRow>>;

export type StarttlsName = keyof typeof starttlsRows;

export const starttlsNames = Object.keys(starttlsRows) as StarttlsName[];

/** For texts: `SMTP, IMAP, …`. */
export const starttlsTitles = Object.values(starttlsRows)
  .map(({ title }) => title)
  .join(', ');

export function starttlsRow(name: StarttlsName): StarttlsRow {
  return starttlsRows[name];
}

export async function starttlsProtocol(name: StarttlsName): Promise<StarttlsProtocol> {
  return starttlsRows[name].load();
}
