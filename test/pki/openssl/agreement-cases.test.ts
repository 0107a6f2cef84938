/**
 * `certs verify` and the openssl command that it prints come to the same verdict, for the same reason, on every case of
 * the tables beside this file. A case where they must differ says so, and why (`meant`).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RefusalReason } from '../../../src/capture/vocabulary.ts';
import { pemRevocationLists } from '../../../src/pki/keystore/pem.ts';
import { verifyChain } from '../../../src/pki/x509/verify.ts';
import { shareOf } from '../../helpers/at-length.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { opensslErrors } from '../support/openssl-errors.ts';
import type { Case } from './case.ts';
import { extensionCases } from './extensions.ts';
import { nameAndKeyCases } from './names-and-keys.ts';
import { nameConstraintCases } from './name-constraints.ts';
import { pathCases } from './paths.ts';

const tables: Readonly<Record<string, readonly Case[]>> = {
  nameConstraintCases,
  extensionCases,
  pathCases,
  nameAndKeyCases,
};

type Reason = RefusalReason | 'not_conforming';

interface Ours {
  /** 0 verified, 1 refused, 2 a file that cannot be read. */
  readonly exit: number | null;
  readonly reason: Reason | undefined;
  /** Of everything that fails. */
  readonly reasons: readonly Reason[];
  readonly command: string;
}

const at = '2026-06-01T00:00:00Z';

async function ours(one: Case, index: number, folder: string): Promise<Ours> {
  const file = `${index}.pem`;
  writeFileSync(join(folder, file), [one.leaf, ...(one.sent ?? [])].map(({ pem }) => pem).join(''));
  writeFileSync(join(folder, `${index}.ca.pem`), one.roots.map(({ pem }) => pem).join(''));
  const lists = (one.lists ?? []).map((list, which) => ({ name: `${index}.${which}.crl`, list }));
  for (const { name, list } of lists) writeFileSync(join(folder, name), list);
  const as = one.as ?? 'server';
  const words = [
    ['certs', 'verify', file, '--cacert', `${index}.ca.pem`, '--at', one.at ?? at, '--json'],
    as === 'any' ? [] : ['--purpose', as],
    one.name === undefined ? [] : [`--name=${one.name}`],
    lists.flatMap(({ name }) => ['--crl', name]),
    one.strict ? ['--strict'] : [],
  ].flat();
  const { exitCode, stdout, stderr } = await askWirelab(words, { cwd: folder });
  if (exitCode === 2) {
    // No command is printed for a file that cannot be read.
    const seconds = Date.parse(one.at ?? at) / 1000;
    return {
      exit: 2,
      reason: undefined,
      reasons: [],
      command: `openssl verify -auth_level 2 ${as === 'any' ? '' : `-purpose ssl${as}`} -attime ${seconds} -trusted ${index}.ca.pem -untrusted ${file} ${file}`,
    };
  }
  const said = JSON.parse(stdout || '{}') as {
    reason?: Reason;
    openssl?: string;
    checks?: { status: string; reason?: Reason }[];
  };
  const reasons = (said.checks ?? []).flatMap(({ status, reason }) =>
    status === 'failed' && reason ? [reason] : [],
  );
  return { exit: exitCode, reason: said.reason, reasons, command: said.openssl ?? `false # ${stderr}` };
}

interface Theirs {
  readonly exit: number;
  /** The first error that it told; 0 for none, -1 where it could not read a file. */
  readonly error: number;
  readonly depth: number;
  readonly words: string;
}

/** All commands in one shell. */
async function theirs(commands: readonly string[], folder: string): Promise<Theirs[]> {
  const script = commands.map((command) => `${command} 2>&1; echo "exit:$?"`).join('\n');
  const { stdout } = await runProgram('/bin/sh', ['-s'], { input: script, cwd: folder, timeout: 300_000 });
  return stdout.split(/^exit:(\d+)\n/m).flatMap((words, index, all) => {
    if (index % 2 === 1 || index + 1 >= all.length) return [];
    const error = /^error (\d+) at (\d+) depth lookup/m.exec(words);
    const exit = Number(all[index + 1]);
    return [
      { exit, error: error ? Number(error[1]) : exit === 0 ? 0 : -1, depth: Number(error?.[2] ?? -1), words },
    ];
  });
}

/** What the verifier of handshakes says, which has no file to read and one reason: undefined where it cannot be asked. */
function engineOn(one: Case): Reason | 'admitted' | undefined {
  if (one.as === 'any' || one.strict || one.seenByTls) return undefined;
  const { at: moment = at, name } = one;
  try {
    const verdict = verifyChain({
      chain: [one.leaf, ...(one.sent ?? [])].map(({ der }) => der),
      roots: one.roots.map(({ der }) => der),
      revocations: (one.lists ?? []).flatMap(pemRevocationLists),
      purpose: one.as ?? 'server',
      at: Date.parse(moment),
      ...(name === undefined ? {} : { hostname: name }),
    });
    return verdict.admitted ? 'admitted' : verdict.reason;
  } catch {
    // A root that cannot be read is the operator's mistake.
    return undefined;
  }
}

/** Refused on purpose, and told with a ! by `certs verify`. */
const ownRules: ReadonlySet<string> = new Set(['ca_as_leaf', 'name_mismatch']);

function isEngineAgreed(said: Reason | 'admitted' | undefined, one: Case, { error }: Theirs): boolean {
  if (said === undefined || one.otherReason) return true;
  if (one.meant) return said !== 'admitted';
  if (error === 0) return said === 'admitted' || ownRules.has(said);
  return (
    said !== 'admitted' &&
    (error === -1
      ? said === 'malformed_certificate'
      : ownRules.has(said) || (opensslErrors[said]?.includes(error) ?? false))
  );
}

function verdictOf({ exit }: { readonly exit: number | null }): 'verified' | 'refused' {
  return exit === 0 ? 'verified' : 'refused';
}

/** What sets a case apart from others of its table. */
const kindOf = ({ as, strict, meant, otherReason, seenByTls, lists, sent, error }: Case): string =>
  JSON.stringify([as, strict, meant?.ours, !otherReason, !seenByTls, !lists, !sent, error]);

for (const [table, every] of Object.entries(tables)) {
  const cases = shareOf(every, 40, kindOf);
  withPeer(
    'openssl',
    `${table}: certs verify and the openssl command that it prints agree, and on the reason`,
    async (t) => {
      t.timeout(300_000);
      const folder = mkdtempSync(join(tmpdir(), 'wirelab-openssl-'));
      t.teardown(() => rmSync(folder, { recursive: true, force: true }));
      const mine: Ours[] = [];
      for (const [index, one] of cases.entries()) mine.push(await ours(one, index, folder));
      const told = await theirs(
        mine.map(({ command }) => command),
        folder,
      );
      t.is(told.length, cases.length);
      const differing: string[] = [];
      for (const [index, one] of cases.entries()) {
        const our = mine[index]!;
        const their = told[index]!;
        const facts = `${one.id}: ours ${our.exit} ${our.reason ?? ''} (${our.reasons.join(', ')}), openssl ${their.error} at ${their.depth} (${
          their.words
            .trim()
            .split('\n')
            .at(their.error === -1 ? 0 : 1) ?? ''
        })`;
        if (one.error !== undefined && one.error !== their.error)
          differing.push(`openssl was to say ${one.error}: ${facts}`);
        if (one.meant) {
          if (verdictOf(our) !== one.meant.ours || verdictOf(their) === one.meant.ours)
            differing.push(`meant to differ: ${facts}`);
        } else if (verdictOf(our) !== verdictOf(their)) differing.push(facts);
        else if (
          !one.otherReason &&
          our.exit === 1 &&
          their.error !== -1 &&
          !our.reasons.some((reason) => opensslErrors[reason]?.includes(their.error))
        )
          differing.push(`another reason: ${facts}`);
        const engine = engineOn(one);
        if (!isEngineAgreed(engine, one, their)) differing.push(`the engine: ${engine ?? ''}; ${facts}`);
      }
      t.deepEqual(differing, []);
    },
  );
}
