import test from 'ava';
import { EapolFlows, eapolOf, macText } from '../../../src/capture/net/eapol-flows.ts';
import { ipPacketOf } from '../../../src/capture/net/link-layers.ts';
import { fromHex } from '../../../src/core/hex.ts';

const [alice, bob, access] = ['02:00:00:00:00:0a', '02:00:00:00:00:0b', '02:00:00:00:00:01'] as const;
const group = '01:80:c2:00:00:03';
const start = fromHex('01010000');
const request = fromHex('01000005 0101000501');
const response = fromHex('01000005 0201000501');

test('on Wi-Fi each station has a flow with the access point; requests come from the one that admits', (t) => {
  const flows = new EapolFlows();
  t.like(flows.of({ source: access, destination: alice, body: request }), {
    number: 0,
    client: alice,
    server: access,
    from: 'server',
  });
  t.like(flows.of({ source: alice, destination: access, body: response }), {
    number: 0,
    from: 'client',
    isNew: false,
  });
  t.like(flows.of({ source: access, destination: bob, body: request }), { number: 1, client: bob });
  const key = (acknowledge: boolean): Uint8Array => fromHex(`02030003 02 00${acknowledge ? '8a' : '0a'}`);
  t.is(flows.of({ source: access, destination: bob, body: key(true) }).from, 'server');
  t.is(flows.of({ source: bob, destination: access, body: key(false) }).from, 'client');
});

test('on a wire both sides send to a group, or to each other: one flow', (t) => {
  const flows = new EapolFlows();
  t.like(flows.of({ source: alice, destination: group, body: start }), {
    number: 0,
    client: alice,
    from: 'client',
  });
  t.like(flows.of({ source: access, destination: alice, body: request }), { number: 0, from: 'server' });
  t.like(flows.of({ source: alice, destination: group, body: response }), { number: 0, from: 'client' });
});

test('the padding of Ethernet is no part of a frame', (t) => {
  t.deepEqual(Buffer.from(eapolOf(Buffer.concat([request, Buffer.alloc(30)])) ?? []), Buffer.from(request));
  t.is(eapolOf(request.subarray(0, 3)), undefined);
  t.is(macText(fromHex('0200000000ff')), '02:00:00:00:00:ff');
});

test('Ethernet and Wi-Fi give the frame with its addresses', (t) => {
  const ethernet = Buffer.concat([fromHex('0180c2000003 02000000000a 888e'), request]);
  t.deepEqual(ipPacketOf(1, ethernet), { eapol: Buffer.from(request), source: alice, destination: group });
  const fromAccess = fromHex('0802 0000 02000000000a 020000000001 020000000001 1000 aaaa03 000000 888e');
  t.deepEqual(ipPacketOf(105, Buffer.concat([fromAccess, request])), {
    eapol: Buffer.from(request),
    source: access,
    destination: alice,
  });
  const toAccess = fromHex('0801 0000 020000000001 02000000000a 020000000001 1000 aaaa03 000000 888e');
  t.deepEqual(ipPacketOf(105, Buffer.concat([toAccess, response])), {
    eapol: Buffer.from(response),
    source: alice,
    destination: access,
  });
});
