/** What Go's url.Parse refuses, in its words. */
import test from 'ava';
import { goUrlFault } from '../../../../src/kube/objects/go/url.ts';

const refused: readonly (readonly [url: string, why: string])[] = [
  ['https://a:x/', 'invalid port ":x" after host'],
  ['https://[::1]x/', 'invalid port "x" after host'],
  ['https://[::1/', "missing ']' in host"],
  ['https://a b/', 'invalid character " " in host name'],
  ['https://a^b/', 'invalid character "^" in host name'],
  ['https://a\\b/', String.raw`invalid character "\\" in host name`],
  ['https://%zz/', 'invalid URL escape "%zz"'],
  ['https://a/%4', 'invalid URL escape "%4"'],
  ['https://a\n.b/', 'net/url: invalid control character in URL'],
  ['https://a/\u007f', 'net/url: invalid control character in URL'],
  [':a', 'missing protocol scheme'],
  ['1a:b', 'first path segment in URL cannot contain colon'],
];
for (const [url, why] of refused)
  test(`refused: ${JSON.stringify(url)}`, (t) => {
    t.is(goUrlFault(url), `parse ${JSON.stringify(url).replace('\u007f', String.raw`\u007f`)}: ${why}`);
  });

test('what Go takes', (t) => {
  for (const url of [
    'https://gate.example.com/validate',
    'https://gate.example.com:8443',
    'https://gate.example.com:/a',
    'https://[::1]:8443/a?b=c%20d#e',
    'https://user@host/',
    'https://bücher.example/',
    'http://a',
    'a/b',
    '',
  ])
    t.is(goUrlFault(url), undefined, url);
});
