/** The command's offer, made again: what alone brings an answer is what the two ends have not in common. */
import test from 'ava';
import type { Attempt } from '../../../src/diagnosis/attempt/attempt.ts';
import type { Change } from '../../../src/diagnosis/attempt/call.ts';
import { fullerHello, offeredIn } from '../../../src/diagnosis/command/own-hello.ts';
import type { ClientHello } from '../../../src/protocols/tls/handshake.ts';

/** A server that answers what `takes` says, and refuses the rest. */
const server = (
  takes: (change: Change) => Partial<Attempt> | undefined,
  refusal: Partial<Attempt> = { result: 'alert' },
) => {
  const tried: string[] = [];
  return {
    tried,
    try: async (change: Change): Promise<Attempt> => {
      tried.push(change.id);
      const answer = takes(change);
      const made = answer ? { result: 'server_hello', version: 'TLS 1.2', ...answer } : refusal;
      return { number: tried.length, change, chain: [], ...made } as unknown as Attempt;
    },
  };
};

const hello = (facts: { version?: number; cipherSuites: readonly number[]; versions?: readonly number[] }) =>
  ({
    type: 'client_hello',
    version: facts.version ?? 0x0303,
    cipherSuites: facts.cipherSuites,
    extensions: facts.versions ? { supportedVersions: facts.versions } : {},
  }) as unknown as ClientHello;

const alert = { level: 'fatal', code: 40, description: 'handshake_failure', from: 'server' } as const;
const refused = { result: 'alert', alert } as unknown as Partial<Attempt>;

test('what is offered: without GREASE, signals, and suites of TLS 1.3', (t) => {
  const modern = hello({
    cipherSuites: [0x0a0a, 0x1301, 0xc02f, 0x00ff],
    versions: [0x0a0a, 0x0304, 0x0303],
  });
  t.deepEqual(offeredIn(modern), { versions: [0x0304, 0x0303], suites: [0xc02f] });
  t.deepEqual(offeredIn(hello({ version: 0x0302, cipherSuites: [0x002f] })).versions, [0x0302, 0x0301]);
});

test('suites: the server takes one that the command does not offer', async (t) => {
  const laboratory = server(
    ({ hello: form }) => (form?.suites ? undefined : { cipher: 'TLS_RSA_X' }),
    refused,
  );
  const finding = await fullerHello({ versions: [0x0304, 0x0303], suites: [0xc02f] }, laboratory);
  t.like(finding, { cause: 'no_common_cipher', by: 'server', confidence: 'proven' });
  t.is(finding?.remedy.on, 'server');
  t.regex(finding?.remedy.words.en ?? '', /add suites with ECDHE/);
});

test('suites: that a newer version helps, too, does not say that the server refuses the older', async (t) => {
  const laboratory = server(
    ({ hello: form }) =>
      form?.versions?.includes(0x0304)
        ? { version: 'TLS 1.3' }
        : form?.suites
          ? undefined
          : { cipher: 'TLS_ECDHE_ECDSA_X' },
    refused,
  );
  const finding = await fullerHello({ versions: [0x0303], suites: [0xc02f] }, laboratory);
  t.like(finding, { cause: 'no_common_cipher', confidence: 'proven' });
  t.regex(finding?.remedy.words.en ?? '', /let the client offer TLS_ECDHE_ECDSA_X or TLS 1\.3,/);
});

test('versions: a client that stops short, refused without an alert', async (t) => {
  const laboratory = server(({ hello: form }) => (form?.versions?.includes(0x0304) ? {} : undefined), {
    result: 'reset',
  });
  const finding = await fullerHello({ versions: [0x0302], suites: [0xc013] }, laboratory);
  t.like(finding, { cause: 'no_common_version', by: 'server', confidence: 'likely' });
  t.is(finding?.remedy.on, 'client');
});

test('nothing is said where the offer is answered, or where more of it is refused as well', async (t) => {
  const offer = { versions: [0x0304, 0x0303], suites: [0xc02f] };
  const open = server(() => ({}));
  t.is(await fullerHello(offer, open), undefined);
  t.deepEqual(open.tried, ['own-offer']);
  t.is(
    await fullerHello(
      offer,
      server(() => undefined, refused),
    ),
    undefined,
  );
  t.is(
    await fullerHello(
      offer,
      server(() => undefined, { result: 'silence' }),
    ),
    undefined,
  );
});
