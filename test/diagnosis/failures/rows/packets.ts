/** Packets are lost, refused or reset on the way: in a network of its own, by the kernel's packet filter. */
import { file } from '../certificates.ts';
import { unshare } from '../namespaces.ts';
import { failure } from '../setting.ts';
import type { Failure, Setting } from '../setting.ts';
import { trusts } from './server-certificates.ts';

const port = 4443;

/** Node's: it goes on with others while one connection waits. */
const server = `
  const { readFileSync } = require("node:fs");
  require("node:https")
    .createServer({ cert: readFileSync("${file('server-rsa.crt')}"), key: readFileSync("${file('server-rsa.key')}") }, (_, answer) => answer.end("welcome"))
    .listen(${port}, "127.0.0.1");
`;

/** The server, the filter and the command in one network namespace, whose loopback has the packets of an Ethernet. */
const script = (rule: string): string =>
  [
    'ip link set lo mtu 1500 && ip link set lo up || exit 90',
    `"${process.execPath}" -e '${server}' >/dev/null 2>&1 &`,
    'server=$!',
    `until (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null; do kill -0 $server || exit 91; done`,
    'nft add table ip way && nft "add chain ip way in { type filter hook input priority 0; }" || exit 92',
    ...(rule === '' ? [] : [`nft 'add rule ip way in ${rule}' || exit 93`]),
    '"$@"; code=$?',
    'kill $server; exit $code',
  ].join('\n');

const filtered = (rule: string): Setting => ({
  serve: async () => port,
  call: trusts(),
  host: '127.0.0.1',
  under: [...unshare('--net'), 'bash', '-c', script(rule), 'bash'],
});

const needs = ['unshare', 'ip', 'nft', 'bash'];
const more = { needs, within: 10_000 };

export const packets: readonly Failure[] = [
  failure(
    'no packet is answered',
    ['unknown', 'between'],
    ['unanswered'],
    (either) => filtered(either('', `tcp dport ${port} drop`)),
    more,
  ),
  failure(
    'a firewall says that it is prohibited (ICMP)',
    'between',
    ['target_unreachable'],
    (either) => filtered(either('', `tcp dport ${port} reject with icmp type admin-prohibited`)),
    more,
  ),
  failure(
    'a firewall resets what carries data',
    ['unknown', 'between'],
    ['ends_every_connection', 'reset_on_the_way'],
    (either) => filtered(either('', `tcp dport ${port} tcp flags & psh == psh reject with tcp reset`)),
    more,
  ),
  failure(
    'a firewall drops what carries data',
    'between',
    ['packets_lost'],
    (either) => filtered(either('', `tcp dport ${port} tcp flags & psh == psh drop`)),
    more,
  ),
  failure(
    'packets of full size are lost from the server, without a word (an MTU black hole)',
    ['between', 'unknown'],
    ['large_answers_lost'],
    (either) => filtered(either('', `tcp sport ${port} meta length > 1200 drop`)),
    more,
  ),
  failure(
    'packets of full size are lost from the client, without a word',
    ['between', 'unknown'],
    ['large_hello_dropped'],
    (either) => filtered(either('', `tcp dport ${port} meta length > 1200 drop`)),
    more,
  ),
  failure(
    'a firewall refuses, in place of the program that listens',
    'between',
    ['rejected_on_the_way'],
    (either) =>
      filtered(either('', `tcp dport ${port} tcp flags & (syn | ack) == syn reject with tcp reset`)),
    more,
  ),
];
