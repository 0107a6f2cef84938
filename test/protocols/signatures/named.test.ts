/** Protocols by name: each sample is its own and nobody else's, noise is none, and what is not recognised shows its first bytes. */
import test from 'ava';
import type { Side } from '../../../src/capture/event.ts';
import { languages } from '../../../src/i18n/language.ts';
import { recognise } from '../../../src/protocols/index.ts';
import { nameOf, notRecognised } from '../../../src/protocols/signatures/named.ts';
import { longestStart, Start } from '../../../src/protocols/signatures/start.ts';
import { signatures } from '../../../src/protocols/signatures/table.ts';

interface Sample {
  readonly id: string;
  readonly title: string;
  readonly from: Side;
  readonly over: 'tcp' | 'udp';
  readonly bytes: Uint8Array;
}

const samples: Sample[] = [];
const sample = (
  id: string,
  title: string,
  from: Side,
  over: 'tcp' | 'udp',
  bytes: string | Uint8Array,
): void => {
  samples.push({
    id,
    title,
    from,
    over,
    bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
  });
};
/** Digits, with blanks between them; `*n` repeats the byte before. */
const hex = (digits: string): Buffer =>
  Buffer.concat(
    digits
      .trim()
      .split(/\s+/)
      .map((part) => {
        const [bytes = '', times] = part.split('*');
        return Buffer.from(bytes.repeat(Number(times ?? 1)), 'hex');
      }),
  );
const latin1 = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

for (const [id, name, request] of [
  ['sip', 'SIP', 'OPTIONS sip:carol@chicago.example SIP/2.0'],
  ['sip', 'SIP', 'REGISTER sips:registrar.example SIP/2.0'],
  ['rtsp', 'RTSP', 'OPTIONS rtsp://media.example/audio RTSP/1.0'],
  ['rtsp', 'RTSP', 'OPTIONS * RTSP/2.0'],
  ['rtsp', 'RTSP', 'DESCRIBE rtsp://media.example/audio RTSP/1.0'],
] as const)
  sample(
    id,
    `${name} ${request.replace(/ [A-Z]+\/\d\.0$/, '')}`,
    'client',
    'tcp',
    `${request}\r\nCSeq: 1\r\n\r\n`,
  );

sample('ssh', 'SSH 2.0-OpenSSH_9.6', 'server', 'tcp', 'SSH-2.0-OpenSSH_9.6\r\n');
sample('ssh', 'SSH 2.0-libssh2_1.11.0', 'client', 'tcp', 'SSH-2.0-libssh2_1.11.0\r\n\0\0\x04');
sample('vnc', 'VNC (RFB) 003.008', 'server', 'tcp', 'RFB 003.008\n');
sample('rsync', 'rsync 31.0', 'server', 'tcp', '@RSYNCD: 31.0 sha512 sha256\n');
sample(
  'git',
  'git git-upload-pack /shop.git',
  'client',
  'tcp',
  '0032git-upload-pack /shop.git\0host=localhost\0',
);
sample('irc', 'IRC NICK alice', 'client', 'tcp', 'NICK alice\r\nUSER alice 0 * :Alice\r\n');
sample('irc', 'IRC PASS', 'client', 'tcp', 'PASS tiger-lily\r\nNICK alice\r\n');
sample('irc', 'IRC USER alice', 'client', 'tcp', 'USER alice 0 * :Alice\r\nNICK alice\r\n');
sample('irc', 'IRC JOIN #shop', 'client', 'tcp', 'JOIN #shop\r\n');
sample('irc', 'IRC PRIVMSG #shop', 'client', 'tcp', 'PRIVMSG #shop :hello\r\n');
sample('irc', 'IRC PRIVMSG', 'server', 'tcp', ':bob!b@localhost PRIVMSG #shop :hello\r\n');
sample('pass_command', 'PASS', 'client', 'tcp', 'PASS tiger-lily\r\n');
sample('irc', 'IRC 001', 'server', 'tcp', ':irc.localhost 001 alice :Welcome\r\n');
sample(
  'xmpp',
  'XMPP stream localhost',
  'client',
  'tcp',
  "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
);
sample('sip', 'SIP REGISTER sip:localhost', 'client', 'udp', 'REGISTER sip:localhost SIP/2.0\r\nVia: x\r\n');
sample('sip', 'SIP 401 Unauthorized', 'server', 'udp', 'SIP/2.0 401 Unauthorized\r\n');
sample(
  'rtsp',
  'RTSP DESCRIBE rtsp://localhost/a',
  'client',
  'tcp',
  'DESCRIBE rtsp://localhost/a RTSP/1.0\r\n',
);
sample('ssdp', 'SSDP M-SEARCH *', 'client', 'udp', 'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n');
sample('memcached', 'Memcached get shop:1', 'client', 'tcp', 'get shop:1\r\n');
sample('memcached', 'Memcached set shop:1', 'client', 'tcp', 'set shop:1 0 60 5\r\nhello\r\n');
sample('memcached', 'Memcached stats', 'client', 'tcp', 'stats\r\n');
sample('syslog', 'syslog', 'client', 'udp', '<34>Oct 11 22:14:15 host su: failed');
sample('syslog', 'syslog', 'client', 'tcp', '52 <165>1 2003-10-11T22:14:15.003Z host app - - - text');
sample(
  'nntp',
  'NNTP 200 localhost InterNetNews ready',
  'server',
  'tcp',
  '200 localhost InterNetNews ready\r\n',
);
sample('fix', 'FIX 4.4', 'client', 'tcp', '8=FIX.4.4\u00019=65\u000135=A\u0001');
sample('amqp', 'AMQP 0-9-1', 'client', 'tcp', 'AMQP\0\0\u0009\u0001');
sample('amqp', 'AMQP 1.0, SASL follows', 'client', 'tcp', 'AMQP\u0003\u0001\0\0');
sample('bittorrent', 'BitTorrent handshake', 'client', 'tcp', `\u0013BitTorrent protocol${'\0'.repeat(48)}`);
sample(
  'bittorrent',
  'BitTorrent DHT',
  'client',
  'udp',
  'd1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe',
);
sample('telnet', 'Telnet negotiation', 'server', 'tcp', hex('fffd18 fffd20 fffd23'));
sample('zookeeper', 'ZooKeeper ruok', 'client', 'tcp', 'ruok');
sample(
  'zookeeper',
  'ZooKeeper connect',
  'client',
  'tcp',
  hex('0000002d 00000000 00*8 00007530 00*8 00000010 00*16 00'),
);
sample('zabbix', 'Zabbix', 'client', 'tcp', 'ZBXD\u0001\u0005\0\0\0\0\0\0\0hello');
sample('ceph', 'Ceph v2', 'server', 'tcp', 'ceph v2\n');
sample('hadoop', 'Hadoop RPC', 'client', 'tcp', hex('68727063 0900df'));
sample('java_rmi', 'Java RMI', 'client', 'tcp', hex('4a524d49 00024b'));
sample('smb', 'SMB 1 Negotiate', 'client', 'tcp', hex('00000054 ff534d42 72 00*79'));
sample('smb', 'SMB 2 Negotiate', 'client', 'tcp', hex('00000068 fe534d42 4000 0000 00*4 0000 00*94'));
sample('smb', 'SMB 3, encrypted', 'client', 'tcp', hex('00000068 fd534d42 00*100'));
sample('smb', 'SMB NetBIOS session request', 'client', 'tcp', hex('81000044 20 43*32 00 20 43*32 00'));
sample(
  'rdp',
  'RDP connection request, user alice, asks for CredSSP over TLS',
  'client',
  'tcp',
  hex(
    `0300002a 25e00000000000 ${latin1('Cookie: mstshash=alice\r\n')} 0100080003000000`.replace(
      '0300002a 25',
      '0300002b 26',
    ),
  ),
);
sample(
  'rdp',
  'RDP connection confirm, chooses TLS',
  'server',
  'tcp',
  hex('03000013 0ed00000123400 0200080001000000'),
);
sample(
  'tds',
  'TDS (SQL Server) pre-login',
  'client',
  'tcp',
  hex(
    '1201002f00000100 00001a0006 010020 0001 020021 0001 030022 0004 04002600 01 ff 0900000000000000000000 00 00',
  ),
);
sample(
  'kafka',
  'Kafka ApiVersions v3, client rdkafka',
  'client',
  'tcp',
  hex(`00000017 0012 0003 00000001 0007 ${latin1('rdkafka')} 00*6`),
);
sample(
  'mongodb',
  'MongoDB OP_MSG hello',
  'client',
  'tcp',
  hex(
    `23000000 01000000 00000000 dd070000 00000000 00 0e000000 10 ${latin1('hello')} 00 01000000 00`
      .replace('23000000', '25000000')
      .replace('0e000000', '10000000'),
  ),
);
sample('cassandra', 'Cassandra v4 OPTIONS', 'client', 'tcp', hex('0400000005 00000000'));
sample(
  'x11',
  'X11 MIT-MAGIC-COOKIE-1',
  'client',
  'tcp',
  hex(`6c00 0b00 0000 1200 1000 0000 ${latin1('MIT-MAGIC-COOKIE-1')} 0000 ab*16`),
);
sample('modbus', 'Modbus/TCP read holding registers', 'client', 'tcp', hex('0001 0000 0006 01 03 0000 000a'));
sample('bgp', 'BGP OPEN AS 65001', 'client', 'tcp', hex('ff*16 001d 01 04 fde9 00b4 7f000001 00'));
sample(
  'oracle',
  'Oracle TNS connect shop',
  'client',
  'tcp',
  hex(
    `0046 0000 01 00 00 00 00*18 ${latin1('(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=shop)))')}`.replace(
      '0046',
      '004a',
    ),
  ),
);
sample('bitcoin', 'Bitcoin version', 'client', 'tcp', hex(`f9beb4d9 ${latin1('version')} 00*5 00*8`));
const asReq = '6a20 301e a103020105 a20302010a a312 30*18';
sample('kerberos', 'Kerberos AS-REQ', 'client', 'udp', hex(asReq));
sample('kerberos', 'Kerberos AS-REQ', 'client', 'tcp', hex(`00000022 ${asReq}`));
sample(
  'rpc',
  'ONC RPC NFS v3, procedure 1',
  'client',
  'udp',
  hex('00000007 00000000 00000002 000186a3 00000003 00000001 00*16'),
);
sample(
  'rpc',
  'ONC RPC portmapper v2, procedure 3',
  'client',
  'tcp',
  hex('80000028 00000007 00000000 00000002 000186a0 00000002 00000003 00*16'),
);
sample('stun', 'STUN Binding request', 'client', 'udp', hex('0001 0000 2112a442 ab*12'));
sample('stun', 'STUN Allocate (TURN) error', 'server', 'udp', hex('0113 0000 2112a442 ab*12'));
sample('wireguard', 'WireGuard handshake initiation', 'client', 'udp', hex('01000000 ab*144'));
sample('wireguard', 'WireGuard handshake response', 'server', 'udp', hex('02000000 ab*88'));
sample('wireguard', 'WireGuard data', 'client', 'udp', hex('04000000 ab*4 0100000000000000 cd*32'));
sample('ntp', 'NTP v4 request', 'client', 'udp', hex('23000a20 00*36 ab*8'));
sample('ntp', 'NTP v4 answer', 'server', 'udp', hex('240206e8 00000123 00000456 7f000001 ab*32'));
sample(
  'snmp',
  'SNMP v2c GetRequest',
  'client',
  'udp',
  hex(`3026 020101 0406 ${latin1('public')} a019 ab*25`),
);
sample('dhcp', 'DHCP DISCOVER', 'client', 'udp', hex('01010600 ab*4 00*228 63825363 350101 ff'));
sample(
  'tftp',
  'TFTP read boot.img',
  'client',
  'udp',
  hex(`0001 ${latin1('boot.img')} 00 ${latin1('octet')} 00`),
);
sample(
  'radius',
  'RADIUS Access-Request, user alice',
  'client',
  'udp',
  hex(`0107 002d ab*16 0107 ${latin1('alice')} 0212 cd*16`),
);
const nbName = (name: string): string =>
  latin1(
    [...Buffer.from(name.padEnd(16), 'latin1')]
      .map((code) => String.fromCharCode(65 + (code >> 4), 65 + (code & 15)))
      .join(''),
  );
sample(
  'nbns',
  'NetBIOS name service query SHOP',
  'client',
  'udp',
  hex(`8001 0110 0001 00*6 20 ${nbName('SHOP')} 00 0020 0001`),
);
sample(
  'nbns',
  'NetBIOS name service status query SHOP',
  'client',
  'udp',
  hex(`8001 0000 0001 00*6 20 ${nbName('SHOP')} 00 0021 0001`),
);
sample(
  'nbdgm',
  'NetBIOS datagram from DESK to SHOP',
  'client',
  'udp',
  hex(`11 02 1234 7f000001 008a 0048 0000 20 ${nbName('DESK')} 00 20 ${nbName('SHOP')} 00 ab*4`),
);
sample(
  'dhcpv6',
  'DHCPv6 SOLICIT',
  'client',
  'udp',
  hex('01 abcdef 0001 000a 00030001 020000000001 0006 0002 0017'),
);
sample(
  'teredo',
  'Teredo IPv6',
  'client',
  'udp',
  hex('0001 0000 ab*8 00 60000000 0004 3a ff fe800000 00*12 ff02 00*13 02 85 00*3'),
);
sample(
  'teredo',
  'Teredo IPv6',
  'server',
  'udp',
  hex('0000 1234 80fffffe 60000000 0004 3a ff 20010db8 00*12 20010000 00*12 81 00*3'),
);
sample(
  'capwap',
  'CAPWAP control, type 1',
  'client',
  'udp',
  hex('0010 0200 00000000 00000001 00 0008 00 0014 0001 00'),
);
sample(
  'ws_discovery',
  'WS-Discovery Probe',
  'client',
  'udp',
  '<?xml version="1.0"?><soap:Envelope xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><a>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a>',
);
sample(
  'dropbox',
  'Dropbox LAN sync',
  'client',
  'udp',
  '{"host_int": 1, "version": [2, 0], "displayname": "", "port": 17500, "namespaces": [1]}',
);
sample('spotify', 'Spotify Connect', 'client', 'udp', hex(`${latin1('SpotUdp0')} ab*36`));
sample('steam', 'Steam datagram', 'client', 'udp', hex(`${latin1('VS01')} 0000 01 00 0600 00*26`));
sample('steam', 'Steam server query', 'client', 'udp', 'ÿÿÿÿTSource Engine Query\0');
sample('iec104', 'IEC 60870-5-104 STARTDT act', 'client', 'tcp', hex('680407000000'));
sample(
  'iec104',
  'IEC 60870-5-104 data, type 100',
  'client',
  'tcp',
  hex('680e 00000200 64 01 0600 0100 000000 14 680401000400'),
);
sample('iec104', 'IEC 60870-5-104 acknowledgement', 'server', 'tcp', hex('680401000400'));
// The check value is IEEE 1815's, computed by hand from its polynomial.
sample('dnp3', 'DNP3 from 1024 to 1', 'client', 'tcp', hex('0564 05c9 0100 0004 a657'));
sample(
  'enip',
  'EtherNet/IP RegisterSession',
  'client',
  'tcp',
  hex('6500 0400 00000000 00000000 00*8 00000000 0100 0000'),
);
sample('enip', 'EtherNet/IP ListIdentity', 'client', 'udp', hex('6300 0000 00000000 00000000 00*8 00000000'));
sample(
  's7comm',
  'S7comm job',
  'client',
  'tcp',
  hex('03000019 02f080 32 01 0000 0200 0008 0000 f0 00 0001 0001 01e0'),
);
sample(
  'iso_tsap',
  'ISO transport connection request',
  'client',
  'tcp',
  hex('03000016 11 e0 0000 0007 00 c1020100 c2020102 c0010a'),
);
sample(
  'coap',
  'CoAP GET, confirmable',
  'client',
  'udp',
  hex(`4301 05ca 721633 bb ${latin1('.well-known')} 04 ${latin1('core')}`),
);
sample('coap', 'CoAP 2.05', 'server', 'udp', hex(`6345 05ca 721633 c128 ff ${latin1('</shop>')}`));
sample(
  'diameter',
  'Diameter Capabilities-Exchange request',
  'client',
  'tcp',
  hex(`01000028 80000101 00000000 ab*8 00000108 40000011 ${latin1('localhost')} 00*3`),
);
sample(
  'smpp',
  'SMPP bind_transceiver shop',
  'client',
  'tcp',
  hex(`00000020 00000009 00000000 00000001 ${latin1('shop')} 00 ${latin1('tiger')} 00 00 34 000000`),
);
sample('netflow', 'NetFlow v5', 'client', 'udp', hex('0005 0001 00*20 ab*48'));
sample('netflow', 'NetFlow v9', 'client', 'udp', hex('0009 0001 ab*16 0100 0010 cd*12'));
sample('netflow', 'NetFlow IPFIX', 'client', 'udp', hex('000a 0020 ab*12 0100 0010 cd*12'));
sample('rtcp', 'RTCP sender report', 'client', 'udp', hex('80c8 0006 ab*24 81ca 0001 cd*4'));
sample('ajp', 'AJP CPing', 'client', 'tcp', hex('1234 0001 0a'));
sample('ajp', 'AJP CPong', 'server', 'tcp', hex('4142 0001 09'));
sample('drda', 'DRDA (Db2) login begins', 'client', 'tcp', hex('0010 d0 41 0001 000a 1041 ab*6'));
sample('z3950', 'Z39.50 init', 'client', 'tcp', hex('b40d 830205e0 8403 00e282 8501 10'));
sample('ethereum', 'Ethereum discovery, ping', 'client', 'udp', hex('ab*96 01 01 cb 04 cd*10'));
sample('whois', 'WHOIS IANA WHOIS server', 'server', 'tcp', '% IANA WHOIS server\r\n% for more\r\n');
sample('checkmk', 'Checkmk agent', 'server', 'tcp', '<<<check_mk>>>\nVersion: 2\n');
sample('tinc', 'tinc berlin', 'client', 'tcp', '0 berlin 17\n');
sample(
  'tds',
  'TDS (SQL Server) batch',
  'client',
  'tcp',
  hex(`0101 001c 0000 01 00 ${Buffer.from('SELECT 1 x', 'utf16le').toString('hex')}`),
);
sample('tds', 'TDS (SQL Server) call', 'client', 'tcp', hex('0301 000e 0000 01 00 ffff 0a00 0000'));
sample('tds', 'TDS (SQL Server) answer', 'server', 'tcp', hex('0401 0015 0033 01 00 fd 0000 0000 00*8'));
sample('amqp', 'AMQP method', 'client', 'tcp', hex('01 0001 00000005 003c 0028 00 ce'));
sample('amqp', 'AMQP content', 'client', 'tcp', hex('02 0001 0000000e 003c 0000 00*8 0000 ce'));
sample('syslog', 'syslog', 'client', 'udp', '<189>30: *Sep 22 13:34:49.195: %SYS-5-CONFIG_I: Configured');
sample(
  'bittorrent',
  'BitTorrent local search',
  'client',
  'udp',
  'BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\n',
);
sample('stun', 'STUN Binding request', 'client', 'udp', hex('0001 0008 ab*16 0003 0004 00000006'));
sample('ntp', 'NTP v2 monlist answer', 'server', 'udp', hex('97 00 03 2a 0001 0008 ab*8'));
sample('ntp', 'NTP v2 monlist request', 'client', 'udp', hex('17 00 03 2a 0000 0000'));
sample(
  'dcerpc',
  'DCE/RPC bind',
  'client',
  'tcp',
  hex('0500 0b 03 10000000 0020 0000 00000001 ab*16').fill(hex('2000'), 8, 10),
);
sample('dcerpc', 'DCE/RPC request', 'client', 'udp', hex('0400 2800 100000 00 ab*66 0400 0000 00 00 cd*4'));
sample(
  'syslog',
  'syslog',
  'client',
  'udp',
  '<190>86: R1: [syslog@9 s_sn="6"]: *Sep 22 13:47:54.303: %SYS-6-A: b',
);
sample('syslog', 'syslog', 'client', 'udp', '<189>94: <ios-log-msg><facility>SYS</facility>');
sample(
  'tds',
  'TDS (SQL Server) call',
  'client',
  'tcp',
  hex('0304 1f40 0000 01 00 16000000 12000000 0200 ab*300'),
);
sample('tds', 'TDS (SQL Server) answer', 'client', 'tcp', hex('0401 0011 0033 01 00 fd 00*8'));
sample('ike', 'IKE IKEv2 IKE_SA_INIT', 'client', 'udp', hex('ab*8 00*8 21 20 22 08 00000000 00000020 00*4'));

const words =
  / (?:request|response|initiation|reply|login|negotiation|handshake|symmetric|answer|connect|read|write|reset|success|main mode)\b|, (?:user|client|procedure|asks|chooses|offers|to) /;

for (const [number, { id, title, from, over, bytes }] of samples.entries())
  test(`sample ${number}: ${title}, from the ${from} over ${over}`, (t) => {
    const named = nameOf(bytes, from, over);
    t.is(named?.title.en, title);
    t.is(named?.protocol, id);
    for (const language of languages) t.true((named?.title[language] ?? '') !== '');
    // Words are translated; names of messages are the same in every language.
    if (words.test(title)) t.regex(named?.title.ko ?? '', /[가-힣]/);
    const start = new Start(bytes, from);
    const others = signatures.filter(
      (row) => row.id !== id && (row.over === 'both' || row.over === over) && row.read(start) !== undefined,
    );
    t.deepEqual(
      others.map((row) => row.id),
      [],
    );
    // What a reader reads comes before.
    if (over === 'tcp' && id !== 'rtsp') t.not(recognise(bytes, from), 'tls');
  });

test('every row has a sample', (t) => {
  const seen = new Set(samples.map(({ id, over }) => `${id} ${over}`));
  t.deepEqual(
    signatures
      .filter(
        ({ id, over }) =>
          !(over === 'both' ? seen.has(`${id} tcp`) || seen.has(`${id} udp`) : seen.has(`${id} ${over}`)),
      )
      .map(({ id, over }) => `${id} ${over}`),
    [],
  );
});

test('a beginning of a sample throws nothing, and is the same protocol or none', (t) => {
  for (const { id, from, over, bytes } of samples)
    for (let length = 0; length < bytes.length; length++) {
      const named = nameOf(bytes.subarray(0, length), from, over);
      // `stat` is a word of ZooKeeper, and the beginning of one of Memcached; a login of IRC begins with one line of three.
      if (named && named.protocol !== id && named.protocol !== 'pass_command' && length !== 4)
        t.fail(`${id} cut at ${length} is ${named.protocol}`);
    }
  t.pass();
});

test('noise is nothing: of 200,000 pieces none is named', (t) => {
  let state = 4711;
  const next = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor(state / 2 ** 15) & 0xff;
  };
  const lengths = [4, 9, 14, 48, 64, 92, 148, 300];
  const found = new Map<string, number>();
  for (let round = 0; round < 50_000; round++) {
    const bytes = Uint8Array.from({ length: lengths[round % lengths.length] ?? 4 }, next);
    for (const [from, over] of [
      ['client', 'tcp'],
      ['server', 'tcp'],
      ['client', 'udp'],
      ['server', 'udp'],
    ] as const) {
      const named = nameOf(bytes, from, over);
      if (named) found.set(named.protocol, (found.get(named.protocol) ?? 0) + 1);
    }
  }
  t.deepEqual([...found], []);
});

test('passwords that a first message has are found', (t) => {
  const irc = nameOf(Buffer.from('PASS tiger-lily\r\nNICK alice\r\n'), 'client', 'tcp');
  t.like(irc?.credentials[0], { name: 'PASS', value: 'tiger-lily', offset: 5, length: 10 });
  const alone = nameOf(Buffer.from('PASS tiger-lily\r\n'), 'client', 'tcp');
  t.like(alone?.credentials[0], { name: 'PASS', value: 'tiger-lily', offset: 5, length: 10 });
  const smpp = nameOf(
    hex(`00000020 00000009 00000000 00000001 ${latin1('shop')} 00 ${latin1('tiger')} 00 00 34 000000`),
    'client',
    'tcp',
  );
  t.like(smpp?.credentials[0], { name: 'shop', value: 'tiger', offset: 21, length: 5 });
  const snmp = nameOf(hex(`3026 020101 0406 ${latin1('secret')} a019 ab*25`), 'client', 'udp');
  t.like(snmp?.credentials[0], { name: 'community', value: 'secret', offset: 7, length: 6 });
  t.false(snmp?.title.en.includes('secret'));
});

test('what is not recognised shows its first bytes, in digits and as text', (t) => {
  t.is(
    notRecognised(Buffer.from('hello world, again')).en,
    'not recognised: 68 65 6c 6c 6f 20 77 6f 72 6c 64 2c… "hello world,"',
  );
  t.is(notRecognised(Uint8Array.of(0, 255)).en, 'not recognised: 00 ff ".."');
  t.is(nameOf(new Uint8Array(longestStart * 2), 'client', 'tcp'), undefined);
});
