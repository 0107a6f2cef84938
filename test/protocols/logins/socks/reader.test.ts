/** SOCKS 5: the login with its password, the request, and what is relayed behind it. */
import test from 'ava';
import { conversation, loadReadings } from '../../../../src/analysis/conversation/conversation.ts';
import { socks } from '../../../../src/protocols/logins/socks/protocol.ts';
import { explainedSocksFields } from '../../../../src/protocols/logins/socks/texts.ts';
import { Flows } from '../../../../src/capture/flows.ts';
import { present, ScriptedLog } from '../../../helpers/capture.ts';
import {
  checkHostile,
  checkMessages,
  hear,
  hex,
  idsIn,
  linesOf,
  readerOf,
  recognition,
} from '../../helpers/spoken.ts';

const latin1 = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const login = `0105${latin1('alice')}06${latin1('orchid')}`;

const said = [
  hex('client', '05020002'),
  hex('server', '0502'),
  hex('client', login),
  hex('server', '0100'),
  hex('client', `0501000304${latin1('shop')}0050`),
  hex('server', '05000001 7f000001 0050'.replaceAll(' ', '')),
];

for (const size of [Infinity, 1, 3])
  test(`a login and a request, in pieces of ${size}`, async (t) => {
    const messages = hear(await readerOf(socks), said, size);
    t.deepEqual(linesOf(messages), [
      '→ greeting, SOCKS 5, offers no login, password',
      '← method, password',
      '→ login, user alice',
      '  password_message alice: orchid',
      '← login answered, accepted',
      '→ CONNECT, shop:80',
      '← reply, succeeded',
    ]);
    checkMessages(t, messages, 'socks');
    const [secret] = messages.flatMap(({ credentials = [] }) => credentials);
    t.deepEqual([secret?.offset, secret?.length], [12, 6]);
  });

test('without a login, by an address of IPv6, refused; another method is not read', async (t) => {
  const refused = hear(await readerOf(socks), [
    hex('client', '050100'),
    hex('server', '0500'),
    hex('client', `05010004${'00'.repeat(15)}0101bb`),
    hex('server', '050500010000000000 00'.replaceAll(' ', '')),
  ]);
  t.deepEqual(linesOf(refused), [
    '→ greeting, SOCKS 5, offers no login',
    '← method, no login',
    '→ CONNECT, [0:0:0:0:0:0:0:1]:443',
    '← reply, connection refused',
  ]);
  const gssapi = hear(await readerOf(socks), [
    hex('client', '05020102'),
    hex('server', '0501'),
    hex('client', '01010003aabbcc'),
    hex('server', '01ff'),
  ]);
  t.deepEqual(linesOf(gssapi), [
    '→ greeting, SOCKS 5, offers GSSAPI, password',
    '← method, GSSAPI',
    '→ not understood',
    '← not understood',
  ]);
  checkMessages(t, gssapi, 'gssapi');
});

test('what is relayed is recognised again', async (t) => {
  await loadReadings();
  const request = Buffer.from(
    'GET / HTTP/1.1\r\nHost: shop\r\nAuthorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n',
  );
  const response = Buffer.from('HTTP/1.1 204 No Content\r\n\r\n');
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  for (const [from, bytes] of [...said, ['client', request] as const, ['server', response] as const])
    scripted.bytes(from, bytes);
  scripted.closed('client');
  const flows = new Flows(scripted.log);
  for (const event of scripted.log.events) flows.fold(event);
  const messages = conversation(present(flows.connection(1))).filter(({ from }) => from !== null);
  t.deepEqual(
    messages.map(({ protocol }) => protocol),
    [...Array.from({ length: 6 }, () => 'socks'), 'http', 'http'],
  );
  t.deepEqual(
    messages.flatMap(({ credentials }) => credentials().map(({ kind, name }) => `${kind} ${name}`)),
    ['password_message alice', 'basic alice'],
  );
});

test('every explained field is one that a conversation shows', async (t) => {
  const ids = idsIn([
    ...hear(await readerOf(socks), said),
    ...hear(await readerOf(socks), [hex('client', '05010099')]),
  ]);
  t.deepEqual(
    explainedSocksFields.filter((id) => !ids.has(id)),
    [],
  );
});

test('it is recognised by its greeting, however it is cut, and by nothing else', (t) => {
  const verdicts = recognition(socks, 'client', Buffer.from(`05020002${login}`, 'hex'));
  t.is(verdicts.at(-1), true);
  t.false(verdicts.slice(1).includes(false));
  for (const other of ['05000b03', '050109', '05010077', '0501000504', '04010050'])
    t.false(socks.looksLike(Buffer.from(other, 'hex'), 'client'), other);
  t.false(socks.looksLike(Buffer.from('0502', 'hex'), 'server'));
});

test('hostile bytes: nothing is thrown, nothing is lost', async (t) => checkHostile(t, socks, said));
