/** Commands in RESP, as Redis clients send them: what a script sees of them, and what is none. */
import test from 'ava';
import { PassThrough } from 'node:stream';
import { commandBytes, readCommand } from '../../../src/features/scripted/commands.ts';
import { readText } from '../../../src/features/scripted/text.ts';
import type { Values } from '../../../src/features/scripted/text.ts';
import { Exchange } from '../../../src/wire/starttls/exchange.ts';
import { compiled, perform, removeWorldFolder } from '../../engine/support/demonstration.ts';

test.after.always(removeWorldFolder);

async function commandsIn(bytes: string, count: number, isSlow = false): Promise<readonly string[]> {
  const stream = new PassThrough();
  const exchange = new Exchange(stream);
  if (isSlow) for (const char of bytes) stream.write(Buffer.from(char, 'latin1'));
  else stream.write(Buffer.from(bytes, 'latin1'));
  stream.end();
  const commands: string[] = [];
  while (commands.length < count) commands.push(await readCommand(exchange, 'resp'));
  return commands;
}

const auth = '*3\r\n$4\r\nAUTH\r\n$4\r\nshop\r\n$10\r\ntiger-lily\r\n';

test('arrays of bulk strings and inline commands are lines of words, whole and byte by byte', async (t) => {
  const bytes = `${auth}\r\n*0\r\nGET customer:1\r\n*2\r\n$3\r\nGET\r\n$5\r\na\r\nbc\r\n`;
  const commands = ['AUTH shop tiger-lily', 'GET customer:1', 'GET a\r\nbc'];
  t.deepEqual(await commandsIn(bytes, 3), commands);
  t.deepEqual(await commandsIn(bytes, 3, true), commands);
});

test('every strict prefix of a command, and what is no array of bulk strings, ends in an error', async (t) => {
  for (let length = 0; length < auth.length; length++)
    await t.throwsAsync(async () => commandsIn(auth.slice(0, length), 1), undefined, String(length));
  for (const bytes of [
    '*x\r\n',
    '*-1\r\n',
    '*129\r\n',
    '*9999999\r\n',
    '*1\r\n:1\r\n',
    '*1\r\n$-1\r\n',
    '*1\r\n$9000\r\n',
    '*1\r\n$1\r\nabc\r\n',
  ])
    await t.throwsAsync(async () => commandsIn(bytes, 1), { message: 'NOT_RESP' }, bytes);
});

test('a client sends an array a line, and a blank of a value separates no words', async (t) => {
  const values: Values = { user: 'shop', password: 'tiger lily é', rrn: '', secrets: new Map() };
  const sent = commandBytes(readText('AUTH  {user} x{password}y'), values, 'resp');
  t.is(sent.toString(), '*3\r\n$4\r\nAUTH\r\n$4\r\nshop\r\n$15\r\nxtiger lily éy\r\n');
  t.deepEqual(await commandsIn(sent.toString('latin1'), 1), [
    Buffer.from('AUTH shop xtiger lily éy').toString('latin1'),
  ]);
});

test('examples/cache holds with a client that sends RESP as well', async (t) => {
  const scenario = await compiled('cache', 'examples');
  for (const client of Object.values(scenario.file.clients)) client.framing = 'resp';
  const { verdict } = await perform(scenario);
  t.is(verdict.status, 'passed');
});
