import { gzipSync } from 'node:zlib';
import test from 'ava';
import { languages } from '../../src/i18n/language.ts';
import { CommandConversation, fieldOfCommand } from '../../src/protocols/commands/conversation.ts';
import { commandTexts, explainedCommandFields } from '../../src/protocols/commands/texts.ts';
import { protocolTexts } from '../../src/protocols/index.ts';
import { HttpConversation } from '../../src/protocols/http/conversation.ts';
import { fieldOfHttp } from '../../src/protocols/http/message-field.ts';
import { explainedHttpFields, httpRemarks, httpTexts } from '../../src/protocols/http/texts.ts';
import { tlsExtensionTexts } from '../../src/protocols/tls/extension-texts.ts';
import { fieldOfTlsRequest, TlsRequestConversation } from '../../src/protocols/tls-request/tls-request.ts';
import { explainedTlsRequestFields, tlsRequestTexts } from '../../src/protocols/tls-request/texts.ts';
import { TlsConversation } from '../../src/protocols/tls/conversation.ts';
import { fieldOf } from '../../src/protocols/tls/message/message-field.ts';
import { explainedTlsFields, tlsRemarks, tlsTexts } from '../../src/protocols/tls/texts.ts';
import { present } from '../helpers/capture.ts';
import { cases, recordingOf } from './helpers/handshakes.ts';
import { allFields } from './helpers/tree.ts';

/** What no handshake between two Node sockets shows. */
const rare = new Set<string>([
  'tls.record.padding',
  'tls.version2_hello',
  'tls.handshake.key_update',
  'tls.alert',
  'tls.alert.level',
  'tls.alert.description',
  'tls.handshake.unread',
  'tls.handshake.extension.unread',
]);

test('every explained field of TLS is one that a live connection shows, padding, key updates, alerts and SSL 2.0 aside', async (t) => {
  const seen = new Set<string>();
  for (const name of Object.keys(cases)) {
    const recording = await recordingOf(name);
    const conversation = new TlsConversation();
    for (const event of recording.events) if (event.type === 'bytes') conversation.feed(event);
    for (const message of conversation.messages)
      for (const field of allFields(fieldOf(message))) seen.add(field.id);
    conversation.openWith(recording.keylog);
    for (const message of conversation.messages)
      for (const field of allFields(fieldOf(message))) seen.add(field.id);
  }
  t.deepEqual(
    explainedTlsFields.filter((id) => !seen.has(id) && !rare.has(id)),
    [],
  );
});

test('every explained field of HTTP is one that a login shows', (t) => {
  const conversation = new HttpConversation();
  const form = 'user=alice&password=x';
  const request = `POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`;
  const gzip = gzipSync('x');
  const zipped = (start: string): Buffer =>
    Buffer.concat([
      Buffer.from(`${start}\r\nContent-Encoding: gzip\r\nContent-Length: ${gzip.length}\r\n\r\n`),
      gzip,
    ]);
  const responses = [
    zipped('HTTP/1.1 200 OK'),
    Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\ndata: 1\n\n'),
    Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nnonsense\r\n\r\nx'),
  ];
  const messages = [
    ...conversation.feed({
      from: 'client',
      offset: 0,
      bytes: Buffer.concat([Buffer.from(request), zipped('POST / HTTP/1.1')]),
    }),
    ...conversation.feed({ from: 'server', offset: 0, bytes: Buffer.concat(responses) }),
  ];
  const seen = new Set(
    messages.flatMap((message) => allFields(fieldOfHttp(message)).map((field) => field.id)),
  );
  t.deepEqual(
    explainedHttpFields.filter((id) => !seen.has(id)),
    [],
  );
});

test('every explained field of mail and file protocols is one that a mail shows, and of databases one that their request for TLS shows', (t) => {
  const conversation = new CommandConversation();
  const said = [
    ['server', '* OK ready\r\n'],
    ['client', 'a1 LOGIN alice "tiger-lily"\r\n'],
    ['server', 'a1 OK\r\n'],
  ] as const;
  const mail = [
    ['server', '220 ESMTP\r\n'],
    ['client', 'DATA\r\n'],
    ['server', '354 go on\r\n'],
    ['client', 'Hello\r\n.\r\n'],
  ] as const;
  const other = new CommandConversation();
  const messages = [
    ...said.flatMap(([from, text], tag) =>
      conversation.feed({ from, offset: tag * 100, bytes: Buffer.from(text), tag }),
    ),
    ...mail.flatMap(([from, text], tag) =>
      other.feed({ from, offset: tag * 100, bytes: Buffer.from(text), tag }),
    ),
  ];
  const seen = new Set(
    messages.flatMap((message) => allFields(fieldOfCommand(message)).map((field) => field.id)),
  );
  t.deepEqual(
    explainedCommandFields.filter((id) => !seen.has(id)),
    [],
  );
  const requests = new TlsRequestConversation();
  const asked = [
    ...requests.feed({ from: 'client', offset: 0, bytes: Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47), tag: 0 }),
    ...requests.feed({ from: 'server', offset: 0, bytes: Buffer.from('S'), tag: 1 }),
    ...requests.feed({
      from: 'client',
      offset: 8,
      bytes: Uint8Array.of(32, 0, 0, 1, 0, 10, ...new Uint8Array(30)),
      tag: 2,
    }),
  ];
  const ids = new Set(
    asked.flatMap((message) => allFields(present(fieldOfTlsRequest(message))).map((field) => field.id)),
  );
  t.deepEqual(
    explainedTlsRequestFields.filter((id) => !ids.has(id)),
    [],
  );
});

test('the texts of every protocol are whole: NFC, one line without control characters, Korean in Korean', async (t) => {
  const all = await protocolTexts();
  t.true(all.size > 300);
  for (const [id, { name, meaning }] of all) {
    for (const text of [name, meaning].flatMap((localized) =>
      languages.map((language) => localized[language]),
    )) {
      t.is(text, text.normalize('NFC').trim(), id);
      t.notRegex(text, /[\u0000-\u001f\u007f-\u009f]|\p{Emoji_Presentation}/u, id);
    }
    t.regex(meaning.en, /[.)…]$/, id);
    t.regex(meaning.ko, /니다[.(]/, id);
    t.notRegex(meaning.en, /[\u1100-\u11ff\uac00-\ud7a3]/, id);
  }
});

test('texts are whole: every id once, NFC, one line without control characters, Korean in Korean', (t) => {
  t.is(
    new Set([...explainedTlsFields, ...tlsRemarks, ...Object.keys(tlsExtensionTexts)]).size,
    Object.keys(tlsTexts).length,
  );
  t.is(new Set([...explainedHttpFields, ...httpRemarks]).size, Object.keys(httpTexts).length);
  for (const [id, { name, meaning, source }] of Object.entries({
    ...tlsTexts,
    ...httpTexts,
    ...commandTexts,
    ...tlsRequestTexts,
  })) {
    for (const text of [name, meaning].flatMap((localized) =>
      languages.map((language) => localized[language]),
    )) {
      t.is(text, text.normalize('NFC').trim(), id);
      t.notRegex(text, /[\u0000-\u001f\u007f-\u009f]|\p{Emoji_Presentation}/u, id);
    }
    t.regex(meaning.en, /[.)]$/, id);
    t.regex(meaning.ko, /니다[.(]/, id);
    t.notRegex(meaning.en, /[\u1100-\uffdc]/, id);
    if (source) t.regex(source, /^(RFC \d{4,5}|WHATWG URL|WHATWG HTML) (section|appendix) /, id);
  }
});
