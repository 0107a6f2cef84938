/** The gateway's messages: whatever is sent is read or refused, and what is streamed may come in any pieces. */
import * as fc from 'fast-check';
import test from 'ava';
import { EtcdFailure } from '../../../../src/kube/etcd/failure.ts';
import { readPut, readTxn, readWatchRequest } from '../../../../src/kube/etcd/embedded/gateway.ts';
import { putDocument } from '../../../../src/kube/etcd/embedded/answer-documents.ts';
import { readJsonValue } from '../../../../src/kube/etcd/json-values.ts';
import { KeySpace } from '../../../../src/kube/etcd/embedded/mvcc.ts';
import { embeddedLimits, noGrpc } from '../../../../src/kube/etcd/reports.ts';

const request =
  '{"compare":[{"key":"YQ==","result":"GREATER","target":"MOD","mod_revision":"7"}],"success":[{"request_put":{"key":"YQ==","value":"4oKs","prev_kv":true}},{"request_txn":{"failure":[{"request_range":{"key":"AA==","range_end":"AA==","limit":-2.0e1}}]}}]}';

test('every prefix of a request is refused, and the whole is read', (t) => {
  for (let length = 1; length < request.length; length++)
    t.throws(
      () => readTxn(request.slice(0, length)),
      { instanceOf: EtcdFailure, message: 'unexpected EOF' },
      `${length}`,
    );
  t.like(readTxn(request), {
    compare: [{ key: 'a', result: 'GREATER', target: 'MOD', number: 7 }],
    success: [
      { kind: 'put', request: { key: 'a', prevKv: true } },
      { kind: 'txn', request: { failure: [{ kind: 'range', request: { limit: -20 } }] } },
    ],
  });
});

test('JSON is read as JSON.parse reads it', (t) => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const read = readJsonValue(text);
      t.is(read?.end, text.length);
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
      try {
        readPut(text);
        readTxn(`{"success":[{"request_put":{"key":${JSON.stringify(text)}}}]}`);
      } catch (error) {
        if (!(error instanceof EtcdFailure)) throw error;
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('bytes come back as they were put', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom('base64' as const, 'base64url' as const),
      (name, value, alphabet) => {
        const keys = new KeySpace();
        const put = readPut(
          JSON.stringify({
            key: Buffer.from(name).toString(alphabet),
            value: Buffer.from(value).toString(alphabet),
            prevKv: true,
          }),
        );
        keys.put(put);
        const { prev_kv: shown } = JSON.parse(JSON.stringify(putDocument(keys.put(put).answer))) as {
          readonly prev_kv: { readonly key: string; readonly value?: string };
        };
        t.deepEqual(
          [Buffer.from(shown.key, 'base64'), Buffer.from(shown.value ?? '', 'base64')],
          [Buffer.from(name), Buffer.from(value)],
        );
      },
    ),
  );
});

test('the requests of a watch are read out of any pieces', (t) => {
  const text =
    ' {"create_request":{"key":"YQ=="}}\n{"progress_request":{}}{"cancel_request":{"watch_id":"7"}}';
  for (let cut = 0; cut <= text.length; cut++) {
    const kinds: string[] = [];
    let rest = '';
    for (const piece of [text.slice(0, cut), text.slice(cut)]) {
      rest += piece;
      for (let next = readWatchRequest(rest, 0); next; next = readWatchRequest(rest, 0)) {
        kinds.push(next.request.kind);
        rest = rest.slice(next.end);
      }
    }
    t.deepEqual(kinds, ['create', 'progress', 'cancel'], `${cut}`);
  }
});

test('what the embedded etcd cannot do is said in both languages', (t) => {
  for (const text of [embeddedLimits, noGrpc])
    for (const words of Object.values(text)) t.regex(words, /etcdctl/);
});
