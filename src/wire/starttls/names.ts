/** The names of the protocols that turn to TLS on request; `protocols.ts` has a row for each. */
export const starttlsNames = ['smtp', 'imap', 'pop3', 'postgres', 'ldap'] as const;
export type StarttlsName = (typeof starttlsNames)[number];
