/** A client that was called with a name and names no server: which option keeps it from that. */
import test from 'ava';
import { explained } from '../../../../src/diagnosis/case.ts';
import { withOwnSni } from '../../../../src/diagnosis/command/names/own-sni.ts';
import type { Finding } from '../../../../src/diagnosis/diagnosis.ts';

const finding = (unnamed: boolean): Finding =>
  explained({
    cause: 'unknown_server_name',
    by: 'server',
    detail: unnamed ? { unnamed: true } : { expected: 'web.test' },
    confidence: 'proven',
    evidence: [],
  });
const said = (words: readonly string[], variables: NodeJS.ProcessEnv = {}, host = 'web.test'): string => {
  const { because, remedy } = withOwnSni(finding(true), { host, words, variables });
  return `${because.en} | ${remedy.words.en}`;
};

test('the option that turns the server name off is named', (t) => {
  for (const option of ['-Djsse.enableSNIExtension=false', '-noservername', '--disable-sni']) {
    const words = said(['client', option, 'web.test']);
    t.regex(words, /called with the name web\.test and does not send it/);
    t.true(words.includes(`take ${option} out`), words);
    t.notRegex(words, /instead of an IP address/);
  }
  t.regex(
    said(['java', 'Main'], { JAVA_TOOL_OPTIONS: '-Xmx64m -Djsse.enableSNIExtension=false' }),
    /take -Djsse\.enableSNIExtension=false \(JAVA_TOOL_OPTIONS\) out/,
  );
});

test('without such an option the name is still known, and an address is still none', (t) => {
  const words = said(['java', '-Djsse.enableSNIExtension=true', 'Main']);
  t.regex(words, /called with the name web\.test.*see whether an option or a setting turns SNI off/);
  t.notRegex(words, /instead of an IP address/);
  t.regex(said(['client'], {}, '10.0.0.1'), /use a host name instead of an IP address/);
  const other = finding(false);
  t.is(withOwnSni(other, { host: 'web.test', words: [], variables: {} }), other);
});
