/** `certs verify` of chains of one to a hundred certificates below a root, against `openssl verify`: whole processes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/core/clock.ts';
import { issueWorld } from '../src/pki/ca/issue.ts';
import type { CertificateRow } from '../src/pki/ca/recipe.ts';
import { wallMilliseconds } from './commands.ts';
import { median } from './figures.ts';
import { isInstalled } from './processes.ts';
import type { Section } from './section.ts';

const lengths = [1, 3, 10, 30, 100] as const;
const rounds = 5;

interface Length {
  readonly certificates: number;
  readonly wirelab: number;
  readonly openssl?: number;
}

/** A leaf and the intermediates above it, so that the chain below the root has so many certificates. */
function writeChain(folder: string, length: number): { readonly chain: string; readonly root: string } {
  const certificates: Record<string, CertificateRow> = { root: { profile: 'root', subject: { CN: 'root' } } };
  const authority = (below: number): string => (below === 0 ? 'root' : `ca-${below}`);
  for (let at = 1; at < length; at++)
    certificates[authority(at)] = {
      profile: 'intermediate',
      issuer: authority(at - 1),
      subject: { CN: `CA ${at}` },
    };
  certificates['leaf'] = {
    profile: 'server',
    issuer: authority(length - 1),
    subject: { CN: 'leaf' },
    san: ['DNS:leaf.localhost'],
  };
  const world = issueWorld({ certificates }, { clock: systemClock });
  const paths = { chain: join(folder, `chain-${length}.crt`), root: join(folder, `root-${length}.crt`) };
  writeFileSync(paths.chain, world.identity('leaf').certificate);
  writeFileSync(paths.root, world.authority('root'));
  return paths;
}

export function benchChains(): Section {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  try {
    const measured = lengths.map((length): Length => {
      const { chain, root } = writeChain(folder, length);
      const theirs = [
        'openssl',
        'verify',
        '-verify_depth',
        '200',
        '-CAfile',
        root,
        '-untrusted',
        chain,
        chain,
      ];
      const [own, other]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        own.push(wallMilliseconds(['./wirelab', 'certs', 'verify', chain, '--cacert', root]));
        if (isInstalled('openssl')) other.push(wallMilliseconds(theirs));
      }
      return {
        certificates: length,
        wirelab: median(own),
        ...(other.length > 0 ? { openssl: median(other) } : {}),
      };
    });
    return {
      lines: [],
      data: measured,
      plots: [
        {
          name: 'chains',
          title: 'Verifying a chain: wall time of the whole process',
          x: { label: 'certificates below the root', isLogarithmic: true },
          y: { label: 'milliseconds', isLogarithmic: true },
          lines: [
            {
              label: 'wirelab certs verify',
              points: measured.map((one): [number, number] => [one.certificates, one.wirelab]),
            },
            {
              label: 'openssl verify',
              points: measured.flatMap((one): [number, number][] =>
                one.openssl === undefined ? [] : [[one.certificates, one.openssl]],
              ),
            },
          ],
        },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
