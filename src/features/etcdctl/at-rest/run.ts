/** Runs the steps `encrypt` and `disk`. Their counterparts are encrypt.ts and disk.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { PlannedStep } from '../../../engine/plan.ts';
import { perRun } from '../../../engine/run-context.ts';
import type { RunOptions, RunContext } from '../../../engine/run-context.ts';
import {
  encryptionApiVersion,
  encryptionKind,
  readEncryption,
} from '../../../kube/encryption/configuration.ts';
import type { DiskSearch } from './observations.ts';

/** Drawn on first use: 32 bytes, which every provider takes. */
const keysOf = perRun(() => new Map<string, string>());

/** A restarted server listens on another port: its tapped listeners are opened again on next use. */
export async function runEncrypt(
  { id, client, encrypt }: PlannedStep,
  { plan, log, random }: RunOptions,
  context: RunContext,
): Promise<void> {
  const server = encrypt && context.servers.get(encrypt.server);
  if (!encrypt || !server?.encrypt) throw new Error(`incomplete plan for step ${id}`);
  const keys = keysOf(context);
  const secretOf = (name: string): string => {
    const secret = keys.get(name) ?? Buffer.from(random(32)).toString('base64');
    keys.set(name, secret);
    return secret;
  };
  const { resources = ['secrets'], providers } = encrypt;
  const encryption = readEncryption(
    {
      apiVersion: encryptionApiVersion,
      kind: encryptionKind,
      resources: [
        {
          resources,
          providers: providers.map(({ provider, keys: names }) => ({
            [provider]: names ? { keys: names.map((name) => ({ name, secret: secretOf(name) })) } : {},
          })),
        },
      ],
    },
    random,
  );
  await server.encrypt(encryption);
  context.addresses.set(encrypt.server, server.address);
  for (const { to, wire } of plan.steps.flatMap((step) => step.entryPoints))
    if (to === encrypt.server && wire !== undefined) context.tappedAddresses.delete(wire);
  log.append({
    type: 'observed',
    who: client,
    result: {
      kind: 'encryption',
      server: encrypt.server,
      resources,
      providers: providers.map(({ provider, keys: names }) =>
        names ? `${provider} (${names.join(', ')})` : provider,
      ),
    },
  });
}

export async function runDisk(
  { id, client, disk }: PlannedStep,
  { plan, log }: RunOptions,
  { servers }: RunContext,
): Promise<void> {
  const server = disk && servers.get(disk.server);
  const folder = server?.dataFolder;
  if (!disk || folder === undefined) throw new Error(`incomplete plan for step ${id}`);
  const files = filesIn(folder).map((path) => ({
    name: relative(folder, path),
    // They may be written meanwhile: what is read is what was on the disk.
    bytes: readFileSync(path),
  }));
  const search = (what: string, value: string): DiskSearch => ({
    what,
    places: files.flatMap(({ name: file, bytes }) => {
      const offset = bytes.indexOf(value);
      return offset < 0 ? [] : [{ file, offset }];
    }),
  });
  log.append({
    type: 'observed',
    who: client,
    result: {
      kind: 'disk',
      server: disk.server,
      program: server?.speaksGrpc ? 'etcd' : 'wirelab',
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
      searched: [
        ...disk.secrets.map((name) =>
          search(name, plan.secrets.find(({ id: secret }) => secret === name)?.value ?? ''),
        ),
        ...disk.keys.map((key) => search(key, key)),
      ],
    },
  });
  return Promise.resolve();
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
    })
    .toSorted();
}
