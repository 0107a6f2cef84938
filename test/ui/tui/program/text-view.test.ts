/** Steps that are shown as text: what was run and what it said stand above the text, whole where there is room. */
import test from 'ava';
import { performed } from '../support/performed.ts';

test('a step shown as text has its list of certificates, or its command and output, above its text', async (t) => {
  const screen = await performed(t, { scenario: 'k8s-pki', columns: 80, rows: 24 });
  await screen.until(/step 1\/22 /);
  const reveals = [
    'Certificates\\s+pki/ca\\.crt[^]*3,650\\s+days[^]*right b[^]*There is nobody above it',
    'pki/apiserver\\.crt[^]*pki/apiserver-kubelet-client\\.crt[^]*right c',
    'pki/front-proxy-ca\\.crt[^]*pki/front-proxy-client\\.crt[^]*right a',
    'pki/etcd/ca\\.crt[^]*pki/etcd/healthcheck-client\\.crt[^]*right b',
    'admin\\.conf[^]*super-admin\\.conf[^]*right b',
    'kubelet\\.conf[^]*scheduler\\.conf[^]*right c',
    '\\$ kubectl auth whoami[^]*kubernetes-admin[^]*right b',
  ];
  for (const [index, expected] of reveals.entries()) {
    await screen.press(' ');
    await screen.until(new RegExp(`step ${2 * index + 2}/22 `));
    await screen.press(' ');
    await screen.until(new RegExp(`step ${2 * index + 3}/22[^]*${expected}`));
  }
  t.is(await screen.leave(), 0);
});
