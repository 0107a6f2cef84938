/** MQTT, as mosquitto's programs spoke, and what they do not say. */
import test from 'ava';
import { mqtt } from '../../../../src/protocols/logins/mqtt/protocol.ts';
import { explainedMqttFields } from '../../../../src/protocols/logins/mqtt/texts.ts';
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

const version3 = [
  hex('client', '101b00044d51545404c2003c00000005616c69636500066f7263686964'),
  hex('server', '20020000'),
  hex('client', '3214000b73686f702f6f7264657273000168656c6c6f'),
  hex('server', '40020001'),
  hex('client', 'c000'),
  hex('server', 'd000'),
  hex('client', 'e000'),
];

const version5 = [
  // With a last will, and an authentication by SCRAM.
  hex(
    'client',
    `1039 00044d515454 05 c6 003c 0d 15 0005 504c41494e 16 0002 0061 0003 646576 00 0004 77696c6c 0004 676f6e65 0005 616c696365 0006 6f7263686964`.replaceAll(
      ' ',
      '',
    ),
  ),
  hex('server', '200300870021000a'.slice(0, 10)),
  hex('client', '820c000100000673686f702f2300'),
  hex('server', '900400010087'),
  hex('client', '3110000b73686f702f6f726465727300613162'),
  hex('client', 'e00104'),
];

const lines3 = [
  '→ CONNECT, MQTT 3.1.1, user alice',
  '  password_message alice: orchid',
  '← CONNACK, accepted',
  '→ PUBLISH shop/orders, QoS 1',
  '← PUBACK',
  '→ PINGREQ',
  '← PINGRESP',
  '→ DISCONNECT',
];

for (const size of [Infinity, 1])
  test(`a login and a publication of version 3.1.1, in pieces of ${size}`, async (t) => {
    const messages = hear(await readerOf(mqtt), version3, size);
    t.deepEqual(linesOf(messages), lines3);
    checkMessages(t, messages, 'mqtt 3.1.1');
  });

test('version 5: reasons in words, and a topic that is asked for', async (t) => {
  const messages = hear(await readerOf(mqtt), [
    hex('client', '101f00044d51545405c2003c0321001400000005616c69636500066f7263686964'),
    hex('server', '2003008700'),
    hex('client', '820c000100000673686f702f2300'),
    hex('server', '900400010087'),
    hex('server', 'e0028d00'),
  ]);
  t.deepEqual(linesOf(messages), [
    '→ CONNECT, MQTT 5, user alice',
    '  password_message alice: orchid',
    '← CONNACK, not authorized',
    '→ SUBSCRIBE shop/#',
    '← SUBACK, not authorized',
    '← DISCONNECT, keep alive timeout',
  ]);
  checkMessages(t, messages, 'mqtt 5');
});

test('every explained field is one that a conversation shows', async (t) => {
  const ids = new Set([
    ...idsIn(hear(await readerOf(mqtt), version5)),
    ...idsIn(hear(await readerOf(mqtt), [...version3, hex('client', 'ffff')])),
  ]);
  t.deepEqual(
    explainedMqttFields.filter((id) => !ids.has(id)),
    [],
  );
});

test('it is recognised by CONNECT, however it is cut', (t) => {
  for (const start of ['101b00044d515454', '10ff0100064d514973647003']) {
    const verdicts = recognition(mqtt, 'client', Buffer.from(start, 'hex'));
    t.is(verdicts.at(-1), true);
    t.false(verdicts.slice(1).includes(false));
  }
  for (const other of ['101b00044d515455', '1080808080800004', '201b00044d515454'])
    t.false(mqtt.looksLike(Buffer.from(other, 'hex'), 'client'), other);
});

test('hostile bytes: nothing is thrown, nothing is lost', async (t) => {
  await checkHostile(t, mqtt, version3);
  await checkHostile(t, mqtt, version5);
});
