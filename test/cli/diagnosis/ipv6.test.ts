/** Addresses of IPv6 in the place of a target, and behind a proxy of the variables: with brackets, as a URL has them. */
import test from 'ava';
import { placed } from '../../../src/cli/diagnosis/command-words.ts';
import { proxyOfCommand } from '../../../src/cli/diagnosis/own-proxy.ts';

const target = { host: '::1', port: 8443 };

test('{} stands for the address with brackets, {host} and {port} for its parts', (t) => {
  t.deepEqual(placed(['curl', 'https://{}/'], target), ['curl', 'https://[::1]:8443/']);
  t.deepEqual(placed(['x', '-h', '{host}', '-p', '{port}'], target), ['x', '-h', '::1', '-p', '8443']);
});

test('the proxy of the variables is found for an address of IPv6, too', (t) => {
  const { through } = proxyOfCommand({
    program: undefined,
    own: ['client'],
    variables: { https_proxy: 'http://127.0.0.1:3128' },
    authorities: [],
  });
  t.like(through(target, 'tunnel'), { host: '127.0.0.1', port: 3128 });
});
