/**
 * The certificates of a control plane against the same by the openssl command line, and how soon an API server answers
 * kubectl: whole processes, interleaved rounds.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isAuthorityRow,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  clusterOf,
  leafFacts,
} from '../../src/pki/kubeadm/certificates.ts';
import { wallMilliseconds } from '../commands.ts';
import { markdownTable, median, spread } from '../figures.ts';
import { isInstalled } from '../processes.ts';
import { asked } from '../section.ts';
import type { Section } from '../section.ts';

const rounds = 11;
const launcher = './wirelab';
const bars = { pki: 3, answerMs: 500 } as const;

export async function benchKube(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-kube-'));
  try {
    const script = join(folder, 'pki.sh');
    writeFileSync(script, opensslScript());
    const ratios: number[] = [];
    const own: number[] = [];
    const other: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const [mine, theirs] = [
        wallMilliseconds(['./wirelab', 'kube', 'pki', '--out', join(folder, `w${round}`)]),
        wallMilliseconds(['sh', script, join(folder, `o${round}`)]),
      ];
      // The first warms the caches of files.
      if (round === 0) continue;
      own.push(mine);
      other.push(theirs);
      ratios.push(theirs / mine);
    }
    const ratio = median(ratios);
    const answers: number[] = [];
    if (isInstalled('kubectl'))
      for (let round = 0; round < 5; round++) answers.push(await firstAnswer(join(folder, 'w0')));
    const answer = median(answers);
    return {
      lines: [
        '## A control plane',
        '',
        `\`./wirelab kube pki\` (3 CAs, ${kubeadmCertificates.length - 3} certificates, ${kubeadmKubeconfigs.length} kubeconfigs, a key pair; P-256) against a shell with openssl, once for each key, request and signature, and base64; ${rounds} interleaved rounds; whole processes.`,
        '',
        ...markdownTable([
          ['measured', 'wall ms: median, spread', 'times as long', 'asked of wirelab'],
          ['`./wirelab kube pki`', `${median(own).toFixed(0)} ±${spread(own).toFixed(0)}%`, '', ''],
          [
            'openssl',
            `${median(other).toFixed(0)} ±${spread(other).toFixed(0)}%`,
            ratio.toFixed(1),
            asked({ atLeast: bars.pki }, ratio),
          ],
          answers.length > 0
            ? [
                'from `wirelab kube up` to the answer of `kubectl version`',
                answer.toFixed(0),
                '',
                asked({ atMost: bars.answerMs }, answer),
              ]
            : ['from `wirelab kube up` to the answer of `kubectl version`', 'kubectl is not there', '', ''],
        ]),
      ],
      data: { own, openssl: other, answers },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a person would type: a key, a request and a signature for each. */
function opensslScript(): string {
  const cluster = clusterOf();
  const key = (file: string): string =>
    `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1/${file}.key" 2>/dev/null`;
  const lines = ['set -e', 'mkdir -p "$1/etcd"'];
  const leaf = (
    file: string,
    authority: string,
    { commonName, organizations, usages, san }: ReturnType<typeof leafFacts>,
  ): void => {
    const subject = [...organizations.map((one) => `/O=${one}`), `/CN=${commonName}`].join('');
    const extensions = [
      'keyUsage=critical,digitalSignature,keyEncipherment',
      `extendedKeyUsage=${usages.join(',')}`,
      'basicConstraints=critical,CA:FALSE',
      ...(san.length > 0 ? [`subjectAltName=${san.join(',')}`] : []),
    ];
    lines.push(
      key(file),
      `openssl req -new -key "$1/${file}.key" -subj '${subject}' -out "$1/${file}.csr"`,
      `printf '%s\\n' ${extensions.map((one) => `'${one}'`).join(' ')} > "$1/${file}.ext"`,
      `openssl x509 -req -in "$1/${file}.csr" -CA "$1/${authority}.crt" -CAkey "$1/${authority}.key" -days 365 -extfile "$1/${file}.ext" -out "$1/${file}.crt" 2>/dev/null`,
    );
  };
  const files = new Map(kubeadmCertificates.map((row) => [row.name, row.file]));
  for (const row of kubeadmCertificates) {
    if (isAuthorityRow(row)) {
      lines.push(
        key(row.file),
        `openssl req -x509 -new -key "$1/${row.file}.key" -subj '/CN=${row.commonName}' -days 3650 -addext 'keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign' -addext 'subjectAltName=DNS:${row.commonName}' -out "$1/${row.file}.crt"`,
      );
    } else leaf(row.file, files.get(row.authority) ?? row.authority, leafFacts(row, cluster));
  }
  for (const row of kubeadmKubeconfigs) {
    leaf(row.name, 'ca', leafFacts(row, cluster));
    const data = (file: string): string => `$(base64 -w0 "$1/${file}")`;
    lines.push(
      `cat > "$1/${row.name}" <<END\napiVersion: v1\nkind: Config\nclusters: [{name: kubernetes, cluster: {server: "${cluster[row.endpoint]}", certificate-authority-data: ${data('ca.crt')}}}]\nusers: [{name: user, user: {client-certificate-data: ${data(`${row.name}.crt`)}, client-key-data: ${data(`${row.name}.key`)}}}]\ncontexts: [{name: user, context: {cluster: kubernetes, user: user}}]\ncurrent-context: user\nEND`,
    );
  }
  lines.push(key('sa'), 'openssl pkey -in "$1/sa.key" -pubout -out "$1/sa.pub"');
  return `${lines.join('\n')}\n`;
}

/** Milliseconds from the start of the process to the end of a kubectl that asks for the version, tried until it is answered. */
async function firstAnswer(cluster: string): Promise<number> {
  const from = process.hrtime.bigint();
  const server = spawn(launcher, ['kube', 'up', '--out', cluster, '--port', '0', '--no-tui'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let printed = '';
    await new Promise<void>((resolve) => {
      server.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        if (printed.includes('Ctrl-C')) resolve();
      });
    });
    const url = /https:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '';
    const { status, stdout, stderr } = spawnSync('kubectl', [`--server=${url}`, 'version'], {
      env: { PATH: process.env['PATH'], HOME: cluster, KUBECONFIG: join(cluster, 'admin.conf') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (status !== 0 || !stdout.includes('Server Version'))
      throw new Error(`kubectl version: ${stderr.toString()}`);
    return Number(process.hrtime.bigint() - from) / 1e6;
  } finally {
    server.kill('SIGKILL');
    await once(server, 'close');
  }
}
