/** Calls are read from the plaintext of a proxy: who, what, and the answer. */
import test from 'ava';
import { loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { Flows } from '../../src/capture/flows.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { TappedCalls } from '../../src/kube/tapped-calls.ts';
import type { Caller, TappedCall } from '../../src/kube/tapped-calls.ts';

test.before(async () => loadReadings());

const admin: Caller = { user: 'admin', groups: ['masters'] };

function tapped(certificate?: Caller | (() => Caller)) {
  const log = new CaptureLog({ clock: systemClock });
  const run = log.openRun();
  const flows = new Flows(log);
  const told: TappedCall[] = [];
  const unanswered: unknown[] = [];
  const calls = new TappedCalls({
    flows,
    hop: 'A',
    certificate: typeof certificate === 'function' ? certificate : () => certificate,
    onCall: (call) => void told.push(call),
    onUnanswered: ({ path, user }) => void unanswered.push([path, user]),
  });
  log.subscribe((event) => {
    flows.fold(event);
    calls.fold(event);
  });
  const address = { host: '127.0.0.1', port: 1 };
  const conn = run.nextConnection();
  run.append({ type: 'opened', hop: 'A', conn, transport: 'tcp', from: address, to: address });
  const say = (from: 'client' | 'server', text: string): void =>
    void run.append({ type: 'bytes', hop: 'A', conn, vantage: 'plaintext', from, bytes: Buffer.from(text) });
  const close = (): void => void run.append({ type: 'closed', hop: 'A', conn, by: 'client', how: 'end' });
  return { told, unanswered, say, close };
}

const get = (path: string, ...headers: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');
const answer = (status: string, body: object | string = {}): string => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};
const forbidden = (user: string) => ({
  kind: 'Status',
  message: `pods is forbidden: User "${user}" cannot list resource "pods"`,
});
const token = (claims: object): string =>
  `Authorization: Bearer ${['{}', JSON.stringify(claims), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.')}`;

test('a watch is told when its answer begins, and once', (t) => {
  const { told, say, close } = tapped(admin);
  say('client', get('/api/v1/pods?watch=true'));
  say('server', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
  t.is(told.length, 1);
  say('server', '2\r\n{}\r\n');
  say('server', '0\r\n\r\n');
  close();
  t.deepEqual(told, [
    {
      conn: told[0]?.conn ?? -1,
      method: 'GET',
      path: '/api/v1/pods',
      target: '/api/v1/pods?watch=true',
      status: 200,
      user: 'admin',
      groups: ['masters'],
    },
  ]);
});

test('a refusal has the words of the server; an impersonated user has the one who acts', (t) => {
  const { told, say } = tapped(admin);
  say('client', get('/api/v1/pods', 'Impersonate-User: bob', 'Impersonate-Group: staff'));
  say('server', answer('403 Forbidden', forbidden('bob')));
  t.like(told[0], {
    status: 403,
    user: 'bob',
    groups: ['staff'],
    impersonator: 'admin',
    message: forbidden('bob').message,
  });
});

test('a service account is named by its token; any other token by the server’s words, once it has said them', (t) => {
  const { told, say } = tapped();
  say('client', get('/a', token({ sub: 'system:serviceaccount:till:robot' })));
  say('server', answer('200 OK'));
  say('client', get('/b', 'Authorization: Bearer opaque'));
  say('server', answer('200 OK'));
  say('client', get('/c', 'Authorization: Bearer opaque'));
  say('server', answer('403 Forbidden', forbidden('carol')));
  say('client', get('/d', 'Authorization: Bearer opaque'));
  say('server', answer('200 OK'));
  say('client', get('/e', 'Authorization: Bearer another'));
  say('server', answer('401 Unauthorized', { kind: 'Status', message: 'Unauthorized' }));
  t.deepEqual(
    told.map(({ path, user, unauthorized }) => [path, user, unauthorized?.reason]),
    [
      ['/a', 'system:serviceaccount:till:robot', undefined],
      ['/b', undefined, 'unnamed_token'],
      ['/c', 'carol', undefined],
      ['/d', 'carol', undefined],
      ['/e', undefined, 'unauthorized'],
    ],
  );
  t.deepEqual(told[0]?.groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:till',
    'system:authenticated',
  ]);
});

test('whom the server names when it is asked counts more than the certificate', (t) => {
  const { told, say } = tapped(admin);
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  say('client', `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}`);
  say('server', answer('201 Created', { status: { userInfo: { username: 'admin@corp', groups: ['ops'] } } }));
  say('client', get('/a'));
  say('server', answer('200 OK'));
  t.like(told[1], { user: 'admin@corp', groups: ['ops'] });
});

test('a refusal that names the certificate’s user does not take its groups away; another certificate is another caller', (t) => {
  let now = admin;
  const { told, say } = tapped(() => now);
  for (const user of ['admin', 'shop-admin']) {
    say('client', get('/a'));
    say('server', answer('403 Forbidden', forbidden(user)));
  }
  now = { user: 'bob', groups: ['staff'] };
  say('client', get('/b'));
  say('server', answer('200 OK'));
  t.deepEqual(
    told.map(({ user, groups }) => [user, groups]),
    [
      ['admin', ['masters']],
      ['shop-admin', []],
      ['bob', ['staff']],
    ],
  );
});

test('whoever sends no credentials is anonymous; the name of any other token is for the server to say', (t) => {
  const { told, say } = tapped();
  say('client', get('/version'));
  say('server', answer('200 OK'));
  say('client', get('/b', token({ sub: '1234', email: 'carol@corp' })));
  say('server', answer('200 OK'));
  t.like(told[0], { user: 'system:anonymous', groups: ['system:unauthenticated'], unauthorized: undefined });
  t.is(told[1]?.user, undefined);
  t.is(told[1]?.unauthorized?.reason, 'unnamed_token');
});

test('a name that the caller has put into the path of a refused call is not taken for its own', (t) => {
  const { told, say } = tapped();
  say('client', get('/a', 'Authorization: Bearer opaque'));
  say(
    'server',
    answer('403 Forbidden', {
      kind: 'Status',
      message: `x forbidden: User "admin" cannot y "forbidden: User \\"root\\" cannot" is forbidden: User "mal\\"lory" cannot list resource "pods"`,
    }),
  );
  t.is(told[0]?.user, 'mal"lory');
});

test('a call without an answer is told when its connection closes, one whose answer was cut off with its status', (t) => {
  const { told, unanswered, say, close } = tapped(admin);
  say('client', get('/a'));
  say('server', answer('403 Forbidden', forbidden('admin')).slice(0, -10));
  t.is(told.length, 0, 'its reason may still come');
  close();
  t.like(told, [{ path: '/a', status: 403 }]);
  const second = tapped(admin);
  second.say('client', get('/b'));
  second.close();
  t.deepEqual([unanswered, second.told, second.unanswered], [[], [], [['/b', 'admin']]]);
});

test('whatever a server answers, nothing is thrown', (t) => {
  const { told, say, close } = tapped();
  say('client', get('/a', 'Authorization: Bearer a.!.c') + get('/b', token([])));
  say('server', answer('403 Forbidden', '{"kind":"Status"') + answer('403 Forbidden', 'null'));
  say('client', get('/c', 'Authorization: Bearer x') + get('/d'));
  say('server', answer('201 Created', '[]'));
  close();
  t.is(told.length, 3);
});
