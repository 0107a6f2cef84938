/** Secrets of service accounts: filled, good as long as they are there, and gone with their account. */
import test from 'ava';
import { objectAt, textAt } from '../../../src/kube/objects/json.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { ca, callAs, startWhole } from './support/whole.ts';
import type { Whole } from './support/whole.ts';

const secrets = '/api/v1/namespaces/default/secrets';
const accounts = '/api/v1/namespaces/default/serviceaccounts';
const secretOf = (account: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'bot-token', annotations: { 'kubernetes.io/service-account.name': account } },
  type: 'kubernetes.io/service-account-token',
  ...more,
});
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bot' } };
const plain = (secret: KubeObject | undefined, key: string): string =>
  Buffer.from(textAt(secret, 'data', key), 'base64').toString();
const isFilled = (secret: KubeObject | undefined): boolean => textAt(secret, 'data', 'token') !== '';
const start = async (t: Parameters<typeof startWhole>[0]): Promise<Whole> =>
  startWhole(t, { kubelet: false, scheduler: false, controllerManager: { controllers: ['tokens'] } });
const review = async ({ controlPlane }: Whole, token: string): Promise<string> => {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const { code, text } = await callAs(
    controlPlane.address.port,
    'POST',
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    { token, ca, body },
  );
  return code === 201 ? textAt(JSON.parse(text), 'status', 'userInfo', 'username') : String(code);
};

test('a secret of an account is filled with its token, which is good until the secret goes', async (t) => {
  const whole = await start(t);
  const { ask, until } = whole;
  const made = await ask('POST', accounts, account);
  await ask('POST', secrets, secretOf('bot'));
  const secret = await until('secrets', 'bot-token', isFilled);
  t.is(secret?.metadata.annotations?.['kubernetes.io/service-account.uid'], made.metadata.uid);
  t.deepEqual(Object.keys(objectAt(secret, 'data')).toSorted(), ['ca.crt', 'namespace', 'token']);
  t.is(plain(secret, 'ca.crt'), ca);
  t.is(plain(secret, 'namespace'), 'default');
  const token = plain(secret, 'token');
  t.is(await review(whole, token), 'system:serviceaccount:default:bot');
  t.is(await review(whole, `${token.slice(0, -8)}AAAAAAAA`), '401');
  // The secret holds another one now.
  await ask('PATCH', `${secrets}/bot-token`, { data: { token: Buffer.from('another').toString('base64') } });
  t.is(await review(whole, token), '401');
  await ask('DELETE', `${secrets}/bot-token`);
  t.is(await review(whole, token), '401');
});

test('a secret goes with its account, and does not stay for one that is not there or is another', async (t) => {
  const { ask, until, reports } = await start(t);
  await ask('POST', accounts, account);
  await ask('POST', secrets, secretOf('bot'));
  await until('secrets', 'bot-token', isFilled);
  const deleted = async (count: number): Promise<unknown> =>
    reports.next('token_deleted', () => reports.of('token_deleted').length === count);
  await ask('DELETE', `${accounts}/bot`);
  await deleted(1);
  t.is((await ask('GET', `${secrets}/bot-token`))['reason'], 'NotFound');
  await ask('POST', secrets, secretOf('nobody'));
  await deleted(2);
  await ask('POST', accounts, account);
  await ask(
    'POST',
    secrets,
    secretOf('bot', {
      metadata: {
        name: 'bot-token',
        annotations: {
          'kubernetes.io/service-account.name': 'bot',
          'kubernetes.io/service-account.uid': 'another',
        },
      },
    }),
  );
  await deleted(3);
  t.deepEqual(
    reports.of('token_deleted').map((report) => report.account),
    ['bot', 'nobody', 'bot'],
  );
  t.deepEqual(reports.of('refused'), []);
});
