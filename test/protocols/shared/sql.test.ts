/** What of a statement is shown, and the passwords that it sets. */
import test from 'ava';
import { passwordsInSql, titleOfSql } from '../../../src/protocols/shared/sql.ts';

const found = (sql: string): string[] =>
  passwordsInSql(sql, 100).map(
    ({ name, value, offset, length }) =>
      `${name}: ${value} (${sql.slice(offset - 100, offset - 100 + length)})`,
  );

test('passwords of PostgreSQL and MySQL, where they stand', (t) => {
  t.deepEqual(found("ALTER ROLE bob WITH PASSWORD 'rose''bud'"), ["bob: rose'bud (rose''bud)"]);
  t.deepEqual(found("CREATE USER 'bob'@'%' IDENTIFIED BY 'rosebud'"), ['bob: rosebud (rosebud)']);
  t.deepEqual(found("create user if not exists bob identified with caching_sha2_password by 'x y'"), [
    'bob: x y (x y)',
  ]);
  t.deepEqual(found("SET PASSWORD FOR bob = PASSWORD('rosebud')"), ['bob: rosebud (rosebud)']);
  t.deepEqual(found("select 'password' from t where a = 'b'"), []);
  t.deepEqual(found(''), []);
});

test('a title has the first words, and no text of a value', (t) => {
  t.is(
    titleOfSql("select *\n  from t where name = 'Bob' and card = 4111111111111111"),
    "select * from t where name = '…' and card = …",
  );
  t.is(titleOfSql("insert into t values ('it''s', 'never closed"), "insert into t values ('…', '…'");
  t.is(titleOfSql(`select ${'x'.repeat(100)}`).length, 48);
});

test('a text that has a line behind a backslash, and texts in quotation marks, are texts', (t) => {
  t.is(titleOfSql("select 'rose\\\nbud', 1"), "select '…', 1");
  t.deepEqual(found("alter user bob identified by 'rose\\\nbud'"), ['bob: rose\\\nbud (rose\\\nbud)']);
  t.deepEqual(found('create user bob identified by "rosebud"'), ['bob: rosebud (rosebud)']);
});
