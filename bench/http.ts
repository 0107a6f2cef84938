/**
 * HTTP through the pump, which captures every byte, against http-proxy by itself as it comes (an agent that keeps no
 * connection), and against the server alone: small GET requests over sixteen connections that are kept alive.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ours, subject } from './contestants.ts';
import { markdownTable, median, medianRatio } from './figures.ts';
import { freePort, requests, untilListening } from './load.ts';

const rounds = 5;
const bar = 2;
const plain = 'http-proxy, default agent';

export async function benchHttp(): Promise<string[]> {
  const server = createServer((_request, response) => response.end('small')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target = (server.address() as AddressInfo).port;
  const running: {
    readonly name: string;
    readonly port: number;
    readonly child?: ChildProcess;
    readonly values: number[];
  }[] = [{ name: 'direct, no proxy', port: target, values: [] }];
  try {
    for (const [name, start] of [
      [
        ours,
        (port: number) =>
          spawn(process.execPath, [subject('relay-subject.js'), String(port), String(target), 'http'], {
            stdio: 'inherit',
          }),
      ],
      [
        plain,
        (port: number) =>
          spawn(process.execPath, [subject('relay/http-proxy.js'), String(port), String(target)], {
            stdio: 'inherit',
          }),
      ],
    ] as const) {
      const port = await freePort();
      running.push({ name, port, child: start(port), values: [] });
      await untilListening(port);
    }
    for (let round = -1; round < rounds; round++) {
      for (const { port, values } of running) {
        const value = await requests(port);
        if (round >= 0) values.push(value);
      }
    }
  } finally {
    for (const { child } of running) child?.kill('SIGTERM');
    server.close();
    server.closeAllConnections();
  }
  const own = running.find(({ name }) => name === ours)?.values ?? [];
  const rows = running.map(({ name, values }) => {
    const ratio = medianRatio(own, values);
    return [
      name,
      median(values).toFixed(0),
      name === ours ? '' : ratio.toFixed(2),
      name === plain ? `at least ${bar}: ${ratio >= bar ? 'reached' : 'not reached'}` : '',
    ];
  });
  return [
    '## HTTP through the pump',
    '',
    `8000 small GET requests over 16 kept connections; ${rounds} interleaved rounds after one that is not counted.`,
    '',
    ...markdownTable([['who', 'requests/s', 'ratio', 'bar'], ...rows]),
  ];
}
