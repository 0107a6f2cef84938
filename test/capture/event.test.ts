/** How addresses are written. */
import test from 'ava';
import { formatAddress, hostPort } from '../../src/capture/event.ts';

test('an IPv6 address has brackets in a URL, and none in the JSON output', (t) => {
  const row = [
    { host: '127.0.0.1', port: 8443 },
    { host: '::1', port: 443 },
    { host: 'shop.example', port: 80 },
  ];
  t.deepEqual(row.map(hostPort), ['127.0.0.1:8443', '[::1]:443', 'shop.example:80']);
  t.deepEqual(row.map(formatAddress), ['127.0.0.1:8443', '::1:443', 'shop.example:80']);
});
