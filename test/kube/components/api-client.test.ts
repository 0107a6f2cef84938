import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { ServerResponse } from 'node:http';
import { systemClock } from '../../../src/core/clock.ts';
import { apiClient } from '../../../src/kube/components/api-client.ts';
import { Unreachable as ApiUnreachable, BrokenAnswer } from '../../../src/wire/http/client.ts';
import type { ApiClient } from '../../../src/kube/components/api-client.ts';
import { nowhere } from '../../helpers/nowhere.ts';
import { TestApiServer, world } from '../support/api-server.ts';

const forever = new AbortController().signal;

/** A client of a server that answers everything so. */
async function answered(
  t: ExecutionContext,
  answer: (response: ServerResponse) => void,
  timeout?: number,
): Promise<{ readonly client: ApiClient; readonly server: TestApiServer }> {
  const server = new TestApiServer();
  server.mischief = (_request, response) => {
    answer(response);
    return true;
  };
  const to = await server.listen();
  t.teardown(() => server.close());
  return {
    client: apiClient({
      to,
      clock: systemClock,
      identity: world.identity('manager'),
      authorities: [world.authority('ca')],
      userAgent: 'test',
      ...(timeout === undefined ? {} : { timeout }),
    }),
    server,
  };
}

test('an answer is a value, whatever its status', async (t) => {
  for (const status of [200, 404, 500]) {
    const { client } = await answered(t, (response) => response.writeHead(status).end('{"a":1}'));
    t.deepEqual(await client.call('GET', '/x', forever), { status, body: { a: 1 } });
    t.deepEqual(
      await client.watch('/x', forever, () => 'more'),
      status === 200 ? undefined : { status, body: { a: 1 } },
    );
  }
});

test('what is no JSON object is no answer', async (t) => {
  for (const body of ['', 'x', '[]', '7', 'null', '{"a":']) {
    const { client } = await answered(t, (response) => response.end(body));
    await t.throwsAsync(client.call('GET', '/x', forever), { instanceOf: BrokenAnswer }, body);
  }
});

test('lines come as they are, however they are cut, in characters of more bytes too', async (t) => {
  const text = Buffer.from('{"name":"민수"}\n\n{"b":2}\n');
  for (let cut = 1; cut < text.length; cut++) {
    const { client, server } = await answered(t, (response) => {
      response.write(text.subarray(0, cut), () => response.end(text.subarray(cut)));
    });
    const lines: unknown[] = [];
    t.is(await client.watch('/x', forever, (line) => (lines.push(line), 'more')), undefined);
    t.deepEqual(lines, [{ name: '민수' }, { b: 2 }]);
    server.close();
  }
});

test('a watch of which was had enough is left', async (t) => {
  const { client } = await answered(t, (response) => response.write('{"a":1}\n{"a":2}\n'));
  const lines: unknown[] = [];
  await client.watch('/x', forever, (line) => (lines.push(line), 'enough'));
  t.deepEqual(lines, [{ a: 1 }]);
});

test('a server that sends without end is broken off', async (t) => {
  const chunk = Buffer.alloc(1024 * 1024, 0x20);
  const endless = (response: ServerResponse): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', () => endless(response));
  };
  const { client } = await answered(t, endless);
  await t.throwsAsync(client.call('GET', '/x', forever), {
    instanceOf: BrokenAnswer,
    message: /longer than 33554432 bytes/,
  });
  await t.throwsAsync(
    client.watch('/x', forever, () => 'more'),
    { instanceOf: BrokenAnswer, message: /longer than 8388608 characters/ },
  );
});

test('silence is broken off, before an answer and in the middle of one', async (t) => {
  for (const answer of [() => {}, (response: ServerResponse) => void response.writeHead(200).write('{')]) {
    const { client } = await answered(t, answer, 1000);
    await t.throwsAsync(client.call('GET', '/x', forever), {
      instanceOf: BrokenAnswer,
      message: 'nothing came for 1000 ms',
    });
    await t.throwsAsync(
      client.watch('/x', forever, () => 'more', 1000),
      { instanceOf: BrokenAnswer, message: 'nothing came for 1000 ms' },
    );
  }
});

test('that there is no connection says why', async (t) => {
  const client = apiClient({ to: nowhere, clock: systemClock, userAgent: 'test' });
  const failure = await t.throwsAsync(client.call('GET', '/x', forever), { instanceOf: ApiUnreachable });
  t.is(failure?.failure.code, 'ECONNREFUSED');
});

test('a signal ends it before, while and after it connects', async (t) => {
  const { client, server } = await answered(t, () => {});
  const reason = new Error('told');
  await t.throwsAsync(client.call('GET', '/x', AbortSignal.abort(reason)), { is: reason });
  const connecting = new AbortController();
  const early = client.call('GET', '/x', connecting.signal);
  connecting.abort(reason);
  await t.throwsAsync(early, { is: reason });
  const asking = new AbortController();
  const late = client.call('GET', '/late', asking.signal);
  await server.until(() => server.requests.includes('GET /late'));
  asking.abort(reason);
  await t.throwsAsync(late, { is: reason });
});
