/** What a title says of a statement of SQL, and the passwords that a statement sets. */
import type { Credential } from './credential.ts';
import { beginningOf } from './framed.ts';
import { utf8 } from './sasl.ts';

/** Statements that are longer are looked at up to here. */
const mostSearched = 64 * 1024;

/** The first words, with texts and numbers of four and more digits left out: they may be anything. */
export function titleOfSql(sql: string): string {
  const start = utf8(sql.slice(0, 512))
    .replaceAll(/'(?:[^'\\]|\\[^]?|'')*(?:'|$)/g, "'…'")
    .replaceAll(/\d{4,}/g, '…');
  return beginningOf(start, 48);
}

/** Texts, of which one may not end; and of CREATE and ALTER USER of PostgreSQL and MySQL, GRANT and SET PASSWORD, the password. */
const setting =
  /'(?:[^'\\]|\\[^]?|'')*(?:'|$)|\b(?:password\s*=?|identified\s+(?:with\s+\S+\s+)?(?:by|as)(?:\s+password)?|password\s*\()\s*(?:'((?:[^'\\]|\\[^]?|'')*)(?:'|$)|"((?:[^"\\]|\\[^]?|"")*)(?:"|$))/gi;

const named = /\b(?:user|role|for)\s+(?:if\s+(?:not\s+)?exists\s+)?["'`]?([\w.-]+)/i;

/** @param offset where the statement stands in its direction */
export function passwordsInSql(sql: string, offset: number): Credential[] {
  const text = sql.slice(0, mostSearched);
  if (!/password|identified/i.test(text)) return [];
  const user = named.exec(text)?.[1] ?? 'SQL';
  return [...text.matchAll(setting)].flatMap(({ 0: whole, 1: single, 2: value = single ?? '', index }) =>
    value === ''
      ? []
      : [
          {
            kind: 'sql_password' as const,
            name: utf8(user),
            value: utf8(single === undefined ? value.replaceAll('""', '"') : value.replaceAll("''", "'")),
            offset: offset + index + whole.lastIndexOf(value),
            length: value.length,
          },
        ],
  );
}
