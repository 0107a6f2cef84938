/**
 * Relays side by side: starts the contestants of a configuration, measures its rows, and lays out the table.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownTable } from '../figures.ts';
import { startLoadServer } from '../generator.ts';
import { writeIdentities } from '../identities.ts';
import { start } from './contestant.ts';
import type { Configuration, Running } from './contestant.ts';
import { contestants } from './contestants.ts';
import { direct, measure } from './measure.ts';
import type { RelayResult, Subject } from './measure.ts';
import { rows } from './rows.ts';
import { tableHead, tableRows } from './table.ts';
import type { Section } from '../section.ts';

export interface Selection {
  readonly rounds: number;
  /** Contestants by name; those that bounds are against are measured anyway. */
  readonly who: RegExp;
  /** Rows by title. */
  readonly rows: RegExp;
  readonly note: (text: string) => void;
}

export interface RelayResults {
  readonly results: readonly RelayResult[];
  /** Why a contestant was not measured, by its name. */
  readonly absent: ReadonlyMap<string, string>;
}

export async function measureRelays({ rounds, who, rows: which, note }: Selection): Promise<RelayResults> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  writeIdentities(folder);
  const absent = new Map<string, string>();
  const results: RelayResult[] = [];
  try {
    for (const configuration of ['tcp', 'tls', 'mtls', 'split', 'http'] as const) {
      const chosen = rows.filter((row) => row.configuration === configuration && which.test(row.title));
      if (chosen.length === 0) continue;
      const servers = await startServers(configuration, folder);
      const running: Running[] = [];
      const place = { configuration, target: servers.behind.port, pki: folder, folder };
      try {
        for (const contestant of contestants) {
          if (!contestant.configurations.includes(configuration) || !who.test(contestant.name)) continue;
          const started = await start(contestant, place);
          if (typeof started === 'string') absent.set(`${contestant.name} (${configuration})`, started);
          else running.push(started);
        }
        const tls = clientFiles(configuration, folder);
        for (const row of chosen) {
          note(row.title);
          const subjects: Subject[] = [
            { name: direct, port: servers.direct.port, tls },
            ...running.map((one) => ({ name: one.contestant.name, port: one.port, running: one, tls })),
          ];
          const samples = await measure(row, subjects, { rounds, note });
          results.push({ row, samples });
          // Who hangs in one row would hang in all that follow.
          for (const [at, one] of running.entries()) {
            if (samples.get(one.contestant.name)?.failure === undefined) continue;
            await one.stop();
            const again = await start(one.contestant, place);
            if (typeof again !== 'string') running[at] = again;
          }
        }
      } finally {
        for (const one of running) await one.stop();
        await servers.stop();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { results, absent };
}

const clientFiles = (
  configuration: Configuration,
  pki: string,
): { ca?: string; cert?: string; key?: string } =>
  configuration === 'tcp' || configuration === 'http'
    ? {}
    : {
        ca: join(pki, 'server-ca.crt'),
        ...(configuration === 'mtls' ? { cert: join(pki, 'client.crt'), key: join(pki, 'client.key') } : {}),
      };

/** The server behind the relays, and the one that a client reaches without a relay: where TLS ends in the relay, another. */
async function startServers(
  configuration: Configuration,
  pki: string,
): Promise<{
  readonly behind: { readonly port: number };
  readonly direct: { readonly port: number };
  readonly stop: () => Promise<void>;
}> {
  const identity = { cert: join(pki, 'server.crt'), key: join(pki, 'server.key') };
  const behind = await startLoadServer(configuration === 'split' ? identity : {});
  if (configuration !== 'tls' && configuration !== 'mtls')
    return { behind, direct: behind, stop: behind.stop };
  const withTls = await startLoadServer({
    ...identity,
    ...(configuration === 'mtls' ? { ca: join(pki, 'client-ca.crt') } : {}),
  });
  return {
    behind,
    direct: withTls,
    stop: async () => {
      await behind.stop();
      await withTls.stop();
    },
  };
}

export async function benchRelays(selection: Selection): Promise<Section> {
  const { results, absent } = await measureRelays(selection);
  return {
    lines: [
      '## Relays',
      '',
      `Medians of ${selection.rounds} interleaved rounds, with half the distance of their quartiles. Ratios are medians of the rounds' own.`,
      '',
      ...markdownTable([tableHead, ...results.flatMap(tableRows)]),
      '',
      ...[...absent].map(([name, reason]) => `- not there: ${name}: ${reason}`),
    ],
    data: {
      results: results.map(({ row, samples }) => ({
        row: row.title,
        figure: row.figure,
        samples: [...samples.values()],
      })),
      absent: Object.fromEntries(absent),
    },
    failures: results.flatMap(({ row, samples }) =>
      contestants
        .filter(({ role }) => role === 'ours')
        .flatMap(({ name }) => {
          const failure = samples.get(name)?.failure;
          return failure === undefined ? [] : [`${row.title}: ${name}: ${failure}`];
        }),
    ),
  };
}
