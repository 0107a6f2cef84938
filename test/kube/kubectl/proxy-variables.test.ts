/** The proxy that the environment names, as kubectl takes it. */
import test from 'ava';
import { proxyFor } from '../../../src/kube/kubectl/proxy-variables.ts';

const valueFor = (server: string, variables: Record<string, string>): string | undefined =>
  proxyFor(new URL(server), variables)?.value;

test('HTTPS_PROXY counts for https, HTTP_PROXY for http; this machine is reached without', (t) => {
  const variables = { https_proxy: 'proxy.corp:3128', HTTP_PROXY: 'http://plain.corp' };
  t.is(valueFor('https://api.corp:6443', variables), 'http://proxy.corp:3128');
  t.is(valueFor('http://api.corp', variables), 'http://plain.corp');
  t.is(valueFor('https://api.corp', {}), undefined);
  for (const host of ['localhost', '127.0.0.1', '127.3.2.1', '[::1]'])
    t.is(valueFor(`https://${host}:6443`, variables), undefined, host);
});

test('NO_PROXY exempts names with what is below them, ports, addresses and ranges', (t) => {
  const isExempt = (server: string, exempt: string): boolean =>
    valueFor(server, { HTTPS_PROXY: 'http://proxy', NO_PROXY: exempt }) === undefined;
  for (const [server, exempt] of [
    ['https://api.corp', 'other, corp'],
    ['https://api.corp', '.corp'],
    ['https://api.corp', '*.corp'],
    ['https://API.corp', 'api.CORP'],
    ['https://api.corp', '*'],
    ['https://api.corp:6443', 'api.corp:6443'],
    ['https://10.1.2.3', '10.0.0.0/8'],
    ['https://10.1.2.3', '10.1.2.3'],
    ['https://[2001:db8::1]:6443', '2001:db8::/32'],
    ['https://[2001:db8::1]:6443', '[2001:db8::1]:6443'],
  ] as const)
    t.true(isExempt(server, exempt), `${server} ${exempt}`);
  for (const [server, exempt] of [
    ['https://api.corp', ''],
    ['https://corp', '.corp'],
    ['https://apicorp', 'corp'],
    ['https://api.corp', 'api.corp:6443'],
    ['https://10.1.2.3', '11.0.0.0/8'],
    ['https://10.1.2.3', '10.0.0.0/x'],
    ['https://10.1.2.3', '10.0.0.0/99'],
    ['https://10.1.2.3', '2001:db8::/32'],
  ] as const)
    t.false(isExempt(server, exempt), `${server} ${exempt}`);
});
