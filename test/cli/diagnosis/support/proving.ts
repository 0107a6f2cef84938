/** Runs `wirelab prove` against a port, in this process, and reads its lines: which clients were admitted, and the verdict. */
import type { ExecutionContext } from 'ava';
import { join } from 'node:path';
import { outputValidator } from '../../../helpers/output-schema.ts';
import { atMost } from '../../../helpers/in-turn.ts';
import { asWirelab } from '../../../helpers/wirelab.ts';

const validate = outputValidator();

export interface ClientLine {
  readonly kind: 'client';
  readonly id: string;
  readonly outcome: string;
  readonly mark: string;
  readonly words: { readonly en: string };
  readonly answer?: string;
  readonly alert?: string;
  readonly resumed?: boolean;
  readonly renegotiation?: string;
  readonly version?: string;
  readonly stream?: number;
  readonly times?: { readonly admitted: number; readonly played: number };
}

interface ProofLine {
  readonly kind: 'proof';
  readonly verdict: string;
  readonly because?: { readonly en: string };
  readonly holes: readonly { readonly id: string; readonly because: { readonly en: string } }[];
  readonly notes: readonly { readonly id: string }[];
  readonly notProven: readonly { readonly en: string }[];
  readonly connections: number;
  readonly milliseconds: number;
}

export interface Proven {
  readonly exitCode: number | null;
  readonly clients: ReadonlyMap<string, ClientLine>;
  readonly proof: ProofLine;
  /** Ids of the clients that were admitted and must not be. */
  readonly holes: readonly string[];
}

/** The options of the CA that `desk` has. */
export const withKey = ['--client-ca', 'ca.crt', '--client-ca-key', 'ca.key'];

/** Each waits for its server most of the time; together they must not be late for their own limits. */
const inTurn = atMost(4);

/** @param options with files of the folder by their names; a command that revokes is run in the folder */
export async function proveAt(
  t: ExecutionContext,
  folder: string,
  port: number,
  ...options: readonly string[]
): Promise<Proven> {
  const given = (options.length > 0 ? options : withKey).map((word, at, all) => {
    if (all[at - 1] === '--revoke-command') return `cd '${folder}' && { ${word}\n}`;
    return /^[\w-]+\.(?:crt|key|pcapng)$/.test(word) ? join(folder, word) : word;
  });
  const words = ['prove', `127.0.0.1:${port}`, ...given, '--json'];
  const { stdout, stderr, exitCode } = await inTurn(async () => asWirelab(words));
  const lines = stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ClientLine | ProofLine);
  for (const line of lines) t.true(validate(line), JSON.stringify([line, validate.errors]));
  const proof = lines.at(-1);
  if (proof?.kind !== 'proof') throw new Error(`no proof: ${stderr}`);
  const clients = lines.filter((line): line is ClientLine => line.kind === 'client');
  return {
    exitCode,
    clients: new Map(clients.map((line) => [line.id, line])),
    proof,
    holes: proof.holes.map(({ id }) => id),
  };
}

/** In a message: what each client met with. */
export const table = ({ clients, proof }: Proven): string =>
  [
    ...Array.from(
      clients.values(),
      ({ id, mark, outcome, words }) => `${mark} ${id}: ${outcome} ${words.en}`,
    ),
    JSON.stringify(proof.because ?? proof.verdict),
  ].join('\n');

export function enforced(t: ExecutionContext, proven: Proven): void {
  t.deepEqual(proven.holes, [], table(proven));
  t.is(proven.proof.verdict, 'enforced', table(proven));
  t.is(proven.exitCode, 0);
}

export function notEnforced(t: ExecutionContext, proven: Proven, holes: readonly string[]): void {
  t.deepEqual(proven.holes, holes, table(proven));
  t.is(proven.proof.verdict, 'not_enforced', table(proven));
  t.is(proven.exitCode, 1);
}
