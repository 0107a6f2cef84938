/**
 * What an eavesdropper knows, of live handshakes of each version and kind: every point has its state, and whatever is
 * called readable was in the bytes without a key.
 */
import test from 'ava';
import { conversation, loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import { visibilityOf, visibilityWords } from '../../../src/analysis/eavesdropper/visibility.ts';
import { visibleThings } from '../../../src/analysis/eavesdropper/visible-wire.ts';
import type { Visibility, VisibleThing } from '../../../src/analysis/eavesdropper/visible-wire.ts';
import type { Visible } from '../../../src/analysis/eavesdropper/visibility.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { languages } from '../../../src/i18n/language.ts';
import { cases, only, recordingOf, shop } from '../../protocols/helpers/handshakes.ts';
import { recordTls } from '../../protocols/helpers/recorded-tls.ts';
import type { Recording } from '../../protocols/helpers/recorded-tls.ts';
import { present, ScriptedLog } from '../../helpers/capture.ts';
import { recordLogin } from '../../helpers/live.ts';

await loadReadings();

function messagesOf({ events }: Pick<Recording, 'events'>): readonly Message[] {
  const script = new ScriptedLog();
  script.began();
  script.opened();
  for (const event of events) if (event.type === 'bytes') script.bytes(event.from, event.bytes);
  script.closed();
  const flows = new Flows(script.log);
  for (const event of script.log.events) flows.fold(event);
  return conversation(present(flows.connections[0]));
}

const statesOf = (visible: Visible): Record<VisibleThing, Visibility> =>
  Object.fromEntries(visible.rows.map(({ what, state }) => [what, state])) as Record<
    VisibleThing,
    Visibility
  >;
const valueOf = (visible: Visible, what: VisibleThing): string =>
  present(visible.rows.find((row) => row.what === what)).value.en;

const common = {
  version: 'readable',
  site: 'readable',
  content: 'sealed',
  requests: 'inferred',
  password: 'sealed',
  sizes: 'readable',
  timing: 'readable',
  alert: 'absent',
} as const;
const newest = { ...common, serverCertificate: 'sealed', identity: 'sealed', ticket: 'sealed' } as const;
const older = { ...common, serverCertificate: 'readable' } as const;

const expected: Readonly<Record<string, Partial<Record<VisibleThing, Visibility>>>> = {
  'TLS 1.3': { ...newest, clientCertificate: 'inferred', offeredProtocols: 'readable', protocol: 'sealed' },
  'TLS 1.3 with a HelloRetryRequest': {
    ...newest,
    clientCertificate: 'inferred',
    offeredProtocols: 'absent',
    protocol: 'absent',
  },
  'mutual TLS 1.3': { ...newest, clientCertificate: 'sealed' },
  'mutual TLS 1.3 with nothing to present': { ...newest, clientCertificate: 'inferred' },
  'TLS 1.2, ECDHE-ECDSA': {
    ...older,
    clientCertificate: 'absent',
    identity: 'sealed',
    offeredProtocols: 'readable',
    protocol: 'readable',
  },
  'mutual TLS 1.2, ECDHE-ECDSA': { ...older, clientCertificate: 'readable', identity: 'readable' },
  'mutual TLS 1.2, ECDHE-RSA': { ...older, clientCertificate: 'readable', identity: 'readable' },
  'TLS 1.2, CBC': { ...older, clientCertificate: 'absent', identity: 'sealed' },
};

for (const [name, states] of Object.entries(expected)) {
  test(`${name}: each point is readable, sealed, absent or inferred as it should be`, async (t) => {
    const visible = present(visibilityOf(messagesOf(await recordingOf(name))));
    t.like(statesOf(visible), states);
    t.is(visible.version, name.includes('1.3') ? 'TLS 1.3' : 'TLS 1.2');
    t.is(valueOf(visible, 'site'), 'shop.localhost');
    t.regex(valueOf(visible, 'requests'), /^1: /);
  });
}

test('every live handshake has every row, in order, in both languages, and what is readable rests on bytes', async (t) => {
  for (const name of Object.keys(cases)) {
    const messages = messagesOf(await recordingOf(name));
    const { rows } = present(visibilityOf(messages));
    t.deepEqual(
      rows.map(({ what }) => what),
      Object.keys(visibleThings),
    );
    for (const { what, state, value, evidence } of rows) {
      for (const language of languages) t.true(value[language].length > 0, `${name} ${what}`);
      if (state === 'readable' && what !== 'sizes') t.true(evidence.length > 0, `${name} ${what}`);
      for (const ref of evidence)
        t.true(
          'event' in ref ||
            messages.some(
              ({ from, offset, length }) =>
                from === ref.from && offset === ref.offset && length === ref.length,
            ),
        );
    }
  }
});

test('the names in certificates are read under TLS 1.2 and are nowhere in what TLS 1.3 shows', async (t) => {
  const [newer, older12] = await Promise.all(
    ['mutual TLS 1.3', 'mutual TLS 1.2, ECDHE-ECDSA'].map(async (name) =>
      present(visibilityOf(messagesOf(await recordingOf(name)))),
    ),
  );
  t.regex(valueOf(present(older12), 'identity'), /CN=alice/);
  t.notRegex(JSON.stringify(present(newer).rows), /alice/);
});

test('asked for a certificate and without one: the size of an empty Certificate says so', async (t) => {
  const visible = present(
    visibilityOf(messagesOf(await recordingOf('mutual TLS 1.3 with nothing to present'))),
  );
  t.is(valueOf(visible, 'clientCertificate'), 'asked for; empty, by its size (30 bytes)');
});

test('the alert of a refusal is readable under TLS 1.2, and a record of 24 bytes under TLS 1.3', async (t) => {
  for (const [version, state, value] of [
    ['TLSv1.2', 'readable', /^unknown_ca \(48\)$/],
    ['TLSv1.3', 'sealed', /by their size of 24 bytes/],
  ] as const) {
    const { log } = await recordLogin('mtls', { version, identity: 'mallory' });
    const flows = new Flows(log);
    for (const event of log.events) flows.fold(event);
    const visible = present(visibilityOf(conversation(present(flows.connections[0]))));
    t.is(statesOf(visible).alert, state);
    t.regex(valueOf(visible, 'alert'), value);
  }
});

test('a session that is offered again is seen, under either version', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    let session: Buffer | undefined;
    await recordTls({
      server: { ...shop, ...only(version) },
      client: { servername: 'shop.localhost' },
      talk: async (client, server) => {
        session = client.getSession();
        client.on('session', (given: Buffer) => (session = given));
        server.write('x');
        await new Promise((resolve) => client.once('data', resolve));
      },
    });
    const again = await recordTls({
      server: { ...shop, ...only(version) },
      client: { servername: 'shop.localhost', session: present(session) },
    });
    const visible = present(visibilityOf(messagesOf(again)));
    t.is(statesOf(visible).ticket, 'readable', version);
    t.regex(valueOf(visible, 'ticket'), /it was here before/);
  }
});

test('with the form of the login its password’s length is inferred; a form that does not fit says so', async (t) => {
  const messages = messagesOf(await recordingOf('TLS 1.3'));
  const [fits, not] = [(length: number): number => 79 + length, (): number => 1];
  const visible = present(visibilityOf(messages, { form: fits }));
  t.is(statesOf(visible).password, 'inferred');
  t.is(visible.password?.least, visible.password?.most);
  t.is(statesOf(present(visibilityOf(messages, { form: not }))).password, 'sealed');
});

test('where no TLS is spoken there is nothing to tell apart', (t) => {
  t.is(visibilityOf([]), undefined);
  const script = new ScriptedLog();
  script.began();
  script.opened();
  script.bytes('client', 'GET / HTTP/1.1\r\n\r\n');
  const flows = new Flows(script.log);
  for (const event of script.log.events) flows.fold(event);
  t.is(visibilityOf(conversation(present(flows.connections[0]))), undefined);
});

test('a handshake that was cut off anywhere, or spoiled, is told as far as it came, and never throws', async (t) => {
  for (const name of ['mutual TLS 1.3', 'mutual TLS 1.2, ECDHE-ECDSA']) {
    const recording = await recordingOf(name);
    const bytes = recording.events.filter((event) => event.type === 'bytes');
    for (let cut = 1; cut <= bytes.length; cut++) {
      for (const spoiled of [0, 7, 40, 99]) {
        const events = bytes.slice(0, cut).map((event, index) =>
          index === cut - 1
            ? {
                ...event,
                bytes: event.bytes.map((byte, at) =>
                  at % 97 === spoiled % 97 && spoiled > 0 ? byte ^ 0xff : byte,
                ),
              }
            : event,
        );
        const visible = visibilityOf(messagesOf({ events }));
        for (const { state } of visible?.rows ?? []) t.true(state in visibilityWords);
      }
    }
  }
});
